/** What a Raft server may be told, with the defaults of the field. */
import { over, word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { quorumsFault } from '../../protocols/raft/quorum.ts';

const NEEDS: readonly Need[] = [
  { settings: ['trailingEntries'], any: [over('snapshotThreshold')] },
  { settings: ['clockDriftBound'], any: [word('readMode', 'lease')] },
];

export const raftKvConfig = Type.Object(
  {
    initialVoters: field.count({
      about:
        'So many of the group, from the first on, vote at the start; others wait to be added. ' +
        '0: all.',
      default: 0,
      min: 0,
      max: 99,
      source: 'etcd initial-cluster; hashicorp/raft BootstrapCluster',
    }),
    electionQuorum: field.count({
      about: 'How many votes make a leader; 0: a majority. If set, voters stay who they are.',
      default: 0,
      min: 0,
      max: 99,
      source: 'Howard, Malkhi & Spiegelman, Flexible Paxos (2016)',
    }),
    replicationQuorum: field.count({
      about: 'How many copies commit an entry; 0: a majority. If set, voters stay who they are.',
      default: 0,
      min: 0,
      max: 99,
      source: 'Howard, Malkhi & Spiegelman, Flexible Paxos (2016)',
    }),
    electionTimeoutMinMs: field.millis({
      about: 'A follower that hears no leader for a time drawn from here on stands for election.',
      default: 150,
      min: 1,
      max: 60_000,
      source: 'Raft paper 9.3: 150-300 ms',
    }),
    electionTimeoutMaxMs: field.millis({
      about: 'The upper end of the range from which each election timeout is drawn.',
      default: 300,
      min: 1,
      max: 60_000,
      source: 'Raft paper 9.3: 150-300 ms',
    }),
    heartbeatMs: field.millis({
      about: 'A leader sends to every follower at least this often.',
      default: 50,
      min: 1,
      max: 30_000,
      source: 'Well below the election timeout (Raft paper 5.2)',
    }),
    preVote: field.flag({
      about: 'Ask whether one could win before raising the term: only an up-to-date log can.',
      default: true,
      source: 'Dissertation 9.6; etcd PreVote',
    }),
    preVoteLease: field.flag({
      about: 'Refuse votes while a leader was heard within the minimum election timeout.',
      default: true,
      source: 'Dissertation 4.2.3; in etcd part of CheckQuorum',
    }),
    checkQuorum: field.flag({
      about: 'A leader that no majority answered within an election timeout steps down.',
      default: true,
      source: 'Dissertation 6.2; etcd CheckQuorum',
    }),
    maxEntriesPerAppend: field.count({
      about: 'The most entries that one append carries.',
      default: 64,
      min: 1,
      max: 10_000,
      source: 'hashicorp/raft MaxAppendEntries',
    }),
    maxInflight: field.count({
      about: 'The most appends under way to one follower.',
      default: 256,
      min: 1,
      max: 100_000,
      source: 'etcd MaxInflightMsgs',
    }),
    maxUncommittedEntries: field.count({
      about:
        'A leader with so many uncommitted entries takes no more writes, and says that it is ' +
        'busy; 0: no limit.',
      default: 0,
      min: 0,
      max: 1_000_000,
      source: 'etcd MaxUncommittedEntriesSize, here in entries instead of bytes',
    }),
    snapshotThreshold: field.count({
      about: 'Entries applied since the last snapshot that lead to the next one; 0: none is taken.',
      default: 8192,
      min: 0,
      max: 1_000_000,
      source: 'hashicorp/raft SnapshotThreshold',
    }),
    trailingEntries: field.count({
      about: 'Entries before a snapshot that stay in the log, for followers a little behind.',
      default: 10_240,
      min: 0,
      max: 1_000_000,
      source: 'hashicorp/raft TrailingLogs',
    }),
    catchUpRounds: field.count({
      about:
        'A new voter that is still far behind after so many rounds of catching up is given up.',
      default: 10,
      min: 1,
      max: 1_000,
      source: 'Dissertation 4.2.1',
    }),
    sessionTimeoutMs: field.millis({
      about: 'A session of a client ends when no command of it came for so long.',
      default: 3_600_000,
      min: 1,
      max: 86_400_000,
      source: 'Dissertation 6.3; LogCabin, one hour',
    }),
    readMode: field.choice(['log-read', 'read-index', 'lease', 'local'], {
      about:
        'How a leader answers reads: with an entry of their own, after a round to a majority, by ' +
        'a lease (needs checkQuorum and preVoteLease), or from its own state.',
      default: 'read-index',
      source: 'Dissertation 6.4',
    }),
    followerReads: field.choice(['refuse', 'forward', 'local'], {
      about:
        'What a follower does with a read: names the leader, asks it from which index on to ' +
        'answer, or answers from its own state.',
      default: 'refuse',
      source: 'Dissertation 6.4; etcd ReadIndex and serializable reads',
    }),
    clockDriftBound: field.number({
      about: "How much faster than this server's clock another may run; a lease is shorter by it.",
      default: 1.1,
      min: 1,
      max: 100,
      unit: 'times',
      source: 'Dissertation 6.4.1',
    }),
  },
  { additionalProperties: false, needs: NEEDS },
);

export type RaftKvConfig = Static<typeof raftKvConfig>;

/** Settings that fit each by itself, and not together. */
export function checkRaftKv(config: RaftKvConfig, group: GroupSettings): void {
  checkTimeouts(config, group.path);
  if (config.readMode === 'lease' && !(config.checkQuorum && config.preVoteLease)) {
    throw new ScenarioError(
      'readMode is lease, which needs checkQuorum and preVoteLease: without them followers may ' +
        'elect another leader while the lease holds.',
      {
        path: `${group.path}/config/readMode`,
        hint: 'Switch both on, or read by read-index.',
      },
    );
  }
  checkQuorums(config, group);
}

/** A follower must hear its leader before it takes it for dead. */
function checkTimeouts(config: RaftKvConfig, path: string): void {
  const { electionTimeoutMinMs: least, electionTimeoutMaxMs: most, heartbeatMs } = config;
  if (least > most) {
    throw new ScenarioError(
      `electionTimeoutMinMs, ${least} ms, must not be more than electionTimeoutMaxMs, ${most} ms.`,
      {
        path: `${path}/config/electionTimeoutMinMs`,
        hint: 'Each wait is drawn between the two.',
      },
    );
  }
  if (heartbeatMs < least) return;
  throw new ScenarioError(
    `heartbeatMs, ${heartbeatMs} ms, must be less than electionTimeoutMinMs, ${least} ms: ` +
      'followers would stand for election between two heartbeats.',
    {
      path: `${path}/config/heartbeatMs`,
      hint: 'Lower it to a third or less, or raise the election timeouts.',
    },
  );
}

function checkQuorums(config: RaftKvConfig, { path, count, off }: GroupSettings): void {
  const { electionQuorum: election, replicationQuorum: replication, initialVoters } = config;
  if (initialVoters > count) {
    throw new ScenarioError(`initialVoters, ${initialVoters}, is more than the ${count} servers.`, {
      path: `${path}/config/initialVoters`,
      hint: `At most ${count}; 0 is all of them.`,
    });
  }
  const voters = initialVoters === 0 ? count : initialVoters;
  const meet = off !== null && !off.includes('raft.quorum-intersection');
  const fault =
    election > voters || replication > voters
      ? `there are only ${voters} voters`
      : quorumsFault({ election, replication, meet }, voters);
  if (fault === null) return;
  throw new ScenarioError(`These quorums are unsafe: ${fault}.`, {
    path: `${path}/config/${election > 0 ? 'electionQuorum' : 'replicationQuorum'}`,
    hint:
      'Let electionQuorum + replicationQuorum be more than the voters, and electionQuorum more ' +
      'than half of them; or switch raft.quorum-intersection off to see what happens.',
  });
}
