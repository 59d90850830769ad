/**
 * A replica whose leader has changed has to find out how much of its log it may keep. Kafka went by
 * the high watermark that it had heard of; since KIP-101 it goes by leader epochs.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, Static, StoryStep, TObject } from 'faultline';
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
  truncatedExactly,
} from '../log-parts.ts';
import { KAFKA_REPLICATION, KIP_101, KIP_320 } from '../sources.ts';

const params = {
  happens: field.choice(['leaders-die', 'disk-lies', 'power-lost'], {
    about:
      'Two leaders die, one after the other; or the disk of the only follower does not write, ' +
      'and both brokers lose power; or they lose it, and the disk has written.',
    default: 'leaders-die',
    source: 'KIP-101, scenario 1 and scenario 2',
  }),
};
type Params = Static<TObject<typeof params>>;
type Happens = Params['happens'];

const RULE = 'partition.epoch-truncation';
const RATE = 20;
const START_MS = 1_000;

/** Batches of a second: a follower hears that the last one is committed half a second later. */
const LINGER_MS = 1_000;
const BATCH = (RATE * LINGER_MS) / 1_000;
const FIRST_DEATH_MS = 10_200;
const SECOND_DEATH_MS = 22_000;

const LIE_MS = 9_000;
/** High watermarks are written down every five seconds. */
const CHECKPOINT_MS = 10_000;
const POWER_MS = 12_000;
/** Later, so that the follower is the one that the controller misses last. */
const POWER_TOO_MS = 14_000;
const SOCKET_MS = 3_000;

const BACK_MS = 34_000;
const END_MS = 40_000;

interface Outcome {
  readonly lost: number;
  readonly diverged: number;
  /** By all brokers together. */
  readonly dropped: number;
}

const OUTCOMES: { readonly [happens in Happens]: (byEpochs: boolean) => Outcome } = {
  // What the second leader took and nobody fetched it drops; and the missing batch all three drop.
  'leaders-die': (byEpochs) => ({
    lost: byEpochs ? 0 : BATCH,
    diverged: 0,
    dropped: byEpochs ? BATCH : 4 * BATCH,
  }),
  'disk-lies': (byEpochs) => {
    const lost = (RATE * (POWER_MS - LIE_MS)) / 1_000;
    const diverged = byEpochs ? 0 : (RATE * (CHECKPOINT_MS - LIE_MS)) / 1_000;
    return { lost, diverged, dropped: lost - diverged };
  },
  // What leader epochs cannot mend: only a copy that was kept brings records back.
  'power-lost': () => ({ lost: 0, diverged: 0, dropped: 0 }),
};

const POWER_LOST: readonly FaultEntry[] = [
  {
    id: 'leader-loses-power',
    fault: { type: 'crash', target: LEADER },
    atMs: POWER_MS,
    forMs: BACK_MS - POWER_MS,
  },
  {
    id: 'follower-loses-power',
    fault: { type: 'crash', target: { role: 'follower', group: 'b' } },
    atMs: POWER_TOO_MS,
    forMs: 1_000,
  },
];

const FAULTS: { readonly [happens in Happens]: readonly FaultEntry[] } = {
  'leaders-die': [
    {
      id: 'followers-apart',
      fault: { type: 'cut-link', a: FOLLOWERS, b: FOLLOWERS },
      atMs: FIRST_DEATH_MS,
      forMs: BACK_MS - FIRST_DEATH_MS,
    },
    {
      id: 'leader-dies',
      fault: { type: 'crash', target: LEADER, machineUp: true },
      atMs: FIRST_DEATH_MS,
      forMs: BACK_MS - FIRST_DEATH_MS,
    },
    {
      id: 'next-leader-dies',
      fault: { type: 'crash', target: LEADER, machineUp: true },
      atMs: SECOND_DEATH_MS,
      forMs: BACK_MS - SECOND_DEATH_MS,
    },
  ],
  'disk-lies': [
    { id: 'disk-lies', fault: { type: 'fsync-off', target: FOLLOWERS }, atMs: LIE_MS },
    ...POWER_LOST,
  ],
  'power-lost': POWER_LOST,
};

const checks = ({ lost, diverged, dropped }: Outcome): readonly CheckPlan[] => [
  everythingThere,
  {
    ...lostExactly(
      lost,
      'As many records are lost, and at as many offsets logs differ, as can be reckoned.',
    ),
    args: { lost, diverged },
  },
  truncatedExactly(dropped, `All brokers together drop ${dropped} records of their logs.`),
  {
    id: 'logs-agree',
    use: 'records',
    args: { duplicated: null, reordered: null, lost: null },
    about: 'In the end no two replicas hold different records at one offset.',
  },
  nothingCommittedLost,
  {
    id: 'leaders-change',
    use: 'fact-count',
    args: { fact: 'controller.elected', atLeast: 2 },
    about: 'The controller elects another leader, twice.',
  },
];

const storyOfDeaths = (byEpochs: boolean): readonly StoryStep[] => [
  {
    title: 'Committed, and not known to be',
    at: { ms: 9_500 },
    text:
      `Batches of ${BATCH} records, one a second. When both followers have fetched a batch it is ` +
      'committed; that it is they hear with the answer to their next fetch, half a second later.',
    focus: ['b'],
  },
  {
    title: 'The leader dies',
    at: { ms: FIRST_DEATH_MS },
    text:
      'It dies just after it has acknowledged a batch. The followers have the batch, and do not ' +
      'know that it is committed. The link between the two is dead as well.',
    focus: ['b'],
    predict: {
      question:
        'One of the two will lead. The other one follows it, and cannot reach it. What does it ' +
        `do with the last ${BATCH} records of its log?`,
      options: [
        'It keeps them: it drops only what is surely not in the log of its leader.',
        'It drops them at once: nobody has told it that they are committed.',
        'It asks the consumer.',
      ],
      answer: byEpochs ? 0 : 1,
      because: byEpochs
        ? 'Each record says in which leader’s time it was written. The follower says so when it ' +
          'fetches, and only the leader’s answer makes it drop anything. There is none yet.'
        : 'It goes by the high watermark that it has heard of, which is half a second old. It ' +
          'means to fetch them again from the new leader. If that is not possible, they are gone.',
    },
  },
  {
    title: 'The next leader dies',
    at: { ms: SECOND_DEATH_MS },
    text:
      'The second leader dies before anybody has fetched from it. The last broker was in sync ' +
      'all the time, so it leads in the end.',
    focus: ['b'],
  },
  {
    title: byEpochs ? 'Nothing is missing' : 'A batch is missing',
    at: { ms: BACK_MS + 3_000 },
    text: byEpochs
      ? 'The last broker has everything that was acknowledged, and the two others are back.'
      : `The ${BATCH} records were on three disks. The last broker has dropped them by itself, ` +
        'and the two others drop them because their leader does not have them.',
    focus: ['b'],
    check: 'nothing-lost',
  },
];

const storyOfLies = (byEpochs: boolean): readonly StoryStep[] => [
  {
    title: 'A disk that lies',
    at: { ms: LIE_MS },
    text:
      'Two brokers. From now on the disk of the follower says “written” before it is. The leader ' +
      'notes at ten seconds that everything up to then is committed.',
    focus: ['b'],
  },
  {
    title: 'Both lose power',
    at: { ms: POWER_TOO_MS },
    text: 'First the leader, then the follower; it comes back at once, without its last records.',
    focus: ['b'],
    predict: {
      question:
        'The follower will lead, and write other records where its own are missing. What ' +
        'will the old leader do with its log when it is back?',
      options: [
        'It drops all that the new leader does not have, and fetches the rest.',
        'It keeps what it knows to be committed: the two logs differ for ever.',
        'It sends the missing records to the new leader.',
      ],
      answer: byEpochs ? 0 : 1,
      because: byEpochs
        ? 'It fetches with the epoch of its last record, and the leader answers where that epoch ' +
          'ends in its own log. What comes after is dropped: the records are lost, but the logs ' +
          'are the same again.'
        : 'It keeps everything below its high watermark, and fetches what comes after. Between ' +
          `${LIE_MS / 1_000} s and ${CHECKPOINT_MS / 1_000} s that makes ` +
          `${OUTCOMES['disk-lies'](false).diverged} offsets with two different records.`,
    },
  },
  {
    title: 'The follower leads',
    at: { ms: 27_000 },
    text: 'It lacks three seconds, and takes new records at the offsets of those that it lacks.',
    focus: ['b'],
    check: 'nothing-lost',
  },
  {
    title: byEpochs ? 'One log again' : 'Two logs for ever',
    at: { ms: BACK_MS + 3_000 },
    text: byEpochs
      ? 'The old leader is back, and has dropped what its leader does not have.'
      : 'The old leader is back. What a consumer reads at an offset depends on who leads.',
    focus: ['b'],
    check: 'logs-agree',
  },
];

const storyOfPower: readonly StoryStep[] = [
  {
    title: 'A disk that keeps its word',
    at: { ms: LIE_MS },
    text:
      'Two brokers. What the follower has acknowledged is on its disk, and what both have is ' +
      'committed.',
    focus: ['b'],
  },
  {
    title: 'Both lose power',
    at: { ms: POWER_TOO_MS },
    text: 'First the leader, then the follower; it comes back at once, and reads its log.',
    focus: ['b'],
    predict: {
      question: 'The follower will lead. What will the old leader do with its log when it is back?',
      options: [
        'It keeps all of it, and fetches what came since.',
        'It drops what it took last, and fetches the rest.',
        'It drops its whole log: another one leads.',
      ],
      answer: 0,
      because:
        'The new leader has everything that the old one had. It answers that the epoch of the ' +
        'last record of the old one ends just behind that.',
    },
  },
  {
    title: 'The follower leads',
    at: { ms: 27_000 },
    text: 'It lacks nothing, and takes new records behind those that both have.',
    focus: ['b'],
    check: 'nothing-lost',
  },
  {
    title: 'Two logs, one history',
    at: { ms: BACK_MS + 3_000 },
    text:
      'The old leader is back. Leader epochs make two logs agree; that nothing is lost is the ' +
      'work of a disk that writes what it says it has written.',
    focus: ['b'],
    check: 'logs-agree',
  },
];

const STORIES: {
  readonly [happens in Happens]: (byEpochs: boolean) => readonly StoryStep[];
} = {
  'leaders-die': storyOfDeaths,
  'disk-lies': storyOfLies,
  'power-lost': () => storyOfPower,
};

const SUMMARY =
  'After a change of leaders a replica that goes by its own high watermark throws committed ' +
  'records away, or keeps other ones than its leader. Leader epochs mend both.';

function plan(p: Params, ablations: readonly string[]): Plan {
  const byEpochs = !ablations.includes(RULE);
  const isBatched = p.happens === 'leaders-die';
  return {
    title: 'How much of a log to keep',
    summary: SUMMARY,
    durationMs: END_MS,
    network: { latency: { kind: 'constant', ms: 1 } },
    groups: [
      controllerOf(),
      brokersOf({}, { replicaSocketTimeoutMs: SOCKET_MS }, undefined, isBatched ? 3 : 2),
      producerOf(
        { ratePerSecond: RATE, startMs: START_MS, stopMs: END_MS - 2_000 },
        isBatched ? { lingerMs: LINGER_MS } : { requestTimeoutMs: SOCKET_MS },
      ),
      consumer,
    ],
    faults: FAULTS[p.happens],
    checks: checks(OUTCOMES[p.happens](byEpochs)),
    story: STORIES[p.happens](byEpochs),
  };
}

export default defineScenario({
  id: 'messaging/truncation',
  title: 'How much of a log to keep',
  summary: SUMMARY,
  tier: 'lossy',
  sources: [KIP_101, KIP_320, KAFKA_REPLICATION],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Two leaders die. Replicas go by leader epochs: nothing is lost.',
    },
    {
      name: 'high-watermark',
      about: 'The same, by high watermarks, as before KIP-101: a batch of 20 is lost.',
      ablations: [RULE],
      expect: {
        'nothing-lost': { breaks: { witness: 'of 20 lost' } },
        'committed-stays': { breaks: {} },
        'log-history': { breaks: { witness: 'At offset' } },
      },
    },
    {
      name: 'disk-lies',
      about: 'A disk lies, and 60 records are lost; by leader epochs the logs are one again.',
      params: { happens: 'disk-lies' },
      expect: {
        'nothing-lost': { breaks: { witness: 'of 60 lost' } },
        'committed-stays': { breaks: {} },
        'log-history': { breaks: { witness: 'At offset' } },
      },
    },
    {
      name: 'diverged',
      about: 'The same by high watermarks: at 20 offsets the two logs differ for ever.',
      params: { happens: 'disk-lies' },
      ablations: [RULE],
      expect: {
        'nothing-lost': { breaks: { witness: 'of 60 lost' } },
        'logs-agree': { breaks: { witness: 'of 20 diverged' } },
        'committed-stays': { breaks: {} },
        'log-history': { breaks: { witness: 'At offset' } },
      },
    },
    {
      name: 'power-lost',
      about: 'The same losses of power, and a disk that writes: nothing is lost, none differ.',
      params: { happens: 'power-lost' },
    },
  ],
  thingsToTry: [
    'In the second variant, heal the link between the followers by hand at 20 s. What is lost?',
    'Switch off partition.epoch-lookup instead: does anything change with so few leaders?',
    'Let the disk lie from 10.5 s on, by hand: why do the logs not differ then?',
  ],
  leavesOut: [
    'The quorum of controllers: here it is one node, and it is up within half a second.',
    'The answer before 2.7 (OffsetsForLeaderEpoch): truncateOnFetch: false asks for it.',
    'Leaders that change before a follower has asked: quick-elections shows them (KIP-279).',
  ],
});
