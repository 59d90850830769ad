import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { colours } from './pixels.ts';
import { expectAccessible, goTo, open, openRun, reopen, stateOf } from './page.ts';
import type { Opened } from './page.ts';
import { launch } from './support/chromium.ts';

let browser: Browser;
let shared: Opened;
beforeAll(async () => {
  browser = await launch();
  shared = await openRun(browser, PHONE);
});
afterAll(() => browser.close());

const PHONE = { width: 390, height: 844, touch: true } as const;
const TARGET_MIN = 44;

describe('on a phone', () => {
  it('has the map on top, then time, then the rest, and nothing sticks out', async () => {
    const { page, complaints } = shared;
    await goTo(page, 3.6);
    const boxes = await Promise.all(
      ['.stage-panel', '.transport', '.side-right'].map((s) => page.locator(s).boundingBox()),
    );
    const [stage, time, sheet] = boxes.map((box) => box!);
    expect(stage!.y + stage!.height).toBeLessThanOrEqual(time!.y + 1);
    expect(time!.y + time!.height).toBeLessThanOrEqual(sheet!.y + 1);
    expect(sheet!.y + sheet!.height).toBeLessThanOrEqual(PHONE.height + 1);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(PHONE.width);
    expect(colours(await page.locator('.stage-host').screenshot()).distinct).toBeGreaterThan(60);
    expect(complaints).toEqual([]);
  });

  it('has targets that a finger can hit', async () => {
    const { page } = shared;
    await goTo(page, 3.6);
    for (const tab of ['story', 'inspect', 'checks', 'feed', 'setup', 'metrics']) {
      await page.locator(`#tab-${tab}`).click();
      const small = await page.evaluate((min) => {
        const found: string[] = [];
        for (const element of document.querySelectorAll<HTMLElement>('button, select, .switch')) {
          const box = element.getBoundingClientRect();
          // Words with an explanation stand in running text, which WCAG 2.5.8 excepts.
          const inline = element.matches('.gloss-word, .finding .link-button');
          if (box.width === 0 || inline) continue;
          if (box.height < min - 0.5 || box.width < min - 0.5) {
            found.push(`${element.className} ${element.textContent} ${box.width}x${box.height}`);
          }
        }
        return found;
      }, TARGET_MIN);
      expect(small, tab).toEqual([]);
    }
  });

  it('opens a node with a tap and acts on it', async () => {
    const { page } = shared;
    await goTo(page, 1);
    await page.locator('[data-node="2"]').tap();
    expect((await stateOf(page)).selected).toBe(2);
    await page.getByRole('button', { name: 'Crash', exact: true }).tap();
    await page.waitForFunction(() => window.faultline.state().scene?.nodes[2]?.status === 'down');
  });

  it('has no axe violation, in both themes', async () => {
    const { page } = shared;
    await reopen(page);
    for (const theme of ['dark', 'light']) {
      expect((await stateOf(page)).theme).toBe(theme);
      await expectAccessible(page);
      await page.keyboard.press('t');
    }
    const catalogue = await open(browser, PHONE);
    await catalogue.page.waitForSelector('.card');
    await expectAccessible(catalogue.page);
    const wide = await catalogue.page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(PHONE.width);
    await catalogue.close();
  });
});
