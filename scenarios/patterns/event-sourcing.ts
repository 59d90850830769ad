/**
 * Event sourcing: an account is kept as its events, and two writers decide on it at the same
 * moment. Every variant takes one rule away and counts what that costs.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import { SERVICE, servicesOf, STORE, storeGroup, streamsCheck } from '../event-parts.ts';
import { NETWORK } from '../queue-parts.ts';
import { CQRS_DOCUMENTS, EVENT_SOURCING, KURRENT_APPEND } from '../sources.ts';

const FIRST = 'a';
const SECOND = 'b';
const OTHER_SERVICE = 't';

const ROUNDS = 20;
const FIRST_MS = 1_000;
const ROUND_MS = 400;
/** So long after the money has come both want it. */
const RACE_MS = 200;
const END_MS = FIRST_MS + ROUNDS * ROUND_MS + 1_000;
const AMOUNT = 100;

const rounds = Array.from({ length: ROUNDS }, (_, round) => round);
const depositMs = (round: number): number => FIRST_MS + round * ROUND_MS;
const raceMs = (round: number): number => depositMs(round) + RACE_MS;

/** Rounds in which the answer of the store is lost when the money comes: the event is there. */
const CUT = [4, 11] as const;
/** The append has arrived, and is not answered. */
const CUT_AFTER_MS = 6;
const CUT_MS = 20;
const TIMEOUT_MS = 60;

/** Made of a deposit, a snapshot is handed in when the money is gone. */
const SNAPSHOT_EVERY = 5;
const SNAPSHOT_MS = 300;
/** Up to the next snapshot, and until that is made. */
const REPLAY_MAX = 2 * SNAPSHOT_EVERY;

/** When snapshots are spoken of. */
const SEEN_ROUNDS = 8;

interface Params {
  readonly snapshotEvery: number;
}

const clientAt = (
  name: string,
  service: string,
  amounts: readonly number[],
  timesMs: readonly number[],
): GroupPlan => ({
  name,
  component: 'account-client',
  count: 1,
  links: { service },
  config: { arrivals: { kind: 'replay', timesMs }, amounts },
});

const checks: readonly CheckPlan[] = [
  streamsCheck('none-lost', { lost: 0 }, 'Every command that was done has its event.'),
  streamsCheck('once', { repeated: 0 }, 'No command has two events.'),
  streamsCheck('none-stale', { stale: 0 }, 'Each event was decided on the one before it.'),
  streamsCheck('not-overdrawn', { overdrawn: 0 }, 'Nobody takes what is not there.'),
  {
    id: 'conflicts',
    use: 'fact-count',
    args: { fact: 'events.conflict', atLeast: ROUNDS, atMost: ROUNDS },
    about: `One of both is too late in each of the ${ROUNDS} rounds.`,
  },
  {
    id: 'came-again',
    use: 'gauge',
    args: {
      group: STORE,
      gauge: 'Known already',
      measure: 'total',
      atLeast: CUT.length,
      atMost: CUT.length,
    },
    about: `${CUT.length} events come again, and are known.`,
  },
  {
    id: 'replay',
    use: 'gauge',
    args: { group: SERVICE, gauge: 'Replay', measure: 'max', atMost: REPLAY_MAX },
    about: `No decision folds more than ${REPLAY_MAX} events.`,
  },
];

type Off = (rule: string) => boolean;

function guard(off: Off): { readonly answer: number; readonly because: string } {
  if (off('events.expected-version')) {
    return {
      answer: 3,
      because:
        'The store appends an event behind whatever is there. Both services found that it was ' +
        `enough, so both take ${AMOUNT}, and the account is below zero.`,
    };
  }
  return {
    answer: 1,
    because:
      'An event is appended only behind the revision on which it was decided. The second one ' +
      'names a revision that is no longer the newest, so the store refuses it: the service ' +
      'loads again, sees that the money is gone, and says so.',
  };
}

/** Two events a round. */
const isWithout = (snapshotEvery: number): boolean =>
  snapshotEvery === 0 || snapshotEvery > 2 * SEEN_ROUNDS;

function snapshots({ snapshotEvery }: Params, off: Off): string {
  if (isWithout(snapshotEvery)) {
    return (
      'Nobody has made a snapshot: each decision loads the stream from its first event on, and ' +
      `folds all of it. By now these are ${2 * SEEN_ROUNDS} events, and two more with each round.`
    );
  }
  const made =
    'So that streams may grow, a service hands in a snapshot of the state from time to time. It ' +
    'is made in the background, and by then the account has changed. ';
  return off('events.snapshot-version')
    ? `${made}The store keeps it as that of the newest event: whoever loads it does not fold ` +
        'what came meanwhile, and finds money that is gone.'
    : `${made}That does no harm, because the snapshot says of which revision it is: whoever ` +
        'loads it folds what is behind.';
}

interface Ending {
  readonly text: string;
  readonly check: string;
}

function ending(off: Off): Ending {
  if (off('events.expected-version')) {
    return {
      text:
        `${ROUNDS} rounds and ${ROUNDS} deposits: in one round both take the money, in the next ` +
        'the deposit only fills the hole, and nobody gets any.',
      check: 'not-overdrawn',
    };
  }
  if (off('events.once')) {
    return {
      text:
        `${ROUNDS} rounds: whenever the answer to a deposit was lost, ${CUT.length} times, it is ` +
        'in the account twice, and both clients take it.',
      check: 'once',
    };
  }
  if (off('events.snapshot-version')) {
    return {
      text:
        `${ROUNDS} rounds and ${ROUNDS} deposits, and more was taken out than was paid in: where ` +
        'a snapshot hid that the money was gone, it was paid out again.',
      check: 'not-overdrawn',
    };
  }
  return {
    text:
      `${ROUNDS} rounds: ${ROUNDS} deposits, ${ROUNDS} times it was taken out, and ${ROUNDS} ` +
      'times one of both came too late. Take one rule away, and the account is overdrawn, or a ' +
      'deposit is there twice.',
    check: 'not-overdrawn',
  };
}

const storyOf = (p: Params, off: Off): readonly StoryStep[] => [
  {
    title: 'Only events',
    at: { ms: FIRST_MS + 60 },
    text:
      'Nobody stores a balance. The store has a stream of events for the account, each with its ' +
      'revision. To decide a command, a service loads the stream, folds it into a state, and ' +
      'appends what follows.',
    focus: [SERVICE, STORE],
  },
  {
    title: 'Two at once',
    at: { ms: raceMs(0) - 20 },
    text:
      `There are ${AMOUNT} in the account. Two clients want all of it at the same moment, over ` +
      'two services that know nothing of each other. Both load the same stream, and both find ' +
      'that it is enough.',
    focus: [FIRST, SECOND, STORE],
    predict: {
      question: 'What keeps the account from going below zero?',
      options: [
        'A lock that the first service holds.',
        'The revision that each of them says with its event.',
        'The order in which the clients asked.',
        'Nothing.',
      ],
      ...guard(off),
    },
  },
  {
    title: 'An answer is lost',
    at: { ms: depositMs(CUT[0]) + 30 },
    text:
      'A deposit is appended, and the answer of the store is lost. The service tries the same ' +
      'event again, with the same id: ' +
      (off('events.once')
        ? 'the store does not know it again, and in the end the deposit is there twice.'
        : 'the store has it, and answers as the first time.'),
    focus: [SERVICE, STORE],
    check: 'came-again',
  },
  {
    title: isWithout(p.snapshotEvery) ? 'No snapshots' : 'Snapshots',
    at: { ms: raceMs(SEEN_ROUNDS - 1) + 150 },
    text: snapshots(p, off),
    focus: [SERVICE, STORE],
    check: 'replay',
  },
  {
    title: 'The account',
    at: { ms: raceMs(ROUNDS - 1) },
    ...ending(off),
    focus: [STORE],
  },
];

const faults: readonly FaultEntry[] = CUT.map((round) => ({
  id: `answer-${round}`,
  fault: { type: 'cut-link', a: SERVICE, b: STORE },
  atMs: depositMs(round) + CUT_AFTER_MS,
  forMs: CUT_MS,
}));

function plan(params: Params, ablations: readonly string[]): Plan {
  const { snapshotEvery } = params;
  const snapshots = snapshotEvery === 0 ? {} : { snapshotEvery, snapshotMs: SNAPSHOT_MS };
  const settings = { timeoutMs: TIMEOUT_MS, ...snapshots };
  return {
    title: 'Event sourcing',
    summary: 'An account is its events; two writers decide on it at the same moment.',
    durationMs: END_MS,
    network: NETWORK,
    groups: [
      clientAt(
        FIRST,
        SERVICE,
        [AMOUNT, -AMOUNT],
        rounds.flatMap((round) => [depositMs(round), raceMs(round)]),
      ),
      clientAt(SECOND, OTHER_SERVICE, [-AMOUNT], rounds.map(raceMs)),
      servicesOf(SERVICE, settings),
      servicesOf(OTHER_SERVICE, settings),
      storeGroup,
    ],
    faults,
    checks,
    story: storyOf(params, (rule) => ablations.includes(rule)),
  };
}

export default defineScenario({
  id: 'patterns/event-sourcing',
  title: 'Event sourcing',
  summary:
    'An account is kept as its events, and two services decide on it at the same moment. Three ' +
    'rules keep it right, and each that is switched off shows in exact numbers.',
  tier: 'hostile',
  sources: [CQRS_DOCUMENTS, KURRENT_APPEND, EVENT_SOURCING],
  params: {
    snapshotEvery: field.count({
      about: 'A snapshot behind each so many-th event; 0: none.',
      default: SNAPSHOT_EVERY,
      max: 50,
    }),
  },
  plan,
  variants: [
    {
      name: 'default',
      about: `All rules: ${ROUNDS} conflicts, each decided anew, and nothing lost.`,
    },
    {
      name: 'no-snapshots',
      about: 'Each decision folds the whole stream: the last of them 40 events.',
      params: { snapshotEvery: 0 },
      expect: { replay: { breaks: {} } },
    },
    {
      name: 'any-version',
      about: 'The store takes events behind any revision: every second round is overdrawn.',
      ablations: ['events.expected-version'],
      expect: {
        'none-stale': { breaks: { witness: 'of 10 stale' } },
        'not-overdrawn': { breaks: { witness: 'of 10 overdrawn' } },
        conflicts: { breaks: {} },
      },
    },
    {
      name: 'appended-again',
      about: 'The store does not know an event that comes again: two deposits are there twice.',
      ablations: ['events.once'],
      expect: {
        once: { breaks: { witness: 'of 2 repeated' } },
        'came-again': { breaks: {} },
        conflicts: { breaks: {} },
      },
    },
    {
      name: 'no-revision',
      about: 'A snapshot counts as that of the newest event: what came meanwhile is in neither.',
      ablations: ['events.snapshot-version'],
      expect: { 'not-overdrawn': { breaks: { witness: 'of 3 overdrawn' } } },
    },
  ],
  thingsToTry: [
    'Cut one of the services from the store just before a race: who gets the money?',
    'Crash the store in a race: can you make an event that was confirmed disappear?',
    'Take a snapshot behind every event: how many events does a decision fold then?',
  ],
  leavesOut: [
    'Events of several kinds and versions, and how old ones are read by new code.',
    'Commands about two accounts at once: no revision covers both.',
    'Erasing what must be forgotten from a log that only grows.',
  ],
});
