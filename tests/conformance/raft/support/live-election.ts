/** A whole group of raft-kv servers in a run of the engine, up to its first leader. */
import { Live, group } from '../../traffic/support/live.ts';
import type { FreshStart } from './elections.ts';

const GIVEN_UP_MS = 3_600_000;

/** Milliseconds from the start of all to the first leader; disks and processors take no time. */
export function liveElection({ servers, up, oneWay, timeout }: FreshStart, seed: number): number {
  const config = {
    electionTimeoutMinMs: timeout.minMs,
    electionTimeoutMaxMs: timeout.maxMs,
    heartbeatMs: timeout.minMs / 2,
    preVote: false,
    preVoteLease: false,
    checkQuorum: false,
  };
  const down = Array.from({ length: servers - up }, (_, i) => `n${servers - i}`);
  const live = new Live({
    seed,
    network: { latency: { kind: 'uniform', minMs: oneWay.minMs, maxMs: oneWay.maxMs } },
    groups: [
      {
        ...group('n', 'raft-kv', config, {}, { count: servers }),
        disk: { fsync: { kind: 'constant', ms: 0 } },
      },
    ],
    faults: down.map((target) => ({ fault: { type: 'crash', target }, atMs: 0 })),
    facts: ['raft.leader'],
  });
  live.until(() => live.facts.length > 0, GIVEN_UP_MS);
  if (live.facts.length === 0) throw new Error(`seed ${seed}: nobody was elected within an hour`);
  return live.session.nowMicros / 1_000;
}
