/** A stream job on a bench: a log, sources, operators, sinks and the store of its results. */
import type { GroupPlan } from 'faultline';
import { Bench } from '../support/bench.ts';

interface Words {
  readonly [name: string]: unknown;
}
export interface JobWords {
  readonly partitions?: readonly Words[];
  readonly job?: Words;
  readonly source?: Words;
  readonly window?: Words;
  readonly sink?: Words;
  /** Of each role. */
  readonly counts?: readonly [sources: number, windows: number, sinks: number];
  readonly off?: readonly string[];
}

const disk = { fsync: { kind: 'constant', ms: 1 } } as const;

const times = (fromMs: number, everyMs: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, k) => fromMs + k * everyMs);

/** Two partitions of a hundred events each, of four keys. */
export const TWO_PARTITIONS = [0, 3].map((shift) => ({
  arrivals: { kind: 'replay', timesMs: times(200 + shift, 20, 100) },
  keys: 4,
}));

const groupsOf = ({
  partitions = TWO_PARTITIONS,
  job,
  source,
  window,
  sink,
  counts = [2, 2, 1],
}: JobWords): readonly GroupPlan[] => [
  { name: 'log', component: 'event-log', count: 1, disk, config: { partitions } },
  {
    name: 'src',
    component: 'stream-task',
    count: counts[0],
    links: { log: 'log' },
    config: {
      role: 'source',
      autoWatermarkIntervalMs: 10,
      maxOutOfOrdernessMs: 20,
      bounded: true,
      timeoutMs: 60,
      retryMs: 10,
      ...source,
    },
  },
  {
    name: 'win',
    component: 'stream-task',
    count: counts[1],
    config: { role: 'window', sizeMs: 100, timeoutMs: 60, retryMs: 10, ...window },
  },
  {
    name: 'snk',
    component: 'stream-task',
    count: counts[2],
    links: { store: 'store' },
    config: { role: 'sink', timeoutMs: 60, retryMs: 10, ...sink },
  },
  { name: 'store', component: 'result-store', count: 1, disk },
  {
    name: 'jm',
    component: 'job-coordinator',
    count: 1,
    disk,
    links: { sources: 'src', operators: 'win', sinks: 'snk' },
    config: {
      heartbeatIntervalMs: 20,
      heartbeatTimeoutMs: 80,
      restartDelayMs: 30,
      deployRetryMs: 10,
      ...job,
    },
  },
];

export const CHECKPOINTS = { checkpointIntervalMs: 100, checkpointTimeoutMs: 400 };

export class StreamJob extends Bench {
  constructor(words: JobWords = {}) {
    const checks = [{ id: 'totals', use: 'stream-totals', args: {} }];
    super({ groups: groupsOf(words), components: [], checks, ablations: words.off ?? [] });
  }

  /** Crashes a node, which starts again after a while. */
  crashAt(target: string, atMs: number, forMs: number): this {
    this.ms(atMs).inject('down', { type: 'crash', target, machineUp: true });
    return this.after(forMs).undo('down') as this;
  }
}
