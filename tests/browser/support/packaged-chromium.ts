/**
 * Unpacks the Chromium that ships inside @sparticuz/chromium.
 *
 * The package is made for a serverless host and works on global state: it unpacks into the
 * system's temporary folder, returns early when anything already stands there (without its
 * libraries, if an earlier process was stopped half-way), and edits the environment when it is
 * imported. So a child process does it, with a temporary folder of its own, and the result is
 * renamed into place when it is complete. Its own flags are not used at all: `--single-process`
 * stalls the second page.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const UNPACK = `
  import chromium from '@sparticuz/chromium';
  await chromium.executablePath();
`;

/** Unpacks once for each version of the package; later calls find the folder. */
export async function unpackPackagedChromium(): Promise<{
  path: string;
  env: Record<string, string>;
}> {
  const { folder: packageFolder, version } = findPackage();
  const modules = packageFolder.slice(0, packageFolder.lastIndexOf('node_modules') + 12);
  const cache = join(modules, '.cache');
  const home = join(cache, `packaged-chromium-${version}`);
  if (!existsSync(home)) {
    mkdirSync(cache, { recursive: true });
    const half = mkdtempSync(join(cache, 'packaged-chromium-half-'));
    try {
      await promisify(execFile)(process.execPath, ['--input-type=module', '-e', UNPACK], {
        cwd: dirname(modules),
        // The name of a serverless host makes it unpack its own NSS libraries as well.
        env: { ...process.env, TMPDIR: half, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
        timeout: 120_000,
      });
      renameInto(half, home);
    } finally {
      rmSync(half, { recursive: true, force: true });
    }
  }
  const path = join(home, 'chromium');
  return { path, env: environmentFor(home, path) };
}

function findPackage(): { folder: string; version: string } {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const folder = entry.slice(0, entry.lastIndexOf(join('@sparticuz', 'chromium')) + 19);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { folder, version: manifest.version };
}

/** Another process may have finished first; its folder is as good as ours. */
function renameInto(half: string, home: string): void {
  try {
    renameSync(half, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  }
}

/** Shipped libraries only where the system has none: mixing them is worse than either. */
function environmentFor(home: string, path: string): Record<string, string> {
  const env: Record<string, string> = { FONTCONFIG_FILE: fontsOf(home) };
  if (lacksLibraries(path)) {
    const own = join(home, 'al2023', 'lib');
    const before = process.env['LD_LIBRARY_PATH'];
    env['LD_LIBRARY_PATH'] = before === undefined ? own : `${own}:${before}`;
  }
  return env;
}

/**
 * A font configuration: the system's fonts, and the shipped ones for a system that has none, where
 * text would have no size. The one in the package names the folders of its serverless host.
 */
function fontsOf(home: string): string {
  const file = join(home, 'own-fonts.conf');
  writeFileSync(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(home, 'fonts')}</dir>
  <cachedir>${join(home, 'font-cache')}</cachedir>
</fontconfig>
`,
  );
  return file;
}

function lacksLibraries(path: string): boolean {
  try {
    return execFileSync('ldd', [path], { encoding: 'utf8', stdio: 'pipe' }).includes('not found');
  } catch {
    return true;
  }
}
