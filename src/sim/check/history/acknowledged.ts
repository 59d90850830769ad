/**
 * What became of each write to a store of registers: of those that were acknowledged, and of those
 * whose fate was unknown.
 *
 * Invariants
 *  - acknowledged = present + overwritten + lost, counting operations; each write of unknown fate
 *    is either recovered (it is there) or ambiguous (it is not, and nobody was promised it).
 *  - Where the store has kept the log of all its writes, a write is lost exactly if that lacks it.
 *    Otherwise the value that is there must be one that may have replaced it: a write that began
 *    after the other had ended cannot have been replaced by that one. So less is found than is
 *    true, and nothing that is not.
 *
 * Values are unique among the writes of one key, as those of the clients of the catalogue are.
 *
 * Source: lost-write accounting of Jepsen's set checker (acknowledged, lost, recovered), for
 * registers
 */
import type { Op } from '../../observe/history.ts';
import { checkLostWrites } from './lost-writes.ts';
import { actorOf, showValue, valueKey } from './result.ts';
import type { Result, Value } from './result.ts';

/** What a store holds when all is over. */
export interface FinalState {
  /** What a reader would find: one value, or concurrent ones; nothing is null. */
  readonly values: (key: string) => readonly Value[];
  /** Values of a key in the surviving log, and whether that goes back to the beginning. */
  readonly log?: (key: string) => { readonly values: readonly Value[]; readonly isWhole: boolean };
}

/** One write that is gone: the operation, and the write that stands in its place. */
export interface LostWrite {
  readonly id: number;
  readonly instead: number | null;
  readonly because: string;
}

export interface AcknowledgedResult extends Result {
  readonly acknowledged: number;
  readonly present: number;
  readonly overwritten: number;
  readonly lost: readonly LostWrite[];
  readonly recovered: number;
  readonly ambiguous: number;
  /** Writes that were said to have failed, and are there. */
  readonly refuted: readonly LostWrite[];
}

/** The value that an operation wrote, if it is a write that may have taken effect. */
function valueWritten(op: Op): Value | undefined {
  if (op.f === 'put' || op.f === 'write') return op.input as Value;
  if (op.f !== 'cas' || (op.outcome === 'ok' && op.output === false)) return undefined;
  return (op.input as { readonly value: Value }).value;
}

export function checkAcknowledged(ops: readonly Op[], final: FinalState): AcknowledgedResult {
  const has = (values: readonly Value[], value: Value): boolean =>
    values.some((one) => valueKey(one) === valueKey(value));
  const inLog = (key: string, value: Value): boolean =>
    final.log !== undefined && has(final.log(key).values, value);
  const successors = writersOf(ops, final);
  let overwritten = 0;
  const counted = checkLostWrites(ops, {
    written: valueWritten,
    isPresent: (key = '', value) => has(final.values(key), value) || inLog(key, value),
    explain(op) {
      if (final.log?.(op.key ?? '').isWhole === true) return undefined;
      const after = successors.get(op.key ?? '')?.find((other) => mayReplace(other, op));
      return after === undefined ? undefined : `replaced by ${showValue(valueWritten(after))}`;
    },
  });
  const byId = new Map(ops.map((op) => [op.id, op]));
  for (const op of ops) {
    const value = valueWritten(op);
    if (value === undefined || op.outcome !== 'ok') continue;
    if (!has(final.values(op.key ?? ''), value) && inLog(op.key ?? '', value)) overwritten += 1;
  }
  const unknown = ops.filter((op) => op.outcome === 'unknown' && valueWritten(op) !== undefined);
  const tell = (id: number): LostWrite => {
    const op = byId.get(id) as Op;
    const instead = successors.get(op.key ?? '')?.[0];
    const because = sentenceOf(op, instead, final.values(op.key ?? ''));
    return { id, instead: instead?.id ?? null, because };
  };
  const replaced = counted.explained.length + overwritten;
  return {
    verdict: counted.verdict,
    check: 'acknowledged',
    steps: ops.length,
    acknowledged: counted.acknowledged,
    present: counted.present - overwritten,
    overwritten: replaced,
    lost: counted.lost.map(tell),
    recovered: counted.recovered.length,
    ambiguous: unknown.length - counted.recovered.length,
    refuted: counted.refuted.map(tell),
  };
}

const mayReplace = (other: Op, op: Op): boolean => !(other.outcome === 'ok' && other.ret < op.call);

/** By key: the writes whose values are there, whatever their clients were told. */
function writersOf(ops: readonly Op[], final: FinalState): Map<string, Op[]> {
  const writers = new Map<string, Op[]>();
  for (const op of ops) {
    const value = valueWritten(op);
    if (value === undefined || op.outcome === 'fail') continue;
    const key = op.key ?? '';
    if (!final.values(key).some((one) => valueKey(one) === valueKey(value))) continue;
    const known = writers.get(key);
    if (known === undefined) writers.set(key, [op]);
    else known.push(op);
  }
  return writers;
}

function sentenceOf(op: Op, instead: Op | undefined, values: readonly Value[]): string {
  const what = `${actorOf(op)} wrote ${op.key ?? ''} = ${showValue(valueWritten(op))}`;
  const held = values.map(showValue).join(' beside ');
  const now = `${op.key ?? 'it'} holds ${held}`;
  const by = instead === undefined ? '' : `, which ${actorOf(instead)} wrote`;
  if (op.outcome === 'fail') return `${what} and was told that it failed, and it is there.`;
  return `${what} and was told that it is done; it is gone: ${now}${by}.`;
}
