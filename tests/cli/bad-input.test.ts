import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { cli, oneSentence } from './support/host.ts';
import { outsideFolder, SCENARIO_YAML } from './support/files.ts';

const ID = 'cap/cp-partition';
const outside = outsideFolder();
outside.write('broken.json', '{');
outside.write('other.json', '{"a":1}');
outside.write('empty.json', 'null');
for (const name of ['full', 'bare']) mkdirSync(join(outside.path, name));
outside.write('full/one.ts', '');
outside.write('full/notes.txt', '');

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
  ['a seed too large', ['run', ID, '--seed', '99999999999999999'], /to 9007199254740991, not/],
  ['a seed like 1e20', ['run', ID, '--seed', '1e20'], /0 to 9007199254740991, not "1e20"/],
  ['seeds too large', ['sweep', ID, '--seeds', '1..1e20'], /at most 9007199254740991/],
  ['a rule', ['run', ID, '--off', 'raft.leader-noop'], /Did you mean raft\.leader-no-op\?/],
  ['a variant', ['run', ID, '--variant', 'lossi'], /no variant "lossi".*Did you mean lossy\?/],
  ['a time', ['run', ID, '--until', '5'], /--until must be a time with its unit/],
  ['an order', ['run', ID, '--order', 'lifo'], /fifo or permute:N/],
  ['a place for JUnit', ['run', ID, '--junit', './no/such/r.xml'], /folder.*does not exist/],
  ['a place for a trace', ['run', ID, '--trace', '.'], /is a folder/],
  ['a file', ['run', './nothing.ts'], /no file/],
  ['seeds', ['sweep', ID, '--seeds', '5..1'], /ends before it begins.*1\.\.5/],
  ['jobs', ['sweep', ID, '--jobs', '0'], /--jobs must be a whole number from 1 to 1024/],
  ['a shard', ['sweep', ID, '--shard', '5/4'], /I\/N/],
  ['a sweep of nothing', ['sweep'], /sweep needs/],
  ['a merge with an id', ['sweep', ID, '--merge', 'a.json'], /runs nothing/],
  ['a merge of nothing', ['sweep', '--merge', 'no.json'], /no file no\.json\.$/],
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
  ['a missing report', ['replay', 'missing.json'], /no file missing\.json, and it is no link eit/],
  ['a word to replay', ['replay', 'foo'], /There is no file foo, and it is no link either\.$/],
  ['nothing to replay', ['replay', ''], /An empty word is neither a link nor a file\. Give a link/],
  ['a folder to replay', ['replay', '.'], /\. is a folder; name a file in it\./],
  ['a folder', ['run', './full'], /full is a folder; name a scenario .* There is full\/one\.ts\.$/],
  ['a folder without a sign', ['sweep', 'full'], /full is a folder; name a scenario file in it/],
  ['a folder without scenarios', ['run', 'bare'], /bare is a folder;.*It holds none\.$/],
  ['a folder to open', ['open', './full'], /full is a folder/],
  ['no id', ['run', ''], /There is no scenario ""/],
  ['something to open', ['open', 'cap/nope'], /no scenario "cap\/nope"/],
  ['a link to open', ['open', '#s=cap/nope'], /no scenario "cap\/nope"/],
  ['a port', ['open', ID, '--port', '99999'], /--port must be a whole number from 0 to 65535/],
];

const DOCUMENT = `title: A store
durationMs: 3000
groups:
  - name: n
    component: raft-kv
    disk: { fsync: { kind: constant, ms: 1 } }
  - name: c
    component: kv-client
    links: { servers: n }
    config: { stopMs: 2000 }
faults:
  - atMs: 1000
    fault: { type: crash, target: { role: leader, group: n } }
checks:
  - id: led
    use: sometimes
    args: { predicate: one-leader }
`;

/** What is written instead of what, in line and column, and what is said of it. */
const slips: readonly (readonly [string, string, string, string, RegExp])[] = [
  [
    'a key',
    'durationMs',
    'duratonMs',
    '2:12',
    /no setting "duratonMs"\. Did you mean durationMs\?/,
  ],
  ['a key of a group', 'component: kv', 'componnt: kv', '8:15', /"componnt".*component\?/],
  ['a key of a setting', 'stopMs', 'stpMs', '10:22', /"stpMs".*Did you mean stopMs\?/],
  ['a key of a disk', 'fsync', 'fsnc', '6:19', /"fsnc".*Did you mean fsync\?/],
  ['a key of a selector', 'role:', 'rol:', '13:42', /"rol".*Did you mean role\?/],
  ['a key of a check', 'predicate', 'predicat', '17:23', /"predicat".*Did you mean predicate\?/],
  ['a kind', 'kind: constant', 'kind: constnt', '6:28', /"constnt".*Did you mean constant\?/],
  ['a fault', 'type: crash', 'type: crush', '13:20', /no fault "crush".*Did you mean crash\?/],
  ['a role', 'leader', 'leadr', '13:43', /no role "leadr".*Did you mean leader\?/],
  ['a group', 'group: n', 'group: m', '13:58', /no group "m".*Did you mean n\?/],
  ['a link', 'servers: n', 'servers: m', '9:23', /"m", which does not exist/],
  ['a check', 'use: sometimes', 'use: sometime', '16:10', /no check "sometime"/],
  ['a unit', '3000', '3s', '2:13', /must be a number of ms, not "3s"\. Write 3000\./],
  ['a unit of a setting', '2000', '2 s', '10:23', /a number of ms, not "2 s".*Write 2000\./],
  ['nothing', '3000', '', '2:13', /durationMs must be a number of ms, not null/],
  ['a tab', '    links', '\tlinks', '9:1', /tabs are not allowed as indentation, use spaces/],
  ['a key twice', '    use:', '    id: x\n    use:', '16:5', /this key is there twice/],
  ['two documents', 'checks:', '---\nchecks:', '14:1', /a second document begins here/],
];

describe('a document with a slip', () => {
  outside.write('right.yaml', DOCUMENT);

  it('is right without it', async () => {
    expect((await cli(['run', 'right.yaml'], { cwd: outside.path })).code).toBe(0);
  });

  it.each(slips)('in %s is answered with its place', async (_what, was, is, place, sentence) => {
    expect(DOCUMENT).toContain(was);
    outside.write('slip.yaml', DOCUMENT.replace(was, is));
    const said = await cli(['run', 'slip.yaml'], { cwd: outside.path });
    expect(oneSentence(said)).toMatch(sentence);
    expect(said.err).toContain(`slip.yaml:${place}`);
    expect(said.code).toBe(3);
  });

  it.each([
    ['nothing', '', /The document is empty\. It begins with title, durationMs and groups\./],
    ['only a comment', '# later\n', /The document is empty/],
    ['only a title', 'title: x\n', /lacks durationMs and groups\..*How long the run lasts/],
    ['a text', 'hello', /a set of named values/],
    ['itself', DOCUMENT.replace('{ stopMs: 2000 }', '&c { stopMs: *c }'), /contains itself/],
    ['lists in lists without end', '['.repeat(100_000), /nested too deep/],
    ['a million words', `title: ${'word '.repeat(250_000)}`, /may have 1,000,000 characters/],
    [
      'more servers than they can know of each other',
      DOCUMENT.replace('component: raft-kv', 'component: raft-kv\n    count: 9900'),
      /raft-kv may have 99 members, not 9900/,
    ],
  ])('that holds %s', async (_what, text, sentence) => {
    outside.write('slip.yaml', text);
    const said = await cli(['run', 'slip.yaml'], { cwd: outside.path });
    expect(oneSentence(said)).toMatch(sentence);
    expect(said.code).toBe(3);
  });
});

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
    const endless = SCENARIO_YAML.replace(/durationMs: \d+/, 'durationMs: 3600000000');
    outside.write('endless.yaml', `${endless}limits: { events: 2000 }\n`);
    const said = await cli(['run', 'endless.yaml', '--json'], { cwd: outside.path });
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
