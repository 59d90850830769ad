/** Calls: how each may end, exactly once, and what is only counted. */
import { describe, expect, it } from 'vitest';
import { NO_CALL, ms } from 'faultline';
import type { CallResult } from 'faultline';
import { Lab, answer, ask, note, strange } from './support/lab.ts';
import type { Hooks } from './support/lab.ts';

const CALLER = 0;
const SERVER = 1;

/** A caller that asks at its start and remembers how it ended, and a server with these hooks. */
function pair(server: Hooks, caller: Hooks = {}, timeoutMs = 10): { lab: Lab; ends: CallResult[] } {
  const ends: CallResult[] = [];
  const lab = new Lab({
    groups: [
      {
        name: 'caller',
        hooks: {
          start: (ctx) => ctx.call(SERVER, ask(7), { timeout: ms(timeoutMs), tag: 3 }),
          result: (_ctx, _state, tag, result) => {
            expect(tag).toBe(3);
            ends.push(result);
          },
          ...caller,
        },
      },
      { name: 'server', hooks: server },
    ],
  });
  return { lab, ends };
}

describe('a call', () => {
  it('ends with the reply', () => {
    const { lab, ends } = pair({ ask: (ctx, _s, n, call) => ctx.reply(call, answer(n + 1)) });
    lab.ms(100);
    expect(ends).toEqual([{ outcome: 'ok', value: answer(8) }]);
    expect(lab.log(CALLER)).toEqual([
      [0, 'start'],
      [2_000, 'ok', 3],
    ]);
    expect(lab.node(CALLER).calls.size).toBe(0);
    expect(lab.parts.kernel.queue.size).toBe(0);
  });

  it('fails with an error that is definite, and is unknown with one that is not', () => {
    for (const [code, outcome] of [
      ['no', 'fail'],
      ['perhaps', 'unknown'],
      ['never heard of', 'unknown'],
    ] as const) {
      const { lab, ends } = pair({ ask: (ctx, _s, _n, call) => ctx.refuse(call, code, { x: 1 }) });
      lab.ms(100);
      expect(ends).toMatchObject([{ outcome, error: { code, detail: { x: 1 } } }]);
    }
  });

  it('is unknown when nobody answers in time', () => {
    const { lab, ends } = pair({});
    lab.ms(9.999);
    expect(ends).toEqual([]);
    lab.ms(100);
    expect(ends).toEqual([{ outcome: 'unknown', error: { code: 'timeout' } }]);
    expect(lab.log(CALLER)[1]?.[0]).toBe(10_000);
  });

  it('ends once: what comes later is late, and counted', () => {
    const server: Hooks = {
      ask: (ctx, state, n, call) => {
        state.numbers.push(call);
        ctx.setTimer('later', n, ms(20));
      },
      timer: (ctx, state) => ctx.reply(state.numbers[0] as typeof NO_CALL, answer(1)),
    };
    const { lab, ends } = pair(server);
    lab.ms(100);
    expect(ends).toEqual([{ outcome: 'unknown', error: { code: 'timeout' } }]);
    expect(lab.parts.host.calls.lateReplies).toBe(1);
  });

  it('takes the first of several answers', () => {
    const { lab, ends } = pair({
      ask: (ctx, _s, n, call) => {
        ctx.reply(call, answer(n));
        ctx.reply(call, answer(n + 1));
        ctx.refuse(call, 'no');
      },
    });
    lab.ms(100);
    expect(ends).toEqual([{ outcome: 'ok', value: answer(7) }]);
    expect(lab.parts.host.calls.lateReplies).toBe(2);
  });

  it('ends once though every packet comes twice', () => {
    const { lab, ends } = pair({ ask: (ctx, _s, n, call) => ctx.reply(call, answer(n)) });
    lab.inject('twice', { type: 'duplicate', probability: 1 });
    lab.ms(100);
    expect(ends).toHaveLength(1);
    expect(lab.saw(SERVER)).toEqual(['start', 'ask 7', 'ask 7']);
    expect(lab.parts.host.calls.lateReplies).toBe(3);
  });

  it('of a message that the target does not handle is refused for sure', () => {
    const { lab, ends } = pair(
      {},
      { start: (ctx) => ctx.call(SERVER, strange, { timeout: ms(10), tag: 3 }) },
    );
    lab.ms(100);
    expect(ends).toMatchObject([{ outcome: 'fail', error: { code: 'not-supported' } }]);
    expect(lab.saw(SERVER)).toEqual(['start']);
  });

  it('as a notice has no reply, and answering it does nothing', () => {
    const calls: number[] = [];
    const { lab, ends } = pair(
      {
        ask: (ctx, _s, n, call) => {
          calls.push(call);
          ctx.reply(call, answer(n));
        },
      },
      {
        start: (ctx) => {
          ctx.send(SERVER, ask(1));
          ctx.send(SERVER, strange);
          ctx.send(SERVER, note(2));
        },
      },
    );
    lab.ms(100);
    expect(calls).toEqual([NO_CALL]);
    expect(lab.saw(SERVER)).toEqual(['start', 'ask 1', 'note 2']);
    expect(ends).toEqual([]);
    expect(lab.parts.host.calls.lateReplies).toBe(0);
  });

  it('is gone with its caller: nothing returns into the next life', () => {
    const { lab, ends } = pair(
      { ask: (ctx, _s, n, call) => ctx.reply(call, answer(n)) },
      {
        start: (ctx) => {
          if (ctx.mono() === 0) ctx.call(SERVER, ask(7), { timeout: ms(10), tag: 3 });
        },
      },
    );
    lab.ms(1).inject('crash', { type: 'crash', target: 'caller' }).undo('crash').ms(100);
    expect(ends).toEqual([]);
    expect(lab.saw(CALLER)).toEqual(['start']);
    expect(lab.parts.host.calls.lateReplies).toBe(1);
    expect(lab.parts.kernel.queue.size).toBe(0);
  });

  it('to a node that is down times out, and reaches the one that came up meanwhile', () => {
    const { lab, ends } = pair({ ask: (ctx, _s, n, call) => ctx.reply(call, answer(n)) });
    lab.ms(0.5).inject('crash', { type: 'crash', target: 'server' }).ms(100);
    expect(ends).toEqual([{ outcome: 'unknown', error: { code: 'timeout' } }]);
    const again = pair({ ask: (ctx, _s, n, call) => ctx.reply(call, answer(n)) });
    again.lab.ms(0.5).inject('crash', { type: 'crash', target: 'server' });
    again.lab.ms(0.7).undo('crash').ms(100);
    expect(again.ends).toEqual([{ outcome: 'ok', value: answer(7) }]);
  });

  it('carries its deadline to the target, and no further', () => {
    const left: (number | null)[] = [];
    const { lab } = pair(
      {
        ask: (ctx) => {
          left.push(ctx.timeLeft());
          ctx.setTimer('later', 0, ms(1));
        },
        timer: (ctx) => void left.push(ctx.timeLeft()),
        note: (ctx) => void left.push(ctx.timeLeft()),
      },
      {
        start: (ctx) => {
          ctx.call(SERVER, ask(7), { timeout: ms(10), tag: 3 });
          ctx.send(SERVER, note(1));
        },
      },
    );
    lab.ms(5);
    expect(left).toEqual([9_000, null, null]);
  });

  it('waits as long as its own clock says', () => {
    const { lab, ends } = pair({});
    lab.inject('fast', { type: 'clock-drift', target: 'caller', ppm: 1_000_000 });
    // The call was opened at time 0, after the drift began.
    lab.ms(4.999);
    expect(ends).toEqual([]);
    lab.ms(5);
    expect(ends).toHaveLength(1);
  });
});
