/** Ids from clocks: their bits, what each reading of the clock gives, and that none comes twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MILLIS_MAX,
  NO_ID_YET,
  compareIds,
  idParts,
  idText,
  nextId,
} from '../../../../src/sim/policies/ids/index.ts';
import type { LastId, SnowflakeRules } from '../../../../src/sim/policies/ids/index.ts';

const RULES: SnowflakeRules = { sequenceBits: 12, 'ids.clock-guard': true };
const UNGUARDED: SnowflakeRules = { ...RULES, 'ids.clock-guard': false };

const partsOf = fc.record({
  millis: fc.integer({ min: 0, max: MILLIS_MAX }),
  worker: fc.integer({ min: 0, max: 1_023 }),
  sequence: fc.integer({ min: 0, max: 4_095 }),
});

/** What a worker makes of these readings of its clock, one request each. */
function made(readings: readonly number[], rules = RULES, worker = 0): string[] {
  let last: LastId = NO_ID_YET;
  const ids: string[] = [];
  for (const millis of readings) {
    const next = nextId(last, millis, rules);
    if (next.kind !== 'id') continue;
    last = next.last;
    ids.push(idText({ ...last, worker }));
  }
  return ids;
}

describe('the bits of an id', () => {
  it('are those of a tweet of which they are known', () => {
    // 2022-06-28T16:07:40.105Z; Twitter counts from 1288834974657.
    const millis = Date.UTC(2022, 5, 28, 16, 7, 40, 105) - 1_288_834_974_657;
    const parts = { millis, worker: 378, sequence: 0 };
    expect(idParts('1541815603606036480')).toEqual(parts);
    expect(idText(parts)).toBe('1541815603606036480');
  });

  it('are 63 at most', () => {
    const last = { millis: MILLIS_MAX, worker: 1_023, sequence: 4_095 };
    expect(idText(last)).toBe(String(2n ** 63n - 1n));
  });

  it('come back, and order ids by time, then by worker, then by sequence', () => {
    fc.assert(
      fc.property(partsOf, partsOf, (a, b) => {
        expect(idParts(idText(a))).toEqual(a);
        const byParts = a.millis - b.millis || a.worker - b.worker || a.sequence - b.sequence;
        expect(Math.sign(compareIds(idText(a), idText(b)))).toBe(Math.sign(byParts));
      }),
    );
  });
});

describe('the next id', () => {
  it('counts within a millisecond, and begins anew in the next', () => {
    const first = nextId(NO_ID_YET, 7, RULES);
    expect(first).toEqual({ kind: 'id', last: { millis: 7, sequence: 0 } });
    expect(nextId({ millis: 7, sequence: 0 }, 7, RULES)).toEqual({
      kind: 'id',
      last: { millis: 7, sequence: 1 },
    });
    expect(nextId({ millis: 7, sequence: 9 }, 8, RULES)).toEqual({
      kind: 'id',
      last: { millis: 8, sequence: 0 },
    });
  });

  it('waits for the next millisecond when the 4096 of this one are given out', () => {
    expect(nextId({ millis: 7, sequence: 4_094 }, 7, RULES).kind).toBe('id');
    const spent = { kind: 'spent', untilMillis: 8 };
    expect(nextId({ millis: 7, sequence: 4_095 }, 7, RULES)).toEqual(spent);
    expect(nextId({ millis: 7, sequence: 0 }, 7, { ...RULES, sequenceBits: 0 })).toEqual(spent);
  });

  it('is not made while the clock shows less than at the last', () => {
    const back = { kind: 'back', untilMillis: 7 };
    expect(nextId({ millis: 7, sequence: 3 }, 6, RULES)).toEqual(back);
    expect(nextId({ millis: 7, sequence: 3 }, 7, RULES).kind).toBe('id');
    expect(nextId({ millis: 7, sequence: 3 }, 6, UNGUARDED)).toEqual({
      kind: 'id',
      last: { millis: 6, sequence: 0 },
    });
  });

  it('is not made of a time that has no place in it', () => {
    expect(nextId(NO_ID_YET, -1, UNGUARDED).kind).toBe('out-of-range');
    expect(nextId(NO_ID_YET, MILLIS_MAX, RULES).kind).toBe('id');
    expect(nextId(NO_ID_YET, MILLIS_MAX + 1, RULES).kind).toBe('out-of-range');
  });

  it('is larger than the last, whatever the clock does, and never that of another worker', () => {
    const readings = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 });
    fc.assert(
      fc.property(readings, readings, fc.integer({ min: 0, max: 3 }), (a, b, sequenceBits) => {
        const rules = { ...RULES, sequenceBits };
        const ids = made(a, rules, 1);
        for (const [i, id] of ids.slice(1).entries()) {
          expect(compareIds(id, ids[i]!)).toBeGreaterThan(0);
        }
        const others = new Set(made(b, rules, 2));
        expect(ids.filter((id) => others.has(id))).toEqual([]);
      }),
    );
  });

  it('without the guard repeats each millisecond that comes twice', () => {
    const once = Array.from({ length: 50 }, (_, i) => i);
    const again = [...once, ...once.map((millis) => millis + 30)];
    const ids = made(again, UNGUARDED);
    expect(ids.length - new Set(ids).size).toBe(20);
    const guarded = made(again);
    expect(guarded.length).toBe(100 - 19);
    expect(new Set(guarded).size).toBe(guarded.length);
  });
});
