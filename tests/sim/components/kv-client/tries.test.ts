/** Whom a client tries, how often, and how long it pauses in between. */
import { describe, expect, it } from 'vitest';
import type { NodeIndex } from 'faultline';
import { forSeeds } from '../../../support/seeds.ts';
import { done } from '../support/bench.ts';
import type { Bench } from '../support/bench.ts';
import type { Deed, Script } from '../support/partners.ts';
import { clientBench, completed, definite, doubtful, invoked } from './support/client.ts';
import type { KvClientView } from './support/client.ts';

const WRITES = { readShare: 0 };

const one = (config: object, script: Script, servers = 1, seed = 1): Bench =>
  clientBench({ servers, script, seed, config: { stopMs: 1, ...WRITES, ...config } });

/** Every try of every operation, in the order in which they arrived: which server, and when. */
const tries = (bench: Bench): readonly { readonly server: NodeIndex; readonly micros: number }[] =>
  bench.parts.host.nodes
    .filter((node) => node.behaviour.component === 'scripted-store')
    .flatMap((node) => bench.asked(node.identity.name))
    .toSorted((a, b) => a.micros - b.micros);

/** Milliseconds from each try to the next. */
const gaps = (bench: Bench): readonly number[] =>
  tries(bench).flatMap(({ micros }, i, all) => {
    const next = all[i + 1];
    return next === undefined ? [] : [(next.micros - micros) / 1_000];
  });

const leads = (leader: NodeIndex): Deed => ({ refuse: 'not-leader', detail: { leader } });

describe('a client looks for the leader', () => {
  it('goes to the one that a server names', () => {
    const script: Script = ({ server }) => (server === 2 ? { reply: done() } : leads(2));
    const bench = one({}, script, 4).ms(1_000);
    expect(tries(bench).map(({ server }) => server)).toEqual([0, 2]);
    expect(completed(bench)).toMatchObject([{ outcome: 'ok', retries: 1 }]);
  });

  it('asks one that is busy again, and goes to the one that the office is handed over to', () => {
    const busy: Script = ({ nth }) => (nth === 2 ? { reply: done() } : { refuse: 'busy' });
    const alone = tries(one({}, busy, 4).ms(1_000)).map(({ server }) => server);
    expect(alone).toEqual([0, 0, 0]);
    const script: Script = ({ server }) =>
      server === 2 ? { reply: done() } : { refuse: 'transferring', detail: { leader: 2 } };
    expect(tries(one({}, script, 4).ms(1_000)).map(({ server }) => server)).toEqual([0, 2]);
  });

  it('goes to the next server in turn where none is named', () => {
    const script: Script = ({ server }) => (server === 2 ? { reply: done() } : definite);
    const bench = one({}, script, 4).ms(1_000);
    expect(tries(bench).map(({ server }) => server)).toEqual([0, 1, 2]);
  });

  it('goes to the next server in turn after a try without an answer, and round', () => {
    const config = { tryTimeoutMs: 10, deadlineMs: 150, backoffMs: 10, retryUnknown: true };
    const bench = one(config, () => null, 3).ms(1_000);
    expect(tries(bench).map(({ server }) => server)).toEqual([0, 1, 2, 0, 1, 2, 0, 1]);
  });

  it('goes to the next in turn where the one named is none of its servers', () => {
    const script: Script = ({ server }) => (server === 1 ? { reply: done() } : leads(99));
    expect(tries(one({}, script, 3).ms(1_000)).map(({ server }) => server)).toEqual([0, 1]);
  });

  it('asks first, next time, whoever answered', () => {
    const script: Script = ({ server }) => (server === 2 ? { reply: done() } : leads(2));
    const bench = one({ stopMs: 100, thinkMs: 10 }, script, 4).ms(1_000);
    const servers = tries(bench).map(({ server }) => server);
    expect(servers.length).toBeGreaterThan(4);
    expect(servers).toEqual([0, ...servers.slice(1).fill(2)]);
    expect((bench.view('c1') as KvClientView).target).toBe('s3');
  });
});

describe('a client tries', () => {
  it('as often as fits into its deadline, and no more', () => {
    // Each try may take 20 ms and each pause 10: n tries take 30 n - 10.
    for (const [deadlineMs, expected] of [
      [1, 1],
      [20, 1],
      [49, 1],
      [50, 2],
      [79, 2],
      [80, 3],
      [320, 11],
    ] as const) {
      const config = { tryTimeoutMs: 20, backoffMs: 10, deadlineMs, retryUnknown: true };
      const bench = one(config, () => null).ms(2_000);
      expect(tries(bench), `deadline ${deadlineMs} ms`).toHaveLength(expected);
      const { latencyMicros } = completed(bench)[0] ?? { latencyMicros: Infinity };
      expect(latencyMicros).toBeLessThanOrEqual(Math.max(deadlineMs, 20) * 1_000);
    }
  });

  it.each(['constant', 'exponential', 'full-jitter', 'decorrelated-jitter'])(
    'no longer than its deadline with %s pauses',
    (retryPolicy) => {
      const config = { tryTimeoutMs: 20, backoffMs: 10, deadlineMs: 500, retryUnknown: true };
      forSeeds(10, import.meta.url, (seed) => {
        const bench = one({ ...config, retryPolicy }, () => null, 1, seed).ms(20_000);
        expect(tries(bench).length).toBeGreaterThan(1);
        expect(completed(bench)[0]?.latencyMicros).toBeLessThanOrEqual(500_000);
      });
    },
  );

  it('a doubtful write once where retryUnknown is off', () => {
    for (const deed of [null, doubtful]) {
      const bench = one({ tryTimeoutMs: 20, retryUnknown: false }, () => deed).ms(3_000);
      expect(tries(bench)).toHaveLength(1);
    }
  });

  it('a doubtful write again where retryUnknown is on', () => {
    for (const deed of [null, doubtful]) {
      const script: Script = ({ nth }) => (nth === 0 ? deed : { reply: done() });
      const bench = one({ tryTimeoutMs: 20, retryUnknown: true }, script).ms(3_000);
      expect(tries(bench)).toHaveLength(2);
      expect(completed(bench)).toMatchObject([{ outcome: 'ok', retries: 1 }]);
    }
  });

  it('a read again without being asked to', () => {
    const script: Script = ({ nth }) => (nth === 0 ? null : { reply: done() });
    const config = { readShare: 1, tryTimeoutMs: 20, retryUnknown: false };
    expect(tries(one(config, script).ms(3_000))).toHaveLength(2);
  });

  it('again with the same request', () => {
    const config = { tryTimeoutMs: 20, retryUnknown: true };
    const bench = one(config, () => null).ms(3_000);
    const requests = bench.asked('s1').map(({ request }) => request);
    expect(requests.length).toBeGreaterThan(2);
    expect(new Set(requests.map((request) => JSON.stringify(request))).size).toBe(1);
  });
});

describe('the pauses between tries', () => {
  /** A refusal takes a round trip of 2 ms, so whatever is more is the pause. */
  const ROUND_TRIP_MS = 2;
  const pauses = (config: object, seed = 1): readonly number[] => {
    const base = { backoffMs: 10, backoffCapMs: 100, tryTimeoutMs: 5, deadlineMs: 1_000 };
    const bench = one({ ...base, ...config }, () => definite, 1, seed).ms(20_000);
    return gaps(bench).map((gap) => gap - ROUND_TRIP_MS);
  };

  it('are all the same with the policy constant', () => {
    const found = pauses({ retryPolicy: 'constant' });
    expect(found.length).toBeGreaterThan(10);
    expect(new Set(found)).toEqual(new Set([10]));
  });

  it('double up to the cap with the policy exponential', () => {
    const found = pauses({ retryPolicy: 'exponential' });
    expect(found.slice(0, 6)).toEqual([10, 20, 40, 80, 100, 100]);
  });

  it('lie between nothing and the doubled pause with full jitter, and fill that range', () => {
    const shares: number[] = [];
    forSeeds(40, import.meta.url, (seed) => {
      pauses({ retryPolicy: 'full-jitter' }, seed)
        .slice(0, 5)
        .forEach((pause, i) => {
          const most = Math.min(100, 10 * 2 ** i);
          expect(pause).toBeGreaterThanOrEqual(0);
          expect(pause).toBeLessThanOrEqual(most);
          shares.push(pause / most);
        });
    });
    // Uniform in [0, 1] over 200 draws: mean 0.5, standard error 0.02; five of those allowed.
    if (shares.length >= 200) {
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      expect(Math.abs(mean - 0.5)).toBeLessThan(0.1);
    }
    expect(Math.min(...shares)).toBeLessThan(0.5);
    expect(Math.max(...shares)).toBeGreaterThan(0.5);
  });

  it('lie between the base and three times the last one with decorrelated jitter', () => {
    const longest: number[] = [];
    forSeeds(20, import.meta.url, (seed) => {
      let last = 10;
      const found = pauses({ retryPolicy: 'decorrelated-jitter' }, seed);
      for (const pause of found) {
        expect(pause).toBeGreaterThanOrEqual(10);
        expect(pause).toBeLessThanOrEqual(Math.min(100, last * 3));
        last = pause;
      }
      longest.push(Math.max(...found));
    });
    expect(Math.max(...longest)).toBeGreaterThan(30);
  });

  it('are none where the backoff is nothing', () => {
    const found = pauses({ backoffMs: 0, retryPolicy: 'exponential', deadlineMs: 30 });
    expect(found).toEqual([0, 0, 0, 0, 0]);
  });

  it('begin anew with each operation', () => {
    const script: Script = ({ nth }) => (nth % 4 === 3 ? { reply: done() } : definite);
    const config = { retryPolicy: 'exponential', backoffMs: 10, tryTimeoutMs: 5, stopMs: 100 };
    const bench = one(config, script).ms(2_000);
    expect(invoked(bench).length).toBeGreaterThan(1);
    expect(gaps(bench).slice(0, 7)).toEqual([12, 22, 42, 2, 12, 22, 42]);
  });
});
