/** Where replicas go: the shape of the stripes, since their beginnings are drawn. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import { placeReplicas } from '../../../../src/sim/policies/placement/index.ts';
import type { PlacedBroker } from '../../../../src/sim/policies/placement/index.ts';
import { seedsOf } from '../../../support/seeds.ts';

/** "a a b! -": brokers 0, 1, 2, 3 in racks a, a, b (fenced) and none. */
function brokersOf(text: string): PlacedBroker[] {
  return text.split(' ').map((word, id) => {
    const name = word.replace('!', '');
    return { id, rack: name === '-' ? null : name, isFenced: word.endsWith('!') };
  });
}

function place(text: string, partitions: number, factor: number, seed: number) {
  const draw = new StreamBank(seed).stream('placement');
  const placed = placeReplicas(brokersOf(text), partitions, factor, draw);
  if (!placed.ok) throw new Error(placed.why);
  return placed.replicas;
}

const everySeed = (judge: (seed: number) => void) => seedsOf(100).forEach(judge);

describe('replicas', () => {
  it('of one rack are stripes, until each broker has led; then they are shuffled', () => {
    const beginnings = new Set<number>();
    let repeated = 0;
    everySeed((seed) => {
      const replicas = place('- - - -', 5, 3, seed);
      const first = replicas[0]![0]!;
      beginnings.add(first);
      const stripes = [0, 1, 2, 3].map((row) =>
        [0, 1, 2].map((column) => (first + row + column) % 4),
      );
      expect(replicas.slice(0, 4), `seed ${seed}`).toEqual(stripes);
      expect(new Set(replicas[4]).size, `seed ${seed}`).toBe(3);
      if (replicas[4]!.join() === replicas[0]!.join()) repeated += 1;
    });
    expect(beginnings.size).toBe(4);
    // One in 24 by chance; unshuffled, every time.
    expect(repeated).toBeLessThan(20);
  });

  it('of three racks of three are in all of them, and leaders go round', () => {
    everySeed((seed) => {
      const rackOf = (broker: number) => Math.floor(broker / 3);
      const replicas = place('a a a b b b c c c', 9, 3, seed);
      for (const row of replicas) {
        expect(row.map(rackOf).sort(), `seed ${seed}`).toEqual([0, 1, 2]);
      }
      const leaders = replicas.map((row) => rackOf(row[0]!));
      leaders.forEach((rack, i) => {
        if (i > 0) expect(rack, `seed ${seed}`).toBe((leaders[i - 1]! + 1) % 3);
      });
    });
  });

  it('are on as many brokers as there are replicas, also when racks run out', () => {
    everySeed((seed) => {
      for (const row of place('a a a b c! -', 8, 6, seed)) {
        expect([...row].sort(), `seed ${seed}`).toEqual([0, 1, 2, 3, 4, 5]);
      }
    });
  });

  it('are never led by a fenced broker, which is taken only if its rack has no other', () => {
    everySeed((seed) => {
      for (const row of place('a a! b! c!', 6, 2, seed)) {
        expect(row[0], `seed ${seed}`).toBe(0);
        expect(row[1], `seed ${seed}`).toBeGreaterThan(1);
      }
    });
  });

  it.each([
    ['a! b!', 1, 'All brokers are currently fenced.'],
    ['a b', 3, '3 replicas need as many brokers, but 2 are registered.'],
    ['a b', 0, 'A replication factor of 0 leaves no replica.'],
  ])('on %s with a factor of %i are refused', (text, factor, why) => {
    const draw = new StreamBank(1).stream('placement');
    expect(placeReplicas(brokersOf(text), 1, factor, draw)).toEqual({
      ok: false,
      error: 'INVALID_REPLICATION_FACTOR',
      why,
    });
  });
});
