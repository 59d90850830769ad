import { describe, expect, it } from 'vitest';
import { decodeLink } from '../../src/sim/index.ts';
import { cli, oneSentence } from './support/host.ts';
import {
  NUMBERS_TS,
  outsideFolder,
  SCENARIO_TS,
  SCENARIO_YAML,
  TEACHING_TS,
} from './support/files.ts';

const outside = outsideFolder();
outside.write('numbers.ts', NUMBERS_TS);
const ts = outside.write('crash.ts', SCENARIO_TS);
const teaching = outside.write('teaching.ts', TEACHING_TS);
const yaml = outside.write('crash.yaml', SCENARIO_YAML);
const here = { cwd: outside.path };

interface Json {
  readonly scenario: string;
  readonly traceHash: string;
  readonly file: string | null;
  readonly params: unknown;
  readonly verdict: string;
  readonly repro: { readonly command: string; readonly link: string };
}
const runJson = async (...words: readonly string[]): Promise<Json> => {
  const said = await cli(['run', ...words, '--json'], here);
  expect(said.err).toBe('');
  return JSON.parse(said.out) as Json;
};

describe('a TypeScript file outside the repository', () => {
  it('runs with the running copy of faultline, and with its own imports', async () => {
    const json = await runJson(ts, '--seed', '3');
    expect(json).toMatchObject({
      scenario: 'mine/crash',
      verdict: 'pass',
      file: 'crash.ts',
      params: { nodes: 3, crashAtMs: 1_000 },
    });
  });

  it('takes parameters, checked by its own schema', async () => {
    expect((await runJson(ts, '--param', 'nodes=5')).params).toMatchObject({ nodes: 5 });
    const said = await cli(['run', ts, '--param', 'nodes=9'], here);
    expect(said.code).toBe(3);
    expect(oneSentence(said)).toMatch(/nodes must be at most 7/);
  });

  it('is named by its path in the command, and by its plan in the link', async () => {
    const json = await runJson(ts, '--seed', '3');
    expect(json.repro.command).toBe('faultline run crash.ts --seed 3');
    const link = decodeLink(json.repro.link);
    expect(link.spec.scenario).toHaveProperty('document');
    const again = await cli(['replay', json.repro.link, '--json']);
    expect(JSON.parse(again.out)).toMatchObject({ same: true, traceHash: json.traceHash });
  });

  it('is the same run as its document', async () => {
    const [code, document] = [await runJson(ts), await runJson(yaml)];
    expect(document.traceHash).toBe(code.traceHash);
    expect(document.file).toBeNull();
  });

  it('is replayed from a report that names it', async () => {
    const json = await runJson(ts, '--seed', '5');
    outside.write('report.json', JSON.stringify(json));
    const said = await cli(['replay', 'report.json'], here);
    expect(said.out).toContain('same run');
  });

  it('may take all of faultline under one name, and ask what there is', async () => {
    const star = SCENARIO_TS.replace('{ defineScenario, field }', '* as all').replace(
      'interface',
      "const { defineScenario, field } = all;\nconst later = 'later' in all;\ninterface",
    );
    outside.write('star.ts', star);
    expect(await runJson('star.ts')).toMatchObject({ scenario: 'mine/crash', verdict: 'pass' });
  });

  it('is swept in workers, which load it as well', async () => {
    const said = await cli(['sweep', ts, '--seeds', '1..3', '--jobs', '1', '--json'], here);
    expect(said.err).toBe('');
    expect(JSON.parse(said.out)).toMatchObject({ runs: 3, scenario: 'mine/crash' });
  });
});

describe('a link to a run of a scenario file', () => {
  const words = [teaching, '--variant', 'forgetful'];

  it('is judged as the run was, and is repeated by itself', async () => {
    const json = await runJson(...words);
    expect(json).toMatchObject({ verdict: 'pass', variant: 'forgetful', scenario: 'mine/crash' });
    const said = await cli(['replay', json.repro.link]);
    expect(said.out).toContain('same run');
    expect(said.out).toContain('PASS  mine/crash');
    expect(said.out).toContain('variant forgetful');
    expect(said.out).toContain('breaks, as expected');
    expect(said.code).toBe(0);
    const repeat = /repeat +faultline replay '(.*)'/.exec(said.out);
    expect((await cli(['replay', repeat![1]!])).code).toBe(0);
  });

  it('is judged by the nearest variant where the run is none', async () => {
    const json = await runJson(...words, '--param', 'nodes=5');
    expect(json).toMatchObject({ verdict: 'pass', variant: null, nearVariant: 'forgetful' });
    const said = await cli(['replay', json.repro.link]);
    expect(said.out).toContain('same run');
    expect(said.code).toBe(0);
  });

  it('is compared with its variant where further rules are off', async () => {
    const json = await runJson(...words, '--off', 'raft.persist-term');
    const compared = { variant: 'forgetful', beyondVariant: ['raft.persist-term'] };
    expect(json).toMatchObject({ verdict: 'pass', ...compared });
    const said = await cli(['replay', json.repro.link]);
    expect(said.out).toContain('same run');
    expect(said.out).toMatch(/all-run +expected with the rules on: breaks +now: breaks/);
    expect(said.code).toBe(0);
  });

  it('is cut short as the run was', async () => {
    const json = await runJson(...words, '--until', '1s');
    const said = await cli(['replay', json.repro.link, '--json']);
    expect(JSON.parse(said.out)).toMatchObject({ same: true, variant: 'forgetful' });
  });

  it('takes no scenario file, as it carries the plan itself', async () => {
    const { repro } = await runJson(ts);
    const said = await cli(['replay', repro.link, '--scenario', ts], here);
    expect(said.code).toBe(3);
    expect(oneSentence(said)).toMatch(/carries its whole plan.*run crash\.ts/);
  });

  it('takes no file of another scenario', async () => {
    const said = await cli(['replay', '#s=cap/cp-partition', '--scenario', ts], here);
    expect(said.code).toBe(3);
    expect(oneSentence(said)).toMatch(/"cap\/cp-partition", and crash\.ts holds "mine\/crash"/);
  });
});

describe('a document', () => {
  it('is repeated from a link by the link, as it has no name there', async () => {
    const json = await runJson(yaml);
    expect(json.repro.command).toBe('faultline run crash.yaml --seed 1');
    const said = await cli(['replay', json.repro.link]);
    expect(said.out).toMatch(/repeat +faultline replay '/);
  });

  it('runs from YAML and from JSON', async () => {
    const json = await runJson(yaml);
    const { spec } = decodeLink(json.repro.link);
    const plan = 'document' in spec.scenario ? spec.scenario.document : null;
    outside.write('crash.json', JSON.stringify(plan));
    expect((await runJson('crash.json')).traceHash).toBe(json.traceHash);
  });
});

/** Throws in line 14, below what the loader writes anew. */
const THROWS_TS = `import { defineScenario } from 'faultline';
import type { Plan } from 'faultline';

interface Params {
  readonly nodes: number;
}
const choose = ({ nodes, ...rest }: Params & { readonly more?: Plan }): string => \`
  \${nodes} \${String(rest)}
\`;
class Chooser { private readonly least: number = 4; go(params: Params): string {
    return choose(params) + this.least; } }
enum Size { Small, Large }
new Chooser().go({ nodes: Size.Large });
if (true as boolean) { throw new Error('boom'); }
export default defineScenario;
`;

describe('a wrong file', () => {
  const wrong: readonly (readonly [string, string, string, RegExp])[] = [
    ['no default export', 'a.ts', 'export const x = 1;', /a\.ts has no default export/],
    ['another default export', 'b.ts', 'export default 5;', /b\.ts is not a scenario/],
    ['an object made by hand', 'c.ts', "export default { id: 'x' };", /c\.ts is not a scenario/],
    ['broken syntax', 'd.ts', 'export default {', /d\.ts cannot be loaded.*d\.ts:1/],
    ['an import that is missing', 'e.ts', "import 'nope-nope';", /Cannot find module 'nope-nope'/],
    ['code that throws', 'f.ts', '\nnull.x;', /f\.ts cannot be loaded.*f\.ts:2\)/],
    ['code that throws far below', 'p.ts', THROWS_TS, /p\.ts cannot be loaded: boom.*p\.ts:14\)/],
    [
      'a misnamed import',
      'q.ts',
      "import { defineScenari } from 'faultline';\nexport default defineScenari({});",
      /"faultline" has no export "defineScenari" \(at q\.ts:2\)\. Did you mean defineScenario\?/,
    ],
    [
      'a misnamed value',
      'r.ts',
      SCENARIO_TS.replace('field }', 'feld }').replaceAll('field.', 'feld.'),
      /"faultline" has no export "feld" .*Did you mean field\?/,
    ],
    ['a plan that throws', 'g.ts', throwingPlan(), /plan of g\.ts cannot be built: boom/],
    [
      'a group that cannot be',
      's.ts',
      SCENARIO_TS.replace("'raft-kv'", "'raft-vk'"),
      /s\.ts:18: There is no component "raft-vk" \(at groups\/n\/component\)\..*raft-kv/,
    ],
    [
      'a check that cannot be',
      't.ts',
      SCENARIO_TS.replace("use: 'linearizable'", "use: 'lineariable'"),
      /t\.ts:25: There is no check "lineariable" \(at checks\/linearizable\/use\)/,
    ],
    [
      'a fault of nobody, whose line is not known',
      'u.ts',
      SCENARIO_TS.replace("target: 'n1'", "target: 'n9'"),
      /u\.ts: .*"n9" \(at faults\/0\/fault\/target\)/,
    ],
    ['broken YAML', 'h.yaml', 'title: [', /h\.yaml:1:\d+ is not valid YAML/],
    ['a tab in YAML', 'i.yaml', 'a:\n\t- b', /i\.yaml:2:\d+ is not valid YAML/],
    ['a document without groups', 'j.yaml', 'title: x\ndurationMs: 5', /j\.yaml: .*groups/],
    ['an unknown part', 'k.yaml', 'titel: x', /k\.yaml:1:\d+: .*"titel".*Did you mean title\?/],
    ['an unknown component', 'l.yaml', badComponent(), /l\.yaml:.*"raft-vk".*raft-kv/],
    ['an empty document', 'm.yaml', '', /m\.yaml: .*document/],
    ['a list', 'n.json', '[]', /n\.json: .*document/],
    ['a bomb of aliases', 'o.yaml', aliasBomb(), /o\.yaml is not valid YAML/],
  ];
  it.each(wrong)('with %s is answered in one sentence', async (_what, name, text, sentence) => {
    outside.write(name, text);
    const said = await cli(['run', name], here);
    expect(oneSentence(said)).toMatch(sentence);
    expect(said.code).toBe(3);
  });

  it('that does not exist is answered with the nearest one', async () => {
    const said = await cli(['run', './crahs.ts'], here);
    expect(oneSentence(said)).toMatch(/no file \.\/crahs\.ts. Did you mean crash\.ts\?/);
    expect((await cli(['run', './no/such/place.ts'], here)).code).toBe(3);
  });

  it('that is no scenario file says which names are', async () => {
    outside.write('notes.txt', 'hello');
    const said = await cli(['run', './notes.txt'], here);
    expect(oneSentence(said)).toMatch(/no scenario file.*\.yaml/);
  });

  it('is answered before a sweep starts any worker', async () => {
    const said = await cli(['sweep', 'g.ts', '--seeds', '1..2'], here);
    expect(oneSentence(said)).toMatch(/boom/);
  });
});

function throwingPlan(): string {
  return SCENARIO_TS.replace('return {', "throw new Error('boom'); return {");
}

function badComponent(): string {
  return SCENARIO_YAML.replace('raft-kv', 'raft-vk');
}

/** The billion laughs, in YAML. */
function aliasBomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 9; level += 1) {
    const alias = `*a${level - 1}`;
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => alias).join(', ')}]`);
  }
  return lines.join('\n');
}
