/**
 * How often a vote splits, against the closed form. With a fixed one-way delay that is a share `l`
 * of the range of timeouts, n servers and s of them running, a first round fails exactly when the
 * c earliest timers, c = s - floor(n/2) + 1, run out within one delay of the first: then the rest
 * cannot give anybody a majority. The chance is the sum over k >= c-1 of C(s,k) l^k (1-l)^(s-k).
 *
 * Source: Ongaro, Consensus: Bridging Theory and Practice (2014), chapter 9.
 */
import { describe, expect, it } from 'vitest';
import { Session } from 'faultline';
import type { FactRecord, Plan } from 'faultline';
import { specOf } from '../support/plans.ts';

const MIN_MS = 150;
const RANGE_MS = 150;
const ELECTIONS = 400;

function choose(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}

function splitChance(n: number, s: number, l: number): number {
  const c = s - Math.floor(n / 2) + 1;
  let sum = 0;
  for (let k = c - 1; k <= s; k++) sum += choose(s, k) * l ** k * (1 - l) ** (s - k);
  return sum;
}

/** Plain Raft on a network of one fixed delay, with disks that take no time. */
function plan(n: number, down: number, delayMs: number): Plan {
  return {
    title: 'One election',
    summary: 'All timers start at once.',
    durationMs: 2_000,
    network: { latency: { kind: 'constant', ms: delayMs } },
    groups: [
      {
        name: 'n',
        component: 'raft-kv',
        count: n,
        config: {
          electionTimeoutMinMs: MIN_MS,
          electionTimeoutMaxMs: MIN_MS + RANGE_MS,
          preVote: false,
          preVoteLease: false,
        },
        disk: { fsync: { kind: 'constant', ms: 0 } },
      },
    ],
    faults:
      down === 0 ? [] : [{ atMs: 1, fault: { type: 'crash', target: { first: down, of: 'n' } } }],
    checks: [],
    story: [],
  };
}

/** Whether the first term that was entered passed without a leader. */
function splits(document: Plan, seed: number): boolean {
  const session = new Session(specOf(document, { seed }));
  let term = 0;
  session.observers.onFact = ({ fact }: FactRecord) => {
    if (fact.type === 'raft.leader' && term === 0) ({ term } = fact as unknown as { term: number });
  };
  // A round takes at most the longest timeout and a few delays.
  for (let until = 400; term === 0 && until <= 2_000; until += 200) {
    session.advance({ untilMicros: until * 1_000 });
  }
  return term !== 1;
}

describe('the share of first rounds that split', () => {
  it.each([
    { n: 3, down: 0, l: 0.2 },
    { n: 5, down: 0, l: 0.2 },
    { n: 5, down: 0, l: 0.4 },
    { n: 5, down: 1, l: 0.1 },
    { n: 5, down: 2, l: 0.05 },
    { n: 5, down: 2, l: 0.2 },
    { n: 7, down: 2, l: 0.2 },
  ])('is the closed form with $n servers, $down of them down, and a delay of $l', (row) => {
    const { n, down, l } = row;
    const document = plan(n, down, l * RANGE_MS);
    let split = 0;
    for (let seed = 1; seed <= ELECTIONS; seed++) if (splits(document, seed)) split += 1;
    const p = splitChance(n, n - down, l);
    const sd = Math.sqrt((p * (1 - p)) / ELECTIONS);
    expect(Math.abs(split / ELECTIONS - p), `${split} of ${ELECTIONS}, p = ${p}`).toBeLessThan(
      3 * sd,
    );
  });

  it('is the one that was published', () => {
    expect(splitChance(3, 3, 0.2)).toBeCloseTo(0.104, 3);
    expect(splitChance(5, 3, 0.05)).toBeCloseTo(0.1426, 4);
    expect(splitChance(5, 5, 0.2)).toBeCloseTo(0.0579, 4);
    expect(splitChance(7, 5, 0.2)).toBeCloseTo(0.2627, 4);
    expect(splitChance(9, 6, 0.5)).toBeCloseTo(0.8906, 4);
  });
});
