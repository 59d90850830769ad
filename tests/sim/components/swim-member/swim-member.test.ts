/** SWIM while running: detection, refutation, restarts, and what each rule is for. */
import type { GroupPlan } from 'faultline';
import { describe, expect, it } from 'vitest';
import type {
  SwimFact,
  SwimMemberState,
} from '../../../../src/sim/components/swim-member/swim-member.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { Bench } from '../support/bench.ts';

const group = (count: number, config: object = {}): GroupPlan => ({
  name: 'm',
  component: 'swim-member',
  count,
  config: { ...config },
});
const bench = (count: number, config: object = {}, off: string[] = [], seed = 1): Bench =>
  new Bench({ groups: [group(count, config)], components: [], ablations: off, seed });
const swimOf = (b: Bench, name: string) => (b.node(name).state as SwimMemberState).swim;
const statusAt = (b: Bench, at: string, of: string) => swimOf(b, at).peers.get(b.index(of))?.status;
const names = (count: number) => Array.from({ length: count }, (_, i) => `m${i + 1}`);

describe('a SWIM group without faults', () => {
  it('suspects nobody, and each member sends as much however many there are', () => {
    const perMember = [4, 12, 36].map((count) => {
      const b = bench(count).ms(30_000);
      expect(b.told('swim.suspect')).toEqual([]);
      return b.sent('swim.ping').length / count;
    });
    for (const sent of perMember) expect(Math.abs(sent - 30)).toBeLessThanOrEqual(1);
  });

  it('probes each other member once in each pass, so never later than 2n - 1 periods', () => {
    const count = 9;
    const gapMax = (off: string[]): number => {
      const b = bench(count, {}, off).ms(300_000);
      const last = new Map<string, number>();
      let most = 0;
      for (const { from, to, atMicros } of b.sent('swim.ping')) {
        const pair = `${from}-${to}`;
        most = Math.max(most, atMicros - (last.get(pair) ?? 0));
        last.set(pair, atMicros);
      }
      return Math.round(most / 1_000_000);
    };
    expect(gapMax([])).toBeLessThanOrEqual(2 * count - 1);
    expect(gapMax(['swim.round-robin'])).toBeGreaterThan(2 * count - 1);
  });
});

describe('a member that crashes', () => {
  it('is suspected, then dead, for all others', () => {
    forSeeds(5, import.meta.url, (seed) => {
      const b = bench(8, {}, [], seed).ms(5_000);
      b.inject('gone', { type: 'crash', target: 'm3' }).ms(60_000);
      for (const name of names(8)) {
        if (name !== 'm3') expect(statusAt(b, name, 'm3'), name).toBe('dead');
      }
      const [suspected] = b.told<SwimFact>('swim.suspect');
      const [dead] = b.told<SwimFact>('swim.dead');
      // 4 periods is the shortest suspicion.
      expect(dead!.atMicros - suspected!.atMicros).toBeGreaterThanOrEqual(4_000_000 - 1);
    });
  });

  it('and comes back, refutes its death and is alive for all', () => {
    const b = bench(6).ms(3_000);
    b.inject('gone', { type: 'crash', target: 'm2' }).ms(60_000).undo('gone').ms(120_000);
    expect(b.told('swim.refuted', 'm2').length).toBeGreaterThan(0);
    for (const name of names(6)) {
      if (name !== 'm2') expect(statusAt(b, name, 'm2'), name).toBe('alive');
      if (name !== 'm2') expect(statusAt(b, 'm2', name), name).toBe('alive');
    }
  });

  it('is declared dead without suspicion as soon as a period is over', () => {
    const b = bench(8, {}, ['swim.suspicion']).ms(5_000);
    b.inject('gone', { type: 'crash', target: 'm3' }).ms(30_000);
    expect(b.told('swim.suspect')).toEqual([]);
    expect(b.told('swim.dead').length).toBe(7);
  });
});

describe('a member that stands still for three seconds', () => {
  const paused = (off: string[], seed: number): Bench => {
    const b = bench(8, {}, off, seed).ms(5_000);
    return b.inject('nap', { type: 'pause', target: 'm5' }).ms(8_000).undo('nap').ms(90_000);
  };

  it('is suspected, refutes, and dies for nobody', () => {
    forSeeds(5, import.meta.url, (seed) => {
      const b = paused([], seed);
      expect(b.told('swim.suspect').length).toBeGreaterThan(0);
      expect(b.told('swim.refuted', 'm5').length).toBeGreaterThan(0);
      expect(b.told<SwimFact>('swim.dead').filter(({ fact }) => isOf(fact, b.index('m5')))).toEqual(
        [],
      );
    });
  });

  it('is dead for others without suspicion', () => {
    expect(paused(['swim.suspicion'], 1).told('swim.dead').length).toBeGreaterThan(0);
  });

  it('stays dead for others without refutation, although it answers', () => {
    const b = paused(['swim.refutation'], 1);
    expect(b.told('swim.refuted')).toEqual([]);
    expect(names(8).some((name) => name !== 'm5' && statusAt(b, name, 'm5') === 'dead')).toBe(true);
    expect(b.node('m5').state).not.toBeNull();
  });
});

const isOf = (fact: SwimFact, node: number): boolean => 'node' in fact && fact.node === node;

describe('one bad link', () => {
  const cut = (off: string[]): number => {
    const b = bench(6, {}, off).ms(2_000);
    return b.inject('cut', { type: 'cut-link', a: 'm1', b: 'm2' }).ms(60_000).told('swim.suspect')
      .length;
  };

  it('is gone round by indirect probes: nobody is suspected', () => {
    expect(cut([])).toBe(0);
  });

  it('makes its ends suspect each other without them', () => {
    expect(cut(['swim.indirect-probes'])).toBeGreaterThan(5);
  });
});

describe('what members hold', () => {
  it('never is a later incarnation than the member has, nor one that goes back', () => {
    forSeeds(3, import.meta.url, (seed, random) => {
      const b = bench(7, { probeIntervalMs: 200, probeTimeoutMs: 60 }, [], seed);
      b.inject('loss', { type: 'loss', probability: 0.2 });
      const seen = new Map<string, number>();
      let refuted = 0;
      for (let round = 0; round < 40; round++) {
        const name = `m${random.between(1, 7)}`;
        b.inject(`p${round}`, { type: 'pause', target: name });
        b.after(random.between(50, 900)).undo(`p${round}`).after(200);
        for (const at of names(7)) {
          for (const [node, peer] of swimOf(b, at).peers) {
            const own = (b.parts.host.node(node).state as SwimMemberState).swim;
            expect(peer.incarnation).toBeLessThanOrEqual(own.incarnation);
            const key = `${at}/${node}`;
            expect(peer.incarnation).toBeGreaterThanOrEqual(seen.get(key) ?? 0);
            seen.set(key, peer.incarnation);
            expect(swimOf(b, at).suspicions.has(node)).toBe(peer.status === 'suspect');
          }
        }
        refuted = b.told('swim.refuted').length;
      }
      expect(refuted).toBeGreaterThan(0);
      b.undo('loss').after(120_000);
      for (const at of names(7)) {
        for (const peer of swimOf(b, at).peers.values()) expect(peer.status).toBe('alive');
      }
    });
  });
});
