/** Opens the built page in a Chromium and asks it what it shows. */
import { violationsOf } from './axe.ts';
import type { Browser, Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import type {} from '../../src/viz/page-hooks.ts';

export interface OpenOptions {
  /** What comes after `?`. */
  readonly query?: string;
  /** What comes after `#`: empty is the catalogue. */
  readonly hash?: string;
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: 'reduce' | 'no-preference';
  readonly touch?: boolean;
}

export interface Opened {
  readonly page: Page;
  /** Everything the page complained about. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export const CP = 's=cap/cp-partition';

export async function open(browser: Browser, options: OpenOptions = {}): Promise<Opened> {
  const { width = 1440, height = 900, reducedMotion = 'no-preference', touch = false } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    reducedMotion,
    hasTouch: touch,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  const hash = options.hash === undefined ? '' : `#${options.hash}`;
  await page.goto(`${inject('siteUrl')}?${options.query ?? 'theme=dark'}${hash}`);
  return { page, complaints, close: () => context.close() };
}

/** Opens a run and waits until its map is drawn. */
export async function openRun(browser: Browser, options: OpenOptions = {}): Promise<Opened> {
  const opened = await open(browser, { hash: CP, ...options });
  await drawn(opened.page);
  return opened;
}

/** The same page with the run opened anew: a test that acts leaves nothing to the next. */
export async function reopen(page: Page, hash = CP): Promise<void> {
  await page.evaluate(() => {
    location.hash = '';
  });
  await page.waitForSelector('.card');
  await page.evaluate((address) => {
    location.hash = `#${address}`;
  }, hash);
  await drawn(page);
  await settled(page);
}

export async function drawn(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      (window.faultline?.state().scene?.nodes.length ?? 0) > 0 &&
      document.querySelector('.stage-host canvas') !== null &&
      window.faultline.frames() > 0,
  );
}

export const stateOf = (page: Page) =>
  page.evaluate(() => {
    const state = window.faultline.state();
    return {
      phase: state.phase,
      position: state.position,
      shown: state.shown,
      ended: state.ended,
      playing: state.playing,
      selected: state.selected,
      link: state.link,
      theme: state.theme,
      asking: state.asking,
      sameness: state.sameness,
      branches: state.branches.map((branch) => branch.name),
      branch: state.branch,
      interventions: state.spec?.interventions ?? [],
      faults: (state.scene?.faults ?? []).map(({ type, islands }) => ({ type, islands })),
      nodes: (state.scene?.nodes ?? []).map((node) => ({
        index: node.index,
        name: node.name,
        group: node.group,
        status: node.status,
        leads: node.roles.includes('leader'),
        ok: node.view !== null && 'ok' in node.view ? Number(node.view.ok) : 0,
      })),
    };
  });

/** Moves the viewer by the tape's own slider, and waits until the run is known so far. */
export async function goTo(page: Page, seconds: number): Promise<void> {
  const track = page.locator('.tape-track');
  const box = await track.boundingBox();
  if (box === null) throw new Error('there is no tape');
  const duration = Number(await track.getAttribute('aria-valuemax')) / 1e6;
  const inner = { x: box.x + 1, width: box.width - 2 };
  await page.mouse.click(inner.x + (inner.width * seconds) / duration, box.y + box.height - 3);
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => !window.faultline.state().buffering, undefined, {
    timeout: 60_000,
  });
}

/** To the last event of the run; its trace hash. */
export async function toTheEnd(page: Page): Promise<string> {
  await page.locator('button[aria-label="To the end"]').click();
  await page.waitForFunction(() => window.faultline.state().ended !== null, undefined, {
    timeout: 60_000,
  });
  return page.evaluate(() => window.faultline.traceHash());
}

/** The screen position of a node's button. */
export async function nodeAt(page: Page, index: number): Promise<{ x: number; y: number }> {
  const box = await page.locator(`[data-node="${index}"]`).boundingBox();
  if (box === null) throw new Error(`node ${index} is not on the map`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** No violation of axe's rules in the page, or in a part of it; in words when there is one. */
export async function expectAccessible(page: Page, part?: string): Promise<void> {
  const violations = await violationsOf(page, part);
  expect(violations, violations.join('\n')).toEqual([]);
}
