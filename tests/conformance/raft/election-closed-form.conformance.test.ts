/**
 * How long an election takes by the closed forms of the dissertation, section 9.3, and in the
 * protocol itself: the first timeout of several servers, and the time to a leader with the rounds
 * that split.
 *
 * Means and shares lie within three standard errors of what is expected. The form for the time to
 * a leader lets every round after a split begin for all when the first request arrives. Who stood
 * waits from an earlier moment on, by a latency at most, and who votes from a later one, by a write
 * at most; so for each split that is expected the mean may differ by that.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { firstTimeout, firstWithin, splitRate, timeToLeader } from './support/closed-form.ts';
import { failover, freshElection } from './support/elections.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';
const ELECTIONS = LONG ? 5_000 : 200;
const RANGE_MS = 1_000;
const DEVIATIONS = 3;
const LONGEST_MS = 600_000;
const TIMEOUT = { minMs: RANGE_MS, maxMs: 2 * RANGE_MS };
const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

const { first_timeout: published } = JSON.parse(
  readFileSync(join(folder, 'split_vote.json'), 'utf8'),
) as { readonly first_timeout: string };

const lines: string[] = [];
afterAll(() => {
  console.info([`elections, ${ELECTIONS} each: expected, measured, interval`, ...lines].join('\n'));
});

const steady = (share: number) => ({ minMs: share * RANGE_MS, maxMs: share * RANGE_MS });

/** Of so many elections, in ranges. */
function sample(of: (seed: number) => number): { readonly all: number[]; readonly mean: number } {
  const all = Array.from({ length: ELECTIONS }, (_, i) => of(i) / RANGE_MS);
  return { all, mean: all.reduce((sum, each) => sum + each, 0) / ELECTIONS };
}

function errorOf({ all, mean }: ReturnType<typeof sample>): number {
  const squares = all.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return Math.sqrt(squares / (ELECTIONS - 1) / ELECTIONS);
}

function isWithin(what: string, expected: number, measured: number, span: [number, number]): void {
  const interval = span.map((each) => each.toFixed(4)).join(' - ');
  const line = `${what} | ${expected.toFixed(4)} | ${measured.toFixed(4)} | ${interval}`;
  lines.push(line);
  expect(measured, line).toBeGreaterThanOrEqual(span[0]);
  expect(measured, line).toBeLessThanOrEqual(span[1]);
}

/** Without a latency the first timeout is the election. */
function firstTimeouts(s: number) {
  const setup = { servers: 2 * s - 1, up: s, oneWay: steady(0), timeout: TIMEOUT };
  return sample((i) => freshElection(setup, 40_000_000 + s * ELECTIONS + i).ms - RANGE_MS);
}

describe('the first timeout', () => {
  it('of four servers lies within a quarter of the range in 68.36 % of elections', () => {
    const said = /Pr\(M_4<=\.25\)=(\.\d+)/.exec(published)?.[1];
    const p = firstWithin(4, 0.25);
    expect(Math.abs(p - Number(said))).toBeLessThan(1e-4);
    const { all } = firstTimeouts(4);
    const share = all.filter((each) => each <= 0.25).length / ELECTIONS;
    const margin = DEVIATIONS * Math.sqrt((p * (1 - p)) / ELECTIONS);
    isWithin('first of 4 within .25', p, share, [p - margin, p + margin]);
  });

  it.each([2, 3, 4, 5])(
    'of %i servers comes after one part in as many and one',
    (s) => {
      const found = firstTimeouts(s);
      const margin = DEVIATIONS * errorOf(found);
      const expected = firstTimeout(s);
      const span: [number, number] = [expected - margin, expected + margin];
      isWithin(`first of ${s}`, expected, found.mean, span);
    },
    LONGEST_MS,
  );
});

const LATENCIES = [0.01, 0.05, 0.1, 0.2];

describe('the time to a leader', () => {
  it.each([
    [3, 3],
    [5, 3],
    [5, 5],
    [7, 5],
    [9, 6],
  ])(
    'in a group of %i of which %i are up',
    (n, s) => {
      for (const l of LATENCIES) {
        const expected = timeToLeader(n, s, l);
        const p = splitRate(n, s, l);
        const setup = { servers: n, up: s, oneWay: steady(l), timeout: TIMEOUT };
        const seeds = 50_000_000 + (100 * n + 10 * s + Math.round(10 * l)) * ELECTIONS;
        const found = sample((i) => freshElection(setup, seeds + i).ms);
        const margin = DEVIATIONS * errorOf(found);
        const earlier = (p / (1 - p)) * l;
        const span: [number, number] = [expected - earlier - margin, expected + margin];
        isWithin(`${s} of ${n}, l ${l}`, expected, found.mean, span);
      }
    },
    LONGEST_MS,
  );

  it.each([0.02, 0.05, 0.1])(
    'after a crash within the interval of heartbeats, with a write (latency %f)',
    (l) => {
      const write = 0.03;
      const p = splitRate(5, 4, l);
      // Until all follow: one way more. Half an interval of half a range has gone by.
      const expected = timeToLeader(5, 4, l, write) - 1 / 4 + l;
      const setup = { timeout: TIMEOUT, servers: 5, electable: 4 };
      const ways = { oneWay: steady(l), voteWrite: steady(write) };
      const seeds = 60_000_000 + Math.round(100 * l) * ELECTIONS;
      const found = sample((i) => failover({ ...setup, ...ways }, seeds + i));
      const margin = DEVIATIONS * errorOf(found);
      const each = p / (1 - p);
      const span: [number, number] = [
        expected - each * l - margin,
        expected + each * write + margin,
      ];
      isWithin(`4 of 5 after a crash, l ${l}, w ${write}`, expected, found.mean, span);
    },
    LONGEST_MS,
  );
});
