/** A scenario file that brings parts of its own: named in links, never carried by them. */
import { describe, expect, it } from 'vitest';
import { decodeLink } from '../../src/sim/index.ts';
import { NUMBERS_TS, outsideFolder, SCENARIO_TS } from './support/files.ts';
import { cli, oneSentence } from './support/host.ts';

const outside = outsideFolder();
outside.write('numbers.ts', NUMBERS_TS);
const withParts = SCENARIO_TS.replace(
  'export default defineScenario({',
  `const early = {
  name: 'early',
  about: 'The first second is not over.',
  args: Type.Object({}),
  components: ['raft-kv'],
  holds: (world) => world.now < 1_000_000,
};
export default defineScenario({
  registers: { predicates: [early] },`,
)
  .replace('import { defineScenario, field }', 'import { defineScenario, field, Type }')
  .replace(
    'checks: [',
    "checks: [{ id: 'early', use: 'sometimes', args: { predicate: 'early' } }, ",
  );
outside.write('parts.ts', withParts);
const here = { cwd: outside.path };

interface Json {
  readonly verdict: string;
  readonly traceHash: string;
  readonly spec: { readonly scenario: { readonly planHash?: string } };
  readonly repro: { readonly command: string; readonly link: string };
}

describe('a file with parts of its own', () => {
  it('runs, and its link names it with the hash of its plan', async () => {
    const said = await cli(['run', 'parts.ts', '--json'], here);
    expect(said.err).toBe('');
    const json = JSON.parse(said.out) as Json;
    expect(json.verdict).toBe('pass');
    const { spec } = decodeLink(json.repro.link);
    expect(spec.scenario).toEqual({ id: 'mine/crash', planHash: json.spec.scenario.planHash });

    const lost = await cli(['replay', json.repro.link], here);
    expect(oneSentence(lost)).toMatch(/scenario file "mine\/crash".*--scenario FILE/);
    const found = await cli(['replay', json.repro.link, '--scenario', 'parts.ts'], here);
    expect(found.out).toContain('same run');

    outside.write('changed.ts', withParts.replace('durationMs: 3_000', 'durationMs: 3_001'));
    const changed = await cli(['replay', json.repro.link, '--scenario', 'changed.ts'], here);
    expect(oneSentence(changed)).toMatch(/has changed since this link was made/);
    expect(changed.code).toBe(3);
  });

  it('is cut short without becoming another scenario', async () => {
    const said = await cli(['run', 'parts.ts', '--until', '1s', '--json'], here);
    const json = JSON.parse(said.out) as Json;
    const again = await cli(['replay', json.repro.link, '--scenario', 'parts.ts'], here);
    expect(again.out).toContain('same run');
  });
});

describe('a file whose parts throw during the run', () => {
  const throwing = (what: string) =>
    withParts
      .replace('holds: (world) => world.now < 1_000_000', `holds: () => { ${what}; }`)
      .replace('field, Type }', 'field, InvariantError, Type }');

  it('is told where, too, when a check cannot say how it stands', async () => {
    const text = withParts
      .replace('predicates: [early] }', 'predicates: [early], checks: [broken] }')
      .replace(
        'export default',
        `const broken = {
  use: 'broken',
  about: 'It is broken.',
  args: Type.Object({}),
  create: () => ({
    components: [], facts: [], probes: [],
    standing: () => null.x,
    save: () => null, restore() {},
  }),
};
export default`,
      )
      .replace('checks: [{', "checks: [{ id: 'broken', use: 'broken' }, {");
    outside.write('standing.ts', text);
    const said = await cli(['run', 'standing.ts', '--until', '1s'], here);
    expect(oneSentence(said)).toMatch(
      /standing\.ts throws during the run: .*\(at standing\.ts:\d+/,
    );
    expect(said.code).toBe(3);
  });

  it('is told where, in one sentence', async () => {
    outside.write('throws.ts', throwing('null.x'));
    for (const words of [['run'], ['sweep', '--seeds', '1..2', '--jobs', '1']]) {
      const [command, ...flags] = words;
      const said = await cli([command!, 'throws.ts', ...flags], here);
      expect(oneSentence(said)).toMatch(/throws\.ts throws during the run: .*\(at throws\.ts:\d+/);
      expect(said.err).toContain('faultline run throws.ts --seed 1');
      expect(said.code).toBe(3);
    }
  });

  it('is our bug when it is one: exit 70, with stack and command', async () => {
    outside.write('bug.ts', throwing("throw new InvariantError('two leaders in one slot')"));
    for (const words of [['run'], ['sweep', '--seeds', '1..2', '--jobs', '1']]) {
      const [command, ...flags] = words;
      const said = await cli([command!, 'bug.ts', ...flags], here);
      expect(said.code).toBe(70);
      expect(said.err).toContain('two leaders in one slot');
      expect(said.err).toMatch(/\n\s+at /);
      expect(said.err).toContain('This command repeats it: faultline run bug.ts --seed 1\n');
      expect(said.err).toContain('report it');
    }
  });
});
