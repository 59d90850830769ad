/**
 * Where a rule is seen to matter: with it off a property breaks, and with it on it holds.
 *
 * Either a run that anybody can repeat, with the check that breaks in it; or a test, where it takes
 * a script or a search to get there.
 */

export interface SeenInRun {
  readonly scenario: string;
  /** It breaks with the rule off, and holds with it on. */
  readonly check: string;
  readonly variant?: string;
  readonly params?: { readonly [name: string]: string | number | boolean };
  /** Where it is not 1, chance decides: a sweep finds it sooner or later. */
  readonly seed: number;
}

export interface SeenInTest {
  /** From the root of the repository. */
  readonly file: string;
  /** Of the case, as its file writes it. */
  readonly title: string;
}

export type Sight = SeenInRun | SeenInTest;

export interface Sights {
  readonly [rule: string]: Sight;
}

type How = Partial<Pick<SeenInRun, 'variant' | 'params' | 'seed'>>;

export const inRun = (scenario: string, check: string, how: How = {}): SeenInRun => ({
  scenario,
  check,
  seed: 1,
  ...how,
});

export const inTest = (file: string, title: string): SeenInTest => ({
  file: `tests/${file}.test.ts`,
  title,
});

/** What to type after `npm run -s sim --`. */
export function commandOf(rule: string, { scenario, variant, params, seed }: SeenInRun): string {
  const words = ['run', scenario];
  if (variant !== undefined) words.push('--variant', variant);
  for (const [name, value] of Object.entries(params ?? {})) {
    words.push('--param', `${name}=${String(value)}`);
  }
  if (seed !== 1) words.push('--seed', String(seed));
  return [...words, '--off', rule].join(' ');
}
