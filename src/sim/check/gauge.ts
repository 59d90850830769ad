/**
 * A number that a component offers stays within bounds: a queue, a hit ratio, how many were
 * admitted, how evenly a load is shared.
 *
 * A level changes only when its node is touched, so its mean over the window is exact.
 */
import { Type, field } from '../contracts/schema.ts';
import { ScenarioError, invariant } from '../kernel/errors.ts';
import { nearestAndAll } from '../kernel/nearest.ts';
import { ms } from '../kernel/time.ts';
import type { Gauge } from '../node/behaviour.ts';
import type { WorldNode } from '../world/world.ts';
import { bound, checkBounds, checkReach, checkWindow } from './bounds.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, PlannedRun, RunningCheck, Standing } from './check.ts';

const MEASURES = ['mean', 'max', 'total', 'per-second', 'share'] as const;
const ACROSS = ['every', 'sum', 'imbalance', 'part'] as const;

interface Args {
  readonly group: string;
  readonly member: number;
  readonly gauge: string;
  readonly measure: (typeof MEASURES)[number];
  readonly across: (typeof ACROSS)[number];
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** By kind of number: the measures that say something of it. */
const MEASURED: { readonly [kind in Gauge<unknown>['kind']]: readonly Args['measure'][] } = {
  level: ['mean', 'max'],
  count: ['total', 'per-second'],
  // Of its first count, too: hits a second.
  share: ['share', 'total', 'per-second'],
};

/** The group is there, its members have the number, and the measure suits it. */
function checkGauge(args: Args, path: string, run: PlannedRun): Gauge<unknown> {
  const group = run.groups.find(({ name }) => name === args.group);
  if (group === undefined) {
    throw new ScenarioError(`${path} names no group: there would be nothing to measure.`, {
      path: `${path}/group`,
      hint: 'Name the group whose number it is.',
    });
  }
  const { component, gauges = [] } = group.behaviour;
  const found = gauges.find(({ title }) => title === args.gauge);
  if (found === undefined) {
    const titles = gauges.map(({ title }) => title);
    throw new ScenarioError(`${component} has no number "${args.gauge}".`, {
      path: `${path}/gauge`,
      hint: titles.length === 0 ? 'It has none.' : nearestAndAll(args.gauge, titles),
    });
  }
  if (!MEASURED[found.kind].includes(args.measure)) {
    throw new ScenarioError(`"${found.title}" is a ${found.kind}: it has no ${args.measure}.`, {
      path: `${path}/measure`,
      hint: `Of a ${found.kind}: ${MEASURED[found.kind].join(' or ')}.`,
    });
  }
  checkMember(args, group.count, path);
  return found;
}

/** The most that what is measured can be; Infinity: there is no bound. */
function mostOf({ across, measure }: Args, gauge: Gauge<unknown>): number {
  if (across === 'imbalance') return Infinity;
  if (across === 'part' || measure === 'share') return 1;
  return across === 'every' && gauge.kind === 'level' ? (gauge.most ?? Infinity) : Infinity;
}

function checkMember({ group, member, across }: Args, count: number, path: string): void {
  if (member > 0 && (across === 'sum' || across === 'imbalance')) {
    throw new ScenarioError(`member changes nothing: ${across} takes all of them.`, {
      path: `${path}/member`,
      hint: 'Write across: every or part, or leave it out.',
    });
  }
  if (member <= count && (member > 0 || across !== 'part')) return;
  throw new ScenarioError(`"${group}" has no member ${member}.`, {
    path: `${path}/member`,
    hint: `It has ${count}; the first is 1.`,
  });
}

/** What was seen of one node. */
interface Seen {
  /** Counts as the window began, or since the last restart. */
  readonly base: readonly [number, number];
  readonly last: readonly [number, number];
  /** From lives before a restart. */
  readonly before: readonly [number, number];
  readonly areaMicros: number;
  readonly level: number;
  readonly sinceMicros: number;
  readonly max: number;
  readonly starts: number;
}

interface GaugeImage {
  readonly seen: readonly (readonly [number, Seen])[];
  readonly isClosed: boolean;
  readonly outcome: Standing | null;
}

class GaugeCheck implements RunningCheck<GaugeImage> {
  readonly components: readonly string[];
  readonly facts: readonly string[] = [];
  readonly probes: readonly string[] = [];
  readonly #args: Args;
  readonly #env: CheckEnv;
  readonly #from: number;
  readonly #until: number;
  /** The one member that is looked at; -1: all. */
  readonly #only: number;
  #seen = new Map<number, Seen>();
  #isClosed = false;
  #outcome: Standing | null = null;

  constructor(args: Args, env: CheckEnv) {
    this.#args = args;
    this.#env = env;
    this.#from = ms(args.fromMs);
    this.#until = args.untilMs === 0 ? Infinity : ms(args.untilMs);
    const members = env.world.group(args.group);
    this.#only = args.member > 0 ? (members[args.member - 1]?.index ?? -1) : -1;
    this.components = [...new Set(members.map(({ component }) => component))];
  }

  #gaugeOf(node: WorldNode): Gauge<unknown> {
    const found = node.behaviour.gauges?.find(({ title }) => title === this.#args.gauge);
    invariant(found !== undefined, 'arguments of a check are checked before the run');
    return found;
  }

  onTouched(node: WorldNode | null): void {
    const { now } = this.#env.world;
    if (this.#isClosed) return;
    if (now >= this.#until) return this.#close();
    if (node === null) {
      for (const member of this.#env.world.group(this.#args.group)) this.#look(member, now);
    } else if (node.group === this.#args.group) this.#look(node, now);
  }

  #look(node: WorldNode, now: number): void {
    const values = this.#values(node);
    const seen = this.#seen.get(node.index);
    // Until the window begins only the last look counts: it says how the window begins.
    if (seen === undefined || now <= this.#from) {
      const start = { base: values, last: values, before: [0, 0], areaMicros: 0 } as const;
      const sinceMicros = Math.max(now, this.#from);
      const level = { level: values[0], sinceMicros, max: values[0], starts: node.starts };
      this.#seen.set(node.index, { ...start, ...level });
      return;
    }
    const isNew = node.starts !== seen.starts;
    // A restarted node counts from nothing again: what it had counted stays.
    const gone = (i: 0 | 1): number => seen.before[i] + seen.last[i] - seen.base[i];
    this.#seen.set(node.index, {
      base: isNew ? [0, 0] : seen.base,
      before: isNew ? [gone(0), gone(1)] : seen.before,
      last: node.state === null ? seen.last : values,
      areaMicros: seen.areaMicros + seen.level * (now - seen.sinceMicros),
      level: values[0],
      sinceMicros: now,
      max: Math.max(seen.max, values[0]),
      starts: node.starts,
    });
  }

  #values(node: WorldNode): readonly [number, number] {
    if (node.state === null) return [0, 0];
    const gauge = this.#gaugeOf(node);
    if (gauge.kind === 'share') return [gauge.of(node.state), gauge.outOf(node.state)];
    return [gauge.of(node.state, node.cores), 0];
  }

  #close(): void {
    this.#isClosed = true;
    const { now } = this.#env.world;
    const until = Math.max(this.#from, Math.min(this.#until, now));
    for (const [index, seen] of this.#seen) {
      const areaMicros = seen.areaMicros + seen.level * (until - seen.sinceMicros);
      this.#seen.set(index, { ...seen, areaMicros, sinceMicros: until });
    }
  }

  onEnd(complete: boolean): void {
    if (!this.#isClosed) this.#close();
    this.#outcome = this.#judge(
      this.#until === Infinity ? complete : this.#env.world.now >= this.#until,
    );
    if (this.#outcome.verdict === 'fail') this.#env.report({ why: this.#sentence() });
  }

  #measure(seen: Seen): number {
    const spanMicros = Math.max(1, seen.sinceMicros - this.#from);
    const grown = (i: 0 | 1): number => seen.before[i] + seen.last[i] - seen.base[i];
    switch (this.#args.measure) {
      case 'mean':
        return seen.areaMicros / spanMicros;
      case 'max':
        return seen.max;
      case 'total':
        return grown(0);
      case 'per-second':
        return (grown(0) * 1_000_000) / spanMicros;
      case 'share':
        return grown(0) / grown(1);
    }
  }

  /** The numbers that must lie within the bounds. */
  #numbers(): readonly number[] {
    const own = [...this.#seen.values()].map((seen) => this.#measure(seen));
    const one = this.#seen.get(this.#only);
    const alone = one === undefined ? [] : [this.#measure(one)];
    if (this.#args.across === 'every') return this.#only < 0 ? own : alone;
    if (this.#args.across === 'part') {
      return alone.map((value) => value / own.reduce((sum, other) => sum + other, 0));
    }
    if (this.#args.measure === 'share') {
      const sum = (i: 0 | 1): number =>
        [...this.#seen.values()].reduce((s, x) => s + x.before[i] + x.last[i] - x.base[i], 0);
      return [sum(0) / sum(1)];
    }
    const total = own.reduce((sum, value) => sum + value, 0);
    return [this.#args.across === 'sum' ? total : (Math.max(...own) * own.length) / total];
  }

  #judge(isWindowOver: boolean): Standing {
    const { atLeast, atMost } = this.#args;
    const numbers = this.#numbers();
    if (numbers.length === 0 || numbers.some((n) => !(Math.abs(n) < Infinity))) {
      return { verdict: 'unknown', text: 'there was nothing to measure' };
    }
    if (!isWindowOver) return { verdict: 'unknown', text: 'the run ended before its window' };
    const isBad = numbers.some(
      (n) => (atLeast !== null && n < atLeast) || (atMost !== null && n > atMost),
    );
    return { verdict: isBad ? 'fail' : 'pass', text: `${this.#args.gauge} ${shown(numbers)}` };
  }

  #sentence(): string {
    const { gauge, group, measure, across, atLeast, atMost } = this.#args;
    const bounds = [
      atLeast === null ? null : `at least ${atLeast}`,
      atMost === null ? null : `at most ${atMost}`,
    ];
    const limit = bounds.filter((one) => one !== null).join(' and ');
    const over = across === 'imbalance' ? ', most over mean' : across === 'part' ? ', part' : '';
    const how = `${measure}${over}`;
    return `${gauge} of ${group} (${how}) is ${shown(this.#numbers())}, not ${limit}.`;
  }

  standing(): Standing {
    return this.#outcome ?? { verdict: 'unknown', text: 'judged at the end' };
  }

  save(): GaugeImage {
    return {
      seen: [...this.#seen],
      isClosed: this.#isClosed,
      outcome: this.#outcome,
    };
  }

  restore(image: GaugeImage): void {
    this.#seen = new Map(image.seen);
    this.#isClosed = image.isClosed;
    this.#outcome = image.outcome;
  }
}

const shown = (numbers: readonly number[]): string =>
  numbers.map((n) => String(Math.round(n * 1_000) / 1_000)).join(', ');

export const gauge = defineCheck<Args, GaugeImage>({
  use: 'gauge',
  about: 'A number that a component offers lies within bounds in a window.',
  args: Type.Object(
    {
      group: field.text({ about: 'Whose.', default: '', names: 'group' }),
      member: field.count({
        about: 'Of every and part: only the one with this place in the group; 0: all.',
        default: 0,
      }),
      gauge: field.text({ about: 'Its title, like Queue.', default: '' }),
      measure: field.choice(MEASURES, {
        about:
          'Of a level its mean or max; of a count its total or rate; of a share the share, or ' +
          'the total or rate of what has it, like hits.',
        default: 'mean',
      }),
      across: field.choice(ACROSS, {
        about: 'Every member by itself, their sum, the largest over the mean, or one over the sum.',
        default: 'every',
      }),
      atLeast: bound('The least; null: no bound.'),
      atMost: bound('The most; null: no bound.'),
      fromMs: field.millis({ about: 'The window begins.', default: 0 }),
      untilMs: field.millis({ about: 'The window ends; 0: with the run.', default: 0 }),
    },
    { additionalProperties: false },
  ),
  check(args, path, run) {
    checkBounds(args, path);
    checkWindow(args, path, run);
    checkReach(args, { least: 0, most: mostOf(args, checkGauge(args, path, run)) }, path);
  },
  create: (args, env) => new GaugeCheck(args, env),
});
