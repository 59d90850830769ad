/** A monitor of heartbeats: when it suspects by each detector, whom it trusts again, and why. */
import type { GroupPlan, Plan } from 'faultline';
import { makeRegistry, phiOfNormal } from 'faultline';
import { describe, expect, it } from 'vitest';
import type {
  DetectorFact,
  FailureMonitorState,
  FailureMonitorView,
} from '../../../../src/sim/components/failure-monitor/failure-monitor.ts';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { Bench } from '../support/bench.ts';

type Suspected = Extract<DetectorFact, { type: 'detector.suspected' }>;

const groups = (config: object, sender: object = {}): readonly GroupPlan[] => [
  { name: 'watch', component: 'failure-monitor', count: 1, config: { ...config } },
  {
    name: 'm',
    component: 'heartbeat-sender',
    count: 2,
    config: { ...sender },
    links: { monitors: 'watch' },
  },
];
const bench = (config: object, off: readonly string[] = [], seed = 1): Bench =>
  new Bench({
    groups: groups({ checkIntervalMs: 10, ...config }),
    components: [],
    ablations: off,
    seed,
  });

/** How long m1 had been silent when it was suspected, in ms. */
function silenceOf(b: Bench, untilMs: number): number {
  b.ms(50_500).inject('gone', { type: 'crash', target: 'm1' }).ms(untilMs);
  const told = b.told<Suspected>('detector.suspected');
  expect(told.map(({ fact }) => fact.node)).toEqual([b.index('m1')]);
  return told[0]!.fact.silentMicros / 1_000;
}

/** The silence in deviations beyond the mean at which phi is so high. */
function deviationsAt(phi: number): number {
  let [low, high] = [0, 40];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (phiOfNormal(middle, 0, 1) < phi) low = middle;
    else high = middle;
  }
  return high;
}

describe('a member that crashes is suspected', () => {
  it('after the timeout', () => {
    const silent = silenceOf(bench({ detector: 'timeout', timeoutMs: 3_000 }), 90_000);
    expect(silent).toBeGreaterThanOrEqual(3_000);
    expect(silent).toBeLessThanOrEqual(3_010);
  });

  it("by Akka's defaults after the mean, the pause and 5.2 deviations of 100 ms", () => {
    const k = deviationsAt(8);
    expect(k).toBeCloseTo(5.2, 1);
    const silent = silenceOf(bench({}), 90_000);
    expect(silent).toBeGreaterThanOrEqual(1_000 + 3_000 + k * 100);
    expect(silent).toBeLessThanOrEqual(1_000 + 3_000 + k * 100 + 11);
  });

  it("by Cassandra's after 8 ln 10 = 18.42 mean intervals", () => {
    const silent = silenceOf(bench({ detector: 'phi-exponential' }), 90_000);
    // The first guess of 2 s and 50 intervals of 1 s.
    const due = (18.4207 * (2_000 + 50 * 1_000)) / 51;
    expect(silent).toBeGreaterThanOrEqual(due - 1);
    expect(silent).toBeLessThanOrEqual(due + 11);
  });

  it('at the next look, which may be a whole interval later', () => {
    const b = bench({ detector: 'timeout', timeoutMs: 3_000, checkIntervalMs: 1_000 });
    const silent = silenceOf(b, 90_000);
    // It looks 1 ms before the timeout is over, and once a second.
    expect(silent).toBeCloseTo(3_999, 0);
  });
});

describe('a member that is heard from again', () => {
  const paused = (b: Bench): Bench =>
    b.ms(20_500).inject('nap', { type: 'pause', target: 'm1' }).ms(30_200).undo('nap');

  it('is trusted at once', () => {
    const b = paused(bench({ detector: 'timeout', timeoutMs: 2_000 })).ms(31_000);
    const [trusted] = b.told('detector.trusted');
    expect(trusted!.atMicros).toBe(30_201_000);
    expect(b.told('detector.suspected').length).toBe(1);
    expect(b.parts.host.node(b.index('watch1')).behaviour.roles(b.node('watch1').state)).toEqual([
      'trusting',
    ]);
  });

  it('after a restart is a new one: of its earlier life nothing is remembered', () => {
    const b = bench({}).ms(20_500).inject('gone', { type: 'crash', target: 'm1' }).ms(40_000);
    const memory = () => {
      const { members } = b.node('watch1').state as FailureMonitorState;
      const { detector } = members.get(b.index('m1'))!;
      return 'intervals' in detector ? detector.intervals.ring.length : 0;
    };
    expect(memory()).toBe(22);
    b.undo('gone').ms(40_100);
    // The two halves of the first guess.
    expect(memory()).toBe(2);
    expect(b.told('detector.trusted').length).toBe(1);
    expect(b.told('detector.watching', 'watch1').length).toBe(3);
  });

  it('by a heartbeat of an earlier life is not', () => {
    const b = bench({ detector: 'timeout', timeoutMs: 2_000 }).ms(5_500);
    // The heartbeat of 6 s is under way for 20 s.
    const extra = { kind: 'constant', ms: 20_000 } as const;
    b.inject('slow', { type: 'latency', from: 'm1', to: 'watch1', extra }).ms(6_500).undo('slow');
    b.inject('gone', { type: 'crash', target: 'm1' }).ms(7_000).undo('gone').ms(9_500);
    b.inject('again', { type: 'crash', target: 'm1' }).ms(40_000);
    expect(b.sent('heartbeat.beat').length).toBeGreaterThan(40);
    expect(b.told<Suspected>('detector.suspected').length).toBe(1);
    expect(b.told('detector.trusted')).toEqual([]);
  });

  it('and crashes then, is found as soon as without that outage, but for the rule', () => {
    // Within its window of twenty an outage of 20 s would make the mean 2 s, and the deviation 4 s.
    const second = (detector: string, off: readonly string[]): number => {
      const b = bench({ detector, maxSampleSize: 20 }, off);
      b.ms(30_500).inject('nap', { type: 'pause', target: 'm1' }).ms(52_200).undo('nap');
      b.ms(60_500).inject('gone', { type: 'crash', target: 'm1' }).ms(200_000);
      return b.told<Suspected>('detector.suspected').at(-1)!.fact.silentMicros / 1_000_000;
    };
    const rule = 'detectors.skip-failures';
    expect(second('phi-normal', [])).toBeLessThan(5.5);
    expect(second('phi-normal', [rule])).toBeGreaterThan(20);
    expect(second('phi-exponential', [])).toBeLessThan(19);
    expect(second('phi-exponential', [rule])).toBeGreaterThan(30);
  });
});

describe('who is never suspected', () => {
  it('is a member on a link of bound delay, by a timeout of interval and bound', () => {
    forSeeds(3, import.meta.url, (seed) => {
      const b = bench({ detector: 'timeout', timeoutMs: 1_400 }, [], seed);
      const extra = { kind: 'uniform', minMs: 0, maxMs: 390 } as const;
      b.inject('far', { type: 'latency', from: 'm', to: 'watch', extra }).ms(300_000);
      expect(b.told('detector.suspected')).toEqual([]);
    });
  });

  it('is one that was never heard of', () => {
    const b = bench({ detector: 'timeout', timeoutMs: 2_000 });
    b.inject('cut', { type: 'cut-link', a: 'm1', b: 'watch1' }).ms(60_000);
    expect(b.told('detector.suspected')).toEqual([]);
    expect((b.view('watch1') as FailureMonitorView).members.map(({ name }) => name)).toEqual([
      'm2',
    ]);
  });
});

describe('what it shows', () => {
  it('is the level of the moment, not of the last look', () => {
    const b = bench({ detector: 'timeout', timeoutMs: 1_000, checkIntervalMs: 60_000 });
    const level = () => (b.view('watch1') as FailureMonitorView).members[0]!.level;
    b.ms(5_251);
    expect(level()).toBeCloseTo(0.25, 6);
    b.ms(5_751);
    expect(level()).toBeCloseTo(0.75, 6);
  });
});

describe('settings that another detector reads', () => {
  it.each([
    [{ detector: 'timeout', threshold: 5 }, 'threshold'],
    [{ detector: 'timeout', maxSampleSize: 5 }, 'maxSampleSize'],
    [{ detector: 'phi-exponential', minStdDeviationMs: 5 }, 'minStdDeviationMs'],
    [{ detector: 'phi-exponential', acceptableHeartbeatPauseMs: 5 }, 'acceptableHeartbeatPauseMs'],
    [{ timeoutMs: 5_000 }, 'timeoutMs'],
  ])('are refused: %j', (config, name) => {
    const plan: Plan = {
      title: '',
      summary: '',
      durationMs: 10_000,
      network: {},
      groups: groups(config),
      faults: [],
      checks: [],
      story: [],
    };
    const because = new RegExp(`${name} changes nothing: detector is`);
    expect(() => checkPlan(plan, makeRegistry())).toThrow(because);
  });
});

describe('what its chart shows', () => {
  it('ends at 32, while the detector goes on', () => {
    const b = bench({}).ms(20_500).inject('gone', { type: 'crash', target: 'm1' }).ms(90_000);
    const { state, behaviour } = b.parts.host.node(b.index('watch1'));
    const { members } = b.node('watch1').state as FailureMonitorState;
    expect(members.get(b.index('m1'))!.level).toBeGreaterThan(1_000);
    const phi = behaviour.gauges!.find(({ title }) => title === 'Phi')!;
    expect(phi.kind).toBe('level');
    if (phi.kind === 'level') expect(phi.of(state, undefined as never)).toBe(32);
  });
});
