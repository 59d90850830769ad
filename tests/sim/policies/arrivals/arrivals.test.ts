/** Mean rates, dispersion, boundaries and the number of draws of each kind of arrivals. */
import { describe, expect, it } from 'vitest';
import { clonePlain } from '../../../../src/sim/kernel/clone.ts';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import type { Stream } from '../../../../src/sim/kernel/random.ts';
import type { ArrivalSettings } from '../../../../src/sim/policies/arrivals/arrivals.ts';
import { ARRIVALS, ARRIVAL_KINDS } from '../../../../src/sim/policies/arrivals/index.ts';
import { reachIn } from '../../../../src/sim/policies/arrivals/pieces.ts';
import { cosineOfTurns, sineOfTurns } from '../../../../src/sim/policies/arrivals/sine.ts';

const SECOND = 1_000_000;
const timesMs = [0, 0, 5, 5, 7.5, 1_200];

const KINDS: readonly ArrivalSettings[] = [
  { kind: 'poisson', ratePerSecond: 40 },
  { kind: 'constant', ratePerSecond: 40 },
  {
    kind: 'bursty',
    calmRatePerSecond: 20,
    burstRatePerSecond: 200,
    calmMeanMs: 900,
    burstMeanMs: 100,
  },
  { kind: 'diurnal', minRatePerSecond: 0, maxRatePerSecond: 80, periodMs: 10_000, lowAtMs: 2_000 },
  { kind: 'spike', ratePerSecond: 20, factor: 10, fromMs: 3_000, untilMs: 4_000 },
  { kind: 'ramp', startRatePerSecond: 0, endRatePerSecond: 100, fromMs: 2_000, untilMs: 12_000 },
  {
    kind: 'steps',
    steps: [
      { atMs: 1_000, ratePerSecond: 50 },
      { atMs: 4_000, ratePerSecond: 0 },
      { atMs: 5_000, ratePerSecond: 10 },
    ],
  },
  { kind: 'replay', timesMs, loopMs: 2_000 },
  { kind: 'renewal', gap: { kind: 'exponential', meanMs: 5 }, stages: 3 },
];

const streamOf = (seed: number | string) => new StreamBank(seed).stream('arrivals');

const policyOf = (settings: ArrivalSettings) => ARRIVALS.find((a) => a.name === settings.kind)!;

/** All arrivals up to that time. */
function until(settings: ArrivalSettings, endMicros: number, stream: Stream): number[] {
  const policy = policyOf(settings);
  const state = policy.start(settings, stream);
  const times: number[] = [];
  for (let at = 0; ;) {
    at = policy.next(state, settings, at, stream);
    if (at > endMicros) return times;
    times.push(at);
  }
}

/** The expected number of arrivals, by adding up the rate in small steps. */
function expectedCount(settings: ArrivalSettings, endMicros: number): number {
  const policy = policyOf(settings);
  const step = 1_000;
  let sum = 0;
  for (let at = step / 2; at < endMicros; at += step) sum += policy.rateAt(settings, at) * step;
  return sum / SECOND;
}

describe('the list', () => {
  it('has a trial for every kind', () => {
    expect(KINDS.map(({ kind }) => kind)).toEqual(ARRIVAL_KINDS);
  });
});

describe.each(KINDS)('$kind', (settings) => {
  it('comes at the rate that it says, within 4 standard errors', () => {
    const end = 20 * SECOND - 1;
    const counts = Array.from({ length: 60 }, (_, seed) => {
      return until(settings, end, streamOf(seed)).length;
    });
    const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
    const variance = counts.reduce((a, b) => a + (b - mean) ** 2, 0) / (counts.length - 1);
    const exact = new Map([
      ['constant', 799],
      ['replay', 60],
    ]);
    const expected = exact.get(settings.kind) ?? expectedCount(settings, end);
    const margin = 4 * Math.sqrt(variance / counts.length) + 1e-9;
    expect(Math.abs(mean - expected), `${mean} for ${expected} +- ${margin}`).toBeLessThan(margin);
  });

  it('never goes back, and goes on from a copy of its state', () => {
    const policy = policyOf(settings);
    const bank = new StreamBank(5);
    const stream = bank.stream('arrivals');
    const state = policy.start(settings, stream);
    let at = 0;
    for (let i = 0; i < 300; i++) {
      const image = bank.save();
      const copy = clonePlain(state);
      const next = policy.next(state, settings, at, stream);
      const other = new StreamBank(0);
      other.restore(image);
      expect(policy.next(copy, settings, at, other.stream('arrivals'))).toBe(next);
      expect(copy).toEqual(state);
      expect(next).toBeGreaterThanOrEqual(at);
      at = next;
      if (at === Infinity) break;
    }
  });
});

describe('twins', () => {
  const others = ['constant', 'bursty', 'replay', 'renewal'];
  const oneDraw = KINDS.filter(({ kind }) => !others.includes(kind));

  it.each(oneDraw)('$kind draws once for each arrival', (settings) => {
    const bank = new StreamBank(11);
    const stream = bank.stream('arrivals');
    const policy = policyOf(settings);
    const state = policy.start(settings, stream);
    const reference = new StreamBank(11).stream('arrivals');
    let at = 0;
    for (let i = 0; i < 200; i++) {
      at = policy.next(state, settings, at, stream);
      reference.open01();
    }
    expect(stream.open01()).toBe(reference.open01());
  });

  it('a spike of factor 1 is a Poisson process, and a taller one moves nothing before it', () => {
    const plain = until({ kind: 'poisson', ratePerSecond: 20 }, 9 * SECOND, streamOf(3));
    const spike = (factor: number) =>
      until(
        { kind: 'spike', ratePerSecond: 20, factor, fromMs: 3_000, untilMs: 4_000 },
        9 * SECOND,
        streamOf(3),
      );
    expect(spike(1)).toEqual(plain);
    const early = plain.filter((at) => at < 3 * SECOND);
    expect(early.length).toBeGreaterThan(30);
    expect(spike(50).filter((at) => at < 3 * SECOND)).toEqual(early);
    expect(spike(50).length).toBeGreaterThan(plain.length + 500);
  });
});

describe('at the boundaries', () => {
  it('constant arrivals are exact after a million of them, at 3 a second', () => {
    const policy = policyOf({ kind: 'constant', ratePerSecond: 3 });
    const settings = { kind: 'constant', ratePerSecond: 3 } as const;
    const stream = streamOf(0);
    const state = policy.start(settings, stream);
    let at = 0;
    for (let i = 0; i < 1_000_000; i++) at = policy.next(state, settings, at, stream);
    expect(at).toBe(1e12 / 3);
    expect(stream.uint32()).toBe(streamOf(0).uint32());
  });

  it('constant arrivals take a new rate from the last arrival on', () => {
    const policy = policyOf({ kind: 'constant', ratePerSecond: 10 });
    const stream = streamOf(0);
    const state = policy.start({ kind: 'constant', ratePerSecond: 10 }, stream);
    const first = policy.next(state, { kind: 'constant', ratePerSecond: 10 }, 0, stream);
    expect(first).toBe(100_000);
    const next = policy.next(state, { kind: 'constant', ratePerSecond: 4 }, first, stream);
    expect(next).toBe(350_000);
  });

  it('the moment of a change belongs to the new rate', () => {
    const rate = (settings: ArrivalSettings, ms: number) =>
      policyOf(settings).rateAt(settings, ms * 1_000);
    const [, , , diurnal, spike, ramp, steps] = KINDS as readonly [
      unknown,
      unknown,
      unknown,
      ...ArrivalSettings[],
    ];
    expect([2_999.999, 3_000, 3_999.999, 4_000].map((ms) => rate(spike!, ms))).toEqual([
      20, 200, 200, 20,
    ]);
    expect([0, 2_000, 7_000, 12_000, 99_000].map((ms) => rate(ramp!, ms))).toEqual([
      0, 0, 50, 100, 100,
    ]);
    expect([0, 999.999, 1_000, 4_000, 5_000].map((ms) => rate(steps!, ms))).toEqual([
      0, 0, 50, 0, 10,
    ]);
    expect([2_000, 7_000, 12_000].map((ms) => rate(diurnal!, ms))).toEqual([0, 80, 0]);
    expect(rate(diurnal!, 4_500)).toBeCloseTo(40, 12);
  });

  it('nothing comes in a step of rate 0, nor before the first', () => {
    const times = until(KINDS[6]!, 20 * SECOND, streamOf(1));
    expect(times.filter((at) => at < SECOND)).toEqual([]);
    expect(times.filter((at) => at >= 4 * SECOND && at < 5 * SECOND)).toEqual([]);
    expect(times.length).toBeGreaterThan(200);
  });

  it('a recording is replayed exactly, its equal times too, and then again or never', () => {
    const once = { kind: 'replay', timesMs } as const;
    const all = [0, 0, 5_000, 5_000, 7_500, 1_200_000];
    expect(until(once, 99 * SECOND, streamOf(1))).toEqual(all);
    expect(until({ ...once, loopMs: 2_000 }, 4 * SECOND - 1, streamOf(1))).toEqual([
      ...all,
      ...all.map((at) => at + 2 * SECOND),
    ]);
    expect(policyOf(once).rateAt(once, 5_000)).toBe(5);
    expect(policyOf(once).rateAt(once, 3 * SECOND)).toBe(0);
  });

  it('a rate of 0 brings nothing', () => {
    const silent: readonly ArrivalSettings[] = [
      { kind: 'poisson', ratePerSecond: 0 },
      { kind: 'constant', ratePerSecond: 0 },
      { ...(KINDS[2] as object), calmRatePerSecond: 0, burstRatePerSecond: 0 } as ArrivalSettings,
      { ...(KINDS[3] as object), minRatePerSecond: 0, maxRatePerSecond: 0 } as ArrivalSettings,
      { ...(KINDS[4] as object), ratePerSecond: 0 } as ArrivalSettings,
      { ...(KINDS[5] as object), endRatePerSecond: 0 } as ArrivalSettings,
      { kind: 'steps', steps: [] },
      { kind: 'replay', timesMs: [] },
      { kind: 'replay', timesMs: [], loopMs: 5 },
    ];
    for (const settings of silent) {
      expect(until(settings, Number.MAX_VALUE, streamOf(1)), settings.kind).toEqual([]);
    }
  });
});

describe('independent gaps', () => {
  const gaps = (settings: ArrivalSettings): number[] => {
    const times = until(settings, 2_000 * SECOND, streamOf(4));
    return times.map((at, i) => at - (times[i - 1] ?? 0));
  };
  /** Mean in milliseconds, and variance over the square of the mean. */
  const moments = (values: readonly number[]) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
    return { meanMs: mean / 1_000, scv: squares / values.length / mean ** 2 };
  };
  const exponential = (meanMs: number) => ({ kind: 'exponential', meanMs }) as const;

  it('are of the law that they name, seed 4', () => {
    const staged = moments(gaps({ kind: 'renewal', gap: exponential(5), stages: 4 }));
    expect(staged.meanMs).toBeCloseTo(20, 0);
    expect(staged.scv).toBeCloseTo(1 / 4, 1);
    const parts = [
      { weight: 9, of: exponential(5) },
      { weight: 1, of: exponential(155) },
    ];
    // Mean 20; second moment 2 (0.9 * 25 + 0.1 * 24025) = 4850.
    const bursty = moments(gaps({ kind: 'renewal', gap: { kind: 'mixture', parts } }));
    expect(Math.abs(bursty.meanMs / 20 - 1)).toBeLessThan(0.04);
    expect(Math.abs(bursty.scv / (4_850 / 400 - 1) - 1)).toBeLessThan(0.08);
  });

  it('of one exponential are a Poisson process, to the microsecond', () => {
    const renewal = until({ kind: 'renewal', gap: exponential(25) }, 9 * SECOND, streamOf(2));
    const poisson = until({ kind: 'poisson', ratePerSecond: 40 }, 9 * SECOND, streamOf(2));
    expect(renewal.map(Math.round)).toEqual(poisson.map(Math.round));
  });

  it('never go back, whatever the law', () => {
    const gap = { kind: 'normal', meanMs: 0.1, sdMs: 5, minMs: 0 } as const;
    for (const one of gaps({ kind: 'renewal', gap })) expect(one).toBeGreaterThanOrEqual(0);
  });
});

describe('a bursty process', () => {
  /** Variance over mean of the counts in windows of that length, over one long run. */
  function dispersion(settings: ArrivalSettings, windowMicros: number, windows: number): number {
    const counts = new Float64Array(windows);
    for (const at of until(settings, windowMicros * windows - 1, streamOf(17))) {
      counts[Math.floor(at / windowMicros)]! += 1;
    }
    const mean = counts.reduce((a, b) => a + b, 0) / windows;
    return counts.reduce((a, b) => a + (b - mean) ** 2, 0) / (windows - 1) / mean;
  }

  /** The index of dispersion of an MMPP-2 that has run for ever (Fischer & Meier-Hellstern). */
  function closedForm(seconds: number): number {
    const [rate1, rate2, leave1, leave2] = [20, 200, 1 / 0.9, 1 / 0.1];
    const leave = leave1 + leave2;
    const weight = rate1 * leave2 + rate2 * leave1;
    const a = (2 * (rate1 - rate2) ** 2 * leave1 * leave2) / (leave * leave * weight);
    return 1 + a * (1 - (1 - Math.exp(-leave * seconds)) / (leave * seconds));
  }

  it.each([0.05, 0.2, 1])('has the index of dispersion of its closed form over %d s', (seconds) => {
    const measured = dispersion(KINDS[2]!, seconds * SECOND, 20_000);
    expect(Math.abs(measured / closedForm(seconds) - 1)).toBeLessThan(0.06);
  });

  it('of two equal moods is a Poisson process, however often they change', () => {
    const equal = {
      kind: 'bursty',
      calmRatePerSecond: 40,
      burstRatePerSecond: 40,
      calmMeanMs: 5,
      burstMeanMs: 2,
    } as const;
    expect(Math.abs(dispersion(equal, SECOND, 4_000) - 1)).toBeLessThan(0.1);
    const count = until(equal, 4_000 * SECOND, streamOf(29)).length;
    expect(Math.abs(count - 160_000)).toBeLessThan(4 * 400);
  });

  it('unlike a Poisson process, whose index is 1 at any length', () => {
    expect(closedForm(1)).toBeGreaterThan(8);
    const measured = dispersion(KINDS[0]!, SECOND, 20_000);
    expect(Math.abs(measured - 1)).toBeLessThan(0.04);
  });
});

describe('the maths', () => {
  it('sine and cosine agree with the engine, and are exact at quarters', () => {
    let worst = 0;
    for (let i = -800; i <= 800; i++) {
      // Within half a turn, so that the engine's own argument is right to the last bits.
      const turns = i / 1_601;
      worst = Math.max(worst, Math.abs(sineOfTurns(turns) - Math.sin(2 * Math.PI * turns)));
      worst = Math.max(worst, Math.abs(cosineOfTurns(turns) - Math.cos(2 * Math.PI * turns)));
    }
    expect(worst).toBeLessThan(6e-16);
    expect(sineOfTurns(7.125)).toBe(sineOfTurns(0.125));
    expect(sineOfTurns(-6.875)).toBe(sineOfTurns(0.125));
    expect([0, 0.25, 0.5, 0.75, 1].map(sineOfTurns)).toEqual([0, 1, -0, -1, 0]);
    expect([0, 0.25, 0.5, 0.75].map(cosineOfTurns)).toEqual([1, -0, -1, 0]);
  });

  it('a piece of a line is reached where its area is', () => {
    expect(reachIn(4, 4, 10, 20)).toBe(5);
    expect(reachIn(0, 10, 10, 50)).toBe(10);
    expect(reachIn(10, 0, 10, 50)).toBe(10);
    expect(reachIn(10, 0, 10, 37.5)).toBe(5);
    expect(reachIn(0, 0, 10, 0)).toBe(0);
  });

  it.each([
    [4, [3_000, 4_000]],
    [5, [2_000, 12_000]],
    [6, [1_000, 4_000, 5_000]],
  ] as const)('kind %i leaves exactly what was drawn between two arrivals', (kind, breaksMs) => {
    const settings = KINDS[kind]!;
    const policy = policyOf(settings);
    // The rate is straight between its breaks, so that its middle is its mean.
    const area = (from: number, to: number) => {
      const inside = breaksMs.map((ms) => ms * 1_000).filter((at) => at > from && at < to);
      const cuts = [from, ...inside, to];
      let sum = 0;
      for (let i = 1; i < cuts.length; i++) {
        const [a, b] = [cuts[i - 1]!, cuts[i]!];
        sum += (policy.rateAt(settings, (a + b) / 2) * (b - a)) / SECOND;
      }
      return sum;
    };
    for (let seed = 0; seed < 20; seed++) {
      const times = until(settings, 15 * SECOND, streamOf(seed));
      const reference = streamOf(seed);
      let last = 0;
      for (const at of times) {
        const drawn = -Math.log(reference.open01());
        expect(Math.abs(area(last, at) - drawn), `seed ${seed} at ${at}`).toBeLessThan(1e-7);
        last = at;
      }
    }
  });

  it('the diurnal inversion leaves exactly what was drawn between two arrivals', () => {
    const settings = KINDS[3] as Extract<ArrivalSettings, { kind: 'diurnal' }>;
    const stream = streamOf(23);
    const reference = streamOf(23);
    const policy = policyOf(settings);
    const state = policy.start(settings, stream);
    // The integral of 40 (1 - cos(2 pi (t - 2 s) / 10 s)) by its primitive, from the engine.
    const primitive = (at: number) =>
      (40 * at) / SECOND - (400 / (2 * Math.PI)) * Math.sin((2 * Math.PI * (at / SECOND - 2)) / 10);
    let at = 0;
    for (let i = 0; i < 5_000; i++) {
      const next = policy.next(state, settings, at, stream);
      const drawn = -Math.log(reference.open01());
      expect(Math.abs(primitive(next) - primitive(at) - drawn)).toBeLessThan(1e-7);
      at = next;
    }
  });
});
