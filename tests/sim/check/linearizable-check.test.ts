/** Linearizability as a check of a run: judged at the end, with the smallest window as proof. */
import { describe, expect, it } from 'vitest';
import { linearizable } from '../../../src/sim/check/linearizable.ts';
import { Stage } from './support/check-env.ts';

type Step = readonly [
  client: string,
  f: 'get' | 'put',
  value: number | null,
  from: number,
  to: number,
  outcome?: 'ok' | 'fail' | 'unknown',
];

/** Operations on one key, by the times at which they begin and end. */
function stageOf(steps: readonly Step[], args: object = {}): Stage {
  const stage = new Stage(linearizable, args);
  const { history } = stage;
  const ids = new Map<Step, number>();
  const moments = steps
    .flatMap((step) => [
      { at: step[3], step, begins: true },
      { at: step[4], step, begins: false },
    ])
    .sort((a, b) => a.at - b.at);
  moments.forEach(({ at, step, begins }, position) => {
    const [client, f, value, , , outcome = 'ok'] = step;
    const isRead = f === 'get';
    const input = isRead ? null : value;
    if (begins) {
      const call = { client, f, key: 'x', input };
      ids.set(step, history.invoke(call, position, at, 0));
      return;
    }
    const output = isRead ? value : true;
    history.complete(ids.get(step) as number, outcome, output, position, at);
  });
  return stage;
}

describe('linearizable', () => {
  it('holds where an order exists', () => {
    const stage = stageOf([
      ['a', 'put', 1, 0, 10],
      ['b', 'get', 1, 5, 15],
      ['a', 'put', 2, 20, 40],
      ['b', 'get', 1, 22, 25],
      ['b', 'get', 2, 30, 35],
    ]);
    expect(stage.now).toBe('unknown');
    expect(stage.end().verdict).toBe('pass');
    expect(stage.told).toEqual([]);
  });

  it('breaks at a stale read, and proves it with the operations concerned', () => {
    const stage = stageOf([
      ['a', 'put', 1, 0, 10],
      ['a', 'put', 2, 20, 30],
      ['b', 'get', 1, 40, 50],
      ['c', 'get', 2, 60, 70],
    ]).end();
    expect(stage.verdict).toBe('fail');
    expect(stage.told).toHaveLength(1);
    const [finding] = stage.told;
    expect(finding?.why).toMatch(/\w.*\.$/);
    expect(finding?.atMicros).toBe(50);
    expect(finding?.evidence?.length).toBeGreaterThan(1);
    expect(finding?.evidence).toEqual([...(finding?.evidence ?? [])].sort((a, b) => a - b));
  });

  it('lets what is unknown have happened or not', () => {
    const after = (seen: number) =>
      stageOf([
        ['a', 'put', 1, 0, 10],
        ['a', 'put', 2, 20, 30, 'unknown'],
        ['b', 'get', seen, 40, 50],
      ]).end().verdict;
    expect(after(1)).toBe('pass');
    expect(after(2)).toBe('pass');
    expect(after(3)).toBe('fail');
  });

  it('does not let what failed have happened', () => {
    const steps: Step[] = [
      ['a', 'put', 1, 0, 10],
      ['a', 'put', 2, 20, 30, 'fail'],
      ['b', 'get', 2, 40, 50],
    ];
    expect(stageOf(steps).end().verdict).toBe('fail');
  });

  it('is unknown where its budget is spent', () => {
    const many: Step[] = Array.from({ length: 40 }, (_, i) => [`c${i}`, 'put', i, i, 1_000 + i]);
    const reads: Step[] = Array.from({ length: 20 }, (_, i) => [
      `r${i}`,
      'get',
      39 - i,
      i,
      2_000 + i,
    ]);
    const stage = stageOf([...many, ...reads], { steps: 3 }).end();
    expect(stage.verdict).toBe('unknown');
    expect(stage.told).toEqual([]);
  });

  it('judges what clients of one group saw, where it is given', () => {
    // Nodes 0 and 2 are of the groups a and b; only the client of b sees something impossible.
    const judge = (clients: string) => {
      const stage = new Stage(linearizable, { clients });
      const { history } = stage;
      const put = { client: 'a', f: 'put', key: 'x', input: 1 };
      const get = { client: 'b', f: 'get', key: 'x', input: null };
      history.complete(history.invoke(put, 0, 0, 0), 'ok', true, 1, 1);
      history.complete(history.invoke(get, 2, 2, 2), 'ok', 5, 3, 3);
      return stage.end().verdict;
    };
    expect(judge('a')).toBe('pass');
    expect(judge('b')).toBe('fail');
    expect(judge('')).toBe('fail');
  });

  it('leaves operations of other objects to others', () => {
    const stage = stageOf([['a', 'put', 1, 0, 10]]);
    const other = { client: 'q', f: 'enqueue', input: 7 };
    stage.history.complete(stage.history.invoke(other, 3, 20, 1), 'ok', 'nonsense', 4, 30);
    expect(stage.end().verdict).toBe('pass');
  });

  it('is unknown where nothing was recorded', () => {
    expect(stageOf([]).end().verdict).toBe('unknown');
  });

  it('goes on from a saved image', () => {
    const stage = stageOf([['a', 'put', 1, 0, 10]]);
    const image = structuredClone(stage.check.save());
    expect(stage.end().verdict).toBe('pass');
    stage.check.restore(image);
    expect(stage.verdict).toBe('unknown');
  });
});
