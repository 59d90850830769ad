/**
 * Proves that the floor rules bite: each case is a small tree of files with one breach, cruised
 * with the very rules of scripts/floors.mjs, and the named rule must report it. A tree without a
 * breach must stay silent, or "everything fails" would pass here too.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import type { ICruiseOptions, ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser';
import { afterAll, describe, expect, it } from 'vitest';
import {
  cruiseOptions,
  floorPicture,
  floorRules,
  floors,
  packages,
} from '../../scripts/floors.mjs';
import { replaceBlock } from '../../scripts/markdown-block.mjs';

type Tree = Record<string, string>;

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** Package folders so that package imports resolve inside the fixture. */
const PACKAGES: Tree = Object.fromEntries(
  [...packages.map((entry) => entry.name), 'left-pad'].flatMap((name) => [
    [
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: '1.0.0', main: 'index.js', types: 'index.d.ts' }),
    ],
    [`node_modules/${name}/index.js`, 'export const value = 1;'],
    [`node_modules/${name}/index.d.ts`, 'export declare const value: number;'],
  ]),
);

/** The names of the rules that a tree breaks, sorted and without repeats. */
async function rulesBrokenBy(tree: Tree): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'floors-'));
  roots.push(root);
  for (const [path, text] of Object.entries({ ...PACKAGES, ...tree })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const options = {
    ...cruiseOptions,
    ruleSet: { forbidden: floorRules() as IForbiddenRuleType[] },
    validate: true,
    baseDir: root,
  } as ICruiseOptions;
  const tops = [...new Set(Object.keys(tree).map((path) => path.split('/')[0] ?? ''))];
  const result = (await cruise(tops, options)).output as ICruiseResult;
  return [...new Set(result.summary.violations.map((v) => v.rule.name))].sort();
}

const leaf = 'export interface Leaf { value: number }\nexport const leaf = 1;\n';
const uses = (path: string) => `import { leaf } from '${path}';\nexport const used = leaf;\n`;
const usesType = (path: string) =>
  `import type { Leaf } from '${path}';\nexport type Used = Leaf;\n`;

describe('floor rules', () => {
  it('say nothing about imports that go downwards', async () => {
    const broken = await rulesBrokenBy({
      'src/sim/kernel/leaf.ts': leaf,
      'src/sim/kernel/random.ts': "import { value } from 'seedrandom';\nexport const v = value;\n",
      'src/sim/components/list.ts': uses('./raft-store/store.ts'),
      'src/sim/components/raft-store/store.ts':
        uses('../../kernel/leaf.ts').replace('used', 'leaf2') + 'export const leaf = leaf2;\n',
      'src/sim/index.ts': uses('./kernel/leaf.ts') + leaf.replace('const leaf', 'const own'),
      'src/cli/main.ts': "import { used } from '../sim/index.ts';\nexport const cli = used;\n",
    });
    expect(broken).toEqual([]);
  });

  it.each([
    [
      'an upward import',
      'no-upward-import-from-kernel',
      { 'src/sim/node/leaf.ts': leaf, 'src/sim/kernel/a.ts': uses('../node/leaf.ts') },
    ],
    [
      'an upward `import type`',
      'no-upward-import-from-kernel',
      {
        'src/sim/contracts/leaf.ts': leaf,
        'src/sim/kernel/a.ts': usesType('../contracts/leaf.ts'),
      },
    ],
    [
      'an upward `export type ... from`',
      'no-upward-import-from-check',
      {
        'src/sim/session/leaf.ts': leaf,
        'src/sim/check/a.ts': "export type { Leaf } from '../session/leaf.ts';\n",
      },
    ],
    [
      'an upward inline import("...") type',
      'no-upward-import-from-network',
      {
        'src/sim/observe/leaf.ts': leaf,
        'src/sim/network/a.ts': "export type Used = import('../observe/leaf.ts').Leaf;\n",
      },
    ],
    [
      'an import of the door from behind it',
      'no-upward-import-from-session',
      { 'src/sim/index.ts': leaf, 'src/sim/session/a.ts': usesType('../index.ts') },
    ],
    [
      'a component that imports another component',
      'no-sideways-import-in-components',
      {
        'src/sim/components/cache/leaf.ts': leaf,
        'src/sim/components/store/a.ts': usesType('../cache/leaf.ts'),
      },
    ],
    [
      'a protocol that imports another protocol',
      'no-sideways-import-in-protocols',
      {
        'src/sim/protocols/raft/leaf.ts': leaf,
        'src/sim/protocols/quorum/a.ts': uses('../raft/leaf.ts'),
      },
    ],
    [
      'a folder without a floor',
      'sim-floor-unknown',
      { 'src/sim/misc/leaf.ts': leaf, 'src/cli/a.ts': usesType('../sim/misc/leaf.ts') },
    ],
    [
      'a simulator file that imports a host',
      'sim-knows-no-host',
      { 'src/cli/leaf.ts': leaf, 'src/sim/session/a.ts': usesType('../../cli/leaf.ts') },
    ],
    [
      'a simulator file that imports a scenario',
      'sim-knows-no-host',
      { 'scenarios/leaf.ts': leaf, 'src/sim/index.ts': uses('../../scenarios/leaf.ts') },
    ],
    [
      'the command line reaching behind the door',
      'one-door-for-src-cli',
      { 'src/sim/kernel/leaf.ts': leaf, 'src/cli/a.ts': usesType('../sim/kernel/leaf.ts') },
    ],
    [
      'the visualiser reaching behind the door',
      'one-door-for-src-viz',
      { 'src/sim/session/leaf.ts': leaf, 'src/viz/a.ts': uses('../sim/session/leaf.ts') },
    ],
    [
      'the visualiser importing the command line',
      'one-door-for-src-viz',
      { 'src/cli/leaf.ts': leaf, 'src/viz/a.ts': usesType('../cli/leaf.ts') },
    ],
    [
      'a scenario reaching behind the door',
      'one-door-for-scenarios',
      {
        'src/sim/faults/leaf.ts': leaf,
        'scenarios/cap/a.ts': uses('../../src/sim/faults/leaf.ts'),
      },
    ],
    [
      'seedrandom outside the kernel',
      'package-seedrandom',
      { 'src/sim/network/a.ts': "import { value } from 'seedrandom';\nexport const v = value;\n" },
    ],
    [
      'a type import of pixi.js outside the painters',
      'package-pixi.js',
      {
        'src/viz/panels/a.ts':
          "import type { value } from 'pixi.js';\nexport type V = typeof value;\n",
      },
    ],
    [
      'rxjs in the simulator',
      'package-rxjs',
      { 'src/sim/observe/a.ts': "import { value } from 'rxjs';\nexport const v = value;\n" },
    ],
    [
      'zustand outside the view state',
      'package-zustand',
      { 'src/viz/panels/a.ts': "import { value } from 'zustand';\nexport const v = value;\n" },
    ],
    [
      'a package without a row in the table',
      'package-not-listed',
      { 'src/viz/a.ts': "import { value } from 'left-pad';\nexport const v = value;\n" },
    ],
    [
      'a Node module in the simulator',
      'no-node-in-sim-or-browser',
      {
        'src/sim/kernel/a.ts':
          "import { readFileSync } from 'node:fs';\nexport const r = readFileSync;\n",
      },
    ],
    [
      'a cycle made of type imports',
      'no-cycles',
      {
        'src/sim/kernel/a.ts': "import type { B } from './b.ts';\nexport type A = B;\n",
        'src/sim/kernel/b.ts': "import type { A } from './a.ts';\nexport type B = A[];\n",
      },
    ],
    [
      'an import of a file that does not exist',
      'no-unresolved-import',
      { 'src/sim/kernel/a.ts': uses('./gone.ts') },
    ],
    [
      'a product file that imports a test',
      'product-imports-no-tests',
      { 'tests/leaf.ts': leaf, 'src/cli/a.ts': uses('../../tests/leaf.ts') },
    ],
  ] satisfies [string, string, Tree][])('report %s', async (_what, rule, tree) => {
    expect(await rulesBrokenBy(tree)).toContain(rule);
  });

  it('cover every pair of floors, the type import included', async () => {
    const names = floors.map((floor) => floor.name).filter((name) => !name.endsWith('.ts'));
    const tree: Tree = {};
    for (const name of names) tree[`src/sim/${name}/leaf.ts`] = leaf;
    names.forEach((low, level) => {
      for (const high of names.slice(level + 1)) {
        tree[`src/sim/${low}/to-${high}.ts`] = usesType(`../${high}/leaf.ts`);
      }
    });
    const expected = names.slice(0, -1).map((name) => `no-upward-import-from-${name}`);
    expect(await rulesBrokenBy(tree)).toEqual(expected.sort());
  });
});

describe('the picture in docs/ARCHITECTURE.md', () => {
  it('is the one that `npm run docs` writes', () => {
    const file = new URL('../../docs/ARCHITECTURE.md', import.meta.url);
    const text = readFileSync(file, 'utf8');
    expect(text).toBe(replaceBlock(text, 'floors', floorPicture()));
  });
});
