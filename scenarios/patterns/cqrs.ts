/**
 * CQRS: commands append events, and a projection makes rows of them for those who ask. It is always
 * a little late, and it has to come back right after a crash.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, StoryStep } from 'faultline';
import {
  PROJECTION,
  projectionOf,
  rowsCheck,
  SERVICE,
  servicesOf,
  STORE,
  storeGroup,
} from '../event-parts.ts';
import { NETWORK } from '../queue-parts.ts';
import { CQRS_DOCUMENTS, KURRENT_SUBSCRIPTIONS, SESSION_GUARANTEES } from '../sources.ts';

const CLIENT = 'c';
const NEW_PROJECTION = 'q';

const COMMANDS = 40;
const FIRST_MS = 1_000;
const GAP_MS = 100;
const END_MS = 7_000;
const AMOUNTS = [50, -20] as const;
const ACCOUNTS = 4;
const APPLY_MS = 10;

const sentMs = (k: number): number => FIRST_MS + k * GAP_MS;

/** Commands whose row is on disk when the projection crashes, and nothing else. */
const CRASHED = [5, 10, 15] as const;
const CRASH_AFTER_MS = 21;
const DOWN_MS = 30;
/** From this command on the projection has no time. */
const SLOW = 20;
const SLOW_MS = 400;
const SLOW_FACTOR = 20;
const LAG_MIN = 3;
/** When somebody has the idea of a second projection. */
const NEW_MS = 4_500;

interface Params {
  readonly token: boolean;
}

const checks: readonly CheckPlan[] = [
  rowsCheck('each-once', { repeated: 0 }, 'No event has two rows.'),
  rowsCheck('none-missing', { missing: 0 }, 'Every event that a projection is past has its row.'),
  rowsCheck('balances', { wrong: 0 }, 'Each balance is the sum of the events.'),
  rowsCheck('caught-up', { behind: 0 }, 'In the end no event is still to come.'),
  {
    id: 'own-write',
    use: 'fact-count',
    args: { fact: 'account.read-stale', atMost: 0 },
    about: 'Who has changed an account sees it.',
  },
  {
    id: 'lag',
    use: 'gauge',
    args: { group: PROJECTION, gauge: 'Lag', measure: 'max', atLeast: LAG_MIN },
    about: `The projection is ${LAG_MIN} events behind for a while.`,
  },
];

type Off = (rule: string) => boolean;

function crash(off: Off): { readonly text: string; readonly check: string } {
  if (off('projection.one-transaction')) {
    return {
      text:
        'The projection crashes right after it has written a row. Its checkpoint is a ' +
        'transaction of its own behind that, and not yet there: it makes the row once more.',
      check: 'each-once',
    };
  }
  if (off('projection.rows-first')) {
    return {
      text:
        'The projection crashes right after it has written its checkpoint. The row is a ' +
        'transaction of its own behind that, and not yet there: nobody will ever make it.',
      check: 'none-missing',
    };
  }
  return {
    text:
      'The projection crashes right after it has written a row. Row and checkpoint are one ' +
      'transaction, so it goes on behind that row. With two transactions it would depend on ' +
      'which is the first: the row would be there twice, or never.',
    check: 'each-once',
  };
}

const isWrong = (off: Off): boolean =>
  off('projection.one-transaction') || off('projection.rows-first');

const storyOf = ({ token }: Params, off: Off): readonly StoryStep[] => [
  {
    title: 'Two models',
    at: { ms: FIRST_MS + 50 },
    text:
      'Commands go to a service, which appends events. Questions go to a projection: it reads ' +
      'the events in their order, and keeps a row of each and the balances. Neither waits for ' +
      'the other.',
    focus: [SERVICE, STORE, PROJECTION],
  },
  {
    title: 'Did it work?',
    at: { ms: sentMs(2) - 20 },
    text:
      'A client puts money into its account, is told that it is done, and looks at the balance ' +
      'at once.',
    focus: [CLIENT, PROJECTION],
    predict: {
      question: 'When is the change in the balance that it reads?',
      options: [
        'Always: the command was answered as done.',
        'When it says which position it wants to see, and the projection waits for that.',
        'Never at the first try.',
      ],
      answer: token ? 1 : 2,
      because:
        `The event is on the disk of the store, and its row is made ${APPLY_MS} ms later. The ` +
        'answer to the command carries the position of the event; ' +
        (token
          ? 'a question that carries it, too, is answered once the rows are that far.'
          : 'these questions do not, so each is answered at once, from rows that lack it.'),
    },
  },
  {
    title: 'A crash at the worst moment',
    at: { ms: sentMs(CRASHED[0]) + 15 },
    ...crash(off),
    focus: [PROJECTION],
  },
  {
    title: 'Falling behind',
    at: { ms: sentMs(SLOW) + 250 },
    text:
      'Something else takes the processor of the projection. Commands go on as before, the gap ' +
      'between the head of the store and the projection grows, and questions ' +
      (token ? 'about new positions wait.' : 'are answered from rows that are ever older.'),
    focus: [STORE, PROJECTION],
    check: 'lag',
  },
  {
    title: 'Another view of the past',
    at: { ms: NEW_MS - 20 },
    text:
      'Now somebody wants a second projection. It starts with nothing, reads all events from the ' +
      (isWrong(off)
        ? 'first one on, and ends with other balances: no crash has come in its way, so they are ' +
          'the right ones. '
        : 'first one on, and ends with the same balances: ') +
      (isWrong(off) ? 'Rows' : 'rows') +
      ' can be thrown away and made again, as long as the events are there.',
    focus: [STORE, NEW_PROJECTION],
    check: 'balances',
  },
];

const faults: readonly FaultEntry[] = [
  {
    id: 'not-yet-there',
    fault: { type: 'crash', target: NEW_PROJECTION, machineUp: true },
    atMs: 0,
    forMs: NEW_MS,
  },
  ...CRASHED.map((k) => ({
    id: `projection-${k}`,
    fault: { type: 'crash', target: PROJECTION, machineUp: true } as const,
    atMs: sentMs(k) + CRASH_AFTER_MS,
    forMs: DOWN_MS,
  })),
  {
    id: 'no-time',
    fault: { type: 'slow-cpu', target: PROJECTION, factor: SLOW_FACTOR },
    atMs: sentMs(SLOW),
    forMs: SLOW_MS,
  },
];

const plan = ({ token }: Params, ablations: readonly string[]): Plan => ({
  title: 'CQRS',
  summary: 'Commands append events; a projection makes rows of them, and is a little late.',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    {
      name: CLIENT,
      component: 'account-client',
      count: 1,
      links: { service: SERVICE, projection: PROJECTION },
      config: {
        arrivals: {
          kind: 'replay',
          timesMs: Array.from({ length: COMMANDS }, (_, k) => sentMs(k)),
        },
        amounts: AMOUNTS,
        accounts: ACCOUNTS,
        reads: token ? 'with-token' : 'at-once',
      },
    },
    servicesOf(SERVICE, {}),
    storeGroup,
    projectionOf(PROJECTION, { applyMs: APPLY_MS }),
    projectionOf(NEW_PROJECTION, { applyMs: APPLY_MS }),
  ],
  faults,
  checks,
  story: storyOf({ token }, (rule) => ablations.includes(rule)),
});

export default defineScenario({
  id: 'patterns/cqrs',
  title: 'CQRS and projections',
  summary:
    'A projection follows the events of a store: always a little late, right after each crash, ' +
    'and made anew whenever somebody wants to.',
  tier: 'hostile',
  sources: [CQRS_DOCUMENTS, KURRENT_SUBSCRIPTIONS, SESSION_GUARANTEES],
  params: {
    token: field.flag({
      about: 'A question carries the position of the command before it.',
      default: true,
    }),
  },
  plan,
  variants: [
    {
      name: 'default',
      about: `All rules, and a token: ${COMMANDS} commands, and each sees its own change.`,
    },
    {
      name: 'no-token',
      about: `Questions are answered at once: ${COMMANDS} of ${COMMANDS} miss the own change.`,
      params: { token: false },
      expect: { 'own-write': { breaks: {} } },
    },
    {
      name: 'checkpoint-after',
      about: 'The checkpoint is written after the rows: three crashes between, three rows twice.',
      ablations: ['projection.one-transaction'],
      expect: {
        'each-once': { breaks: { witness: 'of 3 repeated' } },
        balances: { breaks: {} },
      },
    },
    {
      name: 'checkpoint-before',
      about: 'It is written before them: three crashes between, three events have no row.',
      ablations: ['projection.rows-first'],
      expect: {
        'none-missing': { breaks: { witness: 'of 3 missing' } },
        balances: { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Cut the projection from the store for two seconds: what do clients with a token see?',
    'Crash the projection at any moment: can you make its balances wrong?',
    'Let a question come 50 ms after its command: how many still miss the change without a token?',
  ],
  leavesOut: [
    'Rows in another database than the checkpoint: there each row has to know its position.',
    'Several projections that answer the same clients, each as late as it is.',
    'Questions that show more than one account, and what lies between their events.',
  ],
});
