/** What scenarios of stream jobs have in common. */
import type { CheckPlan, GroupPlan } from 'faultline';

interface Words {
  readonly [name: string]: unknown;
}

export const LOG = 'log';
export const SOURCES = 's';
export const WINDOWS = 'w';
export const SINK = 'k';
export const STORE = 'out';
export const COORDINATOR = 'jm';

const disk = { fsync: { kind: 'constant', ms: 1 } } as const;

/** So many times, so far apart. */
export const timesFrom = (fromMs: number, everyMs: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, k) => fromMs + k * everyMs);

export const logOf = (partitions: readonly Words[]): GroupPlan => ({
  name: LOG,
  component: 'event-log',
  count: 1,
  disk,
  config: { partitions },
});

interface Job {
  readonly sources: number;
  readonly source?: Words;
  readonly window: Words;
  readonly sink?: Words;
  readonly coordinator?: Words;
}

/** Failures are noticed, and answered, faster than a real job would. */
const HASTE = {
  heartbeatIntervalMs: 50,
  heartbeatTimeoutMs: 500,
  restartDelayMs: 100,
  deployRetryMs: 20,
};
const PATIENCE = { timeoutMs: 500, retryMs: 20 };

/** Sources, one operator, one sink, where its rows go, and the coordinator. */
export const jobOf = ({ sources, source, window, sink, coordinator }: Job): GroupPlan[] => [
  {
    name: SOURCES,
    component: 'stream-task',
    count: sources,
    links: { log: LOG },
    config: { role: 'source', autoWatermarkIntervalMs: 20, ...PATIENCE, ...source },
  },
  {
    name: WINDOWS,
    component: 'stream-task',
    count: 1,
    config: { role: 'window', ...PATIENCE, ...window },
  },
  {
    name: SINK,
    component: 'stream-task',
    count: 1,
    links: { store: STORE },
    config: { role: 'sink', ...PATIENCE, ...sink },
  },
  { name: STORE, component: 'result-store', count: 1, disk },
  {
    name: COORDINATOR,
    component: 'job-coordinator',
    count: 1,
    disk,
    links: { sources: SOURCES, operators: WINDOWS, sinks: SINK },
    config: { ...HASTE, ...coordinator },
  },
];

const ANY = { missing: null, twice: null, repeated: null, late: null, wrong: null };

export const totalsCheck = (
  id: string,
  args: { readonly [kind: string]: number },
  about: string,
): CheckPlan => ({ id, use: 'stream-totals', args: { ...ANY, ...args }, about });
