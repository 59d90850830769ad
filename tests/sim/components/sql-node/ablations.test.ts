/** Each rule of primary-replica replication breaks its property when it is off, and only that. */
import { describe, expect, it } from 'vitest';
import { REPLICA_RULES } from '../../../../src/sim/protocols/primary-replica/rules.ts';
import type { ReplicaAblation } from '../../../../src/sim/protocols/primary-replica/rules.ts';
import { JudgedBench } from './support.ts';
import type { Property, SqlPlan } from './support.ts';

interface Case {
  readonly plan: SqlPlan;
  readonly play: (bench: JudgedBench) => void;
  readonly breaks: Property;
  /** Runs of which at least one must break. */
  readonly seeds?: number;
}

const KEEPER = {
  dcs: true,
  config: { replication: 'synchronous', synchronousMode: true },
} as const;
const SLOW_DISK = { fsync: { kind: 'constant', ms: 50 } } as const;

/** The primary and its clients are cut off, somebody else takes over, and all is healed. */
function isolatePrimary(bench: JudgedBench): void {
  bench.ms(25_000);
  bench.writes('n1', 3);
  expect(bench.acknowledged).toHaveLength(3);
  bench.cut('n1', 'a1').writes('n1', 2).ms(75_000).writes('n1', 1);
  bench.heal('n1', 'a1');
  const [next] = bench.primaries.filter((name) => name !== 'n1');
  bench.writes(next!, 1);
  bench.ms(150_000);
}

const CASES: { readonly [rule in ReplicaAblation]: Case } = {
  'replica.lease-fencing': { plan: KEEPER, breaks: 'one-primary', play: isolatePrimary },
  'replica.rewind': { plan: KEEPER, breaks: 'prefix', play: isolatePrimary },
  'replica.wait-for-standbys': {
    plan: { config: { replication: 'synchronous' } },
    breaks: 'durable',
    play(bench) {
      bench.ms(100).writes('n1', 2);
      bench.cut('n2', 'n3').writes('n1', 3).crash('n1').heal('n2', 'n3');
      bench.act('n2', 'promote').after(100);
      bench.writes('n2', 0);
    },
  },
  'replica.flush-before-send': {
    plan: { nodes: 2, disk: SLOW_DISK },
    breaks: 'prefix',
    play(bench) {
      bench.ms(100);
      bench.ask('a1', 'n1', { type: 'kv.put', key: 'lost', value: 1 });
      bench.after(20).crash('n1').after(100).restart('n1').after(1_100);
      bench.writes('n1', 3).after(3_000);
    },
  },
  'replica.flush-before-acknowledge': {
    plan: { nodes: 2, disk: SLOW_DISK, config: { replication: 'synchronous' } },
    breaks: 'durable',
    play(bench) {
      bench.ms(100).writes('n1', 2);
      bench.writes('n1', 1, 60);
      bench.crash('n1').crash('n2').after(10).restart('n2').after(1_100);
      bench.act('n2', 'promote').after(200);
    },
  },
  'replica.most-advanced': {
    plan: { dcs: true, config: { replication: 'synchronous', synchronousMethod: 'ANY' } },
    breaks: 'durable',
    seeds: 6,
    play(bench) {
      bench.ms(25_000).writes('n1', 2);
      bench.inject('deaf', { type: 'one-way', from: 'n1', to: 'n3' });
      bench.writes('n1', 3).crash('n1').undo('deaf').ms(80_000);
    },
  },
  'replica.sync-candidates': {
    plan: KEEPER,
    breaks: 'durable',
    play(bench) {
      bench.ms(45_000);
      const named = bench.store.status.sync.map((index) => bench.nameOf(index));
      expect(named).toHaveLength(1);
      const [other] = ['n2', 'n3'].filter((name) => !named.includes(name));
      bench.writes('n1', 2);
      bench.inject('deaf', { type: 'one-way', from: 'n1', to: other! });
      bench.writes('n1', 3).crash('n1').crash(named[0]!).undo('deaf').ms(120_000);
      bench.restart('n1').restart(named[0]!).ms(220_000);
    },
  },
  'replica.replay-before-promote': {
    plan: {
      nodes: 2,
      config: { replication: 'synchronous', replayTime: { kind: 'constant', ms: 200 } },
    },
    breaks: 'readable',
    play(bench) {
      bench.ms(100).writes('n1', 10).crash('n1').act('n2', 'promote').after(5_000);
    },
  },
};

function played({ plan, play }: Case, rule: ReplicaAblation | null, seed: number): JudgedBench {
  const bench = new JudgedBench({ ...plan, seed, ablations: rule === null ? [] : [rule] });
  play(bench);
  return bench;
}

describe.each(REPLICA_RULES)('$id', ({ id, breaks }) => {
  const one = CASES[id];
  const seeds = Array.from({ length: one.seeds ?? 2 }, (_, i) => i + 1);

  it(`is needed: ${breaks}`, () => {
    const broken = seeds.map((seed) => played(one, id, seed).judge());
    const wanted = broken.filter((properties) => properties.includes(one.breaks));
    if (one.seeds === undefined) expect(wanted).toHaveLength(seeds.length);
    else expect(wanted.length).toBeGreaterThan(0);
    for (const properties of wanted) expect(properties).toEqual([one.breaks]);
  });

  it('and with it nothing breaks', () => {
    for (const seed of seeds) expect(played(one, null, seed).judge(), `seed ${seed}`).toEqual([]);
  });
});
