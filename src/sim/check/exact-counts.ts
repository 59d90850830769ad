/**
 * Checks that know how many findings of a kind there must be: not one more and not one fewer.
 */
import { Type } from '../contracts/schema.ts';
import type { CheckEnv } from './check.ts';

export interface CountedFinding {
  readonly why: string;
  /** Operations of the history that prove it. */
  readonly ops: readonly number[];
}

/** Findings of one kind: beyond that they are counted only. */
export const FINDINGS_MAX = 20;

/** @param usual what is expected where nothing is said; null: however many */
export const exactly = (what: string, usual: number | null = 0) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: `${what}, exactly; null: however many.`,
    default: usual,
  });

export const isWrong = (found: number, expected: number | null): boolean =>
  expected !== null && found !== expected;

export function reportKind(
  kind: string,
  expected: number | null,
  found: readonly CountedFinding[],
  env: CheckEnv,
): void {
  if (found.length < (expected ?? 0)) {
    env.report({ why: `${found.length} ${kind}, where ${expected} were expected.` });
    return;
  }
  const shown = found.slice(0, FINDINGS_MAX);
  const among = `of ${found.length} ${kind}`;
  shown.forEach((finding, i) => reportFinding(finding, `${i + 1} ${among}: `, env));
}

export function reportFinding({ why, ops }: CountedFinding, which: string, env: CheckEnv): void {
  const evidence = new Set<number>();
  for (const id of ops) {
    for (const event of env.history.op(id).trace ?? []) {
      if (event !== undefined) evidence.add(event);
    }
  }
  env.report({ why: `${which}${why}`, evidence: [...evidence].sort((a, b) => a - b) });
}
