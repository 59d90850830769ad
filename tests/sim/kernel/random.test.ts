import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/sim/kernel/errors.ts';
import { type Stream, StreamBank } from '../../../src/sim/kernel/random.ts';
import { bitsOf } from './support/double-bits.ts';

const take = (stream: Stream, count: number) =>
  Array.from({ length: count }, () => stream.uint32());

/** A pretended stream whose raw words are given. */
function scripted(words: readonly number[]): Stream {
  const stream = new StreamBank(0).stream('scripted');
  const left = words.slice();
  Object.defineProperty(stream, 'next', { value: () => (left.shift() ?? 0) | 0 });
  return stream;
}

describe('named streams', () => {
  it('gives the known first draws', () => {
    const bank = new StreamBank(1);
    expect(take(bank.stream('ab'), 4)).toEqual([2681214986, 2910377809, 3456676748, 4273912413]);
    expect(take(bank.stream('abab'), 4)).toEqual([2763172913, 2597944048, 1509959175, 585640635]);
    expect(take(bank.stream('node/n3/election'), 4)).toEqual([
      2023086614, 831951927, 2514876871, 2504842037,
    ]);
    expect(new StreamBank('seed text').stream('x').uint32()).toBe(3630511514);
  });

  it('gives the known draws of each kind', () => {
    const stream = new StreamBank(1).stream('mixed');
    expect(bitsOf(stream.open01())).toBe('3fc056675eef7b80');
    expect(bitsOf(stream.open01())).toBe('3fe93c67e8f54f37');
    expect(stream.below(10)).toBe(8);
    expect(stream.below(1000003)).toBe(127385);
    expect(stream.below(2 ** 40)).toBe(1056015152341);
    expect(stream.between(-5, 5)).toBe(-1);
    expect(stream.chance(0.5)).toBe(true);
    expect(bitsOf(stream.exponential(1000))).toBe('409c5fba39f0f4a5');
    expect(bitsOf(stream.normal())).toBe('3fe953ba702376a1');
    expect(bitsOf(stream.normal())).toBe('bfcbfd236c5d87a7');
    expect(stream.pick(['a', 'b', 'c'])).toBe('b');
    const items = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    stream.shuffle(items);
    expect(items).toEqual([1, 2, 4, 5, 3, 7, 6, 8, 0, 9]);
  });

  it('is xoshiro128** as published', () => {
    // The reference algorithm in BigInt, from the same state.
    const bank = new StreamBank(9);
    const stream = bank.stream('reference');
    const mask = 0xffffffffn;
    const turn = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
    let s = [...bank.states.slice(0, 4)].map((word) => BigInt(word >>> 0));
    for (let n = 0; n < 1000; n++) {
      const expected = (turn((s[1]! * 5n) & mask, 7n) * 9n) & mask;
      const shifted = (s[1]! << 9n) & mask;
      const s2 = s[2]! ^ s[0]!;
      const s3 = s[3]! ^ s[1]!;
      s = [s[0]! ^ s3, s[1]! ^ s2, s2 ^ shifted, turn(s3, 11n)];
      expect(BigInt(stream.uint32()), `draw ${n}`).toBe(expected);
    }
  });

  it('gives the same object for the same name, and other draws for every other name', () => {
    const bank = new StreamBank(7);
    expect(bank.stream('a')).toBe(bank.stream('a'));
    const firsts = new Set<number>();
    for (let n = 0; n < 2000; n++) firsts.add(bank.stream(`node/${n}`).uint32());
    for (const name of ['', 'a/a', 'aa', 'aaa']) firsts.add(bank.stream(name).uint32());
    expect(firsts.size).toBe(2004);
    expect(new StreamBank(8).stream('a').uint32()).not.toBe(new StreamBank(7).stream('a').uint32());
  });

  it('never lets one stream shift another, however many there are', () => {
    const alone = take(new StreamBank(3).stream('node/n1'), 50);
    const bank = new StreamBank(3);
    for (let n = 0; n < 100; n++) take(bank.stream(`other/${n}`), n);
    const stream = bank.stream('node/n1');
    const crowded = Array.from({ length: 50 }, (_, n) => {
      bank.stream(`late/${n}`).uint32();
      return stream.uint32();
    });
    expect(crowded).toEqual(alone);
  });

  it('draws again what it drew after the image, from streams old and new', () => {
    for (let seed = 0; seed < 50; seed++) {
      const bank = new StreamBank(seed);
      const chooser = new StreamBank(seed).stream('chooser');
      const some = () => bank.stream(`s${chooser.below(40)}`).uint32();
      for (let n = 0; n < chooser.below(60); n++) some();
      const image = bank.save();
      const names = Array.from({ length: 100 }, () => `s${chooser.below(40)}`);
      const run = (of: StreamBank) => names.map((name) => of.stream(name).uint32());
      const first = run(bank);
      bank.restore(image);
      expect(run(bank), `seed ${seed}, same bank`).toEqual(first);
      const fresh = new StreamBank(seed);
      // Streams that the fresh bank has in another order, drawn from.
      take(fresh.stream('s39'), 3);
      fresh.restore(image);
      expect(run(fresh), `seed ${seed}, other bank`).toEqual(first);
    }
  });

  it('keeps a held stream valid through a restore to before its birth', () => {
    const bank = new StreamBank(1);
    const image = bank.save();
    const held = bank.stream('later');
    const first = take(held, 5);
    bank.restore(image);
    expect(take(held, 5)).toEqual(first);
    expect(bank.stream('later')).toBe(held);
  });

  it('copies four words for each stream', () => {
    const bank = new StreamBank(1);
    for (let n = 0; n < 100; n++) bank.stream(`s${n}`);
    const image = bank.save();
    expect(image.states.length).toBe(400);
    bank.stream('s0').uint32();
    expect(image.states[0]).not.toBe(bank.states[0]);
  });
});

describe('draws', () => {
  it('keeps open01 off both ends', () => {
    expect(scripted([0, 0, 0, 63, 31, 0, 64, 0]).open01()).toBeGreaterThan(0);
    expect(scripted([0, 0, 31, 63, 32, 0]).open01()).toBe(2 ** -27);
    expect(scripted([0, 64]).open01()).toBe(2 ** -53);
    expect(scripted([-1, -1]).open01()).toBe(1 - 2 ** -53);
    const stream = new StreamBank(1).stream('open');
    let sum = 0;
    for (let n = 0; n < 100_000; n++) {
      const u = stream.open01();
      if (!(u > 0 && u < 1)) throw new Error(`${u} in draw ${n}`);
      sum += u;
    }
    expect(Math.abs(sum / 100_000 - 0.5)).toBeLessThan(0.005);
  });

  it('draws below n without bias', () => {
    for (const n of [2, 3, 6, 7, 10, 64, 100]) {
      const stream = new StreamBank(5).stream(`below/${n}`);
      const counts = new Array<number>(n).fill(0);
      const each = 2000;
      for (let draw = 0; draw < n * each; draw++) counts[stream.below(n)]!++;
      const chiSquare = counts.reduce((sum, count) => sum + (count - each) ** 2 / each, 0);
      const freedom = n - 1;
      // Wilson and Hilferty's cube: the 1 in 10,000 point of chi-square.
      const spread = 2 / (9 * freedom);
      const bound = freedom * (1 - spread + 3.72 * Math.sqrt(spread)) ** 3;
      expect(chiSquare, `n = ${n}`).toBeLessThan(bound);
    }
  });

  it('rejects the draws that would favour small results', () => {
    // 2^32 = 3 * 1431655765 + 1: the last word is past the last whole multiple of 3.
    expect(scripted([0xffffffff, 5]).below(3)).toBe(2);
    expect(scripted([0xfffffffe]).below(3)).toBe(2);
    // With n = 2^31 + 1 nearly half of the words go; plain modulo would give 0 here.
    expect(scripted([0x80000001, 7]).below(0x80000001)).toBe(7);
    // 2^53 = 3 * 2^51 + 2^51: of the two-word draws, those from 3 * 2^51 on.
    expect(scripted([-1, -1, 0, 9 << 6]).below(3 * 2 ** 51)).toBe(9);
  });

  it('reaches both ends of between and every place of a shuffle', () => {
    const stream = new StreamBank(2).stream('ends');
    const seen = new Set(Array.from({ length: 200 }, () => stream.between(-2, 2)));
    expect([...seen].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
    const counts = new Map<string, number>();
    for (let n = 0; n < 6000; n++) {
      const items = ['a', 'b', 'c'];
      stream.shuffle(items);
      counts.set(items.join(''), (counts.get(items.join('')) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const [order, count] of counts) {
      expect(Math.abs(count - 1000), order).toBeLessThan(150);
    }
  });

  it('draws nothing for a certainty', () => {
    const bank = new StreamBank(1);
    const stream = bank.stream('chance');
    const before = bank.save().states;
    expect(stream.chance(0)).toBe(false);
    expect(stream.chance(1)).toBe(true);
    expect(bank.save().states).toEqual(before);
    stream.chance(0.5);
    expect(bank.save().states).not.toEqual(before);
  });

  it('has the mean and the spread of its distributions', () => {
    const stream = new StreamBank(4).stream('moments');
    const count = 100_000;
    const moments = (draw: () => number) => {
      const values = Array.from({ length: count }, draw);
      const mean = values.reduce((a, b) => a + b, 0) / count;
      const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / count;
      return { mean, deviation: Math.sqrt(variance) };
    };
    const exponential = moments(() => stream.exponential(50));
    expect(Math.abs(exponential.mean - 50)).toBeLessThan(0.8);
    expect(Math.abs(exponential.deviation - 50)).toBeLessThan(1.2);
    const normal = moments(() => stream.normal());
    expect(Math.abs(normal.mean)).toBeLessThan(0.016);
    expect(Math.abs(normal.deviation - 1)).toBeLessThan(0.012);
    let hits = 0;
    for (let n = 0; n < count; n++) if (stream.chance(0.2)) hits++;
    expect(Math.abs(hits / count - 0.2)).toBeLessThan(0.006);
  });

  it('refuses what has no meaning', () => {
    const stream = new StreamBank(1).stream('bad');
    for (const n of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
      expect(() => stream.below(n), String(n)).toThrow(InvariantError);
    }
    for (const p of [-0.1, 1.1, NaN]) {
      expect(() => stream.chance(p), String(p)).toThrow(InvariantError);
    }
    expect(() => stream.between(3, 2)).toThrow(InvariantError);
    expect(() => stream.pick([])).toThrow(InvariantError);
  });
});
