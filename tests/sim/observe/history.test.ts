import { describe, expect, it } from 'vitest';
import { History } from '../../../src/sim/observe/history.ts';
import type { Outcome } from '../../../src/sim/observe/history.ts';
import { randomOf } from '../../support/seeds.ts';

const invoke = (history: History, client: string, position = 0): number =>
  history.invoke({ client, f: 'get', key: 'x', input: null }, position, position * 10);

describe('history', () => {
  it('keeps an operation with its call, its return and its times', () => {
    const history = new History();
    const id = history.invoke({ client: 'c1', f: 'put', key: 'x', input: 7 }, 40, 1_000, 3);
    expect(history.op(id)).toEqual({
      id: 0,
      process: 0,
      client: 'c1',
      f: 'put',
      key: 'x',
      node: 3,
      input: 7,
      outcome: 'unknown',
      call: 0,
      ret: Infinity,
      callMicros: 1_000,
      trace: [40],
    });
    history.complete(id, 'ok', true, 55, 2_500);
    expect(history.op(id)).toEqual({
      id: 0,
      process: 0,
      client: 'c1',
      f: 'put',
      key: 'x',
      node: 3,
      input: 7,
      output: true,
      outcome: 'ok',
      call: 0,
      ret: 1,
      callMicros: 1_000,
      retMicros: 2_500,
      trace: [40, 55],
    });
  });

  it('orders an answer before the question that its client asks in the same event', () => {
    const history = new History();
    const first = invoke(history, 'c1', 5);
    history.complete(first, 'ok', 1, 9, 90);
    const second = invoke(history, 'c1', 9);
    expect(history.op(first).ret).toBeLessThan(history.op(second).call);
  });

  it('retires the process of an unknown operation and leaves it pending for ever', () => {
    const history = new History();
    const lost = invoke(history, 'c1');
    const other = invoke(history, 'c2');
    history.complete(lost, 'unknown', undefined, 1, 30);
    const next = invoke(history, 'c1');
    history.complete(next, 'fail', undefined, 2, 40);
    const last = invoke(history, 'c1');
    expect([lost, other, next, last].map((id) => history.op(id).process)).toEqual([0, 1, 2, 2]);
    expect(history.op(lost)).toMatchObject({ outcome: 'unknown', ret: Infinity, retMicros: 30 });
  });

  it('gives a client with an operation open another process', () => {
    const history = new History();
    const first = invoke(history, 'c1');
    const second = invoke(history, 'c1');
    history.complete(second, 'ok', 1, 1, 1);
    const third = invoke(history, 'c1');
    expect([first, second, third].map((id) => history.op(id).process)).toEqual([0, 1, 1]);
  });

  it('takes one completion for each operation, and only for its own', () => {
    const history = new History();
    const id = invoke(history, 'c1');
    history.complete(id, 'ok', 1, 1, 1);
    expect(() => history.complete(id, 'ok', 1, 2, 2)).toThrow('complete already');
    expect(() => history.complete(5, 'ok', 1, 2, 2)).toThrow('never invoked');
  });

  it('restores any earlier and any later checkpoint of its run', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const run = script(seed);
      const history = new History();
      const checkpoints = run.map((step) => {
        const image = history.save();
        const ops = history.ops();
        step(history);
        return { image, ops };
      });
      const end = history.ops();
      const random = randomOf(seed);
      for (let jump = 0; jump < 20; jump++) {
        const at = random.int(run.length);
        const { image, ops } = checkpoints[at] as (typeof checkpoints)[number];
        history.restore(image);
        expect(history.ops(), `seed ${seed}`).toEqual(ops);
        if (random.chance(30)) continue;
        // Play some of it again; what was rewound and not played again is still there.
        const played = random.chance(50) ? run.length : at + random.int(run.length - at);
        for (const step of run.slice(at, played)) step(history);
        expect(history.ops(), `seed ${seed}`).toEqual(checkpoints[played]?.ops ?? end);
      }
    }
  });

  it('forgets the rewound future when the run takes another turn', () => {
    const history = new History();
    const first = invoke(history, 'c1');
    const early = history.save();
    history.complete(first, 'ok', 1, 1, 1);
    invoke(history, 'c1');
    const late = history.save();
    history.restore(early);
    invoke(history, 'c2');
    expect(() => history.restore(late)).toThrow('cannot go to event');
    expect(history.ops().map((op) => op.client)).toEqual(['c1', 'c2']);
  });

  it('holds a million operations', () => {
    const history = new History();
    for (let id = 0; id < 1_000_000; id++) {
      invoke(history, 'c1', id * 2);
      history.complete(id, 'ok', id, id * 2 + 1, id);
    }
    expect(history.length).toBe(1_000_000);
    expect(history.op(999_999)).toMatchObject({ call: 1_999_998, ret: 1_999_999, output: 999_999 });
  });
});

/** A run that can be played again: each step invokes or completes. */
function script(seed: number): ((history: History) => void)[] {
  const random = randomOf(seed);
  const steps: ((history: History) => void)[] = [];
  const open: number[] = [];
  let invoked = 0;
  for (let position = 0; position < 120; position++) {
    if (open.length > 0 && random.chance(50)) {
      const [id] = open.splice(random.int(open.length), 1);
      const outcome = random.pick<Outcome>(['ok', 'ok', 'fail', 'unknown']);
      steps.push((history) =>
        history.complete(id as number, outcome, position, position, position),
      );
    } else {
      const client = `c${random.int(5)}`;
      open.push(invoked++);
      steps.push((history) => void invoke(history, client, position));
    }
  }
  return steps;
}
