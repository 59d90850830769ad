/**
 * The clock of a lock service is set forward: leases that it granted are over at once, their
 * holders cannot know, and a second one is let in.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CHUBBY, KLEPPMANN_LOCKS, REDIS_CLOCK } from '../sources.ts';

const params = {
  clock: field.choice(['wall', 'monotonic'], {
    about: 'By which of its clocks the service ends leases.',
    default: 'wall',
  }),
  jumpMs: field.number({
    about: 'How far the clock of the service is set forward (or back), in milliseconds.',
    default: 10_000,
    min: -10_000,
    max: 10_000,
    unit: 'ms',
  }),
  checkTokens: field.flag({
    about: 'The storage refuses tokens that are older than one it has seen.',
    default: false,
  }),
};
type Params = Static<TObject<typeof params>>;

const FIRST_TOKEN = 33;
const TTL_MS = 3_000;
const A_ASKS_MS = 150;
const B_ASKS_MS = 250;
const JUMP_MS = 350;
const A_WORKS_MS = 1_200;
const B_WORKS_MS = 100;
const END_MS = 5_000;
const A_WRITES_MS = A_ASKS_MS + A_WORKS_MS;
/** Ends the lease while A works, in time for a round of B; a jump that is nearer does not. */
const FAR_MS = A_ASKS_MS + TTL_MS - JUMP_MS;
const NEAR_MS = A_ASKS_MS + TTL_MS - A_WRITES_MS - 50;

type Ending = 'lost' | 'refused' | 'harmless' | 'chance';

function endingOf(p: Params): Ending {
  if (p.clock === 'monotonic' || p.jumpMs < NEAR_MS) return 'harmless';
  if (p.jumpMs < FAR_MS) return 'chance';
  return p.checkTokens ? 'refused' : 'lost';
}

const client = (name: string, startMs: number, workMs: number): GroupPlan => ({
  name,
  component: 'lock-client',
  count: 1,
  links: { locks: 'locks', storage: 'storage' },
  config: { startMs, workMs, retryMs: 50, thinkMs: 400, renew: false, checkLease: true },
});

const groups = (p: Params): readonly GroupPlan[] => [
  client('a', A_ASKS_MS, A_WORKS_MS),
  client('b', B_ASKS_MS, B_WORKS_MS),
  {
    name: 'locks',
    component: 'lock-service',
    count: 1,
    config: { ttlMs: TTL_MS, clock: p.clock, firstToken: FIRST_TOKEN - 1 },
  },
  {
    name: 'storage',
    component: 'fenced-storage',
    count: 1,
    config: { checkTokens: p.checkTokens },
  },
];

function checks(p: Params): readonly CheckPlan[] {
  const ending = endingOf(p);
  const jumpsIn = ending === 'lost' || ending === 'refused';
  const once = (isIt: boolean) =>
    ending === 'chance' ? { atMost: 1 } : { atLeast: isIt ? 1 : null, atMost: isIt ? 1 : 0 };
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
      id: 'ended-early',
      use: 'fact-count',
      args: { fact: 'lock.expired', ...once(jumpsIn) },
      about: jumpsIn
        ? 'One lease is over before its holder is done, long before its time.'
        : 'No lease ends while its holder works.',
    },
    {
      id: 'refused-by-the-fence',
      use: 'fact-count',
      args: { fact: 'fencing.refused', ...once(ending === 'refused') },
      about: ending === 'refused' ? 'The storage refuses the late write.' : 'Nobody is refused.',
    },
  ];
}

const OPTIONS = [
  'Nothing: the lease was for three seconds, and these are not over.',
  'Client B gets the lock as well, and one of the two updates is lost.',
  'Client B gets the lock as well, and the storage refuses what client A writes.',
] as const;

const ANSWERS: Readonly<Record<Ending, number>> = { harmless: 0, lost: 1, chance: 1, refused: 2 };

const BECAUSE: Readonly<Record<Ending, string>> = {
  lost:
    'The service compares the end of the lease with what its clock says now, and that is beyond ' +
    'it. Client A looks at its own clock, which nobody has set: to A the lease still runs. Both ' +
    'are right by what they see.',
  chance:
    'The lease ends early, but near the time at which client A is done: who comes first is a ' +
    'matter of luck.',
  refused:
    'The lease of client A is over for the service alone, and two clients believe that they hold ' +
    'the lock. But the tokens say who came later, and the storage has seen the later one.',
  harmless:
    'By the clock that the service goes by, the lease has not ended: a monotonic clock is never ' +
    'set, and a wall clock that is set back, or forward by little, only shifts the end.',
};

const AFTER: Readonly<Record<Ending, string>> = {
  lost:
    'Client A looked at its clock before it wrote, as careful programs do, and the clock was ' +
    'right. It wrote over the update of B all the same. No client can see that the clock of ' +
    'somebody else has jumped.',
  chance: 'With this jump it depends on the moment. Try other seeds, and other jumps.',
  refused:
    'One round of work was for nothing, and no update is lost. The clock may do what it likes: ' +
    'it decides how soon a lock is given on, no longer what is in the file.',
  harmless: 'The clients went on in turn, each under a lease that held for as long as it worked.',
};

function jumpText(p: Params): string {
  const by = `${Math.abs(p.jumpMs) / 1_000} s`;
  if (p.jumpMs === 0) return 'Nobody sets the clock of the lock service, this time.';
  const where = p.jumpMs > 0 ? 'forward' : 'back';
  return (
    `Somebody sets the clock of the lock service ${where} by ${by}: by hand, by a time server ` +
    'that had been wrong, after a pause of the whole machine. Client A is in the middle of its ' +
    'work. ' +
    (p.clock === 'monotonic'
      ? 'The service ends leases by its monotonic clock, which only counts.'
      : 'The service ends leases by its wall clock, the one that was set.')
  );
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A lease of three seconds',
    at: { ms: A_ASKS_MS + 50 },
    text:
      `Client A gets the lock with token ${FIRST_TOKEN}, for three seconds. It needs a little ` +
      'more than one to read a file, change it and write it back. Client B asks for the lock, ' +
      'too, and is told that it is held.',
    focus: ['a', 'locks'],
    check: 'both-are-served',
  },
  {
    title: 'The clock of the service',
    at: { ms: JUMP_MS + 5 },
    text: jumpText(p),
    focus: ['locks'],
    predict: {
      question: 'What happens while client A works?',
      options: [...OPTIONS],
      answer: ANSWERS[endingOf(p)],
      because: BECAUSE[endingOf(p)],
    },
  },
  {
    title: 'Who holds the lock?',
    at: { ms: A_WRITES_MS - 100 },
    text:
      endingOf(p) === 'harmless'
        ? 'Client A still does, for the service and for itself. Client B waits.'
        : 'Two answers: client A by its own clock, and somebody else by that of the service.',
    focus: ['a', 'b'],
    check: 'ended-early',
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
  title: 'A clock that jumps',
  summary: 'The clock of a lock service is set while a client holds a lease.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: groups(p),
  faults: [
    {
      id: 'clock-is-set',
      fault: { type: 'clock-jump', target: 'locks', byMs: p.jumpMs },
      atMs: JUMP_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

const LOST = 'no-update-lost';

export default defineScenario({
  id: 'coordination/clock-jump',
  title: 'A clock that jumps',
  summary:
    'The clock of a lock service is set forward by ten seconds: two clients hold the same lock, ' +
    'and each is right by its own clock.',
  tier: 'hostile',
  sources: [KLEPPMANN_LOCKS, REDIS_CLOCK, CHUBBY],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Leases end by the wall clock: an update is lost.',
      expect: { [LOST]: { breaks: {} } },
    },
    {
      name: 'monotonic',
      about: 'Leases end by a clock that nobody can set.',
      params: { clock: 'monotonic' },
    },
    {
      name: 'fencing',
      about: 'Two holders, and a storage that takes the write of one of them only.',
      params: { checkTokens: true },
    },
    {
      name: 'small-jump',
      about: 'Half a second: within what is left of the lease when the client is done.',
      params: { jumpMs: 500 },
    },
    {
      name: 'backwards',
      about: 'Set back, a lease only lasts longer: it costs waiting, not an update.',
      params: { jumpMs: -10_000 },
    },
  ],
  thingsToTry: [
    'Find the smallest jump that loses an update. What does it depend on?',
    'Set the clock back and crash client A: for how long does client B wait?',
    'Let the clock of the service run fast instead of jumping: how fast is too fast?',
  ],
  leavesOut: [
    'Several lock servers that vote (Redlock): each has a clock, and it takes the jumps of more.',
    'How clocks are kept right: a time server that slews instead of stepping never does this.',
  ],
});
