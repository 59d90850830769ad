/**
 * What nodes and links suffer is a function of the set of faults in force: whatever came and went,
 * in whatever order, and with nothing left in force all is as it was.
 */
import { describe, expect, it } from 'vitest';
import type { Fault, FaultType } from 'faultline';
import { forSeeds } from '../../support/seeds.ts';
import type { Random } from '../../support/seeds.ts';
import { Bench } from './support/bench.ts';

const names = ['m1', 'm2', 'm3', 'm4'];
const some = (random: Random): readonly string[] => names.filter(() => random.chance(50));

/** Any fault but those that end a process, and so a pause; life has tests of its own. */
function anyFault(random: Random): Fault {
  const target = some(random);
  // By type: a new fault does not compile until it is undone here, too.
  const makers: { readonly [T in Exclude<FaultType, 'crash' | 'terminate'>]: () => Fault } = {
    pause: () => ({ type: 'pause', target }),
    partition: () => ({ type: 'partition', groups: [target, some(random)] }),
    'one-way': () => ({ type: 'one-way', from: target, to: some(random) }),
    'cut-link': () => ({ type: 'cut-link', a: target, b: some(random) }),
    loss: () => ({ type: 'loss', probability: 0.3, from: target }),
    latency: () => ({ type: 'latency', factor: 1 + random.int(5), to: target }),
    duplicate: () => ({ type: 'duplicate', probability: 0.2 }),
    reorder: () => ({ type: 'reorder', probability: 0.2, by: { kind: 'constant', ms: 3 } }),
    'clock-jump': () => ({ type: 'clock-jump', target, byMs: random.between(-500, 500) }),
    'clock-drift': () => ({ type: 'clock-drift', target, ppm: random.between(-1_000, 1_000) }),
    'slow-disk': () => ({
      type: 'slow-disk',
      target,
      factor: 1.1 + random.int(3) / 7,
      extraMs: random.int(4),
    }),
    'fsync-off': () => ({ type: 'fsync-off', target }),
    'slow-cpu': () => ({ type: 'slow-cpu', target, factor: 1.1 + random.int(3) / 7 }),
  };
  return random.pick<() => Fault>(Object.values(makers))();
}

/** Lets what is due at this very moment happen: a resumed node handles what waited. */
const settle = (bench: Bench): Bench => bench.to(bench.parts.kernel.now / 1_000);

describe('the condition of nodes and links', () => {
  it('depends on the faults in force and not on their order', () => {
    forSeeds(60, import.meta.url, (_seed, random) => {
      const faults = Array.from({ length: random.between(2, 6) }, (_, i) => ({
        id: `f${i}`,
        fault: anyFault(random),
      }));
      const kept = faults.filter(() => random.chance(60));
      const direct = new Bench().to(20);
      for (const { id, fault } of kept) direct.parts.injector.inject(id, fault, 'person');
      const roundabout = new Bench().to(20);
      const { injector } = roundabout.parts;
      // Comes and goes at random, and ends with the same set.
      for (let i = 0; i < 20; i++) {
        const { id, fault } = random.pick(faults);
        if (random.chance(50)) injector.inject(id, fault, 'person');
        else injector.undo(id);
      }
      for (const { id, fault } of faults) {
        const wanted = kept.some((k) => k.id === id);
        if (!wanted) injector.undo(id);
        else if (!injector.active.some((a) => a.id === id)) injector.inject(id, fault, 'person');
      }
      expect(settle(roundabout).condition()).toEqual(settle(direct).condition());
    });
  });

  it('is what it was once everything is undone, in any order', () => {
    forSeeds(60, import.meta.url, (_seed, random) => {
      const bench = new Bench().to(20);
      const before = bench.condition();
      const ids = Array.from({ length: random.between(1, 6) }, (_, i) => `f${i}`);
      let at = 20;
      for (const id of ids) {
        bench.parts.injector.inject(id, anyFault(random), 'person');
        bench.to((at += random.int(30)));
      }
      const order = ids.slice();
      while (order.length > 0) {
        const [id] = order.splice(random.int(order.length), 1);
        bench.parts.injector.undo(id as string);
        bench.to((at += random.int(30)));
      }
      expect(bench.parts.injector.active).toEqual([]);
      expect(settle(bench).condition()).toEqual(before);
    });
  });

  it('is what it was after undoAll', () => {
    forSeeds(20, import.meta.url, (_seed, random) => {
      const bench = new Bench().to(20);
      const before = bench.condition();
      for (let i = 0; i < 5; i++) bench.parts.injector.inject(`f${i}`, anyFault(random), 'person');
      bench.parts.injector.undoAll();
      expect(settle(bench).condition()).toEqual(before);
    });
  });
});

describe('crashes', () => {
  const status = (bench: Bench, index = 0) => settle(bench).parts.host.node(index).status;
  const at20 = () => new Bench().to(20);
  const crash: Fault = { type: 'crash', target: 'm1' };
  const pause: Fault = { type: 'pause', target: 'm1' };

  it('last until the last of them is undone', () => {
    const bench = at20();
    const { injector } = bench.parts;
    injector.inject('a', crash, 'person');
    injector.inject('b', crash, 'person');
    injector.undo('a');
    expect(status(bench)).toBe('down');
    injector.undo('b');
    expect(status(bench)).toBe('up');
    expect(bench.parts.host.node(0).restarts).toBe(1);
  });

  it('call off a start that is due at the same moment', () => {
    const bench = at20();
    const { injector } = bench.parts;
    injector.inject('a', crash, 'person');
    bench.to(30);
    injector.undo('a');
    injector.inject('b', crash, 'person');
    expect(status(bench)).toBe('down');
    injector.undo('b');
    expect(status(bench)).toBe('up');
  });

  it('strike at the very beginning as well', () => {
    const bench = new Bench([{ id: 'a', atMs: 0, forMs: 50, fault: crash }]).to(40);
    expect(bench.parts.host.node(0).status).toBe('down');
    expect(status(bench.to(60))).toBe('up');
  });

  it('end a pause: the next process runs', () => {
    const bench = at20();
    const { injector } = bench.parts;
    injector.inject('p', pause, 'person');
    expect(status(bench)).toBe('paused');
    injector.inject('c', crash, 'person');
    expect(status(bench)).toBe('down');
    injector.undo('c');
    expect(status(bench)).toBe('up');
    injector.inject('p2', pause, 'person');
    injector.undo('p2');
    expect(status(bench)).toBe('up');
    expect(injector.undo('p')).toBe(true);
    expect(status(bench)).toBe('up');
  });

  it('leave nothing to pause', () => {
    const bench = at20();
    const { injector } = bench.parts;
    injector.inject('c', crash, 'person');
    expect(injector.inject('p', pause, 'person')).toBe(false);
    injector.undo('c');
    expect(status(bench)).toBe('up');
  });

  it('keep a slow disk slow and a slow core slow', () => {
    const bench = at20();
    const { injector } = bench.parts;
    injector.inject('d', { type: 'slow-disk', target: 'm1', factor: 4 }, 'person');
    injector.inject('k', { type: 'slow-cpu', target: 'm1', factor: 4 }, 'person');
    injector.inject('c', crash, 'person');
    injector.undo('c');
    settle(bench);
    const node = bench.parts.host.node(0);
    expect([node.disk?.save().factor, node.cpu.save().factor]).toEqual([4, 4]);
  });
});

describe('a node that comes during a partition', () => {
  it('belongs to those whom the partition does not name', () => {
    const bench = new Bench().to(20);
    const { injector, growth, network } = bench.parts;
    injector.inject('p', { type: 'partition', groups: ['m1', 'm2'] }, 'person');
    const newcomer = growth.spawn('m');
    const hears = [0, 1, 2, 3].map((other) => !network.isCut(other, newcomer));
    expect(hears).toEqual([false, false, true, true]);
    injector.undo('p');
    expect(network.isCut(0, newcomer)).toBe(false);
  });
});
