/**
 * `npm run picture`: draws the picture of the README, a moment of a catalogue scenario in the built
 * page. Redraw it when the page changes its looks.
 */
import { join } from 'node:path';
import { launch } from '../tests/browser/support/chromium.ts';
import { freshSite } from './site.mjs';
import { root } from './stages.mjs';
import { serve } from './static-server.mjs';

const MOMENT = '#s=cap/cp-partition&seed=1&t=4500000';
const OUTPUT = join(root, 'docs/picture.png');

const server = await serve({ folder: freshSite() });
const browser = await launch();
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${server.url}?renderer=canvas${MOMENT}`);
  await page.getByText('4.500 s', { exact: true }).waitFor();
  await page.locator('[data-renderer="canvas"] canvas').waitFor();
  // The last flights are drawn a frame after the clock.
  await page.waitForTimeout(1000);
  await page.screenshot({ path: OUTPUT });
} finally {
  await browser.close();
  await server.close();
}
console.log('docs/picture.png is drawn.');
