/** A process that is told to end: when it is asked, what it may still do, and when it is killed. */
import { describe, expect, it } from 'vitest';
import { ms } from 'faultline';
import type { Fact, Fault } from 'faultline';
import { Lab } from './support/lab.ts';
import type { Hooks } from './support/lab.ts';

const told = (times: { graceMs?: number; preStopMs?: number } = {}): Fault => ({
  type: 'terminate',
  target: 'n',
  ...times,
});

const labOf = (hooks: Hooks): Lab => new Lab({ groups: [{ name: 'n', hooks }] });

/** It notes when it is told, and goes on. */
const deaf: Hooks = { terminate: () => undefined };

function factsOf(lab: Lab): string[] {
  const facts: string[] = [];
  lab.parts.host.taps.fact = (_node, fact: Fact) => void facts.push(fact.type);
  return facts;
}

describe('a process that handles no signal', () => {
  it('ends at once, and the next one starts when the fault is undone', () => {
    const lab = labOf({});
    const facts = factsOf(lab);
    lab.ms(5).inject('t', told()).ms(50);
    expect(lab.node(0)).toMatchObject({ status: 'down', restarts: 0 });
    lab.undo('t').ms(40_000);
    expect(lab.log(0)).toEqual([[50_000, 'start']]);
    expect(facts).toEqual(['node.started', 'node.terminating', 'node.exited', 'node.started']);
  });

  it('runs on until the signal comes', () => {
    const lab = labOf({});
    lab.ms(5).inject('t', told({ preStopMs: 20 }));
    expect(lab.ms(24.999).node(0).status).toBe('up');
    expect(lab.ms(25).node(0).status).toBe('down');
  });
});

describe('a process that handles the signal', () => {
  it('is told of both stages, and may end itself', () => {
    const lab = labOf({
      terminate: (ctx, _state, stage) => void (stage === 'sigterm' && ctx.exit(ms(0))),
    });
    lab
      .ms(5)
      .inject('t', told({ preStopMs: 20 }))
      .ms(24);
    expect(lab.log(0).slice(1)).toEqual([[5_000, 'pre-stop']]);
    lab.ms(40);
    expect(lab.node(0)).toMatchObject({ status: 'down', restarts: 0 });
    // The kill that was meant for it does not meet the next one.
    lab.undo('t').ms(60_000);
    expect(lab.node(0)).toMatchObject({ status: 'up', restarts: 1 });
  });

  it('is killed when the grace period, from the beginning, is over', () => {
    const lab = labOf(deaf);
    const facts = factsOf(lab);
    lab.ms(5).inject('t', told({ preStopMs: 20, graceMs: 100 }));
    expect(lab.ms(104.999).saw(0)).toEqual(['start', 'pre-stop', 'sigterm']);
    expect(lab.node(0).status).toBe('up');
    expect(lab.ms(105).node(0).status).toBe('down');
    expect(facts.slice(-2)).toEqual(['node.killed', 'node.exited']);
  });

  it('has 30 s, where nothing else is said', () => {
    const lab = labOf(deaf);
    lab.ms(5).inject('t', told());
    expect(lab.ms(30_004.999).node(0).status).toBe('up');
    expect(lab.ms(30_005).node(0).status).toBe('down');
  });

  it('is still asked where the delay uses the grace period up, with 2 s more', () => {
    const lab = labOf(deaf);
    lab
      .ms(5)
      .inject('t', told({ preStopMs: 500, graceMs: 100 }))
      .ms(2_104.999);
    expect(lab.log(0).at(-1)).toEqual([105_000, 'sigterm']);
    expect(lab.node(0).status).toBe('up');
    expect(lab.ms(2_105).node(0).status).toBe('down');
  });

  it('goes on ending when that is undone, and then the next one starts', () => {
    const lab = labOf(deaf);
    lab
      .ms(5)
      .inject('t', told({ graceMs: 100 }))
      .ms(50)
      .undo('t');
    expect(lab.ms(104.999).node(0)).toMatchObject({ status: 'up', restarts: 0 });
    expect(lab.ms(106).log(0)).toEqual([[105_000, 'start']]);
  });
});

describe('being told to end', () => {
  it('kills a process that stands still, and so ends the pause', () => {
    const lab = labOf(deaf);
    lab.ms(5).inject('p', { type: 'pause', target: 'n' });
    lab.inject('t', told({ graceMs: 10 })).ms(14.999);
    expect(lab.node(0).status).toBe('paused');
    expect(lab.ms(15).node(0)).toMatchObject({ status: 'down', mailbox: [] });
    expect(lab.parts.injector.active.find(({ id }) => id === 'p')?.nodes).toEqual([]);
    lab.undo('t').ms(20);
    expect(lab.node(0)).toMatchObject({ status: 'up', restarts: 1 });
  });

  it('calls off the restart of a process that has just ended itself', () => {
    const lab = labOf({
      start: (ctx) => ctx.setTimer('end', 0, ms(5)),
      timer: (ctx) => ctx.exit(ms(10)),
    });
    lab.ms(6).inject('t', told()).ms(100);
    expect(lab.node(0).status).toBe('down');
    lab.undo('t').ms(101);
    expect(lab.node(0)).toMatchObject({ status: 'up', restarts: 1 });
  });

  it('keeps down what ends itself meanwhile, and a crash outlasts it', () => {
    const lab = labOf({
      ...deaf,
      start: (ctx) => ctx.setTimer('end', 0, ms(10)),
      timer: (ctx) => ctx.exit(ms(1)),
    });
    lab.ms(5).inject('t', told()).ms(50);
    expect(lab.node(0).status).toBe('down');
    lab.inject('c', { type: 'crash', target: 'n' }).undo('t').ms(60);
    expect(lab.node(0).status).toBe('down');
    lab.undo('c').ms(60.5);
    expect(lab.node(0)).toMatchObject({ status: 'up', restarts: 1 });
  });

  it('means nothing to the life after the one that it was meant for', () => {
    const lab = new Lab({
      groups: [
        { name: 'n', hooks: deaf },
        { name: 'm', hooks: {} },
      ],
    });
    lab.ms(5).inject('t', told({ graceMs: 100 }));
    lab.ms(20).inject('c', { type: 'crash', target: 'n' }).undo('t').undo('c').ms(200);
    expect(lab.node(0)).toMatchObject({ status: 'up', restarts: 1 });
    expect(lab.node(1)).toMatchObject({ status: 'up', restarts: 0 });
  });
});
