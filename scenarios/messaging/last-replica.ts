/**
 * Two replicas leave the list of those in sync, one after the other; the last one loses power and
 * what its machine had not written down. One of the two others still has it all: may it lead?
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  consumer,
  controllerOf,
  everythingThere,
  FOLLOWERS,
  LEADER,
  lostExactly,
  nothingCommittedLost,
  producerOf,
  sentWithin,
  SESSION_MS,
  truncatedExactly,
  UNDER_WAY_MS,
} from '../log-parts.ts';
import { KAFKA_REPLICATION, KIP_966 } from '../sources.ts';

const params = {
  eligibleLeaderReplicasVersion: field.count({
    about: '1: who left a list that was too short then may lead when the list is empty.',
    default: 0,
    min: 0,
    max: 1,
    source: 'Kafka eligible.leader.replicas.version: 0 in 4.0, 1 in new clusters since 4.1',
  }),
  aloneMs: field.millis({
    about: 'How long the leader is without both followers before it loses power.',
    default: 2_000,
    min: 1_700,
    max: 5_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 20;
const START_MS = 1_000;
const LAG_MS = 1_000;
/** Short of Kafka's 30 s, so that a link that is back is used again soon. */
const SOCKET_MS = 3_000;
const FIRST_MS = 8_000;
const SECOND_MS = 10_000;
/** What the kernel writes down by itself: data that is so old. */
const WRITE_BACK_MS = 5_000;
const POWER_FOR_MS = 1_000;
/** max.in.flight.requests.per.connection */
const IN_FLIGHT = 5;
/** Of the controller, the leader and the producer. */
const ANSWERS_MS = 5;
const powerMs = (p: Params): number => SECOND_MS + p.aloneMs;
const missedMs = (p: Params): number => powerMs(p) + SESSION_MS + 200;
const endMs = (p: Params): number => missedMs(p) + 8_000;

/**
 * What was sent by then is on the leader's disk. While it waits for the follower that has left,
 * five requests are under way, and what comes behind them it hears only when that is over.
 */
function onDiskMs(p: Params): number {
  const writtenMs = powerMs(p) - WRITE_BACK_MS;
  const heldUpMs = FIRST_MS + (IN_FLIGHT * 1_000) / RATE;
  const isHeldUp = writtenMs > heldUpMs && writtenMs < FIRST_MS + LAG_MS + ANSWERS_MS;
  return isHeldUp ? heldUpMs : writtenMs;
}

const hasElr = (p: Params): boolean => p.eligibleLeaderReplicasVersion > 0;
/**
 * Committed by the leader and the second follower, and too young to be on the leader's disk. The
 * last of them was sent one gap before the follower was cut off.
 */
const youngSince = (p: Params, leftMs: number): number =>
  sentWithin(leftMs + UNDER_WAY_MS - onDiskMs(p) - 1_000 / RATE, RATE);
const young = (p: Params): number => youngSince(p, SECOND_MS);
const lost = (p: Params): number => (hasElr(p) ? 0 : young(p));

/** What both followers drop. */
const dropped = (p: Params): number =>
  hasElr(p) ? 0 : young(p) + Math.max(0, youngSince(p, FIRST_MS));

const checks = (p: Params): readonly CheckPlan[] => [
  everythingThere,
  lostExactly(
    lost(p),
    lost(p) === 0
      ? 'No acknowledged record is lost.'
      : 'What was acknowledged, and too young to be on the disk of the leader, is lost.',
  ),
  truncatedExactly(
    dropped(p),
    dropped(p) === 0
      ? 'No broker drops a record.'
      : `The two others drop what the leader has lost, ${dropped(p)} records: two copies of most.`,
  ),
  nothingCommittedLost,
  {
    id: 'the-last-one',
    use: 'gauge',
    args: { group: 'b', gauge: 'Under min ISR', measure: 'max', across: 'sum', atLeast: 1 },
    about: 'There is a time when the leader alone is in sync.',
  },
  {
    id: 'never-offline',
    use: 'fact-count',
    args: { fact: 'controller.offline', atMost: 0 },
    about: 'The controller always finds somebody who may lead.',
  },
];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Two of three',
    at: { ms: 3_000 },
    text:
      'min.insync.replicas is 2. Nobody flushes: a record is safe because two machines have it ' +
      'in memory, and each writes it down when it is five seconds old.',
    focus: ['b'],
  },
  {
    title: 'One falls behind',
    at: { ms: FIRST_MS },
    text:
      'A follower does not reach the leader any more, and is taken off the list a second later. ' +
      'Two are left, and that is enough.',
    focus: ['b'],
  },
  {
    title: 'The second one, too',
    at: { ms: SECOND_MS },
    text:
      'The other follower does not reach the leader either. It leaves the list, too: now the ' +
      'leader commits nothing. All that was ever committed is on the second follower as well.',
    focus: ['b'],
    check: 'the-last-one',
  },
  {
    title: 'The leader loses power',
    at: { ms: powerMs(p) },
    text:
      'Its machine starts again a second later, without what was not on its disk. The links are ' +
      'whole again.',
    focus: ['b'],
    predict: {
      question: 'Who leads the partition, and how many acknowledged records are lost?',
      options: [
        `The old leader: it alone was in sync. It lacks ${young(p)} records.`,
        'The second follower: it left when nothing more was committed. Nothing is lost.',
        'The first follower: it has been away for the longest time.',
      ],
      answer: hasElr(p) ? 1 : 0,
      because: hasElr(p)
        ? 'With eligible leader replicas the controller remembers who left a list that was too ' +
          'short then. Nothing was committed since, so it has everything. The old leader ended ' +
          'without a clean shutdown, so it may not lead.'
        : young(p) === 0
          ? 'The last one on the list is never taken off it, whatever has become of its disk. ' +
            'What was committed is five seconds old, so this time it has written it all down.'
          : 'The last one on the list is never taken off it, whatever has become of its disk. It ' +
            'leads again, and the others drop what it does not have: two copies are thrown away. ' +
            `Committed from ${(powerMs(p) - WRITE_BACK_MS) / 1_000} s to ${SECOND_MS / 1_000} s: ` +
            `${young(p)} records.`,
    },
  },
  {
    title: lost(p) === 0 ? 'One that has it all' : 'Two copies thrown away',
    at: { ms: missedMs(p) + 4_000 },
    text: hasElr(p)
      ? 'The second follower leads. The old leader fetches from it what it had lost itself.'
      : 'The old leader leads again, and its followers drop what it does not have.',
    focus: ['b'],
    check: 'nothing-lost',
  },
];

const SUMMARY =
  'The last replica in sync loses power and records that another one still has. Without eligible ' +
  'leader replicas it leads again all the same, and the copies are dropped.';

const plan = (p: Params): Plan => ({
  title: 'The last replica standing',
  summary: SUMMARY,
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf({ eligibleLeaderReplicasVersion: p.eligibleLeaderReplicasVersion }),
    brokersOf(
      { minInsyncReplicas: 2 },
      { replicaLagTimeMaxMs: LAG_MS, replicaSocketTimeoutMs: SOCKET_MS },
      { fsyncOn: false },
    ),
    producerOf(
      { ratePerSecond: RATE, startMs: START_MS, stopMs: endMs(p) - 2_000 },
      { requestTimeoutMs: SOCKET_MS },
    ),
    consumer,
  ],
  faults: [
    {
      id: 'first-leaves',
      fault: { type: 'cut-link', a: LEADER, b: { first: 1, of: FOLLOWERS } },
      atMs: FIRST_MS,
      forMs: powerMs(p) - FIRST_MS,
    },
    {
      id: 'second-leaves',
      fault: { type: 'cut-link', a: LEADER, b: FOLLOWERS },
      atMs: SECOND_MS,
      forMs: p.aloneMs,
    },
    {
      id: 'power',
      fault: { type: 'crash', target: LEADER },
      atMs: powerMs(p),
      forMs: POWER_FOR_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'messaging/last-replica',
  title: 'The last replica standing',
  summary: SUMMARY,
  tier: 'lossy',
  sources: [KIP_966, KAFKA_REPLICATION],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Without eligible leader replicas 60 committed records are lost, with two copies.',
      expect: {
        'nothing-lost': { breaks: { witness: 'of 60 lost' } },
        'committed-stays': { breaks: { witness: '60 committed records are lost' } },
        'log-history': { breaks: { witness: 'At offset' } },
        'never-offline': { breaks: {} },
      },
    },
    {
      name: 'eligible',
      about: 'With them the second follower leads: it left when nothing more was committed.',
      params: { eligibleLeaderReplicasVersion: 1 },
    },
    {
      name: 'written-down',
      about: 'Power fails five seconds later: all that was committed is on the disk by then.',
      params: { aloneMs: 5_000 },
      expect: { 'never-offline': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Set aloneMs to 3 s: 20 records less are lost for each second. Why?',
    'Let the second follower lose power as well, by hand: who may lead with eligible replicas?',
    'Cut both followers off at once, by hand: who is eligible then, and who has it all?',
  ],
  leavesOut: [
    'The quorum of controllers: here it is one node, and it is up within half a second.',
    'log.flush.interval.messages: a broker that flushes each record would not have lost any.',
    'The election of a replica that was eligible once (last known ELR), and unclean recovery.',
  ],
});
