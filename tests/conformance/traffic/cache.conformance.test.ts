/** The theory of caches: Che's approximation, the best static cache, early refresh. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exp } from '../../../src/sim/kernel/maths.ts';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import { EVICTION_POLICIES } from '../../../src/sim/policies/eviction/index.ts';
import type { EvictionPolicy } from '../../../src/sim/policies/eviction/index.ts';
import { EARLY_REFRESHES } from '../../../src/sim/policies/expiry/index.ts';
import { POPULARITIES } from '../../../src/sim/policies/popularity/index.ts';
import type { Popularity } from '../../../src/sim/policies/popularity/index.ts';

interface CheRow {
  readonly N: number;
  readonly alpha: number;
  readonly C: number;
  readonly T_C: number;
  readonly LRU_che: number;
  readonly FIFO_RANDOM_che: number;
  readonly perfect_LFU: number;
  readonly LRU_simulated_240k?: number;
}
interface XFetchRow {
  readonly delta: number;
  readonly beta: number;
  readonly gap: number;
  readonly p_early: number;
}
interface Theory {
  readonly che: readonly CheRow[];
  readonly two_pool_A0: { readonly rows: readonly { B: number; A0_optimal_static: number }[] };
  readonly xfetch: { readonly cases: readonly XFetchRow[] };
}

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const theory = JSON.parse(readFileSync(join(folder, 'cache_theory.json'), 'utf8')) as Theory;
const isLong = process.env['FAULTLINE_LONG'] === '1';

const policy = (name: string): EvictionPolicy => EVICTION_POLICIES.find((p) => p.name === name)!;
const popularity = (name: string): Popularity => POPULARITIES.find((p) => p.name === name)!;
const zipf = popularity('zipf');

/** Keys of the file, and what runs them. */
const PARTS: Readonly<Record<string, string>> = {
  che: 'below',
  che_formula: 'text; the formula is below',
  two_pool_A0: 'below',
  xfetch: 'below',
  facebook_leases: 'a measured rate of one company, not a law: there is nothing to compare',
};

/** Hit ratio after a warm-up; standard error at most 0.001 with so many requests. */
function hitRatio(of: EvictionPolicy, capacity: number, keys: () => number, n: number): number {
  const state = of.start(capacity);
  let hits = 0;
  const warmUp = n / 4;
  for (let i = 0; i < n + warmUp; i++) {
    const key = keys();
    const isHit = of.touch(state, key);
    if (!isHit) of.insert(state, key);
    if (isHit && i >= warmUp) hits += 1;
  }
  return hits / n;
}

const REQUESTS = isLong ? 4_000_000 : 400_000;

describe('every part of cache_theory.json is run or named', () => {
  it('knows the parts', () => {
    expect(Object.keys(theory)).toEqual(Object.keys(PARTS));
    console.info(`not run: facebook_leases (${PARTS['facebook_leases']})`);
  });
});

describe.each(theory.che)('Zipf($alpha) over $N keys, cache of $C', (row) => {
  const table = zipf.start({ keys: row.N, alpha: row.alpha });
  const shares = Array.from({ length: row.N }, (_, key) => zipf.shareOf(table, key));
  const measure = (name: string, n = REQUESTS): number => {
    const stream = new StreamBank(row.C).stream(name);
    return hitRatio(policy(name), row.C, () => zipf.draw(table, 0, stream), n);
  };

  it('the shares of our sampler give the closed forms', () => {
    let filled = 0;
    let lru = 0;
    let fifo = 0;
    let best = 0;
    shares.forEach((share, key) => {
      const isIn = 1 - exp(-share * row.T_C);
      filled += isIn;
      lru += share * isIn;
      if (key < row.C) best += share;
    });
    const t = fifoTime(shares, row.C);
    for (const share of shares) fifo += (share * share * t) / (1 + share * t);
    expect(filled).toBeCloseTo(row.C, 5);
    expect(Math.abs(lru - row.LRU_che)).toBeLessThan(1e-6);
    expect(Math.abs(fifo - row.FIFO_RANDOM_che)).toBeLessThan(1e-6);
    expect(Math.abs(best - row.perfect_LFU)).toBeLessThan(1e-6);
  });

  it('simulated LRU, FIFO and random agree with them', () => {
    const lru = measure('lru');
    const fifo = measure('fifo');
    const random = measure('random');
    console.info(
      `Zipf(${row.alpha}), ${row.N} keys, cache ${row.C}: ` +
        `LRU ${row.LRU_che.toFixed(4)} expected, ` +
        `${lru.toFixed(4)} measured; FIFO and random ${row.FIFO_RANDOM_che.toFixed(4)}, ` +
        `${fifo.toFixed(4)} and ${random.toFixed(4)}`,
    );
    expect(Math.abs(lru - row.LRU_che)).toBeLessThan(0.003);
    expect(Math.abs(fifo - row.FIFO_RANDOM_che)).toBeLessThan(0.003);
    expect(Math.abs(random - row.FIFO_RANDOM_che)).toBeLessThan(0.003);
    if (row.LRU_simulated_240k === undefined) return;
    expect(Math.abs(lru - row.LRU_simulated_240k)).toBeLessThan(0.003);
  });

  it('LFU lies between LRU and the perfect one, and nothing beats that', () => {
    const ratios = new Map(EVICTION_POLICIES.map((p) => [p.name, measure(p.name, REQUESTS / 4)]));
    for (const [name, ratio] of ratios) {
      expect(ratio, name).toBeLessThan(row.perfect_LFU + 0.003);
      expect(ratio, name).toBeGreaterThan(row.FIFO_RANDOM_che - 0.004);
    }
    // Independent references: what counts them gains most of the way to perfection.
    const middle = (row.LRU_che + row.perfect_LFU) / 2;
    expect(ratios.get('lfu')).toBeGreaterThan(middle);
    expect(ratios.get('w-tinylfu')).toBeGreaterThan(middle);
  });
});

/** The T at which sum p T / (1 + p T) fills the cache. */
function fifoTime(shares: readonly number[], capacity: number): number {
  let low = 0;
  let high = 1e9;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    let filled = 0;
    for (const share of shares) filled += (share * middle) / (1 + share * middle);
    if (filled < capacity) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

describe('two pools in turn, of 100 and 10000 keys', () => {
  const hotSet = popularity('hot-set');
  const pools = { keys: 10_100, hotKeys: 100 / 10_100, hotRequests: 0.5 };

  it.each(theory.two_pool_A0.rows)('cache of $B: the formula, and nothing beats it', (row) => {
    const { B, A0_optimal_static: best } = row;
    const table = hotSet.start(pools);
    let sum = 0;
    for (let key = 0; key < B; key++) sum += hotSet.shareOf(table, key);
    expect(Math.abs(sum - best)).toBeLessThan(1e-9);
    const ratios = EVICTION_POLICIES.map((of) => {
      const stream = new StreamBank(B).stream(of.name);
      let isFirst = false;
      const keys = () => {
        isFirst = !isFirst;
        return isFirst ? stream.below(100) : 100 + stream.below(10_000);
      };
      return [of.name, hitRatio(of, B, keys, REQUESTS / 8)] as const;
    });
    for (const [name, ratio] of ratios) expect(ratio, name).toBeLessThan(best + 0.004);
    // LRU fills half of the cache with keys of the large pool; counting learns which pool is small.
    const byName = new Map(ratios);
    expect(byName.get('lfu')).toBeGreaterThan(byName.get('lru')!);
  });
});

describe('early refresh by XFetch', () => {
  const xfetch = EARLY_REFRESHES.find((p) => p.name === 'xfetch')!;

  it.each(theory.xfetch.cases)('delta $delta, beta $beta, gap $gap: $p_early', (row) => {
    const value = { expiryMicros: 60_000_000, deltaMicros: Math.round(row.delta * 1e6) };
    const now = value.expiryMicros - Math.round(row.gap * 1e6);
    const isDue = (draw: number) => xfetch.isDue(now, value, row.beta, draw);
    // The probability is the largest draw that is due.
    expect(isDue(row.p_early * (1 - 1e-6))).toBe(true);
    expect(isDue(row.p_early * (1 + 1e-6))).toBe(false);
    const stream = new StreamBank(1).stream('xfetch');
    const n = REQUESTS / 10;
    let early = 0;
    for (let i = 0; i < n; i++) if (isDue(stream.open01())) early += 1;
    const sd = Math.sqrt((row.p_early * (1 - row.p_early)) / n);
    expect(Math.abs(early / n - row.p_early)).toBeLessThanOrEqual(5 * sd + 1 / n);
  });
});
