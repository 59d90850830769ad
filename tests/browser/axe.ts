/** Runs axe in the page and says each violation in one line. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface WithAxe {
  readonly axe?: { run: (context?: string) => Promise<AxeResults> };
}

/** `part`: a selector, where only that part of the page has changed since it was last looked at. */
export async function violationsOf(page: Page, part?: string): Promise<string[]> {
  if (!(await page.evaluate(() => (window as unknown as WithAxe).axe !== undefined))) {
    await page.evaluate(source);
  }
  const results = await page.evaluate(
    (context) => (window as unknown as Required<WithAxe>).axe.run(context),
    part,
  );
  return results.violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`,
    ),
  );
}
