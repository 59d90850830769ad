/**
 * The rows of `lb_cases.json` and `vectors.json` through a running load balancer in front of
 * running services: whom it sends real requests to.
 *
 * What is compared. Turns: the sequence and nginx's weights after each pick. Jump: the balancer
 * hashes a request's key to 32 bits, so a request whose hash is the row's key goes to the row's
 * bucket; rows with keys of 64 bits, or more buckets than a group has members, are left to the
 * function. Maglev: backends get their permutations from their names, as in section 3.4 of the
 * paper; a second filling of the table, by the paper's pseudo-code and held to the published rows,
 * says who owns each entry. Bounded load: after every pick, event by event.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GroupPlan } from 'faultline';
import { describe, expect, it } from 'vitest';
import type { LoadBalancerState } from '../../../src/sim/components/load-balancer/state.ts';
import type { ServiceState } from '../../../src/sim/components/service/state.ts';
import { hashText } from '../../../src/sim/kernel/trace-hash.ts';
import { hashInt } from '../../../src/sim/policies/hashing/hash-int.ts';
import { AskBench } from '../../sim/components/support/ask-bench.ts';
import { request } from '../../sim/components/support/traffic-bench.ts';
import { keyOfHash } from './support/hash-inverse.ts';
import { Live, group } from './support/live.ts';
import { shareInterval } from './support/statistics.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const LONG = process.env['FAULTLINE_LONG'] === '1';
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const CONFIDENCE = 0.99;

interface Small {
  readonly permutations: readonly (readonly number[])[];
  readonly lookup: readonly number[];
}
interface LbCases {
  readonly nginx_swrr: {
    readonly cases: readonly {
      readonly weights: readonly number[];
      readonly sequence: string;
      readonly stateAfter: readonly (readonly number[])[];
    }[];
  };
  readonly jump_hash: {
    readonly table: readonly { key: string; buckets: number; out: number }[];
    readonly golden100_by_key: Readonly<Record<string, number>>;
    readonly series: readonly { key: string; buckets1toN: readonly number[] }[];
  };
  readonly maglev: {
    readonly small: readonly Small[];
    readonly paperTable1: Small;
    readonly disruption_sha256_one_removed: readonly {
      readonly backends: number;
      readonly M: number;
      readonly removed_one_changed: number;
      readonly of_which_forced: number;
    }[];
  };
  readonly envoy: { readonly two_host_note: string };
}
interface Vectors {
  readonly jump_hash: {
    readonly by_buckets_1_to_19: Readonly<Record<string, readonly number[]>>;
    readonly buckets_100_by_key: Readonly<Record<string, number>>;
    readonly key_buckets_out: readonly (readonly [string, number, number])[];
  };
  readonly maglev: Small;
}
const LB = read('lb_cases.json') as LbCases;
const VECTORS = read('vectors.json') as Vectors;

const balancer = (balance: object, more: object = {}): GroupPlan =>
  group('lb', 'load-balancer', { call: { balance }, ...more }, { backends: 'b' });
const backends = (count: number, config: object = {}): GroupPlan =>
  group('b', 'service', config, {}, { count });
const sentOf = (state: LoadBalancerState) => state.upstream.backends.sent;

/** Which place got one more since then. */
const gotOne = (before: readonly number[], after: readonly number[]) =>
  after.findIndex((sent, place) => sent > (before[place] as number));

describe('smooth weighted turns of a running balancer', () => {
  it.each(LB.nginx_swrr.cases)('of $weights is $sequence', ({ weights, sequence, stateAfter }) => {
    const live = new Live({
      groups: [
        group(
          'clients',
          'http-client',
          { arrivals: { kind: 'constant', ratePerSecond: 1_000 }, startMs: 0.5 },
          { target: 'lb' },
        ),
        balancer({ policy: 'smooth-weighted-round-robin', weights }),
        backends(weights.length),
      ],
    });
    live.to(1);
    const rounds = 3;
    let found = '';
    let before = sentOf(live.state<LoadBalancerState>('lb1')).slice();
    for (let i = 0; i < rounds * sequence.length; i++) {
      live.to(2 + i);
      const { backends: view } = live.state<LoadBalancerState>('lb1').upstream;
      found += 'abcdefgh'.charAt(gotOne(before, view.sent));
      before = view.sent.slice();
      const { current } = view.balancer as { readonly current: readonly number[] };
      expect(current, `pick ${i + 1}`).toEqual(stateAfter[i % sequence.length]);
    }
    console.info(`turns of ${weights.join(',')}: ${sequence} expected, ${found} measured`);
    expect(found).toBe(sequence.repeat(rounds));
    // What was sent is what arrived.
    const arrived = weights.map((_, i) => live.state<ServiceState>(`b${i + 1}`).ok);
    expect(arrived).toEqual(before);
  });
});

/** A running balancer that is asked for keys. */
class Asked extends AskBench {
  constructor(count: number, balance: object, more: object = {}) {
    super({
      groups: [balancer(balance, more), backends(count)],
      network: { latency: { kind: 'constant', ms: 0.1 } },
    });
  }

  get seen() {
    return (this.node('lb1').state as LoadBalancerState).upstream.backends;
  }

  /** The place of the backend that got a request whose key has this hash. */
  placeOf(hash: number): number {
    const before = this.seen.sent.slice();
    const answer = this.answer('lb1', request({ key: keyOfHash(hash) }));
    expect(answer).toMatchObject({ type: 'http.response' });
    return gotOne(before, this.seen.sent);
  }
}

it('a key with any hash can be asked for', () => {
  for (const hash of [0, 1, 2, 9, 0x7fffffff, 0x80000000, 0xffffffff, 123_456_789]) {
    expect(hashInt(keyOfHash(hash), 0)).toBe(hash);
  }
});

describe('jump hash of a running balancer', () => {
  const rows = [
    ...LB.jump_hash.table.map(({ key, buckets, out }) => [key, buckets, out] as const),
    ...Object.entries(LB.jump_hash.golden100_by_key).map(([key, out]) => [key, 100, out] as const),
    ...LB.jump_hash.series.flatMap(({ key, buckets1toN }) =>
      buckets1toN.map((out, i) => [key, i + 1, out] as const),
    ),
    ...VECTORS.jump_hash.key_buckets_out,
    ...Object.entries(VECTORS.jump_hash.buckets_100_by_key).map(
      ([key, out]) => [key, 100, out] as const,
    ),
    ...Object.entries(VECTORS.jump_hash.by_buckets_1_to_19).flatMap(([key, outs]) =>
      outs.map((out, i) => [key, i + 1, out] as const),
    ),
  ];
  const canRun = ([key, buckets]: readonly [string, number, number]) =>
    BigInt(key) < 2n ** 32n && buckets <= 1_000;
  const counts = [...new Set(rows.filter(canRun).map(([, buckets]) => buckets))];

  it.each(counts)('of %i backends', (count) => {
    const asked = new Asked(count, { policy: 'jump' });
    const of = rows.filter((row) => canRun(row) && row[1] === count);
    const found = of.map(([key]) => asked.placeOf(Number(key)));
    expect(found).toEqual(of.map(([, , out]) => out));
  });

  it('says what is left to the function', () => {
    const left = rows.filter((row) => !canRun(row));
    console.info(
      `jump: ${rows.length - left.length} rows by real requests; left to the function: ` +
        left.map(([key, buckets]) => `${key} of ${buckets}`).join(', '),
    );
    expect(left.length).toBeLessThan(rows.length / 2);
  });
});

/** The paper's pseudo-code: backends in turn claim the next free entry of their permutation. */
function fillTable(permutations: readonly (readonly number[])[]): readonly number[] {
  const size = permutations[0]?.length ?? 0;
  const entry = new Array<number>(size).fill(-1);
  const next = permutations.map(() => 0);
  for (let filled = 0; ;) {
    for (const [i, permutation] of permutations.entries()) {
      let c = permutation[next[i]!]!;
      while (entry[c]! >= 0) c = permutation[++next[i]!]!;
      entry[c] = i;
      next[i]! += 1;
      if (++filled === size) return entry;
    }
  }
}

/** offset and skip by two hashes of the name, permutation[j] = (offset + j * skip) mod M. */
function permutationOf(name: string, size: number): readonly number[] {
  const id = hashText(name) >>> 0;
  const offset = hashInt(id, 0x4f464653) % size;
  const skip = (hashInt(id, 0x534b4950) % (size - 1)) + 1;
  return Array.from({ length: size }, (_, j) => (offset + j * skip) % size);
}

describe('Maglev of a running balancer', () => {
  it.each([...LB.maglev.small, LB.maglev.paperTable1, VECTORS.maglev])(
    'the filling that says who owns what gives the table of $permutations',
    ({ permutations, lookup }) => {
      expect(fillTable(permutations)).toEqual(lookup);
    },
  );

  it.each([
    [3, 7],
    [5, 101],
    [10, 1_009],
  ])('%i backends, a table of %i: each entry has the owner that the paper says', (count, size) => {
    const asked = new Asked(count, { policy: 'maglev', tableSize: size });
    const names = Array.from({ length: count }, (_, i) => `b${i + 1}`);
    const ids = (name: string) => hashText(name) >>> 0;
    // In the order of their identities: the table must not depend on the order of the list.
    const ordered = [...names].sort((a, b) => ids(a) - ids(b));
    const owners = fillTable(ordered.map((name) => permutationOf(name, size)));
    const entries = Array.from({ length: Math.min(size, 200) }, (_, entry) => entry);
    const found = entries.map((entry) => `b${asked.placeOf(entry) + 1}`);
    expect(found).toEqual(entries.map((entry) => ordered[owners[entry]!]));
  });

  it.each([
    ['maglev', { tableSize: LB.maglev.disruption_sha256_one_removed[0]!.M }],
    ['ring-hash', {}],
  ])('%s: a backend of ten crashes, and the balancer sees it', (policy, settings) => {
    const row = LB.maglev.disruption_sha256_one_removed[0]!;
    const keys = LONG ? 20_000 : 4_000;
    const checks = { enabled: true, interMs: 1_000 };
    const asked = new Asked(
      row.backends,
      { policy, ...settings },
      { healthCheck: checks, slowStart: { windowMs: 0 } },
    );
    const hashes = Array.from({ length: keys }, (_, i) => hashInt(i, 99));
    const before = hashes.map((hash) => asked.placeOf(hash));
    const gone = 4;
    asked.crash(`b${gone + 1}`).after(10_000);
    expect(asked.seen.eligible[gone]).toBe(false);
    const after = hashes.map((hash) => asked.placeOf(hash));
    const changed = hashes.filter((_, i) => before[i] !== after[i]).length / keys;
    const forced = before.filter((place) => place === gone).length / keys;
    const of = shareInterval(changed, keys, CONFIDENCE);
    console.info(
      `${policy}, one of ten leaves: ${(100 * row.removed_one_changed).toFixed(2)} % of keys ` +
        `expected of Maglev, ${(100 * changed).toFixed(2)} % measured, ` +
        `${(100 * of.low).toFixed(2)}..${(100 * of.high).toFixed(2)}; forced ` +
        `${(100 * forced).toFixed(2)} %`,
    );
    expect(after).not.toContain(gone);
    // On a ring nobody else's keys move; in a Maglev table a few do.
    if (policy === 'ring-hash') expect(changed).toBe(forced);
    else {
      expect(changed).toBeGreaterThan(forced);
      expect(of.low).toBeLessThan(row.removed_one_changed + 0.003);
      expect(of.high).toBeGreaterThan(row.removed_one_changed - 0.003);
    }
  });
});

/** Hot keys in front of slow backends: calls back after each pick, event by event. */
function watchPicks(
  balance: object,
  ms: number,
  onPick: (place: number, activeBefore: readonly number[], activeAfter: readonly number[]) => void,
  seed = 1,
) {
  const live = new Live({
    seed,
    groups: [
      group(
        'clients',
        'http-client',
        {
          arrivals: { kind: 'poisson', ratePerSecond: 1_000 },
          popularity: { kind: 'zipf', keys: 100, alpha: 1 },
          call: { timeoutMs: 60_000 },
        },
        { target: 'lb' },
      ),
      balancer(balance, { call: { timeoutMs: 60_000, balance } }),
      backends(4, { steps: [{ do: 'wait', time: { kind: 'exponential', meanMs: 30 } }] }),
    ],
  });
  live.to(0);
  const state = () => live.state<LoadBalancerState>('lb1').upstream.backends;
  let { sent, active } = state();
  sent = sent.slice();
  active = active.slice();
  while (live.session.nowMicros < ms * 1_000) {
    live.session.advance({ events: 1 });
    const now = state();
    const place = gotOne(sent, now.sent);
    if (place >= 0) onPick(place, active, now.active);
    else if (now.active.every((n, i) => n === active[i])) continue;
    sent = now.sent.slice();
    active = now.active.slice();
  }
  // What happens at this very moment has happened.
  live.session.advance({ untilMicros: live.session.nowMicros });
  active = state().active.slice();
  const inside = [1, 2, 3, 4].map((i) => live.state<ServiceState>(`b${i}`).flow.inside);
  return { inside, active };
}

describe('bounded load in a running balancer', () => {
  /** Picks above ceil(c * m * w / W), m the requests under way with the new one. */
  function count(policy: string, factor: number, weights: readonly number[]) {
    const seen = { picks: 0, above: 0, atBound: 0 };
    const all = weights.reduce((a, b) => a + b, 0);
    const { inside, active } = watchPicks(
      { policy, weights, ...(policy === 'bounded-load' ? { balanceFactor: factor } : {}) },
      LONG ? 30_000 : 3_000,
      (place, _before, after) => {
        const requests = after.reduce((a, b) => a + b, 0);
        const share = (weights[place] as number) / all;
        const bound = Math.ceil(factor * requests * share - 1e-9);
        const own = after[place] as number;
        seen.picks += 1;
        if (own > bound) seen.above += 1;
        if (own === bound) seen.atBound += 1;
      },
    );
    // Without latency the balancer's counts are what the backends have.
    expect(inside).toEqual(active);
    return seen;
  }

  it.each([
    [1.25, [1, 1, 1, 1]],
    [1.1, [1, 1, 1, 1]],
    [2, [1, 1, 1, 1]],
    [1.25, [2, 1, 1, 1]],
  ])('factor %d, weights %j: never more than the bound when picked', (factor, weights) => {
    const bounded = count('bounded-load', factor, weights);
    const ring = count('ring-hash', factor, weights);
    console.info(
      `bounded load ${factor}, ${weights.join(',')}: 0 picks above the bound expected, ` +
        `${bounded.above} of ${bounded.picks} measured, ${bounded.atBound} at it; ` +
        `without it ${ring.above} of ${ring.picks}`,
    );
    expect(bounded.picks).toBeGreaterThan(2_000);
    expect(bounded.above).toBe(0);
    expect(bounded.atBound).toBeGreaterThan(bounded.picks / 50);
    // The same keys on a plain ring break it.
    expect(ring.above).toBeGreaterThan(0);
  });
});

it('two choices with replacement among two: the busier one as often as Envoy says', () => {
  const percent = Number(/(\d+)% of the time/.exec(LB.envoy.two_host_note)?.[1]);
  let unequal = 0;
  let busier = 0;
  // Two of four backends weigh nothing: two are left.
  watchPicks(
    { policy: 'power-of-d', weights: [1, 1, 0, 0] },
    LONG ? 60_000 : 3_000,
    (place, before) => {
      if (before[0] === before[1]) return;
      unequal += 1;
      if ((before[place] as number) > (before[1 - place] as number)) busier += 1;
    },
  );
  const { low, high } = shareInterval(busier / unequal, unequal, CONFIDENCE);
  const found = ((100 * busier) / unequal).toFixed(1);
  console.info(
    `the busier of two: ${percent} % expected, ${found} % measured ` +
      `of ${unequal}, ${(100 * low).toFixed(1)}..${(100 * high).toFixed(1)}`,
  );
  expect(low).toBeLessThan(percent / 100);
  expect(high).toBeGreaterThan(percent / 100);
});
