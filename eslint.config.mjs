/**
 * Lint for the whole repository. Formatting belongs to prettier, import order of floors to
 * dependency-cruiser; what is left here: the determinism bans for simulation code, and mistakes
 * that types alone do not catch.
 */
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { determinismRules, determinismRulesOfCanonical } from './scripts/lint/determinism.mjs';

/** Where promises exist. To look for them elsewhere costs half the time of the whole lint. */
const ASYNCHRONOUS = [
  'src/cli/**/*.ts',
  'src/viz/**/*.{ts,tsx}',
  'scripts/**/*.ts',
  'tests/*.ts',
  'tests/{browser,cli,docs,floors,lint,support,viz}/**/*.ts',
];
const SIMULATION = ['src/sim/**/*.ts', 'scenarios/**/*.ts'];
const VIZ = ['src/viz/**/*.{ts,tsx}'];
const NODE = ['src/cli/**/*.ts', 'tests/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts', '*.ts'];

/**
 * Type-aware rules cost a program, so each group names the compiler settings that it belongs to.
 * @type {(files: string[], project: string) => import('eslint').Linter.Config}
 */
const withTypes = (files, project) => ({
  files,
  languageOptions: { parserOptions: { project, tsconfigRootDir: import.meta.dirname } },
  rules: {
    '@typescript-eslint/switch-exhaustiveness-check': [
      'error',
      { considerDefaultExhaustiveForUnions: true },
    ],
  },
});

export default defineConfig(
  globalIgnores(['dist', 'coverage', 'test-results', '.cache', 'tests/**/golden']),
  ...tseslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      // Matchers are added to vitest by an interface that extends and adds nothing.
      '@typescript-eslint/no-empty-object-type': [
        'error',
        { allowInterfaces: 'with-single-extends' },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
    },
  },
  withTypes(SIMULATION, 'tsconfig.sim.json'),
  withTypes(VIZ, 'tsconfig.viz.json'),
  withTypes(NODE, 'tsconfig.json'),
  {
    files: ASYNCHRONOUS,
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
    },
  },
  { files: SIMULATION, rules: determinismRules },
  { files: ['src/sim/kernel/canonical.ts'], rules: determinismRulesOfCanonical },
);
