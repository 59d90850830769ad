/**
 * A server more makes a group weaker until it has caught up: an empty one that gets a vote at once
 * counts in every majority, and has nothing to contribute.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan } from 'faultline';
import type { Static, StoryStep, TObject } from 'faultline';
import { RAFT_DISSERTATION } from '../sources.ts';

const params = {
  catchUp: field.flag({
    about: 'The new server learns first, and gets a vote once it has caught up.',
    default: false,
    source: 'Dissertation 4.2.1; etcd learners',
  }),
  transition: field.choice(['auto', 'joint-implicit'], {
    about: 'One server changes at a time; or through a configuration in which old and new agree.',
    default: 'auto',
    source: 'Dissertation 4.1 and 4.3; etcd ConfChangeTransition',
  }),
};

type Params = Static<TObject<typeof params>>;

const FIRST_MS = 1_500;
const CHANGE_MS = 5_000;
const CRASH_MS = 6_000;
const BACK_MS = 14_000;
const QUIET_MS = 15_000;
const BUSY_APART_MS = 20;
const CALM_APART_MS = 100;

/** The new server is far away: so long takes each way to it, and a batch takes both. */
const FAR_MS = 100;
const BATCH = 8;
const HEARTBEAT_MS = 500;
const LOG_ENTRIES = (CHANGE_MS - FIRST_MS) / BUSY_APART_MS;
/** Each answer lets the next batch go, and so does each answer to a heartbeat. */
const BATCHES_PER_SECOND = 1_000 / (2 * FAR_MS) + 1_000 / HEARTBEAT_MS;
/** Entries that it comes nearer each second: it is sent 56, and 10 are written meanwhile. */
const NET_PER_SECOND = BATCHES_PER_SECOND * BATCH - 1_000 / CALM_APART_MS;
/** It is told of the change, says that it has nothing, and is sent the first batch. */
const FIRST_BATCH_MS = 500;
/** 175 entries at 46 a second, and the answer to the last batch. */
const CAUGHT_UP_MS =
  CHANGE_MS + FIRST_BATCH_MS + (1_000 * LOG_ENTRIES) / NET_PER_SECOND + 2 * FAR_MS;
const STALL_MS = CAUGHT_UP_MS - CRASH_MS;
const STALL_TEXT = `${(STALL_MS / 1_000).toFixed(1)} s`;
/** With the new server in each majority a write waits for a batch under way, and for its own. */
const HICCUP_MS = 1_000;

function times(fromMs: number, untilMs: number, apartMs: number): readonly number[] {
  return Array.from({ length: (untilMs - fromMs) / apartMs }, (_, i) => fromMs + i * apartMs);
}

const WRITE_TIMES: readonly number[] = [
  ...times(FIRST_MS, CHANGE_MS, BUSY_APART_MS),
  ...times(CHANGE_MS, QUIET_MS, CALM_APART_MS),
];
const KEYS = 4;

function groups(p: Params): readonly GroupPlan[] {
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: 4,
      config: {
        initialVoters: 3,
        electionTimeoutMinMs: 700,
        electionTimeoutMaxMs: 1_400,
        heartbeatMs: HEARTBEAT_MS,
        maxEntriesPerAppend: BATCH,
        maxInflight: 1,
      },
      disk: { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
    },
    {
      name: 'operator',
      component: 'raft-operator',
      count: 1,
      links: { servers: 'n' },
      config: {
        orders: [{ atMs: CHANGE_MS, add: ['n4'], catchUp: p.catchUp, transition: p.transition }],
        timeoutMs: 20_000,
      },
    },
    {
      name: 'c',
      component: 'kv-client',
      count: 1,
      links: { servers: 'n' },
      config: {
        mode: 'listed',
        operations: WRITE_TIMES.map((atMs, i) => ({
          atMs,
          do: 'put',
          key: `k${i % KEYS}`,
          value: i + 1,
        })),
        tryTimeoutMs: 1_000,
        deadlineMs: 2_500,
      },
    },
  ];
}

/** A founder that follows. */
function faults(): readonly FaultEntry[] {
  const leader = { role: 'leader', group: 'n' } as const;
  return [
    {
      id: 'one-dies',
      atMs: CRASH_MS,
      fault: {
        type: 'crash',
        target: { first: 1, of: { except: leader, from: ['n1', 'n2', 'n3'] } },
      },
    },
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const gap = { metric: 'longest-gap-ms', fromMs: CHANGE_MS, untilMs: BACK_MS };
  const stall: readonly CheckPlan[] = [
    {
      id: 'stalls-until-caught-up',
      use: 'slo',
      args: { ...gap, atLeast: 0.75 * STALL_MS, atMost: 1.25 * STALL_MS },
      about: `Nothing is answered for about ${STALL_TEXT}, as can be computed.`,
    },
  ];
  return [
    { id: 'raft-safety', use: 'raft-safety', about: 'The promises of Raft hold throughout.' },
    {
      id: 'nothing-is-lost',
      use: 'acknowledged',
      about: 'Each write that was acknowledged is there in the end.',
    },
    {
      id: 'a-server-was-lost',
      use: 'sometimes',
      args: { predicate: 'member-down' },
      about: 'The fault bit: one of the founders was gone.',
    },
    {
      id: 'the-new-one-votes',
      use: 'fact-count',
      args: { fact: 'raft-operator.done', atLeast: 1, atMost: 1 },
      about: 'The operator is told that the new server belongs to the group.',
    },
    ...(p.catchUp ? [] : stall),
    {
      id: 'no-stall',
      use: 'slo',
      args: { ...gap, atMost: HICCUP_MS },
      about: `Clients never wait longer than ${HICCUP_MS} ms for the next answer.`,
    },
    {
      id: 'logs-agree',
      use: 'eventually',
      args: { predicate: 'logs-agree', withinMs: 3_000 },
      about: 'In the end all four have the same log.',
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  return [
    {
      title: 'Three servers',
      at: { ms: FIRST_MS },
      text:
        'Three servers vote, two of them are a majority: one may fail. A fourth machine stands ' +
        'by, empty, and far away: what is sent to it takes 200 ms until it is answered.',
      focus: ['n'],
    },
    {
      title: 'One more, to be safe',
      at: { ms: CHANGE_MS },
      text:
        `The log has ${LOG_ENTRIES} entries when an operator adds the fourth server. ` +
        (p.catchUp
          ? 'It learns first: it is sent the log, and its answers count for nothing.'
          : 'It gets a vote at once, before it has a single entry.'),
      predict: {
        question: 'One second later one of the first three dies. What do clients notice?',
        options: [
          'Nothing: a group of four has more copies than one of three.',
          `No write is answered for about ${STALL_TEXT}.`,
          'An election, and then it goes on.',
        ],
        answer: p.catchUp ? 0 : 1,
        because: p.catchUp
          ? 'The learner has no vote, so the majority is still two of three, and two are there. ' +
            'It gets its vote when the last round of catching up was shorter than an election ' +
            'timeout.'
          : 'A majority of four is three. Two of the old ones are left, so each write needs the ' +
            `new one, which must have all entries before it: ${LOG_ENTRIES} of them, ` +
            `${BATCH} at a time, while new ones come in.`,
      },
      focus: ['operator', 'n4'],
      check: 'the-new-one-votes',
    },
    {
      title: 'One dies',
      at: { ms: CRASH_MS },
      text: p.catchUp
        ? 'Two of three voters are left: a majority, as before the change.'
        : 'Three of four voters are left, one of them with an old log. With three servers this ' +
          'crash would have gone unnoticed.',
      focus: ['n'],
      check: 'a-server-was-lost',
    },
    {
      title: 'Caught up',
      at: { ms: CAUGHT_UP_MS + HICCUP_MS },
      text: p.catchUp
        ? 'The new server has the log, and votes. From here on each write needs three of four, ' +
          'and waits for the one that is far away, until the dead one is back.'
        : 'The new server has the log, and writes are answered again: each after 200 ms or more, ' +
          'because all three that are left must have it.',
      focus: ['n4', 'c'],
      check: 'no-stall',
    },
    {
      title: 'Four of four',
      at: { ms: BACK_MS },
      text: 'The dead one starts again. Three near servers are a majority of four.',
      focus: ['n'],
      check: 'logs-agree',
    },
  ];
}

function plan(p: Params): Plan {
  const far = { kind: 'constant', ms: FAR_MS } as const;
  return {
    title: 'One server more',
    summary:
      'An operator adds an empty server to a group of three, and one of the three dies. Who ' +
      'answers, and from when on?',
    durationMs: QUIET_MS + 4_000,
    network: {
      latency: { kind: 'uniform', minMs: 1, maxMs: 3 },
      links: [
        { from: 'n', to: 'n4', latency: far },
        { from: 'n4', to: 'n', latency: far },
      ],
    },
    groups: groups(p),
    faults: faults(),
    healAtMs: BACK_MS,
    checks: checks(p),
    story: story(p),
  };
}

export default defineScenario({
  id: 'consensus/membership-change',
  title: 'One server more',
  summary:
    'An empty server that gets a vote at once makes a group of three weaker: one crash, and ' +
    'nothing is answered until it has caught up. As a learner first it does no harm.',
  tier: 'lossy',
  sources: [{ ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, section 4.2` }],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A vote at once: a crash a second later stops all writes for more than three seconds.',
      expect: { 'no-stall': { breaks: {} } },
    },
    {
      name: 'learner-first',
      about: 'No vote before it has caught up: the same crash goes unnoticed.',
      params: { catchUp: true },
    },
    {
      name: 'joint',
      about:
        'Through a joint configuration: it makes larger changes safe, and does not make an empty ' +
        'server useful.',
      params: { transition: 'joint-implicit' },
      expect: { 'no-stall': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Let the operator add the server again, by hand, while it is busy: what is he told?',
    'Crash the leader instead of a follower: who can win the election?',
    'Remove the dead server by hand during the stall: can that be committed?',
  ],
  leavesOut: [
    'Snapshots: the whole log is sent, entry by entry.',
    'Automatic replacement of dead servers, which gives votes without asking anybody.',
  ],
});
