/**
 * The leader of a partition is cut off together with its clients, and goes on. What they were told
 * meanwhile is worth as much as they asked for: with acks=1 nothing, with acks=all everything.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  consumer,
  controllerOf,
  everythingThere,
  LEADER,
  lostExactly,
  nothingCommittedLost,
  producerOf,
  sentWithin,
  SESSION_MS,
  truncatedExactly,
} from '../log-parts.ts';
import { KAFKA_PRODUCER_CONFIGS, KAFKA_REPLICATION, KIP_497 } from '../sources.ts';

const params = {
  acks: field.choice(['1', 'all', '0'], {
    about: 'Who must have a record before it counts as written: the leader, all in sync, nobody.',
    default: '1',
    source: 'Kafka acks: all since 3.0, 1 before',
  }),
  minInsyncReplicas: field.count({
    about: 'With fewer in sync nothing is committed.',
    default: 2,
    min: 1,
    max: 3,
    source: 'Kafka min.insync.replicas',
  }),
  cutMs: field.millis({
    about: 'How long the leader and its clients are cut off from all others.',
    default: 15_000,
    min: 2_000,
    max: 25_000,
  }),
  deliveryTimeoutMs: field.millis({
    about: 'After so long a record that is not acknowledged is given up.',
    default: 120_000,
    min: 6_000,
    max: 120_000,
    source: 'Kafka delivery.timeout.ms; request.timeout.ms is a second less, 30 s at most',
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 20;
const START_MS = 1_000;
const CUT_MS = 5_000;
const REQUEST_MS = 30_000;
/** Short of Kafka's 30 s: a fetch that was lost in the cut is sent again soon after it. */
const SOCKET_MS = 3_000;
const healMs = (p: Params): number => CUT_MS + p.cutMs;

type Fate = 'unnoticed' | 'open' | 'replaced';

/**
 * A heartbeat waits half a session for its answer before it is sent again; after a whole session
 * without one the controller elects another leader.
 */
function fate({ cutMs }: Params): Fate {
  if (cutMs <= SESSION_MS / 2 - 200) return 'unnoticed';
  return cutMs < SESSION_MS + 300 ? 'open' : 'replaced';
}

const taken = (p: Params): number => sentWithin(p.cutMs, RATE);

/** Null: it depends on when the last heartbeat was. */
function lost(p: Params): number | null {
  if (p.acks === 'all' || fate(p) === 'unnoticed') return 0;
  return fate(p) === 'open' ? null : taken(p);
}

/** max.in.flight.requests.per.connection: as many as acks=all lets out, a record each. */
const IN_FLIGHT = 5;

/** What the old leader drops; null: that depends on when a heartbeat, or a record, was given up. */
function dropped(p: Params): number | null {
  if (fate(p) !== 'replaced') return fate(p) === 'open' ? null : 0;
  if (p.acks !== 'all') return taken(p);
  return p.deliveryTimeoutMs > p.cutMs ? IN_FLIGHT : null;
}

function checks(p: Params): readonly CheckPlan[] {
  const gone = dropped(p);
  const elections = fate(p) === 'replaced' ? 1 : 0;
  return [
    everythingThere,
    lostExactly(
      lost(p),
      lost(p) === 0
        ? 'No acknowledged record is lost.'
        : `${RATE} records a second, for as long as the cut lasts: all of them are lost.`,
    ),
    {
      id: 'writes-go-on',
      use: 'slo',
      args: {
        metric: 'ok-count',
        clients: 'p',
        atLeast: taken(p) - 2,
        fromMs: CUT_MS,
        operationsMin: 0,
        untilMs: healMs(p),
      },
      about: 'While the leader is cut off, records are acknowledged as before.',
    },
    nothingCommittedLost,
    ...(gone === null
      ? []
      : [
          truncatedExactly(
            gone,
            gone === 0
              ? 'No broker drops a record.'
              : `The old leader drops what it has taken alone: ${gone} records.`,
          ),
        ]),
    ...(fate(p) === 'open'
      ? []
      : [
          {
            id: 'another-leads',
            use: 'fact-count',
            args: { fact: 'controller.elected', atLeast: elections || null, atMost: elections },
            about:
              elections === 1
                ? 'The controller misses the heartbeats of the leader and elects another.'
                : 'The cut is over before the controller misses the leader.',
          },
        ]),
  ];
}

const takenAlone = ({ acks }: Params): string =>
  'The old leader does not know that it was replaced. It appends, and ' +
  (acks === '0' ? 'with acks=0 nobody waits for more' : 'for acks=1 its own log is enough') +
  '. When it is back, its log leaves the new leader’s where the cut began, so it drops all that ' +
  'came since.';

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const count = taken(p);
  const isShort = fate(p) === 'unnoticed';
  const acks = `acks=${p.acks}`;
  return {
    question:
      `${RATE} records a second are sent with ${acks}, and the cut lasts ${p.cutMs / 1_000} s. ` +
      'How many acknowledged records will be lost in the end?',
    options: [
      'None.',
      `${count}: all that were sent during the cut.`,
      'That depends on when the leader was heard last.',
    ],
    answer: lost(p) === null ? 2 : lost(p) === 0 ? 0 : 1,
    because:
      p.acks === 'all'
        ? 'With acks=all a record counts when every in-sync replica has it, and the two others ' +
          'are out of reach. Nothing is acknowledged, so nothing that was promised can be lost: ' +
          (isPatient(p)
            ? 'the producer waits, and sends the records again to the new leader.'
            : 'the producer waits, and tells the application that it gives records up.')
        : isShort
          ? 'The controller gives a broker nine seconds. The cut is over before, so the leader ' +
            'still leads, and the two others fetch what they have missed.'
          : fate(p) === 'open'
            ? 'The controller gives a broker nine seconds, counted from its last heartbeat, and ' +
              'the leader sends one again only after half of that: it may be in time, or not.'
            : takenAlone(p) + ` ${RATE} a second for ${p.cutMs / 1_000} s make ${count}.`,
  };
}

/** Records of the first moment are not given up before the cut is over. */
const isPatient = (p: Params): boolean => p.deliveryTimeoutMs > p.cutMs;

const AFTER: Readonly<Record<Params['acks'], string>> = {
  '1':
    'The old leader hears that another leads, and asks it where their logs part. It drops ' +
    'everything that it took alone. The producer was told that each of these records is written.',
  all:
    'The old leader drops what it could not commit. Nobody was told that it was written, and the ' +
    'producer sends to the new leader what it has not given up.',
  '0':
    'The old leader drops everything that it took alone. With acks=0 the producer never hears ' +
    'anything: it would not know either if a broker had refused every record.',
};

const ALONE: Readonly<Record<Params['acks'], string>> = {
  '1':
    'The controller heard nothing of the old leader for nine seconds and elected another. ' +
    'There are two now, and the old one still says “written” to everybody who can reach it.',
  all:
    'The controller has elected another leader. The old one has records that it cannot commit: ' +
    'it would have to take the two others off the list of in-sync replicas first, and only the ' +
    'controller may do that.',
  '0':
    'The controller has elected another leader. The old one takes records all the same, and ' +
    'nobody waits for an answer.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Three copies',
    at: { ms: 3_000 },
    text:
      'One partition, three replicas. The leader takes records from the producer; the two others ' +
      'fetch them. What all in-sync replicas have is committed, and only that is shown to the ' +
      'consumer.',
    focus: ['b'],
  },
  {
    title: 'The cut',
    at: { ms: CUT_MS },
    text:
      'The leader, the producer and the consumer are cut off from the two other brokers and from ' +
      'the controller. To each other they can talk as before.',
    focus: ['b', 'p'],
    predict: prediction(p),
  },
  ...(fate(p) === 'replaced'
    ? [
        {
          title: 'Two leaders',
          at: { ms: CUT_MS + SESSION_MS + 200 },
          text: ALONE[p.acks],
          focus: ['b', 'ctl'],
          check: 'writes-go-on',
        },
      ]
    : []),
  {
    title: 'Together again',
    at: { ms: healMs(p) + 4_000 },
    text:
      fate(p) === 'unnoticed'
        ? 'The cut was short: the leader still leads, and the others have caught up.'
        : fate(p) === 'open'
          ? 'If the controller has missed the leader, it follows another now.'
          : AFTER[p.acks],
    focus: ['b'],
    check: 'nothing-lost',
  },
];

const SUMMARY =
  'A leader that is cut off with its clients goes on saying “written”. With acks=1 exactly what ' +
  'it took alone is lost; with acks=all nothing is, and nothing is written meanwhile.';

const plan = (p: Params): Plan => ({
  title: 'What acks=1 is worth',
  summary: SUMMARY,
  durationMs: healMs(p) + 6_000,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf({ minInsyncReplicas: p.minInsyncReplicas }, { replicaSocketTimeoutMs: SOCKET_MS }),
    producerOf(
      { ratePerSecond: RATE, startMs: START_MS, stopMs: healMs(p) },
      {
        acks: p.acks,
        enableIdempotence: p.acks === 'all',
        requestTimeoutMs: Math.min(REQUEST_MS, p.deliveryTimeoutMs - 1_000),
        deliveryTimeoutMs: p.deliveryTimeoutMs,
      },
    ),
    consumer,
  ],
  faults: [
    {
      id: 'cut',
      fault: { type: 'partition', groups: [[LEADER, 'p', 'c']] },
      atMs: CUT_MS,
      forMs: p.cutMs,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'messaging/acks',
  title: 'What acks=1 is worth',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KAFKA_REPLICATION, KAFKA_PRODUCER_CONFIGS, KIP_497],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'acks=1: in 15 s the old leader takes 300 records alone, and all of them are lost.',
      expect: { 'nothing-lost': { breaks: { witness: 'of 300 lost' } } },
    },
    {
      name: 'all',
      about: 'acks=all: nothing is acknowledged for as long as the cut lasts, and nothing is lost.',
      params: { acks: 'all' },
      expect: { 'writes-go-on': { breaks: {} } },
    },
    {
      name: 'impatient',
      about:
        'acks=all, and records are given up after 6 s: the application hears of it, and what it ' +
        'was told is written is there.',
      params: { acks: 'all', deliveryTimeoutMs: 6_000 },
      expect: { 'writes-go-on': { breaks: {} } },
    },
    {
      name: 'zero',
      about: 'acks=0: as much is lost as with acks=1, and nobody could have known.',
      params: { acks: '0' },
      expect: { 'nothing-lost': { breaks: { witness: 'of 300 lost' } } },
    },
    {
      name: 'short',
      about: 'A cut of 2 s: the controller does not miss the leader, and nothing is lost.',
      params: { cutMs: 2_000 },
    },
  ],
  thingsToTry: [
    'Set the cut to 4 s and to 10 s: the session of a broker is 9 s. What changes between them?',
    'Leave the producer with the other side of the cut: cut off the leader alone, by hand.',
    'With acks=all, set min.insync.replicas to 1. Does the old leader acknowledge anything now?',
  ],
  leavesOut: [
    'The quorum of controllers: here it is one node, and it is up within half a second.',
    'A cut of more than 25 s: after 30 s the old leader wants the others off the list in vain.',
    'The second after the cut, in which the old leader still takes records: nobody writes then.',
  ],
});
