import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { cli, oneSentence } from './support/host.ts';
import { outsideFolder, SCENARIO_YAML } from './support/files.ts';

const ID = 'cap/cp-partition';
const outside = outsideFolder();
outside.write('broken.json', '{');
outside.write('other.json', '{"a":1}');
outside.write('empty.json', 'null');

const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a command', ['rnu'], /no command "rnu"\. Did you mean run\?/],
  ['a flag', ['run', ID, '--sed', '7'], /run has no flag --sed\. Did you mean --seed\?/],
  ['a flag of no command', ['--sed'], /no flag --sed/],
  ['a flag without its value', ['run', ID, '--seed'], /--seed needs a value/],
  ['too many words', ['run', ID, 'more'], /too many words/],
  ['too few words', ['run'], /run needs/],
  [
    'an id',
    ['run', 'cap/cp-partitoin'],
    /no scenario "cap\/cp-partitoin".*Did you mean cap\/cp-par/,
  ],
  ['an id by its last part', ['run', 'cp-partition'], /Did you mean cap\/cp-partition\?/],
  ['a parameter', ['run', ID, '--param', 'node=3'], /no parameter "node".*Did you mean nodes\?/],
  ['a parameter without value', ['run', ID, '--param', 'nodes'], /name=value/],
  ['a value', ['run', ID, '--param', 'nodes=five'], /nodes is a number/],
  ['a value out of bounds', ['run', ID, '--param', 'nodes=99'], /nodes must be at most 9/],
  ['a choice', ['run', ID, '--param', 'readMode=locl'], /readMode.*Did you mean local\?/],
  ['a seed', ['run', ID, '--seed', 'seven'], /--seed must be a whole number.*"seven"/],
  ['a seed too large', ['run', ID, '--seed', '99999999999999999'], /whole number/],
  ['a rule', ['run', ID, '--off', 'raft.leader-noop'], /Did you mean raft\.leader-no-op\?/],
  ['a variant', ['run', ID, '--variant', 'lossi'], /no variant "lossi".*Did you mean lossy\?/],
  ['a time', ['run', ID, '--until', '5'], /--until must be a time with its unit/],
  ['an order', ['run', ID, '--order', 'lifo'], /fifo or permute:N/],
  ['a place for JUnit', ['run', ID, '--junit', './no/such/r.xml'], /folder.*does not exist/],
  ['a place for a trace', ['run', ID, '--trace', '.'], /is a folder/],
  ['a file', ['run', './nothing.ts'], /no file/],
  ['seeds', ['sweep', ID, '--seeds', '5..1'], /ends before it begins.*1\.\.5/],
  ['jobs', ['sweep', ID, '--jobs', '0'], /--jobs must be a whole number from 1/],
  ['a shard', ['sweep', ID, '--shard', '5/4'], /I\/N/],
  ['a sweep of nothing', ['sweep'], /sweep needs/],
  ['a merge with an id', ['sweep', ID, '--merge', 'a.json'], /runs nothing/],
  ['a merge of nothing', ['sweep', '--merge', 'no.json'], /cannot be read/],
  ['a merge of something else', ['sweep', '--merge', 'other.json'], /not the result of a sweep/],
  ['a link', ['replay', '#s=cap/cp-partition&sed=7'], /"sed".*Did you mean seed\?/],
  ['a link to nowhere', ['replay', '#s=cap/nope'], /no scenario "cap\/nope"/],
  ['a damaged link', ['replay', '#s=cap/cp-partition&x=abc'], /damaged/],
  ['a garbled link', ['replay', 'https://example.org/#%zz'], /link/],
  ['a link with a wrong parameter', ['replay', `#s=${ID}&p.nodes=99`], /nodes must be at most 9/],
  ['a link with a wrong rule', ['replay', `#s=${ID}&off=raft.nope`], /no rule "raft\.nope"/],
  ['a link to a file', ['replay', '#s=mine/x&ph=0123456789abcdef'], /scenario file "mine\/x"/],
  ['a report that is none', ['replay', 'other.json'], /holds no run/],
  ['an empty report', ['replay', 'empty.json'], /holds no run/],
  ['a broken report', ['replay', 'broken.json'], /neither a link nor JSON/],
  ['a missing report', ['replay', 'missing.json'], /cannot be read/],
  ['something to open', ['open', 'cap/nope'], /no scenario "cap\/nope"/],
  ['a link to open', ['open', '#s=cap/nope'], /no scenario "cap\/nope"/],
  ['a port', ['open', ID, '--port', '99999'], /--port must be a number to 65535/],
];

describe('bad input', () => {
  it.each(wrong)('%s is answered in one sentence, exit 3', async (_what, words, sentence) => {
    const said = await cli(words, { cwd: outside.path });
    expect(oneSentence(said)).toMatch(sentence);
    expect(said.code).toBe(3);
  });

  it('no words at all print the help', async () => {
    const said = await cli([]);
    expect(said.code).toBe(3);
    expect(said.err).toContain('Usage: faultline');
  });

  it('stops a scenario that never ends by its limits, and names the limit', async () => {
    outside.write('endless.yaml', `${SCENARIO_YAML}limits: { events: 2000 }\n`);
    const said = await cli(['run', 'endless.yaml', '--until', '1000h', '--json'], {
      cwd: outside.path,
    });
    const json = JSON.parse(said.out) as { verdict: string; ended: string; events: number };
    expect(json).toMatchObject({ verdict: 'unknown', events: 2_000 });
    expect(json.ended).toMatch(/events/);
    expect(said.code).toBe(2);
  });
});

describe('help', () => {
  it('shows every command, and the exit codes', async () => {
    const said = await cli(['--help']);
    expect(said.code).toBe(0);
    for (const command of commands) expect(said.out).toContain(command.name);
    expect(said.out).toContain('130');
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    'of %s shows its flags and examples',
    async (name, command) => {
      for (const words of [
        [name, '--help'],
        ['help', name],
      ]) {
        const said = await cli(words);
        expect(said.code).toBe(0);
        for (const flag of command.flags) expect(said.out).toContain(`--${flag.name}`);
        expect(said.out).toContain(`faultline ${name}`);
      }
    },
  );

  it('prints the versions', async () => {
    expect((await cli(['--version'])).out).toMatch(/^faultline \d+\.\d+\.\d+ \(engine \d+\)\n$/);
  });
});
