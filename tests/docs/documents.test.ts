/** The examples of docs/reference/documents.md are real, and every word is described. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { documentsPage } from '../../scripts/docs/documents-page.ts';
import { loadDocument } from '../../src/cli/load-document.ts';
import { cli } from '../cli/support/host.ts';

const PAGE = join(import.meta.dirname, '../../docs/reference/documents.md');
const folder = mkdtempSync(join(tmpdir(), 'faultline-documents-'));
afterAll(() => rmSync(folder, { recursive: true }));

const examples = new Map(
  [...readFileSync(PAGE, 'utf8').matchAll(/```yaml\n# file: (\S+)\n([\s\S]*?)```/g)].map(
    ([, file = '', text = '']) => [file, text] as const,
  ),
);
const name = 'cut.yaml';
const example = examples.get(name) ?? '';

interface Report {
  readonly verdict: string;
  readonly findings: readonly { readonly check: string }[];
}

async function run(text: string): Promise<Report> {
  writeFileSync(join(folder, name), text);
  const said = await cli(['run', name, '--json'], { cwd: folder });
  expect(said.err).toBe('');
  return JSON.parse(said.out) as Report;
}

describe('the example of the page', () => {
  it('is read as it stands', () => {
    const plan = loadDocument(example, name);
    expect(plan.groups.map((group) => group.name)).toEqual(['n', 'a', 'b']);
    expect(plan.checks.length).toBeGreaterThan(4);
    expect(plan.story.length).toBeGreaterThan(0);
  });

  it('passes', async () => {
    expect((await run(example)).verdict).toBe('pass');
  });

  it('fails as it says, with longer election timeouts', async () => {
    const patience =
      '{ checkQuorum: true, electionTimeoutMinMs: 1500, electionTimeoutMaxMs: 2500 }';
    const slow = example.replace('{ checkQuorum: true }', patience);
    expect(slow).not.toBe(example);
    const { verdict, findings } = await run(slow);
    expect(verdict).toBe('fail');
    expect(findings.map(({ check }) => check)).toContain('majority-serves');
  });

  it('fails where its fault hits nothing', async () => {
    const { verdict, findings } = await run(example.replace('atMs: 3000', 'atMs: 0'));
    expect(verdict).toBe('fail');
    expect(findings.map(({ check }) => check)).toContain('the-cut-bit');
  });
});

describe('the request path of the page', () => {
  const path = examples.get('shop.yaml') ?? '';
  /** `key: value # Variant name: another value`. */
  const VARIANT = /^(\s*\w+: ).*? # Variant (\w+): (.*)$/gm;
  const variants = [...path.matchAll(VARIANT)].map(([, , variant = '']) => variant);
  const textOf = (variant: string): string =>
    path.replace(VARIANT, (line, key: string, named: string, value: string) =>
      named === variant ? `${key}${value}` : line,
    );
  const brokenIn = async (text: string): Promise<readonly string[]> => {
    const { verdict, findings } = await run(text);
    expect(verdict).toBe(findings.length === 0 ? 'pass' : 'fail');
    return findings.map(({ check }) => check);
  };

  it('has clients, a balancer, services, a cache, a database, and a fault', () => {
    const plan = loadDocument(path, 'shop.yaml');
    expect(plan.groups.map(({ component }) => component)).toEqual([
      'http-client',
      'load-balancer',
      'service',
      'cache',
      'database',
    ]);
    expect([plan.faults.length, plan.checks.length]).toEqual([1, 4]);
    expect(variants).toEqual(['blind', 'small', 'slow']);
  });

  it('passes', async () => {
    expect(await brokenIn(path)).toEqual([]);
  });

  it.each(variants)('breaks in the variant %s the check that says so', async (variant) => {
    const said = new RegExp(`- id: (\\S+) # Breaks in the variant ${variant}\\.`).exec(path)?.[1];
    expect(await brokenIn(textOf(variant))).toEqual([said]);
  });

  it('fails without its fault', async () => {
    const text = path.replace(/^faults:[\s\S]*?(?=^checks:)/m, '');
    expect(await brokenIn(text)).toContain('the-fault-bit');
  });
});

describe('the tables of the page', () => {
  it('describe every setting', () => {
    const rows = documentsPage()
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
    expect(rows.length).toBeGreaterThan(80);
    expect(rows.filter((row) => row[row.length - 2] === '').map((row) => row[1])).toEqual([]);
    // A part with a language of its own is named, never just an object.
    expect(rows.filter((row) => row[2] === 'object').map((row) => row[1])).toEqual([]);
  });

  it('say where each part with a language of its own is described', () => {
    const page = documentsPage();
    for (const heading of ['placement', 'disk', 'clock', 'network', 'limits', 'every', 'when']) {
      expect(page, heading).toMatch(new RegExp(`^#+ ${heading}$`, 'm'));
    }
  });
});
