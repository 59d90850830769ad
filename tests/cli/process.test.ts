/** The command line as a process: what only a real one shows. */
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { NUMBERS_TS, outsideFolder, SCENARIO_TS, SCENARIO_YAML } from './support/files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const outside = outsideFolder();
outside.write('crash.yaml', SCENARIO_YAML);

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

function start(
  command: string,
  args: readonly string[],
  options: { cwd?: string; onStart?: (pid: number) => Promise<void> } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Elsewhere than in the root, no tsconfig.json says what `faultline` means.
      env: { ...process.env, TSX_TSCONFIG_PATH: `${root}tsconfig.json`, NODE_OPTIONS: '' },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => (err += data.toString()));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
    options.onStart?.(child.pid!).catch(reject);
  });
}

const tsx = ['--import', import.meta.resolve('tsx'), `${root}src/cli/main.ts`];
const sim = (args: readonly string[], options: Parameters<typeof start>[2] = {}) =>
  start(process.execPath, [...tsx, ...args], options);

describe('npm run -s sim', () => {
  it('prints nothing but the JSON, and exits with the verdict', async () => {
    const words = ['run', '-s', 'sim', '--', 'run', 'cap/cp-partition', '--until', '1s', '--json'];
    const said = await start('npm', words);
    const json = JSON.parse(said.out) as { verdict: string; repro: { command: string } };
    expect(said.code).toBe({ pass: 0, fail: 1, unknown: 2 }[json.verdict]);
    expect(json.repro.command).toContain('npm run -s sim -- run cap/cp-partition');
  });

  it('finds files from where the user stands', async () => {
    const words = ['--prefix', root, 'run', '-s', 'sim', '--', 'run', 'crash.yaml', '--json'];
    const said = await start('npm', words, { cwd: outside.path });
    expect(JSON.parse(said.out)).toMatchObject({ scenario: 'A leader crashes' });
  });
});

describe('the process', () => {
  it('exits with 3 and one sentence for bad input', async () => {
    const said = await sim(['run', 'cap/nope']);
    expect(said).toMatchObject({ code: 3, out: '' });
    expect(said.err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('does not mind a reader that goes away', async () => {
    const command = `"${process.execPath}" ${tsx.map((word) => `'${word}'`).join(' ')} list`;
    const said = await start('bash', ['-o', 'pipefail', '-c', `${command} | head -n 1`]);
    expect(said.err).toBe('');
    expect(said.code).toBe(0);
    expect(said.out.trim()).not.toBe('');
  });

  it('does not mind a reader of the trace that goes away', async () => {
    const words = 'run cap/cp-partition --trace /dev/stdout';
    const command = `"${process.execPath}" ${tsx.map((word) => `'${word}'`).join(' ')} ${words}`;
    const said = await start('bash', ['-o', 'pipefail', '-c', `${command} | head -n 2`]);
    expect(said.err).toBe('');
    expect(said.code).toBe(0);
    expect(said.out.trimEnd().split('\n')).toHaveLength(2);
  });

  const full = '/dev/full';
  // Skipped because: not every system has a device that is always full; Linux has.
  it.runIf(existsSync(full)).each([
    ['list > /dev/full', 'Standard output'],
    ['run cap/cp-partition --until 1s --trace /dev/full', full],
    ['run cap/cp-partition --until 1s --junit /dev/full', full],
  ])(
    'says in one sentence that nothing more can be written (where there is a /dev/full): %s',
    async (words, name) => {
      const command = `"${process.execPath}" ${tsx.map((word) => `'${word}'`).join(' ')} ${words}`;
      const said = await start('bash', ['-c', command]);
      expect(said.err).toBe(`error: ${name} cannot be written (ENOSPC: no space is left).\n`);
      expect(said.code).toBe(3);
    },
  );

  // No handler of ours can run while JavaScript loops, so none may be set: the signal ends it.
  it.each([
    ['a file that never ends loading', 'loads.ts', `writeFileSync('loads.ts.txt', ''); for (;;);`],
    [
      'a plan that is never built',
      'plans.ts',
      SCENARIO_TS.replace('return {', `writeFileSync('plans.ts.txt', ''); for (;;); return {`),
    ],
  ])('ends at once at Ctrl-C in %s', async (_what, name, text) => {
    outside.write('numbers.ts', NUMBERS_TS);
    outside.write(name, `import { writeFileSync } from 'node:fs';\n${text}`);
    const said = await sim(['run', name], {
      cwd: outside.path,
      async onStart(pid) {
        while (!existsSync(join(outside.path, `${name}.txt`))) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        process.kill(pid, 'SIGINT');
      },
    });
    expect(said).toMatchObject({ code: null, signal: 'SIGINT', out: '' });
  });

  it('prints what is done so far at Ctrl-C, and exits with 130', async () => {
    outside.write('numbers.ts', NUMBERS_TS);
    // The plan is built once for each run, and leaves a letter each time: so much is under way.
    const noted = SCENARIO_TS.replace('return {', `appendFileSync('noted.txt', 'x'); return {`);
    outside.write('noted.ts', `import { appendFileSync } from 'node:fs';\n${noted}`);
    const marker = join(outside.path, 'noted.txt');
    const words = ['sweep', 'noted.ts', '--seeds', '1..1000000', '--jobs', '1', '--json'];
    const said = await sim(words, {
      cwd: outside.path,
      async onStart(pid) {
        while ((statSync(marker, { throwIfNoEntry: false })?.size ?? 0) < 5) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        process.kill(pid, 'SIGINT');
      },
    });
    expect(said.code, said.err).toBe(130);
    const json = JSON.parse(said.out) as { interrupted: boolean; runs: number };
    expect(json.interrupted).toBe(true);
    expect(json.runs).toBeGreaterThan(0);
    expect(said.err).toBe('Interrupted: this is what was done so far.\n');
  });
});
