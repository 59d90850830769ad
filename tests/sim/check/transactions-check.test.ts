/** Isolation as a check of a run: judged at the end, with the circle that shows it. */
import { describe, expect, it } from 'vitest';
import type { Fact } from 'faultline';
import { transactions } from '../../../src/sim/check/transactions.ts';
import { Stage } from './support/check-env.ts';

type Micro = readonly ['r' | 'w' | 'append', string, unknown];
interface Txn {
  readonly client: string;
  readonly from: number;
  /** Null: it is open at the end. */
  readonly to: number | null;
  readonly micro: readonly Micro[];
  readonly outcome?: 'ok' | 'fail' | 'unknown';
  /** When it asked for its commit, where it is open at the end. */
  readonly asks?: number;
  readonly node?: number;
}

function stageOf(txns: readonly Txn[], args: object = {}): Stage {
  const stage = new Stage(transactions, args);
  const ids = new Map<Txn, number>();
  const moments = txns
    .flatMap((txn) => [
      { at: txn.from, txn, what: 'begin' },
      ...(txn.asks === undefined ? [] : [{ at: txn.asks, txn, what: 'ask' }]),
      ...(txn.to === null ? [] : [{ at: txn.to, txn, what: 'end' }]),
    ])
    .sort((a, b) => a.at - b.at);
  moments.forEach(({ at, txn, what }, position) => {
    const { client, micro, outcome = 'ok', node = 0 } = txn;
    if (what === 'begin') {
      const call = { client, f: 'txn', input: null };
      ids.set(txn, stage.history.invoke(call, position, at, node));
      stage.event = position - 1;
      stage.fact(at / 1_000, { type: 'client.invoked', client } as unknown as Fact);
    } else if (what === 'ask') {
      stage.event = position - 1;
      stage.fact(at / 1_000, { type: 'txn.asks-commit', client, micro } as unknown as Fact);
    } else {
      stage.history.complete(ids.get(txn) as number, outcome, micro, position, at);
      stage.event = position - 1;
      stage.fact(at / 1_000, { type: 'client.completed', client } as unknown as Fact);
    }
  });
  return stage;
}

const FIRST: Txn = { client: 'a', from: 0, to: 10, micro: [['append', 'x', 1]] };
const SKEW: readonly Txn[] = [
  {
    client: 'a',
    from: 0,
    to: 20,
    micro: [
      ['r', 'x', null],
      ['append', 'y', 1],
    ],
  },
  {
    client: 'b',
    from: 1,
    to: 21,
    micro: [
      ['r', 'y', null],
      ['append', 'x', 2],
    ],
  },
  {
    client: 'c',
    from: 30,
    to: 40,
    micro: [
      ['r', 'x', [2]],
      ['r', 'y', [1]],
    ],
  },
];

describe('transactions', () => {
  it('waits for the end, and passes what an order explains', () => {
    const stage = stageOf([FIRST, { client: 'b', from: 20, to: 30, micro: [['r', 'x', [1]]] }]);
    expect([stage.now, stage.end().verdict]).toEqual(['unknown', 'pass']);
    expect(stage.check.standing(true).text).toBe('2 transactions');
    expect(stage.told).toEqual([]);
  });

  it('says so where there is nothing to judge', () => {
    const stage = stageOf([]).end();
    expect(stage.check.standing(true)).toEqual({
      verdict: 'unknown',
      text: 'no transaction was recorded',
    });
  });

  it('names the anomaly, with the events of the circle in order', () => {
    const stage = stageOf(SKEW).end();
    expect(stage.verdict).toBe('fail');
    expect(stage.check.standing(true).text).toMatch(/G2-item/);
    const [finding] = stage.told;
    expect(stage.told).toHaveLength(1);
    expect(finding?.why).toMatch(/^G2-item: .*\.$/);
    // Of the two of the circle, and not of who read last.
    expect(finding?.evidence).toEqual([0, 1, 2, 3]);
    expect(finding?.atMicros).toBe(21);
  });

  it('forbids at each level no more than that', () => {
    expect(stageOf(SKEW, { level: 'snapshot-isolation' }).end().verdict).toBe('pass');
    const aborted: Txn = { ...FIRST, outcome: 'fail' };
    const read: Txn = { client: 'b', from: 5, to: 9, micro: [['r', 'x', [1]]] };
    const dirty = [aborted, read];
    expect(stageOf(dirty, { level: 'read-committed' }).end().verdict).toBe('fail');
    expect(stageOf(dirty, { level: 'read-uncommitted' }).end().verdict).not.toBe('fail');
  });

  it('takes a list that was never appended to for an empty one', () => {
    const late: Txn = { client: 'b', from: 20, to: 30, micro: [['r', 'x', null]] };
    const strict = { level: 'strict-serializable' };
    expect(stageOf([FIRST, late], strict).end().verdict).toBe('fail');
    expect(stageOf([FIRST, { ...late, from: 0 }], strict).end().verdict).toBe('pass');
  });

  it('judges registers where nobody appends', () => {
    const stage = stageOf([
      { client: 'a', from: 0, to: 10, micro: [['w', 'x', 1]] },
      {
        client: 'b',
        from: 20,
        to: 40,
        micro: [
          ['r', 'x', 1],
          ['w', 'x', 2],
        ],
      },
      {
        client: 'c',
        from: 20,
        to: 40,
        micro: [
          ['r', 'x', 1],
          ['w', 'x', 3],
        ],
      },
    ]).end();
    expect(stage.verdict).toBe('fail');
  });

  it('counts one that is open at the end only when it has asked for its commit', () => {
    const open: Txn = { client: 'a', from: 0, to: null, micro: [['append', 'x', 1]] };
    const read: Txn = { client: 'b', from: 20, to: 30, micro: [['r', 'x', [1]]] };
    expect(stageOf([{ ...open, asks: 15 }, read]).end().verdict).toBe('pass');
    // Whoever has not asked has not committed, so there is none that wrote what was read.
    expect(stageOf([open, read]).end().verdict).toBe('unknown');
  });

  it('looks at the clients that it is told of', () => {
    const ofOther = SKEW.map((txn) => ({ ...txn, node: 2 }));
    expect(stageOf(ofOther, { clients: 'b' }).end().verdict).toBe('fail');
    expect(stageOf(ofOther, { clients: 'a' }).end().verdict).toBe('unknown');
  });

  it('does not take what a client crashed in for what it asked for in its next life', () => {
    const lost: Txn = { client: 'a', from: 0, to: null, micro: [['append', 'x', 1]] };
    const asked: Txn = { ...lost, asks: 5, micro: [['append', 'x', 2]] };
    const later: Txn = { client: 'a', from: 10, to: null, asks: 15, micro: [['append', 'x', 3]] };
    const read = (list: readonly number[]): Txn => ({
      client: 'b',
      from: 20,
      to: 30,
      micro: [['r', 'x', list]],
    });
    // Were the first taken for the second, 3 would be appended twice, which is refused.
    expect(stageOf([lost, later, read([3])]).end().verdict).toBe('pass');
    expect(stageOf([asked, later, read([2, 3])]).end().verdict).toBe('pass');
    expect(stageOf([lost, later, read([1])]).end().verdict, 'nobody wrote it').toBe('fail');
  });

  it('goes on from a saved image, also with a commit that was asked for', () => {
    const open: Txn = { client: 'a', from: 0, to: null, asks: 15, micro: [['append', 'x', 1]] };
    const stage = stageOf([open, { client: 'b', from: 20, to: 30, micro: [['r', 'x', [1]]] }]);
    const image = structuredClone(stage.check.save());
    stage.check.onFact?.({
      atMicros: 0,
      event: 0,
      node: 0,
      fact: {
        type: 'txn.asks-commit',
        client: 'a',
        micro: [['append', 'x', 9]],
      } as unknown as Fact,
    });
    stage.check.restore(image);
    expect(stage.end().verdict).toBe('pass');
  });
});
