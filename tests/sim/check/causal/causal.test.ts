/** Causal consistency: the histories of the paper, and small ones against the definitions. */
import { describe, expect, it } from 'vitest';
import { CAUSAL_LEVELS, checkCausal } from 'faultline';
import type { CausalLevel, HistoryValue, Op } from 'faultline';
import { randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';

type Step = readonly ['w' | 'r', string, number];

/** One list of steps per process; 0 is the initial value. */
function history(...processes: readonly (readonly Step[])[]): Op[] {
  let position = 0;
  let id = 0;
  return processes.flatMap((steps, process) =>
    steps.map(([f, key, value]): Op => ({
      id: id++,
      process,
      client: `p${process}`,
      f: f === 'w' ? 'write' : 'read',
      key,
      input: f === 'w' ? value : null,
      ...(f === 'r' ? { output: value } : {}),
      outcome: 'ok',
      call: position++,
      ret: position++,
    })),
  );
}

const w = (key: string, value: number): Step => ['w', key, value];
const r = (key: string, value: number): Step => ['r', key, value];
const check = (ops: readonly Op[], level: CausalLevel) => checkCausal(ops, { level, initial: 0 });
const holds = (ops: readonly Op[]): string[] =>
  CAUSAL_LEVELS.filter((level) => check(ops, level).verdict === 'pass');

describe('the histories that tell the levels apart (Bouajjani et al. 2017, figure 3)', () => {
  it('a: a memory that does not converge', () => {
    const ops = history([w('x', 1), r('x', 2)], [w('x', 2), r('x', 1)]);
    expect(holds(ops)).toEqual(['causal', 'memory']);
    expect(check(ops, 'convergent').pattern).toBe('CyclicCF');
  });
  it('b: convergent, and no memory', () => {
    const first = [w('z', 1), w('x', 1), w('y', 1)];
    const ops = history(first, [w('x', 2), r('z', 0), r('y', 1), r('x', 2)]);
    expect(holds(ops)).toEqual(['causal', 'convergent']);
    expect(check(ops, 'memory').pattern).toBe('WriteHBInitRead');
  });
  it('c: causal alone', () => {
    const ops = history([w('x', 1)], [w('x', 2), r('x', 1), r('x', 2)]);
    expect(holds(ops)).toEqual(['causal']);
    expect(check(ops, 'memory').pattern).toBe('CyclicHB');
  });
  it('d: all of them, and not sequential', () => {
    const one = [w('x', 1), r('y', 0), w('y', 1), r('x', 1)];
    const other = [w('x', 2), r('y', 0), w('y', 2), r('x', 2)];
    expect(holds(history(one, other))).toEqual(['causal', 'convergent', 'memory']);
  });
  it('e: none', () => {
    const ops = history([w('x', 1), w('y', 1)], [r('y', 1), w('x', 2)], [r('x', 2), r('x', 1)]);
    expect(holds(ops)).toEqual([]);
    expect(check(ops, 'causal').pattern).toBe('WriteCORead');
  });
});

describe('bad patterns', () => {
  it('a question is not seen after its answer', () => {
    const result = check(
      history([w('x', 1)], [r('x', 1), w('y', 1)], [r('y', 1), r('x', 0)]),
      'causal',
    );
    expect(result.pattern).toBe('WriteCOInitRead');
    expect(result.because).toEqual([
      'p2 read x = 0, although what it knew held the newer 1.',
      'p1 read x = 1, which p0 wrote.',
      'p1 read x = 1, and then wrote y = 1.',
      'p2 read y = 1, which p1 wrote.',
      'p2 read y = 1, and then read x = 0.',
    ]);
  });
  it('a value of nobody, or of a write that failed', () => {
    expect(check(history([r('x', 7)]), 'causal').pattern).toBe('ThinAirRead');
    const [write, read] = history([w('x', 1)], [r('x', 1)]) as [Op, Op];
    expect(check([{ ...write, outcome: 'fail' }, read], 'causal').pattern).toBe('ThinAirRead');
    expect(check([{ ...write, outcome: 'unknown', ret: Infinity }, read], 'causal').verdict).toBe(
      'pass',
    );
  });
  it('two processes that each read the future of the other', () => {
    const result = check(history([r('x', 1), w('y', 1)], [r('y', 1), w('x', 1)]), 'causal');
    expect(result.pattern).toBe('CyclicCO');
    expect(result.because).toHaveLength(4);
  });
  it('values that are not unique are refused', () => {
    expect(() => check(history([w('x', 1), w('x', 1)]), 'causal')).toThrow('unique values');
  });
});

/** Up to six operations of three processes; reads see any value that is written, or the initial. */
function someHistory(random: Random): Op[] {
  const processes: ['w' | 'r', string, number][][] = [[], [], []];
  const written = new Map<string, number>();
  for (let at = 0; at < 4 + random.int(3); at++) {
    const key = random.pick(['x', 'y']);
    const value = (written.get(key) ?? 0) + 1;
    const isWrite = random.chance(50);
    if (isWrite) written.set(key, value);
    random.pick(processes).push([isWrite ? 'w' : 'r', key, value]);
  }
  return history(
    ...processes.map((steps) =>
      steps.map(([f, key, value]): Step =>
        f === 'w' ? w(key, value) : r(key, random.int((written.get(key) ?? 0) + 1)),
      ),
    ),
  );
}

/** The definitions, by trying every order of every causal past. */
class Definition {
  readonly #ops: readonly Op[];
  readonly #before: boolean[][];
  readonly isAcyclic: boolean;

  constructor(ops: readonly Op[]) {
    this.#ops = ops;
    this.#before = ops.map((a) => ops.map((b) => this.#direct(a, b)));
    for (const k of ops) {
      for (const a of ops) {
        for (const b of ops) {
          if (this.#before[a.id]![k.id] && this.#before[k.id]![b.id])
            this.#before[a.id]![b.id] = true;
        }
      }
    }
    this.isAcyclic = ops.every(({ id }) => !this.#before[id]![id]);
  }

  #direct(a: Op, b: Op): boolean {
    if (a.process === b.process) return a.id < b.id;
    return a.f === 'write' && b.f === 'read' && a.key === b.key && a.input === b.output;
  }

  holds(level: CausalLevel): boolean {
    if (!this.isAcyclic) return false;
    if (level === 'convergent') return this.#agree();
    return this.#ops.every((op) => {
      const past = this.#ops.filter(({ id }) => id === op.id || this.#before[id]![op.id]);
      const counts = (other: Op) =>
        other === op || (level === 'memory' && other.process === op.process);
      return this.#orders(past, []).some((order) => legal(order, counts));
    });
  }

  /** One order of everything, in which the newest write of each read's past is the one it saw. */
  #agree(): boolean {
    return this.#orders(this.#ops, []).some((order) =>
      this.#ops.every((read) => {
        if (read.f !== 'read') return true;
        const seen = order.filter(
          (op) => op.f === 'write' && op.key === read.key && this.#before[op.id]![read.id],
        );
        return (seen.at(-1)?.input ?? 0) === read.output;
      }),
    );
  }

  #orders(left: readonly Op[], order: readonly Op[]): Op[][] {
    if (left.length === 0) return [[...order]];
    return left
      .filter((op) => !left.some((other) => this.#before[other.id]![op.id]))
      .flatMap((op) =>
        this.#orders(
          left.filter((other) => other !== op),
          [...order, op],
        ),
      );
  }
}

function legal(order: readonly Op[], counts: (op: Op) => boolean): boolean {
  const state = new Map<string, HistoryValue>();
  return order.every((op) => {
    if (op.f === 'write') {
      state.set(op.key!, op.input as number);
      return true;
    }
    return !counts(op) || (state.get(op.key!) ?? 0) === op.output;
  });
}

/** What is shown breaks the level, and without any one of it does not, by the definition. */
function expectLeast(
  ops: readonly Op[],
  level: CausalLevel,
  shown: readonly number[],
  why: string,
): void {
  const window = ops.filter(({ id }) => shown.includes(id));
  expect(holdsByHand(window, level), why).toBe(false);
  for (const gone of window) {
    const rest = window.filter((op) => op !== gone);
    const isBereft = rest.some(
      ({ f, key, output }) =>
        f === 'read' && output !== 0 && !rest.some((op) => op.key === key && op.input === output),
    );
    expect(isBereft || holdsByHand(rest, level), `${why}: without ${gone.id}`).toBe(true);
  }
}

const holdsByHand = (ops: readonly Op[], level: CausalLevel): boolean =>
  new Definition(ops.map((op, id) => ({ ...op, id }))).holds(level);

describe('causal levels', () => {
  it('of 2,500 histories are what the definitions say', () => {
    const counts = new Map<CausalLevel, { pass: number; fail: number }>();
    for (let seed = 1; seed <= 2_500; seed++) {
      const ops = someHistory(randomOf(seed));
      const definition = new Definition(ops);
      for (const level of CAUSAL_LEVELS) {
        const expected = definition.holds(level) ? 'pass' : 'fail';
        const { verdict, because, explanation } = check(ops, level);
        if (verdict !== expected) {
          expect.fail(`seed ${seed}: ${level} is ${expected}: ${JSON.stringify(ops)}`);
        }
        if (verdict === 'fail') {
          expect(because.length).toBeGreaterThan(0);
          expectLeast(ops, level, explanation?.window ?? [], `seed ${seed}: ${level}`);
        }
        const count = counts.get(level) ?? { pass: 0, fail: 0 };
        counts.set(level, count);
        count[expected]++;
      }
    }
    for (const [level, { pass, fail }] of counts) {
      expect(pass, level).toBeGreaterThan(200);
      expect(fail, level).toBeGreaterThan(200);
    }
  });

  it('2,000 operations are judged', () => {
    const random = randomOf(3);
    const store = new Map<string, number>();
    const ops: Op[] = [];
    for (let id = 0; id < 2_000; id++) {
      const key = random.pick(['a', 'b', 'c', 'd']);
      const isWrite = random.chance(50);
      if (isWrite) store.set(key, id + 1);
      ops.push({
        id,
        process: random.int(8),
        f: isWrite ? 'write' : 'read',
        key,
        input: isWrite ? id + 1 : null,
        ...(isWrite ? {} : { output: store.get(key) ?? 0 }),
        outcome: 'ok',
        call: id * 2,
        ret: id * 2 + 1,
      });
    }
    expect(holds(ops)).toEqual(['causal', 'convergent', 'memory']);
    expect(check(ops, 'causal').steps).toBeLessThan(2_000_000);
  });
});
