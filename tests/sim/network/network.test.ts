/**
 * The network against closed forms: how long packets take, how many are lost and in which bursts,
 * which overtake which, what arrives twice, and who hears whom.
 */
import { describe, expect, it } from 'vitest';
import { FATE_CUT, FATE_DELIVERED, FATE_LOST } from '../../../src/sim/network/network.ts';
import {
  CutRule,
  DuplicateRule,
  LatencyRule,
  LinkSet,
  LossRule,
  PartitionRule,
  ReorderRule,
} from '../../../src/sim/network/packet-rule.ts';
import type { PacketRule } from '../../../src/sim/network/packet-rule.ts';
import { forSeeds } from '../../support/seeds.ts';
import { COUNT, all, Wire, share, mean, quantile, tolerance } from './support/wire.ts';
import type { Sent } from './support/wire.ts';

describe('a calm link', () => {
  it('takes as long as its distribution says, to the microsecond', () => {
    const takes = new Wire().many().map((one) => one.takesMicros);
    expect(Math.abs(mean(takes) - 2_000)).toBeLessThan((4 * 2_000) / Math.sqrt(12 * COUNT));
    for (const q of [0.1, 0.5, 0.9]) {
      expect(Math.abs(quantile(takes, q) - (1_000 + 2_000 * q))).toBeLessThan(40);
    }
    expect(takes.every(Number.isInteger)).toBe(true);
    expect(Math.min(...takes)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...takes)).toBeLessThanOrEqual(3_000);
  });

  it('rounds to the nearest microsecond, never down', () => {
    const wire = new Wire({ latency: { kind: 'constant', ms: 0.0017 } });
    expect(wire.send().takesMicros).toBe(2);
  });

  it('loses and repeats nothing', () => {
    const wire = new Wire();
    const sent = wire.many();
    expect(share(sent, FATE_DELIVERED)).toBe(1);
    expect(sent.every((one) => one.copyTakesMicros === null)).toBe(true);
    expect([wire.network.packetsSent, wire.network.packetsLost]).toEqual([COUNT, 0]);
  });

  it('has draws of its own in each direction', () => {
    const wire = new Wire();
    const there = wire.many(50, 0, 1).map((one) => one.takesMicros);
    const back = wire.many(50, 1, 0).map((one) => one.takesMicros);
    expect(there).not.toEqual(back);
    expect(new Wire().many(50, 1, 0).map((one) => one.takesMicros)).toEqual(back);
  });

  it('lets packets overtake one another', () => {
    const wire = new Wire();
    const due = Array.from(
      { length: 1_000 },
      (_, i) => i * 500 + wire.send(0, 1, i * 500).takesMicros,
    );
    const overtaken = due.filter((at, i) => i > 0 && at < (due[i - 1] as number)).length;
    // Half a millisecond apart, uniform over 2 ms: P(U2 + 0.5 < U1) = (1.5 / 2)^2 / 2.
    expect(Math.abs(overtaken / 999 - 0.28125)).toBeLessThan(tolerance(0.28125, 999));
  });
});

describe('a fifo link', () => {
  it('never overtakes itself, and waits only where it must', () => {
    const wire = new Wire({ fifo: true });
    const free = new Wire();
    let last = 0;
    for (let i = 0; i < 2_000; i++) {
      const now = i * 500;
      const due = now + wire.send(0, 1, now).takesMicros;
      const alone = now + free.send(0, 1, now).takesMicros;
      expect(due).toBe(Math.max(last, alone));
      last = due;
    }
  });

  it('does not wait for what was lost', () => {
    const wire = new Wire({ fifo: true });
    wire.install(new LatencyRule('slow', all, 100, null, wire.stream('slow')));
    wire.install(new CutRule('cut', [all]));
    wire.send(0, 1, 0);
    wire.network.uninstall('slow');
    wire.network.uninstall('cut');
    expect(wire.send(0, 1, 1_000).takesMicros).toBeLessThanOrEqual(3_000);
  });

  it('remembers across a restore', () => {
    const wire = new Wire({ fifo: true });
    wire.install(new LatencyRule('slow', all, 10, null, wire.stream('slow')));
    const { takesMicros } = wire.send(0, 1, 0);
    wire.network.uninstall('slow');
    const image = wire.network.save();
    const streams = wire.bank.save();
    const first = wire.send(0, 1, 100);
    expect(first.takesMicros).toBe(takesMicros - 100);
    wire.network.restore(image);
    wire.bank.restore(streams);
    expect(wire.send(0, 1, 100)).toEqual(first);
  });
});

describe('a connection over a link that reorders', () => {
  const slowFirst = (): { readonly wire: Wire; readonly due: number } => {
    const wire = new Wire();
    wire.install(new LatencyRule('slow', all, 100, null, wire.stream('slow')));
    const { takesMicros: due } = wire.send(0, 1, 0, true);
    wire.network.uninstall('slow');
    return { wire, due };
  };

  it('delivers what belongs to it in the order in which it was sent', () => {
    const { wire, due } = slowFirst();
    expect(wire.send(0, 1, 10, true).takesMicros).toBe(due - 10);
  });

  it('holds up nothing else, and not the other direction', () => {
    const { wire, due } = slowFirst();
    expect(wire.send(0, 1, 10, false).takesMicros).toBeLessThan(due - 10);
    expect(wire.send(1, 0, 10, true).takesMicros).toBeLessThan(due - 10);
  });

  it('is another one after a reconnect: what is still on its way holds up nothing', () => {
    const { wire, due } = slowFirst();
    wire.network.reconnect(1, 0);
    expect(wire.send(0, 1, 10, true).takesMicros).toBeLessThan(due - 10);
  });

  it('remembers across a restore', () => {
    const { wire, due } = slowFirst();
    const image = wire.network.save();
    wire.network.reconnect(0, 1);
    wire.network.restore(image);
    expect(wire.send(0, 1, 10, true).takesMicros).toBe(due - 10);
  });
});

describe('a lossy link', () => {
  it.each([0.01, 0.2, 0.9])('loses a share of %f', (lossProbability) => {
    const sent = new Wire({ lossProbability }).many();
    expect(Math.abs(share(sent, FATE_LOST) - lossProbability)).toBeLessThan(
      tolerance(lossProbability),
    );
  });

  it('takes as long for each packet as without loss', () => {
    const times = (wire: Wire) => wire.many(200).map((one) => one.takesMicros);
    // A link draws the same for every packet, whatever happens to it.
    expect(times(new Wire({ lossProbability: 0.5 }))).toHaveLength(200);
    const ruled = new Wire();
    ruled.install(new LossRule('l', all, 0.5, null, ruled.stream('l')));
    expect(times(ruled)).toEqual(times(new Wire()));
  });
});

describe('loss as a fault', () => {
  /** Runs of lost packets: how many, and how long. */
  function bursts(sent: readonly Sent[]): number[] {
    const lengths: number[] = [];
    let length = 0;
    for (const { fate } of sent) {
      if (fate === FATE_LOST) length += 1;
      else if (length > 0) {
        lengths.push(length);
        length = 0;
      }
    }
    return lengths;
  }

  it.each([
    { p: 0.1, burst: null },
    { p: 0.1, burst: 0.75 },
    { p: 0.3, burst: 0.5 },
    { p: 0.02, burst: 0.9 },
  ])('follows its two-state chain with p = $p and burst = $burst', ({ p, burst }) => {
    const wire = new Wire();
    const sent = wire.install(new LossRule('l', all, p, burst, wire.stream('l'))).many(60_000);
    const b = burst ?? p;
    // Variance of the share of a two-state chain: p(1-p)/n times (1+r)/(1-r), r its correlation.
    const r = (b - p) / (1 - p);
    const error = Math.sqrt(((p * (1 - p)) / 60_000) * ((1 + r) / (1 - r)));
    expect(Math.abs(share(sent, FATE_LOST) - p)).toBeLessThan(4 * error);
    // The length of a burst is geometric with mean 1/(1-b).
    const lengths = bursts(sent);
    const sd = Math.sqrt(b) / (1 - b);
    expect(Math.abs(mean(lengths) - 1 / (1 - b))).toBeLessThan(
      (4 * sd) / Math.sqrt(lengths.length),
    );
    const long = lengths.filter((n) => n >= 3).length / lengths.length;
    expect(Math.abs(long - b * b)).toBeLessThan(tolerance(b * b, lengths.length));
  });

  it('loses nothing at 0 and everything at 1', () => {
    const wire = new Wire();
    wire.install(new LossRule('none', all, 0, 0.9, wire.stream('none')));
    expect(share(wire.many(500), FATE_LOST)).toBe(0);
    wire.install(new LossRule('all', all, 1, null, wire.stream('all')));
    expect(share(wire.many(500), FATE_LOST)).toBe(1);
  });

  it('keeps a chain for each directed link', () => {
    const wire = new Wire();
    wire.install(new LossRule('l', all, 0.1, 0.9, wire.stream('l')));
    const fates: [number, number][] = [];
    for (let i = 0; i < COUNT; i++) fates.push([wire.send(0, 1).fate, wire.send(2, 3).fate]);
    const both = fates.filter(([a, b]) => a === FATE_LOST && b === FATE_LOST).length / COUNT;
    // Two chains that know nothing of one another are lost together in p squared of all cases.
    expect(Math.abs(both - 0.01)).toBeLessThan(0.006);
  });

  it('combines: two losses let through what both let through', () => {
    const wire = new Wire();
    wire.install(
      new LossRule('a', all, 0.2, null, wire.stream('a')),
      new LossRule('b', all, 0.3, null, wire.stream('b')),
    );
    const expected = 1 - 0.8 * 0.7;
    expect(Math.abs(share(wire.many(), FATE_LOST) - expected)).toBeLessThan(tolerance(expected));
  });
});

describe('duplicates', () => {
  it.each(['the link itself', 'a fault'])('of %s come as often as they are set', (by) => {
    const wire = new Wire(by === 'a fault' ? {} : { duplicateProbability: 0.25 });
    if (by === 'a fault') wire.install(new DuplicateRule('d', all, 0.25, wire.stream('d')));
    const sent = wire.many();
    const twice = sent.filter((one) => one.copyTakesMicros !== null);
    expect(Math.abs(twice.length / COUNT - 0.25)).toBeLessThan(tolerance(0.25));
    for (const { takesMicros, copyTakesMicros } of twice) {
      expect(copyTakesMicros).toBeGreaterThanOrEqual(takesMicros);
      expect(copyTakesMicros).toBeLessThanOrEqual(2 * takesMicros + 1);
    }
  });

  it('of a lost packet are lost with it', () => {
    const wire = new Wire({ duplicateProbability: 1, lossProbability: 0.5 });
    const lost = wire.many(500).filter((one) => one.fate === FATE_LOST);
    expect(lost.length).toBeGreaterThan(100);
    expect(lost.every((one) => one.copyTakesMicros === null)).toBe(true);
  });

  it('come on a slow link as well', () => {
    const wire = new Wire({ duplicateProbability: 1 });
    wire.install(new LatencyRule('slow', all, 3, null, wire.stream('slow')));
    expect(wire.many(100).every((one) => one.copyTakesMicros !== null)).toBe(true);
  });
});

describe('slower links', () => {
  it('take a factor, and an extra on top', () => {
    const wire = new Wire({ latency: { kind: 'constant', ms: 2 } });
    const extra = { kind: 'constant', ms: 5 } as const;
    wire.install(new LatencyRule('a', all, 3, extra, wire.stream('a')));
    expect(wire.send().takesMicros).toBe(11_000);
    wire.install(new LatencyRule('b', all, 2, extra, wire.stream('b')));
    expect(wire.send().takesMicros).toBe(22_000);
  });

  it('deliver nothing before it was sent', () => {
    const wire = new Wire({ latency: { kind: 'constant', ms: 2 } });
    const early = { kind: 'constant', ms: -9 } as const;
    wire.install(new LatencyRule('a', all, 1, early, wire.stream('a')));
    expect(wire.send().takesMicros).toBe(0);
  });

  it('slow down only the links that are named', () => {
    const wire = new Wire({ latency: { kind: 'constant', ms: 2 } });
    wire.install(new LatencyRule('a', new LinkSet([0], [1, 2]), 10, null, wire.stream('a')));
    const takes = [
      wire.send(0, 1).takesMicros,
      wire.send(0, 2).takesMicros,
      wire.send(1, 0).takesMicros,
      wire.send(0, 3).takesMicros,
    ];
    expect(takes).toEqual([20_000, 20_000, 2_000, 2_000]);
  });

  it('hold back a share of the packets where they reorder', () => {
    const wire = new Wire({ latency: { kind: 'constant', ms: 1 } });
    const by = { kind: 'constant', ms: 4 } as const;
    wire.install(new ReorderRule('r', all, 0.3, by, wire.stream('r')));
    const takes = wire.many().map((one) => one.takesMicros);
    expect(new Set(takes)).toEqual(new Set([1_000, 5_000]));
    const held = takes.filter((t) => t === 5_000).length / COUNT;
    expect(Math.abs(held - 0.3)).toBeLessThan(tolerance(0.3));
  });
});

describe('cuts', () => {
  const hears = (wire: Wire, nodes = 4) =>
    Array.from({ length: nodes }, (_, from) =>
      Array.from({ length: nodes }, (_, to) => (wire.send(from, to).fate === FATE_CUT ? '-' : 'x')),
    ).map((row) => row.join(''));

  it('of a partition separate the islands both ways, and the unnamed share one', () => {
    const wire = new Wire();
    wire.install(new PartitionRule('p', [[0, 1]]));
    expect(hears(wire)).toEqual(['xx--', 'xx--', '--xx', '--xx']);
    wire.network.uninstall('p');
    expect(hears(wire)).toEqual(['xxxx', 'xxxx', 'xxxx', 'xxxx']);
  });

  it('of one way leave the other way open', () => {
    const wire = new Wire();
    wire.install(new CutRule('c', [new LinkSet([0], [1, 2])]));
    expect(hears(wire)).toEqual(['x--x', 'xxxx', 'xxxx', 'xxxx']);
  });

  it('add up, and each lasts as long as it does', () => {
    const wire = new Wire();
    wire.install(new PartitionRule('p', [[0]]), new PartitionRule('q', [[1]]));
    expect(hears(wire)).toEqual(['x---', '-x--', '--xx', '--xx']);
    wire.network.uninstall('p');
    expect(hears(wire)).toEqual(['x-xx', '-x--', 'x-xx', 'x-xx']);
  });

  it('are what isCut says, without a draw', () => {
    const wire = new Wire();
    wire.install(
      new PartitionRule('p', [[0, 1]]),
      new LossRule('l', all, 1, null, wire.stream('l')),
    );
    const before = wire.bank.save();
    const said = [0, 1, 2, 3].map((to) => wire.network.isCut(0, to));
    expect(said).toEqual([false, false, true, true]);
    expect(wire.bank.save()).toEqual(before);
    expect([wire.network.packetsSent, wire.network.packetsLost]).toEqual([0, 0]);
  });

  it('outrank losses in how the packet is explained, and count as lost', () => {
    const wire = new Wire({ lossProbability: 1 });
    wire.install(new CutRule('c', [all]), new LossRule('z', all, 1, null, wire.stream('z')));
    expect(wire.send().fate).toBe(FATE_CUT);
    expect(wire.network.packetsLost).toBe(1);
  });
});

describe('rules together', () => {
  const makers = (wire: Wire): readonly PacketRule[] => [
    new LossRule('loss', all, 0.3, 0.6, wire.stream('loss')),
    new LatencyRule('slow', all, 1.3, { kind: 'exponential', meanMs: 1 }, wire.stream('slow')),
    new LatencyRule('slower', all, 1.7, null, wire.stream('slower')),
    new DuplicateRule('twice', all, 0.4, wire.stream('twice')),
    new ReorderRule('held', all, 0.4, { kind: 'uniform', minMs: 1, maxMs: 9 }, wire.stream('held')),
    new CutRule('cut', [new LinkSet([0], [2])]),
  ];

  it('do the same whatever the order in which they came', () => {
    const straight = new Wire();
    const expected = straight.install(...makers(straight)).many(500);
    forSeeds(10, import.meta.url, (_seed, random) => {
      const wire = new Wire();
      const left = [...makers(wire)];
      while (left.length > 0) wire.install(...left.splice(random.int(left.length), 1));
      expect(wire.many(500)).toEqual(expected);
    });
  });

  it('draw for themselves: without one of them the others decide as before', () => {
    const both = new Wire();
    const sent = both.install(...makers(both)).many(500);
    const without = new Wire();
    const rest = makers(without).filter((rule) => rule.id !== 'held' && rule.id !== 'slower');
    const others = without.install(...rest).many(500);
    expect(others.map((one) => one.fate)).toEqual(sent.map((one) => one.fate));
    expect(others.map((one) => one.copyTakesMicros === null)).toEqual(
      sent.map((one) => one.copyTakesMicros === null),
    );
  });

  it('go on where they stood after a restore', () => {
    const wire = new Wire();
    wire.install(...makers(wire)).many(100);
    const image = wire.network.save();
    const streams = wire.bank.save();
    const first = wire.many(100);
    wire.network.uninstall('loss');
    wire.network.restore(image);
    wire.bank.restore(streams);
    expect(wire.many(100)).toEqual(first);
  });
});
