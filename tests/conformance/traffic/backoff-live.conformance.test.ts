/**
 * The table of `backoff_cases.json` through the running simulator: users of an `http-client`, each
 * of whom wants one write to go through, an application that reads and then writes, and a row that
 * refuses whoever has not read its newest version. Tries and pauses are the client's own call
 * policy; the hops are those of the network, N(10, 2) ms.
 *
 * The source raises its counter before the first pause, so that its n-th pause is 5 * 2^n: our
 * first pause is 10. The decorrelated pause, which does not count, begins at 5.
 *
 * Short form: so many rounds of each row as `roundsOf` says. FAULTLINE_LONG=1: all 400.
 */
import type { GroupPlan, NetworkPlan } from 'faultline';
import { afterAll, describe, expect, it } from 'vitest';
import { CONTESTS, OURS, lineOf, margin, summary } from './support/backoff-table.ts';
import type { ContestRow, MeanRow } from './support/backoff-table.ts';
import { READ, WRITE, contendedRow } from './support/contended-row.ts';
import type { RowState } from './support/contended-row.ts';
import { Live } from './support/live.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';
const FIRST_SEED = 1;
const CAP_MS = 2_000;
/** Nobody gives up. */
const PATIENT_MS = 3_600_000;
const ATTEMPTS_MAX = 1_000;
const HOP = { kind: 'normal', meanMs: 10, sdMs: 2 } as const;

/** The clients and their application are one process: only the row is far away. */
const network: NetworkPlan = {
  latency: { kind: 'constant', ms: 0 },
  links: [
    { from: 'app', to: 'row', latency: HOP },
    { from: 'row', to: 'app', latency: HOP },
  ],
};

function groupsOf({ clients, algo }: ContestRow): readonly GroupPlan[] {
  const policy = OURS.get(algo);
  const baseMs = policy === 'decorrelated-jitter' ? 5 : 10;
  return [
    {
      name: 'clients',
      component: 'http-client',
      count: 1,
      links: { target: 'app' },
      config: {
        load: 'closed',
        users: clients,
        thinkMs: 0,
        // Each has asked at once, and asks no second time.
        stopMs: 1,
        call: {
          timeoutMs: PATIENT_MS,
          maxAttempts: ATTEMPTS_MAX,
          backoff: { policy, baseMs, capMs: CAP_MS },
        },
      },
    },
    {
      name: 'app',
      component: 'service',
      count: 1,
      links: { row: 'row' },
      config: {
        steps: [
          { do: 'call', to: 'row', route: READ },
          { do: 'call', to: 'row', route: WRITE },
        ],
        upstreams: [{ to: 'row', timeoutMs: PATIENT_MS }],
      },
    },
    { name: 'row', component: 'contended-row', count: 1 },
  ];
}

function contest(row: ContestRow, seed: number) {
  const live = new Live({ groups: groupsOf(row), network, seed, components: [contendedRow] });
  live.to(PATIENT_MS);
  const { version, writes } = live.state<RowState>('row1');
  const where = `seed ${seed}, ${row.clients} ${row.algo}`;
  expect(live.answered, where).toHaveLength(row.clients);
  expect(version, where).toBe(row.clients);
  expect(writes, where).toBe(live.answered.reduce((sum, { retries }) => sum + retries + 1, 0));
  return { timeMs: Math.max(...live.answered.map(({ atMicros }) => atMicros)) / 1_000, writes };
}

const roundsOf = ({ clients }: ContestRow): number => (LONG ? 400 : clients === 10 ? 60 : 12);

const played = new Map<string, ReturnType<typeof play>>();
function play(row: ContestRow) {
  const rounds = Array.from({ length: roundsOf(row) }, (_, n) => contest(row, FIRST_SEED + n));
  return {
    time: summary(rounds.map(({ timeMs }) => timeMs)),
    calls: summary(rounds.map(({ writes }) => writes)),
  };
}
function playOnce(row: ContestRow) {
  const key = `${row.clients}/${row.algo}`;
  const found = played.get(key) ?? play(row);
  played.set(key, found);
  return found;
}

const MINUTES = 60_000;

describe(`optimistic writers in the running simulator, ${LONG ? 'long' : 'short'} form`, () => {
  const lines: string[] = [];
  afterAll(() => console.info(['row | expected | measured +- 3 errors', ...lines].join('\n')));

  it.each(CONTESTS.rounds400_with_sd)(
    '400 rounds: $clients clients, $algo',
    (row: MeanRow) => {
      const rounds = roundsOf(row);
      const { time, calls } = playOnce(row);
      lines.push(lineOf(row, time, calls, rounds));
      const theirTime = { mean: row.time_mean, sd: row.time_sd };
      const theirCalls = { mean: row.calls_mean, sd: row.calls_sd };
      const ofTime = margin(time, rounds, theirTime, row.rounds, 0.05);
      const ofCalls = margin(calls, rounds, theirCalls, row.rounds, 0.02);
      const seeds = `seeds ${FIRST_SEED}..${FIRST_SEED + rounds - 1}`;
      expect(Math.abs(time.mean - row.time_mean), seeds).toBeLessThanOrEqual(ofTime);
      expect(Math.abs(calls.mean - row.calls_mean), seeds).toBeLessThanOrEqual(ofCalls);
    },
    10 * MINUTES,
  );

  it.each(CONTESTS.rounds100_single_seed)(
    '100 rounds: $clients clients, $algo',
    (row) => {
      const rounds = roundsOf(row);
      const { time, calls } = playOnce(row);
      // The published mean is cut to a whole number. With fewer rounds the mean is less sure.
      const ofTime = Math.max(0.15 * row.time, (3 * time.sd) / Math.sqrt(rounds)) + 1;
      const ofCalls = Math.max(0.05 * row.calls, (3 * calls.sd) / Math.sqrt(rounds)) + 1;
      expect(Math.abs(time.mean - row.time)).toBeLessThanOrEqual(ofTime);
      expect(Math.abs(calls.mean - row.calls)).toBeLessThanOrEqual(ofCalls);
    },
    10 * MINUTES,
  );
});
