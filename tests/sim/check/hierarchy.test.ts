/**
 * Stronger levels imply weaker ones, on random histories of a real store with stale reads, of
 * unique values, so that every checker can judge them.
 */
import { describe, expect, it } from 'vitest';
import {
  checkCausal,
  checkLinearizable,
  checkPram,
  checkSequential,
  checkSession,
  kvModel,
} from 'faultline';
import type { HistoryValue, Op } from 'faultline';
import { forSeeds } from '../../support/seeds.ts';
import type { Random } from '../../support/seeds.ts';
import { historyOf } from './support/histories.ts';

const model = kvModel();

const LEVELS = [
  'linearizable',
  'sequential',
  'convergent',
  'memory',
  'pram',
  'causal',
  'session',
] as const;
type Level = (typeof LEVELS)[number];

/** Level, what it implies. */
const IMPLIES: readonly (readonly [Level, readonly Level[]])[] = [
  ['linearizable', ['sequential', 'session']],
  ['sequential', ['convergent', 'memory']],
  ['convergent', ['causal']],
  ['memory', ['causal', 'pram']],
];

function holds(level: Level, ops: readonly Op[]): boolean {
  switch (level) {
    case 'linearizable':
      return checkLinearizable(ops, model as never).verdict === 'pass';
    case 'sequential':
      return checkSequential(ops, model as never).verdict === 'pass';
    case 'pram':
      return checkPram(ops).verdict === 'pass';
    case 'session':
      return checkSession(ops).verdict === 'pass';
    default:
      return checkCausal(ops, { level }).verdict === 'pass';
  }
}

/** Clients of two replicas; the second lags and is asked by some. */
function lagging(random: Random): Op[] {
  const written: HistoryValue[][] = [[null], [null]];
  const processes = Array.from({ length: 2 + random.int(3) }, () => 0);
  const ops: Op[] = [];
  let processCount = processes.length;
  const numbers = processes.map((_, at) => at);
  for (let id = 0; id < 4 + random.int(8); id++) {
    const client = random.int(processes.length);
    const key = random.int(2);
    const versions = written[key]!;
    const call = Math.max(processes[client]! + 1, id * 3 - random.int(6));
    const ret = call + 1 + random.int(5);
    processes[client] = ret;
    const base = { id, process: numbers[client]!, client: `c${client}`, key: 'xy'[key]!, call };
    if (random.chance(50)) {
      const isUnknown = random.chance(10);
      if (!isUnknown || random.chance(50)) versions.push(id + 1);
      if (isUnknown) numbers[client] = processCount++;
      ops.push({
        ...base,
        f: 'put',
        input: id + 1,
        outcome: isUnknown ? 'unknown' : 'ok',
        ret: isUnknown ? Infinity : ret,
      });
    } else {
      const behind = random.chance(25) ? 1 + random.int(2) : 0;
      const output = versions[Math.max(0, versions.length - 1 - behind)] ?? null;
      ops.push({ ...base, f: 'get', input: null, output, outcome: 'ok', ret });
    }
  }
  return ops;
}

describe('the hierarchy of consistency', () => {
  it('holds on 2,000 random histories, of which each level accepts and refuses some', () => {
    const accepted = new Map<Level, number>(LEVELS.map((level) => [level, 0]));
    const runs = 2_000;
    forSeeds(runs, import.meta.url, (_, random) => {
      const ops = lagging(random);
      const verdicts = new Map(LEVELS.map((level) => [level, holds(level, ops)]));
      for (const level of LEVELS) {
        if (verdicts.get(level) === true) accepted.set(level, (accepted.get(level) ?? 0) + 1);
      }
      for (const [strong, weaker] of IMPLIES) {
        if (verdicts.get(strong) !== true) continue;
        for (const weak of weaker) expect(verdicts.get(weak), `${strong}, not ${weak}`).toBe(true);
      }
    });
    if (process.env['TEST_SEEDS'] !== undefined) return;
    for (const [level, count] of accepted) {
      expect(count, level).toBeGreaterThan(100);
      expect(count, level).toBeLessThan(runs - 100);
    }
    const most = accepted.get('causal') ?? 0;
    for (const level of ['linearizable', 'sequential', 'convergent'] as const) {
      expect(accepted.get(level), `${level} is asked for more than causal`).toBeLessThan(most);
    }
  });

  it('is strict: each level accepts a history that the next refuses', () => {
    const put = (p: number, key: string, value: number, call: number) => ({
      p,
      f: 'put',
      key,
      in: value,
      call,
      ret: call + 1,
      out: true,
    });
    const get = (p: number, key: string, value: number | null, call: number) => ({
      p,
      f: 'get',
      key,
      out: value,
      call,
      ret: call + 1,
    });
    const late = historyOf([put(0, 'x', 1, 0), get(1, 'x', null, 2)]) as Op[];
    expect(LEVELS.filter((level) => !holds(level, late))).toEqual(['linearizable']);
    const split = [put(0, 'x', 1, 0), put(1, 'x', 2, 0), get(0, 'x', 2, 2), get(1, 'x', 1, 2)];
    const divided = historyOf(split) as Op[];
    expect(LEVELS.filter((level) => holds(level, divided))).toEqual([
      'memory',
      'pram',
      'causal',
      'session',
    ]);
    const backwards = [put(0, 'x', 1, 0), get(1, 'x', 1, 2), put(1, 'y', 2, 4), get(2, 'y', 2, 6)];
    const answered = historyOf([...backwards, get(2, 'x', null, 8)]) as Op[];
    expect(LEVELS.filter((level) => holds(level, answered))).toEqual(['pram']);
    const swapped = [put(0, 'x', 1, 0), put(0, 'x', 2, 2), get(1, 'x', 2, 4), get(1, 'x', 1, 6)];
    const disordered = historyOf(swapped) as Op[];
    expect(LEVELS.filter((level) => holds(level, disordered))).toEqual([]);
  });
});
