/**
 * From words to an exit code: parses by the table, calls the action, tells errors.
 *
 * Commander reads the words; what it refuses becomes one sentence with the nearest valid choice.
 */
import { Command as Parser, CommanderError } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean, ENGINE, ScenarioError } from '../sim/index.ts';
import type { Command } from './command.ts';
import { argumentUsage, commands } from './commands.ts';
import { tell } from './errors.ts';
import type { ExitCode } from './exit.ts';
import { EXIT, EXIT_MEANINGS } from './exit.ts';
import { Flags } from './flags.ts';
import type { Host } from './host.ts';
import { addFlags, givenTo, quotedIn, refusal, speakOnce } from './parser.ts';
import { packageRoot } from './site.ts';

/** Runs one command line; never throws. */
export async function runCli(host: Host): Promise<ExitCode> {
  try {
    return await parseAndCall(host);
  } catch (error) {
    return tell(error, host);
  }
}

async function parseAndCall(host: Host): Promise<ExitCode> {
  if (host.words.length === 0) {
    host.stderr.write(buildParser(host, () => undefined).helpInformation());
    return EXIT.wrong;
  }
  let chosen: { command: Command; args: readonly string[]; flags: Flags } | null = null;
  const parser = buildParser(host, (command, args, given) => {
    chosen = { command, args, flags: new Flags(command.flags, given) };
  });
  try {
    parser.parse([...host.words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return refused(error, host);
    throw error;
  }
  const { command, args, flags } = chosen!;
  const action = await command.load();
  return action({ args, flags, host });
}

type Choose = (
  command: Command,
  args: readonly string[],
  given: ReadonlyMap<string, readonly string[]>,
) => void;

function buildParser(host: Host, choose: Choose): Parser {
  const parser = new Parser('faultline');
  parser
    .description('Runs distributed-systems scenarios: the same seed, the same run.')
    .usage('<command> [options]')
    .version(version(), '-V, --version', 'prints the version and the engine version')
    .helpOption('-h, --help', 'prints this help')
    .helpCommand('help [command]', 'prints the help of a command')
    .addHelpText('after', exitText);
  speakOnce(parser, (text) => host.stdout.write(text), host.stdout.columns);
  for (const command of commands) addCommand(parser, command, choose);
  return parser;
}

function addCommand(parser: Parser, command: Command, choose: Choose): void {
  const sub = parser
    .command(command.name)
    .description([command.about, ...(command.details ?? [])].join('\n\n'))
    .summary(command.about)
    .helpOption('-h, --help', 'prints this help')
    .showSuggestionAfterError(false);
  for (const argument of command.args) sub.argument(argumentUsage(argument), argument.about);
  addFlags(sub, command.flags);
  sub.addHelpText('after', () => examplesText(command));
  sub.action((...values: unknown[]) => {
    const args = values.slice(0, command.args.length).filter((value) => value !== undefined);
    choose(command, args as string[], givenTo(sub));
  });
}

const exitText = `
Exit codes:
${EXIT_MEANINGS.map(({ code, means }) => `  ${String(code).padEnd(4)} ${means}`).join('\n')}`;

function examplesText(command: Command): string {
  const lines = command.examples.map(
    ({ words, about }) => `  faultline ${`${command.name} ${words}`.trim()}\n      ${about}`,
  );
  return `\nExamples:\n${lines.join('\n')}`;
}

/** Commander ends help and version by an error as well; those are no failure. */
function refused(error: CommanderError, host: Host): ExitCode {
  if (error.exitCode === 0) return EXIT.pass;
  if (error.code === 'commander.unknownCommand') {
    const names = commands.map((one) => one.name);
    const quoted = quotedIn(error);
    throw new ScenarioError(`There is no command "${quoted}".`, {
      hint: didYouMean(quoted, names),
    });
  }
  const command = commands.find((one) => one.name === host.words[0]);
  throw refusal(error, {
    name: command?.name ?? 'faultline',
    flags: command?.flags.map((flag) => `--${flag.name}`) ?? ['--help', '--version'],
    help: `See ${host.invocation} ${command === undefined ? '' : `${command.name} `}--help.`,
  });
}

function version(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  const { version: number } = JSON.parse(text) as { readonly version: string };
  return `faultline ${number} (engine ${ENGINE})`;
}
