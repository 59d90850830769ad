/** What the story of eviction asks, and why its answer is right, of each policy and stream. */
import type { StoryStep } from 'faultline';
import { OBJECTS, hitRatio, isTheoretical, mostPossible } from './eviction-theory.ts';
import type { Theoretical } from './eviction-theory.ts';

interface Params {
  readonly policy: string;
  readonly stream: string;
  readonly capacity: number;
}

/** A loop that is a fifth longer than the cache. */
export const loopOf = (p: Params): number => Math.floor(p.capacity * 1.2);

type Finding = readonly [options: readonly string[], answer: number, because: string];

/** Under a loop longer than the cache these keep something; the others nothing. */
const KEEPS_IN_A_LOOP: readonly string[] = ['2q', 'lirs', 's3-fifo', 'w-tinylfu'];
export const percent = (share: number): number => Math.round(100 * share);

function findsInLoop(p: Params): Finding {
  const options = ['None.', 'More than half.', 'All: there is room for most of them.'];
  return KEEPS_IN_A_LOOP.includes(p.policy)
    ? [
        options,
        1,
        'No object is asked for more often than another, so nothing is gained by letting each ' +
          'newcomer push out what is there. This policy makes newcomers prove themselves first, ' +
          'and so a part of the loop stays and is found each time.',
      ]
    : [
        options,
        0,
        'Each newcomer pushes out another object, and by this policy that is always one whose ' +
          'turn comes before it could be brought back. So each is gone when it is asked for, ' +
          'though five sixths of them would fit.',
      ];
}

/** Why a policy of which theory speaks finds far more than its share of room. */
const WHY: { readonly [policy in Theoretical]: (lru: number) => string } = {
  lru: () =>
    'they are asked for again before they would have to go. Throwing out what was not used ' +
    'for the longest time comes close to keeping the most popular ones for ever, without ' +
    'knowing anything.',
  fifo: (lru) =>
    'they come back at once after they had to go. FIFO throws them out as readily as anything ' +
    `else, though: LRU would find ${lru}.`,
  clock: (lru) =>
    'each time the hand comes by they have been asked for again, and stay. CLOCK does with one ' +
    `bit for each object what LRU does with a list, and finds as many: ${lru} or one more.`,
};

function findsByTheory(policy: Theoretical, capacity: number): Finding {
  const share = capacity / OBJECTS;
  const found = hitRatio(policy, capacity);
  return [
    [
      `${percent(share)} of 100: as many as there is room for.`,
      `About ${percent((share + found) / 2)} of 100.`,
      `About ${percent(found)} of 100.`,
    ],
    2,
    'The objects that are asked for most are nearly always there, because ' +
      WHY[policy](percent(hitRatio('lru', capacity))),
  ];
}

const findsLikeLru = (p: Params): Finding => [
  ['Fewer: LRU is hard to beat.', 'About as many, within a point or two.', 'More, by some points.'],
  // With much room what is thrown out matters less and less.
  p.capacity > 150 ? 1 : 2,
  p.capacity > 150
    ? 'What is popular is kept by both, and what differs is which of the rarely wanted objects ' +
      'stays. That is worth a point or two.'
    : 'Under LRU each object that is wanted once takes a place for a while. A policy that ' +
      'counts, or looks a second time before it lets something in or out, gives that place to ' +
      'an object that is wanted again. Nobody finds more than ' +
      `${percent(mostPossible(p.capacity))} of 100, which takes knowing who is popular.`,
];

export function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const isLoop = p.stream === 'loop';
  const { policy } = p;
  const byTheory = isTheoretical(policy);
  const [options, answer, because] = isLoop
    ? findsInLoop(p)
    : byTheory
      ? findsByTheory(policy, p.capacity)
      : findsLikeLru(p);
  const room = `There is room for ${p.capacity} of ${isLoop ? loopOf(p) : OBJECTS} objects`;
  return {
    question: isLoop
      ? `${room}, which are asked for in turn, and ${NAMES[p.policy] ?? p.policy} decides which ` +
        'has to go. How many requests find theirs?'
      : byTheory
        ? `${room}, and ${NAMES[p.policy] ?? p.policy} decides which has to go. How many ` +
          'requests find theirs?'
        : `${room}. LRU would let about ${percent(hitRatio('lru', p.capacity))} of 100 ` +
          `requests find theirs. And ${NAMES[p.policy] ?? p.policy}?`,
    options,
    answer,
    because,
  };
}

export const NAMES: Readonly<Record<string, string>> = {
  lru: 'LRU',
  fifo: 'FIFO',
  clock: 'CLOCK',
  lfu: 'LFU',
  '2q': '2Q',
  arc: 'ARC',
  lirs: 'LIRS',
  sieve: 'SIEVE',
  's3-fifo': 'S3-FIFO',
  'w-tinylfu': 'W-TinyLFU',
};
