/**
 * Causal reverse: a read sees a write but not another that had completed before it began. Real time
 * between writes is then turned round, which serializability allows and strict serializability
 * does not.
 *
 * Operations: `write` (input a value that nobody else writes) and `read` (output the values seen).
 * Invariant: for each read, the latest call among the writes it saw bounds which completed writes
 * it must see too. Time: reads times writes.
 *
 * Source: the `causal-reverse` test of Jepsen (found in CockroachDB).
 */
import type { Op } from '../../observe/history.ts';
import { actorOf, callTime, returnTime, showValue, valueKey } from './result.ts';
import type { Result, Value } from './result.ts';

export interface ReversedWrite {
  readonly read: number;
  /** The write that was not seen although it came first. */
  readonly missing: number;
  /** The later write that was seen. */
  readonly seen: number;
}

export interface CausalReverseResult extends Result {
  readonly reversed: readonly ReversedWrite[];
  readonly because: readonly string[];
}

export function checkCausalReverse(ops: readonly Op[]): CausalReverseResult {
  const writes = new Map<string | number, Op>();
  const acknowledged: Op[] = [];
  for (const op of ops) {
    if (op.f !== 'write' || op.outcome === 'fail') continue;
    writes.set(valueKey(op.input as Value), op);
    if (op.outcome === 'ok') acknowledged.push(op);
  }
  acknowledged.sort((a, b) => a.ret - b.ret || a.id - b.id);
  const reversed: ReversedWrite[] = [];
  const because: string[] = [];
  let steps = 0;
  for (const read of ops) {
    if (read.f !== 'read' || read.outcome !== 'ok') continue;
    const seen = new Set((read.output as readonly Value[]).map(valueKey));
    let latest: Op | undefined;
    for (const key of seen) {
      const write = writes.get(key);
      if (write !== undefined && (latest === undefined || write.call > latest.call)) latest = write;
    }
    if (latest === undefined) continue;
    for (const write of acknowledged) {
      steps++;
      if (write.ret >= latest.call) break;
      if (seen.has(valueKey(write.input as Value))) continue;
      reversed.push({ read: read.id, missing: write.id, seen: latest.id });
      because.push(
        `${actorOf(read)} saw ${showValue(latest.input as Value)}, begun at ${callTime(latest)}, ` +
          `but not ${showValue(write.input as Value)}, acknowledged at ${returnTime(write)}.`,
      );
    }
  }
  return {
    verdict: reversed.length > 0 ? 'fail' : 'pass',
    check: 'causal-reverse',
    steps,
    reversed,
    because,
  };
}
