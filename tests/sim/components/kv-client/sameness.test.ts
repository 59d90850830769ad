/** What two runs of a client share, what a checkpoint keeps of it, and what people see. */
import { describe, expect, it } from 'vitest';
import { stateHash } from '../../../../src/sim/kernel/state-hash.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { Bench, done, valueOf } from '../support/bench.ts';
import type { Script } from '../support/partners.ts';
import { clientBench, completed, definite, invoked } from './support/client.ts';
import type { KvClientView } from './support/client.ts';

const store: Script = ({ request, nth }) =>
  nth % 11 === 3
    ? definite
    : { reply: request.type === 'kv.get' ? valueOf(nth) : done(), afterMs: nth % 6 };

describe('common random numbers', () => {
  /** Before a real group of servers with these settings: what was asked, in order. */
  function asks(seed: number, servers: object, disk: object): readonly unknown[] {
    const bench = new Bench({
      seed,
      groups: [
        { name: 'n', component: 'raft-kv', count: 3, config: { ...servers }, disk },
        {
          name: 'c',
          component: 'kv-client',
          count: 2,
          links: { servers: 'n' },
          config: { thinkMs: 5, readShare: 0.4, keys: 50 },
        },
      ],
    }).ms(3_000);
    return ['c1', 'c2'].map((name) =>
      bench.told('client.invoked', name).map(({ fact }) => {
        const { f, key } = fact as unknown as { f: string; key: string };
        return `${f} ${key}`;
      }),
    );
  }

  it('ask the same operations in the same order where only the servers differ', () => {
    forSeeds(3, import.meta.url, (seed) => {
      const [quick, slow] = [
        asks(seed, {}, { fsync: { kind: 'constant', ms: 1 } }),
        asks(seed, { heartbeatMs: 20 }, { fsync: { kind: 'uniform', minMs: 5, maxMs: 9 } }),
      ] as const;
      quick.forEach((operations, i) => {
        const a = operations as readonly string[];
        const b = slow[i] as readonly string[];
        const both = Math.min(a.length, b.length);
        expect(both).toBeGreaterThan(50);
        expect(a.length).not.toBe(b.length);
        expect(a.slice(0, both)).toEqual(b.slice(0, both));
      });
    });
  });

  it('are other ones with another seed', () => {
    const of = (seed: number): unknown => asks(seed, {}, {});
    expect(of(1)).not.toEqual(of(2));
  });
});

describe('restoring a client in the middle of operations', () => {
  const fresh = (seed: number, mode: string): Bench =>
    clientBench({
      seed,
      servers: 3,
      script: store,
      config: {
        mode,
        workers: 4,
        thinkMs: 3,
        ratePerSecond: 400,
        casShare: 0.5,
        retryPolicy: 'full-jitter',
      },
    });
  const look = (bench: Bench): unknown => [
    bench.traceHash,
    bench.run.eventNumber,
    stateHash(bench.node('c1').behaviour.plain?.(bench.node('c1').state)),
    bench.view('c1'),
  ];

  it.each(['closed', 'open'])('gives the same run again: %s', (mode) => {
    forSeeds(5, import.meta.url, (seed, random) => {
      const bench = fresh(seed, mode);
      bench.run.advance(Infinity, random.between(200, 1_000));
      const image = bench.run.save();
      expect((bench.view('c1') as KvClientView).inFlight).toBeGreaterThan(0);
      const here = look(bench);
      bench.after(500);
      const end = look(bench);
      expect(end).not.toEqual(here);
      // Back in the same run, and twice: what ran in between must not have touched the image.
      for (let again = 0; again < 2; again++) {
        bench.run.restore(image);
        expect(look(bench)).toEqual(here);
        bench.after(500);
        expect(look(bench)).toEqual(end);
      }
    });
  });

  it('keeps which values it saw', () => {
    const bench = fresh(1, 'closed').ms(300);
    bench.run.advance(Infinity, 1);
    const seen = (): unknown => (bench.node('c1').state as { seen: unknown }).seen;
    const before = structuredClone(seen()) as Map<string, unknown>;
    const image = bench.run.save();
    expect(before.size).toBeGreaterThan(2);
    bench.after(200);
    expect(seen()).not.toEqual(before);
    bench.run.restore(image);
    expect(seen()).toEqual(before);
  });
});

describe('the view of a client', () => {
  it('counts what is under way and how operations ended', () => {
    const script: Script = ({ nth }) => [{ reply: done() }, null, definite][nth % 3] ?? null;
    const bench = clientBench({
      script,
      config: { readShare: 0, workers: 2, tryTimeoutMs: 30, deadlineMs: 30, stopMs: 500 },
    }).ms(200);
    const ended = completed(bench);
    const count = (outcome: string): number => ended.filter((f) => f.outcome === outcome).length;
    const view = bench.view('c1') as KvClientView;
    expect(view.ok).toBe(count('ok'));
    expect(view.fail).toBe(count('fail'));
    expect(view.unknown).toBe(count('unknown'));
    expect(view.inFlight).toBe(invoked(bench).length - ended.length);
    expect([view.ok, view.fail, view.unknown, view.inFlight].every((n) => n > 0)).toBe(true);
    expect(view.fields.map(({ label, value }) => [label, value])).toEqual([
      ['Under way', view.inFlight],
      ['Answered', view.ok],
      ['Failed', view.fail],
      ['Unknown', view.unknown],
      ['Retries', view.retries],
      ['Asks first', view.target],
    ]);
  });

  it('counts tries beyond the first', () => {
    const script: Script = ({ nth }) => (nth % 3 === 2 ? { reply: done() } : definite);
    const bench = clientBench({ script, config: { stopMs: 300 } }).ms(1_000);
    const retries = completed(bench).reduce((sum, fact) => sum + fact.retries, 0);
    expect(retries).toBeGreaterThan(3);
    expect((bench.view('c1') as KvClientView).retries).toBe(retries);
  });

  it('lists the six that ended last, the latest first', () => {
    const bench = clientBench({
      script: ({ request }) =>
        request.type === 'kv.get' ? { reply: valueOf(5) } : { reply: done() },
      config: { casShare: 0.5, stopMs: 200 },
    }).ms(300);
    const byOp = new Map(invoked(bench).map((fact) => [fact.op, fact]));
    const expected = completed(bench)
      .slice(-6)
      .toReversed()
      .map(({ op, f, outcome }) => {
        const { key, input } = byOp.get(op) ?? {};
        if (f === 'get') return { label: `read ${String(key)}`, outcome };
        if (f === 'put') return { label: `${String(key)} = ${String(input)}`, outcome };
        const { expected: was, value } = input as { expected: unknown; value: unknown };
        return { label: `${String(key)}: ${String(was)} to ${String(value)}`, outcome };
      });
    expect(expected).toHaveLength(6);
    expect((bench.view('c1') as KvClientView).recent).toEqual(expected);
  });

  it('asks nobody first before its first operation ended', () => {
    const bench = clientBench({ script: () => null }).ms(50);
    expect((bench.view('c1') as KvClientView).target).toBe(null);
  });
});
