/** Reads older than what was acknowledged before they began. */
import { describe, expect, it } from 'vitest';
import type { PlannedRun } from '../../../src/sim/check/check.ts';
import { staleReads } from '../../../src/sim/check/stale-reads.ts';
import { httpClient } from '../../../src/sim/components/http-client/http-client.ts';
import { kvClient } from '../../../src/sim/components/kv-client/kv-client.ts';
import { Stage } from './support/check-env.ts';

class Reads extends Stage {
  constructor(args: object = {}) {
    super(staleReads, args);
  }
  begin(ms: number, op: number, key = 'k1'): this {
    const input = null;
    return this.fact(ms, {
      type: 'client.invoked',
      op,
      client: 'c',
      f: 'get',
      key,
      input,
    } as never);
  }
  /** Ends so long after it began. */
  answer(ms: number, op: number, output: number | null, latencyMs = 1, outcome = 'ok'): this {
    return this.fact(ms, {
      type: 'client.completed',
      op,
      client: 'c',
      f: 'get',
      outcome,
      output,
      retries: 0,
      latencyMicros: latencyMs * 1_000,
    } as never);
  }
}

describe('a read', () => {
  it('of an older version than one acknowledged before it began is stale', () => {
    const run = new Reads().begin(1, 1).answer(2, 1, 5).begin(10, 2).answer(11, 2, 4);
    expect(run.verdict).toBe('fail');
    expect(run.whys).toEqual([
      'A read returned k1 in version 4, but version 5 was known 8 ms before it began.',
    ]);
  });

  it('of the same or a newer version is fresh', () => {
    const run = new Reads().begin(1, 1).answer(2, 1, 5).begin(10, 2).answer(11, 2, 5);
    expect(run.begin(12, 3).answer(13, 3, 6).verdict).toBe('pass');
  });

  it('that began before the acknowledgement may return either', () => {
    const run = new Reads().begin(1, 2).begin(1, 1).answer(2, 1, 5).answer(3, 2, 4, 2);
    expect(run.verdict).toBe('pass');
  });

  it('of another object is not compared', () => {
    const run = new Reads().begin(1, 1).answer(2, 1, 5).begin(10, 2, 'k2').answer(11, 2, 4);
    expect(run.verdict).toBe('pass');
  });

  it('that failed, or has no version, tells nothing', () => {
    const run = new Reads().begin(1, 1).answer(2, 1, 9, 1, 'unknown');
    expect(run.verdict).toBe('unknown');
    expect(run.begin(3, 2).answer(4, 2, null).verdict).toBe('unknown');
    expect(run.begin(5, 3).answer(6, 3, 1).verdict).toBe('pass');
  });

  it('makes known what it saw', () => {
    const run = new Reads().begin(1, 1).answer(2, 1, 5).begin(3, 2).answer(4, 2, 7);
    expect(run.begin(5, 3).answer(6, 3, 6).verdict).toBe('fail');
  });
});

describe('bounds', () => {
  const stale = (args: object) => {
    const run = new Reads(args).begin(1, 1).answer(2, 1, 5);
    return run.begin(10, 2).answer(11, 2, 4).begin(20, 3).answer(21, 3, 4);
  };

  it('allow so many', () => {
    expect(stale({ atMost: 2 }).verdict).toBe('pass');
    expect(stale({ atMost: 1 }).verdict).toBe('fail');
    expect(stale({ atMost: 1 }).told).toHaveLength(1);
  });

  it('ask for so many, to show that staleness happens', () => {
    const two = (args: object) => stale(args).end();
    expect(two({ atLeast: 2 }).verdict).toBe('pass');
    expect(two({ atLeast: 2, atMost: 2 }).verdict).toBe('pass');
    const three = two({ atLeast: 3 });
    expect(three.verdict).toBe('fail');
    expect(three.whys).toEqual(['2 of 3 reads were stale, not at least 3.']);
    // Beside atLeast there is no other bound; alone, none may be stale.
    expect(two({ atLeast: 1 }).verdict).toBe('pass');
    expect(two({}).verdict).toBe('fail');
  });

  it('ask for so many of a whole run only', () => {
    expect(stale({ atLeast: 3 }).now).toBe('unknown');
    expect(stale({ atLeast: 3 }).end(1_000, false).verdict).toBe('unknown');
    expect(stale({ atLeast: 2 }).end(1_000, false).verdict).toBe('pass');
    expect(new Reads({ atLeast: 1 }).end().verdict).toBe('unknown');
  });

  it('allow staleness of so long', () => {
    // The reads began 8 and 18 ms after the acknowledgement.
    expect(stale({ olderThanMs: 18 }).verdict).toBe('fail');
    expect(stale({ olderThanMs: 18.001 }).verdict).toBe('pass');
    expect(stale({ olderThanMs: 8.001, atMost: 1 }).verdict).toBe('pass');
  });

  it('leave out what ends before a moment, but remember what it saw', () => {
    expect(stale({ fromMs: 11, atMost: 1 }).verdict).toBe('fail');
    expect(stale({ fromMs: 12, atMost: 1 }).verdict).toBe('pass');
    expect(stale({ fromMs: 22 }).verdict).toBe('unknown');
  });

  it('are kept over a checkpoint', () => {
    const run = new Reads().begin(1, 1).answer(2, 1, 5).begin(10, 2);
    const image = run.check.save();
    run.answer(11, 2, 4);
    expect(run.verdict).toBe('fail');
    run.check.restore(image);
    expect(run.verdict).toBe('pass');
    expect(run.answer(11, 2, 4).verdict).toBe('fail');
  });
});

describe('clients of a key-value store', () => {
  const run = (...behaviours: PlannedRun['components'][number][]): PlannedRun => ({
    durationMs: 1_000,
    healMs: null,
    components: [httpClient, kvClient],
    groups: behaviours.map((behaviour) => {
      const asks = behaviour === httpClient ? ['/'] : null;
      const operations = behaviour.operations ?? null;
      return { name: 'c', count: 1, behaviour, asks, operations, mayWrite: true, config: {} };
    }),
  });
  const args = { atLeast: null, atMost: null, olderThanMs: 0, fromMs: 0 } as never;

  it('are told values: the check is refused where nobody is told versions', () => {
    expect(() => staleReads.check?.(args, 'checks/x/args', run(kvClient))).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/No client of this plan is told versions/) as string,
        hint: 'Clients that are: http-client. Here staleness would fit.',
      }),
    );
    expect(() => staleReads.check?.(args, '', run(httpClient, kvClient))).not.toThrow();
  });

  it('are not counted beside others', () => {
    const reads = new Reads();
    reads.operations = ['get', 'put'];
    reads.begin(1, 1).answer(2, 1, 5).begin(10, 2).answer(11, 2, 4);
    expect(reads.verdict).toBe('unknown');
  });
});
