/**
 * The run that the whole-engine benchmarks share: five Raft servers, twenty closed-loop clients,
 * 1 % of all packets lost, the leader crashed every five seconds and restarted, every invariant of
 * Raft checked after every step, every operation recorded. A million events take the logs past
 * ten thousand entries.
 */
import { Session } from '../src/sim/index.ts';
import type { Plan, RunSpec, SessionOptions } from '../src/sim/index.ts';

export const RAFT_EVENTS = 1_000_000;

const plan: Plan = {
  title: 'Raft under load',
  summary: 'Five servers, twenty clients, a leader crash every five seconds.',
  durationMs: 3_600_000,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 2 }, lossProbability: 0.01 },
  groups: [
    { name: 'n', component: 'raft-kv', count: 5 },
    {
      name: 'c',
      component: 'kv-client',
      count: 20,
      links: { servers: 'n' },
      config: { mode: 'closed', workers: 1, thinkMs: 10, keys: 100 },
    },
  ],
  faults: [
    {
      id: 'leader-crash',
      fault: { type: 'crash', target: { role: 'leader', group: 'n' } },
      every: { interval: { kind: 'constant', ms: 5_000 } },
      forMs: 1_000,
    },
  ],
  checks: [{ id: 'safety', use: 'raft-safety' }],
  story: [],
};

export function raftSpec(seed: number): RunSpec {
  return {
    engine: 1,
    scenario: { document: plan },
    params: {},
    ablations: [],
    seed,
    order: 'fifo',
    limits: {},
    interventions: [],
  };
}

export function raftSession(seed: number, options: SessionOptions = {}): Session {
  return new Session(raftSpec(seed), options);
}

/** The entries of the longest log, to show that the run is what it claims to be. */
export function longestLog(session: Session): number {
  const sizes = session.world.nodes.map(({ state }) => {
    const raft = (state as { readonly raft?: { readonly log: { readonly lastIndex: number } } })
      ?.raft;
    return raft?.log.lastIndex ?? 0;
  });
  return Math.max(...sizes);
}
