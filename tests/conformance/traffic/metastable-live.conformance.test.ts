/**
 * The metastable region of `resilience_cases.json` in the running simulator. With `a` attempts for
 * each request and a server that works on what nobody waits for any more, a load of lambda is
 * vulnerable from mu / a on: there are two states, and a trigger moves the system from one to the
 * other. Below, all the tries together fit into the capacity, so it recovers.
 *
 * A server of one core, Poisson requests, exponential work, an endless queue, a timeout of twenty
 * times the mean work, no pause between tries. The trigger: for three seconds it works at a
 * twentieth of its speed. It has recovered when 95 % of the requests of the last five seconds were
 * answered in time, and is down when at most 5 % were; in every seed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Live, group } from './support/live.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const LONG = process.env['FAULTLINE_LONG'] === '1';

interface Cases {
  readonly metastable_mm1_retry: {
    readonly vulnerable_lower_bound: readonly {
      readonly attempts: number;
      readonly lambda_over_mu: number;
    }[];
  };
}
const { metastable_mm1_retry: region } = JSON.parse(
  readFileSync(join(folder, 'resilience_cases.json'), 'utf8'),
) as {
  readonly [part: string]: unknown;
} & Cases;

const WORK_MS = 10;
const CAPACITY_PER_SECOND = 1_000 / WORK_MS;
const TIMEOUT_MS = 20 * WORK_MS;
const TRIGGER_AT_MS = 3_000;
const TRIGGER_MS = 3_000;
const END_MS = LONG ? 120_000 : 36_000;
const LAST_MS = 5_000;
const SEEDS = LONG ? 20 : 5;

/** Of requests that ended before, in and long after the trigger: how many were answered. */
function goodputs(load: number, attempts: number, seed: number) {
  const live = new Live({
    seed,
    durationMs: END_MS,
    groups: [
      group(
        'clients',
        'http-client',
        {
          arrivals: { kind: 'poisson', ratePerSecond: load * CAPACITY_PER_SECOND },
          call: { timeoutMs: TIMEOUT_MS, maxAttempts: attempts, backoff: { policy: 'none' } },
        },
        { target: 'app' },
      ),
      group('app', 'service', {
        steps: [{ do: 'work', time: { kind: 'exponential', meanMs: WORK_MS } }],
        admission: { concurrencyLimit: 1, maxQueue: 1_000_000 },
      }),
    ],
    faults: [
      {
        id: 'trigger',
        fault: { type: 'slow-cpu', target: 'app', factor: 20 },
        atMs: TRIGGER_AT_MS,
        forMs: TRIGGER_MS,
      },
    ],
  });
  live.to(END_MS);
  const share = (fromMs: number, untilMs: number) => {
    const ended = live.answered.filter(
      ({ atMicros }) => atMicros >= fromMs * 1_000 && atMicros < untilMs * 1_000,
    );
    return ended.filter(({ outcome }) => outcome === 'ok').length / ended.length;
  };
  return {
    before: share(0, TRIGGER_AT_MS),
    during: share(TRIGGER_AT_MS + TRIGGER_MS / 2, TRIGGER_AT_MS + TRIGGER_MS),
    end: share(END_MS - LAST_MS, END_MS),
  };
}

/** Shares of the bound; still so light that it does not fall over before the trigger. */
const BELOW = [0.5, 0.7, 0.85];
const ABOVE = [1.1, 1.2, 1.4];
const GRID = region.vulnerable_lower_bound.flatMap(({ attempts, lambda_over_mu: bound }) =>
  [...BELOW, ...ABOVE].map((times) => ({
    attempts,
    bound,
    load: times * bound,
    expected: times < 1 ? 'recovers' : 'stays down',
  })),
);

describe(`the metastable region in the running simulator, seeds 1..${SEEDS}`, () => {
  const lines: string[] = [];
  afterAll(() =>
    console.info(['row | expected | goodput at the end, by seed', ...lines].join('\n')),
  );

  it.each(GRID)(
    '$attempts attempts at load $load, bound $bound: $expected',
    ({ attempts, bound, load, expected }) => {
      const found = Array.from({ length: SEEDS }, (_, i) => goodputs(load, attempts, i + 1));
      const ends = found.map(({ end }) => end);
      lines.push(
        `${attempts} attempts, load ${load.toFixed(3)} (bound ${bound})`.padEnd(36) +
          ` | ${expected.padEnd(10)} | ` +
          ends.map((end) => end.toFixed(3)).join(' '),
      );
      for (const { before, during } of found) {
        expect(before).toBeGreaterThan(0.9);
        expect(during).toBeLessThan(0.1);
      }
      if (expected === 'recovers') expect(Math.min(...ends)).toBeGreaterThan(0.95);
      else expect(Math.max(...ends)).toBeLessThan(0.05);
    },
    10 * 60_000,
  );
});
