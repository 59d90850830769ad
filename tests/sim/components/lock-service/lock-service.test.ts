/** What a lock service grants, prolongs, ends and refuses, and what it keeps through a crash. */
import type { Message } from 'faultline';
import { describe, expect, it } from 'vitest';
import { Bench } from '../support/bench.ts';

const TTL_MS = 1_000;
const FSYNC_MS = 3;

interface LockPlan {
  readonly config?: object;
  readonly ablations?: readonly string[];
}

class LockBench extends Bench {
  constructor({ config = {}, ablations = [] }: LockPlan = {}) {
    super({
      groups: [
        {
          name: 'k',
          component: 'lock-service',
          count: 1,
          config: { ttlMs: TTL_MS, ...config },
          disk: { fsync: { kind: 'constant', ms: FSYNC_MS } },
        },
        { name: 'a', component: 'asker', count: 2, links: { servers: 'k' } },
      ],
      ablations,
    });
    this.ms(1);
  }

  acquire(by = 'a1', lock = 'x') {
    return this.answer(by, 'k1', { type: 'lock.acquire', lock } as Message);
  }

  renew(token: number, lock = 'x') {
    return this.answer('a1', 'k1', { type: 'lock.renew', lock, token } as Message).result;
  }

  release(token: number, lock = 'x') {
    return this.answer('a1', 'k1', { type: 'lock.release', lock, token } as Message).result;
  }
}

const granted = (token: number) => ({
  outcome: 'ok',
  value: { type: 'lock.granted', token, ttlMicros: TTL_MS * 1_000 },
});
const refused = (code: string) => ({ outcome: 'fail', error: { code } });

describe('a lock', () => {
  it('is granted when its lease is on disk, and not before', () => {
    const bench = new LockBench();
    const asked = bench.run.now;
    const { result, micros } = bench.acquire();
    expect(result).toEqual(granted(1));
    expect(micros - asked).toBe((2 + FSYNC_MS) * 1_000);
  });

  it('is refused to everybody while the lease runs, who are told how long that is', () => {
    const bench = new LockBench();
    bench.acquire('a1');
    const { result } = bench.acquire('a2');
    expect(result).toMatchObject(refused('lock-held'));
    const { detail } = (result as { error: { detail: { forMicros: number } } }).error;
    expect(detail.forMicros).toBeGreaterThan((TTL_MS - 10) * 1_000);
    expect(detail.forMicros).toBeLessThanOrEqual(TTL_MS * 1_000);
    bench.after(detail.forMicros / 1_000);
    expect(bench.acquire('a2').result).toEqual(granted(2));
  });

  it('is one of many: another name is free', () => {
    const bench = new LockBench();
    bench.acquire('a1', 'x');
    expect(bench.acquire('a2', 'y').result).toEqual(granted(2));
  });

  it('is free at once when it is given back', () => {
    const bench = new LockBench();
    bench.acquire('a1');
    expect(bench.release(1)).toEqual({ outcome: 'ok', value: { type: 'lock.released' } });
    expect(bench.acquire('a2').result).toEqual(granted(2));
  });
});

describe('a lease', () => {
  it('is prolonged by a whole time to live from then, under its token', () => {
    const bench = new LockBench();
    bench.acquire('a1');
    bench.after(900);
    expect(bench.renew(1)).toEqual(granted(1));
    bench.after(900);
    expect(bench.acquire('a2').result).toMatchObject(refused('lock-held'));
    bench.after(200);
    expect(bench.acquire('a2').result).toEqual(granted(2));
  });

  it('that has run out is neither prolonged nor given back', () => {
    const bench = new LockBench();
    bench.acquire('a1');
    bench.after(TTL_MS + 10);
    expect(bench.renew(1)).toMatchObject(refused('not-holder'));
    expect(bench.release(1)).toMatchObject(refused('not-holder'));
  });

  it('of the next holder is safe from the token of the last, unless nobody looks', () => {
    for (const ablations of [[], ['lock.owner-check']]) {
      const bench = new LockBench({ ablations });
      bench.acquire('a1');
      bench.after(TTL_MS + 10);
      expect(bench.acquire('a2').result).toEqual(granted(2));
      bench.release(1);
      const third = bench.acquire('a1').result;
      if (ablations.length === 0) expect(third).toMatchObject(refused('lock-held'));
      else expect(third).toEqual(granted(3));
    }
  });

  it('ends early by a wall clock that is set ahead, and not by the monotonic one', () => {
    for (const clock of ['wall', 'monotonic']) {
      const bench = new LockBench({ config: { clock } });
      bench.acquire('a1');
      bench.inject('ahead', { type: 'clock-jump', target: 'k', byMs: 5_000 }).after(1);
      const { result } = bench.acquire('a2');
      if (clock === 'wall') expect(result).toEqual(granted(2));
      else expect(result).toMatchObject(refused('lock-held'));
    }
  });
});

describe('a token', () => {
  it('is larger than every one before it, also behind a crash', () => {
    const bench = new LockBench({ config: { firstToken: 32 } });
    const tokens: unknown[] = [];
    const take = () => {
      const { result } = bench.acquire();
      if (result.outcome === 'ok') tokens.push((result.value as { token?: unknown }).token);
    };
    take();
    bench.after(TTL_MS + 10);
    take();
    bench.inject('down', { type: 'crash', target: 'k' }).after(TTL_MS).undo('down');
    bench.after(TTL_MS + 10);
    take();
    expect(tokens).toEqual([33, 34, 35]);
  });

  it('is that of its lock: the lease of one is not prolonged by that of another', () => {
    const bench = new LockBench();
    bench.acquire('a1', 'x');
    bench.acquire('a1', 'y');
    expect(bench.renew(2, 'x')).toMatchObject(refused('not-holder'));
    expect(bench.renew(2, 'y')).toEqual(granted(2));
  });
});

describe('a service that comes back', () => {
  it('gives a lock that was held to nobody before its lease must be over', () => {
    const bench = new LockBench();
    bench.acquire('a1');
    bench.inject('down', { type: 'crash', target: 'k' }).after(50).undo('down').after(1);
    expect(bench.acquire('a2').result).toMatchObject(refused('lock-held'));
    expect(bench.renew(1)).toEqual(granted(1));
    bench.after(TTL_MS + 10);
    expect(bench.acquire('a2').result).toEqual(granted(2));
  });
});
