/**
 * Proves that the determinism bans bite: one violation for each ban, linted as a file of the
 * simulator with the very rules that eslint.config.mjs applies there. Each must be reported with
 * a message that names the replacement, and the clean file must pass.
 */
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { determinismRules } from '../../scripts/lint/determinism.mjs';

const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser as never },
      plugins: { '@typescript-eslint': tseslint.plugin as never },
      rules: { ...determinismRules, '@typescript-eslint/no-explicit-any': 'error' },
    },
  ],
});

async function messagesOf(code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: 'src/sim/kernel/fixture.ts' });
  return (result?.messages ?? []).map((m) => `${m.line}: ${m.message}`);
}

/** [the ban, code with exactly one violation, a part of the message that names the way out] */
const VIOLATIONS: [string, string, string][] = [
  ['Date', 'export const f = () => Date.now();', 'ctx.now()'],
  ['new Date', 'export const f = () => new Date();', 'ctx.now()'],
  ['performance', 'export const f = () => performance.now();', 'ctx.now()'],
  ['setTimeout', 'export const f = () => setTimeout(() => 1, 5);', 'ctx.setTimer'],
  ['setInterval', 'export const f = () => setInterval(() => 1, 5);', 'ctx.setTimer'],
  ['queueMicrotask', 'export const f = () => queueMicrotask(() => 1);', 'ctx.call'],
  ['Promise', 'export const f = () => Promise.resolve(1);', 'ctx.call'],
  ['a Promise type', 'export type T = Promise<number>;', 'ctx.call'],
  ['async function', 'export async function f() {}', 'yield*'],
  ['async arrow', 'export const f = async () => 1;', 'yield*'],
  ['async method', 'export class A { async f() {} }', 'yield*'],
  ['await', 'await f();\ndeclare function f(): void;', 'yield*'],
  ['for await', 'for await (const x of xs) f(x);\ndeclare const xs: number[];', 'yield*'],
  ['dynamic import', "export const f = () => import('./other.ts');", 'Import statically'],
  ['crypto', 'export const f = () => crypto.randomUUID();', 'named stream'],
  ['process', 'export const f = () => process.env;', 'knows none'],
  ['console', "export const f = () => console.log('x');", 'the host prints'],
  ['fetch', "export const f = () => fetch('x');", 'knows none'],
  ['globalThis', 'export const f = () => globalThis;', 'knows none'],
  ['WeakRef', 'export const f = (o: object) => new WeakRef(o);', 'strong reference'],
  ['FinalizationRegistry', 'export const f = new FinalizationRegistry(g);', 'not part of a run'],
  ['SharedArrayBuffer', 'export const f = () => new SharedArrayBuffer(8);', 'order depend'],
  ['Atomics', 'export const f = (a: Int32Array) => Atomics.load(a, 0);', 'order depend'],
  ['Intl', 'export const f = () => new Intl.NumberFormat();', 'code units'],
  ['eval', "export const f = () => eval('1');", 'Write the code out'],
  ['new Function', "export const f = () => new Function('return 1');", 'Function constructor'],
  ['Math.random', 'export const f = () => Math.random();', 'named stream'],
  [
    'const { random } = Math',
    'export const f = () => { const { random } = Math; return random; };',
    'named stream',
  ],
  ['Math held', 'export const f = () => { const m = Math; return m; };', 'kernel/maths.ts'],
  ['Math passed', 'export const f = (g: (m: object) => 1) => g(Math);', 'kernel/maths.ts'],
  ['Math indexed', "export const f = () => Math['random']();", 'kernel/maths.ts'],
  ...[
    'exp',
    'log',
    'log2',
    'log10',
    'log1p',
    'expm1',
    'pow',
    'sqrt',
    'cbrt',
    'hypot',
    'sin',
    'cos',
    'tan',
    'asin',
    'acos',
    'atan',
    'atan2',
    'sinh',
    'cosh',
    'tanh',
    'PI',
    'LN2',
  ].map((name): [string, string, string] => [
    `Math.${name}`,
    `export const f = (x: number) => Math.${name}(x);`,
    'kernel/maths.ts',
  ]),
  ['**', 'export const f = (x: number) => x ** 2;', 'kernel/maths.ts'],
  ['**=', 'export const f = (x: number) => { x **= 2; return x; };', 'kernel/maths.ts'],
  ['localeCompare', 'export const f = (a: string, b: string) => a.localeCompare(b);', 'code units'],
  ['toLocaleString', 'export const f = (a: number) => a.toLocaleString();', 'code units'],
  ['sort without comparator', 'export const f = (a: number[]) => a.sort();', 'total comparator'],
  [
    'toSorted without comparator',
    'export const f = (a: number[]) => a.toSorted();',
    'total comparator',
  ],
  ['for-in', 'export function f(o: object): void { for (const k in o) String(k); }', 'Map'],
  ['delete', 'export const f = (o: { a?: 1 }) => { delete o.a; };', 'Map'],
  ['module-level let', 'let counter = 0;\nexport const f = () => counter++;', 'object of the run'],
  ['exported module-level let', 'export let counter = 0;', 'object of the run'],
  [
    'module-level empty Map',
    'const cache = new Map<string, number>();\nexport const f = () => cache;',
    'object of the run',
  ],
  [
    'exported module-level empty Set',
    'export const seen = new Set<string>();',
    'object of the run',
  ],
  [
    'module-level empty array',
    'const log: string[] = [];\nexport const f = () => log;',
    'object of the run',
  ],
  ['static field', 'export class A { static count = 0; }', 'object of the run'],
  ['stack trace', 'export const f = (e: Error) => e.stack;', 'may not steer'],
  ['JSON.stringify', 'export const f = (o: object) => JSON.stringify(o);', 'canonicalJson'],
  ['enum', 'export enum Role { Leader }', 'union'],
  [
    'label',
    'export const f = () => { outer: for (;;) { for (;;) break outer; } };',
    'function with a name',
  ],
  ['any', 'export const f = (x: any) => x as number;', 'different type'],
];

describe('the determinism bans', () => {
  it.each(VIOLATIONS)('report %s', async (_name, code, wayOut) => {
    const messages = await messagesOf(code);
    expect(messages.join('\n')).toContain(wayOut);
    expect(new Set(messages).size).toBe(1);
  });

  it('let a clean file pass', async () => {
    const clean = `
      const POWERS: readonly number[] = [1, 2, 4];
      const BY_NAME: ReadonlyMap<string, number> = new Map([['a', 1]]);
      export class Counter { static readonly limit = 3; count = 0; }
      export function* steps(): Generator<number> { yield* POWERS; }
      export function f(items: string[]): number {
        const sorted = [...items].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        for (const item of sorted) if (BY_NAME.has(item)) return Math.floor(Math.max(1, 2) / 2);
        return Math.imul(3, 4) + Math.clz32(5);
      }`;
    expect(await messagesOf(clean)).toEqual([]);
  });

  it.each([
    'src/sim/kernel/wheel.ts',
    'src/sim/session/session.ts',
    'scenarios/cap/cp-partition.ts',
  ])('apply to %s in the real configuration', async (path) => {
    const config = (await new ESLint().calculateConfigForFile(path)) as {
      rules: Record<string, unknown>;
    };
    for (const [name, setting] of Object.entries(determinismRules)) {
      const wanted = Array.isArray(setting) ? setting.slice(1) : [];
      const found = config.rules[name] as unknown[];
      expect(found[0]).toBe(2);
      expect(found.slice(1)).toEqual(expect.arrayContaining(wanted));
    }
    expect((config.rules['@typescript-eslint/no-explicit-any'] as unknown[])[0]).toBe(2);
  });

  it('do not apply to the hosts', async () => {
    const config = (await new ESLint().calculateConfigForFile('src/cli/main.ts')) as {
      rules: Record<string, unknown>;
    };
    expect(config.rules['no-restricted-globals']).toBeUndefined();
  });
});
