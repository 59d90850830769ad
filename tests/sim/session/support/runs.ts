/** Runs to compare: what is run, how a session is made for it, and what two runs must share. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { Session, makeSpec } from 'faultline';
import type {
  AnyScenario,
  GaugeFrame,
  GroupPlan,
  Plan,
  RunOptions,
  RunSpec,
  SessionOptions,
} from 'faultline';
import { SCENARIOS } from './scenarios.ts';

export interface Case {
  readonly name: string;
  /** Without parameters and with every rule on. */
  readonly isDefault: boolean;
  readonly spec: (seed: number, options?: RunOptions) => RunSpec;
}

export const ALL_ON: SessionOptions = {
  observe: { history: true, checks: true, metrics: true, frames: true },
};
export const ALL_OFF: SessionOptions = {
  observe: { history: false, checks: false, metrics: false, frames: false },
};

/** Long enough for a cut, an election and some of the healing, short enough to be run often. */
const UNTIL_MS = 2_500;

/** Each scenario in each of its variants; faults are brought forward into a short run. */
export const CASES: readonly Case[] = SCENARIOS.flatMap((scenario) =>
  scenario.variants.map((variant, i) => ({
    name: `${scenario.id} (${variant.name})`,
    isDefault: i === 0,
    spec: (seed: number, options: RunOptions = {}) =>
      shortened(makeSpec(scenario, { variant: variant.name, seed, ...options })),
  })),
);

/** The same run with its faults early and its end soon after them. */
function shortened(spec: RunSpec): RunSpec {
  const { plan } = new Session(spec, { scenarios: SCENARIOS, ...ALL_OFF });
  const factor = Math.min(1, UNTIL_MS / plan.durationMs);
  return { ...spec, planOverride: { ...spec.planOverride, ...hastened(plan, factor) } };
}

function hastened(plan: Plan, factor: number): Partial<Plan> {
  return {
    durationMs: plan.durationMs * factor,
    faults: plan.faults.map((entry) => ({
      ...entry,
      ...(entry.atMs === undefined ? {} : { atMs: entry.atMs * factor }),
      ...(entry.forMs === undefined ? {} : { forMs: entry.forMs * factor }),
    })),
    checks: plan.checks.map((check) => ({ ...check, args: earlier(check.args, factor) })),
    story: [],
    ...(plan.healAtMs === undefined ? {} : { healAtMs: plan.healAtMs * factor }),
  };
}

/** A window that begins after the end is refused. */
const earlier = (args: unknown, factor: number) =>
  Object.fromEntries(
    Object.entries(args ?? {}).map(([name, value]) =>
      typeof value === 'number' && (name === 'fromMs' || name === 'untilMs')
        ? [name, value * factor]
        : [name, value],
    ),
  );

/**
 * A case in which very much happens at the same microsecond: constant delays everywhere. Order
 * bugs hide there.
 */
export function simultaneous(spec: RunSpec): RunSpec {
  const { plan, world } = new Session(spec, { scenarios: SCENARIOS, ...ALL_OFF });
  const hasDisk = (group: string): boolean =>
    world.group(group).some(({ behaviour }) => behaviour.durable !== undefined);
  return {
    ...spec,
    planOverride: {
      ...spec.planOverride,
      network: { ...plan.network, latency: { kind: 'constant', ms: 1 } },
      groups: plan.groups.map((group) => ({
        ...group,
        ...(hasDisk(group.name)
          ? { disk: { ...group.disk, fsync: { kind: 'constant' as const, ms: 1 } } }
          : {}),
        config: { ...group.config, ...(thinks(group) ? { thinkMs: 0 } : {}) },
      })),
    },
  };
}

const thinks = ({ component, config }: GroupPlan): boolean =>
  component === 'kv-client' && (config?.['mode'] ?? 'closed') === 'closed';

/** Without the one check whose search may cost more than the run that it judges. */
export function withoutSearch(spec: RunSpec): RunSpec {
  const { plan } = new Session(spec, { scenarios: SCENARIOS, ...ALL_OFF });
  const checks = plan.checks.filter((check) => check.use !== 'linearizable');
  return { ...spec, planOverride: { ...spec.planOverride, checks, story: [] } };
}

export function open(spec: RunSpec, options: SessionOptions = {}): Session {
  return new Session(spec, { scenarios: SCENARIOS as readonly AnyScenario[], ...options });
}

/** What tells two runs apart, seen from the model's side. */
export function model(session: Session): object {
  return {
    event: session.eventNumber,
    micros: session.nowMicros,
    ended: session.ended,
    traceHash: session.traceHash,
    stateHash: session.stateHash(),
  };
}

/** Everything that a session could tell of its run so far, the model's side and the observers'. */
export function everything(session: Session): object {
  const { gauges, history, metrics } = session.observers;
  return {
    ...model(session),
    checks: session.checkFrames(),
    history: history.ops(),
    counts: [
      metrics.invoked,
      metrics.ok,
      metrics.fail,
      metrics.unknown,
      metrics.retries,
      metrics.hedges,
    ],
    facts: [...metrics.facts],
    latencies: metrics.latencies.summary(),
    windows: metrics.windowsFrom(0, session.nowMicros),
    gauges: points(gauges.framesFrom(0)),
    totals: gauges.totals(),
  };
}

/** The series are many and shared by all frames: those of the last one hold the others. */
export function points(frames: readonly GaugeFrame[]): object {
  return {
    series: frames.at(-1)?.series,
    values: frames.map(({ toMicros, values }) => [toMicros, values]),
  };
}

/** Equality of large things: the slow comparison that explains comes only where they differ. */
export function expectSame(actual: object, expected: object, hint = ''): void {
  if (isDeepStrictEqual(actual, expected)) return;
  expect(actual, hint).toEqual(expected);
  throw new Error(`They differ in what toEqual overlooks. ${hint}`);
}
