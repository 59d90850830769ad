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
    'a heartbeat after the election',
    beside('raft-kv', 3, { heartbeatMs: 1_000 }),
    'groups/n/config/heartbeatMs',
    /1000 ms, must be less than electionTimeoutMinMs, 150 ms/,
    /raise the election timeouts/,
  ),
  mistake(
    'a heartbeat at the very moment of the election',
    beside('raft-kv', 3, { heartbeatMs: 150 }),
    'groups/n/config/heartbeatMs',
    /150 ms, must be less than electionTimeoutMinMs, 150 ms/,
    /a third or less/,
  ),
  mistake(
    'more voters than servers',
    beside('raft-kv', 3, { initialVoters: 9 }),
    'groups/n/config/initialVoters',
    /initialVoters, 9, is more than the 3 servers/,
    /0 is all of them/,
  ),
  mistake(
    'pings after the election',
    beside('paxos-kv', 3, { pingMs: 1_000 }),
    'groups/n/config/pingMs',
    /1000 ms, must be less than the shortest wait, 180 ms/,
    /a fifth of the timeout/,
  ),
  mistake(
    'a level of reads that no key has replicas for',
    beside('quorum-store', 5, { replicationFactor: 2, readConsistency: 'three' }),
    'groups/n/config/readConsistency',
    /readConsistency is three, but only 2 nodes hold a key/,
    /Raise replicationFactor/,
  ),
  mistake(
    'a level of writes that a group is too small for',
    beside('quorum-store', 1, { writeConsistency: 'two' }),
    'groups/n/config/writeConsistency',
    /writeConsistency is two, but only 1 node holds a key/,
    /the count of the group/,
  ),
  mistake(
    'writes for which a hint is enough, where none is kept',
    beside('quorum-store', 3, { writeConsistency: 'any', hintedHandoff: false }),
    'groups/n/config/writeConsistency',
    /hintedHandoff is false/,
    /Write one/,
  ),
  mistake(
    'a level beside its number',
    beside('quorum-store', 3, { r: 2, readConsistency: 'one' }),
    'groups/n/config/readConsistency',
    /readConsistency changes nothing: r is 2/,
    /one of the two/,
  ),
  mistake(
    'members of a lock service',
    beside('lock-service', 3, {}),
    'groups/n/count',
    /lock-service is one node, and the group has 3/,
    /count: 1/,
  ),
  mistake(
    'members of the store of a leader key',
    beside('dcs', 3, {}),
    'groups/n/count',
    /dcs is one node, and the group has 3/,
    /count: 1/,
  ),
  mistake(
    'brokers that are fenced between two heartbeats',
    (d) => {
      const groups = d['groups'] as Loose[];
      groups.push({ name: 'co', component: 'controller', count: 3, config: {} });
      const config = { brokerHeartbeatIntervalMs: 9_000 };
      groups.push({
        name: 'n',
        component: 'log-broker',
        count: 3,
        links: { controller: 'co' },
        config,
      });
    },
    'groups/n/config/brokerHeartbeatIntervalMs',
    /9000 ms, must be less than brokerSessionTimeoutMs of "co", 9000 ms/,
    /half of it/,
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
