/**
 * A saga: a booking over four services, each with its own database. What cannot go on is taken back
 * step by step; nobody holds locks, so others see what will be taken back.
 */
import { defineScenario } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, StoryStep } from 'faultline';
import { NETWORK, PRODUCER } from '../queue-parts.ts';
import { MICROSERVICES_SAGA, SAGAS, SEATA_TCC } from '../sources.ts';

const ORCHESTRATOR = 'o';
const SERVICES = 's';
const SAGA_COUNT = 30;
const FIRST_MS = 1_000;
const GAP_MS = 200;
const END_MS = 10_000;
/** Of each five bookings the last has a card that is declined. */
const DECLINED_EVERY = 5;
const DECLINED = SAGA_COUNT / DECLINED_EVERY;

const beganMs = (k: number): number => FIRST_MS + k * GAP_MS;

/** Bookings at whose second step the orchestrator crashes: the step is done, the answer is not. */
const CRASHED = [3, 8, 13] as const;
const CRASH_AFTER_MS = 20;
/** From the fourth step of this booking on the last service is down. */
const LATE = 17;
const LATE_AFTER_MS = 36;
const LATE_MS = 950;
/** The second service is down while two bookings ask it. */
const SILENT = 25;
const SILENT_AFTER_MS = 10;
const SILENT_MS = 500;
const GIVEN_UP = 2;
/** What is sent to the second service comes long after it was given up. */
const SLOW = 28;
const SLOW_AFTER_MS = 10;
const SLOW_MS = 380;
const DELAY_MS = 600;
const SLOW_GIVEN_UP = 1;

const WENT_BACK = DECLINED + GIVEN_UP + SLOW_GIVEN_UP;

/** Of a declined booking the room and the seat, of one that is given up the room. */
const SEEN = 2 * DECLINED + GIVEN_UP + SLOW_GIVEN_UP;

const checks: readonly CheckPlan[] = [
  {
    id: 'none-half-done',
    use: 'sagas',
    args: { halfDone: 0, repeated: null, outOfOrder: null, underWay: 0 },
    about: 'In the end each booking is whole or not there at all.',
  },
  {
    id: 'once',
    use: 'sagas',
    args: { halfDone: null, repeated: 0, outOfOrder: null },
    about: 'No step stands twice.',
  },
  {
    id: 'in-order',
    use: 'sagas',
    args: { halfDone: null, repeated: null, outOfOrder: 0 },
    about: 'No step stands while one before it does not.',
  },
  {
    id: 'went-back',
    use: 'fact-count',
    args: { fact: 'saga.turned', atLeast: WENT_BACK, atMost: WENT_BACK },
    about: `${WENT_BACK} bookings are taken back: ${DECLINED} declined, the others given up.`,
  },
  {
    id: 'seen-and-gone',
    use: 'fact-count',
    args: { fact: 'saga.step-undone', atLeast: SEEN, atMost: SEEN },
    about: `Everybody could see ${SEEN} steps that were taken back later.`,
  },
];

type Off = (rule: string) => boolean;

function afterCrash(off: Off): { readonly answer: number; readonly because: string } {
  if (off('saga.durable-log')) {
    return {
      answer: 3,
      because:
        'It kept no log, so it knows of no booking that was under way. Room and seat stay ' +
        'reserved, without money and without a ticket.',
    };
  }
  const knows = 'Its log says that the seat was asked for, and not what became of it. The service ';
  return {
    answer: 1,
    because: off('saga.idempotent-steps')
      ? `${knows}does what it is asked, each time: the booking has two seats now.`
      : `${knows}knows the booking and the step: it answers that it is done, and does it no ` +
        'second time. That is why steps have to be idempotent.',
  };
}

const storyOf = (off: Off): readonly StoryStep[] => [
  {
    title: 'Four services, no transaction',
    at: { ms: FIRST_MS + 30 },
    text:
      'A booking reserves a room and a seat, takes the money and issues the ticket, each in the ' +
      'database of another service. The orchestrator ' +
      (off('saga.durable-log') ? 'keeps in its memory' : 'writes down') +
      ' how far each booking is, and asks the next service.',
    focus: [ORCHESTRATOR, SERVICES],
  },
  {
    title: 'Crashed in the middle',
    at: { ms: beganMs(CRASHED[0]) - 50 },
    text:
      'At the next booking the orchestrator crashes: the seat is being reserved, and nobody is ' +
      'there to hear the answer.',
    focus: [ORCHESTRATOR],
    predict: {
      question: 'What does it do when it is back?',
      options: [
        'It takes the booking back, because it does not know.',
        'It asks for the seat again.',
        'It goes on with the money.',
        'Nothing.',
      ],
      ...afterCrash(off),
    },
  },
  {
    title: 'The card is declined',
    at: { ms: beganMs(DECLINED_EVERY - 1) + 40 },
    text:
      'The third step is refused: ' +
      (off('saga.reverse-order')
        ? 'the room is given back, and then the seat, in the order in which they came. In ' +
          'between there is a seat for a guest without a room. '
        : 'the seat is given back, and then the room, in the reverse order. ') +
      'For a moment both were taken and could be seen by everybody: a saga has no isolation.',
    focus: [SERVICES],
    check: off('saga.reverse-order') ? 'in-order' : 'seen-and-gone',
  },
  {
    title: 'Behind the pivot',
    at: { ms: beganMs(LATE) + 300 },
    text:
      'The money is taken, and the service that issues tickets is down. Taking money decides: ' +
      (off('saga.retry-after-pivot')
        ? 'there is no step back from it. But this orchestrator gives up after three tries here, ' +
          'too: seat and room are given back, and the money is not.'
        : 'from there the saga can only go on, so the orchestrator tries again until it is up.'),
    focus: [ORCHESTRATOR, SERVICES],
  },
  {
    title: 'Before it',
    at: { ms: beganMs(SILENT) + 400 },
    text:
      'Now the second service does not answer, and nothing is decided yet. After three tries the ' +
      'booking is given up. Whether the seat was reserved nobody knows, so its compensation is ' +
      'sent, too, ' +
      (off('saga.remember-undone')
        ? 'and the service forgets it: a request that comes after it reserves a seat for nobody.'
        : 'and the service remembers it: a request that comes after it is refused.'),
    focus: [ORCHESTRATOR, SERVICES],
    check: 'none-half-done',
  },
];

const faults: readonly FaultEntry[] = [
  ...CRASHED.map((k) => ({
    id: `orchestrator-${k}`,
    fault: { type: 'crash', target: ORCHESTRATOR, machineUp: true } as const,
    atMs: beganMs(k) + CRASH_AFTER_MS,
    forMs: 30,
  })),
  {
    id: 'tickets-down',
    fault: { type: 'crash', target: `${SERVICES}4`, machineUp: true },
    atMs: beganMs(LATE) + LATE_AFTER_MS,
    forMs: LATE_MS,
  },
  {
    id: 'seats-down',
    fault: { type: 'crash', target: `${SERVICES}2`, machineUp: true },
    atMs: beganMs(SILENT) + SILENT_AFTER_MS,
    forMs: SILENT_MS,
  },
  {
    id: 'seats-late',
    fault: {
      type: 'latency',
      from: ORCHESTRATOR,
      to: `${SERVICES}2`,
      extra: { kind: 'constant', ms: DELAY_MS },
    },
    atMs: beganMs(SLOW) + SLOW_AFTER_MS,
    forMs: SLOW_MS,
  },
];

const disk = { fsync: { kind: 'constant', ms: 2 } } as const;

const plan = (_params: unknown, ablations: readonly string[]): Plan => ({
  title: 'Saga',
  summary: 'A booking over four services, with compensations.',
  durationMs: END_MS,
  network: NETWORK,
  groups: [
    {
      name: PRODUCER,
      component: 'queue-producer',
      count: 1,
      links: { queue: ORCHESTRATOR },
      config: {
        arrivals: {
          kind: 'replay',
          timesMs: Array.from({ length: SAGA_COUNT }, (_, k) => beganMs(k)),
        },
        poisonEvery: DECLINED_EVERY,
      },
    },
    {
      name: ORCHESTRATOR,
      component: 'saga-orchestrator',
      count: 1,
      disk,
      links: { participants: SERVICES },
      config: { timeoutMs: 80, retryMs: 100 },
    },
    { name: SERVICES, component: 'saga-participant', count: 4, disk },
  ],
  faults,
  checks,
  story: storyOf((rule) => ablations.includes(rule)),
});

export default defineScenario({
  id: 'patterns/saga',
  title: 'Saga',
  summary:
    'Thirty bookings over four services, without a transaction that spans them: each is whole in ' +
    'the end, or taken back step by step. Five rules carry that; nothing carries isolation.',
  tier: 'hostile',
  sources: [SAGAS, MICROSERVICES_SAGA, SEATA_TCC],
  params: {},
  plan,
  variants: [
    {
      name: 'default',
      about: `All rules: ${SAGA_COUNT - WENT_BACK} bookings are whole, ${WENT_BACK} are not there.`,
    },
    {
      name: 'forgetful',
      about: 'The orchestrator keeps no log: three crashes, three bookings half done.',
      ablations: ['saga.durable-log'],
      expect: { 'none-half-done': { breaks: { witness: 'of 3 half done' } } },
    },
    {
      name: 'not-idempotent',
      about: 'A service does what it is asked, each time: three crashes, three seats too many.',
      ablations: ['saga.idempotent-steps'],
      expect: { once: { breaks: { witness: 'of 3 repeated' } } },
    },
    {
      name: 'gives-up-late',
      about:
        'The orchestrator gives up behind the pivot, too: money is taken for three no-tickets.',
      ablations: ['saga.retry-after-pivot'],
      expect: {
        'none-half-done': { breaks: { witness: 'of 3 half done' } },
        'in-order': { breaks: { witness: 'of 6 out of order' } },
        'went-back': { breaks: {} },
        'seen-and-gone': { breaks: {} },
      },
    },
    {
      name: 'first-things-first',
      about: 'Steps are taken back in the order in which they came: six times a seat has no room.',
      ablations: ['saga.reverse-order'],
      expect: { 'in-order': { breaks: { witness: 'of 6 out of order' } } },
    },
    {
      name: 'late-request',
      about: 'A service forgets what it was asked to take back: a late request reserves a seat.',
      ablations: ['saga.remember-undone'],
      expect: {
        'none-half-done': { breaks: { witness: 'of 2 half done' } },
        'in-order': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Crash the orchestrator at any moment, and again: can you leave a booking half done?',
    'Keep the first service down until the end while bookings go back: what do they wait for?',
    'Read how long each step that is taken back could be seen: who might have acted on it?',
  ],
  leavesOut: [
    'What keeps others from acting on what they see: semantic locks, versions, reading again.',
    'Compensations that cannot succeed, and people who mend what is left.',
    'Choreography: services that lead each other by events.',
  ],
});
