import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { seedsOf } from '../../src/cli/sweep.ts';
import { NUMBERS_TS, outsideFolder, SCENARIO_TS, SCENARIO_YAML } from './support/files.ts';
import { cli, fakeHost, oneSentence } from './support/host.ts';

const outside = outsideFolder();
const yaml = outside.write('crash.yaml', SCENARIO_YAML);
const here = { cwd: outside.path };

interface Json {
  readonly [name: string]: unknown;
  readonly runs: number;
  readonly sweepHash: string;
  readonly failingSeeds: readonly number[];
  readonly rows: readonly { readonly seed: number }[];
}

/** Without what depends on the machine. */
async function sweepJson(...words: readonly string[]): Promise<Json> {
  const said = await cli(['sweep', ...words, '--json', '--rows'], here);
  expect(said.err).toBe('');
  const { eventsPerSecond, elapsedMillis, ...json } = JSON.parse(said.out) as Json;
  expect(eventsPerSecond).toBeGreaterThan(0);
  expect(elapsedMillis).toBeGreaterThan(0);
  return json as Json;
}

/** Raft whose safety is broken: some seeds fail. */
const broken = outside.write(
  'broken.yaml',
  SCENARIO_YAML.replace('checks:', 'checks:\n  - { id: raft-safety, use: raft-safety }').replace(
    /faults:\n.*\n/,
    `faults:
  - { id: split, atMs: 1000, forMs: 600, fault: { type: partition, groups: [n1, [n2, n3]] } }
  - { id: loss, atMs: 0, fault: { type: loss, probability: 0.2 } }
`,
  ),
);

/** Starting workers is what these tests cost, so several look at this one. */
const whole = sweepJson(yaml, '--seeds', '1..5', '--jobs', '2');

describe('sweep', () => {
  it('gives the JSON that a program reads, in the order of the seeds', async () => {
    const json = await whole;
    expect(json).toMatchObject({ runs: 5, pass: 5, fail: 0, unknown: 0, failingSeeds: [] });
    expect(json.rows.map((row) => row.seed)).toEqual([1, 2, 3, 4, 5]);
    expect(json.sweepHash).toMatch(/^[0-9a-f]{16}$/);
  });

  it('does not depend on the number of jobs', async () => {
    expect(await sweepJson(yaml, '--seeds', '1..5', '--jobs', '1')).toEqual(await whole);
  });

  it('has the hashes of single runs', async () => {
    for (const row of (await whole).rows.slice(2, 4)) {
      const run = await cli(['run', yaml, '--seed', String(row.seed), '--json'], here);
      const { traceHash, stateHash, verdict } = JSON.parse(run.out) as Json;
      expect(row).toMatchObject({ traceHash, stateHash, verdict });
    }
  });

  it('names the failing seeds, and repeats the first of them', async () => {
    const words = [broken, '--off', 'raft.persist-vote', '--off', 'raft.election-restriction'];
    words.push('--off', 'raft.current-term-commit', '--off', 'raft.log-matching-check');
    const sweep = await sweepJson(...words, '--seeds', '1..8', '--jobs', '1');
    expect(sweep.failingSeeds.length).toBeGreaterThan(0);
    const first = sweep['first'] as {
      seed: number;
      missed: { check: string; why: string }[];
      repro: { command: string; link: string };
    };
    expect(first.seed).toBe(sweep.failingSeeds[0]);
    expect(first.missed[0]?.why).not.toBe('');
    const [, ...repeat] = first.repro.command.split(' ');
    const run = await cli([...repeat, '--json'], here);
    expect(run.code).toBe(1);
    const shown = outside.write('failing.json', JSON.stringify({ ...sweep, elapsedMillis: 1 }));
    const text = await cli(['sweep', '--merge', shown], here);
    expect(text.code).toBe(1);
    expect(text.out).toMatch(/^FAIL/);
    expect(text.out).toContain(`seed ${first.seed}\n`);
    expect(text.out).toContain(first.missed[0]!.check);
  });

  it('judges a sometimes of scope sweep over all runs, and shows its progress', async () => {
    const sometimes = outside.write(
      'sometimes.yaml',
      `${SCENARIO_YAML}
  - { id: elects, use: sometimes, args: { predicate: leader-exists } }
  - { id: splits, use: sometimes, args: { predicate: two-leaders, scope: sweep } }
`,
    );
    const said = await cli(['sweep', sometimes, '--seeds', '1..3', '--jobs', '1', '--json'], {
      ...here,
      terminal: true,
      env: { NO_COLOR: '1' },
    });
    expect(JSON.parse(said.out)).toMatchObject({
      verdict: 'fail',
      pass: 3,
      fail: 0,
      unreached: ['splits'],
      coverage: [
        { check: 'elects', scope: 'run', reached: 3, runs: 3 },
        { check: 'splits', scope: 'sweep', reached: 0, runs: 3 },
      ],
    });
    expect(said.code).toBe(1);
    expect(said.err).toMatch(/█ 3\/3 · .* seeds\/s/);
    expect(said.err.endsWith('\r\u001b[K')).toBe(true);
  });

  it('prints what is done when it is interrupted', async () => {
    const words = ['sweep', yaml, '--seeds', '1..100000', '--jobs', '1', '--json', '--rows'];
    let told = '';
    const host = fakeHost(words, {
      ...here,
      terminal: true,
      onWrite(text) {
        told += text;
        if (/ [5-9]\/100000/.test(told)) host.interrupt();
      },
    });
    const code = await runCli(host);
    const json = JSON.parse(host.out()) as Json;
    expect(code).toBe(130);
    expect(json).toMatchObject({ interrupted: true, verdict: 'unknown' });
    expect(json.runs).toBeGreaterThanOrEqual(5);
    expect(json.runs).toBeLessThan(100_000);
    expect(json.rows).toHaveLength(json.runs);
    expect(host.err()).toContain('Interrupted');
  });
});

/** A scenario file with a check of its own, which hears of the first leader. */
const withCheck = (heard: string) =>
  SCENARIO_TS.replace('field }', 'field, defineCheck, Type }')
    .replace('checks: [{', "checks: [{ id: 'own', use: 'own' }, {")
    .replace(
      'export default defineScenario({',
      `const own = defineCheck({
  use: 'own',
  about: 'Hears of leaders.',
  args: Type.Object({}),
  create: (_args, env) => ({
    components: [], facts: ['raft.leader'], probes: [],
    onFact: (record) => { ${heard} },
    standing: () => ({ verdict: 'pass', text: '' }),
    save: () => null,
    restore: () => undefined,
  }),
});
export default defineScenario({ registers: { checks: [own] },`,
    );

describe('a check that throws for one seed', () => {
  outside.write('numbers.ts', NUMBERS_TS);

  /** Seeds 1 to 5, of which the third throws. */
  async function sweepWithThrow(what: string) {
    outside.write('own.ts', withCheck("env.report({ why: 'a leader' });"));
    const said = await cli(['run', 'own.ts', '--seed', '3', '--json'], here);
    const { findings } = JSON.parse(said.out) as { findings: { atMicros: number }[] };
    const at = findings[0]!.atMicros;
    outside.write('own.ts', withCheck(`if (record.atMicros === ${at}) ${what}`));
    const seeds = ['--seeds', '1..5', '--jobs', '1'];
    return cli(['sweep', 'own.ts', ...seeds, '--json', '--rows'], here);
  }

  it('loses no other seed, is named with its command, and the sweep does not pass', async () => {
    const said = await sweepWithThrow("throw new Error('oh no');");
    const json = JSON.parse(said.out) as Json;
    expect(json).toMatchObject({ verdict: 'unknown', runs: 4, pass: 4, notRun: 0 });
    expect(json['interrupted']).toBe(false);
    expect(json.rows.map((row) => row.seed)).toEqual([1, 2, 4, 5]);
    expect(json['broken']).toEqual([{ seed: 3, why: expect.stringContaining('oh no') as string }]);
    expect(oneSentence({ ...said, out: '' })).toMatch(
      /Seed 3: own\.ts throws during the run: oh no \(at own\.ts:\d+\)\. Repeat it with: (.*)$/,
    );
    expect(said.code).toBe(3);
    const command = /Repeat it with: faultline (.*)\n$/.exec(said.err)![1]!;
    const again = await cli(command.split(' '), here);
    expect(oneSentence(again)).toMatch(/oh no/);
    outside.write('thrown.json', said.out);
    const merged = await cli(['sweep', '--merge', 'thrown.json'], here);
    expect(merged.code).toBe(2);
    expect(merged.out).toMatch(/^UNKNOWN.*\n.*1 seed threw\n +threw +seeds 3\n/);
  });
});

describe('shards', () => {
  it('share the seeds out without gap or overlap', () => {
    const range = { first: 3, last: 25 };
    for (const count of [1, 2, 4, 23, 30]) {
      const parts = Array.from({ length: count }, (_, at) =>
        seedsOf(range, { index: at + 1, count }),
      );
      const all = parts.flat().sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: 23 }, (_, at) => at + 3));
      const sizes = parts.map((part) => part.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it('merge into the result of the whole sweep', async () => {
    const files: string[] = [];
    for (const shard of ['2/2', '1/2']) {
      const words = ['sweep', yaml, '--seeds', '1..5', '--jobs', '1', '--shard', shard];
      const said = await cli([...words, '--json', '--rows'], here);
      files.push(outside.write(`shard-${shard[0]}.json`, said.out));
    }
    expect(await sweepJson('--merge', ...files)).toEqual(await whole);
    const again = await cli(['sweep', '--merge', files[0]!, files[0]!], here);
    expect(oneSentence(again)).toMatch(/twice/);
    const part = await cli(['sweep', '--merge', files[0]!], here);
    expect(part.out).toMatch(/^UNKNOWN .* shard 2\/2, 3 seeds not run\n/);
    expect(part.code).toBe(2);
  });

  it('of other sweeps do not merge', async () => {
    const shard = JSON.parse(readFileSync(join(outside.path, 'shard-1.json'), 'utf8')) as Json;
    const spec = { ...(shard['spec'] as object), ablations: ['raft.persist-vote'] };
    outside.write('other.json', JSON.stringify({ ...shard, spec }));
    const said = await cli(['sweep', '--merge', 'shard-2.json', 'other.json'], here);
    expect(oneSentence(said)).toMatch(/other\.json is of another sweep than shard-2\.json/);
    const { rows: _rows, ...bare } = shard;
    outside.write('bare.json', JSON.stringify(bare));
    expect(oneSentence(await cli(['sweep', '--merge', 'bare.json'], here))).toMatch(/--rows/);
  });
});
