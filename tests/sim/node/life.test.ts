/** Crash, restart, pause, resume: what is lost, what stays, what waits, and in which order. */
import { describe, expect, it } from 'vitest';
import { ms } from 'faultline';
import { Lab, note } from './support/lab.ts';
import type { Hooks } from './support/lab.ts';

const NODE = 0;
const SENDER = 1;

/** A node under test and one that sends it a note every millisecond, numbered. */
function withSender(hooks: Hooks, notes = 10): Lab {
  return new Lab({
    groups: [
      { name: 'n', hooks },
      {
        name: 'sender',
        hooks: {
          start: (ctx) => ctx.setTimer('send', 1, ms(1)),
          timer: (ctx, _state, _kind, key) => {
            ctx.send(NODE, note(key));
            if (key < notes) ctx.setTimer('send', key + 1, ms(1));
          },
        },
      },
    ],
  });
}

describe('a paused node', () => {
  it('handles what waited when it goes on, in the order in which it came', () => {
    const lab = withSender({ start: (ctx) => ctx.setTimer('own', 0, ms(4.5)) });
    lab.ms(2.5).inject('pause', { type: 'pause', target: 'n' }).ms(7.5);
    expect(lab.saw(NODE)).toEqual(['start', 'note 1']);
    expect(lab.node(NODE).mailbox).toHaveLength(2 * 6);
    lab.undo('pause').ms(7.5);
    expect(lab.saw(NODE).slice(2)).toEqual(
      [2, 3, 4]
        .flatMap((n) => (n === 4 ? ['own 0', 'note 4'] : [`note ${n}`]))
        .concat(['note 5', 'note 6']),
    );
    lab.ms(100);
    expect(lab.saw(NODE).slice(-4)).toEqual(['note 7', 'note 8', 'note 9', 'note 10']);
    expect(lab.node(NODE).mailbox).toEqual([]);
  });

  it('keeps its state and its disk, and its clocks run on', () => {
    const lab = withSender({});
    lab.ms(2.5).inject('pause', { type: 'pause', target: 'n' });
    const { state, clock } = lab.node(NODE);
    lab.ms(7.5).undo('pause').ms(8.5);
    expect(lab.node(NODE).state).toBe(state);
    expect(clock.mono(lab.run.now)).toBe(8_500);
    expect(lab.log(NODE)[2]).toEqual([7_500, 'note', 2]);
  });

  it('stands still while one of several pauses lasts', () => {
    const lab = withSender({});
    lab
      .ms(1.5)
      .inject('p1', { type: 'pause', target: 'n' })
      .inject('p2', { type: 'pause', target: 'n' });
    lab.ms(3.5).undo('p1').ms(4.5);
    expect(lab.saw(NODE)).toEqual(['start']);
    lab.undo('p2').ms(4.6);
    expect(lab.saw(NODE)).toEqual(['start', 'note 1', 'note 2', 'note 3']);
  });

  it('paused again before it caught up keeps the order', () => {
    const lab = withSender({}, 4);
    lab.ms(1.5).inject('p', { type: 'pause', target: 'n' }).ms(10);
    lab.undo('p').inject('p', { type: 'pause', target: 'n' }).ms(20);
    expect(lab.saw(NODE)).toEqual(['start']);
    lab.undo('p').ms(21);
    expect(lab.saw(NODE)).toEqual(['start', 'note 1', 'note 2', 'note 3', 'note 4']);
  });

  it('counts each thing that waits as an event, and again when it is handled', () => {
    const lab = withSender({}, 3);
    lab.ms(1.5).inject('p', { type: 'pause', target: 'n' }).ms(10);
    const events = lab.run.eventNumber;
    lab.undo('p').ms(11);
    expect(lab.run.eventNumber).toBe(events + 3);
  });
});

describe('a crashed node', () => {
  it('has lost its state, and starts again when the crash is undone', () => {
    const lab = withSender({});
    lab.ms(3.5).inject('crash', { type: 'crash', target: 'n' });
    expect(lab.node(NODE)).toMatchObject({ status: 'down', state: null, restarts: 0 });
    lab.ms(6.5);
    lab.undo('crash').ms(8.5);
    expect(lab.node(NODE)).toMatchObject({ status: 'up', restarts: 1 });
    expect(lab.log(NODE)).toEqual([
      [6_500, 'start'],
      [7_000, 'note', 6],
      [8_000, 'note', 7],
    ]);
  });

  it('loses what arrives while it is down, and gets what is still under way', () => {
    const lab = withSender({}, 2);
    lab.ms(1.5).inject('crash', { type: 'crash', target: 'n' }).ms(2.5).undo('crash').ms(100);
    expect(lab.saw(NODE)).toEqual(['start', 'note 2']);
  });

  it('loses what waited for it while it was paused', () => {
    const lab = withSender({}, 4);
    lab.ms(1.5).inject('pause', { type: 'pause', target: 'n' }).ms(3.5);
    lab.inject('crash', { type: 'crash', target: 'n' }).undo('crash').ms(100);
    expect(lab.saw(NODE)).toEqual(['start', 'note 3', 'note 4']);
    lab.undo('pause').ms(101);
    expect(lab.node(NODE).status).toBe('up');
  });

  it('stays down while one of several crashes lasts', () => {
    const lab = withSender({});
    lab
      .ms(1.5)
      .inject('c1', { type: 'crash', target: 'n' })
      .inject('c2', { type: 'crash', target: 'n' });
    lab.undo('c1').ms(5);
    expect(lab.node(NODE).status).toBe('down');
    lab.undo('c2').ms(6);
    expect(lab.node(NODE)).toMatchObject({ status: 'up', restarts: 1 });
  });

  it('that crashes again at the moment of its restart stays down', () => {
    const lab = withSender({});
    lab.ms(1.5).inject('c1', { type: 'crash', target: 'n' }).ms(3);
    lab.undo('c1').inject('c2', { type: 'crash', target: 'n' }).ms(5);
    expect(lab.node(NODE).status).toBe('down');
    lab.undo('c2').ms(6);
    expect(lab.node(NODE)).toMatchObject({ status: 'up', restarts: 1 });
  });

  it('starts once, however often its crash is undone and done at one moment', () => {
    const lab = withSender({});
    lab.ms(1.5);
    for (let again = 0; again < 5; again++) {
      lab.inject('c', { type: 'crash', target: 'n' }).undo('c');
    }
    lab.ms(1.6);
    expect(lab.node(NODE)).toMatchObject({ status: 'up', restarts: 1 });
    expect(lab.saw(NODE)).toEqual(['start']);
  });

  it('may be down from the very start', () => {
    const lab = withSender({});
    lab.inject('c', { type: 'crash', target: 'n' }).ms(5);
    expect(lab.node(NODE)).toMatchObject({ status: 'down', restarts: -1 });
    lab.undo('c').ms(5.5);
    expect(lab.log(NODE)).toEqual([[5_000, 'start']]);
    expect(lab.saw(SENDER)[0]).toBe('start');
  });
});
