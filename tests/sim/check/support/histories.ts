/** Short ways to write a history down in a test. */
import type { Op, Outcome } from '../../../../src/sim/observe/history.ts';

export interface Line {
  readonly p: number;
  readonly f: string;
  readonly key?: string;
  readonly in?: unknown;
  readonly out?: unknown;
  readonly call: number;
  /** Left out: pending. */
  readonly ret?: number;
  readonly outcome?: Outcome;
}

export function historyOf<I = never, O = never>(lines: readonly Line[]): Op<I, O>[] {
  return lines.map((line, id) => {
    const outcome = line.outcome ?? (line.ret === undefined ? 'unknown' : 'ok');
    return {
      id,
      process: line.p,
      client: `c${line.p}`,
      f: line.f,
      ...(line.key === undefined ? {} : { key: line.key }),
      input: (line.in ?? null) as I,
      ...(line.out === undefined ? {} : { output: line.out as O }),
      outcome,
      call: line.call,
      ret: line.ret ?? Infinity,
      callMicros: line.call * 100_000,
      ...(line.ret === undefined ? {} : { retMicros: line.ret * 100_000 }),
    };
  });
}
