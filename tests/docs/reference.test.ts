/** The reference pages say what the registries say, and leave nothing out. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMPONENTS, FAULTS, makeRegistry, planFromDocument } from 'faultline';
import { parse } from 'yaml';
import { catalogue } from '../../scenarios/index.ts';
import { referencePages } from '../../scripts/docs/reference.ts';
import { replaceBlock } from '../../scripts/markdown-block.mjs';
import { sound } from '../support/impossible/index.ts';

const root = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const pageOf = (block: string) => read(`docs/reference/${block}.md`);

describe.each(referencePages.map((page) => [page.file, page] as const))('%s', (file, page) => {
  it('is not stale', () => {
    const text = read(file);
    expect(text, 'npm run docs').toBe(replaceBlock(text, page.block, page.content()));
  });

  it('has tables that are tables, and no hole', () => {
    const lines = page.content().split('\n');
    let columns = 0;
    for (const line of lines) {
      const cells = line.startsWith('|') ? line.split(/(?<!\\)\|/).length : 0;
      if (cells > 0 && columns > 0) expect(cells, line).toBe(columns);
      columns = cells;
    }
    expect(page.content()).not.toMatch(/undefined|\[object|NaN/);
  });
});

describe('the pages', () => {
  const { checks, predicates, rules } = makeRegistry();

  it.each([
    ['components', Object.keys(COMPONENTS).map((name) => `## ${name}\n`)],
    [
      'components',
      Object.values(COMPONENTS)
        .flatMap(({ gauges }) => gauges ?? [])
        .map(({ title, about }) => [`| \`${title}\` |`, `| ${about} |`])
        .flat(),
    ],
    ['faults', FAULTS.map((fault) => `## ${fault.type}\n`)],
    ['predicates', [...predicates.keys()].map((name) => `## ${name}\n`)],
    ['checks', [...checks.keys()].map((name) => `## ${name}\n`)],
    ['rules', [...rules.keys()].map((name) => `\`${name}\``)],
    ['scenarios', catalogue.map((scenario) => `run ${scenario.id}\n`)],
  ])('name all %s', (block, wanted) => {
    const text = pageOf(block);
    expect(wanted.filter((words) => !text.includes(words))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(1);
  });

  it('show checks of numbers that a plan may have', () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(pageOf('checks')) ?? [];
    const { checks: shown } = parse(yaml) as { readonly checks: readonly object[] };
    const plan = planFromDocument({ ...sound(), checks: shown });
    expect(plan.checks.map(({ use }) => use)).toEqual(['gauge', 'gauge', 'gauge']);
  });

  it('lead to one another', () => {
    for (const { file } of referencePages) {
      for (const [, target = ''] of read(file).matchAll(/\]\(([a-z]+\.md)(?:#[a-z-]+)?\)/g)) {
        expect(() => pageOf(target.replace('.md', '')), `${file}: ${target}`).not.toThrow();
      }
    }
  });
});
