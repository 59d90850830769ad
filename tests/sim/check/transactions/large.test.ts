/** Ten thousand transactions: the work is counted in steps, which are the same on every machine. */
import { describe, expect, it } from 'vitest';
import { checkTransactions } from 'faultline';
import type { MicroOp, TxnOp } from 'faultline';
import { randomOf } from '../../../support/seeds.ts';

const TRANSACTIONS = 10_000;
const CLIENTS = 10;
const KEYS = 5;
const LIST_MAX = 60;

/**
 * A store that runs each transaction at one moment; in per mille of all reads it answers with a
 * list that misses its last element.
 */
function history(stalePerMille: number): TxnOp[] {
  const random = randomOf(7);
  const store = new Map<string, number[]>();
  const called: (number | undefined)[] = new Array<undefined>(CLIENTS).fill(undefined);
  const ops: TxnOp[] = [];
  let position = 0;
  let element = 1;
  let firstKey = 0;
  while (ops.length < TRANSACTIONS) {
    const client = random.int(CLIENTS);
    const call = called[client];
    if (call === undefined) {
      called[client] = position++;
      continue;
    }
    called[client] = undefined;
    const touched = new Set<string>();
    const output = Array.from({ length: 1 + random.int(4) }, (): MicroOp => {
      const key = `k${firstKey + random.int(KEYS)}`;
      const list = store.get(key) ?? [];
      if (list.length === LIST_MAX) firstKey++;
      if (random.chance(50)) {
        store.set(key, [...list, element]);
        touched.add(key);
        return ['append', key, element++];
      }
      const isStale = !touched.has(key) && random.int(1_000) < stalePerMille;
      touched.add(key);
      return ['r', key, isStale ? list.slice(0, -1) : list];
    });
    ops.push({
      id: ops.length,
      process: client,
      f: 'txn',
      input: output.map((op): MicroOp => (op[0] === 'r' ? ['r', op[1]] : op)),
      output,
      outcome: 'ok',
      call,
      ret: position++,
    });
  }
  return ops.sort((a, b) => a.call - b.call);
}

describe('a history of 10,000 transactions over lists', () => {
  const clean = history(0);
  const stale = history(5);

  it.each(['serializable', 'strict-serializable'])('is judged in linear work: %s', (level) => {
    const before = process.cpuUsage();
    const result = checkTransactions(clean, { workload: 'list-append', ask: { models: [level] } });
    const { user, system } = process.cpuUsage(before);
    console.log(
      `${level}: ${result.steps} steps, ${Math.round((user + system) / 1_000)} ms of CPU`,
    );
    expect(result.verdict).toBe('pass');
    expect(result.steps).toBeLessThan(10 * TRANSACTIONS);
  });

  it('with stale reads fails with a short cycle', () => {
    const before = process.cpuUsage();
    const result = checkTransactions(stale, {
      workload: 'list-append',
      ask: { models: ['serializable'] },
    });
    const { user, system } = process.cpuUsage(before);
    console.log(
      `stale reads: ${result.steps} steps, ${Math.round((user + system) / 1_000)} ms of CPU`,
    );
    expect(result.verdict).toBe('fail');
    expect(result.found).toContain('G-single');
    expect(Math.min(...result.anomalies.map(({ ops }) => ops.length))).toBeLessThanOrEqual(3);
    expect(result.steps).toBeLessThan(20_000_000);
  });
});
