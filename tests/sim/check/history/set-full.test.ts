/** Sets element by element: the published histories of the `set-full` checker, and their edges. */
import { describe, expect, it } from 'vitest';
import { checkSetFull } from 'faultline';
import type { Op } from 'faultline';

/**
 * Events in their order, one a millisecond: "0 add 7" begins, "0 ok" ends it, and
 * "1 ok 0 1" ends a read with what it has.
 */
function historyOf(...events: readonly string[]): Op[] {
  const open = new Map<string, Op>();
  const ops: Op[] = [];
  events.forEach((event, at) => {
    const [process = '', f = '', ...values] = event.split(' ');
    const begun = open.get(process);
    if (f !== 'ok' && f !== 'fail') {
      const op: Op = {
        id: ops.length,
        process: Number(process),
        f,
        input: values[0] === undefined ? null : Number(values[0]),
        outcome: 'unknown',
        call: at,
        ret: Infinity,
        callMicros: at * 1_000,
      };
      open.set(process, op);
      ops.push(op);
    } else if (begun !== undefined) {
      const output = begun.f === 'read' ? values.map(Number) : true;
      const ended = { ...begun, outcome: f, ret: at, retMicros: at * 1_000, output } as Op;
      ops[begun.id] = ended;
      open.delete(process);
    }
  });
  return ops;
}

const values = (seen: readonly { readonly value: unknown }[]) => seen.map(({ value }) => value);
const lengths = (seen: readonly { readonly latency: number }[]) =>
  seen.map(({ latency }) => latency / 1_000);

function check(...events: readonly string[]) {
  const result = checkSetFull(historyOf(...events));
  const { verdict, attempts, neverRead, duplicated } = result;
  return {
    verdict,
    attempts,
    neverRead,
    duplicated,
    lost: values(result.lost),
    lostAfter: lengths(result.lost),
    stable: values(result.stable),
    stableAfter: lengths(result.stable),
    stale: values(result.stale),
  };
}

const NOTHING = {
  attempts: 1,
  neverRead: [],
  duplicated: [],
  lost: [],
  lostAfter: [],
  stable: [],
  stableAfter: [],
  stale: [],
};

// One addition (a, a ended) and one read (r, r ended).
const a = '0 add 0';
const done = '0 ok';
const r = '1 read';
const has = '1 ok 0';
const lacks = '1 ok';

describe('published histories of one element (Jepsen, checker tests)', () => {
  it.each([
    ['added, never read', [a, done]],
    ['never confirmed, and missing from a read', [a, r, lacks]],
    ['missing from a read before', [r, a, lacks, done]],
    ['missing from a read outside', [r, a, done, lacks]],
    ['missing from a read inside', [a, r, lacks, done]],
    ['missing from a read that began before it was known', [a, r, done, lacks]],
  ])('%s: unknown', (_, events) => {
    expect(check(...events)).toEqual({ ...NOTHING, verdict: 'unknown', neverRead: [0] });
  });

  it.each([
    ['before', [r, a, has, done]],
    ['outside', [r, a, done, has]],
    ['inside', [a, r, has, done]],
    ['across', [a, r, done, has]],
    ['afterwards', [a, done, r, has]],
  ])('read %s: stable at once', (_, events) => {
    expect(check(...events)).toEqual({
      ...NOTHING,
      verdict: 'pass',
      stable: [0],
      stableAfter: [0],
    });
  });

  it('missing from a read afterwards: lost', () => {
    expect(check(a, done, r, lacks)).toEqual({
      ...NOTHING,
      verdict: 'fail',
      lost: [0],
      lostAfter: [0],
    });
  });
});

describe('published histories of two elements (Jepsen, checker tests)', () => {
  it('written, present, missing', () => {
    const written = ['0 add 0', '1 add 1', '2 read', '2 ok 1', '0 ok', '1 ok'];
    const reads = ['2 read', '2 ok 0 1', '2 read', '2 ok 0', '2 read', '2 ok'];
    expect(check(...written, ...reads)).toEqual({
      ...NOTHING,
      verdict: 'fail',
      attempts: 2,
      lost: [0, 1],
      lostAfter: [4, 3],
    });
  });

  it('written, fluttering, one stable and one lost', () => {
    const written = ['0 add 0', '0 ok', '1 add 1', '2 read', '2 ok 1', '1 ok'];
    const reads = ['2 read', '3 read', '3 ok 1', '2 ok 0'];
    expect(check(...written, ...reads)).toEqual({
      ...NOTHING,
      verdict: 'fail',
      attempts: 2,
      lost: [0],
      lostAfter: [5],
      stable: [1],
      stableAfter: [2],
      stale: [1],
    });
  });
});

describe('its edges', () => {
  const late = historyOf(a, done, r, lacks, r, has);

  it('what is only late passes, unless every read must have it', () => {
    expect(checkSetFull(late)).toMatchObject({ verdict: 'pass', because: [] });
    const strict = checkSetFull(late, { linearizable: true });
    expect(strict.verdict).toBe('fail');
    expect(strict.because[0]).toMatch(
      /^0 was acknowledged .* missed it at .* It was seen later\.$/,
    );
    expect(strict.window).toHaveLength(3);
  });

  it('an element of unknown fate that was seen must stay', () => {
    expect(check(a, r, has, r, lacks)).toMatchObject({ verdict: 'fail', lost: [0] });
  });

  it('a failed addition is no element, and may not be there', () => {
    expect(checkSetFull(historyOf(a, '0 fail', r, lacks))).toMatchObject({ attempts: 0 });
    const seen = checkSetFull(historyOf(a, '0 fail', r, has));
    expect(seen).toMatchObject({ verdict: 'fail', unexpected: [0] });
  });

  it('an element twice in one read fails', () => {
    const result = checkSetFull(historyOf(a, done, r, '1 ok 0 0'));
    expect(result).toMatchObject({ verdict: 'fail', duplicated: [0] });
  });

  it('nothing at all is unknown', () => {
    expect(checkSetFull([])).toMatchObject({ verdict: 'unknown', attempts: 0 });
  });
});
