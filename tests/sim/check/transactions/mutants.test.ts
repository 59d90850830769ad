/**
 * Mutation test of the checkers of transactions and of causality: each mistake is made on purpose
 * in a copy, and a named history must tell it from the truth.
 */
import { afterAll, describe, expect, it } from 'vitest';
import type { IsolationLevel, Op, SessionTxn, TxnOp } from 'faultline';
import { MutantFactory } from '../support/mutant.ts';
import type { Checkers, Mutation } from '../support/mutant.ts';
import { txns } from './support/short.ts';

const factory = new MutantFactory();
afterAll(() => factory.dispose());

/** What a checker says, in words that a mistake changes. */
type Asked = (checkers: Checkers) => string;

interface Mutant extends Mutation {
  readonly name: string;
  readonly ask: Asked;
  readonly truth: string;
}

const lists =
  (level: string, ops: TxnOp[], timed = false): Asked =>
  ({ transactions }) => {
    const ask = { models: [level] };
    const result = transactions.checkTransactions(ops, { workload: 'list-append', ask, timed });
    return [result.verdict, ...result.found].join(' ');
  };

const levelOf =
  (level: IsolationLevel, sessions: SessionTxn[][]): Asked =>
  ({ isolation }) =>
    isolation.checkIsolation(sessions, level).verdict;

const causal =
  (level: 'causal' | 'convergent' | 'memory', ops: Op[]): Asked =>
  ({ causal: { checkCausal } }) =>
    checkCausal(ops, { level, initial: 0 }).verdict;

/** Steps like "wx1 rx2" of each process; 0 is the initial value. */
function processes(...lines: readonly string[]): Op[] {
  let position = 0;
  return lines.flatMap((line, process) =>
    line.split(' ').map((text): Op => {
      const [f = '', key = '', digit = '0'] = text;
      const id = position++;
      const common = { id, process, key, outcome: 'ok', call: id * 2, ret: id * 2 + 1 } as const;
      if (f === 'w') return { ...common, f: 'write', input: Number(digit) };
      return { ...common, f: 'read', input: null, output: Number(digit) };
    }),
  );
}

const lostUpdate: SessionTxn[][] = [1, 2].map((version) => [
  {
    ops: [
      ['r', 'x', 0],
      ['w', 'x', version],
    ],
  },
]);

const mutants: readonly Mutant[] = [
  {
    name: 'real time forgets all but the last that returned',
    file: 'check/transactions/order.ts',
    find: 'frontier = [...frontier.filter((other) => !covered.has(other)), index];',
    replace: 'frontier = [index];',
    ask: lists(
      'strict-serializable',
      txns(
        { txn: 'ax1', call: 0, ret: 3 },
        { txn: 'ay1', call: 1, ret: 4 },
        { txn: 'lx', call: 5, ret: 6 },
      ),
      true,
    ),
    truth: 'fail G-single-realtime',
  },
  {
    name: 'a return at the time of a call comes first',
    file: 'check/transactions/order.ts',
    find: '(a & 1) - (b & 1)',
    replace: '(b & 1) - (a & 1)',
    ask: lists(
      'strict-serializable',
      txns({ txn: 'ax1', call: 0, ret: 2 }, { txn: 'lx ay1', call: 2, ret: 3 }),
      true,
    ),
    truth: 'pass',
  },
  {
    name: 'nobody misses what no read saw',
    file: 'check/transactions/list-append.ts',
    find: 'for (const txn of this.#txns.possible) this.#linkUnseen(readersOf, orders, txn);',
    replace: '',
    ask: lists('serializable', txns('lx ay1', 'ly ax1')),
    truth: 'fail G2-item write-skew',
  },
  {
    name: 'the order of versions is that of the first read',
    file: 'check/transactions/list-append.ts',
    find: 'if (isLonger) this.#longest.set(read.key, read);',
    replace: '',
    ask: lists('serializable', txns('lx1', 'ax1', 'ax2 ly1', 'ax3 ay1', 'lx123')),
    truth: 'fail G1c',
  },
  {
    name: 'every append of a transaction is its last',
    file: 'check/transactions/list-append.ts',
    find: 'this.#appends.set(key, before, { txn, isLast: false });',
    replace: '',
    ask: lists('read-committed', txns('ax1 ax2', 'lx1', 'lx12')),
    truth: 'fail G1b',
  },
  {
    name: 'two misses in a row are called apart',
    file: 'check/transactions/cycles.ts',
    find: 'return this.#throughApartMisses(plain);',
    replace: 'return this.#throughAdjacentMisses(plain | RW);',
    ask: lists('snapshot-isolation', txns('lx ay1', 'ly ax1')),
    truth: 'pass',
  },
  {
    name: 'one miss is looked for only where two are in a row',
    file: 'check/transactions/cycles.ts',
    find: 'return this.#throughOneMiss(plain);',
    replace: 'return this.#throughAdjacentMisses(plain | RW);',
    ask: lists('snapshot-isolation', txns('ax1 ay1', 'lx1 ly')),
    truth: 'fail G-single',
  },
  {
    name: 'snapshot isolation lets both of two writers win',
    file: 'check/transactions/snapshot-search.ts',
    find: 'if (this.#forbidsConflicts && this.#isWrittenElsewhere(key, session)) return false;',
    replace: '',
    ask: levelOf('snapshot-isolation', lostUpdate),
    truth: 'fail',
  },
  {
    name: 'a commit covers a version that somebody has yet to read',
    file: 'check/transactions/snapshot-search.ts',
    find: '?? 0)) ?? 0) > 0) return false;',
    replace: '?? 0)) ?? 0) < 0) return false;',
    ask: levelOf('serializable', [
      [{ ops: [['w', 'x', 1]] }],
      [{ ops: [['w', 'x', 2]] }],
      [{ ops: [['r', 'x', 2]] }, { ops: [['r', 'x', 1]] }],
    ]),
    truth: 'pass',
  },
  {
    name: 'read committed looks at reads that come later',
    file: 'check/transactions/isolation.ts',
    find: '.slice(0, place)\n        .map(({ from }) => from);',
    replace: '.map(({ from }) => from);',
    ask: levelOf('read-committed', [
      [
        {
          ops: [
            ['w', 'x', 1],
            ['w', 'y', 1],
          ],
        },
      ],
      [
        {
          ops: [
            ['r', 'y', 1],
            ['w', 'x', 2],
            ['w', 'z', 1],
          ],
        },
      ],
      [
        {
          ops: [
            ['r', 'x', 1],
            ['r', 'z', 1],
          ],
        },
      ],
    ]),
    truth: 'pass',
  },
  {
    name: 'any write that is known covers what was read',
    file: 'check/causal/check.ts',
    find: 'if (from !== undefined && !order.before(from, write)) continue;',
    replace: '',
    ask: causal('causal', processes('wx1 rx2', 'wx2 rx1')),
    truth: 'pass',
  },
  {
    name: 'the initial value is never too old',
    file: 'check/causal/check.ts',
    find: 'if (write === from || !order.before(write, place)) continue;',
    replace: 'if (from === undefined || write === from || !order.before(write, place)) continue;',
    ask: causal('causal', processes('wx1', 'rx1 wy1', 'ry1 rx0')),
    truth: 'fail',
  },
  {
    name: 'a memory takes one look at what its reads say',
    file: 'check/causal/check.ts',
    find: 'isNew = true;\n        }',
    replace: '}',
    ask: causal('memory', processes('wx1', 'wx2 rx1 rx2')),
    truth: 'fail',
  },
];

describe('each mistake is caught by its history', () => {
  it('the checkers themselves are right', async () => {
    const checkers = await factory.load();
    for (const { name, ask, truth } of mutants) expect(ask(checkers), name).toBe(truth);
  });
  it.each(mutants)('$name', async ({ file, find, replace, ask, truth }) => {
    const wrong = await factory.load({ file, find, replace });
    expect(ask(wrong)).not.toBe(truth);
  });
});
