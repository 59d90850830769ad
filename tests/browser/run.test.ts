import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../../scenarios/index.ts';
import { simulate } from '../../src/sim/index.ts';
import { colours } from './pixels.ts';
import {
  CP,
  drawn,
  expectAccessible,
  goTo,
  nodeAt,
  open,
  openRun,
  reopen,
  settled,
  stateOf,
  toTheEnd,
} from './page.ts';
import type { Opened } from './page.ts';
import { launch } from './support/chromium.ts';

let browser: Browser;
/** The page of most tests: each begins with the run opened anew. */
let shared: Opened;
beforeAll(async () => {
  browser = await launch();
  shared = await openRun(browser);
});
afterAll(() => browser.close());

/** The shared page as if just opened. */
async function fresh(hash?: string): Promise<Page> {
  expect(shared.complaints).toEqual([]);
  await reopen(shared.page, hash);
  return shared.page;
}

/** How many operations of a client group had ended well by now. */
async function okOf(page: Page, group: string): Promise<number> {
  const { nodes } = await stateOf(page);
  return nodes.filter((node) => node.group === group).reduce((sum, node) => sum + node.ok, 0);
}

const leaderOf = async (page: Page): Promise<number> => {
  const { nodes } = await stateOf(page);
  const leader = nodes.find((node) => node.leads);
  if (leader === undefined) throw new Error('nobody leads');
  return leader.index;
};

describe('the run', () => {
  it('shows that writes stall on the side of the old leader and go on on the other', async () => {
    const page = await fresh();
    await goTo(page, 4.6);
    const state = await stateOf(page);
    expect(state.faults.map((fault) => fault.type)).toEqual(['partition']);
    const [a, b] = [await okOf(page, 'a'), await okOf(page, 'b')];
    await goTo(page, 7);
    expect(await okOf(page, 'a')).toBe(a);
    expect(await okOf(page, 'b')).toBeGreaterThan(b + 10);
    // And back: the same pictures, from the same chunks.
    await goTo(page, 4.6);
    expect([await okOf(page, 'a'), await okOf(page, 'b')]).toEqual([a, b]);
    await goTo(page, 2);
    expect((await stateOf(page)).faults).toEqual([]);
    expect(shared.complaints).toEqual([]);
  });

  it('has a lane for leaders', async () => {
    const page = await fresh();
    const lanes = (await page.locator('.tape-names').innerText()).split(/\s+/);
    expect(lanes).toEqual(['leaders', 'faults', 'findings', 'branches']);
  });

  it('lets the leader be cut off with the mouse: a line through its links', async () => {
    const page = await fresh();
    await goTo(page, 1.5);
    const leader = await leaderOf(page);
    const at = await nodeAt(page, leader);
    const others = (await stateOf(page)).nodes.filter(
      (node) => node.group === 'n' && node.index !== leader,
    );
    const points = await Promise.all(others.map((node) => nodeAt(page, node.index)));
    const middle = {
      x: points.reduce((sum, p) => sum + p.x, 0) / points.length,
      y: points.reduce((sum, p) => sum + p.y, 0) / points.length,
    };
    // Across the way from the leader to the others, near the leader.
    const way = { x: middle.x - at.x, y: middle.y - at.y };
    const length = Math.hypot(way.x, way.y);
    const cross = { x: at.x + (way.x / length) * 62, y: at.y + (way.y / length) * 62 };
    const along = { x: (-way.y / length) * 90, y: (way.x / length) * 90 };
    await page.getByRole('button', { name: /^Knife/ }).click();
    await page.mouse.move(cross.x - along.x, cross.y - along.y);
    await page.mouse.down();
    await page.mouse.move(cross.x, cross.y, { steps: 4 });
    expect(await page.locator('.stroke-hint').textContent()).toContain('Cuts the network');
    await page.mouse.move(cross.x + along.x, cross.y + along.y, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => (window.faultline.state().scene?.faults.length ?? 0) > 0);
    const { faults, interventions } = await stateOf(page);
    const side = faults[0]!.islands.find((island) => island.includes(leader))!;
    expect(side.filter((index) => others.some((node) => node.index === index))).toEqual([]);
    expect(interventions).toHaveLength(1);
    expect(shared.complaints).toEqual([]);
  });

  it('makes a branch where one acts in the past, and keeps the old one', async () => {
    const page = await fresh();
    await goTo(page, 2);
    await goTo(page, 1);
    const leader = await leaderOf(page);
    await page.locator(`[data-node="${leader}"]`).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Crash', exact: true }).click();
    await page.waitForFunction(() => window.faultline.state().branches.length === 2);
    await settled(page);
    await page.waitForFunction(
      (index) =>
        window.faultline.state().scene?.nodes.find((node) => node.index === index)?.status ===
        'down',
      leader,
    );
    await page.locator('.branches select').selectOption('0');
    await page.waitForFunction(
      (index) =>
        window.faultline.state().scene?.nodes.find((node) => node.index === index)?.status === 'up',
      leader,
    );
    const state = await stateOf(page);
    expect(state.interventions).toEqual([]);
    expect(state.shown.micros).toBeGreaterThan(1_900_000);
  });

  it('takes back the last act', async () => {
    const page = await fresh();
    await goTo(page, 1);
    await page.locator('[data-node="0"]').click();
    await page.getByRole('button', { name: 'Pause', exact: true }).last().click();
    await page.waitForFunction(() => window.faultline.state().spec?.interventions.length === 1);
    await page.getByRole('button', { name: 'Take back the last act' }).click();
    await page.waitForFunction(
      () =>
        window.faultline.state().spec?.interventions.length === 0 &&
        window.faultline.state().scene?.nodes[0]?.status === 'up',
    );
  });

  it('changes loss and latency as acts of the run', async () => {
    const page = await fresh();
    await goTo(page, 1);
    await page.keyboard.press('g');
    const slider = page.getByRole('dialog').getByRole('slider').first();
    await slider.fill('0.3');
    await page.waitForFunction(() => window.faultline.state().scene?.faults.length === 1);
    await slider.fill('0.1');
    await page.waitForFunction(() => window.faultline.state().spec?.interventions.length === 3);
    await settled(page);
    const { faults, interventions } = await stateOf(page);
    expect(faults.map((fault) => fault.type)).toEqual(['loss']);
    expect(interventions.map((one) => one.act.do)).toEqual(['inject', 'undo', 'inject']);
  });
});

describe('a shared link', () => {
  it('reproduces the run with everything done to it, to the same hash', async () => {
    const page = await fresh();
    await goTo(page, 1.5);
    const leader = await leaderOf(page);
    await page.locator(`[data-node="${leader}"]`).click();
    await page.getByRole('button', { name: 'Cut off from all others' }).click();
    await page.waitForFunction(() => window.faultline.state().spec?.interventions.length === 1);
    await page.getByRole('button', { name: 'Share this run' }).click();
    await page.waitForFunction(() => window.faultline.state().proof !== null, undefined, {
      timeout: 60_000,
    });
    const link = await page.locator('.share-link').inputValue();
    await expectAccessible(page, 'dialog');
    await page.keyboard.press('Escape');
    const hash = await toTheEnd(page);

    const other = await open(browser, { hash: link.slice(link.indexOf('#') + 1) });
    await drawn(other.page);
    await other.page.waitForFunction(() => window.faultline.state().sameness !== null, undefined, {
      timeout: 60_000,
    });
    expect((await stateOf(other.page)).sameness).toBe('same');
    expect(await other.page.locator('.badge-same').count()).toBe(1);
    expect(await toTheEnd(other.page)).toBe(hash);
    await other.close();
  });
});

/** How many frames were drawn once the page had come to rest. */
async function restingFrames(page: Page): Promise<number> {
  const frames = () => page.evaluate(() => window.faultline.frames());
  for (let before = -1, now = await frames(); ; before = now, now = await frames()) {
    if (now === before) return now;
    await page.waitForTimeout(250);
  }
}

describe('the picture', () => {
  it.each([
    ['canvas', 960, 700],
    ['webgl', 760, 560],
  ])('is not blank with %s, in both themes', async (renderer, width, height) => {
    const query = `renderer=${renderer}&theme=dark`;
    const { page, close } = await openRun(browser, { query, width, height });
    await goTo(page, 3.6);
    const host = page.locator('.stage-host');
    expect(await host.getAttribute('data-renderer')).toBe(renderer);
    const themes: Buffer[] = [];
    for (const press of [null, 't']) {
      if (press !== null) await page.keyboard.press(press);
      await restingFrames(page);
      const image = await host.screenshot();
      const { distinct, ground } = colours(image);
      expect(distinct).toBeGreaterThan(60);
      expect(ground).toBeLessThan(0.97);
      themes.push(image);
    }
    expect(themes[0]!.equals(themes[1]!)).toBe(false);
    await close();
  });

  it('keeps messages under the nodes and their labels', async () => {
    const page = await fresh();
    const layers = (await page.locator('.stage-host').getAttribute('data-layers'))!.split(' ');
    const order = ['links', 'messages', 'nodes', 'labels'].map((name) => layers.indexOf(name));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('is drawn only when something changed', async () => {
    const page = await fresh();
    await goTo(page, 1);
    const before = await restingFrames(page);
    await page.waitForTimeout(500);
    expect(await page.evaluate(() => window.faultline.frames())).toBe(before);
    await page.keyboard.press('.');
    await page.waitForFunction((frames) => window.faultline.frames() > frames, before);
  });

  it('with reduced motion lights links and does not move by itself', async () => {
    const { page, close } = await openRun(browser, { reducedMotion: 'reduce' });
    await goTo(page, 1);
    expect(await page.evaluate(() => window.faultline.state().reducedMotion)).toBe(true);
    const before = await restingFrames(page);
    await page.waitForTimeout(500);
    expect(await page.evaluate(() => window.faultline.frames())).toBe(before);
    expect((await stateOf(page)).playing).toBe(false);
    await close();
  });

  it('is the same with the engine on this thread', async () => {
    const { page, close } = await openRun(browser, { query: 'worker=0&theme=dark' });
    const scenario = catalogue.find(({ id }) => CP.endsWith(id))!;
    expect(await toTheEnd(page)).toBe(simulate(scenario).traceHash);
    await close();
  });

  it('goes on with Canvas2D when the graphics card gives up', async () => {
    const query = 'renderer=webgl&theme=dark';
    const { page, complaints, close } = await openRun(browser, { query, width: 760, height: 560 });
    await page.evaluate(() => {
      const gl = document
        .querySelector<HTMLCanvasElement>('.stage-host canvas')!
        .getContext('webgl2');
      gl!.getExtension('WEBGL_lose_context')!.loseContext();
    });
    const host = page.locator('.stage-host');
    await page.waitForSelector('.stage-host[data-renderer=canvas] canvas');
    await goTo(page, 3.6);
    await restingFrames(page);
    expect(colours(await host.screenshot()).distinct).toBeGreaterThan(60);
    expect(complaints).toEqual([]);
    await close();
  });
});

describe('the run page', () => {
  it('has no axe violation, in both themes', async () => {
    const page = await fresh();
    await goTo(page, 4.6);
    await page.locator('[data-node="1"]').click();
    for (const theme of ['dark', 'light']) {
      expect((await stateOf(page)).theme).toBe(theme);
      await page.locator('#tab-inspect').click();
      await expectAccessible(page);
      for (const tab of ['checks', 'metrics', 'setup']) {
        await page.locator(`#tab-${tab}`).click();
        if (tab === 'metrics') await page.waitForSelector('.charts canvas');
        await expectAccessible(page, '.side-right');
      }
      await page.keyboard.press('t');
    }
    expect((await stateOf(page)).theme).toBe('dark');
  });

  it('marks a run with a rule switched off as modified, also in its link', async () => {
    const page = await fresh(`${CP}&off=raft.log-matching-check`);
    expect(await page.locator('.badge-modified').textContent()).toBe('modified');
    expect((await stateOf(page)).link).toContain('off=raft.log-matching-check');
  });

  it('runs again with other parameters', async () => {
    const page = await fresh();
    await page.locator('#tab-setup').click();
    await page.getByRole('spinbutton', { name: 'Nodes' }).fill('3');
    await page.getByRole('spinbutton', { name: 'Seed' }).fill('9');
    await page.getByRole('button', { name: 'Run with these' }).click();
    await page.waitForFunction(
      () => window.faultline.state().scene?.nodes.filter((node) => node.group === 'n').length === 3,
    );
    expect(page.url()).toContain('seed=9');
    expect(page.url()).toContain('p.nodes=3');
  });
});
