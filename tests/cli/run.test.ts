import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../scenarios/index.ts';
import { decodeLink } from '../../src/sim/index.ts';
import { cli, fakeHost } from './support/host.ts';
import { runCli } from '../../src/cli/program.ts';
import { elementsOf } from './support/xml.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ID = 'cap/cp-partition';

interface Json {
  readonly [name: string]: unknown;
  readonly spec: { readonly seed: number; readonly ablations: readonly string[] };
  readonly verdict: string;
  readonly traceHash: string;
  readonly stateHash: string;
  readonly events: number;
  readonly simulatedMicros: number;
  readonly modified: readonly string[];
  readonly params: { readonly [name: string]: unknown };
  readonly findings: readonly { readonly [name: string]: unknown }[];
  readonly repro: { readonly command: string; readonly link: string };
  readonly marks: readonly { readonly event: number; readonly traceHash: string }[];
}

async function runJson(...words: readonly string[]): Promise<Json & { readonly code: number }> {
  const said = await cli(['run', ...words, '--json'], { cwd: folder });
  expect(said.err).toBe('');
  return { ...(JSON.parse(said.out) as Json), code: said.code };
}

describe('run', () => {
  it('gives the JSON that a program reads', async () => {
    const json = await runJson(ID, '--seed', '7');
    expect(json).toMatchObject({ scenario: ID, seed: 7, verdict: 'pass', modified: [], code: 0 });
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining([
        ...['spec', 'scenario', 'params', 'seed', 'verdict', 'modified', 'events'],
        ...['simulatedMicros', 'traceHash', 'stateHash', 'findings', 'metrics', 'repro'],
      ]),
    );
    expect(json.traceHash).toMatch(/^[0-9a-f]{16}$/);
    expect(json.stateHash).toMatch(/^[0-9a-f]{16}$/);
    expect(json.events).toBeGreaterThan(1_000);
    expect(json.marks.length).toBeGreaterThan(8);
  });

  it('is the same run every time, and another with another seed', async () => {
    const [one, again, other] = [
      await runJson(ID, '--until', '2s'),
      await runJson(ID, '--seed', '1', '--until', '2s'),
      await runJson(ID, '--seed', '2', '--until', '2s'),
    ];
    expect(again).toEqual(one);
    expect(other.traceHash).not.toBe(one.traceHash);
  });

  it('is the same run with a trace written beside it', async () => {
    const plain = await runJson(ID, '--until', '4s');
    const traced = await runJson(ID, '--until', '4s', '--trace', 'trace.jsonl');
    expect(traced).toEqual(plain);
    const lines = readFileSync(join(folder, 'trace.jsonl'), 'utf8').trimEnd().split('\n');
    const parsed = lines.map((line) => JSON.parse(line) as { line: string; event: number });
    const kinds = new Set(parsed.map((line) => line.line));
    expect(kinds).toEqual(new Set(['node', 'fact', 'message', 'fault', 'end']));
    const events = parsed.filter((line) => line.line !== 'node').map((line) => line.event);
    expect(events).toEqual([...events].sort((a, b) => a - b));
    expect(parsed.at(-1)).toMatchObject({ line: 'end', traceHash: plain.traceHash });
  });

  it('takes parameters, rules and the order of simultaneous events', async () => {
    const words = ['--param', 'nodes=3', '--param', 'cutAtMs=2s', '--off', 'raft.leader-no-op'];
    const json = await runJson(ID, ...words, '--order', 'permute:5', '--until', '1s');
    expect(json.params).toMatchObject({ nodes: 3, cutAtMs: 2_000 });
    expect(json.modified).toEqual(['raft.leader-no-op']);
    expect(json.spec).toMatchObject({ order: { permute: 5 } });
    expect(json.simulatedMicros).toBe(1_000_000);
  });

  it('prints a command and a link that are this run', async () => {
    const words = [
      '--seed',
      '9',
      '--param',
      'nodes=3',
      '--off',
      'raft.leader-no-op',
      '--until',
      '1s',
    ];
    const json = await runJson(ID, ...words);
    const [program, ...repeat] = json.repro.command.split(' ');
    expect(program).toBe('faultline');
    expect(await runJson(...repeat.slice(1))).toEqual(json);
    const link = decodeLink(json.repro.link);
    expect(link.spec).toEqual(json.spec);
    expect(link.traceHash).toBe(json.traceHash);
  });

  it('puts FAULTLINE_URL in front of links', async () => {
    const env = { FAULTLINE_URL: 'https://example.org/sub/' };
    const said = await cli(['run', ID, '--until', '100ms'], { env });
    expect(said.out).toContain('https://example.org/sub/#s=cap/cp-partition&seed=1');
  });

  it('runs a variant with its expectations', async () => {
    const scenario = catalogue.find((one) => one.id === ID)!;
    const broken = scenario.variants.find((variant) =>
      Object.values(variant.expect ?? {}).some((expected) => expected !== 'holds'),
    );
    expect(broken, `${ID} teaches a failure in some variant`).toBeDefined();
    const json = await runJson(ID, '--variant', broken!.name);
    expect(json).toMatchObject({ verdict: 'pass', variant: broken!.name, code: 0 });
    expect(json.findings.some((finding) => finding['expected'] === true)).toBe(true);
  });

  it('takes what a run that is cut short did not reach for unknown, not for broken', async () => {
    const json = await runJson(ID, '--until', '1s');
    expect(json).toMatchObject({ verdict: 'unknown', ended: 'limit: simulated time' });
    expect(json.simulatedMicros).toBe(1_000_000);
    expect(json.findings).toEqual([]);
    expect(json.repro.command).toMatch(/ --until 1000ms$/);
  });

  it('exits with what the verdict means', async () => {
    const codes = new Map([
      ['pass', 0],
      ['fail', 1],
      ['unknown', 2],
    ]);
    const seen = new Set<string>();
    for (const words of [[], ['--off', 'raft.persist-before-reply'], ['--until', '1s']]) {
      const json = await runJson(ID, ...words);
      expect(json.code).toBe(codes.get(json.verdict));
      seen.add(json.verdict);
    }
    // Cut before anything was cut off: never reached. Cut before it healed: not known.
    expect(seen).toEqual(new Set(['pass', 'fail', 'unknown']));
  });

  it('writes a JUnit report with a case per check', async () => {
    const said = await cli(['run', ID, '--junit', 'report.xml'], { cwd: folder });
    const elements = elementsOf(readFileSync(join(folder, 'report.xml'), 'utf8'));
    const cases = elements.filter((element) => element.name === 'testcase');
    expect(cases.length).toBeGreaterThan(3);
    for (const one of cases) expect(said.out).toContain(one.attributes['name']);
  });

  it('prints for people', async () => {
    const said = await cli(['run', ID]);
    expect(said.code).toBe(0);
    expect(said.out).toMatch(/^PASS {2}cap\/cp-partition/);
    expect(said.out).toMatch(/repeat +faultline run cap\/cp-partition --seed 1\n/);
  });

  it('says what is done so far when it is interrupted', async () => {
    const host = fakeHost(['run', ID, '--json']);
    const running = runCli(host);
    // The first slice has run by now; the next look at the world outside hears it.
    await new Promise((resolve) => setImmediate(resolve));
    const early = setInterval(() => host.interrupt(), 1);
    const code = await running;
    clearInterval(early);
    const json = JSON.parse(host.out()) as { events: number; interrupted: boolean; ended: string };
    expect(code).toBe(130);
    expect(json.interrupted).toBe(true);
    expect(host.err()).toContain('Interrupted');
  });
});

describe('list', () => {
  it('lists every scenario of the catalogue', async () => {
    const { out, code } = await cli(['list', '--json']);
    const json = JSON.parse(out) as {
      id: string;
      topic: string;
      title: string;
      params: unknown[];
    }[];
    expect(code).toBe(0);
    expect(json.map((one) => one.id)).toEqual(catalogue.map((one) => one.id));
    for (const one of json) {
      expect(one.id.startsWith(`${one.topic}/`)).toBe(true);
      expect(one.title).not.toBe('');
    }
  });

  it('is readable', async () => {
    const { out } = await cli(['list']);
    for (const scenario of catalogue) expect(out).toContain(scenario.id);
    expect(out).toContain('--param nodes=5');
  });
});
