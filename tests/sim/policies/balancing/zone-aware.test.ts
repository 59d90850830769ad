/** How much of its requests a zone keeps, as Envoy computes it. */
import { describe, expect, it } from 'vitest';
import { zoneRouting } from '../../../../src/sim/policies/balancing/zone-aware.ts';

const short = { balancers: [1, 1, 1], backends: [1, 3, 3], ownZone: 0 };

describe('the routing of a zone', () => {
  it('keeps its part: a seventh of the backends for a third of the balancers', () => {
    const { kind, ownShare } = zoneRouting(short, 6);
    // Floors of ten thousandths: 1428 of 3333.
    expect([kind, ownShare]).toEqual(['residual', 4_284]);
  });

  it('keeps everything where that is forced and it has backends enough', () => {
    expect(zoneRouting(short, 6, 1)).toMatchObject({ kind: 'direct', ownShare: 10_000 });
    expect(zoneRouting(short, 6, 2).kind).toBe('residual');
    expect(zoneRouting({ ...short, backends: [0, 3, 3] }, 6, 1).kind).toBe('residual');
  });

  it('does not count zones of a small cluster, forced or not', () => {
    expect(zoneRouting(short, 8, 1).kind).toBe('none');
  });
});
