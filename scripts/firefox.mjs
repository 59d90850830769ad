/**
 * Opens one page in a headless Firefox and waits for what it posts. No driver: a throw-away
 * profile, a local address, and the process (with its children) ended by its id.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['firefox-esr', 'firefox'];

/** No first-run page, no update, no report home, no session restore. */
const PREFERENCES = `
user_pref('app.update.enabled', false);
user_pref('app.normandy.enabled', false);
user_pref('browser.shell.checkDefaultBrowser', false);
user_pref('browser.startup.homepage_override.mstone', 'ignore');
user_pref('browser.startup.page', 0);
user_pref('browser.aboutwelcome.enabled', false);
user_pref('browser.sessionstore.resume_from_crash', false);
user_pref('datareporting.policy.dataSubmissionEnabled', false);
user_pref('datareporting.policy.firstRunURL', '');
user_pref('toolkit.telemetry.reportingpolicy.firstRun', false);
user_pref('network.captive-portal-service.enabled', false);
user_pref('network.connectivity-service.enabled', false);
user_pref('dom.max_script_run_time', 0);
`;

/** FIREFOX_PATH, or the first Firefox on the PATH. */
export function findFirefox() {
  const named = process.env['FIREFOX_PATH'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here: the next folder.
      }
    }
  }
  throw new Error(
    'No Firefox found. Install one with "apt-get install firefox-esr", or set FIREFOX_PATH to one.',
  );
}

/**
 * Runs `answer` while a Firefox shows the page, and closes it whatever happens.
 * @template T
 * @param {string} url
 * @param {number} timeoutMs
 * @param {Promise<T>} answer
 * @returns {Promise<T>}
 */
export async function withFirefox(url, timeoutMs, answer) {
  const home = mkdtempSync(join(tmpdir(), 'faultline-firefox-'));
  const profile = join(home, 'profile');
  mkdirSync(profile);
  writeFileSync(join(profile, 'user.js'), PREFERENCES);
  const path = findFirefox();
  const child = spawn(path, ['--headless', '--no-remote', '--profile', profile, url], {
    // A group of its own, so that its content processes end with it.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: home, MOZ_HEADLESS: '1', MOZ_CRASHREPORTER_DISABLE: '1' },
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => (complaints = (complaints + chunk).slice(-4000)));
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const failure = new Promise((_resolve, reject) => {
    const fail = (/** @type {string} */ what) => reject(new Error(`${what}\n${complaints}`.trim()));
    child.on('error', (error) => fail(`${path} does not start: ${error.message}`));
    child.on('exit', (code) => fail(`Firefox ended (code ${code}) before the page answered.`));
    timer = setTimeout(() => fail(`The page did not answer within ${timeoutMs} ms.`), timeoutMs);
  });
  try {
    return /** @type {T} */ (await Promise.race([answer, failure]));
  } finally {
    clearTimeout(timer);
    failure.catch(() => undefined);
    await end(child);
    rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Ends the process group: politely, and after three seconds not. */
function end(/** @type {import('node:child_process').ChildProcess} */ child) {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null) return Promise.resolve();
  return new Promise((/** @type {(value?: undefined) => void} */ done) => {
    const signal = (/** @type {NodeJS.Signals} */ name) => {
      try {
        process.kill(-pid, name);
      } catch {
        // It has gone by itself.
      }
    };
    const force = setTimeout(() => signal('SIGKILL'), 3000);
    child.on('exit', () => {
      clearTimeout(force);
      // Content processes that outlived their parent.
      signal('SIGKILL');
      done();
    });
    signal('SIGTERM');
  });
}
