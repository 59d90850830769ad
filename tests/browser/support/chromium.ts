/**
 * Finds a Chromium for the browser tests and launches it with the project's flags.
 *
 * Order: CHROME_PATH, a Chromium or Chrome on the PATH, an installed Playwright browser, the one
 * inside @sparticuz/chromium. When there is none the tests fail with the line that installs one:
 * a browser test never skips itself. FAULTLINE_BROWSER forces one provider by its name.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { unpackPackagedChromium } from './packaged-chromium.ts';

export type ProviderName = 'chrome-path' | 'system' | 'playwright' | 'sparticuz';

export interface Executable {
  provider: ProviderName;
  path: string;
  /** Environment that this executable needs in addition to ours. */
  env: Record<string, string>;
}

/** What the providers read, handed in so that a test can pretend to be another machine. */
export interface Machine {
  env: Record<string, string | undefined>;
  platform: string;
  arch: string;
  isExecutable: (path: string) => boolean;
  playwrightPath: () => string;
  unpack: () => Promise<Executable>;
}

/**
 * Software rendering: the same pixels on every machine. `--no-sandbox` because CI often runs as
 * root; the pages under test are our own. The rest keeps the browser from calling home.
 */
export const FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const SYSTEM_NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
];

const INSTALL_LINE =
  'No Chromium or Chrome found. Install one with "npx playwright-core install chromium", ' +
  'or point CHROME_PATH at an executable.';

type Provider = (machine: Machine) => Promise<Executable | undefined>;

const PROVIDERS: Record<ProviderName, Provider> = {
  'chrome-path': async ({ env, isExecutable }) => {
    const path = env['CHROME_PATH'];
    if (path === undefined || path === '') return undefined;
    if (!isExecutable(path)) throw new Error(`CHROME_PATH is not an executable file: ${path}`);
    return { provider: 'chrome-path', path, env: {} };
  },
  system: async ({ env, isExecutable }) => {
    const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
    for (const name of SYSTEM_NAMES) {
      for (const folder of folders) {
        const path = join(folder, name);
        if (isExecutable(path)) return { provider: 'system', path, env: {} };
      }
    }
    return undefined;
  },
  playwright: async ({ playwrightPath, isExecutable }) => {
    const path = playwrightPath();
    return isExecutable(path) ? { provider: 'playwright', path, env: {} } : undefined;
  },
  sparticuz: async ({ platform, arch, unpack }) =>
    platform === 'linux' && arch === 'x64' ? unpack() : undefined,
};

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

export const thisMachine = (): Machine => ({
  env: process.env,
  platform: process.platform,
  arch: process.arch,
  isExecutable: isExecutableFile,
  playwrightPath: () => chromium.executablePath(),
  unpack: async () => ({ provider: 'sparticuz', ...(await unpackPackagedChromium()) }),
});

const isProviderName = (name: string): name is ProviderName => Object.hasOwn(PROVIDERS, name);

/** The first executable in the order above, or an error that says how to get one. */
export async function findChromium(machine: Machine = thisMachine()): Promise<Executable> {
  const forced = machine.env['FAULTLINE_BROWSER'];
  if (forced !== undefined && forced !== '') {
    if (!isProviderName(forced)) {
      const names = Object.keys(PROVIDERS).join(', ');
      throw new Error(`FAULTLINE_BROWSER=${forced} is none of ${names}.`);
    }
    const found = await PROVIDERS[forced](machine);
    if (found === undefined) {
      throw new Error(`FAULTLINE_BROWSER=${forced}: not found. ${INSTALL_LINE}`);
    }
    return found;
  }
  for (const provider of Object.values(PROVIDERS)) {
    const found = await provider(machine);
    if (found !== undefined) return found;
  }
  throw new Error(INSTALL_LINE);
}

/** A running browser; the caller closes it. */
export async function launch(extraFlags: readonly string[] = []): Promise<Browser> {
  const executable = await findChromium();
  return chromium.launch({
    executablePath: executable.path,
    headless: true,
    args: [...FLAGS, ...extraFlags],
    env: { ...definedOnly(process.env), ...executable.env },
    timeout: 60_000,
  });
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => {
    return entry[1] !== undefined;
  });
  return Object.fromEntries(entries);
}
