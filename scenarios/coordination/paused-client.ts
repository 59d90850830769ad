/**
 * A client that sleeps past the end of its lease: when it wakes, it still believes that it holds
 * the lock, and writes over what the next holder has written.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { KLEPPMANN_LOCKS, CHUBBY } from '../sources.ts';

const params = {
  checkTokens: field.flag({
    about: 'The storage refuses tokens that are older than one it has seen.',
    default: false,
  }),
  checkLease: field.flag({
    about: 'A client looks at its own clock before it writes.',
    default: false,
  }),
  late: field.choice(['pause', 'slow-write'], {
    about: 'What makes the first client late: it stops as a whole, or its write is slow to arrive.',
    default: 'pause',
  }),
  lateMs: field.millis({
    about: 'How late.',
    default: 2_500,
    min: 0,
    max: 4_000,
  }),
  ttlMs: field.millis({
    about: 'How long a lease runs.',
    default: 1_000,
    min: 500,
    max: 5_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const FIRST_TOKEN = 33;
const A_ASKS_MS = 150;
const B_ASKS_MS = 250;
/** Client A computes for so long. */
const A_WORKS_MS = 400;
const B_WORKS_MS = 100;
/** In the middle of A's work. */
const LATE_FROM_MS = 350;
const END_MS = 7_000;

/** When the write of A reaches the storage, about. */
const aWritesMs = (p: Params): number => A_ASKS_MS + A_WORKS_MS + p.lateMs;
const leaseEndsMs = (p: Params): number => A_ASKS_MS + p.ttlMs;
/** B asks again every 50 ms on average, and then needs its own round. */
const B_ROUND_MS = 700;

type Course = 'in time' | 'overtaken' | 'close';

/** Whether A is done before its lease ends, or B is done before A writes; else it is chance. */
function courseOf(p: Params): Course {
  if (aWritesMs(p) + 50 < leaseEndsMs(p)) return 'in time';
  return aWritesMs(p) > leaseEndsMs(p) + B_ROUND_MS ? 'overtaken' : 'close';
}

/** A looks at its clock just before it writes, which helps unless the write itself is late. */
const givesUp = (p: Params): boolean => p.checkLease && p.late === 'pause';

type Ending = 'lost' | 'refused' | 'gives up' | 'harmless' | 'chance';

function endingOf(p: Params): Ending {
  const course = courseOf(p);
  if (course === 'in time') return 'harmless';
  if (course === 'close') return 'chance';
  if (givesUp(p)) return 'gives up';
  return p.checkTokens ? 'refused' : 'lost';
}

const client = (name: string, p: Params, startMs: number, workMs: number): GroupPlan => ({
  name,
  component: 'lock-client',
  count: 1,
  links: { locks: 'locks', storage: 'storage' },
  config: {
    startMs,
    workMs,
    retryMs: 50,
    thinkMs: 400,
    renew: false,
    checkLease: p.checkLease,
    timeoutMs: 6_000,
  },
});

const groups = (p: Params): readonly GroupPlan[] => [
  client('a', p, A_ASKS_MS, A_WORKS_MS),
  client('b', p, B_ASKS_MS, B_WORKS_MS),
  {
    name: 'locks',
    component: 'lock-service',
    count: 1,
    config: { ttlMs: p.ttlMs, firstToken: FIRST_TOKEN - 1 },
  },
  {
    name: 'storage',
    component: 'fenced-storage',
    count: 1,
    config: { checkTokens: p.checkTokens },
  },
];

function faults(p: Params): readonly FaultEntry[] {
  if (p.lateMs === 0) return [];
  if (p.late === 'pause') {
    const fault = { type: 'pause', target: 'a' } as const;
    return [{ id: 'pause', fault, atMs: LATE_FROM_MS, forMs: p.lateMs }];
  }
  const extra = { kind: 'constant', ms: p.lateMs } as const;
  const fault = { type: 'latency', from: 'a', to: 'storage', extra } as const;
  return [{ id: 'slow-write', fault, atMs: LATE_FROM_MS, forMs: A_WORKS_MS }];
}

function checks(p: Params): readonly CheckPlan[] {
  const ending = endingOf(p);
  const isChance = ending === 'chance';
  const once = (isIt: boolean) => ({
    atLeast: isIt && !isChance ? 1 : null,
    atMost: isIt || isChance ? 1 : 0,
  });
  return [
    {
      id: 'both-are-served',
      use: 'fact-count',
      args: { fact: 'lock.granted', atLeast: 4 },
      about: 'The two clients get the lock in turn, again and again.',
    },
    {
      id: 'no-update-lost',
      use: 'linearizable',
      about: 'Nobody overwrites what the other wrote after he had read.',
    },
    {
      id: 'refused-by-the-fence',
      use: 'fact-count',
      args: { fact: 'fencing.refused', ...once(ending === 'refused') },
      about: ending === 'refused' ? 'The storage refuses the late write.' : 'Nobody is refused.',
    },
    {
      id: 'given-up',
      use: 'fact-count',
      args: { fact: 'lock.lost', ...once(ending === 'gives up') },
      about:
        ending === 'gives up'
          ? 'The first client finds that its lease is over, and does not write.'
          : 'No client gives up by itself.',
    },
  ];
}

const LATE_WORDS: Readonly<Record<Params['late'], string>> = {
  pause: 'stops, as a whole',
  'slow-write': 'sends its write over a connection that has become slow',
};

const seconds = (ms: number): string => `${ms / 1_000} s`;

function lateText(p: Params): string {
  if (p.lateMs === 0) return 'Nothing happens to client A, this time: it computes and will write.';
  const how =
    p.late === 'pause'
      ? `Client A stops for ${seconds(p.lateMs)}: the garbage collector, a page fault, a machine ` +
        'that is moved. It does not know that time passes.'
      : `The way from client A to the storage takes ${seconds(p.lateMs)} longer from now on, as ` +
        'when packets are lost and sent again. Its write will be under way for that long.';
  return `${how} The lease runs for ${seconds(p.ttlMs)} from when it was granted.`;
}

const OPTIONS = [
  'It overwrites what client B wrote: an update is lost.',
  'The storage refuses it, for it has seen a newer token.',
  'Client A sees that its lease is over and does not write.',
  'Nothing of the kind: client A still holds the lock when it writes.',
] as const;

const ANSWERS: Readonly<Record<Ending, number>> = {
  lost: 0,
  chance: 0,
  refused: 1,
  'gives up': 2,
  harmless: 3,
};

const BECAUSE: Readonly<Record<Ending, string>> = {
  lost:
    'The lock service did its duty: the lease was over before it gave the lock to the next. But ' +
    'a lease ends without its holder, and a storage that takes every write cannot tell who is ' +
    'late.',
  chance:
    'It is a close race between the end of the lease, the next holder and the late write, and a ' +
    'lock that is safe most of the time is not one to trust with data.',
  refused:
    'Each lease has a larger token than the one before. The storage has seen the token of client ' +
    'B, so everything with an older one comes from somebody whose time is over.',
  'gives up':
    'It looks at its clock just before it writes, and the pause was before that. Had it stopped ' +
    'one line later, or had the write been slow on its way, looking would not have helped.',
  harmless:
    'The lease outlasts the delay, so nobody else was let in. That is how it goes nearly always, ' +
    'and why this fault survives in so many programs.',
};

const AFTER: Readonly<Record<Ending, string>> = {
  lost:
    'Client A has read before client B wrote, and wrote after. What B computed is gone, and all ' +
    'were told that it went well. The check below names the operations that cannot be ordered.',
  chance:
    'With these times it is a matter of luck who comes first. Look at the history below, and try ' +
    'other seeds.',
  refused:
    'The storage answers "stale-token", client A learns that its work was for nothing, and the ' +
    'update of client B is kept. The lock made it rare that work is wasted; the fence made it ' +
    'safe.',
  'gives up':
    'Client A found its lease over and began anew. It was lucky: it stopped before it looked, ' +
    'not after.',
  harmless: 'Client A was done before its lease ended, client B came after it, and all is well.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A lock for a while',
    at: { ms: A_ASKS_MS + 50 },
    text:
      `Client A asks for the lock and gets a lease of ${seconds(p.ttlMs)}, with token ` +
      `${FIRST_TOKEN}. It reads a file, changes it, and will write it back. The lease ends by ` +
      'itself, so that a client that dies does not keep the lock for ever.',
    focus: ['a', 'locks'],
    check: 'both-are-served',
  },
  {
    title: p.lateMs === 0 ? 'Nothing happens' : `Client A ${LATE_WORDS[p.late]}`,
    at: { ms: LATE_FROM_MS + 10 },
    text: lateText(p),
    focus: ['a'],
  },
  {
    title: 'The write of client A',
    at: { ms: Math.min(END_MS - 1_500, aWritesMs(p) - 100) },
    text:
      'Client B has been asking for the lock all the while' +
      (courseOf(p) === 'overtaken'
        ? ` and got it, with token ${FIRST_TOKEN + 1}, as soon as the lease of A was over. It ` +
          'read the file, changed it and wrote it. ' +
          (p.late === 'pause'
            ? 'Now A is back, and to A no time has passed.'
            : 'Now the write arrives that A sent when the lock was its own.')
        : ', and is told that it is held.'),
    focus: ['b', 'storage'],
    predict: {
      question: 'What becomes of the write of client A?',
      options: [...OPTIONS],
      answer: ANSWERS[endingOf(p)],
      because: BECAUSE[endingOf(p)],
    },
  },
  {
    title: 'What is in the file',
    at: { ms: END_MS - 1_000 },
    text: AFTER[endingOf(p)],
    focus: ['storage'],
    check: 'no-update-lost',
  },
];

const plan = (p: Params): Plan => ({
  title: 'A client that slept',
  summary: 'A lease ends while its holder cannot see it. What becomes of its write?',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: groups(p),
  faults: faults(p),
  checks: checks(p),
  story: story(p),
});

const LOST = 'no-update-lost';

export default defineScenario({
  id: 'coordination/paused-client',
  title: 'A client that slept',
  summary:
    'A client stops while it holds a lock, and writes when its lease is long over. A lock ' +
    'service cannot prevent it; a storage that checks fencing tokens can.',
  tier: 'hostile',
  sources: [KLEPPMANN_LOCKS, CHUBBY],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The storage takes every write: an update is lost.',
      expect: { [LOST]: { breaks: {} } },
    },
    {
      name: 'fencing',
      about: 'The storage checks tokens: the late write is refused.',
      params: { checkTokens: true },
    },
    {
      name: 'own-clock',
      about: 'The client looks at its clock before it writes, and this time that is enough.',
      params: { checkLease: true },
    },
    {
      name: 'own-clock-slow-write',
      about: 'It looks at its clock in time, and the write is slow on its way: lost again.',
      params: { checkLease: true, late: 'slow-write' },
      expect: { [LOST]: { breaks: {} } },
    },
    {
      name: 'slow-write-fencing',
      about: 'The fence does not ask why a write is late.',
      params: { checkLease: true, checkTokens: true, late: 'slow-write' },
    },
    {
      name: 'long-lease',
      about: 'A lease that outlasts this pause: safe until the next, longer one.',
      params: { ttlMs: 5_000 },
    },
  ],
  thingsToTry: [
    'Make the lease longer and longer: which pause is too long for it, and who waits meanwhile?',
    'Pause the client yourself a moment earlier or later, without the plan’s fault.',
    'Crash client A instead of pausing it: when does client B get the lock?',
  ],
  leavesOut: [
    'What the file holds: a write is a number that nobody has written before.',
    'A lock service of several servers: one that never fails shows the same.',
  ],
});
