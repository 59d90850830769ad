/**
 * Test projects. `npm test` runs them in stages (scripts/test.mjs); alone, one is run with
 * `npx vitest run --project unit`, and one file with `npx vitest run tests/tidy.test.ts`.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const PROPERTY = 'tests/**/*.property.test.ts';
const CONFORMANCE = [
  'tests/conformance/**/*.test.ts',
  'tests/**/*.conformance.test.ts',
  'tests/**/*-cases.test.ts',
];
const SCENARIOS = 'tests/scenarios/**/*.test.ts';
const BROWSER = 'tests/browser/**/*.test.ts';
const PACKAGE = 'tests/package.test.ts';

export default defineConfig({
  resolve: {
    alias: [
      { find: /^faultline\/vitest$/, replacement: here('src/cli/vitest.ts') },
      { find: /^faultline$/, replacement: here('src/sim/index.ts') },
    ],
  },
  test: {
    // Ends what hangs: machines are shared, and the longest take 20 s of CPU.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Files share a worker and its modules: half the time, and module state would show.
    isolate: false,
    // By itself it leaves a core idle, which of two is half.
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [PROPERTY, ...CONFORMANCE, SCENARIOS, BROWSER, PACKAGE],
        },
      },
      { extends: true, test: { name: 'property', include: [PROPERTY] } },
      { extends: true, test: { name: 'conformance', include: CONFORMANCE } },
      {
        extends: true,
        test: {
          name: 'scenarios',
          include: [SCENARIOS],
          setupFiles: [here('tests/support/guard-sessions.ts')],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [BROWSER],
          globalSetup: [here('tests/browser/support/global-setup.ts')],
          hookTimeout: 120_000,
          // Two browsers on two cores only make both slow.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: { name: 'package', include: [PACKAGE], testTimeout: 180_000, hookTimeout: 180_000 },
      },
    ],
  },
});
