/** Each rule of Redis Sentinel breaks its property when it is off, and only then. */
import type { SentinelIsDownReply } from 'faultline';
import { describe, expect, it } from 'vitest';
import { SENTINEL_RULES } from '../../../../src/sim/protocols/sentinel/rules.ts';
import type { SentinelAblation } from '../../../../src/sim/protocols/sentinel/rules.ts';
import { SentinelBench } from './support.ts';
import type { SentinelPlan } from './support.ts';

interface Case {
  readonly plan?: SentinelPlan;
  /** Whether the property is broken in this run. */
  readonly breaks: (bench: SentinelBench) => boolean;
  /** Runs of which at least one must break, and none with the rule. */
  readonly seeds?: number;
}

/** Two sentinels were elected in one epoch. */
function isElectedTwice(bench: SentinelBench): boolean {
  const epochs = bench.factsOf('sentinel.elected').map(({ fact }) => fact.epoch);
  return new Set(epochs).size < epochs.length;
}

const CASES: { readonly [rule in SentinelAblation]: Case } = {
  'sentinel.majority': {
    plan: { config: { quorum: 1 } },
    breaks(bench) {
      // One sentinel with one replica; the primary goes on with all the others.
      bench.ms(5_000).cut('s1', 'n2').ms(30_000);
      return bench.primaries.length > 1;
    },
  },
  'sentinel.vote-once': {
    seeds: 20,
    breaks(bench) {
      // Words between sentinels are late, so that two of them begin before they hear of it.
      const group = ['s1', 's2', 's3'];
      const extra = { kind: 'constant', ms: 150 } as const;
      bench.inject('late', { type: 'latency', from: group, to: group, extra });
      bench.ms(5_000).crash('n1').ms(20_000);
      return isElectedTwice(bench);
    },
  },
  'sentinel.persist-vote': {
    breaks(bench) {
      const ask = (candidate: string): number | null => {
        const tag = bench.ask('a1', 's3', {
          type: 'sentinel.is-down',
          primary: bench.index('n1'),
          epoch: 7,
          candidate: bench.index(candidate),
        });
        bench.after(50);
        const { result } = bench.end('a1', tag)!;
        return result.outcome === 'ok' ? (result.value as SentinelIsDownReply).leader : null;
      };
      bench.ms(1_000);
      const first = ask('s1');
      bench.crash('s3').after(10).restart('s3').after(10);
      return ask('s2') !== first;
    },
  },
  'sentinel.config-epoch': {
    // By chance: of those who meet again one speaks first.
    seeds: 10,
    breaks(bench) {
      bench.ms(5_000).cut('s1').crash('n1').ms(15_000).heal('s1').ms(18_000);
      return bench.factsOf('sentinel.switched').some(({ fact }) => bench.nameOf(fact.to) === 'n1');
    },
  },
  'sentinel.skip-stale': {
    plan: { server: { walSenderTimeoutMs: 1_500, replicaPriorities: [100, 100, 0] } },
    breaks(bench) {
      bench.ms(5_000).inject('apart', { type: 'one-way', from: 'n1', to: 'n2' });
      bench.ms(44_000);
      expect(bench.write('n1', 'kept', 1)).toBe('ok');
      bench.ms(45_000).crash('n1').ms(60_000);
      return bench.primaries.some((name) => bench.holds(name, 'kept') === null);
    },
  },
  'sentinel.most-advanced': {
    breaks(bench) {
      bench.ms(5_000).inject('apart', { type: 'one-way', from: 'n1', to: 'n2' });
      expect(bench.write('n1', 'kept', 1)).toBe('ok');
      bench.ms(6_000).crash('n1').undo('apart').ms(15_000);
      const [primary] = bench.primaries;
      return bench.holds(primary!, 'kept') === null;
    },
  },
  'sentinel.convert-returning': {
    breaks(bench) {
      bench.ms(5_000).cut('n1', 'a1').ms(14_000).heal('n1', 'a1').ms(60_000);
      return bench.primaries.length > 1;
    },
  },
};

const isBroken = (rule: SentinelAblation, ablations: readonly string[]): boolean => {
  const { plan, breaks, seeds = 1 } = CASES[rule];
  let isSo = false;
  for (let seed = 1; seed <= seeds; seed++) {
    isSo = breaks(new SentinelBench({ ...plan, ablations, seed })) || isSo;
  }
  return isSo;
};

describe('a rule of the sentinels', () => {
  it.each(SENTINEL_RULES)('$id: off, it breaks what it is for; on, it holds', ({ id }) => {
    expect(isBroken(id, [])).toBe(false);
    expect(isBroken(id, [id])).toBe(true);
  });
});
