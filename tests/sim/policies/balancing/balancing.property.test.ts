import { describe, expect, it } from 'vitest';
import { clonePlain } from '../../../../src/sim/kernel/clone.ts';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import { BALANCERS } from '../../../../src/sim/policies/balancing/index.ts';
import { boundedCapacity } from '../../../../src/sim/policies/balancing/bounded-load.ts';
import { hashInt } from '../../../../src/sim/policies/hashing/hash-int.ts';
import { forSeeds, randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';
import { Farm } from './support/farm.ts';

const FEW = { tableSize: 251, pointsPerWeight: 20 };
const names = BALANCERS.map(({ name }) => name);

/** Members come, go and change places; weights and eligibility change. */
function change(farm: Farm, random: Random, nextIdentity: number): void {
  const { view } = farm;
  if (random.chance(30)) {
    farm.identities.push(nextIdentity);
    view.weight.push(random.int(4));
    view.eligible.push(random.chance(80));
    view.active.push(0);
  } else if (random.chance(30) && view.weight.length > 0) {
    const at = random.int(view.weight.length);
    for (const list of [farm.identities, view.weight, view.eligible, view.active]) {
      list.splice(at, 1);
    }
  }
  for (let i = 0; i < view.weight.length; i++) {
    if (random.chance(20)) view.weight[i] = random.int(5) / 2;
    if (random.chance(30)) view.eligible[i] = random.chance(60);
  }
  view.count = view.weight.length;
  farm.update();
}

function randomFarm(name: string, random: Random, seed: number): Farm {
  const weights = Array.from({ length: 1 + random.int(8) }, () => random.int(4));
  const withReplacement = random.chance(50);
  const settings = { ...FEW, withReplacement, choiceCount: 1 + random.int(4) };
  return new Farm(name, { weights, seed, settings });
}

/** A step of a run: requests end, one is sent, and now and then the members change. */
function step(farm: Farm, random: Random, i: number): number {
  farm.now += random.int(50_000);
  const { view } = farm;
  if (random.chance(10)) change(farm, random, 1_000 + i);
  for (let at = 0; at < view.count; at++) {
    if (view.active[at]! > 0 && random.chance(25)) {
      farm.end(at, random.int(20_000), random.chance(90));
    }
  }
  return farm.send(hashInt(i, 11));
}

describe.each(names)('%s', (name) => {
  it('never picks one that is not eligible, and finds one if there is any', () => {
    forSeeds(30, import.meta.url, (seed, random) => {
      const farm = randomFarm(name, random, seed);
      for (let i = 0; i < 200; i++) {
        const { view } = farm;
        // Health may have changed since the policy was told.
        if (random.chance(20) && view.count > 0) {
          const at = random.int(view.count);
          view.eligible[at] = !view.eligible[at];
        }
        const usable = view.weight.map((weight, at) => weight > 0 && view.eligible[at]!);
        const backend = farm.pick(hashInt(i, seed));
        if (backend < 0) {
          expect(usable.includes(true)).toBe(false);
        } else expect(usable[backend]).toBe(true);
        step(farm, random, i);
      }
    });
  });

  it('repeats itself, and goes on from a copy of its state taken at any moment', () => {
    forSeeds(20, import.meta.url, (seed, random) => {
      const script = random.int(1 << 30);
      const cut = random.int(150);
      const run = (copyAt: number): number[] => {
        const own = randomOf(script);
        const farm = randomFarm(name, own, seed);
        return Array.from({ length: 150 }, (_, i) => {
          if (i === copyAt) {
            const before = farm.state;
            farm.state = clonePlain(farm.state);
            // What goes on with the original must not reach the copy.
            const draw = new StreamBank(99).stream('other');
            for (let extra = 0; extra < 5; extra++) {
              const { view, now } = farm;
              const active = view.active.map((n) => n + extra);
              farm.balancer.pick(before, { ...view, active }, extra, now + extra * 1_000, draw);
            }
          }
          return step(farm, own, i);
        });
      };
      const expected = run(-1);
      expect(run(-1)).toEqual(expected);
      expect(run(cut)).toEqual(expected);
    });
  });
});

/** Sends of a farm whose requests all end at once, or which keeps a number under way. */
function sharesOf(farm: Farm, requests: number, underWay: number, random: Random): number[] {
  const counts = farm.view.weight.map(() => 0);
  const under: number[] = [];
  for (let i = 0; i < requests; i++) {
    const backend = farm.send(hashInt(i, 3));
    counts[backend]! += 1;
    under.push(backend);
    if (under.length > underWay) {
      const [ended] = under.splice(random.int(under.length), 1);
      farm.end(ended!);
    }
  }
  return counts.map((count) => count / requests);
}

describe('in the long run', () => {
  /** By policy: how far a share may be off, relatively; weights that the policy heeds. */
  const HEED: readonly (readonly [string, number, number])[] = [
    ['smooth-weighted-round-robin', 0, 0.001],
    ['weighted-round-robin', 0, 0.001],
    ['weighted-random', 0, 0.06],
    ['power-of-d', 0, 0.002],
    ['least-connections', 400, 0.06],
    ['ring-hash', 0, 0.25],
    ['maglev', 0, 0.06],
    ['bounded-load', 40, 0.25],
  ];

  it.each(HEED)('%s gives shares by weight', (name, underWay, off) => {
    forSeeds(3, import.meta.url, (seed, random) => {
      const weights = [1, 2, 3, 4];
      const farm = new Farm(name, { weights, seed });
      const shares = sharesOf(farm, 20_000, underWay, random);
      for (const [i, weight] of weights.entries()) {
        expect(Math.abs(shares[i]! / (weight / 10) - 1), `${i}`).toBeLessThanOrEqual(off);
      }
    });
  });

  it.each(['round-robin', 'random', 'power-of-d', 'least-response-time'])(
    '%s gives equal weights equal shares, and those who are away none',
    (name) => {
      forSeeds(3, import.meta.url, (seed, random) => {
        const farm = new Farm(name, { weights: [1, 1, 1, 1, 1], seed });
        farm.view.eligible[2] = false;
        farm.update();
        const shares = sharesOf(farm, 20_000, 8, random);
        expect(shares[2]).toBe(0);
        for (const at of [0, 1, 3, 4]) expect(Math.abs(shares[at]! * 4 - 1)).toBeLessThan(0.08);
      });
    },
  );
});

describe('keys', () => {
  it.each(['ring-hash', 'maglev', 'bounded-load'])(
    '%s finds the same backend wherever it stands in the list',
    (name) => {
      forSeeds(10, import.meta.url, (seed, random) => {
        const identities = Array.from({ length: 6 }, () => random.int(1 << 30));
        const weights = identities.map(() => 1 + random.int(3));
        const farm = new Farm(name, { weights, identities, settings: FEW });
        const turned = new Farm(name, {
          weights: weights.toReversed(),
          identities: identities.toReversed(),
          settings: FEW,
        });
        for (let key = 0; key < 200; key++) {
          const hash = hashInt(key, seed);
          const here = farm.identities[farm.send(hash)];
          expect(turned.identities[turned.send(hash)]).toBe(here);
        }
      });
    },
  );

  it('ring-hash passes over a backend as if it had left', () => {
    forSeeds(10, import.meta.url, (seed) => {
      const weights = [1, 1, 1, 1, 1];
      const ill = new Farm('ring-hash', { weights });
      ill.view.eligible[2] = false;
      const gone = new Farm('ring-hash', { weights: [1, 1, 1, 1], identities: [10, 20, 40, 50] });
      for (let key = 0; key < 300; key++) {
        const hash = hashInt(key, seed);
        expect(ill.identities[ill.pick(hash)]).toBe(gone.identities[gone.pick(hash)]);
      }
    });
  });
});

describe('bounded-load', () => {
  it('keeps every backend within ceil(c * m * w / W), whatever the keys', () => {
    forSeeds(40, import.meta.url, (seed, random) => {
      const balanceFactor = random.pick([1, 1.1, 1.25, 2]);
      const weights = Array.from({ length: 1 + random.int(10) }, () => 1 + random.int(3));
      const farm = new Farm('bounded-load', { weights, settings: { ...FEW, balanceFactor } });
      const hot = hashInt(seed, 1);
      let sum = 0;
      for (const weight of weights) sum += weight;
      for (let sent = 1; sent <= 300; sent++) {
        const backend = farm.send(random.chance(70) ? hot : hashInt(sent, seed));
        // Only arrivals: the bound holds for every backend at every moment.
        for (const [at, weight] of weights.entries()) {
          const most = boundedCapacity(balanceFactor, sent, weight / sum);
          expect(farm.view.active[at]).toBeLessThanOrEqual(most);
        }
        expect(backend).toBeGreaterThanOrEqual(0);
      }
    });
  });

  it('holds the bound at each pick while requests come and go', () => {
    forSeeds(40, import.meta.url, (seed, random) => {
      const farm = randomFarm('bounded-load', random, seed);
      for (let i = 0; i < 200; i++) {
        const backend = step(farm, random, i);
        if (backend < 0) continue;
        const { view } = farm;
        let requests = 0;
        let sum = 0;
        for (let at = 0; at < view.count; at++) {
          if (!view.eligible[at] || view.weight[at] === 0) continue;
          requests += view.active[at]!;
          sum += view.weight[at]!;
        }
        const most = boundedCapacity(1.25, requests, view.weight[backend]! / sum);
        expect(view.active[backend]).toBeLessThanOrEqual(most);
      }
    });
  });
});
