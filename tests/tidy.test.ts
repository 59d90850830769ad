/**
 * The shape of the repository as a test, after TigerBeetle's tidy.zig: what a reviewer would
 * otherwise have to repeat. Each rule reports every place at once, with what to do instead.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import {
  bannedWords,
  leftOvers,
  longFunctions,
  longLines,
  reachableFrom,
  scenarioIdOf,
} from './support/tidy-rules.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Files that may be longer than the limit, and why a reader would still know their room. */
const LONG_FILES: Record<string, string> = {
  'scenarios/sources.ts': 'a list of works, one after the other',
  'src/sim/kernel/wheel-slab.ts': 'one array of words, and every method that knows where they lie',
};
const FILE_LINES_MAX = 400;
const COLUMNS_MAX = 100;
const FUNCTION_LINES_MAX = 70;

/** Where execution starts; a source file that none of them reaches is dead. */
const ENTRIES = [
  // Explores any protocol's step function; tests are its only callers.
  'src/sim/protocols/explore.ts',
  'src/sim/index.ts',
  'src/cli/main.ts',
  'src/cli/vitest.ts',
  'src/cli/sweep-worker.ts',
  'src/viz/main.ts',
  'src/viz/main.tsx',
  'src/viz/determinism.ts',
  'src/viz/worker/main.ts',
  'scenarios/index.ts',
];

/** Tracked files and new ones that are not ignored: what the next commit could hold. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(resolve(root, file)));
const read = (file: string) => readFileSync(resolve(root, file), 'utf8');
const isData = (file: string) =>
  file === 'package-lock.json' ||
  file.startsWith('tests/conformance/data/') ||
  file.includes('/golden/') ||
  file.startsWith('docs/reference/');
const texts = files.filter(
  (file) =>
    !isData(file) && /(\.(ts|tsx|mjs|css|html|md|json|yml|yaml|sh|cpp)|\.ci\/run)$/.test(file),
);
const code = texts.filter((file) => /\.(ts|tsx|mjs)$/.test(file));

describe('tidy', () => {
  it('keeps lines within 100 columns', () => {
    const wide = code.flatMap((file) => longLines(file, read(file), COLUMNS_MAX));
    expect(wide).toEqual([]);
  });

  it('keeps files within 400 lines, but for named exceptions', () => {
    const long = code.flatMap((file) => {
      const lines = read(file).split('\n').length - 1;
      return lines > FILE_LINES_MAX && LONG_FILES[file] === undefined
        ? [`${file}: ${lines} lines; split it by idea, or name its reason in LONG_FILES`]
        : [];
    });
    expect(long).toEqual([]);
  });

  it('has no stale exception', () => {
    const stale = Object.keys(LONG_FILES).filter(
      (file) => !files.includes(file) || read(file).split('\n').length - 1 <= FILE_LINES_MAX,
    );
    expect(stale).toEqual([]);
  });

  it('keeps functions within 70 lines', () => {
    const product = code.filter((file) => /^(src|scenarios|bench|scripts)\//.test(file));
    const long = product.flatMap((file) => longFunctions(file, read(file), FUNCTION_LINES_MAX));
    expect(long).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const odd = code.filter((file) => !/^[a-z0-9.-]+$/.test(file.split('/').pop() ?? ''));
    expect(odd).toEqual([]);
  });

  it('has no left-overs and no test switched off without a reason', () => {
    expect(code.flatMap((file) => leftOvers(file, read(file)))).toEqual([]);
  });

  it('mentions no path of a machine, no registry and no word of the workshop', () => {
    const found = [...texts, 'package-lock.json'].flatMap((file) => bannedWords(file, read(file)));
    expect(found).toEqual([]);
  });

  it('opens every simulator and scenario file with a comment that says what it is', () => {
    const bare = files
      .filter((file) => /^(src\/sim|scenarios)\/.*\.ts$/.test(file))
      .filter((file) => !/^\/(\*\*|\/) ?\S?/.test(read(file)));
    expect(bare).toEqual([]);
  });

  it('has no source file that nothing reaches', () => {
    const sources = new Set(
      files.filter((file) => /^(src|scenarios)\/.*(?<!\.d)\.tsx?$/.test(file)),
    );
    const entries = ENTRIES.filter((file) => sources.has(file));
    const reached = reachableFrom(entries, read, (from, to) => {
      if (to === 'faultline') return 'src/sim/index.ts';
      if (to === 'faultline/vitest') return 'src/cli/vitest.ts';
      if (!to.startsWith('.')) return undefined;
      const path = relative(root, resolve(root, dirname(from), to)).replaceAll('\\', '/');
      return sources.has(path) ? path : undefined;
    });
    expect([...sources].filter((file) => !reached.has(file))).toEqual([]);
  });

  it('gives a scenario the id of its path', () => {
    const wrong = files
      .filter((file) => /^scenarios\/[^/]+\/[^/]+\.ts$/.test(file) && !file.endsWith('/index.ts'))
      .flatMap((file) => {
        const wanted = file.slice('scenarios/'.length, -'.ts'.length);
        const id = scenarioIdOf(file, read(file));
        return id === undefined || id === wanted ? [] : [`${file}: id '${id}', not '${wanted}'`];
      });
    expect(wrong).toEqual([]);
  });

  it('pins every dependency to one version', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const loose = ['dependencies', 'devDependencies'].flatMap((group) =>
      Object.entries(manifest[group] ?? {})
        .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
        .map(([name, version]) => `${group}.${name}: ${version}`),
    );
    expect(loose).toEqual([]);
  });

  it('makes users install only what the simulator and the command line import', () => {
    const manifest = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const shipped = files.filter((file) => /^(src\/sim|src\/cli|scenarios)\/.*\.ts$/.test(file));
    const text = shipped.map(read).join('\n');
    const unused = Object.keys(manifest.dependencies).filter(
      (name) => !new RegExp(`(from |import\\()'${name}['/]`).test(text),
    );
    expect(unused).toEqual([]);
  });

  it('links every decision record from docs/adr/README.md', () => {
    const index = read('docs/adr/README.md');
    const missing = files
      .filter((file) => /^docs\/adr\/\d{4}-.*\.md$/.test(file))
      .filter((file) => !index.includes(`(${file.slice('docs/adr/'.length)})`));
    expect(missing).toEqual([]);
  });

  it('links only to files that exist', () => {
    const broken = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...read(file).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
          .map((match) => match[1] ?? '')
          .filter((target) => !/^[a-z]+:/.test(target))
          .filter((target) => !existsSync(resolve(root, dirname(file), target)))
          .map((target) => `${file}: ${target}`),
      );
    expect(broken).toEqual([]);
  });
});

/** The rules themselves, on texts that break them: a rule that finds nothing proves nothing. */
describe('the tidy rules', () => {
  it('find a long line', () => {
    expect(longLines('a.ts', `ok\n${'x'.repeat(101)}\n`, 100)).toEqual([
      'a.ts:2: 101 columns, 100 allowed',
    ]);
  });

  it('find a long function, also as a method or an arrow, but not its neighbours', () => {
    const body = '  f();\n'.repeat(70);
    const text = [
      `function a() {\n${body}}`,
      `const b = () => {\n${body}};`,
      `class C { m() {\n${body}} }`,
      `function d() {}`,
    ].join('\n');
    expect(longFunctions('a.ts', text, 70).map((place) => place.split(' ')[1])).toEqual([
      'a',
      'b',
      'm',
    ]);
  });

  it('find left-overs', () => {
    const lines = [
      `// ${'TO' + 'DO'}: later`,
      `it${'.only'}('x', () => {});`,
      `describe${'.skip'}('x', () => {});`,
      `// ${'@ts-' + 'ignore'}`,
      `it.${'todo'}('x');`,
      `${'debug' + 'ger'};`,
    ];
    expect(lines.flatMap((line, i) => leftOvers(`${i}.ts`, line))).toHaveLength(lines.length);
  });

  it('accept a switched-off test that gives its reason', () => {
    const call = `it${'.skipIf'}(!hasCompiler)('x', () => {});`;
    const text = `// Skipped because: no compiler here.\n${call}`;
    expect(leftOvers('a.ts', text)).toEqual([]);
  });

  it('find words that do not belong here', () => {
    const lines = ['/' + 'work/main', '/' + 'tmp/x.log', 'https://registry.' + 'npmjs.org/x'];
    expect(lines.flatMap((line) => bannedWords('a.md', line))).toHaveLength(lines.length);
  });

  it('read the id of a scenario', () => {
    const text = "export default defineScenario({ id: 'cap/x', title: 'X' });";
    expect(scenarioIdOf('a.ts', text)).toBe('cap/x');
  });

  it('follow imports, exports, type imports and worker addresses', () => {
    const tree: Record<string, string> = {
      a: "import './b'; export * from './c'; import type { D } from './d';",
      b: "new Worker(new URL('./e', import.meta.url)); import('./f');",
    };
    const reached = reachableFrom(
      ['a'],
      (f) => tree[f] ?? '',
      (_from, to) => to.slice(2),
    );
    expect([...reached].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('use the compiler that the project pins', () => {
    expect(ts.version).toMatch(/^6\./);
  });
});
