/** The reference page of the command line, made from the table of commands. */
import type { Command } from '../src/cli/command.ts';
import type { FlagSpec } from '../src/cli/flags.ts';
import { argumentUsage, commands } from '../src/cli/commands.ts';
import { EXIT_MEANINGS } from '../src/cli/exit.ts';
import { flagUsage } from '../src/cli/parser.ts';

/** Markdown for docs/reference/cli.md. */
export function cliReference(): string {
  const exits = EXIT_MEANINGS.map(({ code, means }) => `| ${code} | ${means} |`);
  return [
    'In the repository every command is called by `npm run -s sim -- <command>`; the package ' +
      'installs the same program as `faultline`.',
    ...commands.map(section),
    '## Exit codes',
    'Fail outranks unknown outranks pass, in a sweep as well.',
    ['| code | meaning |', '|---:|---|', ...exits].join('\n'),
    '## Environment',
    [
      '| variable | meaning |',
      '|---|---|',
      '| `FAULTLINE_URL` | address of the visualiser in links; default: that of `npm start` |',
      '| `NO_COLOR` | no colour, also on a terminal |',
      '| `FORCE_COLOR` | colour, also where there is no terminal |',
    ].join('\n'),
  ].join('\n\n');
}

function section(command: Command): string {
  const usage = ['faultline', command.name, ...command.args.map(argumentUsage)].join(' ');
  const flags = command.flags.length === 0 ? '' : ' [flags]';
  const examples = command.examples.map(
    ({ words, about }) => `# ${about}\nfaultline ${`${command.name} ${words}`.trim()}`,
  );
  return [
    `## ${command.name}`,
    command.about,
    `\`\`\`\n${usage}${flags}\n\`\`\``,
    ...(command.details ?? []),
    ...tables(command),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function tables(command: Command): readonly string[] {
  const args = command.args.map(
    (arg) => `| \`${escape(argumentUsage(arg))}\` | ${escape(arg.about)} |`,
  );
  const flags = command.flags.map(
    (flag) => `| \`${escape(flagUsage(flag))}\` | ${flagText(flag)} |`,
  );
  const rows = [...args, ...flags];
  return rows.length === 0 ? [] : [['| | |', '|---|---|', ...rows].join('\n')];
}

function flagText(flag: FlagSpec): string {
  const many = flag.many === true ? ' (may be given again)' : '';
  const otherwise = flag.otherwise === undefined ? '' : ` (default: ${flag.otherwise})`;
  return escape(flag.about + many + otherwise);
}

const escape = (text: string): string => text.replaceAll('|', '\\|');
