/**
 * The stages of `npm test`, in the order in which they run. A group runs together, as many at a
 * time as there are cores; the next group starts when all of it has passed. Cheap and telling
 * first: nobody should wait for a browser to hear about a type error.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../', import.meta.url));

/** A tool's script, so that a stage is one Node process and not a shell with npx in it. */
export const tool = (/** @type {string} */ path) => join(root, 'node_modules', path);

const tsc = tool('typescript/bin/tsc');
const vitest = tool('vitest/vitest.mjs');

/**
 * @typedef {object} Stage
 * @property {string} name
 * @property {string[]} args what Node is given
 * @property {string} repeat the command that repeats this stage alone
 * @property {string[]} [projects] the vitest projects of this stage, whose cases are counted
 */

const pretty = process.stdout.isTTY ? ['--pretty'] : [];

const compile = (/** @type {string} */ name, /** @type {string} */ project) => ({
  name: `types ${name}`,
  args: [tsc, ...pretty, '-p', project],
  repeat: `npx tsc -p ${project}`,
});

const cases = (/** @type {string} */ name, /** @type {string[]} */ projects) => ({
  name,
  args: [vitest, 'run', ...projects.flatMap((project) => ['--project', project])],
  repeat: `npx vitest run ${projects.map((project) => `--project ${project}`).join(' ')}`,
  projects,
});

/** @type {readonly Stage[][]} */
export const groups = [
  [
    {
      name: 'lint',
      args: [tool('eslint/bin/eslint.js'), '--max-warnings', '0', '.'],
      repeat: 'npm run lint',
    },
    compile('simulator', 'tsconfig.sim.json'),
    compile('visualiser', 'tsconfig.viz.json'),
    compile('node', 'tsconfig.json'),
    {
      name: 'floors',
      args: [
        tool('dependency-cruiser/bin/dependency-cruise.mjs'),
        '--config',
        '.dependency-cruiser.mjs',
        '--output-type',
        'err-long',
        ...['src', 'scenarios', 'tests', 'bench', 'scripts'],
      ],
      repeat: 'npm run floors',
    },
    {
      name: 'format',
      args: [tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
      repeat: 'npm run format:check',
    },
    { name: 'docs', args: ['scripts/docs.mjs', '--check'], repeat: 'npm run docs' },
  ],
  [cases('tests', ['unit', 'property', 'conformance', 'scenarios'])],
  [
    { name: 'build site', args: ['scripts/site.mjs'], repeat: 'npm run build' },
    { name: 'build library', args: ['scripts/build-lib.mjs'], repeat: 'npm run build:lib' },
  ],
  [cases('browser', ['browser'])],
  [cases('package', ['package'])],
];
