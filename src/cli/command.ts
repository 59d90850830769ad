/**
 * The shape of a command: data from which the parser, the help and the reference page are made.
 * What it does is loaded when it is called, so that `--help` does not load the simulator.
 */
import type { ExitCode } from './exit.ts';
import type { Flags, FlagSpec } from './flags.ts';
import type { Host } from './host.ts';

export interface ArgumentSpec {
  readonly name: string;
  readonly about: string;
  readonly optional?: boolean;
}

export interface Command {
  readonly name: string;
  /** One sentence, for the list of commands. */
  readonly about: string;
  /** What a person needs to know beside the flags. */
  readonly details?: readonly string[];
  readonly args: readonly ArgumentSpec[];
  readonly flags: readonly FlagSpec[];
  /** Words after the name. */
  readonly examples: readonly { readonly words: string; readonly about: string }[];
  readonly load: () => Promise<Action>;
}

export interface Call {
  readonly args: readonly string[];
  readonly flags: Flags;
  readonly host: Host;
}

export type Action = (call: Call) => Promise<ExitCode>;
