/**
 * Reads from any follower of a consensus group: quick, and out of date.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { clientsAt } from '../quorum-parts.ts';
import { ETCD_GUARANTEES, HAT, RAFT_DISSERTATION, SESSION_GUARANTEES } from '../sources.ts';

const params = {
  followerReads: field.choice(['local', 'forward'], {
    about:
      'What a follower does with a read: answers from what it has, or asks the leader how ' +
      'far the ' +
      'log was committed and waits until it has applied as much.',
    default: 'local',
    source: 'etcd: serializable and linearizable reads; Dissertation 6.4',
  }),
  routing: field.choice(['random', 'home'], {
    about: 'Where a read goes: to any server, as behind a load balancer, or always to the same.',
    default: 'random',
  }),
  slowestLinkMs: field.millis({
    about: 'How long a message between two servers may take; each takes 10 ms at least.',
    default: 60,
    min: 40,
    max: 100,
  }),
};

type Params = Static<TObject<typeof params>>;

const BEGIN_MS = 500;
/** There is a leader by then. */
const READY_MS = 2_500;
const STOP_MS = 8_500;
const DURATION_MS = 10_000;
/** Longer than a follower is ever behind. */
const SETTLED_MS = 400;

function groups(p: Params): readonly GroupPlan[] {
  const client = (name: string, place: number): GroupPlan =>
    clientsAt(name, place, 4, {
      routing: p.routing,
      keys: 2,
      readShare: 0.75,
      thinkMs: 25,
      startMs: BEGIN_MS,
      stopMs: STOP_MS,
    });
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: 3,
      config: {
        followerReads: p.followerReads,
        electionTimeoutMinMs: 400,
        electionTimeoutMaxMs: 800,
        heartbeatMs: 100,
      },
      disk: { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
    },
    client('a', 1),
    client('b', 2),
    client('c', 3),
  ];
}

function checks(): readonly CheckPlan[] {
  return [
    { id: 'raft-safety', use: 'raft-safety', about: 'The promises of Raft hold throughout.' },
    {
      id: 'no-write-is-lost',
      use: 'staleness',
      args: { olderThanMs: SETTLED_MS },
      about: `A write that was acknowledged ${SETTLED_MS} ms ago is seen by everybody.`,
    },
    {
      id: 'never-stale',
      use: 'staleness',
      about: 'No read misses a write that was acknowledged before it began.',
    },
    {
      id: 'never-goes-back',
      use: 'session',
      args: { guarantee: 'monotonic-reads' },
      about: 'Who has read a value does not read an older one later.',
    },
    {
      id: 'reads-its-writes',
      use: 'session',
      args: { guarantee: 'read-your-writes' },
      about: 'Who has written a value does not read an older one.',
    },
    { id: 'linearizable', use: 'linearizable', about: 'Everybody sees one copy.' },
    {
      id: 'all-is-answered',
      use: 'slo',
      args: { metric: 'success-share', atLeast: 1, operationsMin: 100, fromMs: READY_MS },
      about: 'Nothing fails: a follower that is only a little late is enough.',
    },
    {
      id: 'reads-are-local',
      use: 'slo',
      args: { metric: 'p50-ms', operation: 'get', atMost: 5, fromMs: READY_MS },
      about: 'Half of the reads take one way to the nearest server and back.',
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  const isLocal = p.followerReads === 'local';
  const isHome = p.routing === 'home';
  return [
    {
      title: 'One leader, two followers',
      at: { when: 'one-leader' },
      text:
        'All writes go through the leader. Reads need not: each follower has a copy of all that ' +
        'is committed. Well, of nearly all.',
      focus: [{ role: 'leader', group: 'n' }],
    },
    {
      title: 'How a follower learns',
      at: { ms: READY_MS + 500 },
      text:
        'The leader answers a write once a majority has it on disk. That it is committed the ' +
        `followers hear with the next message, up to ${p.slowestLinkMs} ms after the client did.`,
      predict: {
        question: isHome
          ? 'A client always asks the same follower. What may it see?'
          : 'A client asks one server after the other for the same key. What may it see?',
        options: [
          'Always the newest value.',
          'Old values, but never an older one than it has seen before.',
          'Old values, and even older ones after newer ones.',
        ],
        answer: isLocal ? (isHome ? 1 : 2) : 0,
        because: isLocal
          ? isHome
            ? 'One follower applies the log in order, so what it shows never goes back. But it ' +
              'is behind the leader, so even the client’s own write may be missing when it looks.'
            : 'Each server is somewhere else in the log. Going from one to another the client ' +
              'may go forward in time, and back.'
          : 'The follower asks the leader for the commit index, the leader makes sure that it ' +
            'still leads, and the follower waits until it has applied as much. Then its answer ' +
            'is as good as the leader’s.',
      },
      focus: ['a', 'n'],
      check: 'never-goes-back',
    },
    {
      title: 'Late is not lost',
      at: { ms: 6_000 },
      text:
        'Nothing that was acknowledged ever goes missing: it is in the log of a majority, and a ' +
        'moment later everywhere. ' +
        (isLocal
          ? 'Reads are late, the store is sound.'
          : 'A read waits for it, wherever it is asked.'),
      focus: ['n'],
      check: 'no-write-is-lost',
    },
    {
      title: 'The price of a fresh read',
      at: { ms: STOP_MS },
      text: isLocal
        ? 'Reads took one way to a server and back. A fresh one would have to ask the leader, ' +
          'and ' +
          'the leader a majority.'
        : 'Each read at a follower has cost a message to the leader, and the leader a round to a ' +
          'majority. The work of answering is spread, the waiting is not.',
      focus: ['n'],
      check: 'reads-are-local',
    },
  ];
}

function plan(p: Params): Plan {
  return {
    title: 'Reads from any follower',
    summary:
      'Three Raft servers; reads go to any of them. The log is the same everywhere, only not at ' +
      'the same time.',
    durationMs: DURATION_MS,
    network: {
      latency: { kind: 'uniform', minMs: 1, maxMs: 2 },
      links: [
        { from: 'n', to: 'n', latency: { kind: 'uniform', minMs: 10, maxMs: p.slowestLinkMs } },
      ],
    },
    groups: groups(p),
    faults: [],
    checks: checks(),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/follower-reads',
  title: 'Reads from any follower',
  summary:
    'A consensus group whose followers answer reads by themselves: no write is lost, but ' +
    'reads are ' +
    'stale, miss the client’s own writes, and go back when the client changes servers.',
  tier: 'calm',
  sources: [
    { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, section 6.4` },
    ETCD_GUARANTEES,
    SESSION_GUARANTEES,
    HAT,
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Any server answers from what it has: stale, and back in time.',
      expect: {
        'never-stale': { breaks: {} },
        'never-goes-back': { breaks: { witness: 'monotonic-reads' } },
        'reads-its-writes': { breaks: { witness: 'read-your-writes' } },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'sticky',
      about: 'Always the same server: nothing goes back, but own writes are still missed.',
      params: { routing: 'home' },
      expect: {
        'never-stale': { breaks: {} },
        'reads-its-writes': { breaks: {} },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'read-index',
      about: 'Followers ask the leader how far to wait: linearizable, at the price of a round.',
      params: { followerReads: 'forward' },
      expect: { 'reads-are-local': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Bring the servers nearer to each other: how much less often is a read stale?',
    'Cut one follower off by hand and read from it: how old does it get?',
    'Combine one home for each client with reads that ask the leader.',
  ],
  leavesOut: [
    'An index in the client’s hands: a follower that waits for it gives every session guarantee.',
    'Leases of the leader, which save the round.',
  ],
});
