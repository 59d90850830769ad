/**
 * Checks that know how many findings of a kind there must be: not one more and not one fewer.
 */
import { Type } from '../contracts/schema.ts';
import type { CheckEnv, RunningCheck, Verdict } from './check.ts';

export interface CountedFinding {
  readonly why: string;
  /** Operations of the history that prove it. */
  readonly ops: readonly number[];
}

/** All findings of a run by kind, or why they are not known. */
export type Count<Kind extends string> = {
  readonly [kind in Kind]: readonly CountedFinding[];
} & {
  readonly words: string;
  /** What can never be, whatever was expected. */
  readonly never?: readonly CountedFinding[];
};

/** Findings of one kind: beyond that they are counted only. */
const FINDINGS_MAX = 20;

/** @param usual what is expected where nothing is said; null: however many */
export const exactly = (what: string, usual: number | null = 0) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
    description: `${what}, exactly; null: however many.`,
    default: usual,
  });

/**
 * A check that counts when all is over, and not before.
 * @param called what findings of a kind are called, where that is not its name
 */
export function countedAtEnd<Kind extends string>(
  kinds: readonly Kind[],
  args: { readonly [kind in Kind]: number | null },
  env: CheckEnv,
  count: () => Count<Kind> | string,
  called: { readonly [kind in Kind]?: string } = {},
): RunningCheck<readonly [Verdict, string], never> & { readonly onEnd: () => void } {
  let verdict: Verdict = 'unknown';
  let text = 'judged at the end';
  return {
    components: [],
    facts: [],
    probes: [],
    onEnd() {
      const counted = count();
      if (typeof counted === 'string') {
        text = counted;
        return;
      }
      const { never = [] } = counted;
      text = counted.words;
      const wrong = kinds.filter((kind) => isWrong(counted[kind].length, args[kind]));
      verdict = wrong.length > 0 || never.length > 0 ? 'fail' : 'pass';
      for (const kind of wrong) reportKind(called[kind] ?? kind, args[kind], counted[kind], env);
      for (const finding of never.slice(0, FINDINGS_MAX)) reportFinding(finding, '', env);
    },
    standing: () => ({ verdict, text }),
    save: () => [verdict, text],
    restore(image) {
      [verdict, text] = image;
    },
  };
}

export const isWrong = (found: number, expected: number | null): boolean =>
  expected !== null && found !== expected;

function reportKind(
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

function reportFinding({ why, ops }: CountedFinding, which: string, env: CheckEnv): void {
  const evidence = new Set<number>();
  for (const id of ops) {
    for (const event of env.history.op(id).trace ?? []) {
      if (event !== undefined) evidence.add(event);
    }
  }
  env.report({ why: `${which}${why}`, evidence: [...evidence].sort((a, b) => a - b) });
}
