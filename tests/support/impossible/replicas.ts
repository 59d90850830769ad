/** Groups of servers that no size of quorum, number or setting can make work. */
import { mistake } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

/** A group beside the others. */
const beside = (component: string, count: number, config: Loose) => (d: Loose) =>
  void (d['groups'] as Loose[]).push({ name: 'n', component, count, config });

export const ofReplicas: readonly Mistake[] = [
  mistake(
    'more promises than servers',
    beside('paxos-kv', 3, { phase1Quorum: 4 }),
    'groups/n/config/phase1Quorum',
    /phase1Quorum, 4, is more than the 3 servers/,
    /At most 3/,
  ),
  mistake(
    'more acceptors than servers',
    beside('paxos-kv', 3, { phase2Quorum: 5 }),
    'groups/n/config/phase2Quorum',
    /phase2Quorum, 5, is more than the 3 servers/,
    /At most 3/,
  ),
  mistake(
    'more votes than voters',
    beside('raft-kv', 5, { initialVoters: 3, electionQuorum: 4 }),
    'groups/n/config/electionQuorum',
    /only 3 voters/,
    /more than half/,
  ),
  mistake(
    'election timeouts the wrong way round',
    beside('raft-kv', 3, { electionTimeoutMinMs: 400, electionTimeoutMaxMs: 300 }),
    'groups/n/config/electionTimeoutMinMs',
    /400 ms, must not be more than electionTimeoutMaxMs, 300 ms/,
    /between the two/,
  ),
  mistake(
    'leases that others may elect over',
    beside('raft-kv', 3, { readMode: 'lease', checkQuorum: false }),
    'groups/n/config/readMode',
    /needs checkQuorum and preVoteLease/,
    /read-index/,
  ),
  mistake(
    'a number that one member shares with nobody',
    beside('id-service', 1, { numbers: 'shared' }),
    'groups/n/config/numbers',
    /numbers changes nothing: there is one member/,
    /more members/,
  ),
  mistake(
    'a number that ten bits cannot hold',
    beside('id-service', 3, { firstWorker: 1_022 }),
    'groups/n/config/firstWorker',
    /would have number 1024/,
    /largest is 1023/,
  ),
];
