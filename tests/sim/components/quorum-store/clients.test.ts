/** The clients of the catalogue against a quorum store: what they hand back, what they are told. */
import { describe, expect, it } from 'vitest';
import { kvClient } from '../../../../src/sim/components/kv-client/kv-client.ts';
import type { KvClientState } from '../../../../src/sim/components/kv-client/state.ts';
import { quorumStore } from '../../../../src/sim/components/quorum-store/quorum-store.ts';
import type { QuorumStoreState } from '../../../../src/sim/components/quorum-store/state.ts';
import { preferenceList, tokenOf } from '../../../../src/sim/protocols/quorum/preference-list.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { Bench } from '../support/bench.ts';

const groupsOf = (config: object, clients: object) => [
  { name: 'n', component: quorumStore.component, count: 5, config: { ...config } },
  {
    name: 'c',
    component: kvClient.component,
    count: 2,
    links: { servers: 'n' },
    config: { thinkMs: 5, ...clients },
  },
];

const cellsOf = (bench: Bench, name: string) =>
  (bench.node(name).state as QuorumStoreState).store.cells;

describe('a client of a quorum store', () => {
  it('hands back the context of what it read, so that siblings go away again', () => {
    const bench = new Bench({
      groups: groupsOf({ conflicts: 'version-vectors' }, { keys: 3, stopMs: 4_000 }),
    });
    bench.ms(5_000);
    const client = bench.node('c1').state as KvClientState;
    expect(client.ok).toBeGreaterThan(200);
    expect(client.fail + client.unknown).toBe(0);
    expect(client.contexts.size).toBe(3);
    const written = bench.sent('kv.put').length;
    const most = ['n1', 'n2', 'n3', 'n4', 'n5'].map((name) =>
      Math.max(0, ...[...cellsOf(bench, name).values()].map((cell) => cell.versions.length)),
    );
    // Each of a few hundred writes would be a sibling for ever.
    expect(written).toBeGreaterThan(200);
    expect(Math.max(...most)).toBeLessThan(20);
  });

  it('leaves replicas that agree once everything is healed', () => {
    forSeeds(4, import.meta.url, (seed, random) => {
      const conflicts = random.int(2) === 0 ? 'version-vectors' : 'last-write-wins';
      const bench = new Bench({
        seed,
        groups: groupsOf(
          { conflicts, antiEntropyMs: 2_000, sloppyQuorum: random.int(2) === 0 },
          { keys: 6, stopMs: 6_000 },
        ),
      });
      for (let round = 0; round < 4; round++) {
        const name = `n${1 + random.int(5)}`;
        const isCut = random.int(2) === 0;
        const id = `trouble ${round}`;
        if (isCut) bench.inject(id, { type: 'partition', groups: [[name]] });
        else bench.inject(id, { type: 'pause', target: name });
        bench.after(random.between(100, 1_500)).undo(id);
      }
      bench.ms(45_000);
      const byKey = new Map<string, unknown[]>();
      for (const name of ['n1', 'n2', 'n3', 'n4', 'n5']) {
        const { config, store } = bench.node(name).state as QuorumStoreState;
        expect(store.hints.size).toBe(0);
        for (const [key, cell] of store.cells) {
          const list = preferenceList(config, tokenOf(key), config.n);
          if (!list.includes(bench.index(name))) continue;
          byKey.set(key, [...(byKey.get(key) ?? []), cell]);
        }
      }
      expect(byKey.size).toBe(6);
      for (const cells of byKey.values()) {
        expect(cells).toHaveLength(3);
        for (const cell of cells) expect(cell).toEqual(cells[0]);
      }
    });
  });
});
