/**
 * Mutation test of the checkers: each classic mistake is made on purpose in a copy, and both a
 * named history and random histories must tell it from the truth.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { kvModel } from '../../../../src/sim/check/linearizable/models/kv.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { hasOrder } from '../support/brute-force.ts';
import { liveHistory, wildHistory } from '../support/generate.ts';
import { historyOf } from '../support/histories.ts';
import type { Line } from '../support/histories.ts';
import { casKinds } from '../support/kinds.ts';
import { MutantFactory } from '../support/mutant.ts';
import type { Checkers, Mutation } from '../support/mutant.ts';
import { randomOf } from '../../../support/seeds.ts';

const factory = new MutantFactory();
afterAll(() => factory.dispose());

type Question = 'wgl' | 'jit' | 'sequential';
const FUZZ_RUNS = 4_000;
const STEPS = 100_000;

interface Mutant extends Mutation {
  readonly name: string;
  readonly question: Question;
  /** A history on which the mutant is wrong, and what is right. */
  readonly history: readonly Line[];
  readonly truth: boolean;
}

const staleNoop: readonly Line[] = [
  { p: 0, f: 'put', key: 'x', in: 0, call: 0, ret: 9, out: null },
  { p: 1, f: 'put', key: 'x', in: 1, call: 1, ret: 2, out: null },
  { p: 2, f: 'get', key: 'x', call: 3, ret: 4, out: 0 },
];
const twoOrders: readonly Line[] = [
  { p: 0, f: 'put', key: 'x', in: 2, call: 0, ret: 4, out: null },
  { p: 1, f: 'put', key: 'x', in: 1, call: 1, ret: 2, out: null },
  { p: 1, f: 'cas', key: 'x', in: { expected: 2, value: 0 }, call: 3, ret: 5, out: true },
];
const noopLater: readonly Line[] = [
  { p: 3, f: 'put', key: 'x', in: 2, call: 0, ret: 3, out: null },
  { p: 0, f: 'cas', key: 'x', in: { expected: 0, value: 1 }, call: 1, ret: 6, out: true },
  { p: 4, f: 'put', key: 'x', in: 1, call: 2, ret: 4, out: null },
  { p: 2, f: 'cas', key: 'x', in: { expected: 2, value: 2 }, call: 5, ret: 7, out: false },
];
const impossiblePending: readonly Line[] = [
  { p: 0, f: 'cas', key: 'x', in: { expected: 1, value: 2 }, call: 0 },
  { p: 1, f: 'get', key: 'x', call: 1, ret: 2, out: 0 },
];
const seenPending: readonly Line[] = [
  { p: 0, f: 'put', key: 'x', in: 1, call: 0 },
  { p: 1, f: 'get', key: 'x', call: 1, ret: 2, out: 1 },
];
const sameAgain: readonly Line[] = [
  { p: 0, f: 'put', key: 'x', in: 0, call: 0, ret: 1, out: null },
];
/** Dekker: each process writes its own key and misses the other's. Each key alone is fine. */
const crossed: readonly Line[] = [
  { p: 0, f: 'put', key: 'x', in: 1, call: 0, ret: 1, out: null },
  { p: 0, f: 'get', key: 'y', call: 4, ret: 5, out: 0 },
  { p: 1, f: 'put', key: 'y', in: 1, call: 2, ret: 3, out: null },
  { p: 1, f: 'get', key: 'x', call: 6, ret: 7, out: 0 },
];

const FORCED = 'for (const op of part) completed.push(op);';
const DROPPED = 'for (const op of part) if (!isPending(op)) completed.push(op);';
const SPLIT = 'for (const op of part) (isPending(op) ? pending : completed).push(op);';

const NOT_BETTER =
  'subset(this.words, entry * this.stride, words, from, this.#keyWords, this.stride)';

const mutants: readonly Mutant[] = [
  {
    name: 'the unsound shortcut: depth first places what changes nothing now as if it were pure',
    file: 'check/linearizable/wgl.ts',
    find: 'if (pure[op] === 0) continue;\n      if (this.#steps >= this.#stepsMax) return false;',
    replace: 'if (pure[op] === 0 && this.#space.step(this.#state, op) !== this.#state) continue;',
    question: 'wgl',
    history: staleNoop,
    truth: true,
  },
  {
    name: 'the unsound shortcut: breadth first places what changes nothing now as if it were pure',
    file: 'check/linearizable/jit.ts',
    find: 'if (pure[op] === 0 || hasBit(words, base + 1, slot)) continue;',
    replace:
      'if (hasBit(words, base + 1, slot)) continue;\n' +
      'if (pure[op] === 0 && this.#space.step(words[base], op) !== words[base]) continue;',
    question: 'jit',
    history: noopLater,
    truth: true,
  },
  {
    name: 'the cache key lacks the state',
    file: 'check/linearizable/wgl.ts',
    find: 'key[0] = this.#state;',
    replace: 'key[0] = 0;',
    question: 'wgl',
    history: twoOrders,
    truth: true,
  },
  {
    name: 'the cache key lacks the placed operations',
    file: 'check/linearizable/wgl.ts',
    find: 'key[length++] = this.#placed[word] ?? 0;',
    replace: 'key[length++] = 0;',
    question: 'wgl',
    history: [
      { p: 0, f: 'put', key: 'x', in: 2, call: 0, ret: 3, out: null },
      { p: 1, f: 'cas', key: 'x', in: { expected: 0, value: 0 }, call: 1, ret: 2, out: true },
    ],
    truth: true,
  },
  {
    name: 'subsumption is applied to required operations',
    file: 'check/linearizable/configurations.ts',
    find: 'this.#keyWords = 1 + requiredWords;\n    this.stride = this.#keyWords + pendingWords;',
    replace: 'this.#keyWords = 1;\n    this.stride = 1 + requiredWords + pendingWords;',
    question: 'jit',
    history: sameAgain,
    truth: true,
  },
  {
    name: 'subsumption keeps the configuration with more pending operations taken',
    file: 'check/linearizable/configurations.ts',
    find: `if (${NOT_BETTER}) {`,
    replace:
      `if (${NOT_BETTER}) {\n` +
      'this.#alive[entry] = 0; continue; }\n' +
      'if (subset(words, from, this.words, entry * this.stride, this.#keyWords, this.stride)) {',
    question: 'jit',
    history: [
      { p: 0, f: 'put', key: 'x', in: 1, call: 0 },
      { p: 1, f: 'put', key: 'x', in: 0, call: 1 },
      { p: 2, f: 'put', key: 'x', in: 2, call: 2, ret: 3, out: null },
      { p: 2, f: 'get', key: 'x', call: 4, ret: 5, out: 1 },
    ],
    truth: true,
  },
  ...(['wgl', 'jit'] as const).flatMap((question): Mutant[] => [
    {
      name: `a pending operation is forced in (${question})`,
      file: 'check/linearizable/problem.ts',
      find: SPLIT,
      replace: FORCED,
      question,
      history: impossiblePending,
      truth: true,
    },
    {
      name: `a pending operation is dropped (${question})`,
      file: 'check/linearizable/problem.ts',
      find: SPLIT,
      replace: DROPPED,
      question,
      history: seenPending,
      truth: true,
    },
  ]),
  {
    name: 'sequential consistency is checked key by key',
    file: 'check/history/sequential.ts',
    find: 'export function checkSequential<S, I, O>(',
    replace: `import { partitionOps } from '../linearizable/problem.ts';
       export function checkSequential(ops: any, model: any, budget: any): any {
         let last: any = { verdict: 'pass' };
         for (const part of partitionOps(ops, model).values()) {
           last = checkWhole(part as any, model as any, budget);
           if (last.verdict !== 'pass') return last;
         }
         return last;
       }
       function checkWhole<S, I, O>(`,
    question: 'sequential',
    history: crossed,
    truth: false,
  },
];

/** What the given copy of the checkers says: legal or not. */
function answer(checkers: Checkers, question: Question, ops: readonly Op[]): boolean {
  const model = checkers.kv.kvModel({ initial: 0 });
  const history = ops as Op<never, never>[];
  if (question === 'sequential') {
    return checkers.sequential.checkSequential(history, model).verdict === 'pass';
  }
  const counted = history.filter((op) => checkers.problem.counts(op, model));
  const problem = checkers.problem.problemOf(counted, model);
  const space = new checkers.space.StateSpace(model, problem.ops);
  const found =
    question === 'wgl'
      ? checkers.wgl.searchWgl(problem, space, STEPS)
      : checkers.jit.searchJit(problem, space, STEPS, STEPS);
  return found.verdict === 'pass';
}

interface Judged {
  readonly ops: readonly Op[];
  readonly truth: boolean;
}

/** Random histories with what brute force says of them. */
function judgedHistories(order: 'real-time' | 'process'): Judged[] {
  const model = kvModel({ initial: 0 });
  const kinds = order === 'process' ? casKinds(2, ['x', 'y']) : casKinds(3, ['x']);
  const judged: Judged[] = [];
  for (let seed = 1; seed <= FUZZ_RUNS; seed++) {
    const random = randomOf(seed);
    const shape = {
      operations: 4 + random.int(4),
      clients: 2 + random.int(4),
      unknownPercent: random.pick([0, 20]),
    };
    const live = random.chance(order === 'process' ? 0 : 60);
    const ops = live ? liveHistory(model, kinds, shape, random) : wildHistory(kinds, shape, random);
    judged.push({ ops, truth: hasOrder(ops, model, order) });
  }
  return judged;
}

const realTime = judgedHistories('real-time');
const process = judgedHistories('process');

/** The first of the random histories that the copy judges wrongly, or -1. */
function firstWrong(checkers: Checkers, question: Question): number {
  const judged = question === 'sequential' ? process : realTime;
  return judged.findIndex(({ ops, truth }) => answer(checkers, question, ops) !== truth);
}

describe('mutants of the checkers', () => {
  it('the copy without a change is never wrong', async () => {
    const checkers = await factory.load();
    for (const question of ['wgl', 'jit', 'sequential'] as const) {
      expect(firstWrong(checkers, question), question).toBe(-1);
    }
    for (const mutant of mutants) {
      const ops = historyOf(mutant.history);
      const model = kvModel({ initial: 0 });
      const order = mutant.question === 'sequential' ? 'process' : 'real-time';
      expect(hasOrder(ops, model, order), mutant.name).toBe(mutant.truth);
      expect(answer(checkers, mutant.question, ops), mutant.name).toBe(mutant.truth);
    }
  });

  for (const mutant of mutants) {
    it(`is killed: ${mutant.name}`, async () => {
      const checkers = await factory.load(mutant);
      expect(answer(checkers, mutant.question, historyOf(mutant.history))).toBe(!mutant.truth);
      expect(firstWrong(checkers, mutant.question)).toBeGreaterThanOrEqual(0);
    });
  }
});
