/**
 * How long nobody leads after a leader's crash: the spread of election timeouts against the closed
 * form of the dissertation, over thirty crashes of one run.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { RAFT_DISSERTATION, RAFT_PAPER } from '../sources.ts';

const params = {
  timeoutMinMs: field.millis({
    about: 'The shortest election timeout; a leader is heard twice as often.',
    default: 150,
    min: 100,
    max: 300,
    source: 'Raft paper 9.3: 150 ms, and half of it between heartbeats',
  }),
  timeoutSpreadMs: field.millis({
    about: 'Timeouts are drawn from the shortest to so much more.',
    default: 150,
    min: 1,
    max: 300,
    source: 'Raft paper figure 16: 150-151, 150-155, 150-175, 150-200, 150-300 ms',
  }),
};

type Params = Static<TObject<typeof params>>;

const SERVERS = 5;
const FIRST_CRASH_MS = 2_000;
const CRASH_EVERY_MS = 1_500;
const CRASHES = 30;
const DOWN_MS = 1_000;
const LAST_CRASH_MS = FIRST_CRASH_MS + (CRASHES - 1) * CRASH_EVERY_MS;
const MEASURED_UNTIL_MS = LAST_CRASH_MS + CRASH_EVERY_MS;
const DURATION_MS = MEASURED_UNTIL_MS + 1_000;
const MEASURED_MS = MEASURED_UNTIL_MS - FIRST_CRASH_MS;

const LATENCY = { kind: 'uniform', minMs: 1, maxMs: 3 } as const;
const FSYNC = { kind: 'uniform', minMs: 0.5, maxMs: 2 } as const;
/** A write and a way, on average: of the request from its candidate, and of the vote back. */
const WAY_MS = 1.25 + 2;

/** Four survive, and three votes make a leader: with two more candidates in time none has them. */
function splitRate(p: Params): number {
  const l = Math.min(1, WAY_MS / p.timeoutSpreadMs);
  const q = 1 - l;
  return 1 - q * q * q * q - 4 * l * q * q * q;
}

const heartbeatMs = (p: Params): number => Math.floor(p.timeoutMinMs / 2);

/** Dissertation 9.3: rounds until one does not split, the votes, less half a heartbeat. */
function expectedMs(p: Params): number {
  const round = p.timeoutMinMs + p.timeoutSpreadMs / SERVERS + WAY_MS;
  return round / (1 - splitRate(p)) + WAY_MS - heartbeatMs(p) / 2;
}

/**
 * Chance in a mean of thirty, and what the form leaves out: latencies vary, and so the measured
 * means lie above it, by 3 ms of a wide range and by 11 of a narrow one.
 */
const toleranceMs = (p: Params): number =>
  12 + 0.09 * p.timeoutSpreadMs + 0.16 * heartbeatMs(p) + 350 * splitRate(p);

/** So wide a range that a crash finds a leader nearly always: then crashes can be counted. */
const isWide = (p: Params): boolean => p.timeoutSpreadMs >= 20;

/** A share of the time in which somebody leads, by the mean time after each crash without. */
const ledShare = (withoutMs: number): number =>
  Math.round((1 - (CRASHES * withoutMs) / MEASURED_MS) * 10_000) / 10_000;

const rounded = (ms: number): string => `${Math.round(ms)} ms`;
const rangeOf = (p: Params): string =>
  `${p.timeoutMinMs} to ${p.timeoutMinMs + p.timeoutSpreadMs} ms`;

function checks(p: Params): readonly CheckPlan[] {
  const led = { group: 'n', gauge: 'Leads', measure: 'mean', across: 'sum' } as const;
  const window = { fromMs: FIRST_CRASH_MS, untilMs: MEASURED_UNTIL_MS };
  const always: readonly CheckPlan[] = [
    {
      id: 'raft-safety',
      use: 'raft-safety',
      about: 'However long an election takes, no term has two leaders.',
    },
    {
      id: 'leaders-follow',
      use: 'fact-count',
      args: { fact: 'raft.leader', atLeast: 5, ...window },
      about: 'Crashed leaders are followed by others, again and again.',
    },
    {
      id: 'soon-led',
      use: 'gauge',
      args: { ...led, atLeast: ledShare(2 * p.timeoutMinMs), ...window },
      about: `After a crash nobody leads for ${2 * p.timeoutMinMs} ms at most, on average.`,
    },
  ];
  if (!isWide(p)) return always;
  const [expected, tolerance] = [expectedMs(p), toleranceMs(p)];
  return [
    ...always,
    {
      id: 'as-the-form-says',
      use: 'gauge',
      args: {
        ...led,
        atLeast: ledShare(expected + tolerance),
        atMost: ledShare(expected - tolerance),
        ...window,
      },
      about:
        `After a crash nobody leads for ${rounded(expected)} on average, ` +
        `${rounded(tolerance)} more or less, as the closed form of the dissertation has it.`,
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  return [waits(p), elects(p), isWide(p) ? adds(p) : collides(p)];
}

function waits(p: Params): StoryStep {
  const mean = p.timeoutMinMs + p.timeoutSpreadMs / SERVERS;
  return {
    title: 'The leader is gone',
    at: { ms: FIRST_CRASH_MS },
    text:
      'The leader crashes. The four others do not know: they only stop hearing from it. Each ' +
      `waits for its own election timeout, drawn from ${rangeOf(p)}, counted from the last ` +
      `heartbeat; those came every ${heartbeatMs(p)} ms.`,
    predict: {
      question: 'When does the first of the four timers run out, counted from that heartbeat?',
      options: [
        `After ${rounded(p.timeoutMinMs + p.timeoutSpreadMs / 2)}, the middle of the range.`,
        `After ${rounded(mean)}: the shortest timeout and a fifth of the range.`,
        `After ${rounded(p.timeoutMinMs + p.timeoutSpreadMs)}, when all have waited.`,
      ],
      answer: 1,
      because:
        'The smallest of four draws is, on average, a fifth of the way up the range: four points ' +
        'divide it into five parts of the same mean length. It is the first timer that counts.',
    },
    focus: ['n'],
    check: 'raft-safety',
  };
}

const elects = (p: Params): StoryStep => ({
  title: 'Somebody stands',
  at: { when: 'role-played', args: { role: 'candidate' } },
  text:
    `A candidate writes its own vote down and asks the others; that takes ${WAY_MS} ms, and the ` +
    'votes as long again. Whoever stands within that time keeps its vote for itself. ' +
    (isWide(p)
      ? `In a range of ${p.timeoutSpreadMs} ms that seldom happens to two more of the four.`
      : `In a range of ${p.timeoutSpreadMs} ms it nearly always happens to two more of the four.`),
  focus: [{ role: 'candidate', group: 'n' }],
  check: 'leaders-follow',
});

const adds = (p: Params): StoryStep => ({
  title: 'Thirty times the same',
  at: { ms: FIRST_CRASH_MS + CRASH_EVERY_MS },
  text:
    `From here on the leader crashes every ${CRASH_EVERY_MS / 1_000} seconds, thirty times in ` +
    'all. One election is luck; their mean can be told beforehand: the shortest timeout, a fifth ' +
    'of the range, the requests and the votes, less half a heartbeat that had gone by before the ' +
    `crash, and the rounds that split. That makes ${rounded(expectedMs(p))}.`,
  predict: {
    question: 'What would shorten that most?',
    options: [
      'A range half as wide.',
      'Timeouts half as long from end to end, as long as messages stay much faster.',
      'Two more servers.',
    ],
    answer: 1,
    because:
      'Most of the time is the shortest timeout itself. A narrower range saves a fifth of what ' +
      'it loses, and votes split more often; more servers let the first timer run out a ' +
      'little earlier.',
  },
  focus: [{ role: 'leader', group: 'n' }],
  check: 'as-the-form-says',
});

const collides = (p: Params): StoryStep => ({
  title: 'Round after round',
  at: { ms: FIRST_CRASH_MS + CRASH_EVERY_MS },
  text:
    `A vote that splits costs a whole timeout more, ${p.timeoutMinMs} ms at least, and the next ` +
    'round splits as likely as the one before. The timers are as short as can be, and the time ' +
    'without a leader is several times as long.',
  predict: {
    question: 'What would shorten that most?',
    options: [
      'Shorter timeouts.',
      'A wider range: a few tens of milliseconds more.',
      'More servers.',
    ],
    answer: 1,
    because:
      'Only the range keeps candidates apart. It costs a fifth of its width in each election, ' +
      'and saves the rounds that split, each of which costs a whole timeout.',
  },
  focus: ['n'],
  check: 'soon-led',
});

function plan(p: Params): Plan {
  return {
    title: 'Election time',
    summary: isWide(p)
      ? `A leader crashes thirty times, and timeouts are drawn from ${rangeOf(p)}. How long does ` +
        'nobody lead, and who could have said so?'
      : `A leader crashes, and timeouts are drawn from no more than ${rangeOf(p)}: the shortest ` +
        'waits make the longest elections.',
    durationMs: DURATION_MS,
    network: { latency: LATENCY },
    groups: [
      {
        name: 'n',
        component: 'raft-kv',
        count: SERVERS,
        config: {
          electionTimeoutMinMs: p.timeoutMinMs,
          electionTimeoutMaxMs: p.timeoutMinMs + p.timeoutSpreadMs,
          heartbeatMs: heartbeatMs(p),
          // Plain Raft, as it was measured.
          preVote: false,
          preVoteLease: false,
        },
        disk: { fsync: FSYNC },
      },
    ],
    faults: [
      {
        id: 'crash',
        every: {
          interval: { kind: 'constant', ms: CRASH_EVERY_MS },
          fromMs: FIRST_CRASH_MS - CRASH_EVERY_MS,
          untilMs: LAST_CRASH_MS,
        },
        forMs: DOWN_MS,
        fault: { type: 'crash', target: { role: 'leader', group: 'n' } },
      },
    ],
    healAtMs: MEASURED_UNTIL_MS,
    checks: checks(p),
    story: story(p),
  };
}

export default defineScenario({
  id: 'consensus/election-time',
  title: 'Election time',
  summary:
    'Thirty crashes of a leader, and the mean time without one against the closed form: the ' +
    'shortest timeout, a fifth of the range, and the rounds that split.',
  tier: 'lossy',
  sources: [
    { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, section 9.3` },
    { ...RAFT_PAPER, title: `${RAFT_PAPER.title}, figure 16` },
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Timeouts from 150 to 300 ms: about 150 ms without a leader.',
    },
    {
      name: 'fifty',
      about: 'From 150 to 200 ms: a little shorter, and a vote splits now and then.',
      params: { timeoutSpreadMs: 50 },
    },
    {
      name: 'twenty-five',
      about: 'From 150 to 175 ms: what the range saves, the votes that split take back.',
      params: { timeoutSpreadMs: 25 },
    },
    {
      name: 'five',
      about: 'From 150 to 155 ms, hardly more than a request takes: round after round splits.',
      params: { timeoutSpreadMs: 5 },
      expect: { 'soon-led': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Note the time without a leader for ranges of 20, 50, 100 and 300 ms: where is it least?',
    'Raise the shortest timeout to 300 ms: nearly all of it is added to each election.',
    'Make messages slower: the range has to grow with them.',
  ],
  leavesOut: [
    'Clients: each append is heard like a heartbeat, and shortens what has gone by at the crash.',
    'Servers whose logs are too short to win, of which the measurements of the paper had two.',
  ],
});
