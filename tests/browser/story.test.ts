/** The story beside the map, and what a person sees of faults and acts: in a real browser. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Opened } from './page.ts';
import { goTo, openRun, reopen, settled, stateOf, toTheEnd } from './page.ts';
import { launch } from './support/chromium.ts';

let browser: Browser;
let run: Opened;

beforeAll(async () => {
  browser = await launch();
  run = await openRun(browser, { width: 1440, height: 900 });
}, 120_000);

afterAll(async () => {
  await run.close();
  await browser.close();
});

describe('the story', { timeout: 60_000 }, () => {
  it('stops at its question, with its moves in sight', async () => {
    const { page } = run;
    await page.locator('button[aria-label="Play"]').click();
    await page.waitForFunction(() => window.faultline.state().asking !== null, undefined, {
      timeout: 20_000,
    });
    expect((await stateOf(page)).position.micros).toBe(3_000_000);
    const inSight = await page.evaluate(() => {
      const story = document.querySelector('.side-left .story')!.getBoundingClientRect();
      const moves = document.querySelector('.story-moves')!.getBoundingClientRect();
      return moves.top >= story.top && Math.abs(moves.bottom - story.bottom) <= 1;
    });
    expect(inSight).toBe(true);
  });

  it('shows every option of its question without scrolling', async () => {
    const cut = await run.page.evaluate(() => {
      const moves = document.querySelector('.story-moves')!.getBoundingClientRect();
      const options = [...document.querySelectorAll('.side-left .predict-options .button')];
      const under = options.filter((one) => one.getBoundingClientRect().bottom > moves.top);
      const feed = document.querySelector('.side-left .feed')!.getBoundingClientRect();
      return { options: options.length, under: under.length, feed: feed.height };
    });
    expect(cut.options).toBeGreaterThan(1);
    expect(cut.under).toBe(0);
    // While it is open the feed keeps its heading and its newest line.
    expect(cut.feed).toBeGreaterThan(90);
  });

  // The second one has long options, and four rows of leaders on the tape below.
  it.each(['s=rate-limiter/read-then-write-race&t=2500000', 's=messaging/poison-record&t=9100000'])(
    'shows every option of a question of four, too: %s',
    async (address) => {
      const { page } = run;
      await reopen(page, address);
      await page.waitForFunction(() => window.faultline.state().asking !== null);
      const cut = await page.evaluate(() => {
        const moves = document.querySelector('.story-moves')!.getBoundingClientRect();
        const options = [...document.querySelectorAll('.side-left .predict-options .button')];
        const feed = document.querySelector('.side-left .feed')!.getBoundingClientRect();
        const under = options.filter((one) => one.getBoundingClientRect().bottom > moves.top);
        return { options: options.length, under: under.length, feed: feed.height };
      });
      expect(cut.options).toBe(4);
      expect(cut.under).toBe(0);
      expect(cut.feed).toBeGreaterThan(90);
      await reopen(page);
    },
  );

  it('is followed by the list of events: the fault and the act are in it', async () => {
    const { page } = run;
    await goTo(page, 1);
    await page.keyboard.press('c');
    await page.getByRole('button', { name: 'The leader alone' }).click();
    await page.getByRole('button', { name: 'Cut', exact: true }).click();
    await settled(page);
    await goTo(page, 4);
    const marked = page.locator('.feed-act, .feed-fault');
    expect(await marked.allInnerTexts()).toEqual([
      expect.stringMatching(/fault\s+The plan cuts .* off from the others/),
      expect.stringMatching(/act\s+You cut n\d off from the others/),
    ]);
  });

  it('leaves the tape free when an act is refused at the end', async () => {
    const { page } = run;
    await toTheEnd(page);
    await settled(page);
    await page.locator('[data-node="0"]').click();
    await page.keyboard.press('k');
    await page.waitForSelector('.toast');
    const apart = await page.evaluate(() => {
      const toast = document.querySelector('.toast')!.getBoundingClientRect();
      const tape = document.querySelector('.tape-track')!.getBoundingClientRect();
      return toast.bottom <= tape.top || toast.top >= tape.bottom;
    });
    expect(apart).toBe(true);
    expect((await stateOf(page)).ended).not.toBeNull();
    await page.locator('#tab-checks').click();
    expect(await page.locator('#tab-panel .panel-head .muted').innerText()).toBe('at the end');
  });
});
