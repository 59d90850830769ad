/**
 * Two kinds of error, and only two. Simulated failure is neither: it is a value.
 */

/**
 * The user's mistake: one sentence, where in the scenario, and what to do about it. Exit code 3.
 */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly path: string;
  readonly hint: string;

  constructor(message: string, options: { path?: string; hint?: string } = {}) {
    super(message);
    this.path = options.path ?? '';
    this.hint = options.hint ?? '';
  }
}

/** Our mistake. Never caught inside `src/sim`. Exit code 70. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws an InvariantError unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
