import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/sim/kernel/errors.ts';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import { stateHash } from '../../../src/sim/kernel/state-hash.ts';
import { hashDouble, hashText, TraceHash } from '../../../src/sim/kernel/trace-hash.ts';

type Words = [number, number, number, number, number, number];

function hashOf(events: readonly Words[]): string {
  const hash = new TraceHash();
  for (const words of events) hash.event(...words);
  return hash.hex();
}

describe('trace hash', () => {
  it('gives the known digits', () => {
    const hash = new TraceHash();
    expect(hash.hex()).toBe('745b25ed64a0797c');
    hash.event(0, 0, 0, 0, 0, 0);
    expect(hash.hex()).toBe('fcea991516ddac7b');
    hash.event(1234567, 3, 17, 4, hashText('append'), -5);
    expect(hash.hex()).toBe('b46b260428c85262');
    hash.event(2 ** 45 + 7, 1, 0, -1, -2147483648, 2147483647);
    expect(hash.hex()).toBe('b59bd66d600b934d');
    expect([hash.lo, hash.hi]).toEqual([1352083057, 73457134]);
    hash.mix(42);
    expect(hash.hex()).toBe('e565913fa250da6c');
  });

  it('depends on every word and on every bit of the time', () => {
    const base: Words = [1_000_000, 2, 3, 4, 5, 6];
    const hashes = new Set([hashOf([base])]);
    for (let place = 0; place < 6; place++) {
      for (let bit = 0; bit < (place === 0 ? 53 : 32); bit++) {
        const words: Words = [...base];
        words[place] =
          place === 0
            ? Number(BigInt(words[0]) ^ (1n << BigInt(bit)))
            : (words[place] ?? 0) ^ (1 << bit);
        hashes.add(hashOf([words]));
      }
    }
    expect(hashes.size).toBe(1 + 53 + 5 * 32);
  });

  it('does not let the changes of two words cancel', () => {
    const base: Words = [1_000_000, 2, 3, 4, 5, 6];
    const hashes = new Set([hashOf([base])]);
    let changes = 1;
    for (let first = 1; first < 6; first++) {
      for (let second = first + 1; second < 6; second++) {
        for (let bit = 0; bit < 1024; bit++) {
          const words: Words = [...base];
          words[first] = (words[first] ?? 0) ^ (1 << (bit & 31));
          words[second] = (words[second] ?? 0) ^ (1 << (bit >> 5));
          hashes.add(hashOf([words]));
          changes++;
        }
      }
    }
    expect(hashes.size).toBe(changes);
  });

  it('depends on the order of events and on the order of words', () => {
    const a: Words = [1, 2, 3, 4, 5, 6];
    const b: Words = [1, 2, 4, 3, 5, 6];
    expect(hashOf([a, b])).not.toBe(hashOf([b, a]));
    expect(hashOf([a])).not.toBe(hashOf([b]));
    expect(hashOf([a, a])).not.toBe(hashOf([a]));
  });

  it('tells many similar histories apart', () => {
    // Neighbouring times, targets and types, as one model gives them.
    const seen = new Set<string>();
    for (let time = 0; time < 100; time++) {
      for (let target = 0; target < 100; target++) {
        for (let word = 0; word < 20; word++) {
          seen.add(hashOf([[time, 1, target, target + 1, 77, word]]));
        }
      }
    }
    expect(seen.size).toBe(200_000);
  });

  it('goes on from a saved state', () => {
    const hash = new TraceHash();
    hash.event(1, 2, 3, 4, 5, 6);
    const image = hash.save();
    hash.event(2, 2, 3, 4, 5, 6);
    const first = hash.hex();
    hash.restore(image);
    hash.event(2, 2, 3, 4, 5, 6);
    expect(hash.hex()).toBe(first);
    const other = new TraceHash();
    other.restore(image);
    other.event(2, 2, 3, 4, 5, 6);
    expect(other.hex()).toBe(first);
  });

  it('flips about half of the digits for one flipped bit', () => {
    const draws = new StreamBank(1).stream('bits');
    let flipped = 0;
    const trials = 2000;
    for (let trial = 0; trial < trials; trial++) {
      const words: Words = [draws.below(1e9), 1, draws.below(50), draws.below(50), 9, trial];
      const changed: Words = [...words];
      changed[5] ^= 1 << draws.below(32);
      // A few events later: the lanes have had time to mix.
      const tail: Words[] = [1, 2, 3].map((n) => [n, n, n, n, n, n]);
      const difference =
        BigInt(`0x${hashOf([words, ...tail])}`) ^ BigInt(`0x${hashOf([changed, ...tail])}`);
      flipped += difference.toString(2).replaceAll('0', '').length;
    }
    expect(Math.abs(flipped / trials - 32)).toBeLessThan(1);
  });
});

describe('hashes of texts and doubles', () => {
  it('is FNV-1a over code units', () => {
    // Published vectors of the 32-bit FNV-1a.
    expect(hashText('') >>> 0).toBe(0x811c9dc5);
    expect(hashText('a') >>> 0).toBe(0xe40c292c);
    expect(hashText('foobar') >>> 0).toBe(0xbf9cf968);
    expect(hashText('é漢')).toBe(2069256594);
  });

  it('folds the bits of a double', () => {
    const values = [0, -0, 1, -1, 0.1, NaN, Infinity, 1e300];
    expect(values.map(hashDouble)).toEqual([
      0, 1029333365, -891661945, -1502936040, 339883027, -1941887502, 803083881, -1804069406,
    ]);
  });

  it('takes every NaN for the same', () => {
    const odd = new Float64Array(1);
    new Uint32Array(odd.buffer).set([5, 0xfff80001]);
    expect(odd[0]).toBeNaN();
    expect(hashDouble(odd[0]!)).toBe(hashDouble(NaN));
    expect(stateHash(odd)).toBe(stateHash(Float64Array.of(NaN)));
  });
});

describe('state hash', () => {
  it('gives the known digits', () => {
    const known: [unknown, string][] = [
      [undefined, '61fc6b68c3a8ed98'],
      [null, '54823611499f610d'],
      [true, '3336a3bed4d4533c'],
      [0, '8b400faed2a6f4a0'],
      [-0, 'ea22c69e7603981b'],
      ['', '0456b76900b30ad9'],
      [[], 'dda412ae0d52ec4a'],
      [{}, '15dacf4b58dba5e4'],
      [new Map(), 'f6998d16ba48fb26'],
      [new Set(), '00b59c6ea8bbd71b'],
      [{ b: 1, a: [1, 2.5, 'x'] }, '873d0e2ab02e1fa4'],
      [
        new Map<unknown, unknown>([
          ['k', { v: Int32Array.of(1, 2, 3) }],
          [2, new Set(['y'])],
        ]),
        '84f9927253a1dc9d',
      ],
      [Float64Array.of(0.1, -0), '41bb779ff2e31331'],
    ];
    for (const [value, digits] of known) expect(stateHash(value)).toBe(digits);
  });

  it('takes objects by their keys and maps by their insertion', () => {
    expect(stateHash({ a: 1, b: 2 })).toBe(stateHash({ b: 2, a: 1 }));
    expect(stateHash({ 10: 'x', 9: 'y', b: 1 })).toBe(stateHash({ b: 1, 9: 'y', 10: 'x' }));
    const forward = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    const backward = new Map([
      ['b', 2],
      ['a', 1],
    ]);
    expect(stateHash(forward)).not.toBe(stateHash(backward));
    expect(stateHash(new Set([1, 2]))).not.toBe(stateHash(new Set([2, 1])));
  });

  it('tells apart what merely looks alike', () => {
    const alike: unknown[] = [
      undefined,
      null,
      false,
      0,
      -0,
      '0',
      '',
      [],
      {},
      [0],
      [[0]],
      [0, 0],
      ['0'],
      [undefined],
      [null],
      { a: undefined },
      { a: null },
      { a: 0 },
      { b: 0 },
      { '': 0 },
      new Map([['a', 0]]),
      new Map([[0, 'a']]),
      new Set(['a', 0]),
      ['a', 0],
      [['a', 0]],
      [['a'], 0],
      'a0',
      'a',
      'a\u0000',
      ['ab', 'c'],
      ['a', 'bc'],
      Int32Array.of(0),
      Uint32Array.of(0),
      Float64Array.of(0),
      Float64Array.of(-0),
      Int32Array.of(),
      1,
      1 + 2 ** -52,
      NaN,
      Infinity,
      -Infinity,
      2 ** 32,
      2 ** 64,
    ];
    expect(new Set(alike.map(stateHash)).size).toBe(alike.length);
  });

  it('sees every single change of a large state', () => {
    const state = { list: Array.from({ length: 300 }, (_, n) => ({ n, half: n / 2, on: false })) };
    const hashes = new Set([stateHash(state)]);
    for (const item of state.list) {
      item.half += 2 ** -44;
      hashes.add(stateHash(state));
    }
    expect(hashes.size).toBe(301);
  });

  it('refuses what is not plain data', () => {
    class Thing {}
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const bad = [new Thing(), () => 1, Symbol('s'), 1n, new Date(0), /x/, cycle, new WeakMap()];
    for (const value of [...bad, new BigInt64Array(1), new DataView(new ArrayBuffer(1))]) {
      expect(() => stateHash({ deep: [value] })).toThrow(InvariantError);
    }
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(stateHash(bare)).toBe(stateHash({ a: 1 }));
  });
});
