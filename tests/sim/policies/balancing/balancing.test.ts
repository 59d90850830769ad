import { describe, expect, it } from 'vitest';
import { BALANCERS } from '../../../../src/sim/policies/balancing/index.ts';
import { hashInt } from '../../../../src/sim/policies/hashing/hash-int.ts';
import { Farm } from './support/farm.ts';

/**
 * Weights 3, 1, 2 and twelve requests, one a millisecond, with the keys 0 to 11; before every
 * third the oldest under way ends, after 1, 2 or 3 ms by its backend.
 */
const VECTORS: readonly (readonly [string, readonly number[]])[] = [
  ['round-robin', [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]],
  ['smooth-weighted-round-robin', [0, 2, 0, 1, 2, 0, 0, 2, 0, 1, 2, 0]],
  ['random', [0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 1]],
  ['weighted-random', [1, 0, 2, 1, 1, 1, 2, 2, 2, 0, 2, 0]],
  ['least-connections', [0, 2, 1, 0, 0, 2, 2, 0, 1, 2, 0, 1]],
  ['power-of-d', [0, 2, 0, 1, 2, 0, 0, 1, 2, 0, 2, 0]],
  ['least-response-time', [0, 2, 1, 0, 0, 0, 0, 2, 0, 0, 1, 0]],
  ['ring-hash', [1, 0, 1, 2, 2, 2, 0, 0, 0, 0, 0, 0]],
  ['maglev', [0, 0, 1, 0, 0, 1, 2, 2, 0, 2, 0, 2]],
  ['bounded-load', [1, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0]],
  // The hash of the key modulo 3, and its jump: weights do not count.
  ['modulo', [1, 1, 2, 2, 1, 0, 1, 2, 2, 2, 2, 1]],
  ['jump', [2, 2, 0, 1, 1, 1, 2, 2, 2, 0, 1, 1]],
  ['rendezvous', [1, 0, 0, 1, 0, 2, 0, 0, 1, 0, 2, 2]],
  ['weighted-round-robin', [0, 0, 2, 0, 1, 2, 0, 0, 2, 0, 1, 2]],
];

describe('balancing policies', () => {
  it('each has a vector', () => {
    expect(VECTORS.map(([name]) => name)).toEqual(BALANCERS.map(({ name }) => name));
  });

  it.each(VECTORS)('%s picks as its vector says', (name, expected) => {
    const farm = new Farm(name, { weights: [3, 1, 2] });
    const under: number[] = [];
    const picked = Array.from({ length: 12 }, (_, i) => {
      farm.now = i * 1_000;
      if (i > 0 && i % 3 === 0) {
        const oldest = under.shift()!;
        farm.end(oldest, 1_000 * (oldest + 1));
      }
      const backend = farm.send(hashInt(i, 0));
      under.push(backend);
      return backend;
    });
    expect(picked).toEqual(expected);
  });

  it.each(BALANCERS)('$name says whether it draws, and uses the key', (balancer) => {
    const farm = new Farm(balancer.name, { weights: [1, 1, 1, 1] });
    const other = new Farm(balancer.name, { weights: [1, 1, 1, 1] });
    let differs = false;
    for (let i = 0; i < 50; i++) {
      if (farm.pick(hashInt(i, 1)) !== other.pick(hashInt(i, 2))) differs = true;
    }
    expect(differs).toBe(balancer.usesKey);
    const untouched = new Farm(balancer.name, { weights: [1] }).draw.uint32();
    expect(farm.draw.uint32() !== untouched).toBe(balancer.isRandom);
  });
});

describe('round-robin', () => {
  it('gives nobody the turn of those who are not eligible', () => {
    const farm = new Farm('round-robin', { weights: [1, 1, 1, 1] });
    farm.view.eligible[1] = false;
    expect(Array.from({ length: 6 }, () => farm.pick())).toEqual([0, 2, 3, 0, 2, 3]);
  });
});

describe('weighted-round-robin', () => {
  const sequence = (weights: readonly number[], length: number): string => {
    const farm = new Farm('weighted-round-robin', { weights });
    return Array.from({ length }, () => 'abc'[farm.send()]).join('');
  };

  it('gives the heaviest its turns first, as LVS does', () => {
    expect(sequence([5, 1, 1], 14)).toBe('aaaaabcaaaaabc');
    expect(sequence([4, 3, 2], 18)).toBe('aababcabcaababcabc');
  });

  it('gives fractions of a weight their part, over several rounds', () => {
    const farm = new Farm('weighted-round-robin', { weights: [1, 0.25] });
    const picked = Array.from({ length: 100 }, () => farm.send());
    expect(picked.filter((backend) => backend === 1)).toHaveLength(20);
  });

  it('finds the only one left, however little it weighs', () => {
    const farm = new Farm('weighted-round-robin', { weights: [1, 0.000001] });
    farm.view.eligible[0] = false;
    farm.update();
    expect([farm.send(), farm.send(), farm.send()]).toEqual([1, 1, 1]);
  });
});

describe('smooth-weighted-round-robin', () => {
  it('lowers the weight of one that fails, and gives back 1 a pick', () => {
    const farm = new Farm('smooth-weighted-round-robin', {
      weights: [5, 5],
      settings: { maxFails: 2 },
    });
    expect(farm.send()).toBe(0);
    farm.end(0, 1_000, false);
    const { effective } = farm.state as { effective: number[] };
    // 5 - floor(5 / 2), as nginx divides.
    expect(effective).toEqual([3, 5]);
    farm.send();
    expect(effective).toEqual([4, 5]);
    farm.send();
    farm.send();
    expect(effective).toEqual([5, 5]);
  });

  it('takes the whole weight with max_fails 1, and none with 0', () => {
    for (const [maxFails, left] of [
      [1, 0],
      [0, 5],
    ] as const) {
      const farm = new Farm('smooth-weighted-round-robin', {
        weights: [5, 1],
        settings: { maxFails },
      });
      farm.send();
      farm.end(0, 1_000, false);
      expect((farm.state as { effective: number[] }).effective[0]).toBe(left);
      expect(farm.send()).toBe(maxFails === 1 ? 1 : 0);
    }
  });

  it('keeps what failures took as a share when the weight changes', () => {
    const farm = new Farm('smooth-weighted-round-robin', {
      weights: [10, 4],
      settings: { maxFails: 2 },
    });
    farm.send();
    farm.end(0, 1_000, false);
    farm.view.weight = [20, 6];
    farm.update();
    expect((farm.state as { effective: number[] }).effective).toEqual([10, 6]);
  });

  it('keeps the turns of those who stay when another comes', () => {
    const farm = new Farm('smooth-weighted-round-robin', { weights: [3, 1] });
    farm.pick();
    expect((farm.state as { current: number[] }).current).toEqual([-1, 1]);
    farm.identities = [99, 20, 10];
    Object.assign(farm.view, { count: 3, weight: [1, 1, 3], active: [0, 0, 0] });
    farm.view.eligible = [true, true, true];
    farm.update();
    expect((farm.state as { current: number[] }).current).toEqual([0, 1, -1]);
  });
});

describe('least-connections', () => {
  it('compares requests by weight', () => {
    const farm = new Farm('least-connections', { weights: [1, 3] });
    farm.view.active = [2, 5];
    expect(farm.pick()).toBe(1);
    farm.view.active = [1, 4];
    expect(farm.pick()).toBe(0);
  });

  it('lets those that tie take turns by weight', () => {
    const farm = new Farm('least-connections', { weights: [2, 1, 1] });
    farm.view.active = [2, 1, 5];
    expect(Array.from({ length: 6 }, () => farm.pick())).toEqual([0, 1, 0, 0, 1, 0]);
  });
});

describe('power-of-d', () => {
  const busierOf = (withReplacement: boolean): number => {
    const farm = new Farm('power-of-d', { weights: [1, 1], settings: { withReplacement } });
    farm.view.active = [1, 0];
    let busier = 0;
    for (let i = 0; i < 40_000; i++) if (farm.pick() === 0) busier++;
    return busier / 40_000;
  };

  it('picks the busier of two hosts a quarter of the time, as Envoy says of its own', () => {
    // 4 standard errors.
    expect(Math.abs(busierOf(true) - 0.25)).toBeLessThan(4 * Math.sqrt(0.1875 / 40_000));
  });

  it('never does when it draws without replacement', () => {
    expect(busierOf(false)).toBe(0);
  });

  it('keeps the first drawn when they tie', () => {
    const farm = new Farm('power-of-d', { weights: [1, 1, 1, 1], seed: 8 });
    const { draw } = new Farm('random', { weights: [1], seed: 8 });
    for (let i = 0; i < 50; i++) {
      expect(farm.pick()).toBe(draw.below(4));
      draw.below(4);
    }
  });

  it('finds the idlest when it compares all', () => {
    const settings = { withReplacement: false, choiceCount: 5 };
    const farm = new Farm('power-of-d', { weights: [1, 1, 1, 1, 1], settings });
    farm.view.active = [3, 2, 4, 1, 5];
    for (let i = 0; i < 20; i++) expect(farm.pick()).toBe(3);
    farm.view.eligible[3] = false;
    farm.update();
    for (let i = 0; i < 20; i++) expect(farm.pick()).toBe(1);
  });

  it('with unequal weights gives a busy host fewer turns', () => {
    const shareOfFirst = (active: number[], activeRequestBias: number): number => {
      const farm = new Farm('power-of-d', { weights: [3, 1], settings: { activeRequestBias } });
      farm.view.active = active;
      let first = 0;
      for (let i = 0; i < 4_000; i++) if (farm.pick() === 0) first++;
      return first / 4_000;
    };
    expect(shareOfFirst([0, 0], 1)).toBeCloseTo(3 / 4, 2);
    expect(shareOfFirst([2, 0], 1)).toBeCloseTo(1 / 2, 2);
    expect(shareOfFirst([2, 0], 0)).toBeCloseTo(3 / 4, 2);
    expect(shareOfFirst([8, 0], 0.5)).toBeCloseTo(1 / 2, 2);
  });

  it('keeps its schedule when it is told of changes before every pick', () => {
    const farm = new Farm('power-of-d', { weights: [3, 1] });
    let first = 0;
    for (let i = 0; i < 400; i++) {
      farm.update();
      if (farm.pick() === 0) first++;
    }
    expect(first).toBe(300);
  });

  it('does not let one that comes back make up for the turns it missed', () => {
    const farm = new Farm('power-of-d', { weights: [2, 1, 1] });
    farm.view.eligible[2] = false;
    farm.update();
    for (let i = 0; i < 999; i++) expect(farm.pick()).not.toBe(2);
    farm.view.eligible[2] = true;
    farm.update();
    const picks = Array.from({ length: 40 }, () => farm.pick());
    const turns = [0, 1, 2].map((at) => picks.filter((backend) => backend === at).length);
    for (const [at, wanted] of [20, 10, 10].entries()) {
      expect(Math.abs(turns[at]! - wanted)).toBeLessThanOrEqual(1);
    }
  });
});

describe('least-response-time', () => {
  const averageOf = (farm: Farm): number[] =>
    (farm.state as { averageMicros: number[] }).averageMicros;

  it('takes a slower answer at once and a faster one slowly', () => {
    const farm = new Farm('least-response-time', { weights: [1] });
    farm.send();
    farm.end(0, 10_000);
    expect(averageOf(farm)).toEqual([10_000]);
    farm.view.active[0]! += 1;
    // One decay time later: 1 / e of the old, the rest new.
    farm.now = 10_000_000;
    farm.end(0, 1_000);
    expect(averageOf(farm)[0]).toBeCloseTo(10_000 / Math.E + 1_000 * (1 - 1 / Math.E), 6);
    farm.view.active[0]! += 1;
    farm.end(0, 50_000);
    expect(averageOf(farm)).toEqual([50_000]);
  });

  it('forgives an idle backend: asking for the cost lets the average decay', () => {
    const farm = new Farm('least-response-time', { weights: [1] });
    farm.send();
    farm.end(0, 10_000);
    farm.now = 10_000_000;
    farm.pick();
    expect(averageOf(farm)[0]).toBeCloseTo(10_000 / Math.E, 6);
  });

  it('tries each unknown backend once, and shuns it until it answers', () => {
    const farm = new Farm('least-response-time', {
      weights: [1, 1, 1],
      settings: { choiceCount: 3 },
    });
    farm.send();
    farm.end(0, 1_000);
    farm.view.active = [3, 0, 1];
    farm.state = { ...(farm.state as object), averageMicros: [1_000, 0, 0] };
    expect(farm.send()).toBe(1);
    // Both others are unknown and under way: the one known costs 4 ms.
    expect(farm.send()).toBe(0);
  });

  it('multiplies latency by load', () => {
    const farm = new Farm('least-response-time', { weights: [1, 1] });
    farm.state = { ...(farm.state as object), averageMicros: [1_000, 3_000] };
    farm.view.active = [3, 0];
    expect(farm.pick()).toBe(1);
    farm.view.active = [1, 0];
    expect(farm.pick()).toBe(0);
  });
});

describe('maglev', () => {
  it('builds its table anew for those who are well', () => {
    const owners = (farm: Farm): (number | undefined)[] =>
      Array.from({ length: 400 }, (_, key) => farm.identities[farm.pick(hashInt(key, 1))]);
    const farm = new Farm('maglev', { weights: [1, 1, 1, 1] });
    const all = owners(farm);
    farm.view.eligible[1] = false;
    farm.update();
    const gone = new Farm('maglev', { weights: [1, 1, 1], identities: [10, 30, 40] });
    expect(owners(farm)).toEqual(owners(gone));
    farm.view.eligible[1] = true;
    farm.update();
    expect(owners(farm)).toEqual(all);
  });
});

describe('bounded-load', () => {
  it('leaves the owner of a hot key when it is 25 % above the mean', () => {
    const farm = new Farm('bounded-load', { weights: [1, 1, 1, 1] });
    const plain = new Farm('ring-hash', { weights: [1, 1, 1, 1] });
    const key = hashInt(5, 5);
    const owner = plain.pick(key);
    const picks = Array.from({ length: 40 }, () => farm.send(key));
    expect(picks[0]).toBe(owner);
    expect(Math.max(...farm.view.active)).toBe(Math.ceil((1.25 * 40) / 4));
    expect(Array.from({ length: 40 }, () => plain.send(key))).toEqual(new Array(40).fill(owner));
  });
});

describe('a hashing as a balancer', () => {
  const moved = (name: string): number => {
    const farm = new Farm(name, { weights: [1, 1, 1, 1, 1] });
    const keys = Array.from({ length: 4_000 }, (_, i) => hashInt(i, 3));
    const before = keys.map((key) => farm.pick(key));
    farm.view.eligible[2] = false;
    farm.update();
    const kept = keys.filter((key, i) => before[i] !== 2 && farm.pick(key) === before[i]);
    const others = before.filter((backend) => backend !== 2);
    return 1 - kept.length / others.length;
  };

  it('moves only the keys of one that falls out, but a modulus moves nearly all', () => {
    // Of the keys of the four that stay, a modulus of 4 instead of 5 leaves one in four or so.
    expect(moved('modulo')).toBeGreaterThan(0.7);
    expect(moved('rendezvous')).toBe(0);
    // One in the middle: those behind it shift.
    expect(moved('jump')).toBeGreaterThan(0);
    expect(moved('ring-hash')).toBe(0);
  });
});
