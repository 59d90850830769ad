/** The same run in Node and in Chromium: every scenario in every variant, hash by hash. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { catalogue } from '../../scenarios/index.ts';
import { simulate } from '../../src/sim/index.ts';
import type {} from '../../src/viz/determinism.ts';
import { launch } from './support/chromium.ts';

const SEED = 11;
/** The whole catalogue twice, on whatever machine. */
const TIMEOUT_MS = 1_200_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

describe('Node and Chromium', () => {
  it(
    'give the same trace and state for every scenario and variant',
    async () => {
      const page = await browser.newPage();
      await page.goto(`${inject('siteUrl')}determinism.html?seed=${SEED}`);
      // The page goes on meanwhile, in a process of its own.
      const here = catalogue.flatMap((scenario) =>
        scenario.variants.map((variant) => {
          const { traceHash, stateHash } = simulate(scenario, {
            seed: SEED,
            variant: variant.name,
          });
          return { id: scenario.id, variant: variant.name, seed: SEED, traceHash, stateHash };
        }),
      );
      await page.waitForFunction(() => window.__hashes !== undefined, undefined, {
        timeout: TIMEOUT_MS / 2,
      });
      const there = await page.evaluate(() => window.__hashes);
      expect(here.length).toBeGreaterThan(0);
      expect(there).toEqual(here);
      await page.close();
    },
    TIMEOUT_MS,
  );
});
