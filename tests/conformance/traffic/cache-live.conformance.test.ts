/**
 * Che's approximation and early refresh through the running simulator: clients at random times, an
 * application that looks up and fills, and a cache beside it.
 *
 * Che's rows: Poisson requests, Zipf keys; the warm-up is dropped. A hit ratio is a mean over
 * batches of one run, whose interval must hold the row, and which must lie within 0.003 of it (the
 * table's own tolerance). Short form: LRU of every row, FIFO and random of one.
 *
 * Early refresh: every key is made once at a known cost and asked for once more a known time before
 * it expires; the share that is told to refresh must be the probability of the row.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CacheState } from '../../../src/sim/components/cache/state.ts';
import { Live, group } from './support/live.ts';
import { bonferroni, intervalOf, shareInterval } from './support/statistics.ts';

interface CheRow {
  readonly N: number;
  readonly alpha: number;
  readonly C: number;
  readonly LRU_che: number;
  readonly FIFO_RANDOM_che: number;
}
interface XFetchRow {
  readonly delta: number;
  readonly beta: number;
  readonly gap: number;
  readonly p_early: number;
}
interface Theory {
  readonly che: readonly CheRow[];
  readonly xfetch: { readonly cases: readonly XFetchRow[] };
}

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const theory = JSON.parse(readFileSync(join(folder, 'cache_theory.json'), 'utf8')) as Theory;
const LONG = process.env['FAULTLINE_LONG'] === '1';
const CONFIDENCE = 0.99;
const TOLERANCE = 0.003;
/** Che's approximation may be off by so much itself. */
const ROW_ERROR = 0.001;
const MINUTES = 60_000;
/** Each case has a seed of its own: the same keys would make the same error. */
const FIRST_SEED = 1;

const RATE_PER_SECOND = 1_000;
const BATCHES = 20;
const REQUESTS = LONG ? 1_000_000 : 80_000;

/** Of each batch after the warm-up, a quarter of the run. */
function hitRatios(row: CheRow, policy: string, seed: number): readonly number[] {
  const live = new Live({
    seed,
    groups: [
      group(
        'clients',
        'http-client',
        {
          arrivals: { kind: 'poisson', ratePerSecond: RATE_PER_SECOND },
          popularity: { kind: 'zipf', keys: row.N, alpha: row.alpha },
        },
        { target: 'app' },
      ),
      group(
        'app',
        'service',
        { steps: [{ do: 'cached', in: 'cache', miss: [] }] },
        { cache: 'cache' },
      ),
      group('cache', 'cache', { capacity: row.C, policy }),
    ],
  });
  const seconds = REQUESTS / RATE_PER_SECOND;
  live.to((seconds * 1_000) / 4);
  const counts = () => {
    const { hits, misses } = live.state<CacheState>('cache1');
    live.answered.length = 0;
    return { hits, asked: hits + misses };
  };
  let before = counts();
  return Array.from({ length: BATCHES }, (_, batch) => {
    live.to(seconds * 1_000 * (0.25 + (batch + 1) / BATCHES));
    const after = counts();
    const ratio = (after.hits - before.hits) / (after.asked - before.asked);
    before = after;
    return ratio;
  });
}

const POLICIES = [
  ['lru', 'LRU_che'],
  ['fifo', 'FIFO_RANDOM_che'],
  ['random', 'FIFO_RANDOM_che'],
] as const;
const CASES = theory.che
  .flatMap((row, i) =>
    POLICIES.map(([policy, of], j) => ({
      row,
      policy,
      expected: row[of],
      seed: FIRST_SEED + i * POLICIES.length + j,
    })),
  )
  .filter(({ row, policy }) => LONG || policy === 'lru' || (row.N === 1_000 && row.C === 100));

describe(`Che's approximation in the running simulator, ${LONG ? 'long' : 'short'} form`, () => {
  const lines: string[] = [];
  afterAll(() => console.info(['row | expected | measured | interval', ...lines].join('\n')));

  it.each(CASES)(
    'Zipf($row.alpha), $row.N keys, cache of $row.C: $policy',
    ({ row, policy, expected, seed }) => {
      const ratios = hitRatios(row, policy, seed);
      const interval = intervalOf(ratios, bonferroni(CONFIDENCE, CASES.length));
      const { mean, low, high } = interval;
      const seen = `${mean.toFixed(4)} | ${low.toFixed(4)}..${high.toFixed(4)}`;
      const name = `Zipf(${row.alpha}), ${row.N} keys, cache ${row.C}, ${policy}`;
      lines.push(`${name.padEnd(44)} | ${expected.toFixed(4)} | ${seen}`);
      expect(Math.abs(mean - expected), `seed ${seed}: ${seen}`).toBeLessThan(TOLERANCE);
      // The rows are approximations themselves, right to the table's tolerance.
      expect(low - ROW_ERROR, `seed ${seed}: ${seen}`).toBeLessThan(expected);
      expect(high + ROW_ERROR, `seed ${seed}: ${seen}`).toBeGreaterThan(expected);
    },
    30 * MINUTES,
  );
});

const KEYS = LONG ? 100_000 : 2_000;
const STEP_MS = 10;
const ROUND_MS = KEYS * STEP_MS;

/** Each key is asked for in turn, and once more a round later; returns how many are early. */
function earlyRefreshes({ delta, beta, gap }: XFetchRow, seed: number): number {
  const deltaMs = delta * 1_000;
  const miss = [{ do: 'wait', time: { kind: 'constant', ms: deltaMs } }];
  const live = new Live({
    seed,
    groups: [
      group(
        'clients',
        'http-client',
        {
          arrivals: { kind: 'constant', ratePerSecond: 1_000 / STEP_MS },
          popularity: { kind: 'loop', keys: KEYS, stepMs: STEP_MS },
          // Between two steps, so that a key is asked for once in each round.
          startMs: STEP_MS / 2,
          stopMs: 2 * ROUND_MS,
          call: { timeoutMs: 60_000 },
        },
        { target: 'app' },
      ),
      group('app', 'service', { steps: [{ do: 'cached', in: 'cache', miss }] }, { cache: 'cache' }),
      group('cache', 'cache', {
        capacity: KEYS,
        earlyRefresh: 'xfetch',
        beta,
        // It is set once it is made: so much before its end comes the second request.
        ttlMs: ROUND_MS - deltaMs + gap * 1_000,
      }),
    ],
  });
  live.to(2 * ROUND_MS + 60_000);
  const { misses, hits, stale } = live.state<CacheState>('cache1');
  // One at the end of the second round is not asked any more.
  expect(misses).toBe(KEYS);
  expect(hits + stale).toBe(live.answered.length - KEYS);
  expect(live.answered.every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect(hits + stale).toBeGreaterThanOrEqual(KEYS - 1);
  return stale / (hits + stale);
}

describe('early refresh (XFetch) in the running simulator', () => {
  const { cases } = theory.xfetch;
  const lines: string[] = [];
  afterAll(() => console.info(['row | expected | measured | interval', ...lines].join('\n')));

  it.each(cases.map((row, i) => ({ ...row, seed: FIRST_SEED + i })))(
    'delta $delta, beta $beta, gap $gap: $p_early',
    (row) => {
      const share = earlyRefreshes(row, row.seed);
      const { low, high } = shareInterval(share, KEYS, bonferroni(CONFIDENCE, cases.length));
      const name = `delta ${row.delta}, beta ${row.beta}, gap ${row.gap}`.padEnd(28);
      const seen = `${share.toFixed(4)} | ${low.toFixed(4)}..${high.toFixed(4)}`;
      lines.push(`${name} | ${row.p_early.toFixed(4)} | ${seen}`);
      expect(low, `seed ${row.seed}: ${seen}`).toBeLessThanOrEqual(row.p_early);
      expect(high, `seed ${row.seed}: ${seen}`).toBeGreaterThanOrEqual(row.p_early);
    },
    30 * MINUTES,
  );
});
