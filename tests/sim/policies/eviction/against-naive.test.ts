/** Every policy against a naive model of it, over random requests, insertions and removals. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import type { Stream } from '../../../../src/sim/kernel/random.ts';
import { EVICTION_POLICIES } from '../../../../src/sim/policies/eviction/index.ts';
import { naiveArc, naiveLirs, naiveS3Fifo, naiveWTinyLfu } from './naive-adaptive.ts';
import {
  naiveClock,
  naiveFifo,
  naiveLfu,
  naiveLru,
  naiveRandom,
  naiveSieve,
  naiveSlru,
  naiveTwoQueue,
} from './naive-models.ts';
import type { MakeNaive } from './naive-models.ts';

const MODELS: Readonly<Record<string, MakeNaive>> = {
  fifo: naiveFifo,
  lru: naiveLru,
  lfu: naiveLfu,
  clock: naiveClock,
  sieve: naiveSieve,
  '2q': naiveTwoQueue,
  slru: naiveSlru,
  arc: naiveArc,
  lirs: naiveLirs,
  's3-fifo': naiveS3Fifo,
  'w-tinylfu': naiveWTinyLfu,
  random: naiveRandom,
};
const SEEDS = 200;
const STEPS = 400;

/** Some keys are hot, some come by once, some are wider than 32 bits. */
function drawKey(stream: Stream, keys: number): number {
  const kind = stream.below(10);
  if (kind < 5) return stream.below(Math.max(1, keys >> 2));
  if (kind < 9) return stream.below(keys);
  return 2 ** 40 + stream.below(keys);
}

/** As an expectation; building one costs more than the step that it judges. */
function same<T>(actual: T, expected: T, where: () => string): void {
  if (actual !== expected) expect(actual, where()).toBe(expected);
}

const sorted = (keys: readonly number[]) => [...keys].sort((a, b) => a - b);

describe('eviction policies against naive models', () => {
  it('each has a model', () => {
    expect(Object.keys(MODELS)).toEqual(EVICTION_POLICIES.map((policy) => policy.name));
  });

  it.each(EVICTION_POLICIES.map((policy) => [policy.name, policy] as const))(
    '%s',
    (name, policy) => {
      let hits = 0;
      let evictions = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const stream = new StreamBank(seed).stream('trace');
        const capacity = 1 + stream.below(seed % 10 === 0 ? 250 : 24);
        const keys = 2 + stream.below(capacity * 4);
        const state = policy.start(capacity);
        const model = MODELS[name]!(capacity);
        for (let step = 0; step < STEPS; step++) {
          const where = () => `${name}, seed ${seed}, step ${step}, capacity ${capacity}`;
          const key = drawKey(stream, keys);
          if (stream.chance(0.05)) {
            const wasIn = model.keys().includes(key);
            model.remove(key);
            same(policy.remove(state, key), wasIn, where);
          } else {
            const isHit = model.touch(key);
            same(policy.touch(state, key), isHit, where);
            hits += isHit ? 1 : 0;
            // Now and then nobody brings the value.
            if (!isHit && stream.chance(0.95)) {
              const gone = model.insert(key);
              same(policy.insert(state, key), gone, where);
              evictions += gone >= 0 ? 1 : 0;
            }
          }
          if (step % 50 !== 0) continue;
          expect(sorted(policy.order(state, capacity)), where()).toEqual(sorted(model.keys()));
        }
      }
      expect(hits).toBeGreaterThan(10_000);
      expect(evictions).toBeGreaterThan(3_000);
    },
  );
});
