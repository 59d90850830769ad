/** Scripts: linear programs resumed by the event loop, rebuilt from what they received. */
import { describe, expect, it } from 'vitest';
import { call, draw, ms, sleep } from 'faultline';
import type { CallResult, Script, ScriptRun } from 'faultline';
import { Lab, answer, ask } from './support/lab.ts';
import type { Hooks } from './support/lab.ts';

const SERVER = 1;

interface Told {
  readonly results: readonly string[];
  readonly drawn: readonly number[];
}

/** Asks, sleeps, draws twice without waiting in between, and asks until it is answered. */
function* errand(args: { readonly first: number }): ScriptRun<Told> {
  const results: string[] = [];
  const drawn: number[] = [];
  for (let n = args.first; results.at(-1) !== 'ok'; n++) {
    const result: CallResult = yield* call(SERVER, ask(n), ms(5));
    results.push(result.outcome);
    yield* sleep(ms(2));
    drawn.push(yield* draw('dice', 6), yield* draw('dice', 6));
  }
  return { results, drawn };
}

const scripts = [{ name: 'errand', run: errand }] as unknown as readonly Script[];

const server: Hooks = {
  ask: (ctx, _state, n, at) => {
    // The first is not answered, the second refused, the third answered.
    if (n === 2) ctx.refuse(at, 'no');
    if (n === 3) ctx.reply(at, answer(n));
  },
};

function errands(count = 1): { lab: Lab; values: unknown[] } {
  const values: unknown[] = [];
  const client: Hooks = {
    scripts,
    start: (ctx) => {
      for (let tag = 0; tag < count; tag++) ctx.run('errand', { first: 1 }, tag);
    },
    script: (_ctx, _state, tag, value) => void values.push([tag, value]),
  };
  const lab = new Lab({
    groups: [
      { name: 'client', hooks: client },
      { name: 'server', hooks: server },
    ],
  });
  return { lab, values };
}

describe('a script', () => {
  it('runs from call to call and returns its value', () => {
    const { lab, values } = errands();
    lab.ms(100);
    expect(values).toMatchObject([[0, { results: ['unknown', 'fail', 'ok'] }]]);
    // 5 for the time-out, 2 and 2 for the answers, three sleeps of 2.
    expect(lab.log(0)).toEqual([
      [0, 'start'],
      [15_000, 'script', 0],
    ]);
    const [, { drawn }] = values[0] as [number, Told];
    expect(drawn).toHaveLength(6);
    for (const die of drawn) expect([0, 1, 2, 3, 4, 5]).toContain(die);
    expect(lab.node(0).scripts.size).toBe(0);
  });

  it('runs beside others, each with its own locals', () => {
    const { lab, values } = errands(3);
    lab.ms(100);
    expect(values.map((value) => (value as [number])[0]).sort()).toEqual([0, 1, 2]);
    for (const [, told] of values as [number, Told][]) {
      expect(told.results).toEqual(['unknown', 'fail', 'ok']);
    }
    const drawn = (values as [number, Told][]).map(([, told]) => told.drawn.join());
    expect(new Set(drawn).size).toBe(3);
  });

  it('is rebuilt from what it received, at any moment, with nothing done twice', () => {
    const straight = errands(2);
    straight.lab.ms(100);
    const total = straight.lab.run.eventNumber;
    for (let event = 1; event < total; event++) {
      const { lab, values } = errands(2);
      lab.run.advance(Infinity, event);
      const image = lab.run.save();
      const seen = values.length;
      lab.ms(100);
      const end = lab.parts.kernel.hash.hex();
      expect(end).toBe(straight.lab.parts.kernel.hash.hex());
      lab.run.restore(image);
      values.length = seen;
      lab.ms(100);
      expect(lab.parts.kernel.hash.hex()).toBe(end);
      expect(values).toEqual(straight.values);
    }
  });

  it('sleeps on the clock of its node', () => {
    const { lab } = errands();
    lab.inject('fast', { type: 'clock-drift', target: 'client', ppm: 1_000_000 });
    lab.ms(100);
    // The sleeps and the time-out take half as long; the network takes what it takes.
    expect(lab.log(0).at(-1)).toEqual([2 * (2_500 + 2_000 + 2_000 + 3_000), 'script', 0]);
  });

  it('ends with its node, and nothing of it is left', () => {
    const { lab, values } = errands();
    lab.ms(6).inject('crash', { type: 'crash', target: 'client' }).ms(100);
    expect(values).toEqual([]);
    expect(lab.node(0).scripts.size).toBe(0);
    expect(lab.parts.kernel.queue.size).toBe(0);
    lab.undo('crash').ms(200);
    expect(values).toMatchObject([[0, { results: ['unknown', 'fail', 'ok'] }]]);
  });

  it('waits with its node', () => {
    const { lab, values } = errands();
    lab.ms(6).inject('pause', { type: 'pause', target: 'client' }).ms(50);
    expect(values).toEqual([]);
    lab.undo('pause').ms(100);
    expect(values).toMatchObject([[0, { results: ['unknown', 'fail', 'ok'] }]]);
  });

  it('that nobody knows is our mistake', () => {
    const lab = new Lab({
      groups: [{ name: 'n', hooks: { scripts, start: (ctx) => ctx.run('erand', {}, 0) } }],
    });
    expect(() => lab.ms(1)).toThrow(/script erand/);
  });
});
