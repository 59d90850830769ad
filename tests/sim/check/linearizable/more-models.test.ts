/** Multi-register, unordered queue, fenced lock, log, texts with append. */
import { describe, expect, it } from 'vitest';
import {
  appendKvModel,
  checkLinearizable,
  fencedLockModel,
  logModel,
  multiRegisterModel,
  unorderedQueueModel,
} from 'faultline';
import type { HistoryValue, Op, RegisterStep } from 'faultline';
import type { Model } from '../../../../src/sim/check/linearizable/model.ts';
import { hasOrder } from '../support/brute-force.ts';
import { liveHistory, wildHistory } from '../support/generate.ts';
import type { Kind } from '../support/generate.ts';
import { historyOf } from '../support/histories.ts';
import type { Line } from '../support/histories.ts';
import { randomOf } from '../../../support/seeds.ts';

const verdict = <S, I, O>(model: Model<S, I, O>, lines: readonly Line[]) =>
  checkLinearizable(historyOf<I, O>(lines), model).verdict;

const registers: Kind<readonly RegisterStep[], readonly RegisterStep[]>[] = [
  {
    f: 'txn',
    weight: 1,
    input: (r) => [
      r.chance(50) ? ['read', 'x'] : ['write', 'x', r.int(2)],
      r.chance(50) ? ['read', 'y'] : ['write', 'y', r.int(2)],
    ],
    outputs: (input) =>
      [0, 1, null].flatMap((x) =>
        [0, 1, null].map((y): RegisterStep[] =>
          input.map((step): RegisterStep => {
            if (step[0] === 'write') return step;
            return ['read', step[1], step[1] === 'x' ? x : y];
          }),
        ),
      ),
  },
];
const elements: readonly HistoryValue[] = [0, 1, 2, null];
const queue: Kind<HistoryValue, HistoryValue>[] = [
  { f: 'enqueue', weight: 4, input: (r) => r.int(3), outputs: () => [null] },
  { f: 'dequeue', weight: 4, input: () => null, outputs: () => [2, 1, 0, null] },
  { f: 'len', weight: 1, input: () => null, outputs: () => [0, 1, 2, 3, 4, 5, 6, 7, 8] },
];
const lock: Kind<string, HistoryValue>[] = [
  {
    f: 'acquire',
    weight: 3,
    input: (r) => r.pick(['a', 'b']),
    outputs: () => [1, 2, 3, 4, 5, 6, false],
  },
  { f: 'release', weight: 3, input: (r) => r.pick(['a', 'b']), outputs: () => [true, false] },
];
const log: Kind<HistoryValue, HistoryValue>[] = [
  { f: 'append', weight: 4, input: (r) => r.int(3), outputs: () => [0, 1, 2, 3, 4, 5, 6, 7, 8] },
  { f: 'read', weight: 4, input: (r) => r.int(4), outputs: () => elements },
];
const texts: Kind<HistoryValue, HistoryValue>[] = [
  { f: 'put', weight: 2, input: (r) => r.pick(['a', '']), outputs: () => [null], keys: ['x', 'y'] },
  {
    f: 'append',
    weight: 4,
    input: (r) => r.pick(['a', 'b']),
    outputs: () => [null],
    keys: ['x', 'y'],
  },
  {
    f: 'get',
    weight: 4,
    input: () => null,
    outputs: () => ['', 'a', 'b', 'ab', 'ba', 'aa'],
    keys: ['x', 'y'],
  },
];

function compare<S, I, O>(model: Model<S, I, O>, kinds: readonly Kind<I, O>[]): void {
  const counts = { pass: 0, fail: 0 };
  for (let seed = 1; seed <= 1_500; seed++) {
    const random = randomOf(seed);
    const shape = { operations: 2 + random.int(5), clients: 1 + random.int(3), unknownPercent: 15 };
    const ops = random.chance(60)
      ? wildHistory(kinds, shape, random)
      : liveHistory(model, kinds, shape, random);
    const expected = hasOrder(ops, model, 'real-time') ? 'pass' : 'fail';
    counts[expected]++;
    const found = checkLinearizable(ops, model).verdict;
    if (found !== expected) {
      expect.fail(`seed ${seed}: ${expected}, not ${found}: ${JSON.stringify(ops)}`);
    }
  }
  expect(counts.pass).toBeGreaterThan(150);
  expect(counts.fail).toBeGreaterThan(150);
}

describe('the other models agree with brute force', () => {
  it('multi-register', () => compare(multiRegisterModel(), registers));
  it('unordered queue', () => compare(unorderedQueueModel(), queue));
  it('fenced lock', () => compare(fencedLockModel(), lock));
  it('log', () => compare(logModel(), log));
  it('texts with append', () => compare(appendKvModel(), texts));
});

describe('a multi-register', () => {
  it('changes and reads several registers at one moment', () => {
    const both: Line = {
      p: 0,
      f: 'txn',
      in: [
        ['write', 'x', 1],
        ['write', 'y', 1],
      ],
      call: 0,
      ret: 1,
    };
    const read = (x: number | null, y: number | null): Line => ({
      p: 1,
      f: 'txn',
      in: [
        ['read', 'x'],
        ['read', 'y'],
      ],
      out: [
        ['read', 'x', x],
        ['read', 'y', y],
      ],
      call: 0,
      ret: 2,
    });
    expect(verdict(multiRegisterModel(), [both, read(1, 1)])).toBe('pass');
    expect(verdict(multiRegisterModel(), [both, read(null, null)])).toBe('pass');
    expect(verdict(multiRegisterModel(), [both, read(1, null)])).toBe('fail');
    expect(
      verdict(
        multiRegisterModel([
          ['x', 0],
          ['y', 0],
        ]),
        [read(0, 0)],
      ),
    ).toBe('pass');
  });
});

describe('an unordered queue', () => {
  const enqueue = (value: number, call: number): Line => ({
    p: 0,
    f: 'enqueue',
    in: value,
    call,
    ret: call + 1,
  });
  const dequeue = (value: number | null, call: number): Line => ({
    p: 1,
    f: 'dequeue',
    out: value,
    call,
    ret: call + 1,
  });
  it('gives in any order, each once', () => {
    const two = [enqueue(1, 0), enqueue(2, 2)];
    expect(verdict(unorderedQueueModel(), [...two, dequeue(2, 4), dequeue(1, 6)])).toBe('pass');
    expect(verdict(unorderedQueueModel(), [...two, dequeue(2, 4), dequeue(2, 6)])).toBe('fail');
    expect(verdict(unorderedQueueModel(), [...two, dequeue(2, 4), dequeue(null, 6)])).toBe('fail');
  });
  it('a dequeue of unknown fate may have taken any element, and only one', () => {
    const open: Line = { p: 2, f: 'dequeue', call: 4 };
    const two = [enqueue(1, 0), enqueue(2, 2), open];
    for (const left of [1, 2]) {
      expect(verdict(unorderedQueueModel(), [...two, dequeue(left, 6), dequeue(null, 8)])).toBe(
        'pass',
      );
    }
    expect(verdict(unorderedQueueModel(), [...two, dequeue(null, 6)])).toBe('fail');
    expect(verdict(unorderedQueueModel(), [...two, dequeue(null, 8), enqueue(3, 10)])).toBe('fail');
  });
});

describe('a fenced lock', () => {
  const acquire = (who: string, token: number | false, call: number): Line => ({
    p: 0,
    f: 'acquire',
    in: who,
    out: token,
    call,
    ret: call + 1,
  });
  const release = (who: string, call: number): Line => ({
    p: 0,
    f: 'release',
    in: who,
    call,
    ret: call + 1,
  });
  it('has one holder, and tokens that grow', () => {
    const model = fencedLockModel();
    expect(verdict(model, [acquire('a', 1, 0), release('a', 2), acquire('b', 2, 4)])).toBe('pass');
    expect(verdict(model, [acquire('a', 1, 0), acquire('b', 2, 4)])).toBe('fail');
    expect(verdict(model, [acquire('a', 2, 0), release('a', 2), acquire('b', 1, 4)])).toBe('fail');
    expect(verdict(model, [acquire('a', 1, 0), release('b', 2)])).toBe('fail');
    expect(verdict(model, [acquire('a', 1, 0), acquire('b', false, 2)])).toBe('pass');
  });
});

describe('a log', () => {
  it('gives each append the next offset, and reads what is there', () => {
    const append = (value: string, offset: number, call: number): Line => ({
      p: 0,
      f: 'append',
      in: value,
      out: offset,
      call,
      ret: call + 1,
    });
    const read = (offset: number, value: string | null, call: number): Line => ({
      p: 0,
      f: 'read',
      in: offset,
      out: value,
      call,
      ret: call + 1,
    });
    const two = [append('a', 0, 0), append('b', 1, 2)];
    expect(verdict(logModel(), [...two, read(1, 'b', 4), read(2, null, 6)])).toBe('pass');
    expect(verdict(logModel(), [...two, read(0, 'b', 4)])).toBe('fail');
    expect(verdict(logModel(), [append('a', 0, 0), append('b', 2, 2)])).toBe('fail');
  });
});

describe('operations that a model does not know', () => {
  it('are refused with those that it knows', () => {
    const odd = historyOf<never, never>([{ p: 0, f: 'peek', call: 0, ret: 1, out: 1 }]) as Op<
      never,
      never
    >[];
    for (const model of [
      multiRegisterModel(),
      unorderedQueueModel(),
      fencedLockModel(),
      logModel(),
      appendKvModel(),
    ]) {
      expect(() => checkLinearizable(odd, model as never)).toThrow('knows no operation "peek"');
    }
  });
});
