/** What the machine of a process that has ended says to those who call it. */
import { describe, expect, it } from 'vitest';
import { ms } from 'faultline';
import type { CallResult, Fault } from 'faultline';
import { Lab, answer, ask } from './support/lab.ts';
import type { Hooks } from './support/lab.ts';

const SERVER = 0;
const CALLER = 1;
const crash = (machineUp: boolean): Fault => ({ type: 'crash', target: 'n', machineUp });

/** A caller that asks n at these times (ms), and what it heard: time, number, outcome, code. */
function callers(times: readonly number[], server: Hooks, isConnected = true) {
  const heard: (readonly [ms: number, n: number, how: string])[] = [];
  const lab = new Lab({
    isConnected,
    groups: [
      { name: 'n', hooks: server },
      {
        name: 'caller',
        hooks: {
          start: (ctx) => times.forEach((at, n) => ctx.setTimer('ask', n, ms(at))),
          timer: (ctx, _state, _kind, n) =>
            void ctx.call(SERVER, ask(n), { timeout: ms(50), tag: n }),
          result: (ctx, _state, n, result) =>
            void heard.push([ctx.mono() / 1_000, n, wordOf(result)]),
        },
      },
    ],
  });
  return { lab, heard };
}

const wordOf = (result: CallResult): string =>
  result.outcome === 'ok' ? 'ok' : `${result.outcome} ${result.error.code}`;
const mute: Hooks = {};

describe('a request to a process that has ended', () => {
  it('is refused after one round trip, surely without effect', () => {
    const { lab, heard } = callers([10], mute);
    lab.ms(5).inject('c', crash(true)).ms(100);
    expect(heard).toEqual([[12, 0, 'fail connection-refused']]);
  });

  it('is refused also where the process ended itself', () => {
    const { lab, heard } = callers([10], {
      start: (ctx) => ctx.setTimer('end', 0, ms(5)),
      timer: (ctx) => ctx.exit(null),
    });
    lab.ms(100);
    expect(heard).toEqual([[12, 0, 'fail connection-refused']]);
  });

  it('meets silence where the machine is gone', () => {
    const { lab, heard } = callers([10], mute);
    lab.ms(5).inject('c', crash(false)).ms(100);
    expect(heard).toEqual([[60, 0, 'unknown timeout']]);
  });

  it('meets silence where nobody keeps connections', () => {
    const { lab, heard } = callers([10], mute, false);
    lab.ms(5).inject('c', crash(true)).ms(100);
    expect(heard).toEqual([[60, 0, 'unknown timeout']]);
  });

  it('is refused as long as no fault takes the machine, too', () => {
    const { lab, heard } = callers([10, 20, 30], mute);
    lab.ms(5).inject('process', crash(true)).ms(15).inject('machine', crash(false));
    lab.ms(25).undo('machine').ms(100);
    expect(heard).toEqual([
      [12, 0, 'fail connection-refused'],
      [32, 2, 'fail connection-refused'],
      [70, 1, 'unknown timeout'],
    ]);
    expect(lab.node(SERVER).status).toBe('down');
  });

  it('meets silence where nobody hears the refusal', () => {
    const { lab, heard } = callers([10], mute);
    lab.ms(5).inject('c', crash(true)).inject('cut', { type: 'one-way', from: 'n', to: 'caller' });
    lab.ms(100);
    expect(heard).toEqual([[60, 0, 'unknown timeout']]);
  });
});

describe('requests under way when a process ends', () => {
  it('are reset, one trip later, where they had reached it', () => {
    const { lab, heard } = callers([1, 2], mute);
    const resets: unknown[] = [];
    lab.parts.host.taps.fact = (_node, fact) =>
      void (fact.type === 'node.reset' && resets.push(fact));
    lab.ms(5).inject('c', crash(true)).ms(100);
    expect(heard).toEqual([
      [6, 0, 'unknown connection-reset'],
      [6, 1, 'unknown connection-reset'],
    ]);
    expect(resets).toEqual([{ type: 'node.reset', calls: 2 }]);
  });

  it('are refused where they had not, and answered where they had been', () => {
    const { lab, heard } = callers([3.5, 4.5], {
      ask: (ctx, _state, n, call) => ctx.reply(call, answer(n)),
    });
    lab.ms(5).inject('c', crash(true)).ms(100);
    expect(heard).toEqual([
      [5.5, 0, 'ok'],
      [6.5, 1, 'fail connection-refused'],
    ]);
  });

  it('are reset where they waited for a process that stood still', () => {
    const { lab, heard } = callers([3], mute);
    lab.ms(1).inject('p', { type: 'pause', target: 'n' });
    lab.ms(6).inject('t', { type: 'terminate', target: 'n', graceMs: 4 }).ms(100);
    expect(heard).toEqual([[11, 0, 'unknown connection-reset']]);
  });

  it('time out where the machine is gone', () => {
    const { lab, heard } = callers([1], mute);
    lab.ms(5).inject('c', crash(false)).ms(100);
    expect(heard).toEqual([[51, 0, 'unknown timeout']]);
  });

  it('are nobody else’s: a call to a living node goes on', () => {
    const { lab, heard } = callers([1], {
      ask: (ctx, _state, n, call) => (ctx.setTimer('late', n, ms(20)), void calls.push(call)),
      timer: (ctx, _state, _kind, n) => ctx.reply(calls[0] as (typeof calls)[0], answer(n)),
    });
    const calls: Parameters<NonNullable<Hooks['ask']>>[3][] = [];
    lab.ms(5).inject('c', { type: 'crash', target: 'caller', machineUp: true }).undo('c').ms(40);
    expect(heard.filter(([at]) => at < 30)).toEqual([]);
    expect(lab.saw(SERVER)).toContain('late 0');
  });
});

/** A server that is linked to by a client, which may end. */
function linked(probes: readonly number[] = []) {
  return new Lab({
    isConnected: true,
    groups: [
      {
        name: 'n',
        hooks: {
          start: (ctx) => probes.forEach((at, n) => ctx.setTimer('probe', n, ms(at))),
          timer: (ctx, _state, _kind, n) =>
            void ctx.call(CALLER, { type: 'tcp.keepalive', life: 0 } as never, {
              timeout: ms(5),
              tag: n,
            }),
          result: (_ctx, state, n, result) => void state.log.push([n, wordOf(result)]),
        },
      },
      { name: 'caller', hooks: {}, links: { servers: 'n' } },
    ],
  });
}

describe('whoever keeps connections with a process', () => {
  it('is told when it ends, and which life it was', () => {
    const lab = linked();
    const end: Fault = { type: 'crash', target: 'caller', machineUp: true };
    lab.ms(5).inject('a', end).ms(10).undo('a').ms(15).inject('b', end).ms(30);
    expect(lab.log(SERVER).slice(1)).toEqual([
      [6_000, 'closed', 0, CALLER],
      [16_000, 'closed', 1, CALLER],
    ]);
  });

  it('is told nothing by a machine that is gone', () => {
    const lab = linked();
    lab.ms(5).inject('a', { type: 'crash', target: 'caller' }).ms(10).undo('a').ms(30);
    expect(lab.saw(SERVER)).toEqual(['start']);
  });

  it('may ask whether that life of it is still there', () => {
    const lab = linked([1, 11, 21, 31]);
    lab.ms(10).inject('machine', { type: 'crash', target: 'caller' });
    lab.ms(20).undo('machine');
    lab.ms(30).inject('process', { type: 'crash', target: 'caller', machineUp: true }).ms(40);
    const answers = lab.log(SERVER).filter(([n]) => n < 4);
    expect(answers.slice(1)).toEqual([
      [0, 'ok'],
      [1, 'unknown timeout'],
      [2, 'unknown connection-reset'],
      [3, 'fail connection-refused'],
    ]);
  });
});
