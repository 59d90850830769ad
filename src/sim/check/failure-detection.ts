/**
 * How good a failure detector was: how soon it found crashes, and how often and for how long it
 * took the living for dead.
 *
 * A run has the crashes of all that was watched, so the numbers need no sampling. A crash that was
 * not noticed before the member was back, or before the end, breaks a bound that it had time to
 * break, and says nothing else.
 *
 * Source: Chen, Toueg, Aguilera, On the Quality of Service of Failure Detectors (DSN 2000):
 * detection time T_D, mistake rate lambda_M, mistake duration T_M, query accuracy probability P_A
 */
import type { DetectorFact } from '../components/failure-monitor/failure-monitor.ts';
import { Type, field } from '../contracts/schema.ts';
import { often, plural } from '../kernel/plural.ts';
import { ms } from '../kernel/time.ts';
import { bound, checkReach, checkWindow } from './bounds.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, RunningCheck, Standing } from './check.ts';
import { DetectionPairs } from './detection-pairs.ts';
import type { Detection, DetectionFact, PairsImage } from './detection-pairs.ts';
import { checkServers } from './told.ts';

const MEASURES = [
  'detection-ms',
  'mistakes',
  'mistakes-per-hour',
  'mistake-ms',
  'accuracy',
] as const;
type Measure = (typeof MEASURES)[number];

interface Args {
  readonly monitors: string;
  readonly measure: Measure;
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly fromMs: number;
  readonly untilMs: number;
}

const FACTS: readonly DetectionFact['type'][] = [
  'detector.watching',
  'detector.suspected',
  'detector.trusted',
  'node.started',
  'node.crashed',
  'node.exited',
  'node.killed',
  'node.retired',
] satisfies readonly (DetectorFact['type'] | DetectionFact['type'])[];

/** More nobody looks at. */
const EVIDENCE_MAX = 10;
const HOUR_MICROS = 3_600_000_000;

interface Image {
  readonly pairs: PairsImage;
  readonly begun: number;
  readonly isBroken: boolean;
  readonly outcome: Standing | null;
}

const round = (n: number): number => Math.round(n * 1_000) / 1_000;
const inMs = (micros: number): number => Math.round(micros) / 1_000;

class DetectionCheck implements RunningCheck<Image, DetectionFact> {
  readonly components: readonly string[] = [];
  readonly facts = FACTS;
  readonly probes: readonly string[] = [];
  readonly #args: Args;
  readonly #env: CheckEnv;
  readonly #pairs: DetectionPairs;
  readonly #until: number;
  /** Mistakes that have begun. */
  #begun = 0;
  #isBroken = false;
  #outcome: Standing | null = null;

  constructor(args: Args, env: CheckEnv) {
    this.#args = args;
    this.#env = env;
    this.#until = args.untilMs === 0 ? Infinity : ms(args.untilMs);
    const window = { fromMicros: ms(args.fromMs), untilMicros: this.#until };
    const { monitors } = args;
    this.#pairs = new DetectionPairs(
      window,
      (node) => monitors === '' || env.world.node(node as never).group === monitors,
    );
  }

  onFact(record: Parameters<NonNullable<RunningCheck<Image, DetectionFact>['onFact']>>[0]): void {
    const begins = this.#pairs.on(record);
    if (begins === null) return;
    this.#begun += 1;
    const { measure, atMost } = this.#args;
    if (measure !== 'mistakes' || atMost === null || this.#begun <= atMost) return;
    const [who, whom] = [begins.monitor, begins.member].map((node) => this.#nameOf(node));
    const times = often(this.#begun);
    this.#report({
      why: `${who} suspects ${whom}, which lives: mistaken ${times}, not at most ${atMost}.`,
      evidence: [record.event],
      nodes: [begins.monitor as never, begins.member as never],
    });
  }

  #nameOf(node: number): string {
    return this.#env.world.node(node as never).name;
  }

  /** The first finding is the one that counts. */
  #report(finding: Parameters<CheckEnv['report']>[0]): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#env.report(finding);
  }

  onEnd(complete: boolean): void {
    const { now } = this.#env.world;
    this.#pairs.close(now);
    const isOver = this.#until === Infinity ? complete : now >= this.#until;
    this.#outcome =
      this.#args.measure === 'detection-ms' ? this.#judgeEach(isOver) : this.#judgeAll(isOver);
  }

  #judgeEach(isOver: boolean): Standing {
    const { atLeast, atMost } = this.#args;
    const { detections } = this.#pairs;
    for (const one of detections) {
      const took = inMs(one.tookMicros);
      const isLate = atMost !== null && took > atMost;
      const isEarly = one.isDetected && atLeast !== null && took < atLeast;
      if (isLate || isEarly) this.#reportDetection(one, isLate);
    }
    const found = detections.filter(({ isDetected }) => isDetected);
    const times = found.map(({ tookMicros }) => inMs(tookMicros));
    const missed = detections.length - found.length;
    const text =
      (times.length === 0 ? 'no crash was detected' : `detected after ${times.join(', ')} ms`) +
      (missed === 0 ? '' : `, ${missed} not`);
    if (this.#isBroken) return { verdict: 'fail', text };
    if (detections.length === 0) return { verdict: 'unknown', text: 'nobody watched has crashed' };
    // Whoever is not detected yet may be so in time.
    const isOpen = !isOver || detections.some((one) => one.isOpen);
    return { verdict: isOpen || times.length === 0 ? 'unknown' : 'pass', text };
  }

  #reportDetection(one: Detection, isLate: boolean): void {
    const { atLeast, atMost } = this.#args;
    const [who, whom] = [one.monitor, one.member].map((node) => this.#nameOf(node));
    const took = inMs(one.tookMicros);
    const how = one.isDetected ? `after ${took} ms` : `not within ${took} ms`;
    const limit = isLate ? `at most ${atMost}` : `at least ${atLeast}`;
    this.#report({
      why: `${who} detects the crash of ${whom} ${how}, where ${limit} ms are asked for.`,
      evidence: one.evidence,
      nodes: [one.monitor as never, one.member as never],
    });
  }

  #judgeAll(isOver: boolean): Standing {
    const { atLeast, atMost, measure } = this.#args;
    if (this.#isBroken) return { verdict: 'fail', text: wordsOf(measure, this.#begun) };
    const value = this.#value();
    if (value === null) return { verdict: 'unknown', text: nothingOf(measure) };
    const text = wordsOf(measure, round(value));
    if (!isOver) return { verdict: 'unknown', text: `${text}, and the run ended early` };
    const isBad = (atLeast !== null && value < atLeast) || (atMost !== null && value > atMost);
    if (!isBad) return { verdict: 'pass', text };
    const limits = [
      ...(atLeast === null ? [] : [`at least ${atLeast}`]),
      ...(atMost === null ? [] : [`at most ${atMost}`]),
    ];
    const { mistakes } = this.#pairs;
    this.#report({
      why: `The monitors: ${text}, not ${limits.join(' and ')}.`,
      evidence: mistakes.slice(0, EVIDENCE_MAX).map(({ event }) => event),
    });
    return { verdict: 'fail', text };
  }

  /** Null: there was nothing to measure. */
  #value(): number | null {
    const { mistakes, livedMicros } = this.#pairs;
    const mistaken = mistakes.reduce((sum, { micros }) => sum + micros, 0);
    if (livedMicros === 0) return null;
    switch (this.#args.measure) {
      case 'mistakes-per-hour':
        return (mistakes.length * HOUR_MICROS) / livedMicros;
      case 'mistake-ms':
        return mistakes.length === 0 ? null : mistaken / mistakes.length / 1_000;
      case 'accuracy':
        return 1 - mistaken / livedMicros;
      default:
        return mistakes.length;
    }
  }

  standing(): Standing {
    if (this.#outcome !== null) return this.#outcome;
    if (this.#isBroken) return { verdict: 'fail', text: wordsOf('mistakes', this.#begun) };
    return { verdict: 'unknown', text: 'judged at the end' };
  }

  save(): Image {
    return {
      pairs: this.#pairs.save(),
      begun: this.#begun,
      isBroken: this.#isBroken,
      outcome: this.#outcome,
    };
  }

  restore({ pairs, begun, isBroken, outcome }: Image): void {
    this.#pairs.restore(pairs);
    this.#begun = begun;
    this.#isBroken = isBroken;
    this.#outcome = outcome;
  }
}

function wordsOf(measure: Measure, value: number): string {
  switch (measure) {
    case 'mistakes-per-hour':
      return `${plural(value, 'mistake')} an hour of a pair`;
    case 'mistake-ms':
      return `a mistake lasts ${value} ms`;
    case 'accuracy':
      return `the living are trusted for ${round(value * 100)} % of the time`;
    default:
      return plural(value, 'mistake');
  }
}

const nothingOf = (measure: Measure): string =>
  measure === 'mistake-ms' ? 'there was no mistake' : 'nobody was watched';

export const failureDetection = defineCheck<Args, Image, DetectionFact>({
  use: 'failure-detection',
  about: 'A failure monitor finds crashes so soon, and takes the living for dead so rarely.',
  args: Type.Object(
    {
      monitors: field.text({
        about: 'The group of failure monitors; empty: all.',
        default: '',
        names: 'group',
      }),
      measure: field.choice(MEASURES, {
        about:
          'The time from each crash to its suspicion; how many of the living are suspected, in ' +
          'all or in an hour for each pair of monitor and member; how long that lasts on ' +
          'average; or for which part of the time the living are trusted.',
        default: 'detection-ms',
      }),
      atLeast: bound('The least; null: no bound.'),
      atMost: bound('The most; null: no bound.'),
      fromMs: field.millis({ about: 'The window begins.', default: 0 }),
      untilMs: field.millis({ about: 'The window ends; 0: with the run.', default: 0 }),
    },
    { additionalProperties: false },
  ),
  check(args, path, run) {
    checkReach(args, { least: 0, most: args.measure === 'accuracy' ? 1 : Infinity }, path);
    checkWindow(args, path, run);
    const where = { group: args.monitors, path, argument: 'monitors' };
    checkServers('failure-detection', where, run);
  },
  create: (args, env) => new DetectionCheck(args, env),
});
