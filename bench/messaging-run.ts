/**
 * The runs of the messaging benchmark: producers, brokers with three replicas of each partition,
 * and consumers on constant links, with the invariants of the replicated log checked after every
 * step, and every record and every poll in the history.
 */
import { Session, defineScenario, makeSpec } from '../src/sim/index.ts';
import type { GroupPlan, SessionOptions } from '../src/sim/index.ts';

export interface LogLoad {
  readonly partitions: number;
  readonly brokers: number;
  readonly producers: number;
  readonly consumers: number;
  /** Of all producers. */
  readonly recordsPerSecond: number;
  readonly lingerMs: number;
}

/** About a hundred records come while a batch lingers. */
export const LARGE_BATCHES: LogLoad = {
  partitions: 1,
  brokers: 3,
  producers: 1,
  consumers: 1,
  recordsPerSecond: 10_000,
  lingerMs: 10,
};

/** No batch waits for another record. */
export const SMALL_BATCHES: LogLoad = { ...LARGE_BATCHES, recordsPerSecond: 2_000, lingerMs: 0 };

export const CLUSTER: LogLoad = {
  partitions: 100,
  brokers: 6,
  producers: 10,
  consumers: 20,
  recordsPerSecond: 50_000,
  lingerMs: 5,
};

/** Until then leaders are elected, and everybody knows them. */
export const SETTLED_MICROS = 2_000_000;

function groupsOf(load: LogLoad): readonly GroupPlan[] {
  const { partitions, brokers, producers, consumers, recordsPerSecond, lingerMs } = load;
  const ratePerSecond = recordsPerSecond / producers;
  return [
    { name: 'ctl', component: 'controller', count: 1 },
    {
      name: 'b',
      component: 'log-broker',
      count: brokers,
      links: { controller: 'ctl' },
      config: {
        topics: [{ topic: 'events', partitions, replicationFactor: 3, minInsyncReplicas: 2 }],
      },
    },
    {
      name: 'p',
      component: 'log-producer',
      count: producers,
      links: { brokers: 'b' },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond },
        hasKeys: false,
        lingerMs,
        startMs: SETTLED_MICROS / 1_000,
      },
    },
    { name: 'c', component: 'log-consumer', count: consumers, links: { brokers: 'b' } },
  ];
}

/** With all that a run has on. */
export function logSession(load: LogLoad, options: SessionOptions = {}): Session {
  const scenario = defineScenario({
    id: 'bench/messaging',
    title: 'A replicated log',
    summary: '',
    tier: 'calm',
    sources: [],
    leavesOut: [],
    thingsToTry: [],
    params: {},
    plan: () => ({
      title: 'A replicated log',
      summary: '',
      durationMs: 3_600_000,
      network: { latency: { kind: 'constant', ms: 0.5 } },
      groups: groupsOf(load),
      faults: [],
      checks: [{ id: 'log', use: 'replicated-log' }],
      story: [],
    }),
    variants: [{ name: 'default', about: '' }],
  });
  return new Session(makeSpec(scenario), { checkpoints: false, ...options, scenarios: [scenario] });
}

export interface LogCounts {
  readonly acknowledged: number;
  readonly batches: number;
  readonly read: number;
}

interface ProducerCounts {
  readonly counts: { readonly ok: number; readonly batches: number };
}

/** What producers and consumers have counted so far. */
export function countsOf({ world }: Session): LogCounts {
  let [acknowledged, batches, read] = [0, 0, 0];
  for (const { state } of world.group('p')) {
    const { counts } = state as ProducerCounts;
    acknowledged += counts.ok;
    batches += counts.batches;
  }
  for (const { state } of world.group('c')) read += (state as { readonly records: number }).records;
  return { acknowledged, batches, read };
}
