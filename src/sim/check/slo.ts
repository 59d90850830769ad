/**
 * A service level over the operations that clients completed in a window: a share, a quantile, a
 * count, or the longest time in which nobody was answered.
 */
import type { ClientCompleted, FactRecord } from '../contracts/facts.ts';
import { COMMON_ERRORS } from '../contracts/contract.ts';
import { Type, field } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean, nearestAndAll } from '../kernel/nearest.ts';
import { ms } from '../kernel/time.ts';
import { plural } from '../kernel/plural.ts';
import { contractsOf } from '../node/contracts-of.ts';
import { Histogram } from '../observe/histogram.ts';
import type { HistogramImage } from '../observe/histogram.ts';
import { bound, checkReach, checkWindow } from './bounds.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, PlannedGroup, PlannedRun, RunningCheck, Standing } from './check.ts';

const METRICS = [
  'success-share',
  'p50-ms',
  'p95-ms',
  'p99-ms',
  'p999-ms',
  'mean-ms',
  'ok-count',
  'ok-per-second',
  'error-count',
  'tries-per-operation',
  'longest-gap-ms',
] as const;
/** The quantiles, in per cent. */
const PERCENTS: { readonly [metric: string]: number } = {
  'p50-ms': 50,
  'p95-ms': 95,
  'p99-ms': 99,
  'p999-ms': 99.9,
};

interface Args {
  readonly metric: (typeof METRICS)[number];
  readonly atLeast: number | null;
  readonly atMost: number | null;
  readonly clients: string;
  readonly operation: string;
  readonly error: string;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly operationsMin: number;
}

export const slo = defineCheck<Args, ServiceLevelImage, ClientCompleted>({
  use: 'slo',
  about: 'A share of successes, a latency or a count stays within bounds over a window.',
  args: Type.Object(
    {
      metric: field.choice(METRICS, {
        about:
          'What is measured, of operations that ended in the window. Latencies are those of ' +
          'operations that went well: bound success-share, too, where many may fail. The longest ' +
          'gap is the time between two successes, the ends of the window included. Tries are the ' +
          'first, all retries (after a try that failed) and all hedges (beside one still out).',
        default: 'success-share',
      }),
      atLeast: bound('The least that is allowed; null: no bound.'),
      atMost: bound('The most that is allowed; null: no bound.'),
      clients: field.text({
        about: 'Only clients of this group; empty: all.',
        default: '',
        names: 'group',
      }),
      operation: field.text({
        about: 'Only operations of this name, like "GET /item"; empty: all.',
        default: '',
      }),
      error: field.text({
        about: 'Of error-count: only errors with this code; empty: all.',
        default: '',
      }),
      fromMs: field.millis({ about: 'The window begins.', default: 0 }),
      untilMs: field.millis({ about: 'The window ends; 0: with the run.', default: 0 }),
      operationsMin: field.count({
        about: 'With fewer operations in the window nothing is claimed: unknown.',
        default: 1,
      }),
    },
    { additionalProperties: false },
  ),
  check(args, path, run) {
    checkReach(args, { least: 0, most: args.metric === 'success-share' ? 1 : Infinity }, path);
    checkWindow(args, path, run);
    checkClients(args, path, run);
  },
  create: (args, env) => new ServiceLevel(args, env),
});

/** Clients of which one does not say what it asks for may ask for anything. */
function checkOperation(operation: string, clients: readonly PlannedGroup[], path: string): void {
  if (operation === '' || clients.some(({ asks }) => asks === null)) return;
  const asked = [...new Set(clients.flatMap(({ asks }) => asks ?? []))];
  if (asked.length === 0 || asked.includes(operation)) return;
  throw new ScenarioError(`No client asks for "${operation}".`, {
    path: `${path}/operation`,
    hint: nearestAndAll(operation, asked),
  });
}

/** Whose operations it counts are clients, and the errors that it counts are told to them. */
function checkClients(
  { clients, operation, error, metric }: Args,
  path: string,
  run: PlannedRun,
): void {
  const all = run.groups.filter(({ behaviour }) => 'client.completed' in behaviour.facts);
  const counted = all.filter(({ name }) => clients === '' || name === clients);
  if (clients !== '' && counted.length === 0) {
    const names = all.map(({ name }) => name);
    throw new ScenarioError(`"${clients}" completes no operations: it is no client.`, {
      path: `${path}/clients`,
      hint: names.length === 0 ? 'The plan has no clients.' : didYouMean(clients, names),
    });
  }
  checkOperation(operation, counted, path);
  if (error === '') return;
  if (metric !== 'error-count') {
    throw new ScenarioError(`error changes nothing: ${metric} counts no errors.`, {
      path: `${path}/error`,
      hint: 'Write metric: error-count, or leave it out.',
    });
  }
  const codes = errorsOf(counted);
  // Without clients there is nobody to ask; nothing is counted then, and nothing claimed.
  if (counted.length === 0 || codes.includes(error)) return;
  throw new ScenarioError(`No operation ends with the error "${error}".`, {
    path: `${path}/error`,
    hint: nearestAndAll(error, codes),
  });
}

/** The codes that calls of these clients may end with. */
function errorsOf(clients: readonly PlannedGroup[]): readonly string[] {
  const contracts = clients.flatMap(({ behaviour }) => contractsOf(behaviour));
  const errors = [...contracts.flatMap((contract) => contract.errors), ...COMMON_ERRORS];
  return [...new Set(errors.map(({ code }) => code))];
}

interface ServiceLevelImage {
  readonly latencies: HistogramImage;
  readonly ended: number;
  readonly ok: number;
  readonly tries: number;
  readonly errors: number;
  readonly sumMicros: number;
  readonly lastOk: number;
  readonly gap: number;
  readonly outcome: Standing | null;
}

const JUDGED_LATER: Standing = { verdict: 'unknown', text: 'judged at the end' };

class ServiceLevel implements RunningCheck<ServiceLevelImage, ClientCompleted> {
  readonly components: readonly string[] = [];
  readonly facts = ['client.completed'] as const;
  readonly probes: readonly string[] = [];
  readonly #args: Args;
  readonly #env: CheckEnv;
  readonly #from: number;
  readonly #until: number;
  readonly #latencies = new Histogram();
  #ended = 0;
  #ok = 0;
  #tries = 0;
  #errors = 0;
  #sumMicros = 0;
  /** When somebody was last answered, or the window began. */
  #lastOk: number;
  #gap = 0;
  /** When the window ended, or the run. */
  #endMicros = 0;
  #outcome: Standing | null = null;

  constructor(args: Args, env: CheckEnv) {
    this.#args = args;
    this.#env = env;
    this.#from = ms(args.fromMs);
    this.#until = args.untilMs === 0 ? Infinity : ms(args.untilMs);
    this.#lastOk = this.#from;
  }

  onFact(record: FactRecord<ClientCompleted>): void {
    const { fact } = record;
    if (record.atMicros < this.#from || record.atMicros > this.#until) return;
    const { clients, operation, error } = this.#args;
    if (operation !== '' && fact.f !== operation) return;
    if (clients !== '' && this.#env.world.node(record.node).group !== clients) return;
    this.#ended += 1;
    this.#tries += 1 + fact.retries + (fact.hedges ?? 0);
    if (fact.outcome !== 'ok') {
      if (error === '' || fact.error === error) this.#errors += 1;
      return;
    }
    this.#ok += 1;
    this.#sumMicros += fact.latencyMicros;
    this.#gap = Math.max(this.#gap, record.atMicros - this.#lastOk);
    this.#lastOk = record.atMicros;
    this.#latencies.record(fact.latencyMicros);
  }

  onEnd(complete: boolean): void {
    const { now } = this.#env.world;
    this.#endMicros = Math.min(this.#until, now);
    this.#gap = Math.max(this.#gap, Math.min(this.#until, now) - this.#lastOk);
    this.#outcome = this.#judge(this.#until === Infinity ? complete : now >= this.#until);
    if (this.#outcome.verdict !== 'fail') return;
    this.#env.report({ why: this.#sentence() });
  }

  #judge(isWindowOver: boolean): Standing {
    const { metric, operationsMin, atLeast, atMost } = this.#args;
    if (this.#ended < operationsMin) return unknown(`only ${plural(this.#ended, 'operation')}`);
    if (this.#isLatency() && this.#ok === 0) return unknown('no operation was answered');
    const value = this.#measure();
    const isTooMuch = atMost !== null && value > atMost;
    // What only grows and is too much already will not become less in the rest of the window.
    const grows = metric === 'ok-count' || metric === 'error-count' || metric === 'longest-gap-ms';
    const isSure = isTooMuch && grows;
    if (!isWindowOver && !isSure) return unknown('the run ended before its window');
    const isTooLittle = atLeast !== null && value < atLeast;
    const few = this.#isLatency() && this.#ok < this.#ended ? ` over ${this.#over()}` : '';
    const text = `${metric} ${rounded(value)}${few}`;
    return { verdict: isTooMuch || isTooLittle ? 'fail' : 'pass', text };
  }

  #measure(): number {
    switch (this.#args.metric) {
      case 'ok-count':
        return this.#ok;
      case 'longest-gap-ms':
        return this.#gap / 1_000;
      case 'success-share':
        return this.#ended === 0 ? 0 : this.#ok / this.#ended;
      case 'error-count':
        return this.#errors;
      case 'ok-per-second':
        return (this.#ok * 1_000_000) / Math.max(1, this.#endMicros - this.#from);
      case 'tries-per-operation':
        return this.#ended === 0 ? 0 : this.#tries / this.#ended;
      case 'mean-ms':
        return this.#sumMicros / this.#ok / 1_000;
      case 'p50-ms':
      case 'p95-ms':
      case 'p99-ms':
      case 'p999-ms':
        return this.#latencies.percentile(PERCENTS[this.#args.metric] ?? 50) / 1_000;
    }
  }

  #sentence(): string {
    const { metric, atLeast, atMost } = this.#args;
    const value = this.#measure();
    const isTooLittle = atLeast !== null && value < atLeast;
    const limit = isTooLittle ? `at least ${atLeast}` : `at most ${atMost ?? 0}`;
    return `${metric} is ${rounded(value)} over ${this.#over()}, not ${limit}.`;
  }

  /** What the value is of: a latency, of those that were answered. */
  #over(): string {
    const all = `${plural(this.#ended, 'operation')}`;
    const isLatency = this.#isLatency() && this.#ok < this.#ended;
    return isLatency ? `the ${this.#ok} of ${all} that went well` : all;
  }

  #isLatency(): boolean {
    const { metric } = this.#args;
    return metric in PERCENTS || metric === 'mean-ms';
  }

  standing(): Standing {
    return this.#outcome ?? JUDGED_LATER;
  }

  save(): ServiceLevelImage {
    return {
      latencies: this.#latencies.save(),
      ended: this.#ended,
      ok: this.#ok,
      tries: this.#tries,
      errors: this.#errors,
      sumMicros: this.#sumMicros,
      lastOk: this.#lastOk,
      gap: this.#gap,
      outcome: this.#outcome,
    };
  }

  restore(saved: ServiceLevelImage): void {
    this.#latencies.restore(saved.latencies);
    this.#ended = saved.ended;
    this.#ok = saved.ok;
    this.#tries = saved.tries;
    this.#errors = saved.errors;
    this.#sumMicros = saved.sumMicros;
    this.#lastOk = saved.lastOk;
    this.#gap = saved.gap;
    this.#outcome = saved.outcome;
  }
}

const unknown = (text: string): Standing => ({ verdict: 'unknown', text });
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
