/** A number within bounds: each measure, over members, windows and restarts. */
import { describe, expect, it } from 'vitest';
import type { AnyBehaviour, Gauge, World } from 'faultline';
import { ScenarioError } from 'faultline';
import type { CheckEnv, RunningCheck } from '../../../src/sim/check/check.ts';
import { gauge } from '../../../src/sim/check/gauge.ts';
import { validate } from '../../../src/sim/contracts/validate.ts';

interface Lamp {
  level: number;
  count: number;
  hits: number;
  all: number;
}
const gauges: readonly Gauge<Lamp>[] = [
  { title: 'Level', about: 'x', kind: 'level', of: (s) => s.level },
  { title: 'Count', about: 'x', kind: 'count', of: (s) => s.count },
  { title: 'Share', about: 'x', kind: 'share', of: (s) => s.hits, outOf: (s) => s.all },
];

class Stage {
  readonly check: RunningCheck;
  readonly told: string[] = [];
  nowMs = 0;
  readonly nodes = [0, 1].map((index) => ({
    index,
    group: 'lamps',
    component: 'lamp',
    name: `l${index}`,
    starts: 1,
    cores: { count: 1, busy: 0, waiting: 0 },
    behaviour: { gauges },
    state: { level: 0, count: 0, hits: 0, all: 0 } as Lamp | null,
  }));

  constructor(args: object) {
    const clock = () => this.nowMs * 1_000;
    const world = {
      get now() {
        return clock();
      },
      group: (name: string) => (name === 'lamps' ? this.nodes : []),
    } as unknown as World;
    const env = { id: 'it', world, report: ({ why }: { why: string }) => void this.told.push(why) };
    const all = validate(gauge.args, { group: 'lamps', gauge: 'Level', ...args }, 'args');
    this.check = gauge.create(all as never, env as unknown as CheckEnv);
    this.check.onTouched?.(null);
  }

  at(ms: number, state: Partial<Lamp> | null, index = 0): this {
    this.nowMs = ms;
    const node = this.nodes[index]!;
    node.state =
      state === null ? null : { level: 0, count: 0, hits: 0, all: 0, ...node.state, ...state };
    this.check.onTouched?.(node as never);
    return this;
  }

  restart(ms: number, index = 0): this {
    this.nowMs = ms;
    const node = this.nodes[index]!;
    node.starts += 1;
    node.state = { level: 0, count: 0, hits: 0, all: 0 };
    this.check.onTouched?.(node as never);
    return this;
  }

  end(ms = 100, complete = true): string {
    this.nowMs = ms;
    this.check.onEnd?.(complete);
    const { verdict, text } = this.check.standing(true);
    return `${verdict}: ${text}`;
  }
}
const stage = (args: object = {}) => new Stage(args);

describe('a level', () => {
  it('has an exact mean over time', () => {
    expect(stage().at(20, { level: 10 }).at(70, { level: 4 }).end()).toBe('pass: Level 6.2, 0');
  });

  it('has a max', () => {
    const run = () => stage({ measure: 'max' }).at(20, { level: 10 }).at(30, { level: 1 });
    expect(run().end()).toBe('pass: Level 10, 0');
  });

  it('has its mean from the very beginning of a window', () => {
    const window = { fromMs: 40, untilMs: 80 };
    // 10 from 20 on, nothing happens until 60, then 2.
    const run = stage(window).at(20, { level: 10 }).at(60, { level: 2 }).at(90, { level: 99 });
    expect(run.end()).toBe('pass: Level 6, 0');
    expect(stage(window).at(20, { level: 10 }).end()).toBe('pass: Level 10, 0');
  });

  it('has its max in the window only, what it began with included', () => {
    const window = { measure: 'max', fromMs: 40, untilMs: 80 };
    const run = stage(window).at(10, { level: 50 }).at(20, { level: 7 }).at(60, { level: 2 });
    expect(run.at(90, { level: 99 }).end()).toBe('pass: Level 7, 0');
  });

  it('is nothing while its node is down', () => {
    const run = stage().at(0, { level: 10 }).at(50, null).restart(60);
    expect(run.end()).toBe('pass: Level 5, 0');
  });
});

describe('a count', () => {
  const count = (args: object = {}) => stage({ gauge: 'Count', measure: 'total', ...args });

  it('grows by so much', () => {
    expect(count().at(20, { count: 3 }).at(30, { count: 8 }).end()).toBe('pass: Count 8, 0');
  });

  it('grows in its window only', () => {
    const run = count({ fromMs: 40, untilMs: 80 })
      .at(20, { count: 3 })
      .at(50, { count: 8 })
      .at(90, { count: 100 });
    expect(run.end()).toBe('pass: Count 5, 0');
  });

  it('goes on after a restart', () => {
    const run = count().at(20, { count: 3 }).at(30, null).restart(40).at(50, { count: 4 });
    expect(run.end()).toBe('pass: Count 7, 0');
  });

  it('has a rate', () => {
    const run = count({ measure: 'per-second', fromMs: 50 }).at(20, { count: 3 });
    expect(run.at(60, { count: 8 }).end()).toBe('pass: Count 100, 0');
  });
});

describe('a share', () => {
  const share = (args: object = {}) => stage({ gauge: 'Share', measure: 'share', ...args });

  it('is the first over the second, in the window', () => {
    const run = share({ fromMs: 30 }).at(20, { hits: 9, all: 9 }).at(50, { hits: 10, all: 13 });
    run.at(50, { hits: 1, all: 2 }, 1);
    expect(run.end()).toBe('pass: Share 0.25, 0.5');
  });

  it('over all members is that of their sums', () => {
    const run = share({ across: 'sum' }).at(50, { hits: 1, all: 3 }).at(60, { hits: 0, all: 1 }, 1);
    expect(run.end()).toBe('pass: Share 0.25');
  });

  it('of nothing is unknown', () => {
    expect(share().end()).toBe('unknown: there was nothing to measure');
  });
});

describe('members', () => {
  const run = (across: string, args: object = {}) =>
    stage({ measure: 'max', across, ...args })
      .at(10, { level: 6 })
      .at(10, { level: 2 }, 1);

  it('are judged each, by their sum, or by the most over the mean', () => {
    expect(run('every').end()).toBe('pass: Level 6, 2');
    expect(run('sum').end()).toBe('pass: Level 8');
    expect(run('imbalance').end()).toBe('pass: Level 1.5');
  });

  it('must each lie within the bounds', () => {
    expect(run('every', { atMost: 6 }).end()).toMatch(/^pass/);
    expect(run('every', { atMost: 5.9 }).end()).toMatch(/^fail/);
    expect(run('every', { atLeast: 2 }).end()).toMatch(/^pass/);
    expect(run('every', { atLeast: 2.1 }).end()).toMatch(/^fail/);
  });

  it('are told of with what was measured', () => {
    const one = run('imbalance', { atMost: 1.2, atLeast: 1 });
    one.end();
    expect(one.told).toEqual([
      'Level of lamps (max, most over mean) is 1.5, not at least 1 and at most 1.2.',
    ]);
  });
});

describe('a window', () => {
  it('that the run did not reach the end of leaves it unknown', () => {
    const broken = { atMost: 1, untilMs: 80 };
    expect(stage(broken).at(10, { level: 9 }).end(79)).toMatch(/^unknown/);
    expect(stage(broken).at(10, { level: 9 }).end(80)).toMatch(/^fail/);
    expect(stage({ atMost: 1 }).at(10, { level: 9 }).end(100, false)).toMatch(/^unknown/);
  });
});

describe('a gauge', () => {
  const refusal = (args: object): unknown => {
    const behaviour = { component: 'lamp', gauges } as unknown as AnyBehaviour;
    const groups = [
      {
        name: 'lamps',
        count: 2,
        behaviour,
        asks: null,
        operations: null,
        mayWrite: true,
        config: {},
      },
    ];
    const run = { durationMs: 100, healMs: 0, groups, components: [] };
    const all = validate(gauge.args, { group: 'lamps', gauge: 'Level', atMost: 1, ...args }, '');
    try {
      return gauge.check?.(all as never, 'checks/it/args', run);
    } catch (error) {
      return error;
    }
  };

  it('that does not exist is refused before the run, with the next name and all others', () => {
    expect(refusal({ gauge: 'Levle' })).toEqual(
      new ScenarioError('lamp has no number "Levle".', {
        path: 'checks/it/args/gauge',
        hint: 'Did you mean Level? The choices are Level, Count, Share.',
      }),
    );
  });

  it.each([
    ['Level', ['mean', 'max']],
    ['Count', ['total', 'per-second']],
    ['Share', ['total', 'per-second', 'share']],
  ])('like %s has measures that say something', (title, sound) => {
    const measures = ['mean', 'max', 'total', 'per-second', 'share'];
    const taken = measures.filter(
      (measure) => refusal({ gauge: title, measure, atMost: 0.5 }) === undefined,
    );
    expect(taken).toEqual(sound);
  });

  it('remembers over a checkpoint', () => {
    const run = stage({ fromMs: 10 }).at(20, { level: 10 });
    const image = run.check.save();
    run.at(50, { level: 1_000 });
    run.check.restore(image);
    expect(run.at(60, { level: 0 }).end()).toBe('pass: Level 4.444, 0');
  });
});
