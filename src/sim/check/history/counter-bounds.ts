/**
 * A counter judged by bounds: each read must lie between the least and the most that the additions
 * around it allow.
 *
 * Operations: `add` (input, negative for a decrement) and `read` (output the value). A failed add
 * never happened; an unknown one may have, at any time after its call. One sweep over the events.
 * Invariant: low counts the increments acknowledged before the read was called and the decrements
 * called before it returned; high counts the increments called before it returned and the
 * decrements acknowledged before it was called.
 *
 * Weaker than the counter model (two reads may contradict each other), but linear.
 * Source: the `counter` checker of Jepsen.
 */
import type { Op } from '../../observe/history.ts';
import { actorOf, returnTime } from './result.ts';
import type { Result } from './result.ts';

export interface CounterRead {
  readonly id: number;
  readonly low: number;
  readonly value: number;
  readonly high: number;
}

export interface CounterBoundsResult extends Result {
  /** In the order in which the reads returned. */
  readonly reads: readonly CounterRead[];
  readonly because: readonly string[];
}

interface CounterEvent {
  readonly op: Op;
  readonly at: number;
  readonly isReturn: boolean;
}

export function checkCounterBounds(ops: readonly Op[], initial = 0): CounterBoundsResult {
  /** Sums so far: of what was called and of what was acknowledged, by sign. */
  let increasesCalled = 0;
  let increasesDone = 0;
  let decreasesCalled = 0;
  let decreasesDone = 0;
  const atCall = new Map<Op, { readonly up: number; readonly down: number }>();
  const reads: CounterRead[] = [];
  const because: string[] = [];
  for (const { op, isReturn } of eventsOf(ops)) {
    if (op.f === 'add') {
      const amount = op.input as number;
      if (amount > 0) {
        if (isReturn) increasesDone += amount;
        else increasesCalled += amount;
      } else if (isReturn) decreasesDone += amount;
      else decreasesCalled += amount;
      continue;
    }
    if (!isReturn) {
      atCall.set(op, { up: increasesDone, down: decreasesDone });
      continue;
    }
    const called = atCall.get(op) ?? { up: 0, down: 0 };
    const low = initial + called.up + decreasesCalled;
    const high = initial + increasesCalled + called.down;
    const value = op.output as number;
    reads.push({ id: op.id, low, value, high });
    if (value < low || value > high) {
      const who = `${actorOf(op)} read ${value} at ${returnTime(op)}`;
      because.push(`${who}, outside of ${low} to ${high}.`);
    }
  }
  return {
    verdict: because.length > 0 ? 'fail' : 'pass',
    check: 'counter-bounds',
    steps: ops.length,
    reads,
    because,
  };
}

function eventsOf(ops: readonly Op[]): CounterEvent[] {
  const events: CounterEvent[] = [];
  for (const op of ops) {
    if (op.outcome === 'fail') continue;
    if (op.f === 'read' && (op.outcome !== 'ok' || op.output === undefined)) continue;
    events.push({ op, at: op.call, isReturn: false });
    if (op.outcome === 'ok') events.push({ op, at: op.ret, isReturn: true });
  }
  return events.sort(
    (a, b) => a.at - b.at || Number(a.isReturn) - Number(b.isReturn) || a.op.id - b.op.id,
  );
}
