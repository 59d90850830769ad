/**
 * What `npm pack` makes works where nothing else of this repository is: installed into an empty
 * project, its binary runs a catalogue scenario and a scenario file that is written there, its
 * imports run in Node and in vitest, and its types compile under two kinds of resolution.
 */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshSite } from '../scripts/site.mjs';
import { root, tool } from '../scripts/stages.mjs';

const run = promisify(execFile);
const project = mkdtempSync(join(tmpdir(), 'faultline-package-'));
const own = (path: string) => join(project, path);
const installed = (path: string) => own(join('node_modules/faultline', path));

/** npm hands its own settings down in the environment; a user's project has none of them. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD|NODE_OPTIONS|VITEST)/.test(name),
  ),
);

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

async function inProject(file: string, args: readonly string[]): Promise<Outcome> {
  try {
    return { code: 0, ...(await run(file, args, { cwd: project, env, maxBuffer: 1 << 26 })) };
  } catch (error) {
    const failed = error as { code?: number; stdout?: string; stderr?: string };
    const { stdout = '', stderr = '' } = failed;
    return { code: failed.code ?? -1, stdout, stderr };
  }
}

const faultline = (...args: string[]) => inProject(own('node_modules/.bin/faultline'), args);

/** A catalogue scenario under another name; besides 'faultline' it imports these. */
const SCENARIO = 'cap/cp-partition';
const BESIDES = ['quorum-parts.ts', 'sources.ts'];
const MINE = 'mine/cut.ts';

function writeScenario(): void {
  const text = readFileSync(join(root, `scenarios/${SCENARIO}.ts`), 'utf8');
  mkdirSync(own('mine'));
  writeFileSync(own(MINE), text.replace(SCENARIO, 'mine/cut'));
  for (const name of BESIDES) {
    writeFileSync(own(name), readFileSync(join(root, 'scenarios', name)));
  }
}

beforeAll(async () => {
  freshSite();
  await run(process.execPath, ['scripts/build-lib.mjs'], { cwd: root });
  const { stdout } = await run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', project],
    { cwd: root, env },
  );
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  writeFileSync(
    own('package.json'),
    JSON.stringify({ name: 'mine', private: true, type: 'module' }),
  );
  writeScenario();
  await run(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${packed?.filename}`],
    { cwd: project, env },
  );
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

/** A declared import: a file of the package beside it, or a package that is installed. */
function resolves(folder: string, name: string): boolean {
  if (name.startsWith('.')) return existsSync(join(folder, name.replace(/\.js$/, '.d.ts')));
  if (name === 'faultline' || name.startsWith('node:')) return true;
  return existsSync(own(join('node_modules', name.split('/')[0] ?? '')));
}

describe('the package', () => {
  it('holds the library, the binary and the site, and no sources, tests or tools', () => {
    const files = readdirSync(installed('.'), { recursive: true }).map(String);
    for (const file of ['dist/lib/src/sim/index.d.ts', 'dist/site/index.html', 'LICENSE']) {
      expect(files).toContain(file);
    }
    const foreign = files.filter(
      (file) =>
        /^(src|tests|scripts|bench|docs)/.test(file) ||
        (/\.tsx?$/.test(file) && !/\.d\.ts$/.test(file)),
    );
    expect(foreign).toEqual([]);
  });

  it('installs no browser and no package that only the page needs', () => {
    const modules = readdirSync(own('node_modules'));
    for (const name of ['@sparticuz', 'pixi.js', 'preact', 'vite', 'vitest', 'typescript']) {
      expect(modules).not.toContain(name);
    }
  });

  it('names only files that it holds', () => {
    const manifest = JSON.parse(readFileSync(installed('package.json'), 'utf8')) as {
      bin: Record<string, string>;
      exports: Record<string, string | Record<string, string>>;
    };
    const paths = [manifest.bin, ...Object.values(manifest.exports)].flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    expect(paths.length).toBeGreaterThan(4);
    expect(paths.filter((path) => !existsSync(installed(path)))).toEqual([]);
  });

  it('runs a scenario file of the project exactly like the catalogue scenario', async () => {
    const [mine, theirs] = await Promise.all([
      faultline('run', MINE, '--seed', '7', '--json'),
      faultline('run', SCENARIO, '--seed', '7', '--json'),
    ]);
    expect(mine.stderr).toBe('');
    expect(mine.code).toBe(0);
    const report = JSON.parse(mine.stdout) as Record<string, unknown>;
    const other = JSON.parse(theirs.stdout) as Record<string, unknown>;
    expect(report['verdict']).toBe('pass');
    expect(report['traceHash']).toBe(other['traceHash']);
    expect(report['stateHash']).toBe(other['stateHash']);
  });

  it('sweeps a scenario file of the project over worker threads', async () => {
    const args = ['sweep', MINE, '--seeds', '1..4', '--json'];
    const [one, two] = await Promise.all([
      faultline(...args, '--jobs', '1'),
      faultline(...args, '--jobs', '2'),
    ]);
    expect(two.stderr).toBe('');
    const hashes = [one, two].map((outcome) => {
      const sweep = JSON.parse(outcome.stdout) as Record<string, unknown>;
      expect(sweep['runs']).toBe(4);
      return sweep['sweepHash'];
    });
    expect(hashes[0]).toBe(hashes[1]);
  });

  it('refuses a wrong name with one sentence and exit code 3', async () => {
    const { code, stdout, stderr } = await faultline('run', 'cap/cp-partitoin');
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain(SCENARIO);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('is imported by a plain Node program', async () => {
    writeFileSync(
      own('use.mjs'),
      `import { defineScenario, simulate } from 'faultline';
       console.log(typeof defineScenario, typeof simulate);`,
    );
    expect(await inProject(process.execPath, ['use.mjs'])).toMatchObject({
      code: 0,
      stdout: 'function function\n',
    });
  });

  describe('next to vitest and TypeScript', () => {
    beforeAll(() => {
      // The user's own tools, taken from this repository instead of the network.
      for (const name of ['vitest', 'typescript', '@types', 'vite']) {
        symlinkSync(join(root, 'node_modules', name), own(join('node_modules', name)));
      }
      // Types that had become `any` would let these through.
      writeFileSync(
        own('wrong.ts'),
        `import { defineScenario, simulate } from 'faultline';
         import type { Report } from 'faultline';
         // @ts-expect-error a report's number of events is no text
         export const events = (report: Report): string => report.events;
         // @ts-expect-error a scenario is no number
         simulate(7);
         // @ts-expect-error a scenario needs more than an id
         defineScenario({ id: 'x/y' });`,
      );
      writeFileSync(
        own('mine.test.ts'),
        `import { expect, it } from 'vitest';
         import { simulate } from 'faultline';
         import 'faultline/vitest';
         import scenario from './mine/cut.ts';
         it('stays consistent', () => {
           const report = simulate(scenario, { seed: 7 });
           expect(report).toPass();
           expect(report).toHaveVerdict('pass');
           expect(() => expect(report).toHaveVerdict('fail')).toThrow(/faultline run/);
         });
        `,
      );
    });

    it('gives matchers that pass and fail as they should', async () => {
      const { code, stdout, stderr } = await inProject(process.execPath, [
        tool('vitest/vitest.mjs'),
        'run',
        '--root',
        project,
      ]);
      expect(`${stdout}${stderr}`).toMatch(/1 passed/);
      expect(code).toBe(0);
    });

    it('declares nothing that the project cannot resolve', () => {
      const folder = installed('dist/lib');
      const declarations = readdirSync(folder, { recursive: true })
        .map(String)
        .filter((file) => file.endsWith('.d.ts'));
      expect(declarations.length).toBeGreaterThan(50);
      const broken = declarations.flatMap((file) => {
        const text = readFileSync(join(folder, file), 'utf8');
        const names = [...text.matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)].map(
          (m) => m[1] ?? '',
        );
        return names
          .filter((name) => !resolves(join(folder, file, '..'), name))
          .map((name) => `${file}: ${name}`);
      });
      expect(broken).toEqual([]);
    });

    it.each([
      ['bundler', 'esnext'],
      ['nodenext', 'nodenext'],
    ])('compiles strictly under %s resolution', async (moduleResolution, module) => {
      mkdirSync(own(moduleResolution), { recursive: true });
      const config = {
        compilerOptions: {
          ...{ target: 'es2023', lib: ['es2023'], types: [], strict: true, noEmit: true },
          ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
          ...{ module, moduleResolution, allowImportingTsExtensions: true, skipLibCheck: true },
        },
        include: ['../mine/cut.ts', '../wrong.ts'],
      };
      writeFileSync(own(join(moduleResolution, 'tsconfig.json')), JSON.stringify(config));
      const args = [tool('typescript/bin/tsc'), '-p', own(moduleResolution)];
      expect(await inProject(process.execPath, args)).toMatchObject({ code: 0, stdout: '' });
    });
  });
});
