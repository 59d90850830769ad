/**
 * Seeds whose run threw: neither pass nor fail. A sweep goes on without them, names them, and ends
 * with the exit code of whose mistake it is.
 */
import { ScenarioError } from '../sim/index.ts';
import { BrokenRun } from './errors.ts';
import { plural } from './format.ts';

export interface BrokenSeed {
  readonly seed: number;
  /** What was thrown, in one line. */
  readonly why: string;
  /** As it is told; null where it was told by the shard that ran it. */
  readonly error: Error | null;
}

/** `error` is blamed already; `command` repeats the run. */
export function brokenSeed(seed: number, error: Error, command: string): BrokenSeed {
  const why = error.message.split('\n')[0]!;
  if (!(error instanceof ScenarioError)) return { seed, why, error };
  const repeat = error.hint.includes(command) ? '' : ` Repeat it with: ${command}`;
  const { path, hint } = error;
  const told = new ScenarioError(`Seed ${seed}: ${why}`, { path, hint: `${hint}${repeat}`.trim() });
  return { seed, why, error: told };
}

/** The error that ends the sweep: of the first such seed, of ours before one of the scenario. */
export function brokenError(broken: readonly BrokenSeed[]): Error | null {
  const told = broken.filter((one) => one.error !== null).sort((a, b) => a.seed - b.seed);
  const ours = told.find((one) => one.error instanceof BrokenRun);
  if (ours !== undefined) return ours.error;
  const [first, ...others] = told;
  if (!(first?.error instanceof ScenarioError)) return first?.error ?? null;
  const { message, path, hint } = first.error;
  if (others.length === 0) return first.error;
  const count = `${plural(others.length, 'more seed')} threw as well.`;
  return new ScenarioError(message, { path, hint: `${count} ${hint}`.trim() });
}
