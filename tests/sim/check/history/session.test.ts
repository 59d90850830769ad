import { describe, expect, it } from 'vitest';
import { SESSION_GUARANTEES, checkSession } from '../../../../src/sim/check/history/session.ts';
import type { SessionOptions } from '../../../../src/sim/check/history/session.ts';
import { checkLinearizable } from '../../../../src/sim/check/linearizable/check.ts';
import { kvModel } from '../../../../src/sim/check/linearizable/models/kv.ts';
import type { CasRegisterInput } from '../../../../src/sim/check/linearizable/index.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { liveHistory } from '../support/generate.ts';
import type { Kind } from '../support/generate.ts';
import { historyOf } from '../support/histories.ts';
import type { Line } from '../support/histories.ts';
import { randomOf } from '../../../support/seeds.ts';

/** Which guarantees the history breaks, each once, in order. */
function broken(lines: readonly Line[], options: SessionOptions = {}): string[] {
  const { violations } = checkSession(historyOf(lines), options);
  return [...new Set(violations.map((violation) => violation.guarantee))];
}

const write = (p: number, key: string, value: number, call: number, ret?: number): Line => ({
  p,
  f: 'put',
  key,
  in: value,
  call,
  ...(ret === undefined ? {} : { ret, out: true }),
});
const read = (p: number, key: string, value: number | null, call: number): Line => ({
  p,
  f: 'get',
  key,
  call,
  ret: call + 1,
  out: value,
});

describe('session guarantees', () => {
  it('read your writes: the initial value after an own write', () => {
    const lines = [write(1, 'x', 1, 0, 1), read(1, 'x', null, 2)];
    expect(broken(lines)).toEqual(['read-your-writes']);
    const { because } = checkSession(historyOf(lines));
    expect(because).toEqual([
      'read-your-writes: c1 read x = nothing at 0.300 s, older than 1, which follows from ' +
        'c1 wrote x = 1 at 0.100 s.',
    ]);
  });

  it('read your writes: another client may miss it', () => {
    expect(broken([write(1, 'x', 1, 0, 1), read(2, 'x', null, 2)])).toEqual([]);
  });

  it('read your writes: not a write of which the client does not know the fate', () => {
    expect(broken([write(1, 'x', 1, 0), read(1, 'x', null, 2)])).toEqual([]);
  });

  it('monotonic reads: an older value after a newer one', () => {
    const lines = [
      write(1, 'x', 1, 0, 1),
      write(1, 'x', 2, 2, 3),
      read(2, 'x', 2, 4),
      read(2, 'x', 1, 6),
    ];
    expect(broken(lines)).toEqual(['monotonic-reads']);
  });

  it('monotonic reads: values of concurrent writes have no order that we may claim', () => {
    const lines = [
      write(1, 'x', 1, 0, 9),
      write(2, 'x', 2, 1, 8),
      read(3, 'x', 2, 10),
      read(3, 'x', 1, 12),
    ];
    expect(broken(lines)).toEqual([]);
    // Where the store says which came first, it is a violation.
    expect(broken(lines, { version: (_key, value) => value as number })).toEqual([
      'monotonic-reads',
    ]);
  });

  it('monotonic writes: the second write of a client is seen, the first is not', () => {
    const lines = [
      write(1, 'x', 1, 0, 1),
      write(1, 'y', 2, 2, 3),
      read(2, 'y', 2, 4),
      read(2, 'x', null, 6),
    ];
    expect(broken(lines)).toEqual(['monotonic-writes']);
    expect(broken(lines, { guarantees: ['monotonic-reads'] })).toEqual([]);
  });

  it('writes follow reads: a reply is seen, the question is not', () => {
    const lines = [
      write(1, 'question', 1, 0, 1),
      read(2, 'question', 1, 2),
      write(2, 'answer', 2, 4, 5),
      read(3, 'answer', 2, 6),
      read(3, 'question', null, 8),
    ];
    expect(broken(lines)).toEqual(['writes-follow-reads']);
  });

  it('a known version order that puts a write before what its client had done', () => {
    const versions: Readonly<Record<number, number>> = { 1: 5, 2: 4, 3: 3 };
    const version = (_key: string, value: Value) => versions[value as number];
    expect(broken([write(1, 'x', 1, 0, 1), write(1, 'x', 2, 2, 3)], { version })).toEqual([
      'monotonic-writes',
    ]);
    const reply = [write(1, 'x', 1, 0, 1), read(2, 'x', 1, 2), write(2, 'x', 3, 4, 5)];
    expect(broken(reply, { version })).toEqual(['writes-follow-reads']);
  });

  it('a value that nobody wrote, and one whose write failed', () => {
    expect(broken([read(1, 'x', 5, 0)])).toEqual(['unwritten-value']);
    const failed: Line = { p: 1, f: 'put', key: 'x', in: 5, call: 0, ret: 1, outcome: 'fail' };
    expect(broken([failed, read(1, 'x', 5, 2)])).toEqual(['unwritten-value']);
  });

  it('the session goes on after an unknown operation, under its client', () => {
    const ops = historyOf([write(1, 'x', 1, 0, 1), write(1, 'x', 2, 2), read(1, 'x', null, 4)]);
    const renamed = ops.map((op, index) => (index === 2 ? { ...op, process: 99 } : op));
    expect(checkSession(renamed).violations).toHaveLength(1);
  });

  it('are shown to be broken by what it takes, and nothing else', () => {
    const lines = [
      write(4, 'z', 9, 0, 1),
      write(1, 'question', 1, 0, 1),
      read(2, 'z', 9, 2),
      read(2, 'question', 1, 2),
      write(2, 'answer', 2, 4, 5),
      read(3, 'answer', 2, 6),
      read(3, 'z', 9, 7),
      read(3, 'question', null, 8),
    ];
    const { explanation } = checkSession(historyOf(lines));
    expect(explanation).toMatchObject({ culprit: 7, window: [1, 3, 4, 5, 7] });
    expect(explanation?.because.slice(0, 2)).toEqual([
      'writes-follow-reads: c3 read question = nothing at 0.900 s, older than 1, which follows ' +
        'from c3 read answer = 2 at 0.700 s.',
      'c1 wrote question = 1, called at 0.000 s, answered at 0.100 s.',
    ]);
  });

  it('are shown by a history of which nothing can go', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 4_000; seed++) {
      const random = randomOf(seed);
      const written: Readonly<Record<string, (number | null)[]>> = { x: [null], y: [null] };
      const lines = Array.from({ length: 6 + random.int(10) }, (_, i): Line => {
        const [p, key] = [random.int(3), random.pick(['x', 'y'])];
        if (random.chance(50)) return read(p, key, random.pick(written[key] ?? []), 2 * i);
        written[key]?.push(i);
        return write(p, key, i, 2 * i, 2 * i + 1);
      });
      const ops = historyOf(lines);
      const options = { guarantees: [random.pick(SESSION_GUARANTEES)] };
      const { violations, explanation } = checkSession(ops, options);
      const [first] = violations;
      if (first === undefined || explanation === undefined) continue;
      seen.add(first.guarantee);
      const breaks = (some: readonly Op[]): boolean =>
        checkSession(some, options).violations.some(
          ({ guarantee }) => guarantee !== 'unwritten-value',
        );
      const window = ops.filter(({ id }) => explanation.window.includes(id));
      expect(breaks(window), `seed ${seed}`).toBe(true);
      for (const gone of window) {
        const rest = window.filter((op) => op !== gone);
        expect(breaks(rest), `seed ${seed}: without ${gone.id}`).toBe(false);
      }
    }
    expect([...seen].sort()).toEqual([...SESSION_GUARANTEES].sort());
  });

  it('refuses values that are not unique', () => {
    const lines = [write(1, 'x', 1, 0, 1), write(2, 'x', 1, 2, 3)];
    expect(() => checkSession(historyOf(lines))).toThrow('needs unique values');
    expect(broken([write(1, 'x', 1, 0, 1), write(2, 'y', 1, 2, 3)])).toEqual([]);
  });

  it('hold in every linearizable history, and break in some others', () => {
    const kv = kvModel();
    let next = 1;
    let recent: number[] = [];
    const kinds: Kind<CasRegisterInput, Value>[] = [
      {
        f: 'put',
        weight: 2,
        keys: ['x', 'y'],
        outputs: () => [true],
        input: () => {
          recent = [...recent.slice(-3), next];
          return next++;
        },
      },
      {
        f: 'get',
        weight: 3,
        keys: ['x', 'y'],
        input: () => null,
        outputs: () => [null, ...Array.from({ length: next }, (_, n) => n)],
      },
    ];
    let violations = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const random = randomOf(seed);
      next = 1;
      const shape = { operations: 30, clients: 4, unknownPercent: 5 };
      const ops = liveHistory(kv, kinds, shape, random);
      expect(checkSession(ops).verdict, `seed ${seed}`).toBe('pass');
      // A stale read: the value of an earlier write of the same key.
      const reads = ops.filter((op) => op.f === 'get' && op.outcome === 'ok');
      const victim = random.pick(reads);
      const older = ops.filter(
        (op) => op.f === 'put' && op.key === victim.key && op.call < victim.ret,
      );
      if (older.length === 0) continue;
      const stale: Op<CasRegisterInput, Value>[] = [...ops];
      stale[victim.id] = { ...victim, output: random.pick(older).input as Value };
      const result = checkSession(stale);
      if (result.verdict === 'pass') continue;
      violations++;
      // What breaks a session guarantee is not linearizable either.
      expect(checkLinearizable(stale, kv).verdict, `seed ${seed}`).toBe('fail');
    }
    expect(violations).toBeGreaterThan(50);
  });
});
