/**
 * A lock service that says "granted" before the lease is on its disk: after a crash it grants the
 * lock again, under the same token, and no fence can tell the two holders apart.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CHUBBY, KLEPPMANN_LOCKS, REDIS_CLOCK } from '../sources.ts';

const RULE = 'lock.persist-before-grant';

const params = {
  fsyncMs: field.millis({
    about: 'How long the disk of the service takes to make a lease durable.',
    default: 200,
    min: 1,
    max: 400,
  }),
};
type Params = Static<TObject<typeof params>>;

const FIRST_TOKEN = 33;
const TTL_MS = 2_000;
const A_ASKS_MS = 150;
const CRASH_MS = 250;
const DOWN_MS = 50;
const B_ASKS_MS = 320;
const A_WORKS_MS = 1_200;
const B_WORKS_MS = 50;
const END_MS = 6_000;
const HOP_MS = 1;
const AGAIN_AND_AGAIN = 0;

type Ending = 'twice' | 'untold' | 'kept';

/** Whether the lease of A is on the disk when the service crashes; and if not, who knows of it. */
function endingOf(p: Params, isEarly: boolean): Ending {
  if (A_ASKS_MS + HOP_MS + p.fsyncMs < CRASH_MS) return 'kept';
  return isEarly ? 'twice' : 'untold';
}

const client = (name: string, startMs: number, workMs: number, rounds: number): GroupPlan => ({
  name,
  component: 'lock-client',
  count: 1,
  links: { locks: 'locks', storage: 'storage' },
  config: { startMs, workMs, rounds, retryMs: 50, thinkMs: 400, renew: false },
});

const groups = (p: Params): readonly GroupPlan[] => [
  client('a', A_ASKS_MS, A_WORKS_MS, AGAIN_AND_AGAIN),
  // Once: a second round would have a new token, which the storage can tell from the first.
  client('b', B_ASKS_MS, B_WORKS_MS, 1),
  {
    name: 'locks',
    component: 'lock-service',
    count: 1,
    config: { ttlMs: TTL_MS, firstToken: FIRST_TOKEN - 1 },
    disk: { fsync: { kind: 'constant', ms: p.fsyncMs } },
  },
  { name: 'storage', component: 'fenced-storage', count: 1 },
];

const checks = (): readonly CheckPlan[] => [
  {
    id: 'both-are-served',
    use: 'fact-count',
    args: { fact: 'lock.granted', atLeast: 3 },
    about: 'The two clients get the lock in turn, again and again.',
  },
  {
    id: 'the-service-crashes',
    use: 'fact-count',
    args: { fact: 'node.crashed', atLeast: 1, atMost: 1 },
    about: 'The lock service crashes once.',
  },
  {
    id: 'no-update-lost',
    use: 'linearizable',
    about: 'Nobody overwrites what the other wrote after he had read.',
  },
  {
    id: 'nothing-to-refuse',
    use: 'fact-count',
    args: { fact: 'fencing.refused', atMost: 0 },
    about: 'The storage sees no token that is older than another.',
  },
];

const OPTIONS = [
  'Client A alone: the service reads its lease from the disk.',
  'Both of them, each with the same token.',
  'Only one: client A was never told that it had the lock.',
] as const;

const ANSWERS: Readonly<Record<Ending, number>> = { kept: 0, twice: 1, untold: 2 };

const BECAUSE: Readonly<Record<Ending, string>> = {
  kept:
    'The lease was on the disk before the crash. The service cannot know how much of it was ' +
    'left, and lets it run for its whole time once more: too long is safe, too short is not.',
  twice:
    'The lease was still on its way to the disk, and with the memory all trace of it is gone: ' +
    'also that its token was given. The next client gets the lock, and the same token.',
  untold:
    'The service answers when the lease is on the disk, not before. It crashed before that, so ' +
    'nobody holds anything: client A asks again, and whoever comes first gets the lock.',
};

const AFTER: Readonly<Record<Ending, string>> = {
  kept: 'Client A worked under its lease, restart or not, and client B came after it.',
  twice:
    'Client A wrote over the update of client B, with a token that the storage had no reason to ' +
    'refuse: it is not older than the other, it is the same. A fence is worth as much as the ' +
    'promise that a token is never given twice.',
  untold:
    'The crash has cost a little time and nothing else. All that a client may rely on was on the ' +
    'disk before the client heard of it.',
};

function story(p: Params, ending: Ending, isEarly: boolean): readonly StoryStep[] {
  return [
    {
      title: 'A lease on its way to the disk',
      at: { ms: A_ASKS_MS + 10 },
      text:
        `Client A asks for the lock. The service writes the lease and its token, ${FIRST_TOKEN}, ` +
        `to its disk, which takes ${p.fsyncMs} ms. ` +
        (isEarly
          ? 'It does not wait for that: client A already has its answer.'
          : 'Client A gets its answer when that is done.'),
      focus: ['a', 'locks'],
      check: 'both-are-served',
    },
    {
      title: 'The service crashes',
      at: { ms: CRASH_MS + 5 },
      text:
        `At ${CRASH_MS} ms the service loses its memory, and is back ${DOWN_MS} ms later with ` +
        'what is on its disk. Then client B asks for the lock as well.',
      focus: ['locks'],
      check: 'the-service-crashes',
      predict: {
        question: 'Who holds the lock half a second later?',
        options: [...OPTIONS],
        answer: ANSWERS[ending],
        because: BECAUSE[ending],
      },
    },
    {
      title: 'What is in the file',
      at: { ms: END_MS - 2_000 },
      text: AFTER[ending],
      focus: ['storage'],
      check: 'no-update-lost',
    },
  ];
}

const plan = (p: Params, ablations: readonly string[]): Plan => {
  const isEarly = ablations.includes(RULE);
  return {
    title: 'A forgetful lock',
    summary: isEarly
      ? 'The lock service answers before its disk does, and crashes in between.'
      : 'The lock service crashes while a lease is on its way to the disk.',
    durationMs: END_MS,
    network: { latency: { kind: 'constant', ms: HOP_MS } },
    groups: groups(p),
    faults: [
      {
        id: 'crash',
        fault: { type: 'crash', target: 'locks' },
        atMs: CRASH_MS,
        forMs: DOWN_MS,
      },
    ],
    checks: checks(),
    story: story(p, endingOf(p, isEarly), isEarly),
  };
};

export default defineScenario({
  id: 'coordination/forgetful-lock',
  title: 'A forgetful lock',
  summary:
    'A lock service crashes just after it granted a lock. What it had told a client, and what ' +
    'was on its disk, decide whether two hold the lock, with one and the same token.',
  tier: 'hostile',
  sources: [KLEPPMANN_LOCKS, REDIS_CLOCK, CHUBBY],
  params,
  plan,
  variants: [
    { name: 'default', about: 'It answers when the lease is on the disk.' },
    {
      name: 'answers-first',
      about: 'It answers first, as Redis does without fsync: an update is lost, fence or not.',
      ablations: [RULE],
      expect: { 'no-update-lost': { breaks: {} } },
    },
    {
      name: 'answers-first-quick-disk',
      about: 'The same with a disk that is done before the crash: luck, not safety.',
      params: { fsyncMs: 20 },
      ablations: [RULE],
    },
  ],
  thingsToTry: [
    'Which disk is quick enough for this crash, and which crash comes too early for that disk?',
    'Crash the storage instead: what does it need to have on its disk?',
    'Pause the service instead of crashing it: what is different?',
  ],
  leavesOut: [
    'A lock service of several servers: there a majority takes the place of the disk.',
    'Disks that say "done" before they are.',
  ],
});
