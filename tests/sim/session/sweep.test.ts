import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/sim/scenario/plan.ts';
import type { SweepRow } from '../../../src/sim/session/sweep.ts';
import { sometimesOf, summarise } from '../../../src/sim/session/sweep.ts';

const row = (seed: number, change: Partial<SweepRow> = {}): SweepRow => ({
  seed,
  verdict: 'pass',
  traceHash: (0x1000 + seed).toString(16).padStart(16, '0'),
  stateHash: '0000000000000001',
  events: 100,
  missed: [],
  reached: [],
  ...change,
});
const failed = (seed: number, check = 'linearizable') =>
  row(seed, {
    verdict: 'fail',
    missed: [{ check, verdict: 'fail', why: `broke in ${seed}`, atMicros: 5 }],
  });
const unsure = (seed: number) =>
  row(seed, {
    verdict: 'unknown',
    missed: [{ check: 'converges', verdict: 'unknown', why: 'cut short', atMicros: null }],
  });

describe('summarise', () => {
  it('counts verdicts and names the seeds', () => {
    const sum = summarise([failed(3), row(1), unsure(2), failed(4, 'other'), row(5)], [], true);
    expect(sum).toMatchObject({
      verdict: 'fail',
      runs: 5,
      pass: 2,
      fail: 2,
      unknown: 1,
      failingSeeds: [3, 4],
      unknownSeeds: [2],
      events: 500,
      missed: [
        { check: 'linearizable', fail: 1, unknown: 0 },
        { check: 'other', fail: 1, unknown: 0 },
        { check: 'converges', fail: 0, unknown: 1 },
      ],
    });
    expect(sum.first?.seed).toBe(3);
  });

  it('lets fail outrank unknown, and unknown outrank pass', () => {
    expect(summarise([row(1), row(2)], [], true).verdict).toBe('pass');
    expect(summarise([row(1), unsure(2)], [], true).verdict).toBe('unknown');
    expect(summarise([row(1), unsure(2), failed(3)], [], true).verdict).toBe('fail');
    expect(summarise([row(1), unsure(2)], [], true).first?.seed).toBe(2);
  });

  it('does not call nothing a pass', () => {
    expect(summarise([], [], false).verdict).toBe('unknown');
  });

  it('does not depend on the order of the rows', () => {
    const rows = [failed(3), row(1), unsure(2), failed(4), row(9)];
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(summarise(shuffled, [], true)).toEqual(summarise(rows, [], true));
      }),
    );
  });

  it('hashes seed, trace hash and verdict of every run', () => {
    const hash = (...rows: SweepRow[]) => summarise(rows, [], true).sweepHash;
    const whole = hash(row(1), row(2));
    expect(whole).toMatch(/^[0-9a-f]{16}$/);
    expect(hash(row(1), row(2))).toBe(whole);
    const others = [
      hash(row(1)),
      hash(row(1), row(3)),
      hash(row(1), { ...row(2), verdict: 'unknown' }),
      hash(row(1), { ...row(2), traceHash: 'ffffffffffffffff' }),
      hash({ ...row(1), traceHash: row(2).traceHash }, { ...row(2), traceHash: row(1).traceHash }),
    ];
    expect(new Set([whole, ...others]).size).toBe(others.length + 1);
    // What is judged by other means does not move it.
    expect(hash(row(1), { ...row(2), reached: ['x'], events: 7 })).toBe(whole);
  });

  it('refuses a seed that comes twice', () => {
    expect(() => summarise([row(1), row(2), row(1)], [], true)).toThrow(/Seed 1 .* twice/);
  });
});

describe('sometimes over a sweep', () => {
  const sometimes = [
    { check: 'split', scope: 'sweep' as const },
    { check: 'elected', scope: 'run' as const },
  ];

  it('counts in how many runs each was reached', () => {
    const rows = [row(1, { reached: ['elected'] }), row(2, { reached: ['elected', 'split'] })];
    const sum = summarise(rows, sometimes, true);
    expect(sum.coverage).toEqual([
      { check: 'split', scope: 'sweep', reached: 1, runs: 2 },
      { check: 'elected', scope: 'run', reached: 2, runs: 2 },
    ]);
    expect(sum.verdict).toBe('pass');
  });

  it('fails a whole sweep in which no run reached one of scope sweep', () => {
    const sum = summarise([row(1), row(2)], sometimes, true);
    expect(sum.unreached).toEqual(['split']);
    expect(sum.verdict).toBe('fail');
    expect(sum.fail).toBe(0);
  });

  it('leaves a part of a sweep unknown: another part may reach it', () => {
    expect(summarise([row(1), row(2)], sometimes, false).verdict).toBe('unknown');
  });

  it('reads the scope from the plan', () => {
    const plan = {
      checks: [
        { id: 'a', use: 'sometimes', args: { scope: 'sweep' } },
        { id: 'b', use: 'sometimes' },
        { id: 'c', use: 'always' },
      ],
    } as unknown as Plan;
    expect(sometimesOf(plan)).toEqual([
      { check: 'a', scope: 'sweep' },
      { check: 'b', scope: 'run' },
    ]);
  });
});
