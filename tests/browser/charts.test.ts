/** Numbers over time, of a run with traffic: which charts there are and how they hang together. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PNG } from 'pngjs';
import { expectAccessible, goTo, openRun, settled, stateOf, toTheEnd } from './page.ts';
import type { Opened } from './page.ts';
import { launch } from './support/chromium.ts';
import { CRASH, trafficLink } from './support/traffic.ts';

const TITLES = ['Latency', 'Throughput', 'Errors by cause', 'Client retries and hedges'];
const GAUGES = ['Utilisation', 'Under way', 'Retries'];
const DURATION_MS = 6_000;

let browser: Browser;
let opened: Opened;
let page: Page;
beforeAll(async () => {
  browser = await launch();
  opened = await openRun(browser, { hash: trafficLink() });
  page = opened.page;
  await page.locator('#tab-metrics').click();
  await toTheEnd(page);
  await page.waitForSelector('.chart canvas');
});
afterAll(() => browser.close());

const chart = (title: string): Locator =>
  page.locator('.chart').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
const titles = () => page.locator('.chart summary h3').allTextContents();

/** What the legend of a chart says, by the names of its lines. */
async function legend(title: string): Promise<Map<string, string>> {
  const items = chart(title).locator('.chart-legend li');
  const texts = await items.evaluateAll((all) =>
    all.map((item) => [
      item.querySelector('span')?.textContent ?? '',
      item.querySelector('b')?.textContent ?? '',
    ]),
  );
  return new Map(texts as [string, string][]);
}

/** The place of a moment in the plot of a chart. */
async function placeOf(title: string, ms: number): Promise<{ x: number; y: number }> {
  const over = chart(title).locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  const box = (await over.boundingBox())!;
  return { x: box.x + (box.width * ms) / DURATION_MS, y: box.y + box.height / 2 };
}

/** The colour near the top of a plot, where lines are rare, at a moment. */
async function colourAt(title: string, ms: number): Promise<string> {
  const { x } = await placeOf(title, ms);
  const { y } = (await chart(title).locator('.u-over').boundingBox())!;
  const png = await page.screenshot({ clip: { x: Math.round(x), y: y + 2, width: 1, height: 1 } });
  return [...PNG.sync.read(png).data.subarray(0, 3)].join();
}

describe('the charts', () => {
  it('are those of the clients, then one for each gauge that has numbers', async () => {
    const found = await titles();
    expect(found.slice(0, TITLES.length)).toEqual(TITLES);
    expect(found).toEqual(expect.arrayContaining(GAUGES));
    // The services have no caches.
    expect(found).not.toContain('Hit ratio');
    expect([...(await legend('Utilisation')).keys()]).toEqual(['app1', 'app2', 'inner1']);
    expect([...(await legend('Latency')).keys()]).toEqual(['p50', 'p95', 'p99']);
  });

  it('are named in one line where they show nothing but zeros', async () => {
    // Nobody waits at the door of a service without a limit.
    expect(await titles()).not.toContain('Queue');
    const line = page.getByText('Nothing but zeros so far');
    expect(await line.innerText()).toMatch(/\bQueue\b/);
  });

  it('stand beside a tape without a lane for leaders, where nobody can lead', async () => {
    expect((await page.locator('.tape-names').innerText()).split(/\s+/)).toEqual([
      'faults',
      'findings',
      'branches',
    ]);
  });

  it('share a crosshair, whose values every legend shows', async () => {
    const before = await legend('Throughput');
    const middle = (CRASH.fromMs + CRASH.toMs) / 2;
    const place = await placeOf('Throughput', middle);
    await page.mouse.move(place.x, place.y);
    await page.waitForFunction(() =>
      document.querySelector('.chart-note')?.textContent?.includes('at the crosshair'),
    );
    const during = await legend('Throughput');
    expect(during).not.toEqual(before);
    expect(during.get('goodput')).toBe('0/s');
    // The other charts tell of the same moment: nothing ended well, and the inner service is down.
    expect((await legend('Latency')).get('p50')).toBe('–');
    expect((await legend('Utilisation')).get('inner1')).toBe('–');
    expect(Number.parseFloat((await legend('Errors by cause')).values().next().value!)).not.toBe(0);
    const lefts = await page
      .locator('.chart .u-cursor-x')
      .evaluateAll((all) =>
        all.map((line) => Math.round(new DOMMatrix(getComputedStyle(line).transform).m41)),
      );
    expect(lefts.length).toBeGreaterThan(5);
    expect(new Set(lefts).size).toBe(1);
    await page.mouse.move(5, 5);
    await page.waitForFunction(() =>
      document.querySelector('.chart-note')?.textContent?.includes('latest window'),
    );
    expect(await legend('Throughput')).toEqual(before);
  });

  it('are shaded while a fault is in force', async () => {
    const [before, during, after] = [
      await colourAt('Utilisation', CRASH.fromMs - 130),
      await colourAt('Utilisation', CRASH.fromMs + 430),
      await colourAt('Utilisation', CRASH.toMs + 430),
    ];
    expect(before).toBe(after);
    expect(during).not.toBe(before);
  });

  it('take the viewer to the moment of a click, and show nothing after it', async () => {
    const { x, y } = await placeOf('Latency', 1_500);
    await page.mouse.click(x, y);
    await settled(page);
    const { position } = await stateOf(page);
    expect(Math.abs(position.micros / 1_000 - 1_500)).toBeLessThan(60);
    expect(await chart('Errors by cause').locator('.empty').textContent()).toContain(
      'No operation',
    );
    expect(await chart('Errors by cause').locator('canvas').count()).toBe(0);
    await goTo(page, 0.02);
    expect(await page.locator('.tab-panel').textContent()).toContain('No window of time');
    await toTheEnd(page);
  });

  it('fold up by the keyboard, and stay so', async () => {
    const summary = chart('Latency').locator('summary');
    await summary.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => window.faultline.state().foldedCharts.has('Latency'));
    expect(await chart('Latency').locator('canvas').count()).toBe(0);
    await page.locator('#tab-checks').click();
    await page.locator('#tab-metrics').click();
    expect(await chart('Latency').getAttribute('open')).toBeNull();
    await chart('Latency').locator('summary').focus();
    await page.keyboard.press(' ');
    await chart('Latency').locator('canvas').waitFor();
    await page.getByRole('button', { name: 'Fold all' }).click();
    expect(await page.locator('.chart[open]').count()).toBe(0);
    await page.getByRole('button', { name: 'Unfold all' }).click();
    await chart('Latency').locator('canvas').waitFor();
  });

  it('have no axe violation in either theme, and fit a phone', async () => {
    for (let round = 0; round < 2; round++) {
      await expectAccessible(page, '.tab-panel');
      await page.keyboard.press('t');
      await page.waitForSelector('.chart canvas');
    }
    expect(opened.complaints).toEqual([]);
    const phone = await openRun(browser, { hash: trafficLink(), width: 390, height: 844 });
    await phone.page.locator('#tab-metrics').click();
    await toTheEnd(phone.page);
    await phone.page.waitForSelector('.chart canvas');
    const wide = await phone.page.evaluate(() => {
      const panel = document.querySelector('.tab-panel')!;
      return [document.documentElement.scrollWidth, panel.scrollWidth - panel.clientWidth];
    });
    expect(wide[0]).toBeLessThanOrEqual(390);
    expect(wide[1]).toBeLessThanOrEqual(0);
    expect(phone.complaints).toEqual([]);
    await phone.close();
  });
});

describe('the slowest requests', () => {
  const hops = () => page.locator('.hop');

  it('are a waterfall of the calls, whose rows go to their moments by the keyboard', async () => {
    await toTheEnd(page);
    const fold = page.locator('.requests summary');
    await fold.focus();
    await page.keyboard.press('Enter');
    await hops().first().waitFor();
    const { requests } = await page.evaluate(() => window.faultline.state());
    const [slowest] = requests!.slowest;
    expect(await hops().count()).toBe(slowest!.rows.length);
    expect(slowest!.rows.length).toBeGreaterThan(2);
    // Every bar lies within the time that is drawn, and the first begins with it.
    const lefts = await page.locator('.hop-track').evaluateAll((all) =>
      all.map((track) => {
        const frame = track.getBoundingClientRect();
        const bars = [...track.querySelectorAll('.hop-way, .hop-there')];
        const boxes = bars.map((bar) => bar.getBoundingClientRect());
        return {
          left: Math.min(...boxes.map(({ left }) => left)) - frame.left,
          over: Math.max(...boxes.map(({ right }) => right)) - frame.right,
        };
      }),
    );
    expect(lefts[0]!.left).toBeLessThan(2);
    expect(Math.min(...lefts.map(({ left }) => left))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...lefts.map(({ over }) => over))).toBeLessThanOrEqual(2.5);
    expect(await hops().nth(1).textContent()).toMatch(/^web1 → app\d: .*after .* there: /);
    await hops().nth(2).focus();
    await page.keyboard.press('Enter');
    await settled(page);
    const { position } = await stateOf(page);
    expect(position.micros).toBe(slowest!.rows[2]!.bar.fromMicros);
    // The same list, and a line where the viewer stands.
    expect(await hops().count()).toBe(slowest!.rows.length);
    expect(await page.locator('.hop-now').count()).toBe(slowest!.rows.length);
  });

  it('lets another one be chosen, and those of a node', async () => {
    const select = page.locator('.request-choice select');
    const options = await select.locator('option').count();
    expect(options).toBeGreaterThan(3);
    await select.selectOption({ index: options - 1 });
    const { requests } = await page.evaluate(() => window.faultline.state());
    expect(await hops().count()).toBe(requests!.slowest.at(-1)!.rows.length);
    await toTheEnd(page);
    const inner = (await stateOf(page)).nodes.find(({ name }) => name === 'inner1')!;
    await page.locator(`[data-node="${inner.index}"]`).click();
    await page.locator('#tab-inspect').click();
    await page.waitForFunction(
      (node) => window.faultline.state().requests?.node === node,
      inner.index,
    );
    await hops().first().waitFor();
    expect(await page.locator('.hop-name').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('→ inner1:')]),
    );
  });

  it('have no axe violation, in both themes, and fit a narrow page', async () => {
    for (const theme of ['dark', 'light']) {
      expect((await stateOf(page)).theme).toBe(theme);
      await expectAccessible(page, '.requests');
      await page.keyboard.press('t');
    }
    await page.setViewportSize({ width: 390, height: 844 });
    const { left, right } = await page.locator('.waterfall').evaluate((it) => {
      const box = it.getBoundingClientRect();
      return { left: box.left, right: box.right };
    });
    expect(left).toBeGreaterThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(390 - 16);
    const over = await page.locator('.waterfall').evaluate((it) => it.scrollWidth - it.clientWidth);
    expect(over).toBe(0);
    await page.setViewportSize({ width: 1_440, height: 900 });
  });
});
