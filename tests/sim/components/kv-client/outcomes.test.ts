/** How an operation of a client ends, and what it is told as: ok, fail or unknown. */
import { describe, expect, it } from 'vitest';
import type { ClientFact, KvClientView } from './support/client.ts';
import { CLIENT, clientBench, completed, definite, doubtful, invoked } from './support/client.ts';
import { done, valueOf } from '../support/bench.ts';
import type { Bench } from '../support/bench.ts';
import type { Script } from '../support/partners.ts';

/** One worker that does one operation of a kind and then stops. */
const one = (config: object, script: Script, servers = 1): Bench =>
  clientBench({ servers, script, config: { stopMs: 1, ...config } });

const WRITES = { readShare: 0 };
const READS = { readShare: 1 };
/** Two tries: 100 + 10 + 100 fit into 210. */
const TWO_TRIES = { tryTimeoutMs: 100, backoffMs: 10, deadlineMs: 210 };

describe('an operation of a client', () => {
  it('is ok with an answer, and has the value read', () => {
    const bench = one(READS, () => ({ reply: valueOf(7) })).ms(100);
    expect(completed(bench)).toMatchObject([{ f: 'get', outcome: 'ok', output: 7, retries: 0 }]);
    expect(completed(bench)[0]).not.toHaveProperty('error');
  });

  it('is ok also where a comparison failed: the store said so', () => {
    const config = { ...WRITES, casShare: 1 };
    const bench = one(config, () => ({ reply: done(false) })).ms(100);
    expect(completed(bench)).toMatchObject([{ f: 'cas', outcome: 'ok', output: false }]);
  });

  it('takes as long as from the call to the answer', () => {
    const bench = one(WRITES, () => ({ reply: done(), afterMs: 5 })).ms(100);
    expect(completed(bench)).toMatchObject([{ outcome: 'ok', latencyMicros: 7_000 }]);
  });

  it('is a fail where a write was only ever refused definitely', () => {
    const bench = one({ ...WRITES, ...TWO_TRIES }, () => definite).ms(1_000);
    expect(completed(bench)).toMatchObject([
      { f: 'put', outcome: 'fail', output: null, error: 'not-leader', retries: 1 },
    ]);
  });

  it('is unknown where a write had no answer in time', () => {
    const bench = one({ ...WRITES, ...TWO_TRIES }, () => null).ms(1_000);
    expect(completed(bench)).toMatchObject([{ outcome: 'unknown', error: 'timeout' }]);
  });

  it('is unknown where a write was refused without certainty', () => {
    const bench = one({ ...WRITES, ...TWO_TRIES }, () => doubtful).ms(1_000);
    expect(completed(bench)).toMatchObject([{ outcome: 'unknown', error: 'lost-leadership' }]);
  });

  it('stays unknown where a definite refusal follows a doubtful try of a write', () => {
    const script: Script = ({ nth }) => (nth === 0 ? null : definite);
    const config = { ...WRITES, ...TWO_TRIES, retryUnknown: true };
    const bench = one(config, script).ms(1_000);
    expect(completed(bench)).toMatchObject([
      { outcome: 'unknown', error: 'not-leader', retries: 1 },
    ]);
  });

  it('is unknown where a doubtful try follows a definite refusal of a write', () => {
    const script: Script = ({ nth }) => (nth === 0 ? definite : null);
    const bench = one({ ...WRITES, ...TWO_TRIES }, script).ms(1_000);
    expect(completed(bench)).toMatchObject([{ outcome: 'unknown', error: 'timeout', retries: 1 }]);
  });

  it('is a fail where a read has no answer: it had no effect', () => {
    const bench = one({ ...READS, ...TWO_TRIES }, () => null).ms(1_000);
    expect(completed(bench)).toMatchObject([
      { f: 'get', outcome: 'fail', error: 'timeout', retries: 1 },
    ]);
  });

  it('is told once as invoked and once as completed, whatever the answers', () => {
    const answers = [definite, null, doubtful, { reply: done() }, { reply: done(), afterMs: 40 }];
    const bench = clientBench({
      servers: 3,
      script: ({ nth, request }) =>
        request.type === 'kv.get' ? { reply: valueOf(nth) } : (answers[nth % 5] ?? null),
      config: { workers: 4, thinkMs: 2, tryTimeoutMs: 20, deadlineMs: 100, stopMs: 2_000 },
    }).ms(5_000);
    const begun = invoked(bench).map((fact) => fact.op);
    const ended = completed(bench).map((fact) => fact.op);
    expect(begun.length).toBeGreaterThan(100);
    expect(new Set(begun).size).toBe(begun.length);
    expect(ended.toSorted((a, b) => a - b)).toEqual(begun);
    expect(new Set(completed(bench).map((fact) => fact.outcome)).size).toBeGreaterThan(1);
  });

  it('names in both facts the same client and the same function', () => {
    const bench = clientBench({ script: () => ({ reply: done() }), config: { workers: 3 } });
    bench.ms(500);
    const of = (fact: ClientFact): string => `${fact.op} ${fact.client} ${fact.f}`;
    const begun = new Set(invoked(bench).map(of));
    expect(completed(bench).length).toBeGreaterThan(10);
    expect(
      completed(bench)
        .map(of)
        .filter((name) => !begun.has(name)),
    ).toEqual([]);
  });

  it('writes a value that nobody else writes', () => {
    const bench = clientBench({
      clients: 2,
      script: () => ({ reply: done() }),
      config: { ...WRITES, workers: 3, stopMs: 1_000 },
    }).ms(2_000);
    const values = invoked(bench).map((fact) => fact.input);
    expect(values.length).toBeGreaterThan(50);
    expect(new Set(values).size).toBe(values.length);
  });

  it('compares with the value that was read last', () => {
    const bench = clientBench({
      script: ({ request }) =>
        request.type === 'kv.get' ? { reply: valueOf(1_234_567) } : { reply: done(false) },
      config: { keys: 1, readShare: 0.5, casShare: 1, stopMs: 1_000 },
    }).ms(2_000);
    const facts = invoked(bench);
    const firstRead = facts.findIndex((fact) => fact.f === 'get');
    const expected = facts.map((fact) =>
      fact.f === 'cas' ? (fact.input as { expected: unknown }).expected : 'read',
    );
    expect(firstRead).toBeGreaterThanOrEqual(0);
    expect(new Set(expected.slice(0, firstRead))).toEqual(new Set(firstRead > 0 ? [null] : []));
    expect(new Set(expected.slice(firstRead))).toEqual(new Set(['read', 1_234_567]));
  });
});

describe('the history of a client', () => {
  it('goes on under a new process after an operation whose fate is unknown', () => {
    const bench = clientBench({
      script: ({ nth }) => (nth === 2 ? null : { reply: done() }),
      config: { ...WRITES, ...TWO_TRIES, thinkMs: 1 },
    }).ms(1_000);
    const ops = bench.observers.history.ops();
    expect(ops.slice(0, 5).map(({ outcome }) => outcome)).toEqual([
      'ok',
      'ok',
      'unknown',
      'ok',
      'ok',
    ]);
    expect(ops.slice(0, 5).map(({ process }) => process)).toEqual([0, 0, 0, 1, 1]);
    expect(new Set(ops.map(({ client }) => client)).size).toBe(1);
  });

  it('has what was under way in a crash of the client as unknown for ever', () => {
    const bench = clientBench({
      script: () => ({ reply: done(), afterMs: 50 }),
      config: { ...WRITES, workers: 2, thinkMs: 0 },
    });
    bench.ms(20).inject('crash', { type: 'crash', target: CLIENT }).ms(300);
    const before = bench.observers.history.ops();
    expect(before.map(({ outcome, ret }) => [outcome, ret])).toEqual([
      ['unknown', Infinity],
      ['unknown', Infinity],
    ]);
    expect(completed(bench)).toEqual([]);
    bench.undo('crash').ms(1_000);
    const later = bench.observers.history.ops();
    expect(later.slice(0, 2)).toEqual(before);
    // The logical clients go on, each under a new process.
    expect(later[2]).toMatchObject({ client: 'c/1/0#0', process: 2, outcome: 'ok' });
    expect((bench.view('c1') as KvClientView).unknown).toBe(0);
  });
});
