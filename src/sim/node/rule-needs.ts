/**
 * Where a rule of a component can act: which settings it is about, and what somebody must ask for.
 * To switch off one that cannot act would change nothing, so that is refused before the run.
 *
 * Invariant: a rule is only said not to act where a run without it is the same run.
 */
import type { LinkedGroup } from './group-settings.ts';

/** What the settings of a group do not say of it. */
export interface RuleSight {
  readonly count: number;
  /** The groups that its links name, by role. */
  readonly links: ReadonlyMap<string, LinkedGroup>;
  /** Whether one that is linked to it asks it for that (`usage.ts`), or asks for who knows what. */
  asked(what: string): boolean;
}

export interface RuleNeed<C> {
  readonly rules: readonly string[];
  /** Whether there is anything for them to do; of several needs of one rule all must be met. */
  acts(config: C, group: RuleSight): boolean;
  /** What would make them act. */
  readonly hint: string;
}

/** Of rules about what members of a group tell each other. */
export const amongSeveral = (rules: readonly string[]): RuleNeed<unknown> => ({
  rules,
  acts: (_config, { count }) => count > 1,
  hint: 'Give the group more members.',
});
