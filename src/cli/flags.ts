/**
 * The flags of one call, as texts; `parse.ts` makes values of them.
 *
 * Asking for a flag that the command does not have is a mistake of ours, not of the user.
 */
export interface FlagSpec {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for the value in the help (`N`, `FILE`); a flag without one is a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly many?: boolean;
  /** Takes all words up to the next flag. */
  readonly list?: boolean;
  /** For people; the action decides. */
  readonly otherwise?: string;
  readonly about: string;
}

export class Flags {
  private readonly specs: ReadonlyMap<string, FlagSpec>;
  private readonly given: ReadonlyMap<string, readonly string[]>;

  constructor(specs: readonly FlagSpec[], given: ReadonlyMap<string, readonly string[]>) {
    this.specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.given = given;
  }

  /** Whether the command has this flag at all. */
  has(name: string): boolean {
    return this.specs.has(name);
  }

  /** A switch. */
  on(name: string): boolean {
    return this.texts(name).length > 0;
  }

  /** The value of a flag given at most once; the last one counts, as everywhere. */
  text(name: string): string | undefined {
    return this.texts(name).at(-1);
  }

  texts(name: string): readonly string[] {
    if (!this.specs.has(name)) throw new Error(`this command has no flag --${name}`);
    return this.given.get(name) ?? [];
  }
}
