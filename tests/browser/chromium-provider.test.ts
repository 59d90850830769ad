/**
 * The browser provider: the order in which it looks, what it says when it finds nothing, and that
 * the packaged Chromium really starts and draws on this machine.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findChromium, launch } from './support/chromium.ts';
import type { Machine } from './support/chromium.ts';

/** A machine that has everything; each test takes something away. */
function machine(changes: Partial<Machine> & { without?: string[] } = {}): Machine {
  const { without = [], ...rest } = changes;
  return {
    env: { CHROME_PATH: '/opt/own/chrome', PATH: '/usr/local/bin:/usr/bin' },
    platform: 'linux',
    arch: 'x64',
    isExecutable: (path) =>
      ['/opt/own/chrome', '/usr/bin/chromium', '/cache/pw/chrome'].includes(path) &&
      !without.includes(path),
    playwrightPath: () => '/cache/pw/chrome',
    unpack: async () => ({ provider: 'sparticuz', path: '/unpacked/chromium', env: {} }),
    ...rest,
  };
}
const PATH_ONLY = { PATH: '/usr/local/bin:/usr/bin' };

describe('the search for a browser', () => {
  it('takes CHROME_PATH first', async () => {
    expect((await findChromium(machine())).provider).toBe('chrome-path');
  });

  it('refuses a CHROME_PATH that is not executable instead of taking another browser', async () => {
    await expect(findChromium(machine({ without: ['/opt/own/chrome'] }))).rejects.toThrow(
      'CHROME_PATH is not an executable file: /opt/own/chrome',
    );
  });

  it('then takes a system Chromium', async () => {
    expect(await findChromium(machine({ env: PATH_ONLY }))).toMatchObject({
      provider: 'system',
      path: '/usr/bin/chromium',
    });
  });

  it('then takes the browser that Playwright installed', async () => {
    const found = await findChromium(machine({ env: PATH_ONLY, without: ['/usr/bin/chromium'] }));
    expect(found.provider).toBe('playwright');
  });

  it('then unpacks the packaged one', async () => {
    const found = await findChromium(machine({ env: PATH_ONLY, isExecutable: () => false }));
    expect(found.provider).toBe('sparticuz');
  });

  it.each([
    ['darwin', 'arm64'],
    ['win32', 'x64'],
    ['linux', 'arm64'],
  ])('fails on a bare %s %s with the line that installs a browser', async (platform, arch) => {
    const bare = machine({ env: PATH_ONLY, isExecutable: () => false, platform, arch });
    await expect(findChromium(bare)).rejects.toThrow('npx playwright-core install chromium');
  });

  it('takes the forced provider, or fails by its name', async () => {
    const env = { CHROME_PATH: '/opt/own/chrome', PATH: '/usr/bin', FAULTLINE_BROWSER: 'system' };
    expect((await findChromium(machine({ env }))).provider).toBe('system');
    const none = { ...env, FAULTLINE_BROWSER: 'netscape' };
    await expect(findChromium(machine({ env: none }))).rejects.toThrow('is none of');
  });
});

describe('the packaged Chromium', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  const possible = process.platform === 'linux' && process.arch === 'x64';
  // Skipped because the package holds a binary for Linux x64 only; elsewhere it must refuse.
  it.runIf(possible)('starts, opens two pages and draws with WebGL', async () => {
    vi.stubEnv('FAULTLINE_BROWSER', 'sparticuz');
    const browser = await launch();
    try {
      const first = await browser.newPage();
      await first.setContent('<title>one</title><h1>text</h1>');
      // A second page is where the package's own flags used to stall.
      const second = await browser.newPage();
      await second.setContent('<canvas id="c" width="2" height="2"></canvas>');
      const pixel = await second.evaluate(() => {
        const canvas = document.querySelector('canvas');
        const gl = canvas?.getContext('webgl2');
        if (!gl) return [];
        gl.clearColor(1, 0, 0, 1);
        gl.clear(gl.COLOR_BUFFER_BIT);
        const out = new Uint8Array(4);
        gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, out);
        return [...out];
      });
      expect(pixel).toEqual([255, 0, 0, 255]);
      expect(await first.title()).toBe('one');
      // Without a font the heading would have no height.
      expect(await first.innerText('h1')).toBe('text');
    } finally {
      await browser.close();
    }
  });
});
