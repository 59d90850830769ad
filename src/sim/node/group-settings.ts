/** What a plan gives a group besides its configuration: for checks that a schema cannot make. */

export interface GroupSettings {
  /** The place in the plan, for errors. */
  readonly path: string;
  readonly count: number;
  readonly cores: number;
  /** How long the run lasts. */
  readonly durationMs: number;
  /** Rules that are switched off; null: not known yet, as of a document that is only read. */
  readonly off: readonly string[] | null;
  /** Where its members are. */
  readonly zones: readonly string[];
  /** Its settings as the plan gives them: what it leaves out is not there. */
  readonly given: Given;
  /** The groups that its links name, by role, and the contracts that each serves. */
  readonly links: ReadonlyMap<string, LinkedGroup>;
}
/** Settings before their defaults are filled in, at any depth. */
export interface Given {
  readonly [name: string]: unknown;
}
export interface LinkedGroup {
  readonly group: string;
  readonly component: string;
  readonly count: number;
  readonly serves: readonly string[];
  /** Where its members are. */
  readonly zones: readonly string[];
  /** What its own links are called. */
  readonly roles: readonly string[];
  /** Its settings, with every default. */
  readonly config: unknown;
}
