/**
 * Times to a leader, measured over seeds: on a WAN by whole groups of raft-kv servers in the
 * engine and, many more, by the protocol alone; on a LAN, where only the vote takes time on the
 * disk, by the protocol. Tolerances: of the means of the WAN 3 %, of its p99 8 %; of the p50 of the
 * LAN 6 %, of its p90 10 %.
 *
 * Short form: an interval of 99 % reaches into the tolerance. Long form (FAULTLINE_LONG=1): 10,000
 * elections a row, as published, and the measured value itself is within it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { intervalOf, normalQuantile } from '../traffic/support/statistics.ts';
import { failover, freshElection, quantile, spanOf } from './support/elections.ts';
import type { FreshStart } from './support/elections.ts';
import { liveElection } from './support/live-election.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';
const CONFIDENCE = 0.99;
const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly mean: number;
}
interface Lan {
  readonly range_ms: string;
  readonly trials: number;
  readonly measured_ms: Quantiles;
  readonly model_ms: Quantiles;
}
interface Wan {
  readonly up: number;
  readonly of: number;
  readonly logs: string;
  readonly thesis_ms: Quantiles;
  readonly recomputed_first_leader_ms: Quantiles;
}
const PUBLISHED = JSON.parse(readFileSync(join(folder, 'election_times.json'), 'utf8')) as {
  readonly lan_setup: { readonly servers: number; readonly electable: number };
  readonly lan_fitted_delays: {
    readonly one_way_ms: string;
    readonly durable_vote_write_ms: string;
  };
  readonly wan_setup: { readonly one_way_ms: string; readonly timeout_ms: string };
  readonly lan: readonly Lan[];
  readonly wan: readonly Wan[];
};

/** Rising, in milliseconds. */
const measure = (elections: number, one: (seed: number) => number): number[] =>
  Array.from({ length: elections }, (_, i) => one(i + 1)).sort((a, b) => a - b);

interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

function meanOf(times: readonly number[]): Estimate {
  const { mean, low, high } = intervalOf(times, CONFIDENCE);
  return { value: mean, low, high };
}

/** Between the order statistics that enclose the quantile: a count of trials below it. */
function quantileOf(times: readonly number[], q: number): Estimate {
  const spread = normalQuantile((1 + CONFIDENCE) / 2) * Math.sqrt((q * (1 - q)) / times.length);
  const at = (share: number): number => quantile(times, Math.min(1, Math.max(0, share)));
  return { value: at(q), low: at(q - spread), high: at(q + spread) };
}

const lines: string[] = [];

function compare(what: string, published: number, measured: Estimate, tolerance: number): void {
  const { value, low, high } = measured;
  const off = (100 * (value - published)) / published;
  const [is, from, to] = [value, low, high].map((ms) => ms.toFixed(1).padStart(7));
  lines.push(
    `${what.padEnd(36)} | ${published.toFixed(1).padStart(7)} | ${is} | ${from} - ${to} | ` +
      `${off >= 0 ? '+' : ''}${off.toFixed(1)} % of ${100 * tolerance} %`,
  );
  const [least, most] = [published * (1 - tolerance), published * (1 + tolerance)];
  expect(LONG ? value : high, `${what}: ${value}`).toBeGreaterThanOrEqual(least);
  expect(LONG ? value : low, `${what}: ${value}`).toBeLessThanOrEqual(most);
}

afterAll(() => {
  const header = `${'milliseconds'.padEnd(36)} | published | measured | interval of 99 % | off`;
  console.info([header, ...lines].join('\n'));
});

/** How many elections of a row the protocol alone decides, and how many the engine. */
const ELECTIONS = LONG ? 10_000 : 800;
const LIVE_ELECTIONS = LONG ? 10_000 : 150;

describe('elections on a WAN', () => {
  const { one_way_ms, timeout_ms } = PUBLISHED.wan_setup;

  it.each(PUBLISHED.wan)(
    '$up of $of servers, $logs logs',
    ({ up, of, thesis_ms, recomputed_first_leader_ms }) => {
      const setup: FreshStart = {
        servers: of,
        up,
        oneWay: spanOf(one_way_ms),
        timeout: spanOf(timeout_ms),
      };
      const runs: readonly [string, number[]][] = [
        ['engine', measure(LIVE_ELECTIONS, (seed) => liveElection(setup, seed))],
        ['protocol', measure(ELECTIONS, (seed) => freshElection(setup, seed).ms)],
      ];
      for (const [by, times] of runs) {
        const name = `WAN ${up} of ${of}, ${by}`;
        compare(`${name}, mean`, thesis_ms.mean, meanOf(times), 0.03);
        compare(`${name}, p99`, thesis_ms.p99, quantileOf(times, 0.99), 0.08);
        compare(`${name}, recomputed mean`, recomputed_first_leader_ms.mean, meanOf(times), 0.03);
      }
    },
    600_000,
  );
});

describe('failover on a LAN', () => {
  const { lan_setup, lan_fitted_delays, lan } = PUBLISHED;

  it.each(lan)(
    'timeouts of $range_ms ms',
    ({ range_ms, measured_ms, model_ms }) => {
      const timeout = spanOf(range_ms);
      expect(timeout.maxMs - timeout.minMs, 'the tolerance is for such ranges').toBeGreaterThan(11);
      const setup = {
        timeout,
        servers: lan_setup.servers,
        electable: lan_setup.electable,
        oneWay: spanOf(lan_fitted_delays.one_way_ms),
        voteWrite: spanOf(lan_fitted_delays.durable_vote_write_ms),
      };
      const times = measure(ELECTIONS, (seed) => failover(setup, seed));
      compare(`LAN ${range_ms}, p50`, measured_ms.p50, quantileOf(times, 0.5), 0.06);
      compare(`LAN ${range_ms}, p90`, measured_ms.p90, quantileOf(times, 0.9), 0.1);
      compare(`LAN ${range_ms}, p50 of the fit`, model_ms.p50, quantileOf(times, 0.5), 0.06);
      compare(`LAN ${range_ms}, p90 of the fit`, model_ms.p90, quantileOf(times, 0.9), 0.1);
    },
    600_000,
  );

  it('without randomness takes at least 50 times as long as with 150-300 ms', () => {
    const setup = { timeout: { minMs: 150, maxMs: 150 }, servers: 5, electable: 2 };
    const delays = { oneWay: { minMs: 2, maxMs: 2 }, voteWrite: { minMs: 8, maxMs: 8 } };
    const limitMs = 50 * (lan[0] as Lan).measured_ms.mean;
    const times = measure(5, (seed) => failover({ ...setup, ...delays }, seed, limitMs));
    expect(times).toEqual(times.map(() => Infinity));
  });
});
