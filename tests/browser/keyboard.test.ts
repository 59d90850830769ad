import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawn, open, openRun, reopen, settled, stateOf } from './page.ts';
import type { Opened } from './page.ts';
import { launch } from './support/chromium.ts';

let browser: Browser;
/** The page of all tests but the first, which begins at the catalogue. */
let shared: Opened;
beforeAll(async () => {
  browser = await launch();
  shared = await openRun(browser);
});
afterAll(() => browser.close());

async function fresh(): Promise<Page> {
  await reopen(shared.page);
  return shared.page;
}

/** Presses Tab until the element that has the focus matches, as a person would. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((s) => document.activeElement?.matches(s) === true, selector)) return;
  }
  throw new Error(`Tab never reached ${selector}`);
}

const focused = (page: Page) =>
  page.evaluate(
    () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
  );

describe('with the keyboard alone', () => {
  it('one goes from the catalogue to a run, cuts the leader off, and scrubs back', async () => {
    const { page, complaints, close } = await open(browser);
    await page.waitForSelector('.card');
    await tabTo(page, '.card a[href="#s=cap/cp-partition"]');
    await page.keyboard.press('Enter');
    await drawn(page);

    // Play until somebody leads, at a tenth of real time.
    await page.keyboard.press('Space');
    await page.waitForFunction(
      () => window.faultline.state().scene?.nodes.some((n) => n.roles.includes('leader')),
      undefined,
      { timeout: 30_000 },
    );
    await page.keyboard.press('Space');
    expect((await stateOf(page)).playing).toBe(false);

    // To the leader's button, by Tab and arrows.
    await tabTo(page, '.mirror-node');
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp']) {
      for (let i = 0; i < 4 && !(await focused(page))?.includes('leader in'); i++) {
        await page.keyboard.press(key);
      }
    }
    expect(await focused(page)).toContain('leader in term');
    await page.keyboard.press('Enter');
    const { selected } = await stateOf(page);

    // Its menu, by Shift+F10; the item by arrows.
    await page.keyboard.press('Shift+F10');
    await page.waitForSelector('[role=menu]');
    for (let i = 0; i < 8 && !(await focused(page))?.includes('Cut off'); i++) {
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => window.faultline.state().scene?.faults.length === 1);
    expect(await page.locator('[role=menu]').count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-node'))).toBe(
      String(selected),
    );
    const cut = await stateOf(page);
    expect(cut.faults[0]?.islands).toContainEqual([selected]);

    // On, and back to before the cut.
    await page.keyboard.press(']');
    await page.keyboard.press('Space');
    await page.waitForFunction(
      (from) => window.faultline.position().micros > from + 100_000,
      cut.position.micros,
    );
    await page.keyboard.press('Space');
    await page.keyboard.press('p');
    await settled(page);
    await page.keyboard.press(',');
    await page.keyboard.press(',');
    await settled(page);
    expect((await stateOf(page)).position.micros).toBeLessThanOrEqual(cut.position.micros);
    expect(complaints).toEqual([]);
    await close();
  });

  it('one cuts the network by names, heals it and steps by events', async () => {
    const page = await fresh();
    await page.keyboard.press('c');
    await page.waitForSelector('dialog[open]');
    await tabTo(page, 'dialog input[type=checkbox]');
    await page.keyboard.press('Space');
    await tabTo(page, 'dialog button[type=submit]');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => window.faultline.state().scene?.faults.length === 1);
    expect(await page.locator('dialog[open]').count()).toBe(0);
    await page.keyboard.press('h');
    await page.waitForFunction(() => window.faultline.state().scene?.faults.length === 0);
    const before = (await stateOf(page)).position.event;
    await page.keyboard.press('.');
    await page.keyboard.press('.');
    await settled(page);
    expect((await stateOf(page)).position.event).toBe(before + 2);
    expect(await page.locator('[aria-live=polite]').textContent()).toContain(`event ${before + 2}`);
    await page.keyboard.press(',');
    expect((await stateOf(page)).position.event).toBe(before + 1);
  });

  it('the theme, the help and the tabs are reached', async () => {
    const page = await fresh();
    await page.keyboard.press('t');
    expect((await stateOf(page)).theme).toBe('light');
    await page.keyboard.press('Shift+?');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog[open]', { state: 'detached' });
    await tabTo(page, '[role=tab]');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('[role=tab][aria-selected=true]').textContent()).toContain('Charts');
  });

  it('the story asks before it shows', async () => {
    const page = await fresh();
    await tabTo(page, '.tape-track');
    await page.keyboard.press('End');
    await page.waitForFunction(() => window.faultline.state().ended !== null, undefined, {
      timeout: 60_000,
    });
    await page.locator('.story-moves button', { hasText: 'Back' }).focus();
    while ((await page.locator('.predict-question').count()) === 0) {
      await page.keyboard.press('Enter');
      await settled(page);
    }
    await tabTo(page, '.predict-options button');
    await page.keyboard.press('Enter');
    expect(await page.locator('.predict[role=status]').textContent()).toContain('You expect');
  });
});
