/** Zone-aware routing through real requests, and what a balancer's configuration may not say. */
import { LIMITS_DEFAULT, ScenarioError, Value, makeRegistry } from 'faultline';
import type { GroupPlan, GroupSettings, Plan } from 'faultline';
import { describe, expect, it } from 'vitest';
import { loadBalancer } from '../../../../src/sim/components/load-balancer/load-balancer.ts';
import type { LoadBalancerState } from '../../../../src/sim/components/load-balancer/state.ts';
import { build } from '../../../../src/sim/scenario/build.ts';
import { Run } from '../../../../src/sim/session/run.ts';

const SECONDS = 5;
const SEED = 7;

interface Zoned {
  readonly backends: number;
  readonly balancers: Pick<GroupPlan, 'count' | 'placement'>;
  readonly minClusterSize?: number;
  readonly enabled?: boolean;
}

/** The share of l1's requests that stayed in its zone x; backends are spread over x and y. */
function ownShare({ backends, balancers, minClusterSize = 6, enabled = true }: Zoned): number {
  const plan: Plan = {
    title: 'Zones',
    summary: 'Zones.',
    durationMs: SECONDS * 1_000,
    network: {
      latency: { kind: 'constant', ms: 1 },
      regions: [{ name: 'r', zones: ['x', 'y'] }],
    },
    groups: [
      { name: 'b', component: 'service', count: backends, config: { steps: [] } },
      {
        name: 'l',
        component: 'load-balancer',
        links: { backends: 'b' },
        config: { zoneAware: { enabled, minClusterSize } },
        ...balancers,
      },
      {
        name: 'c',
        component: 'http-client',
        count: 1,
        links: { target: 'l' },
        config: { arrivals: { kind: 'constant', ratePerSecond: 400 } },
      },
    ],
    faults: [],
    checks: [],
    story: [],
  };
  const parts = build(plan, makeRegistry({}), { seed: SEED, order: 'fifo', ablations: [] });
  const run = new Run(parts, {
    durationMicros: SECONDS * 1e6,
    limits: LIMITS_DEFAULT,
    interventions: [],
  });
  run.advance(SECONDS * 1e6, Infinity);
  const node = parts.host.nodes.find(({ identity }) => identity.name === 'l1');
  if (node === undefined) throw new Error('there is no l1');
  const { members, sent } = (node.state as LoadBalancerState).upstream.backends;
  const total = sent.reduce((sum, count) => sum + count, 0);
  const own = members.reduce(
    (sum, member, at) => sum + (node.context.zoneOf(member) === 'x' ? (sent[at] as number) : 0),
    0,
  );
  return own / total;
}

describe(`zone-aware routing (seed ${SEED})`, () => {
  it('keeps everything in the own zone where that has its share of the backends', () => {
    expect(ownShare({ backends: 6, balancers: { count: 2 } })).toBe(1);
  });

  it('keeps what its backends can take, and sends the rest elsewhere', () => {
    // All balancers are in x, half of the backends: half stays. 2000 requests: 0.5 +- 4 sigma.
    const share = ownShare({ backends: 6, balancers: { count: 2, placement: { zone: 'x' } } });
    expect(Math.abs(share - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 2_000) + 1e-9);
  });

  it('does not count zones where there are few backends', () => {
    const plan = { backends: 4, balancers: { count: 2 } };
    expect(ownShare(plan)).toBeCloseTo(0.5, 2);
    expect(ownShare({ ...plan, minClusterSize: 4 })).toBe(1);
  });

  it('is off by default', () => {
    expect(ownShare({ backends: 6, balancers: { count: 2 }, enabled: false })).toBeCloseTo(0.5, 2);
  });
});

describe('a balancer is refused', () => {
  const backends = {
    group: 'b',
    component: 'service',
    count: 3,
    zones: ['left'],
    roles: [],
    config: {},
  };
  const settings = (given: object, serves = ['http', 'health']): GroupSettings => ({
    path: 'groups/1',
    count: 1,
    cores: 1,
    durationMs: 10_000,
    off: [],
    zones: ['left'],
    given: given as GroupSettings['given'],
    links: new Map([['backends', { ...backends, serves }]]),
  });
  const refusal = (config: object, serves?: string[]): ScenarioError | null => {
    try {
      // What is given is not what is filled in.
      const filled = Value.Default(loadBalancer.config, structuredClone(config));
      loadBalancer.check?.(filled, settings(config, serves));
      return null;
    } catch (error) {
      if (error instanceof ScenarioError) return error;
      throw error;
    }
  };
  const hashing = { balance: { policy: 'ring-hash' } };
  it.each<[string, object, string]>([
    ['weights that are all 0', { call: { balance: { weights: [0, 0] } } }, 'call/balance/weights'],
    ['layer 4 and the key', { layer: 'l4', call: hashing }, 'call/balance/hashOn'],
    [
      'layer 4 and the session',
      { layer: 'l4', call: { balance: { policy: 'maglev', hashOn: 'session' } } },
      'call/balance/hashOn',
    ],
    ['layer 4 and cookies', { layer: 'l4', sticky: 'session' }, 'sticky'],
    ['layer 4 and another try', { layer: 'l4', call: { maxAttempts: 2 } }, 'call/maxAttempts'],
    ['layer 4 and hedges', { layer: 'l4', call: { hedge: { afterMs: 5 } } }, 'call/hedge/afterMs'],
    [
      'checks that overlap',
      { healthCheck: { interMs: 100, timeoutMs: 101 } },
      'healthCheck/timeoutMs',
    ],
    [
      'an ejection longer than the longest',
      { outlierDetection: { baseEjectionTimeMs: 10, maxEjectionTimeMs: 5 } },
      'outlierDetection/baseEjectionTimeMs',
    ],
    ['slow start without weights', { slowStart: { windowMs: 5 } }, 'slowStart/windowMs'],
    ['zones and hashing', { zoneAware: { enabled: true }, call: hashing }, 'zoneAware/enabled'],
    ['subsets drawn by chance where all are used', { subsetBy: 'chance' }, 'subsetBy'],
    ['subsets dealt out where all are used', { subsetBy: 'rounds', subsetSize: 0 }, 'subsetBy'],
    ['a subset of more than all', { subsetSize: 4 }, 'subsetSize'],
    ['zones where there is but one', { zoneAware: { enabled: true } }, 'zoneAware/enabled'],
  ])('%s', (_, config, place) => {
    const error = refusal(config);
    expect(error?.path).toBe(`groups/1/config/${place}`);
    expect(error?.hint ?? '').not.toBe('');
  });

  it('that checks who cannot answer', () => {
    const config = { healthCheck: { enabled: true } };
    expect(refusal(config, ['http'])?.path).toBe('groups/1/config/healthCheck/enabled');
    expect(refusal(config)).toBeNull();
  });

  it('never with what works', () => {
    const onConnection = { balance: { policy: 'maglev', hashOn: 'connection' } };
    expect(refusal({})).toBeNull();
    expect(refusal({ subsetSize: 2, subsetBy: 'chance' })).toBeNull();
    expect(refusal({ layer: 'l4', call: onConnection })).toBeNull();
    expect(
      refusal({ slowStart: { windowMs: 5 }, call: { balance: { policy: 'power-of-d' } } }),
    ).toBeNull();
  });
});
