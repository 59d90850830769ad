/** What the last write is: by the wall clock of its coordinator, or by a hybrid clock. */
import { describe, expect, it } from 'vitest';
import { Session } from 'faultline';
import type { Plan } from 'faultline';
import type { QuorumStoreConfig } from '../../../../src/sim/components/quorum-store/config.ts';
import { DONE, StoreBench } from './support.ts';
import { specOf } from '../../../support/plans.ts';

const BEHIND_MS = -60_000;

function skewed(config: Partial<QuorumStoreConfig>): StoreBench {
  const bench = new StoreBench({ config });
  return bench.inject('skew', { type: 'clock-jump', target: 'n2', byMs: BEHIND_MS });
}

const stampOf = (bench: StoreBench, name: string, key: string) => {
  const { wallMicros, count } = bench.state(name).store.cells.get(key)!.versions[0]!;
  return { l: wallMicros, c: count };
};

describe('a coordinator whose clock is behind', () => {
  it.each([
    ['physical', 1],
    ['hybrid', 2],
  ] as const)('with a %s clock: after 1 and then 2, %i is read', (clock, value) => {
    const bench = skewed({ clock });
    expect(bench.write('n1', 'x', 1)).toEqual(DONE);
    expect(bench.write('n2', 'x', 2)).toEqual(DONE);
    expect(bench.read('n3', 'x')).toBe(value);
  });

  it('with a hybrid clock stamps no further ahead than the furthest of all, and counts', () => {
    const bench = skewed({ clock: 'hybrid' });
    bench.write('n1', 'x', 1);
    const { l, c } = stampOf(bench, 'n3', 'x');
    expect(c).toBe(0);
    bench.write('n2', 'x', 2);
    const after = stampOf(bench, 'n3', 'x');
    expect(after.l).toBe(l);
    expect(after.c).toBeGreaterThan(0);
    // Who has the furthest clock goes on by it.
    bench.write('n1', 'x', 3);
    const again = stampOf(bench, 'n3', 'x');
    expect(again.l).toBeGreaterThan(l);
    expect(again.c).toBe(0);
  });

  it('with a hybrid clock knows from its disk what it had seen before a crash', () => {
    for (const [clock, value] of [
      ['physical', 1],
      ['hybrid', 2],
    ] as const) {
      const bench = skewed({ clock, commitLogSync: 'batch' });
      bench.write('n1', 'x', 1);
      bench.after(1_000).crash('n2').after(1_000).restart('n2').after(1_000);
      bench.write('n2', 'x', 2);
      expect(bench.read('n3', 'x'), clock).toBe(value);
    }
  });

  it('with a hybrid clock still loses to a write that it has not seen', () => {
    const bench = skewed({ clock: 'hybrid', writeConsistency: 'one', readConsistency: 'all' });
    bench.cut('n1', 'a1');
    expect(bench.write('n1', 'x', 1)).toEqual(DONE);
    bench.heal('n1', 'a1').cut('n1');
    expect(bench.write('n2', 'x', 2)).toEqual(DONE);
    bench.heal('n1').after(15_000);
    expect(bench.read('n3', 'x')).toBe(1);
  });
});

describe('a hybrid clock', () => {
  it('goes on where the wall clock of its own node is set back', () => {
    const bench = new StoreBench({ config: { clock: 'hybrid' } });
    bench.write('n1', 'x', 1);
    bench.inject('back', { type: 'clock-jump', target: 'n1', byMs: BEHIND_MS });
    for (const value of [2, 3, 4]) bench.write('n1', 'x', value);
    expect(bench.read('n2', 'x')).toBe(4);
  });

  it.each(['version-vectors', 'lww-register', 'g-counter'] as const)(
    'is refused where no stamp decides, or none of its own: %s',
    (conflicts) => {
      const document = (clock: 'physical' | 'hybrid'): Plan => ({
        title: 'Stores',
        summary: 'Three of them.',
        durationMs: 10,
        network: { latency: { kind: 'constant', ms: 1 } },
        groups: [{ name: 'n', component: 'quorum-store', count: 3, config: { clock, conflicts } }],
        faults: [],
        checks: [],
        story: [],
      });
      const start = (clock: 'physical' | 'hybrid') => (): unknown =>
        new Session(specOf(document(clock)));
      expect(start('physical')).not.toThrow();
      expect(start('hybrid')).toThrow(`clock is hybrid, but conflicts is ${conflicts}`);
    },
  );
});
