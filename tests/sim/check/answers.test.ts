/** Counts of answers: of one operation, of a key, of a group, of a few values, in a window. */
import { describe, expect, it } from 'vitest';
import { answers } from '../../../src/sim/check/answers.ts';
import { Stage } from './support/check-env.ts';

let op = 0;
interface Asked {
  readonly key?: string;
  readonly f?: string;
  readonly outcome?: 'ok' | 'fail' | 'unknown';
  /** Nodes 0 and 1 are of the group a, 2 is of b. */
  readonly node?: number;
}

class Answers extends Stage {
  constructor(args: object) {
    super(answers, args);
  }
  /** An operation that begins now and ends a millisecond later. */
  asks(ms: number, output: unknown, asked: Asked = {}): this {
    const { key = 'x', f = 'get', outcome = 'ok', node = 0 } = asked;
    op += 1;
    const base = { op, client: 'c', f };
    this.fact(ms, { type: 'client.invoked', ...base, key, input: null } as never, node);
    const end = { ...base, outcome, output, retries: 0, latencyMicros: 1_000 };
    return this.fact(ms + 1, { type: 'client.completed', ...end } as never, node);
  }
}

describe('a count of answers', () => {
  it('counts answers with one of its values and no other', () => {
    const stage = new Answers({ values: ['new', null], atLeast: 2, atMost: 2 });
    stage.asks(1, 'old').asks(2, 'new').asks(3, null).asks(4, 'null');
    expect(stage.end().verdict).toBe('pass');
    expect(stage.check.standing(true).text).toBe('2 times of 4');
  });

  it('breaks at the first one too many, with its event and its node', () => {
    const stage = new Answers({ key: 'x', values: ['dead'], atMost: 0 });
    stage.asks(1, 'alive').asks(2, 'dead', { node: 1 }).asks(4, 'dead');
    expect(stage.now).toBe('fail');
    expect(stage.told).toHaveLength(1);
    expect(stage.told[0]).toMatchObject({ nodes: [1] });
    expect(stage.whys).toEqual(['get of x was answered with dead: once, more than 0.']);
  });

  it('breaks at the end where there were too few', () => {
    const stage = new Answers({ values: [1], atLeast: 2 }).asks(1, 1).asks(2, '1');
    expect(stage.now).toBe('unknown');
    expect(stage.end().verdict).toBe('fail');
    expect(stage.whys).toEqual(['get was answered with 1 once of 2, not at least 2.']);
  });

  it('takes lists for equal in whatever order', () => {
    const stage = new Answers({
      operation: 'get-all',
      values: [['b', 'a']],
      atLeast: 1,
      atMost: 1,
    });
    stage.asks(1, ['a', 'b'], { f: 'get-all' }).asks(2, ['a'], { f: 'get-all' });
    stage.asks(3, ['a,b'], { f: 'get-all' });
    expect(stage.end().verdict).toBe('pass');
  });

  it('looks only at its operation, key, clients and window, and at what was answered', () => {
    const stage = new Answers({ key: 'x', clients: 'b', atMost: 0, fromMs: 10, untilMs: 20 });
    stage.asks(9, 1, { node: 2 }).asks(15, 1).asks(15, 1, { node: 2, key: 'y' });
    stage.asks(15, 1, { node: 2, f: 'put' }).asks(15, null, { node: 2, outcome: 'fail' });
    stage.asks(21, 1, { node: 2 });
    expect(stage.end().verdict).toBe('pass');
    expect(stage.check.standing(true).text).toBe('0 times of 1');
    expect(new Answers({ clients: 'b', atMost: 0 }).asks(1, 1, { node: 2 }).verdict).toBe('fail');
  });

  it('is unknown where nobody asked, and where the run ended before the window did', () => {
    expect(new Answers({ values: ['x'], atMost: 0 }).end().verdict).toBe('unknown');
    const cut = new Answers({ values: ['x'], atLeast: 1, untilMs: 50 }).asks(1, 'y').end(20);
    expect(cut.verdict).toBe('unknown');
    expect(cut.told).toEqual([]);
  });

  it('goes on from a saved image, with operations under way', () => {
    const stage = new Answers({ values: [1], atMost: 1 }).asks(1, 1);
    const image = structuredClone(stage.check.save());
    expect(stage.asks(2, 1).verdict).toBe('fail');
    stage.check.restore(image);
    expect(stage.end().verdict).toBe('pass');
  });
});
