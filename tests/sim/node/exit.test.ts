/** A process that ends itself: what it loses, when, and what starts it again. */
import { describe, expect, it } from 'vitest';
import { ms } from 'faultline';
import type { Fact } from 'faultline';
import { Lab, answer, ask, note } from './support/lab.ts';
import type { Hooks } from './support/lab.ts';

const NODE = 0;
const SENDER = 1;

/** A node whose timer at 5 ms of its first life does this, and a sender of a note each ms. */
function atFive(act: NonNullable<Hooks['timer']>, hooks: Hooks = {}, notes = 0): Lab {
  return new Lab({
    groups: [
      {
        name: 'n',
        hooks: {
          ...hooks,
          start: (ctx, state) => {
            if (ctx.mono() === 0) ctx.setTimer('act', 0, ms(5));
            hooks.start?.(ctx, state);
          },
          timer: (ctx, state, kind, key) =>
            kind === 'act' ? act(ctx, state, kind, key) : hooks.timer?.(ctx, state, kind, key),
        },
      },
      {
        name: 'sender',
        hooks: {
          start: (ctx) => notes > 0 && ctx.setTimer('send', 1, ms(1)),
          timer: (ctx, _state, _kind, key) => {
            ctx.send(NODE, note(key));
            if (key < notes) ctx.setTimer('send', key + 1, ms(1));
          },
        },
      },
    ],
  });
}

function factsOf(lab: Lab): Fact[] {
  const facts: Fact[] = [];
  lab.parts.host.taps.fact = (node, fact) => void (node === NODE && facts.push(fact));
  return facts;
}

describe('a process that ends itself', () => {
  it('is gone right after its handler, and starts again after the delay', () => {
    const lab = atFive((ctx) => ctx.exit(ms(3)));
    const facts = factsOf(lab);
    lab.ms(5);
    expect(lab.node(NODE)).toMatchObject({ status: 'down', state: null, restarts: 0 });
    lab.ms(7.999);
    expect(lab.node(NODE).status).toBe('down');
    lab.ms(100);
    expect(lab.node(NODE)).toMatchObject({ status: 'up', restarts: 1 });
    expect(lab.log(NODE)).toEqual([[8_000, 'start']]);
    expect(facts).toEqual([
      { type: 'node.started', incarnation: 0, restarts: 0 },
      { type: 'node.exited', restartMicros: 3_000 },
      { type: 'node.started', incarnation: 0, restarts: 1 },
    ]);
  });

  it('stays down where it names no delay, until a crash of it is undone', () => {
    const lab = atFive((ctx) => ctx.exit(null));
    const facts = factsOf(lab);
    lab.ms(100);
    expect(lab.node(NODE)).toMatchObject({ status: 'down', restarts: 0 });
    expect(facts.at(-1)).toEqual({ type: 'node.exited', restartMicros: null });
    lab.inject('c', { type: 'crash', target: 'n' }).ms(110).undo('c').ms(120);
    expect(lab.log(NODE)).toEqual([[110_000, 'start']]);
  });

  it('ends not in the middle of its handler: what the rest of it sends goes out', () => {
    const lab = atFive((ctx, state) => {
      ctx.exit(null);
      ctx.send(SENDER, note(9));
      state.numbers.push(1);
      expect(state.numbers).toEqual([1]);
    });
    lab.ms(100);
    expect(lab.saw(SENDER)).toEqual(['start', 'note 9']);
  });

  it('loses its timers, its calls, its work, its scripts and its unsynced writes', () => {
    const lab = atFive(
      (ctx) => {
        ctx.write({ n: 2 });
        ctx.work(ms(5), 1);
        ctx.setTimer('late', 0, ms(5));
        ctx.call(SENDER, ask(1), { timeout: ms(50), tag: 1 });
        ctx.exit(ms(1));
      },
      {
        disk: true,
        start: (ctx) => {
          if (ctx.mono() > 0) return;
          ctx.write({ n: 1 });
          ctx.sync(0);
        },
      },
    );
    lab.ms(100);
    expect(lab.saw(NODE)).toEqual(['start']);
    expect(lab.node(NODE).disk?.durable).toEqual([1]);
    expect(lab.node(NODE).calls.size).toBe(0);
    expect(lab.parts.kernel.queue.size).toBe(0);
  });

  it('is given no more handlers of the same event', () => {
    const lab = atFive(() => undefined, {
      disk: true,
      start: (ctx) => {
        if (ctx.mono() > 0) return;
        ctx.write({ n: 1 });
        [1, 2, 3].forEach((ticket) => ctx.sync(ticket));
      },
      synced: (ctx, _state, ticket) => {
        tickets.push(ticket);
        if (ticket === 2) ctx.exit(null);
      },
    });
    const tickets: number[] = [];
    lab.ms(100);
    // Ticket 1 has an fsync of its own; 2 and 3 share the next.
    expect(tickets).toEqual([1, 2]);
  });

  it('goes by the first that it asked for', () => {
    const lab = atFive((ctx) => {
      ctx.exit(ms(2));
      ctx.exit(null);
      ctx.exit(ms(50));
    });
    lab.ms(100);
    expect(lab.log(NODE)).toEqual([[7_000, 'start']]);
  });

  it('may do so at its start, again and again', () => {
    const lab = atFive(() => undefined, { start: (ctx) => ctx.mono() < 8_500 && ctx.exit(ms(3)) });
    lab.ms(100);
    expect(lab.node(NODE)).toMatchObject({ status: 'up', restarts: 3 });
    expect(lab.log(NODE)).toEqual([[9_000, 'start']]);
  });

  it('misses what comes while it is down', () => {
    const lab = atFive((ctx) => ctx.exit(ms(2.5)), {}, 10);
    lab.ms(100);
    expect(lab.saw(NODE)).toEqual(['start', 'note 7', 'note 8', 'note 9', 'note 10']);
  });

  it('answers nobody, so its callers do not know', () => {
    const lab = new Lab({
      groups: [
        {
          name: 'n',
          hooks: {
            ask: (ctx, _state, n, call) => {
              if (n === 1) ctx.exit(ms(1));
              else ctx.reply(call, answer(n));
            },
          },
        },
        {
          name: 'caller',
          hooks: {
            start: (ctx) => [1, 2].forEach((n) => ctx.call(0, ask(n), { timeout: ms(9), tag: n })),
          },
        },
      ],
    });
    lab.ms(100);
    expect(lab.saw(1)).toEqual(['start', 'unknown 1', 'unknown 2']);
  });
});

describe('between its end and its restart', () => {
  it('a crash calls the restart off, and its undoing starts it, once', () => {
    const lab = atFive((ctx) => ctx.exit(ms(10)));
    lab.ms(7).inject('c', { type: 'crash', target: 'n' }).ms(9).undo('c').ms(100);
    expect(lab.node(NODE)).toMatchObject({ status: 'up', restarts: 1 });
    expect(lab.log(NODE)).toEqual([[9_000, 'start']]);
  });

  it('a crash that lasts longer keeps it down', () => {
    const lab = atFive((ctx) => ctx.exit(ms(10)));
    lab.ms(7).inject('c', { type: 'crash', target: 'n' }).ms(30);
    expect(lab.node(NODE).status).toBe('down');
    lab.undo('c').ms(100);
    expect(lab.log(NODE)).toEqual([[30_000, 'start']]);
  });

  it('a crash at the moment of its end is like one after it', () => {
    const lab = atFive((ctx) => ctx.exit(ms(10)));
    lab.ms(5).inject('c', { type: 'crash', target: 'n' }).undo('c').ms(100);
    expect(lab.log(NODE)).toEqual([[5_000, 'start']]);
  });

  it('a pause finds nothing to stop', () => {
    const lab = atFive((ctx) => ctx.exit(ms(10)));
    lab.ms(7).inject('p', { type: 'pause', target: 'n' }).ms(100);
    expect(lab.node(NODE).status).toBe('up');
    expect(lab.log(NODE)).toEqual([[15_000, 'start']]);
  });

  it('it may be retired', () => {
    const lab = atFive((ctx) => ctx.exit(ms(10)));
    lab.ms(7);
    lab.parts.growth.retire(NODE);
    lab.ms(100);
    expect(lab.node(NODE)).toMatchObject({ status: 'retired', restarts: 0 });
  });
});

describe('with a pause', () => {
  it('a process ends when it goes on, and what waited behind is lost', () => {
    const lab = atFive((ctx) => ctx.exit(ms(10)), {}, 10);
    lab.ms(3.5).inject('p', { type: 'pause', target: 'n' }).ms(9.5).undo('p').ms(9.5);
    expect(lab.node(NODE).status).toBe('down');
    lab.ms(100);
    expect(lab.log(NODE)).toEqual([[19_500, 'start']]);
  });

  it('an end that an operator asked for just before comes when the node goes on', () => {
    const lab = atFive(() => undefined);
    lab.ms(2);
    lab.node(NODE).context.exit(ms(1));
    lab.inject('p', { type: 'pause', target: 'n' }).ms(8);
    expect(lab.node(NODE)).toMatchObject({ status: 'paused' });
    lab.undo('p').ms(100);
    expect(lab.log(NODE)).toEqual([[9_000, 'start']]);
  });
});

describe('an end that an operator asks for', () => {
  it('comes at the same moment', () => {
    const lab = atFive(() => undefined);
    lab.ms(2);
    lab.node(NODE).context.exit(ms(1));
    lab.ms(2);
    expect(lab.node(NODE).status).toBe('down');
    lab.ms(100);
    expect(lab.log(NODE)).toEqual([[3_000, 'start']]);
  });

  it('is forgotten in a crash at that moment', () => {
    const lab = atFive(() => undefined);
    lab.ms(2);
    lab.node(NODE).context.exit(null);
    lab.inject('c', { type: 'crash', target: 'n' }).undo('c').ms(100);
    expect(lab.log(NODE)).toEqual([[2_000, 'start']]);
  });
});
