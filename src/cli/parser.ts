/**
 * What every command line of the repository shares: flags as data, help, and a refusal that is one
 * sentence with the nearest valid choice. Commander reads the words.
 */
import type { Command as Parser, CommanderError } from 'commander';
import { didYouMean, ScenarioError } from '../sim/index.ts';
import type { FlagSpec } from './flags.ts';

/** How a flag is written in help and errors. */
export function flagUsage(flag: FlagSpec): string {
  if (flag.value === undefined) return `--${flag.name}`;
  return `--${flag.name} <${flag.value}${flag.list === true ? '...' : ''}>`;
}

export function addFlags(parser: Parser, flags: readonly FlagSpec[]): void {
  for (const flag of flags) {
    const otherwise = flag.otherwise === undefined ? '' : ` (default: ${flag.otherwise})`;
    const collect = (value: string, before: readonly string[] | undefined) => [
      ...(before ?? []),
      value,
    ];
    parser.option(flagUsage(flag), flag.about + otherwise, collect);
  }
}

/** The flags that were given, as texts. */
export function givenTo(parser: Parser): ReadonlyMap<string, readonly string[]> {
  const given = new Map<string, readonly string[]>();
  for (const option of parser.options) {
    // Under its own name: the parser keeps `failed-cas` as `failedCas`.
    const value: unknown = parser.getOptionValue(option.attributeName());
    if (value !== undefined) {
      given.set(option.name(), Array.isArray(value) ? (value as string[]) : ['']);
    }
  }
  return given;
}

/** Help goes out; a refusal is thrown and told once, in one sentence. */
export function speakOnce(parser: Parser, write: (text: string) => void, columns: number): void {
  parser.exitOverride().configureOutput({
    writeOut: write,
    writeErr: () => undefined,
    getOutHelpWidth: () => Math.min(columns, 100),
    outputError: () => undefined,
  });
}

/** What was refused: an option is quoted with what stands for its value, '--seed <N>'. */
export const quotedIn = (error: CommanderError): string =>
  (/'([^']*)'/.exec(error.message)?.[1] ?? '').replace(/ <.*$/, '');

export interface Refusing {
  /** What refuses, at the beginning of the sentence. */
  readonly name: string;
  /** The flags that there are, with their dashes. */
  readonly flags: readonly string[];
  /** "See x --help." */
  readonly help: string;
}

export function refusal(error: CommanderError, { name, flags, help }: Refusing): ScenarioError {
  const quoted = quotedIn(error);
  const hint = help;
  switch (error.code) {
    case 'commander.unknownOption':
      return new ScenarioError(`${name} has no flag ${quoted}.`, {
        hint: `${didYouMean(quoted, flags)} ${help}`,
      });
    case 'commander.missingArgument':
      return new ScenarioError(`${name} needs <${quoted}>.`, { hint });
    case 'commander.optionMissingArgument':
      return new ScenarioError(`The flag ${quoted} needs a value.`, { hint });
    case 'commander.excessArguments':
      return new ScenarioError(`${name} got too many words.`, { hint });
    default:
      return new ScenarioError(`${error.message.replace(/^error: /, '')}.`, { hint });
  }
}
