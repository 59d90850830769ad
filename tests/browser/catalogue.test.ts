import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../scenarios/index.ts';
import { drawn, expectAccessible, open } from './page.ts';
import { launch } from './support/chromium.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

describe('the catalogue', () => {
  it('has a card for every scenario, by topic', async () => {
    const { page, complaints, close } = await open(browser);
    await page.waitForSelector('.card');
    const titles = await page.locator('.card h3').allTextContents();
    expect([...titles].sort()).toEqual(catalogue.map(({ title }) => title).sort());
    const topics = new Set(catalogue.map(({ topic }) => topic));
    expect(await page.locator('h2.topic').count()).toBe(topics.size);
    // What draws a run is fetched when one is opened.
    const fetched = await page.evaluate(() =>
      performance.getEntriesByType('resource').map((entry) => entry.name),
    );
    expect(fetched.filter((name) => name.endsWith('.js')).length).toBeGreaterThan(0);
    expect(fetched.filter((name) => /(mount|run-page|chart)-/.test(name))).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  });

  it('opens a run from a card, and goes back', async () => {
    const { page, complaints, close } = await open(browser);
    await page.getByRole('link', { name: 'A CP store, cut in two' }).click();
    await drawn(page);
    expect(page.url()).toContain('#s=cap/cp-partition');
    expect(await page.locator('h1').textContent()).toBe('A CP store, cut in two');
    await page.goBack();
    await page.waitForSelector('.card');
    expect(complaints).toEqual([]);
    await close();
  });

  it('finds by words', async () => {
    const { page, close } = await open(browser);
    await page.waitForSelector('.card');
    await page.getByRole('searchbox').fill('flapping');
    expect(await page.locator('.card').count()).toBe(1);
    await page.getByRole('searchbox').fill('zebra');
    expect(await page.locator('.empty').textContent()).toContain('zebra');
    await close();
  });

  it.each(['dark', 'light'])('has no axe violation in the %s theme', async (theme) => {
    const { page, close } = await open(browser, { query: `theme=${theme}` });
    await page.waitForSelector('.card');
    await expectAccessible(page);
    await close();
  });
});

describe('an engine that does not start', () => {
  it('is told in words, not by an empty page', async () => {
    const opened = await open(browser, { hash: '' });
    await opened.page.route('**/entry-*.js', (route) => route.abort());
    await opened.page.reload();
    const alert = opened.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('engine');
    await expectAccessible(opened.page);
    await opened.close();
  });
});

describe('an address that cannot be run', () => {
  it('gives one sentence with the nearest choice, and a way back', async () => {
    const { page, close } = await open(browser, { hash: 's=cap/cp-partitoin' });
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('cap/cp-partitoin');
    expect(await page.locator('main').textContent()).toContain('cap/cp-partition');
    await expectAccessible(page);
    await page.locator('main').getByRole('link', { name: 'All scenarios' }).click();
    await page.waitForSelector('.card');
    await close();
  });

  it('of another engine version says so and offers to run anyway', async () => {
    const { page, close } = await open(browser, { hash: 's=cap/cp-partition&v=999' });
    expect(await page.getByRole('alert').textContent()).toContain('version 999');
    await page.getByRole('button', { name: 'Run it anyway' }).click();
    await drawn(page);
    await close();
  });
});
