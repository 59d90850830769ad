/**
 * The concurrency rows of `ratelimit_cases.json` through running services and clients.
 *
 * Vegas: the samples of the table are made by real requests: some hold their places, one after the
 * other takes as long as the sample says. A service never lets in more than its limit, so a sample
 * with 11 or 14 under way at a limit of 10 cannot occur: ten are, and the rule asks only whether
 * half of the limit is used. `decrease: x/2` and `smoothing` are no settings of a service: those
 * rows are held by the policy alone, and the service is held to its own decrease, by log10.
 *
 * AIMD, Gradient2 and Vegas besides: a service under random load; each request that ends is a
 * sample, as seen from outside, and the limit after it must be what the table's formula gives.
 *
 * Adaptive throttling: a client of a limited service; what it sends settles at the fixed point.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GroupPlan } from 'faultline';
import { afterAll, describe, expect, it } from 'vitest';
import type { RateLimiterState } from '../../../src/sim/components/rate-limiter/state.ts';
import type { ServiceState } from '../../../src/sim/components/service/state.ts';
import { limitNow } from '../../../src/sim/traffic/admission.ts';
import { Live, group } from './support/live.ts';
import { bonferroni, intervalOf } from './support/statistics.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const LONG = process.env['FAULTLINE_LONG'] === '1';
const CONFIDENCE = 0.99;

interface VegasCase {
  readonly cfg: {
    readonly initial: number;
    readonly max: number;
    readonly alpha?: number;
    readonly beta?: number;
    readonly decrease?: string;
  };
  readonly samples: readonly (readonly [rttMs: number, inflight: number])[];
  readonly limits: readonly number[];
}
interface Cases {
  readonly vegas: { readonly cases: readonly VegasCase[] };
  readonly gradient2: Readonly<Record<string, number>>;
  readonly aimd: Readonly<Record<string, number>>;
  readonly sre_fixed_point: readonly {
    readonly K: number;
    readonly offered_over_capacity: number;
    readonly sent_over_capacity: number;
  }[];
}
const file = JSON.parse(readFileSync(join(folder, 'ratelimit_cases.json'), 'utf8')) as Cases;

const limitOf = (live: Live): number => {
  const { admission, config } = live.state<ServiceState>('app1');
  return limitNow(admission, config.admission);
};
const wait = (ms: number) => ({ do: 'wait', time: { kind: 'constant', ms } });

/** One request of each of these routes at each of these times. */
const asker = (name: string, route: string, ...timesMs: number[]): GroupPlan =>
  group(
    name,
    'http-client',
    {
      arrivals: { kind: 'replay', timesMs },
      routes: [{ route }],
      call: { timeoutMs: 3_600_000 },
    },
    { target: 'app' },
  );

describe('Vegas in a running service', () => {
  /** The limits after three requests that each come to a full service and take so long. */
  function limitsAfter(limit: number, max: number, rtts: readonly number[]): readonly number[] {
    const names = ['sample-a', 'sample-b', 'sample-c'].slice(0, rtts.length);
    // Nobody waits for it: an early one, which came to an empty service, makes room for the third,
    // so that it comes before the second has moved the limit. What it took tells nothing.
    const [first = 0, second = 0] = rtts;
    const earlyMs = first + second / 2;
    const starts = [2, 2 + first, 1 + earlyMs];
    const live = new Live({
      groups: [
        asker('early', 'early', 1),
        asker('holders', 'hold', ...Array.from({ length: limit - 2 }, () => 1.5)),
        ...names.map((name, i) => asker(name, name, starts[i] as number)),
        group('app', 'service', {
          routes: [
            { route: 'early', steps: [wait(earlyMs)] },
            { route: 'hold', steps: [wait(10_000)] },
            ...names.map((route, i) => ({ route, steps: [wait(rtts[i] as number)] })),
          ],
          admission: { concurrencyLimit: limit, maxLimit: max, limitPolicy: 'vegas', maxQueue: 0 },
        }),
      ],
    });
    const limits = rtts.map((rtt, i) => {
      live.to((starts[i] as number) + rtt);
      return limitOf(live);
    });
    // Full to the last place, and nobody was turned away.
    const { refused, ok } = live.state<ServiceState>('app1');
    expect({ refused, ok }).toEqual({ refused: 0, ok: rtts.length + (rtts.length > 1 ? 1 : 0) });
    return limits;
  }

  const lines: string[] = [];
  afterAll(() => console.info(['samples | expected | measured', ...lines].join('\n')));

  it.each(file.vegas.cases)('%o', ({ cfg, samples, limits }) => {
    const found = limitsAfter(
      cfg.initial,
      cfg.max,
      samples.map(([rtt]) => rtt),
    );
    let expected = limits;
    if (cfg.decrease === undefined) {
      // Of a limit of ten, the table's alpha and beta are the defaults.
      expect([cfg.alpha, cfg.beta]).toEqual([3, 6]);
    } else {
      // log10 of 100 is 2, of 98 it is 1 as a whole number.
      expect(limits.length).toBe(3);
      expected = [100, 98, 97];
      lines.push(`decrease ${cfg.decrease} is no setting of a service: by log10 instead`);
    }
    lines.push(`${JSON.stringify(samples)} | ${expected.join(' ')} | ${found.join(' ')}`);
    expect(found).toEqual(expected);
  });
});

interface Sample {
  readonly rttMicros: number;
  /** When it began, itself included. */
  readonly inflight: number;
  readonly isDropped: boolean;
}

/** A rule of the table: from limit to limit, with what it remembers. */
type Rule = (limit: number, sample: Sample) => number;

const clamp = (low: number, high: number, value: number) => Math.max(low, Math.min(high, value));

function aimd(): Rule {
  const { min = 0, max = 0, backoff = 0, timeout_s: timeout = 0 } = file.aimd;
  return (limit, { rttMicros, inflight, isDropped }) => {
    let next = limit;
    if (isDropped || rttMicros > timeout * 1e6) next = Math.trunc(limit * backoff);
    else if (inflight * 2 >= limit) next = limit + 1;
    return clamp(min, max, next);
  };
}

/** The long average is a plain mean of ten samples at first; one far too long drifts down. */
function gradient2(): Rule {
  const { min = 0, max = 0, queue = 0, longWindow = 0, rttTolerance = 0 } = file.gradient2;
  const first: number[] = [];
  let long = 0;
  return (limit, { rttMicros: short, inflight }) => {
    if (first.length < 10) {
      first.push(short);
      long = first.reduce((a, b) => a + b, 0) / first.length;
    } else {
      const factor = 2 / (longWindow + 1);
      long = long * (1 - factor) + short * factor;
    }
    const usual = long;
    if (long / short > 2) long *= 0.95;
    if (inflight < limit / 2) return limit;
    const g = clamp(0.5, 1, (rttTolerance * usual) / short);
    return clamp(min, max, limit * 0.8 + (limit * g + queue) * 0.2);
  };
}

/** Without the probe, which comes after 15 times the limit samples at the earliest. */
function vegas(): Rule {
  let noload = Infinity;
  return (limit, { rttMicros, inflight, isDropped }) => {
    if (rttMicros < noload) {
      noload = rttMicros;
      return limit;
    }
    const log = Math.max(1, Math.trunc(Math.log10(Math.trunc(limit))));
    const queue = Math.ceil(limit * (1 - noload / rttMicros));
    if (isDropped) return clamp(1, 1_000, limit - log);
    if (inflight * 2 < limit) return limit;
    if (queue <= log) return clamp(1, 1_000, limit + 6 * log);
    if (queue < 3 * log) return clamp(1, 1_000, limit + log);
    return queue > 6 * log ? clamp(1, 1_000, limit - log) : limit;
  };
}

describe('the limits of a service under random load follow the formulas', () => {
  const { initial = 0 } = file.gradient2;
  const seed = 1;
  /** How many samples, and from when to when they take. */
  type Load = readonly [samples: number, minMs: number, maxMs: number];

  function follow(policy: string, rule: Rule, [samplesMax, minMs, maxMs]: Load, limits: object) {
    const live = new Live({
      seed,
      groups: [
        group(
          'clients',
          'http-client',
          { arrivals: { kind: 'poisson', ratePerSecond: 3_000 }, call: { timeoutMs: 60_000 } },
          { target: 'app' },
        ),
        group('app', 'service', {
          steps: [
            { do: 'wait', time: { kind: 'uniform', minMs, maxMs } },
            { do: 'fail', share: 0.02 },
          ],
          admission: { concurrencyLimit: initial, limitPolicy: policy, maxQueue: 0, ...limits },
        }),
      ],
    });
    live.to(0);
    const began = new Map<number, { atMicros: number; inflight: number }>();
    const seen = { samples: 0, drops: 0, lowest: initial, highest: initial };
    let limit = initial;
    let failed = 0;
    while (seen.samples < samplesMax) {
      live.session.advance({ events: 1 });
      const { jobs, admission, failed: failures } = live.state<ServiceState>('app1');
      const now = live.session.nowMicros;
      for (const [slot, job] of jobs.entries()) {
        const start = began.get(slot);
        if (job.isInside === (start !== undefined)) continue;
        if (start === undefined) {
          began.set(slot, { atMicros: now, inflight: admission.inside });
          continue;
        }
        began.delete(slot);
        const isDropped = failures > failed;
        const rttMicros = now - start.atMicros;
        limit = rule(limit, { rttMicros, inflight: start.inflight, isDropped });
        seen.samples += 1;
        if (isDropped) seen.drops += 1;
        seen.lowest = Math.min(seen.lowest, Math.trunc(limit));
        seen.highest = Math.max(seen.highest, Math.trunc(limit));
        if (limitOf(live) === Math.trunc(limit)) continue;
        const where = `seed ${seed}, sample ${seen.samples}: ${rttMicros} us, ${start.inflight} in`;
        expect(limitOf(live), where).toBe(Math.trunc(limit));
      }
      failed = failures;
    }
    return seen;
  }

  it.each([
    ['aimd', aimd, [3_000, 5, 25], { minLimit: file.aimd['min'], maxLimit: file.aimd['max'] }],
    ['gradient2', gradient2, [3_000, 5, 25], { minLimit: 20, maxLimit: file.gradient2['max'] }],
    ['vegas', vegas, [270, 10, 13], { maxLimit: 1_000 }],
  ] as const)('%s', (policy, rule, load, limits) => {
    const seen = follow(policy, rule(), load, limits);
    console.info(
      `${policy}: ${seen.samples} samples, ${seen.drops} dropped; ` +
        `the limit went from ${seen.lowest} to ${seen.highest}, as the formula says after each`,
    );
    expect(seen.drops).toBeGreaterThan(2);
    expect(seen.highest).toBeGreaterThan(initial);
  });
});

describe('adaptive throttling of a running client settles where the book says', () => {
  const rows = file.sre_fixed_point;
  const CAPACITY_PER_SECOND = LONG ? 20 : 5;
  const REPLICATIONS = LONG ? 10 : 3;
  const WARM_MS = 300_000;
  const END_MS = LONG ? 1_800_000 : 900_000;
  /** Long form: of the interval's ends, as the window of two minutes is not endless. */
  const TOLERANCE = LONG ? 0.01 : 0.05;
  const level = bonferroni(CONFIDENCE, rows.length);

  /** What reaches the limiter over what it lets through, which is its capacity. */
  function settled(ratio: number, offeredOverCapacity: number, seed: number) {
    const live = new Live({
      seed,
      groups: [
        group(
          'clients',
          'http-client',
          {
            arrivals: {
              kind: 'poisson',
              ratePerSecond: CAPACITY_PER_SECOND * offeredOverCapacity,
            },
            call: { throttleK: ratio },
          },
          { target: 'limiter' },
        ),
        group(
          'limiter',
          'rate-limiter',
          {
            policy: 'token-bucket',
            ratePerSecond: CAPACITY_PER_SECOND,
            // The formula is of averages: what was left unused is made up for within ten seconds.
            burst: 10 * CAPACITY_PER_SECOND,
          },
          { target: 'app' },
        ),
        group('app', 'service', {}),
      ],
    });
    const counts = () => {
      const { admitted, refused } = live.state<RateLimiterState>('limiter1');
      return { admitted, sent: admitted + refused };
    };
    live.to(WARM_MS);
    live.answered.length = 0;
    const warm = counts();
    live.to(END_MS);
    const end = counts();
    const capacity = (CAPACITY_PER_SECOND * (END_MS - WARM_MS)) / 1_000;
    return {
      sent: (end.sent - warm.sent) / capacity,
      accepted: (end.admitted - warm.admitted) / (end.sent - warm.sent),
    };
  }

  const lines: string[] = [];
  afterAll(() => {
    const head = 'row | sent over capacity: expected | measured, interval | accepted share: same';
    console.info([head, ...lines].join('\n'));
  });

  it.each(rows)(
    '%o',
    ({ K, offered_over_capacity: offered, sent_over_capacity: expected }) => {
      const seeds = Array.from({ length: REPLICATIONS }, (_, i) => i + 1);
      const found = seeds.map((seed) => settled(K, offered, seed));
      const shown = (values: readonly number[], value: number) => {
        const { mean, low, high } = intervalOf(values, level);
        const interval = `${low.toFixed(4)}..${high.toFixed(4)}`;
        return { text: `${value.toFixed(4)} | ${mean.toFixed(4)}, ${interval}`, mean, low, high };
      };
      const sent = shown(
        found.map((one) => one.sent),
        expected,
      );
      const accepted = shown(
        found.map((one) => one.accepted),
        1 / expected,
      );
      lines.push(`K ${K}, offered ${offered} | ${sent.text} | ${accepted.text}`);
      for (const [{ mean, low, high, text }, value] of [
        [sent, expected],
        [accepted, 1 / expected],
      ] as const) {
        const where = `seeds 1..${REPLICATIONS}: ${text}`;
        expect(LONG ? low : mean, where).toBeLessThan(value * (1 + TOLERANCE));
        expect(LONG ? high : mean, where).toBeGreaterThan(value * (1 - TOLERANCE));
      }
    },
    10 * 60_000,
  );
});
