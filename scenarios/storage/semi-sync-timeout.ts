/**
 * The link to the only replica dies, and some time later the primary does. What the waiting for a
 * replica was worth depends on what happens when it takes too long.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { MYSQL_SEMI_SYNC, PATRONI, POSTGRESQL_REPLICATION } from '../sources.ts';
import {
  LOOP_WAIT_MS,
  ORDERS_LOST,
  SQL_NETWORK,
  TTL_MS,
  keyStore,
  nothingLost,
  replicatedOf,
  taker,
} from '../sql-parts.ts';

const params = {
  replication: field.choice(['semi-synchronous', 'synchronous'], {
    about:
      'Whether a write that waits for its replica is answered anyway after a while (MySQL), or ' +
      'waits for the standby that the store of the key names (Patroni).',
    default: 'semi-synchronous',
  }),
  rplSemiSyncSourceTimeoutMs: field.millis({
    about: 'Semi-synchronous: a write that waited so long turns the waiting off.',
    default: 10_000,
    min: 1_000,
    max: 60_000,
    source: 'MySQL rpl_semi_sync_source_timeout: 10 s',
  }),
  walSenderTimeoutMs: field.millis({
    about:
      'Synchronous: a standby that was not heard for so long is struck from the list in the ' +
      'store, and waited for no more.',
    default: 60_000,
    min: 5_000,
    max: 60_000,
    source: 'PostgreSQL wal_sender_timeout: 60 s; Patroni without synchronous_mode_strict',
  }),
};
type Params = Static<TObject<typeof params>>;

const EVERY_MS = 100;
const FIRST_MS = 550;
const CUT_MS = 5_000;
const CRASH_MS = 18_000;
/** Longer than the default timeout: what waits is answered late, not given up. */
const PATIENCE_MS = 12_500;
const BACK_MS = 23_000;
const STOP_MS = 28_000;
const END_MS = 30_000;
/** The key was renewed at 17 s for the last time, and is missed at the next look. */
const OTHER_MS = CRASH_MS - LOOP_WAIT_MS + TTL_MS + LOOP_WAIT_MS + 500;
/** A server that is back recovers for a second, and asks for the key. */
const AGAIN_MS = BACK_MS + 1_000 + LOOP_WAIT_MS;
/** The first order after the cut. */
const WAITS_FROM_MS = CUT_MS + (FIRST_MS % EVERY_MS);

type Ending = 'falls-back' | 'waits' | 'strikes';

/** What becomes of writes that wait. */
function endingOf(p: Params): Ending {
  const waitsMs = CRASH_MS - CUT_MS;
  if (p.replication === 'semi-synchronous') {
    return p.rplSemiSyncSourceTimeoutMs < waitsMs - 1_000 ? 'falls-back' : 'waits';
  }
  return p.walSenderTimeoutMs < waitsMs - 3 * LOOP_WAIT_MS ? 'strikes' : 'waits';
}

const lostOf = (p: Params): number =>
  endingOf(p) === 'falls-back' ? Math.floor((CRASH_MS - WAITS_FROM_MS) / EVERY_MS) + 1 : 0;

/** When the writes that waited are answered, at the latest. */
const offMs = (p: Params): number =>
  p.replication === 'semi-synchronous'
    ? WAITS_FROM_MS + p.rplSemiSyncSourceTimeoutMs
    : CUT_MS + p.walSenderTimeoutMs + 2 * LOOP_WAIT_MS;

const groups = (p: Params): readonly GroupPlan[] => [
  replicatedOf(2, p, { walSenderTimeoutMs: p.walSenderTimeoutMs }),
  keyStore,
  taker(
    'before',
    { fromMs: FIRST_MS, untilMs: CRASH_MS, everyMs: EVERY_MS },
    { tryTimeoutMs: PATIENCE_MS, deadlineMs: PATIENCE_MS },
  ),
  taker(
    'after',
    { fromMs: CRASH_MS, untilMs: STOP_MS, everyMs: EVERY_MS },
    { tryTimeoutMs: 200, deadlineMs: 1_000, retryUnknown: true },
  ),
];

function checks(p: Params): readonly CheckPlan[] {
  const ending = endingOf(p);
  const lost = lostOf(p);
  const once = Number(ending === 'falls-back');
  return [
    nothingLost,
    {
      id: 'lost-as-reckoned',
      use: 'acknowledged',
      args: { atLeast: lost, atMost: lost },
      about: 'As many orders are lost as were answered since the link died: all of them or none.',
    },
    {
      id: 'falls-back-once',
      use: 'fact-count',
      args: { fact: 'replica.semi-sync-off', atLeast: once, atMost: once, untilMs: CRASH_MS },
      about: once === 1 ? 'The waiting is turned off, once for all.' : 'It is never turned off.',
    },
    {
      id: 'writes-go-on',
      use: 'slo',
      args: { metric: 'ok-count', clients: 'before', atLeast: 15, fromMs: 16_000, untilMs: 18_000 },
      about: 'Although the replica cannot be reached, orders are taken again before long.',
    },
    {
      id: 'another-takes-over',
      use: 'fact-count',
      args: { fact: 'replica.promoted', atLeast: 1, atMost: 1, untilMs: OTHER_MS },
      about: 'When the primary dies, the other server takes over.',
    },
    {
      id: 'served-in-the-end',
      use: 'slo',
      args: { clients: 'after', atLeast: 0.99, fromMs: AGAIN_MS + 1_000, untilMs: STOP_MS },
      about: 'Somebody takes orders again in the end.',
    },
    ...(ending === 'falls-back' ? spike(p) : []),
  ];
}

const spike = (p: Params): readonly CheckPlan[] => {
  const wave = { clients: 'before', fromMs: offMs(p) - 10, untilMs: offMs(p) + 40 };
  const longest = p.rplSemiSyncSourceTimeoutMs;
  return [
    {
      id: 'one-spike',
      use: 'slo',
      args: { metric: 'p999-ms', atLeast: longest, atMost: longest + 20, ...wave },
      about: `The first order that waited is answered after ${longest} ms, all others with it.`,
    },
    {
      id: 'quick-again',
      use: 'slo',
      args: {
        metric: 'p999-ms',
        clients: 'before',
        atMost: 20,
        fromMs: offMs(p) + 50,
        untilMs: CRASH_MS,
      },
      about: 'From then on orders are as quick as if there had never been a replica.',
    },
  ];
};

interface Words {
  readonly title: string;
  readonly text: string;
  readonly answer: number;
  readonly because: string;
  readonly end: string;
  readonly endAnswer: number;
  readonly endBecause: string;
}

const WORDS: { readonly [ending in Ending]: (p: Params) => Words } = {
  'falls-back': (p) => ({
    title: 'Off',
    text:
      'n1 has turned the waiting off and answered everybody at once. The charts show one spike, ' +
      'and then all is as quick as before. The clients are told nothing.',
    answer: 0,
    because:
      `rpl_semi_sync_source_timeout is ${p.rplSemiSyncSourceTimeoutMs / 1_000} s. The first ` +
      'write waits for so long; when it is up, n1 stops asking for replicas until one has ' +
      'caught up.',
    end: 'n2 has taken over. It has what had arrived five seconds into the run, and no more.',
    endAnswer: 2,
    endBecause:
      'The link was dead for 13 s before the crash, and ten orders a second were answered: some ' +
      'late, some at once, all without a replica. The name of the setting was no promise.',
  }),
  waits: () => ({
    title: 'Still waiting',
    text:
      'Nobody has been answered since the link died. To the clients the store is down, although ' +
      'its primary runs and could write.',
    answer: 1,
    because:
      'Nothing that n1 could answer would be true: it has promised that a second server has the ' +
      'write, and none has. It keeps the promise by keeping silent.',
    end: 'n2 has taken over with everything that was ever answered.',
    endAnswer: 0,
    endBecause:
      'What n2 lacks was answered to nobody. The price was paid before: no order was taken since ' +
      'the link died.',
  }),
  strikes: (p) => ({
    title: 'Struck from the list',
    text:
      'n2 was not heard for too long. The keeper of n1 first removed it from the list of ' +
      'synchronous standbys in the store d, and only then did n1 stop waiting for it.',
    answer: 0,
    because:
      `wal_sender_timeout is ${p.walSenderTimeoutMs / 1_000} s here. Without ` +
      'synchronous_mode_strict a primary whose standby is gone goes on alone, once the store ' +
      'says that nobody may take over from it.',
    end: 'n2 could have taken over and did not: the store does not name it. All wait for n1.',
    endAnswer: 0,
    endBecause:
      'n1 comes back with its disk, and everything is there. Had its disk been lost, all would ' +
      'be: nobody else has these orders. Nobody is given a wrong answer, though.',
  }),
};

function story(p: Params): readonly StoryStep[] {
  const words = WORDS[endingOf(p)](p);
  return [
    {
      title: 'Two have it, then it is done',
      at: { ms: 2_000 },
      text: 'n1 answers an order when n2 has it on disk as well: a few milliseconds.',
      focus: ['n'],
    },
    {
      title: 'The replica is out of reach',
      at: { ms: CUT_MS + 100 },
      text: 'The link between n1 and n2 is dead. n1 writes, and waits for an answer of n2.',
      predict: {
        question: 'What happens to the orders that wait?',
        options: [
          'They are answered after some seconds, although no replica has them.',
          'They wait for as long as the replica is gone.',
          'They are refused at once.',
        ],
        answer: words.answer,
        because: words.because,
      },
      focus: ['n1', 'before'],
    },
    {
      title: words.title,
      at: { ms: 15_500 },
      text: words.text,
      focus: ['n1'],
      check: 'writes-go-on',
    },
    {
      title: 'The primary dies',
      at: { ms: CRASH_MS },
      text: 'n1 crashes while the link is still dead.',
      predict: {
        question: 'How many of the answered orders will be gone?',
        options: ['None.', 'About 30: those since the waiting ended.', '130: all since the cut.'],
        answer: words.endAnswer,
        because: words.endBecause,
      },
      focus: ['n1'],
      check: 'nothing-lost',
    },
    {
      title: 'Who goes on?',
      at: { ms: OTHER_MS + 500 },
      text: words.end,
      focus: ['n', 'd'],
      check: 'another-takes-over',
    },
  ];
}

const SUMMARY =
  'A primary waits for its replica until a timeout, then no more. A second fault, some seconds ' +
  'later, loses everything that was answered since the first.';

const plan = (p: Params): Plan => ({
  title: 'Semi-synchronous, for ten seconds',
  summary: SUMMARY,
  durationMs: END_MS,
  network: SQL_NETWORK,
  groups: groups(p),
  faults: [
    { id: 'link-dies', fault: { type: 'cut-link', a: 'n1', b: 'n2' }, atMs: CUT_MS },
    { id: 'primary-dies', fault: { type: 'crash', target: 'n1' }, atMs: CRASH_MS },
  ],
  healAtMs: BACK_MS,
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'storage/semi-sync-timeout',
  title: 'Semi-synchronous, for ten seconds',
  summary: SUMMARY,
  tier: 'lossy',
  sources: [MYSQL_SEMI_SYNC, POSTGRESQL_REPLICATION, PATRONI],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The waiting ends after 10 s: one spike, and in the end 130 answered orders are lost.',
      expect: ORDERS_LOST,
    },
    {
      name: 'patient',
      about: 'With a timeout of a minute nothing is lost, and nothing is taken for 13 s.',
      params: { rplSemiSyncSourceTimeoutMs: 60_000 },
      expect: { 'writes-go-on': { breaks: {} } },
    },
    {
      name: 'synchronous',
      about: 'Synchronous: it waits for as long as it takes. Nothing is lost, nothing is taken.',
      params: { replication: 'synchronous' },
      expect: { 'writes-go-on': { breaks: {} } },
    },
    {
      name: 'struck-from-the-list',
      about:
        'Synchronous, but a standby that is gone for 5 s is struck from the list of those that ' +
        'may take over: orders are taken, nothing is lost, and nobody takes over.',
      params: { replication: 'synchronous', walSenderTimeoutMs: 5_000 },
      expect: { 'another-takes-over': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Set the timeout to 1 s: a smaller spike. Is less lost?',
    'Heal the link by hand at 16 s: when is it semi-synchronous again, and what is lost then?',
    'In the last variant, never bring n1 back. What would an operator have to decide?',
  ],
  leavesOut: [
    'A second replica: with two, one link alone would not have been enough.',
    'Alarms: Rpl_semi_sync_source_status says that the waiting is off, to those who look.',
    'The store of the leader key is one node; a real one has three or five.',
  ],
});
