/** The command line of the benchmarks: read as the program's own is, refused in the same words. */
import { Command as Parser, CommanderError } from 'commander';
import type { FlagSpec } from '../src/cli/flags.ts';
import { Flags } from '../src/cli/flags.ts';
import { parseWhole } from '../src/cli/parse.ts';
import { addFlags, givenTo, refusal, speakOnce } from '../src/cli/parser.ts';
import { didYouMean, ScenarioError } from '../src/sim/index.ts';
import type { Benchmark } from './benchmark.ts';
import { benchmarks } from './list.ts';

const ROUNDS_DEFAULT = 5;
const ROUNDS_MAX = 1_000;
const CALL = 'npm run -s bench --';

const SPECS: readonly FlagSpec[] = [
  { name: 'list', about: 'names the benchmarks and runs none' },
  { name: 'only', value: 'NAME', many: true, about: 'runs these alone, with commas between' },
  {
    name: 'rounds',
    value: 'N',
    otherwise: String(ROUNDS_DEFAULT),
    about: 'how often everything is measured; medians are reported',
  },
  { name: 'check', about: 'fails when a goal is missed: for a machine that nobody else uses' },
  { name: 'json', about: 'writes the result as JSON to standard output' },
];

export interface Asked {
  readonly json: boolean;
  readonly check: boolean;
  readonly rounds: number;
  readonly chosen: readonly Benchmark[];
}

/** What to run; or a text to show instead: the help or the list. */
export function readWords(words: readonly string[], columns = 100): Asked | string {
  const said: string[] = [];
  const parser = new Parser('bench')
    .description('Runs the benchmarks, beside a C++ reference where there is a compiler.')
    .usage('[options]')
    .helpOption('-h, --help', 'prints this help')
    .addHelpText('after', `\n${listText()}\nExit codes: 0, 1 something is wrong, 3 a bad flag.`)
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .action(() => undefined);
  addFlags(parser, SPECS);
  speakOnce(parser, (text) => said.push(text), columns);
  try {
    parser.parse([...words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return said.join('');
    throw refused(error, words);
  }
  const flags = new Flags(SPECS, givenTo(parser));
  if (flags.on('list')) return listText();
  const names = flags.texts('only').flatMap((text) => text.split(','));
  return {
    json: flags.on('json'),
    check: flags.on('check'),
    rounds: parseWhole(flags.text('rounds') ?? String(ROUNDS_DEFAULT), '--rounds', 1, ROUNDS_MAX),
    chosen: names.length === 0 ? benchmarks : names.map(benchmarkNamed),
  };
}

function benchmarkNamed(name: string): Benchmark {
  const found = benchmarks.find((benchmark) => benchmark.name === name);
  if (found !== undefined) return found;
  throw new ScenarioError(`There is no benchmark "${name}".`, {
    hint: didYouMean(
      name,
      benchmarks.map((benchmark) => benchmark.name),
    ),
  });
}

function refused(error: CommanderError, words: readonly string[]): ScenarioError {
  const loose = words.find((word) => benchmarks.some(({ name }) => name === word));
  const help =
    error.code === 'commander.excessArguments' && loose !== undefined
      ? `To run one: ${CALL} --only ${loose}.`
      : `See ${CALL} --help.`;
  const flags = SPECS.map(({ name }) => `--${name}`);
  return refusal(error, { name: 'bench', flags, help });
}

function listText(): string {
  const width = Math.max(...benchmarks.map(({ name }) => name.length));
  const lines = benchmarks.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Benchmarks:\n${lines.join('\n')}\n`;
}
