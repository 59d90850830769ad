/** PRAM: what tells it from its neighbours, and against the definition by brute force. */
import { describe, expect, it } from 'vitest';
import { checkCausal, checkPram, checkSequential, kvModel } from 'faultline';
import type { Op } from 'faultline';
import { forSeeds } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';

type Step = readonly ['put' | 'get', key: string, value: number | null];
const w = (key: string, value: number): Step => ['put', key, value];
const r = (key: string, value: number | null): Step => ['get', key, value];

/** One list of steps a process. */
function historyOf(...processes: readonly (readonly Step[])[]): Op[] {
  let id = 0;
  return processes.flatMap((steps, process) =>
    steps.map(([f, key, value]): Op => {
      const base = { id, process, client: `p${process}`, f, key, outcome: 'ok' as const };
      const at = { call: 2 * id, ret: 2 * id++ + 1 };
      return f === 'put'
        ? { ...base, ...at, input: value }
        : { ...base, ...at, input: null, output: value };
    }),
  );
}

const pram = (ops: readonly Op[]): boolean => checkPram(ops).verdict === 'pass';
const level = (ops: readonly Op[], name: 'causal' | 'memory'): boolean =>
  checkCausal(ops, { level: name }).verdict === 'pass';

/** By definition: an order of all writes and of the reads of one process, for each process. */
function pramByHand(ops: readonly Op[]): boolean {
  const processes = [...new Set(ops.map(({ process }) => process))];
  return processes.every((own) => {
    const queues = processes.map((process) =>
      ops.filter((op) => op.process === process && (op.f === 'put' || process === own)),
    );
    const place = (at: readonly number[], state: Readonly<Record<string, unknown>>): boolean => {
      if (at.every((taken, i) => taken === queues[i]?.length)) return true;
      return queues.some((queue, i) => {
        const op = queue[at[i] ?? 0];
        if (op === undefined) return false;
        const key = op.key ?? '';
        if (op.f === 'get' && (state[key] ?? null) !== op.output) return false;
        const next = at.map((taken, j) => (j === i ? taken + 1 : taken));
        return place(next, op.f === 'put' ? { ...state, [key]: op.input } : state);
      });
    };
    return place(
      queues.map(() => 0),
      {},
    );
  });
}

/** A read is there and its write is not. */
const isBereft = (ops: readonly Op[]): boolean =>
  ops.some(
    ({ f, key, output }) =>
      f === 'get' &&
      output !== null &&
      !ops.some((op) => op.f === 'put' && op.key === key && op.input === output),
  );

describe('PRAM', () => {
  it('the writes of one process are seen in their order', () => {
    expect(pram(historyOf([w('x', 1), w('x', 2)], [r('x', 1), r('x', 2)]))).toBe(true);
    const result = checkPram(historyOf([w('x', 1), w('x', 2)], [r('x', 2), r('x', 1)]));
    expect(result).toMatchObject({ verdict: 'fail', check: 'pram', pattern: 'CyclicHB' });
    expect(result.because).toEqual([
      'No order of the writes gives p1 all that it read.',
      'p1 read x = 1 knowing of 2, so 1 is the newer of the two.',
      'p1 read x = 2, which p0 wrote.',
      'p1 read x = 2, and then read x = 1.',
      'p0 wrote x = 1, and then wrote x = 2.',
    ]);
    expect(result.explanation).toMatchObject({ culprit: 3, window: [0, 1, 2, 3] });
  });

  it('breaks are shown by the writes and the reads that it takes, and no others', () => {
    const others = [w('z', 7), w('z', 8), r('z', 8)];
    const one = [...others, w('x', 1), w('y', 9), w('x', 2)];
    const other = [r('z', 7), r('x', 2), r('y', 9), r('z', 8), r('x', 1)];
    const { explanation } = checkPram(historyOf(one, other, [w('u', 5), r('z', 8)]));
    expect(explanation?.window).toEqual([3, 5, 7, 10]);
    expect(explanation?.because[0]).toBe('No order of the writes gives p1 all that it read.');
  });

  it('also across keys', () => {
    const ops = historyOf([w('x', 1), w('y', 2)], [r('y', 2), r('x', null)]);
    expect(checkPram(ops)).toMatchObject({ verdict: 'fail', pattern: 'WriteHBInitRead' });
  });

  it('an answer may be seen without its question: causal is more', () => {
    const ops = historyOf([w('x', 1)], [r('x', 1), w('y', 2)], [r('y', 2), r('x', null)]);
    expect(pram(ops)).toBe(true);
    expect(level(ops, 'causal')).toBe(false);
  });

  it('writes of two processes may be seen in different orders: sequential is more', () => {
    const one = [r('x', 1), r('x', 2)];
    const ops = historyOf([w('x', 1)], [w('x', 2)], one, one.toReversed());
    expect(pram(ops)).toBe(true);
    expect(checkSequential(ops, kvModel() as never).verdict).toBe('fail');
  });

  it('does not follow from CC, which explains each read by itself', () => {
    const ops = historyOf([w('x', 1)], [w('x', 2)], [r('x', 1), r('x', 2), r('x', 1)]);
    expect(level(ops, 'causal')).toBe(true);
    expect(level(ops, 'memory')).toBe(false);
    expect(pram(ops)).toBe(false);
  });

  it('a process sees what it wrote', () => {
    expect(pram(historyOf([w('x', 1), r('x', null)]))).toBe(false);
  });

  it('values come from writes, and are unique', () => {
    expect(checkPram(historyOf([r('x', 5)])).pattern).toBe('ThinAirRead');
    expect(() => checkPram(historyOf([w('x', 1), w('x', 1)]))).toThrow(
      /the pram check needs unique/,
    );
  });

  it('is what the definition says, on 3,000 random histories; CM implies it', () => {
    const seen = { pass: 0, fail: 0 };
    forSeeds(3_000, import.meta.url, (_, random) => {
      const ops = randomHistory(random);
      const expected = pramByHand(ops);
      seen[expected ? 'pass' : 'fail']++;
      expect(pram(ops)).toBe(expected);
      if (level(ops, 'memory')) expect(expected).toBe(true);
      const shown = checkPram(ops).explanation?.window;
      if (shown === undefined) return;
      const window = ops.filter(({ id }) => shown.includes(id));
      expect(pramByHand(window)).toBe(false);
      for (const gone of window) {
        const rest = window.filter((op) => op !== gone);
        expect(isBereft(rest) || pramByHand(rest), `without ${gone.id}`).toBe(true);
      }
    });
    if (process.env['TEST_SEEDS'] !== undefined) return;
    expect(seen.pass).toBeGreaterThan(300);
    expect(seen.fail).toBeGreaterThan(300);
  });
});

function randomHistory(random: Random): Op[] {
  const written: Readonly<Record<string, (number | null)[]>> = { x: [null], y: [null] };
  let value = 0;
  const plan = Array.from({ length: 2 + random.int(2) }, () =>
    Array.from({ length: 1 + random.int(4) }, () => {
      const key = random.chance(50) ? 'x' : 'y';
      if (random.chance(55)) return r(key, null);
      written[key]?.push(++value);
      return w(key, value);
    }),
  );
  const filled = plan.map((steps) =>
    steps.map((step): Step => {
      const values = written[step[1]] ?? [];
      return step[0] === 'put' ? step : r(step[1], values[random.int(values.length)] ?? null);
    }),
  );
  return historyOf(...filled);
}
