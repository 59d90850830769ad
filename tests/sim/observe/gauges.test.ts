/**
 * Gauges over a run without clients or facts: one node whose numbers follow from its timers alone.
 */
import { describe, expect, it } from 'vitest';
import { Session, Type, defineBehaviour, makeSpec, ms } from 'faultline';
import type { FaultEntry, GaugeFrame, RunOptions, Scenario, SessionOptions } from 'faultline';
import { SAMPLES_PER_WINDOW } from '../../../src/sim/observe/gauges.ts';
import { moveOn } from '../session/support/acts.ts';
import { expectSame } from '../session/support/runs.ts';
import { forSeeds } from '../../support/seeds.ts';

interface State {
  level: number;
  count: number;
  hits: number;
  lookups: number;
}

/** It counts every 10 ms; from 1 s on it looks up as often and finds every fourth time. */
const counter = defineBehaviour<State, unknown, never, { component: string; fields: [] }>({
  component: 'counter',
  about: 'Counts.',
  source: 'this test',
  leavesOut: [],
  badge: 'CT',
  serves: [],
  links: {},
  config: Type.Object({}),
  facts: {},
  roleNames: {},
  start(ctx) {
    ctx.setTimer('tick', 0, ms(10));
    return { level: 0, count: 0, hits: 0, lookups: 0 };
  },
  on: {},
  onTimer(state, ctx) {
    ctx.setTimer('tick', 0, ms(10));
    state.count += 1;
    if (state.count % 100 === 0) state.level += 1;
    if (state.count > 100) {
      state.lookups += 1;
      if (state.lookups % 4 === 0) state.hits += 1;
      ctx.work(ms(5), 0);
    }
  },
  onWorked() {},
  gauges: [
    { title: 'Level', about: 'A level.', kind: 'level', unit: 'm', of: (s) => s.level },
    { title: 'Ticks', about: 'A count.', kind: 'count', of: (s) => s.count },
    { title: 'Hits', about: 'A share.', kind: 'share', of: (s) => s.hits, outOf: (s) => s.lookups },
    { title: 'Nothing', about: 'Never a number.', kind: 'level', of: () => NaN },
  ],
  roles: () => [],
  view: () => ({ component: 'counter', fields: [] }),
});

/** Sixty windows of 100 ms. */
const WINDOW_MICROS = 100_000;
const scenarioOf = (faults: readonly FaultEntry[] = [], count = 1): Scenario => ({
  id: 'test/counters',
  topic: 'test',
  title: 'Counters',
  summary: 'Nodes that count.',
  tier: 'calm',
  sources: [],
  params: Type.Object({}),
  plan: () => ({
    title: 'Counters',
    summary: 'Nodes that count.',
    durationMs: 6_000,
    network: {},
    groups: [{ name: 'c', component: 'counter', count, cores: 2 }],
    faults,
    checks: [],
    story: [],
  }),
  variants: [],
  thingsToTry: [],
  leavesOut: [],
  registers: { components: [counter] },
});

function sessionOf(
  scenario: Scenario,
  options: SessionOptions = {},
  run: RunOptions = {},
): Session {
  return new Session(makeSpec(scenario, run), { scenarios: [scenario], ...options });
}
const framesOf = (session: Session) => session.observers.gauges.framesFrom(0);

/** The points of a line; a gap is null. */
function line(frames: readonly GaugeFrame[], title: string, name = 'c1'): (number | null)[] {
  return frames.map(({ series, values }) => {
    const value = values[series.findIndex((s) => s.title === title && s.name === name)];
    return value === undefined || Number.isNaN(value) ? null : Number(value.toFixed(9));
  });
}

describe('a gauge', () => {
  const session = sessionOf(scenarioOf());
  const report = session.run();
  const frames = framesOf(session);

  it('has a point for each window of the run', () => {
    expect(frames.map(({ fromMicros }) => fromMicros)).toEqual(
      Array.from({ length: 60 }, (_, i) => i * WINDOW_MICROS),
    );
    expect(frames.at(-1)?.toMicros).toBe(6_000_000);
  });

  it('that is a level is its mean; a sample sees what stood before its moment', () => {
    // The timer of 1 s raises it at that very microsecond: the window before ends without it.
    const points = line(frames, 'Level');
    expect(points.slice(8, 12)).toEqual([0, 0, 1, 1]);
    expect(points.slice(58)).toEqual([5, 5]);
  });

  it('that is a count is a rate by the second', () => {
    const points = line(frames, 'Ticks');
    // The tick at the end of a window belongs to the next one.
    expect(points.slice(0, 3)).toEqual([90, 100, 100]);
  });

  it('that is a share has a gap where nothing was looked up', () => {
    const points = line(frames, 'Hits');
    expect(points.slice(0, 10)).toEqual(new Array(10).fill(null));
    // Nine look-ups, two of them hits; then ten, with two or three.
    expect(points.slice(10, 13)).toEqual([Number((2 / 9).toFixed(9)), 0.2, 0.3]);
  });

  it('has a gap where it is no number', () => {
    expect(new Set(line(frames, 'Nothing'))).toEqual(new Set([null]));
  });

  it('tells how busy the cores of a node that works are, unasked', () => {
    const points = line(frames, 'Utilisation');
    expect(points[0]).toBe(0);
    // Half of the time one core of two.
    for (const point of points.slice(20)) {
      expect(Math.abs(point! - 0.25)).toBeLessThan(2 / SAMPLES_PER_WINDOW);
    }
  });

  it('is summed up in the report, for the group', () => {
    const { gauges } = report.metrics;
    expect(gauges.map(({ title, group }) => [title, group])).toEqual([
      ['Level', 'c'],
      ['Ticks', 'c'],
      ['Hits', 'c'],
      ['Utilisation', 'c'],
    ]);
    const [level, ticks, hits] = gauges;
    // 0 to 5, a second each; the tick at 6 s comes too late.
    expect(level).toMatchObject({ kind: 'level', unit: 'm', mean: 2.5, max: 5, last: 5 });
    expect([ticks!.last, hits!.last]).toEqual([
      line(frames, 'Ticks').at(-1),
      line(frames, 'Hits').at(-1),
    ]);
    expect(ticks!.mean).toBeCloseTo(599 / 6, 9);
    expect(hits!.mean).toBeCloseTo(124 / 499, 9);
  });
});

describe('gauges of a node that is down', () => {
  const faults: FaultEntry[] = [
    { id: 'down', fault: { type: 'crash', target: 'c1' }, atMs: 2_050, forMs: 400 },
  ];
  const session = sessionOf(scenarioOf(faults, 2));
  session.run();
  const frames = framesOf(session);

  it('are gaps, and begin anew when it is back', () => {
    const ticks = line(frames, 'Ticks');
    // Ticks of 2.00 to 2.04 s: the crash comes before that of 2.05 s. Then those of 2.46 s on.
    expect(ticks.slice(19, 26)).toEqual([100, 50, null, null, null, 40, 100]);
    expect(line(frames, 'Level').slice(20, 26)).toEqual([2, null, null, null, 0, 0]);
    expect(line(frames, 'Ticks', 'c2').slice(19, 26)).toEqual(new Array(7).fill(100));
  });
});

describe('the last of a group', () => {
  it('is the mean over those that live, and nothing where none does', () => {
    const down = (target: string): FaultEntry => ({
      fault: { type: 'crash', target },
      atMs: 4_950,
    });
    const lastOf = (...targets: string[]) => {
      const { gauges } = sessionOf(scenarioOf(targets.map(down), 2)).run().metrics;
      return gauges.find(({ title }) => title === 'Level')?.last;
    };
    expect([lastOf(), lastOf('c1'), lastOf('c')]).toEqual([5, 5, null]);
  });
});

describe('a check of a gauge', () => {
  it('is named by what it is about, and by nothing else', () => {
    const scenario = scenarioOf();
    const checks = [
      { id: 'low', use: 'gauge', args: { group: 'c', gauge: 'Level', measure: 'max', atMost: 9 } },
      { id: 'calm', use: 'fact-count', args: { fact: 'node.crashed', atMost: 0 } },
    ];
    const plan: Scenario['plan'] = (...args) => ({ ...scenario.plan(...args), checks });
    const { gauges } = sessionOf({ ...scenario, plan }).run().metrics;
    expect(gauges.flatMap(({ title, checks }) => checks.map((id) => [title, id]))).toEqual([
      ['Level', 'low'],
    ]);
  });
});

describe('the series', () => {
  const faults: FaultEntry[] = [
    {
      id: 'crashes',
      fault: { type: 'crash', target: { first: 1, of: 'c' } },
      every: { interval: { kind: 'uniform', minMs: 300, maxMs: 900 } },
      forMs: 170,
    },
  ];
  const scenario = scenarioOf(faults, 3);
  const watched: SessionOptions = { observe: { frames: true }, checkpoints: true };

  it('are the same wherever a run is stopped, taken back or forked', () => {
    forSeeds(4, import.meta.url, (seed, random) => {
      const straight = sessionOf(scenario, {}, { seed });
      straight.run();
      const expected = framesOf(straight);
      const session = sessionOf(scenario, watched, { seed });
      for (let round = 0; round < 8; round++) {
        moveOn(session, random);
        if (random.chance(50)) session.seek({ micros: random.int(6_000_000) });
        if (random.chance(30)) session.seek({ event: random.int(session.eventNumber + 1) });
        if (random.chance(20)) {
          const fork = session.fork();
          fork.advance();
          expectSame(framesOf(fork), expected);
        }
        const { length } = framesOf(session);
        expectSame(framesOf(session), expected.slice(0, length));
        expect(length).toBe(Math.floor(session.nowMicros / WINDOW_MICROS));
      }
      session.advance();
      expectSame(framesOf(session), expected);
      expectSame(session.report().metrics.gauges, straight.report().metrics.gauges);
    });
  });

  it('take in a node that was spawned, and forget it where the run goes back', () => {
    const session = sessionOf(scenario, watched);
    session.advance({ untilMicros: 1_000_000 });
    session.intervene({ do: 'spawn', group: 'c' });
    session.advance();
    const points = line(framesOf(session), 'Ticks', 'c4');
    expect(points.slice(8, 12)).toEqual([null, null, 90, 100]);
    const replay = sessionOf(scenario, {}, { interventions: session.spec.interventions });
    replay.run();
    expectSame(framesOf(replay), framesOf(session));
    session.seek({ micros: 900_000 });
    expect(
      framesOf(session)
        .at(-1)
        ?.series.some(({ name }) => name === 'c4'),
    ).toBe(false);
    session.advance();
    expectSame(framesOf(session), framesOf(replay));
  });

  it('change nothing in the run, and are not kept where no metrics are', () => {
    const seen = sessionOf(scenario, watched);
    const unseen = sessionOf(scenario, { observe: { metrics: false } });
    const [a, b] = [seen.run(), unseen.run()];
    expect([b.traceHash, b.stateHash, b.events]).toEqual([a.traceHash, a.stateHash, a.events]);
    expect(framesOf(unseen)).toEqual([]);
    expect(b.metrics.gauges).toEqual([]);
    expect(framesOf(seen)).toHaveLength(60);
  });
});
