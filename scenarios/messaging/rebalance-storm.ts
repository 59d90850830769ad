/**
 * Four consumers are restarted one after the other. How often all of the group has to stop for that
 * depends on how it deals its partitions, and on whether it knows its members again.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  CONSUMER_BROKERS,
  consumersOf,
  controllerOf,
  GROUP_BROKERS,
  membersOf,
  producerOf,
} from '../log-parts.ts';
import { KIP_345, KIP_429, KIP_848 } from '../sources.ts';

const params = {
  strategy: field.choice(['range', 'cooperative-sticky', 'uniform'], {
    about:
      'How partitions are dealt: all are given back first (range, eager), or only those that ' +
      'move are (cooperative); or the coordinator deals them, and nobody waits for all (uniform).',
    default: 'range',
    source: 'Kafka partition.assignment.strategy; group.protocol: consumer',
  }),
  isStatic: field.flag({
    about: 'Members have names of their own, by which the group knows them again.',
    default: false,
    source: 'Kafka group.instance.id',
  }),
  downMs: field.millis({
    about: 'How long a consumer is down in its restart; its session is 6 s.',
    default: 2_000,
    min: 2_000,
    max: 4_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const MEMBERS = 4;
const PARTITIONS = 8;
const FIRST_MS = 10_000;
const EVERY_MS = 8_000;
const BEFORE_MS = FIRST_MS - 500;
const DURATION_MS = FIRST_MS + MEMBERS * EVERY_MS;

/** By the coordinator: the consumer protocol. */
const isDealt = ({ strategy }: Params): boolean => strategy === 'uniform';

/** Of the whole restart: one for each that leaves, and one or two for each that comes back. */
function rebalances({ isStatic, strategy }: Params): number {
  if (isStatic) return 0;
  return MEMBERS * (strategy === 'cooperative-sticky' ? 3 : 2);
}

/**
 * How often a member gives up a partition in all of that: eagerly whoever is there gives up all, in
 * both rebalances of a restart; otherwise whoever is back gets its share, and nothing else moves.
 */
function givenUp({ isStatic, strategy }: Params): number {
  if (isStatic) return 0;
  const share = PARTITIONS / MEMBERS;
  return MEMBERS * (strategy === 'range' ? PARTITIONS - share + PARTITIONS : share);
}

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'as-reckoned',
    use: 'fact-count',
    args: {
      fact: 'group.rebalancing',
      atLeast: rebalances(p) || null,
      atMost: rebalances(p),
      fromMs: BEFORE_MS,
    },
    about: `The restart of all ${MEMBERS} members costs ${rebalances(p)} rebalances.`,
  },
  {
    id: 'group-at-rest',
    use: 'fact-count',
    args: { fact: 'group.rebalancing', atMost: 0, fromMs: BEFORE_MS },
    about: 'The group does not rebalance because its members are restarted.',
  },
  {
    id: 'few-stop',
    use: 'fact-count',
    args: { fact: 'consumer.revoked', atMost: 2 * MEMBERS, fromMs: BEFORE_MS },
    about: 'In each restart two members at most have to give up partitions.',
  },
  {
    id: 'given-up-as-reckoned',
    use: 'gauge',
    args: {
      group: 'c',
      gauge: 'Partitions given up',
      measure: 'total',
      across: 'sum',
      atLeast: givenUp(p) || null,
      atMost: givenUp(p),
      fromMs: BEFORE_MS,
    },
    about: `Partitions are given up ${givenUp(p)} times.`,
  },
  {
    id: 'one-owner',
    use: 'group-deliveries',
    about: 'No partition has two owners at once, and nothing is lost.',
  },
];

function because(p: Params): string {
  if (p.isStatic) {
    return (
      'Members have names: the group keeps a place for whoever is silent until its session is ' +
      'over. Each is back before, under its old name, and takes up the partitions that it had.'
    );
  }
  if (isDealt(p)) {
    return (
      'Each that ends leaves, and each that comes is new: two rebalances a restart. But nobody ' +
      'waits for all: each member hears with its heartbeats what it shall have, gives up what is ' +
      'not its any more, says so, and only then it is handed to the next one.'
    );
  }
  return p.strategy === 'range'
    ? 'Each that ends leaves the group, and each that comes is a new member: two rebalances a ' +
        'restart. In every one of them all members give back all of their partitions first.'
    : 'Each that ends leaves, and its partitions go to the others: one rebalance. Each that ' +
        'comes back costs two: in the first some give up what moves, in the second it is handed ' +
        'over. But all other partitions are read on, all the while.';
}

/** When the first is back, and the others are still to come. */
function soFar(p: Params): Pick<StoryStep, 'title' | 'text'> {
  const one = rebalances(p) / MEMBERS;
  if (p.isStatic) {
    return {
      title: 'Its place is kept',
      text: 'One is back, three are to come. The group is as it was: nobody else was asked.',
    };
  }
  if (p.strategy === 'range') {
    return {
      title: 'Everybody stops',
      text: `One is back, three are to come: ${one} rebalances so far, and all stopped in each.`,
    };
  }
  return {
    title: 'A few stop',
    text:
      `One is back, three are to come: ${one} rebalances so far. The partitions that were not ` +
      'of that one were read all the while, but for those that it is given now.',
  };
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Four members, eight partitions',
    at: { ms: FIRST_MS - 2_000 },
    text: 'Each member of the group reads two partitions. One of the brokers coordinates them.',
    focus: ['c', 'b'],
  },
  {
    title: 'A rolling restart',
    at: { ms: FIRST_MS },
    text:
      `A new version is rolled out: one member after the other is ended and is back after ` +
      `${p.downMs / 1_000} s.`,
    focus: ['c'],
    predict: {
      question: `How often will the group rebalance until all ${MEMBERS} are restarted?`,
      options: ['Never.', 'Four times.', 'Eight times.', 'Twelve times.'],
      answer: p.isStatic ? 0 : p.strategy === 'cooperative-sticky' ? 3 : 2,
      because: because(p),
    },
  },
  {
    ...soFar(p),
    at: { ms: FIRST_MS + p.downMs + 2_500 },
    focus: ['c', 'b'],
  },
  {
    title: 'What it costs',
    at: { ms: DURATION_MS - 1_000 },
    text: p.isStatic
      ? 'Nobody else has noticed. The price: while a member is down nobody reads its partitions, ' +
        'and if it never comes back that lasts for a whole session.'
      : p.strategy === 'range'
        ? 'The bigger the group, the more restarts, and the more members stop in each of them: ' +
          'the cost grows with the square.'
        : isDealt(p)
          ? 'Only what moves is not read, for a heartbeat or two. The coordinator knows at any ' +
            'time who has what, and a slow member holds up nobody but who waits for its share.'
          : 'There are more rebalances than before, and less stops: only what moves is not read.',
    focus: ['c'],
    check: 'few-stop',
  },
];

const restarts = ({ downMs }: Params): FaultEntry[] =>
  Array.from({ length: MEMBERS }, (_, i) => ({
    id: `restart-${i + 1}`,
    fault: { type: 'terminate', target: `c${i + 1}` },
    atMs: FIRST_MS + i * EVERY_MS,
    forMs: downMs,
  }));

function readers(p: Params): GroupPlan {
  const own = { processMs: 5, ...(p.isStatic ? { groupInstanceId: 'reader' } : {}) };
  if (isDealt(p)) return consumersOf(MEMBERS, own);
  const strategy = { partitionAssignmentStrategy: [p.strategy], heartbeatIntervalMs: 1_000 };
  return membersOf(MEMBERS, { ...strategy, ...own });
}

const SUMMARY =
  'A rolling restart of N consumers costs 2 N rebalances in which all stop; dealt cooperatively ' +
  'or by the coordinator only what moves stops; with static members there is no rebalance at all.';

const plan = (p: Params): Plan => ({
  title: 'A storm of rebalances',
  summary: SUMMARY,
  durationMs: DURATION_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf({ partitions: PARTITIONS }, isDealt(p) ? CONSUMER_BROKERS : GROUP_BROKERS),
    // Small batches: records without keys stay with a partition until a batch of it is full.
    producerOf(
      { ratePerSecond: 40, startMs: 1_000, stopMs: DURATION_MS - 4_000 },
      { batchSize: 200 },
    ),
    readers(p),
  ],
  faults: restarts(p),
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'messaging/rebalance-storm',
  title: 'A storm of rebalances',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KIP_345, KIP_429, KIP_848],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Eager: eight rebalances, and in each all members give up all that they read.',
      expect: { 'group-at-rest': { breaks: {} }, 'few-stop': { breaks: {} } },
    },
    {
      name: 'cooperative',
      about: 'Cooperative: twelve rebalances, but in each restart two members give up one.',
      params: { strategy: 'cooperative-sticky' },
      expect: { 'group-at-rest': { breaks: {} } },
    },
    {
      name: 'consumer',
      about: 'The coordinator deals (KIP-848): eight rebalances, and nobody stops for them.',
      params: { strategy: 'uniform' },
      expect: { 'group-at-rest': { breaks: {} } },
    },
    {
      name: 'static',
      about: 'Static members, eager: no rebalance at all.',
      params: { isStatic: true },
    },
    {
      name: 'static-consumer',
      about: 'Static members of the consumer protocol: none either.',
      params: { strategy: 'uniform', isStatic: true },
    },
  ],
  thingsToTry: [
    'Kill a member by hand instead of ending it: when do the others take over its partitions?',
    'Look at the lag of the group while it rebalances, eager and cooperative.',
    'Switch group.join-barrier off: who reads a partition that is not its any more?',
    'With uniform, switch group.revoke-before-assign off: the same, for another reason.',
  ],
  leavesOut: [
    'Groups that change from the one protocol to the other while they have members.',
    'Assignments that weigh where replicas are, and groups that subscribe to different topics.',
  ],
});
