/**
 * Transactions in short: "ax1 ry12" appends 1 to x and reads y = [1, 2]; "wx1 ry_" writes x = 1
 * and reads y's initial value. Keys are one letter, values one digit.
 */
import type { MicroOp, TxnOp } from 'faultline';
import type { Outcome } from '../../../../../src/sim/observe/history.ts';

export interface Line {
  readonly p?: number;
  readonly txn: string;
  readonly outcome?: Outcome;
  readonly call?: number;
  readonly ret?: number;
}

/** One after the other, each by a process of its own, unless said otherwise. */
export function txns(...lines: readonly (string | Line)[]): TxnOp[] {
  return lines.map((given, id) => {
    const line: Line = typeof given === 'string' ? { txn: given } : given;
    const output = line.txn.split(' ').map(micro);
    const outcome = line.outcome ?? 'ok';
    const process = line.p ?? id;
    return {
      id,
      process,
      client: `c${process}`,
      f: 'txn',
      input: output.map((op): MicroOp => (op[0] === 'r' ? ['r', op[1]] : op)),
      ...(outcome === 'ok' ? { output } : {}),
      outcome,
      call: line.call ?? id * 2,
      ret: outcome === 'unknown' ? Infinity : (line.ret ?? id * 2 + 1),
    };
  });
}

function micro(text: string): MicroOp {
  const key = text[1] ?? '';
  const digits = text.slice(2);
  if (text.startsWith('a')) return ['append', key, Number(digits)];
  if (text.startsWith('w')) return ['w', key, Number(digits)];
  if (text.startsWith('l')) return ['r', key, [...digits].map(Number)];
  return ['r', key, digits === '_' ? null : Number(digits)];
}
