/**
 * One plan that uses every component and every check of the catalogue, under all kinds of faults.
 */
import type { CheckPlan, FaultEntry, Plan } from 'faultline';
import { REPLICA_CHECKS, REPLICA_FAULTS, REPLICA_GROUPS } from './stormy-replicas.ts';
import { REQUEST_GROUPS } from './stormy-requests.ts';

const checks: readonly CheckPlan[] = [
  { id: 'safety', use: 'raft-safety' },
  { id: 'paxos', use: 'paxos-safety', args: { group: 'px' } },
  { id: 'linearizable', use: 'linearizable', args: { steps: 20_000 } },
  { id: 'sequential', use: 'sequential', args: { steps: 20_000 } },
  { id: 'causal', use: 'causal', args: { level: 'convergent' } },
  { id: 'session', use: 'session' },
  { id: 'bounded', use: 'staleness', args: { versions: 1 } },
  ...REPLICA_CHECKS,
  { id: 'terms', use: 'always', args: { predicate: 'term-below', with: { term: 4 } } },
  { id: 'up', use: 'always', args: { predicate: 'all-up' } },
  { id: 'two', use: 'sometimes', args: { predicate: 'two-leaders' } },
  { id: 'led', use: 'eventually', args: { predicate: 'one-leader', withinMs: 300 } },
  { id: 'agree', use: 'eventually', args: { predicate: 'logs-agree', withinMs: 100 } },
  { id: 'share', use: 'slo', args: { metric: 'success-share', atLeast: 0.99 } },
  { id: 'late', use: 'slo', args: { metric: 'p99-ms', atMost: 30, fromMs: 400, clients: 'b' } },
  { id: 'law', use: 'conservation' },
  { id: 'fresh', use: 'stale-reads', args: { atMost: 3 } },
  { id: 'queue', use: 'gauge', args: { group: 'app', gauge: 'Queue', atMost: 0.5 } },
  { id: 'told', use: 'answers', args: { clients: 'one', key: 'own', values: ['it 30'], atLeast: 1 } },
  { id: 'tries', use: 'slo', args: { metric: 'tries-per-operation', atMost: 1.2, clients: 'web' } },
  { id: 'elections', use: 'fact-count', args: { fact: 'raft.leader', atMost: 1 } },
];

const faults: readonly FaultEntry[] = [
  {
    id: 'crashes',
    fault: { type: 'crash', target: { first: 1, of: 'n' } },
    every: { interval: { kind: 'uniform', minMs: 150, maxMs: 400 } },
    forMs: 120,
  },
  {
    id: 'acceptor-crashes',
    fault: { type: 'crash', target: { first: 2, of: 'px' } },
    every: { interval: { kind: 'uniform', minMs: 150, maxMs: 350 } },
    forMs: 100,
  },
  {
    id: 'ring-crashes',
    fault: { type: 'crash', target: { first: 2, of: 'ring' } },
    every: { interval: { kind: 'uniform', minMs: 100, maxMs: 300 } },
    forMs: 90,
  },
  ...REPLICA_FAULTS,
  {
    id: 'on-leader',
    fault: { type: 'pause', target: { role: 'leader', group: 'n' } },
    when: { use: 'one-leader', delayMs: 150, times: 2 },
    forMs: 200,
  },
  { id: 'bursts', fault: { type: 'loss', probability: 0.1, burst: 0.7 }, atMs: 300, forMs: 600 },
  { id: 'twice', fault: { type: 'duplicate', probability: 0.3 }, atMs: 100 },
  {
    id: 'held',
    fault: { type: 'reorder', probability: 0.2, by: { kind: 'exponential', meanMs: 4 } },
    atMs: 200,
  },
  {
    id: 'slow',
    fault: { type: 'latency', to: 'n2', extra: { kind: 'uniform', minMs: 1, maxMs: 9 } },
    atMs: 500,
    forMs: 300,
  },
  { id: 'cut', fault: { type: 'partition', groups: [['n1', 'a']] }, atMs: 700, forMs: 250 },
  { id: 'deaf', fault: { type: 'one-way', from: 'n3', to: 'n2' }, atMs: 1_000, forMs: 100 },
  { id: 'drift', fault: { type: 'clock-drift', target: 'n2', ppm: 50_000 }, atMs: 250, forMs: 500 },
  { id: 'jump', fault: { type: 'clock-jump', target: 'n', byMs: -300 }, atMs: 450, forMs: 500 },
  { id: 'disk', fault: { type: 'slow-disk', target: 'n1', factor: 6 }, atMs: 350, forMs: 500 },
];

export const stormy: Plan = {
  title: 'Everything at once',
  summary: 'Every part of the catalogue under all kinds of faults.',
  durationMs: 1_600,
  network: {
    latency: { kind: 'uniform', minMs: 0.5, maxMs: 3 },
    lossProbability: 0.01,
    duplicateProbability: 0.01,
  },
  groups: [
    {
      name: 'n',
      component: 'raft-kv',
      count: 3,
      clock: { offsetMs: { kind: 'uniform', minMs: 0, maxMs: 50 } },
      disk: { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true },
    },
    {
      name: 'a',
      component: 'kv-client',
      count: 1,
      links: { servers: 'n' },
      config: { workers: 3, thinkMs: 5, casShare: 0.4, retryUnknown: true },
    },
    {
      name: 'b',
      component: 'kv-client',
      count: 1,
      links: { servers: 'n' },
      config: { mode: 'open', ratePerSecond: 200 },
    },
    {
      name: 'px',
      component: 'paxos-kv',
      count: 5,
      disk: { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true },
      config: { phase1Quorum: 4, phase2Quorum: 2, electionTimeoutMs: 60 },
    },
    {
      name: 'p',
      component: 'kv-client',
      count: 1,
      links: { servers: 'px' },
      config: { workers: 1, thinkMs: 15, casShare: 0.3, retryUnknown: true },
    },
    {
      name: 'ring',
      component: 'quorum-store',
      count: 5,
      disk: { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true },
      config: {
        conflicts: 'version-vectors',
        sloppyQuorum: true,
        commitLogSync: 'batch',
        suspectAfterMs: 15,
        writeTimeoutMs: 60,
        readTimeoutMs: 60,
        probeMs: 40,
        hintDispatchMs: 50,
        antiEntropyMs: 120,
        merkleDepth: 4,
        compactionMs: 70,
        gcGraceMs: 300,
        legs: { response: { kind: 'exponential', meanMs: 1 } },
      },
    },
    {
      name: 'd',
      component: 'kv-client',
      count: 1,
      links: { servers: 'ring' },
      config: { workers: 3, thinkMs: 5, keys: 12, retryUnknown: true },
    },
    {
      name: 'one',
      component: 'kv-client',
      count: 1,
      links: { servers: 'ring' },
      config: {
        mode: 'listed',
        routing: 'random',
        operations: Array.from({ length: 60 }, (_, i) => ({
          atMs: 20 * i,
          ...(i % 3 === 0
            ? { do: 'put', key: 'own', value: `it ${i}` }
            : { do: i % 3 === 1 ? 'get' : 'get-all', key: 'own' }),
        })),
      },
    },
    ...REQUEST_GROUPS,
    {
      name: 'locks',
      component: 'lock-service',
      count: 1,
      config: { ttlMs: 60 },
    },
    ...REPLICA_GROUPS,
    {
      name: 'm',
      component: 'swim-member',
      count: 4,
      config: { probeIntervalMs: 40, probeTimeoutMs: 10, gossipIntervalMs: 15 },
    },
    { name: 'fenced', component: 'fenced-storage', count: 1 },
    {
      name: 'holders',
      component: 'lock-client',
      count: 3,
      links: { locks: 'locks', storage: 'fenced' },
      config: { locks: 2, thinkMs: 10, retryMs: 10, workMs: 30, timeoutMs: 40 },
    },
    {
      name: 'through',
      component: 'http-client',
      count: 1,
      links: { target: 'edge' },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: 200 },
        sessions: 20,
        call: { timeoutMs: 70 },
      },
    },
    {
      name: 'users',
      component: 'http-client',
      count: 1,
      links: { target: 'app' },
      config: {
        load: 'closed',
        users: 5,
        thinkMs: 20,
        call: { balance: { policy: 'power-of-d' }, maxConcurrentCalls: 3, maxWaitMs: 10 },
      },
    },
  ],
  faults,
  healAtMs: 1_200,
  checks,
  story: [],
};
