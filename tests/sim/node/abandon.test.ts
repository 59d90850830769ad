/** Calls that their caller gives up: no result comes, and nobody is told. */
import { describe, expect, it } from 'vitest';
import { call, ms } from 'faultline';
import type { CallId, CallResult, Script } from 'faultline';
import { Lab, answer, ask } from './support/lab.ts';
import type { Hooks, Ctx } from './support/lab.ts';

const CALLER = 0;
const SERVER = 1;

/** A caller with two calls, 1 and 2, and a server that answers each after `n` times 5 ms. */
function pair(act: (ctx: Ctx, ids: readonly CallId[]) => void, atMs: number, hooks: Hooks = {}) {
  const results: (readonly [number, CallResult['outcome']])[] = [];
  let ids: CallId[] = [];
  const lab = new Lab({
    groups: [
      {
        name: 'caller',
        hooks: {
          ...hooks,
          start: (ctx) => {
            if (ctx.mono() > 0) return;
            ids = [1, 2].map((n) => ctx.call(SERVER, ask(n), { timeout: ms(20), tag: n }));
            ctx.setTimer('act', 0, ms(atMs));
          },
          timer: (ctx) => act(ctx, ids),
          result: (_ctx, _state, tag, { outcome }) => void results.push([tag, outcome]),
        },
      },
      {
        name: 'server',
        hooks: {
          ask: (ctx, state, n, ref) => {
            state.numbers[n] = ref;
            ctx.setTimer('answer', n, ms(5 * n));
          },
          timer: (ctx, state, _kind, n) => {
            const ref = state.numbers[n] as Parameters<Ctx['reply']>[0];
            ctx.reply(ref, answer(n));
          },
        },
      },
    ],
  });
  return { lab, results };
}

describe('a call that is given up', () => {
  it('has no result, and its reply is late; the other call goes on', () => {
    const told: boolean[] = [];
    const { lab, results } = pair((ctx, ids) => told.push(ctx.abandon(ids[0] as CallId)), 3);
    lab.ms(100);
    expect(told).toEqual([true]);
    expect(results).toEqual([[2, 'ok']]);
    expect(lab.parts.host.calls.lateReplies).toBe(1);
    // Nobody told the server: it answered both.
    expect(lab.saw(SERVER)).toEqual(['start', 'ask 1', 'ask 2', 'answer 1', 'answer 2']);
    expect(lab.node(CALLER).calls.size).toBe(0);
    expect(lab.parts.kernel.queue.size).toBe(0);
  });

  it('does not time out either', () => {
    const { lab, results } = pair((ctx, ids) => void ids.map((id) => ctx.abandon(id)), 3);
    lab.ms(3);
    expect(lab.node(CALLER).calls.size).toBe(0);
    lab.inject('c', { type: 'crash', target: 'server' }).ms(100);
    expect(results).toEqual([]);
    expect(lab.parts.host.calls.lateReplies).toBe(0);
  });

  it('can be given up once, and not after its result', () => {
    const told: boolean[] = [];
    const { lab, results } = pair((ctx, [one, two]) => {
      told.push(ctx.abandon(one as CallId), ctx.abandon(two as CallId), ctx.abandon(two as CallId));
    }, 8);
    lab.ms(100);
    expect(told).toEqual([false, true, false]);
    expect(results).toEqual([[1, 'ok']]);
  });

  it('is forgotten also where its end waits for a node that stood still', () => {
    const { lab, results } = pair((ctx, ids) => void ids.map((id) => ctx.abandon(id)), 3);
    // The timer, both replies and both timeouts wait; the timer is the first of them.
    lab.ms(1).inject('p', { type: 'pause', target: 'caller' }).ms(50).undo('p').ms(100);
    expect(results).toEqual([]);
    expect(lab.parts.host.calls.lateReplies).toBe(2);
    expect(lab.parts.kernel.queue.size).toBe(0);
  });

  it('has a name that no other call has, of this life or another', () => {
    const told: boolean[] = [];
    const { lab } = pair((ctx, ids) => {
      const id = ctx.call(SERVER, ask(1), { timeout: ms(20), tag: 3 });
      expect(ids).not.toContain(id);
    }, 3);
    lab.ms(1).inject('c', { type: 'crash', target: 'caller' }).undo('c').ms(2);
    const { context } = lab.node(CALLER);
    for (let id = 0; id < 9; id++) told.push(context.abandon(id as CallId));
    expect(told).not.toContain(true);
  });

  it('is its own: that of another node, or of a script, cannot be given up', () => {
    const told: boolean[] = [];
    const asks: Script = {
      name: 'asks',
      *run() {
        const result = yield* call(SERVER, ask(1), ms(20));
        return result.outcome;
      },
    };
    const { lab } = pair((ctx) => ctx.run('asks', null, 5), 30, {
      scripts: [asks],
      script: (_ctx, _state, _tag, value) => void told.push(value === 'ok'),
    });
    lab.ms(1);
    const [of] = [...lab.node(CALLER).calls].map(([number]) => number as CallId);
    expect(lab.node(SERVER).context.abandon(of as CallId)).toBe(false);
    lab.ms(31);
    const [id] = [...lab.node(CALLER).calls].map(([number]) => number as CallId);
    expect(lab.node(CALLER).context.abandon(id as CallId)).toBe(false);
    lab.ms(100);
    expect(told).toEqual([true]);
  });
});
