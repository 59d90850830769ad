/** What became of each write: counted exactly, with the write that stands in its place. */
import { describe, expect, it } from 'vitest';
import type { Op } from '../../../../src/sim/observe/history.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import { checkAcknowledged } from '../../../../src/sim/check/history/acknowledged.ts';
import { forSeeds } from '../../../support/seeds.ts';

const op = (id: number, rest: Partial<Op>): Op => ({
  id,
  process: id,
  client: `c${id}`,
  f: 'put',
  key: 'x',
  input: id,
  outcome: 'ok',
  call: 2 * id,
  ret: rest.outcome === 'unknown' ? Infinity : 2 * id + 1,
  ...rest,
});
const holds = (...values: Value[]) => ({ values: () => values });
const logged = (values: readonly Value[], log: readonly Value[], isWhole = true) => ({
  values: () => values,
  log: () => ({ values: log, isWhole }),
});

describe('writes of registers', () => {
  it('are there, replaced or lost', () => {
    const ops = [op(1, {}), op(2, {}), op(3, {})];
    expect(checkAcknowledged(ops, holds(2))).toMatchObject({
      verdict: 'fail',
      acknowledged: 3,
      present: 1,
      overwritten: 1,
      lost: [
        {
          id: 3,
          instead: 2,
          because:
            'c3 wrote x = 3 and was told that it is done; it is gone: x holds 2, which c2 wrote.',
        },
      ],
    });
  });

  it('that were concurrent with the one that stayed may have been replaced by it', () => {
    const ops = [op(1, { ret: 10 }), op(2, {})];
    expect(checkAcknowledged(ops, holds(1))).toMatchObject({ verdict: 'pass', overwritten: 1 });
  });

  it('are found lost behind a later one where the store has its log', () => {
    const ops = [op(1, {}), op(2, {}), op(3, {})];
    expect(checkAcknowledged(ops, holds(3))).toMatchObject({ verdict: 'pass' });
    expect(checkAcknowledged(ops, logged([3], [1, 3]))).toMatchObject({
      verdict: 'fail',
      present: 1,
      overwritten: 1,
      lost: [{ id: 2, instead: 3 }],
    });
    // A log that does not reach back proves nothing.
    expect(checkAcknowledged(ops, logged([3], [3], false))).toMatchObject({ verdict: 'pass' });
  });

  it('of unknown fate are recovered or ambiguous, and never lost', () => {
    const ops = [op(1, {}), op(2, { outcome: 'unknown' }), op(3, { outcome: 'unknown' })];
    expect(checkAcknowledged(ops, holds(3))).toMatchObject({
      verdict: 'pass',
      acknowledged: 1,
      overwritten: 1,
      recovered: 1,
      ambiguous: 1,
    });
  });

  it('that failed for sure must not be there', () => {
    const found = checkAcknowledged([op(1, { outcome: 'fail' })], holds(1));
    expect(found).toMatchObject({ verdict: 'fail', acknowledged: 0, refuted: [{ id: 1 }] });
  });

  it('that compared count only where they took effect', () => {
    const cas = (id: number, output: boolean) =>
      op(id, { f: 'cas', input: { expected: 0, value: id }, output });
    expect(checkAcknowledged([cas(1, true), cas(2, false)], holds(1))).toMatchObject({
      verdict: 'pass',
      acknowledged: 1,
      present: 1,
    });
  });

  it('that delete are there when nothing is', () => {
    const ops = [op(1, {}), op(2, { input: null })];
    expect(checkAcknowledged(ops, holds(null))).toMatchObject({ verdict: 'pass', present: 1 });
  });

  it('stay beside each other as siblings', () => {
    const ops = [op(1, {}), op(2, {}), op(3, {})];
    expect(checkAcknowledged(ops, holds(2, 3))).toMatchObject({ verdict: 'pass', present: 2 });
  });

  it('add up, whatever happened', () => {
    forSeeds(200, import.meta.url, (_seed, random) => {
      const ops: Op[] = [];
      const log: number[] = [];
      for (let id = 1; id <= 20; id++) {
        const outcome = (['ok', 'ok', 'ok', 'fail', 'unknown'] as const)[random.int(5)]!;
        ops.push(op(id, { outcome }));
        if (outcome !== 'fail' && random.int(3) > 0) log.push(id);
      }
      const last = log[log.length - 1] ?? null;
      const found = checkAcknowledged(ops, logged([last], log));
      const ok = ops.filter(({ outcome }) => outcome === 'ok');
      expect(found.acknowledged).toBe(ok.length);
      expect(found.present + found.overwritten + found.lost.length).toBe(ok.length);
      expect(found.lost.map(({ id }) => id)).toEqual(
        ok.filter(({ id }) => !log.includes(id)).map(({ id }) => id),
      );
      const unknown = ops.filter(({ outcome }) => outcome === 'unknown');
      expect(found.recovered).toBe(unknown.filter(({ id }) => log.includes(id)).length);
      expect(found.recovered + found.ambiguous).toBe(unknown.length);
    });
  });
});
