/**
 * How old what was read was: by versions (k) and by time (t).
 *
 *  - k: how many newer versions had been acknowledged before the read was called;
 *  - t: how long before that call the first of these had been acknowledged.
 *
 * Invariants
 *  - Values are unique among the writes of one key (refused otherwise), so a read names its write.
 *  - "Newer" is certain or not claimed: by the store's version order where the caller has it, else
 *    a write called after the read's own write had returned. So k and t are lower bounds.
 *  - A read of what nobody wrote fails the check whatever the bounds.
 *
 * Source: Bailis et al., "Probabilistically bounded staleness", VLDB 2012 (k- and t-staleness).
 */
import { ScenarioError } from '../../kernel/errors.ts';
import { plural } from '../../kernel/plural.ts';
import type { Op } from '../../observe/history.ts';
import { actorOf, callTime, showMicros, showValue, valueKey } from './result.ts';
import type { Explanation, Result, Value } from './result.ts';

export interface StalenessOptions {
  /** The most newer versions that a read may miss. Default: any number. */
  readonly versionsMax?: number;
  /** The longest time for which a newer version may have been acknowledged. Default: any. */
  readonly microsMax?: number;
  /** Writes acknowledged less than this before the read was called do not count. Default: 0. */
  readonly settledMicros?: number;
  readonly initial?: Value;
  readonly version?: (key: string, value: Value) => number | undefined;
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

export interface StaleRead {
  readonly id: number;
  readonly versions: number;
  /** 0 where the history has no times. */
  readonly micros: number;
}

export interface StalenessResult extends Result {
  readonly reads: number;
  /** Reads that missed a newer version, in the order of their calls. */
  readonly stale: readonly StaleRead[];
  readonly versionsMost: number;
  readonly microsMost: number;
  readonly because: readonly string[];
}

export function checkStaleness(
  ops: readonly Op[],
  options: StalenessOptions = {},
): StalenessResult {
  const initial = options.initial ?? null;
  const readNames = new Set(options.reads ?? ['read', 'get']);
  const writeNames = new Set(options.writes ?? ['write', 'put']);
  const writes = writesByKey(ops, writeNames, initial);
  const stale: StaleRead[] = [];
  const because: string[] = [];
  let culprit: Op | undefined;
  let [reads, steps, versionsMost, microsMost] = [0, 0, 0, 0];
  for (const op of [...ops].sort((a, b) => a.call - b.call || a.id - b.id)) {
    if (!readNames.has(op.f) || op.outcome !== 'ok' || op.output === undefined) continue;
    reads++;
    const value = op.output as Value;
    const ofKey = writes.get(op.key ?? '') ?? [];
    const source = ofKey.find(({ input }) => valueKey(input as Value) === valueKey(value));
    steps += ofKey.length;
    const where = op.key === undefined ? '' : `${op.key} = `;
    const what = `${actorOf(op)} read ${where}${showValue(value)}`;
    if (source === undefined && value !== initial) {
      culprit ??= op;
      because.push(`${what}, which nobody wrote.`);
      continue;
    }
    const newer = ofKey.filter((other) => missed(other, source, op, options));
    if (newer.length === 0) continue;
    const first = newer.reduce((a, b) => (b.ret < a.ret ? b : a));
    const micros = Math.max(0, (op.callMicros ?? 0) - (first.retMicros ?? 0));
    stale.push({ id: op.id, versions: newer.length, micros });
    versionsMost = Math.max(versionsMost, newer.length);
    microsMost = Math.max(microsMost, micros);
    const isTooOld =
      newer.length > (options.versionsMax ?? Infinity) || micros > (options.microsMax ?? Infinity);
    if (!isTooOld) continue;
    culprit ??= op;
    const age =
      op.callMicros === undefined ? '' : `, the first of them ${showMicros(micros)} before`;
    const missing = plural(newer.length, 'newer version');
    because.push(`${what} at ${callTime(op)} and missed ${missing}${age}.`);
  }
  const verdict = because.length > 0 ? 'fail' : reads === 0 ? 'unknown' : 'pass';
  return {
    verdict,
    check: 'staleness',
    steps,
    ...(reads === 0 ? { reason: 'nothing was read' } : {}),
    ...(culprit === undefined ? {} : { explanation: explanationOf(culprit, because) }),
    reads,
    stale,
    versionsMost,
    microsMost,
    because,
  };
}

function writesByKey(
  ops: readonly Op[],
  names: ReadonlySet<string>,
  initial: Value,
): Map<string, Op[]> {
  const writes = new Map<string, Op[]>();
  const seen = new Map<string, Set<number | string>>();
  for (const op of ops) {
    if (!names.has(op.f) || op.outcome === 'fail') continue;
    const key = op.key ?? '';
    const value = op.input as Value;
    const values = seen.get(key) ?? new Set<number | string>();
    seen.set(key, values);
    if (values.has(valueKey(value)) || value === initial) {
      const what = `${showValue(value)} is not unique in "${key}"`;
      throw new ScenarioError(`the staleness check needs unique values, but ${what}`, {
        path: 'checks',
        hint: 'let the workload write a new value each time',
      });
    }
    values.add(valueKey(value));
    const list = writes.get(key);
    if (list === undefined) writes.set(key, [op]);
    else list.push(op);
  }
  return writes;
}

/** True when `other` is newer than what was read and acknowledged before the read was called. */
function missed(other: Op, source: Op | undefined, read: Op, options: StalenessOptions): boolean {
  if (other === source || other.outcome !== 'ok' || other.ret >= read.call) return false;
  const age = (read.callMicros ?? 0) - (other.retMicros ?? 0);
  if (age < (options.settledMicros ?? 0)) return false;
  if (source === undefined) return true;
  const key = read.key ?? '';
  const mine = options.version?.(key, source.input as Value);
  const its = options.version?.(key, other.input as Value);
  if (mine !== undefined && its !== undefined) return its > mine;
  return source.outcome === 'ok' && source.ret < other.call;
}

function explanationOf(culprit: Op, because: readonly string[]): Explanation {
  return { culprit: culprit.id, statesBefore: [], maximalPaths: [], window: [culprit.id], because };
}
