/**
 * Three plans that together use every component and every check of the catalogue, under all kinds
 * of faults.
 */
import type { CheckPlan, FaultEntry, GroupPlan, Plan } from 'faultline';
import { LOG_CHECKS, LOG_FAULTS, LOG_GROUPS } from './stormy-logs.ts';
import { QUEUE_CHECKS, QUEUE_FAULTS, QUEUE_GROUPS } from './stormy-queues.ts';
import { REQUEST_CHECKS, REQUEST_FAULTS, REQUEST_GROUPS } from './stormy-requests.ts';
import { STREAM_CHECKS, STREAM_FAULTS, STREAM_GROUPS } from './stormy-streams.ts';
import { STORE_CHECKS, STORE_FAULTS, STORE_GROUPS } from './stormy-stores.ts';

interface Cast {
  /** Two nodes, of which the first has a disk, and one who talks to them. */
  readonly one: string;
  readonly other: string;
  readonly client: string;
}

/** What befalls the network, the clocks and a disk, whoever they belong to. */
const weather = ({ one, other, client }: Cast): FaultEntry[] => [
  { id: 'bursts', fault: { type: 'loss', probability: 0.1, burst: 0.7 }, atMs: 300, forMs: 600 },
  { id: 'twice', fault: { type: 'duplicate', probability: 0.3 }, atMs: 100 },
  {
    id: 'held',
    fault: { type: 'reorder', probability: 0.2, by: { kind: 'exponential', meanMs: 4 } },
    atMs: 200,
  },
  {
    id: 'slow',
    fault: { type: 'latency', to: other, extra: { kind: 'uniform', minMs: 1, maxMs: 9 } },
    atMs: 500,
    forMs: 300,
  },
  { id: 'cut', fault: { type: 'partition', groups: [[one, client]] }, atMs: 700, forMs: 250 },
  { id: 'deaf', fault: { type: 'one-way', from: one, to: other }, atMs: 1_000, forMs: 100 },
  {
    id: 'drift',
    fault: { type: 'clock-drift', target: other, ppm: 50_000 },
    atMs: 250,
    forMs: 500,
  },
  { id: 'disk', fault: { type: 'slow-disk', target: one, factor: 6 }, atMs: 350, forMs: 500 },
];

interface Parts {
  readonly groups: readonly GroupPlan[];
  readonly faults: readonly FaultEntry[];
  readonly checks: readonly CheckPlan[];
}

const planOf = (title: string, { groups, faults, checks }: Parts): Plan => ({
  title,
  summary: 'Many parts of the catalogue under all kinds of faults.',
  durationMs: 1_600,
  network: {
    latency: { kind: 'uniform', minMs: 0.5, maxMs: 3 },
    lossProbability: 0.01,
    duplicateProbability: 0.01,
    regions: [{ name: 'here', zones: ['left', 'right'] }],
  },
  groups,
  faults,
  healAtMs: 1_200,
  checks,
  story: [],
});

export const STORMY = {
  stores: planOf('Stormy stores', {
    groups: STORE_GROUPS,
    faults: [...STORE_FAULTS, ...weather({ one: 'n1', other: 'n2', client: 'a' })],
    checks: STORE_CHECKS,
  }),
  requests: planOf('Stormy requests', {
    groups: REQUEST_GROUPS,
    faults: [...REQUEST_FAULTS, ...weather({ one: 'db', other: 'app2', client: 'web' })],
    checks: REQUEST_CHECKS,
  }),
  messages: planOf('Stormy messages', {
    groups: [...LOG_GROUPS, ...QUEUE_GROUPS, ...STREAM_GROUPS],
    faults: [
      ...LOG_FAULTS,
      ...QUEUE_FAULTS,
      ...STREAM_FAULTS,
      ...weather({ one: 'kb1', other: 'kb2', client: 'kp' }),
    ],
    checks: [...LOG_CHECKS, ...QUEUE_CHECKS, ...STREAM_CHECKS],
  }),
} as const satisfies Record<string, Plan>;

export type StormyName = keyof typeof STORMY;
