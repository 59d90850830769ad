/**
 * A copy of the checkers with one line of source changed: what a mutation test runs. The product
 * carries no switches for it.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import type * as KvModule from '../../../../src/sim/check/linearizable/models/kv.ts';
import type * as ModelModule from '../../../../src/sim/check/linearizable/models/cas-register.ts';
import type * as SequentialModule from '../../../../src/sim/check/history/sequential.ts';
import type * as SpaceModule from '../../../../src/sim/check/linearizable/state-space.ts';
import type * as ProblemModule from '../../../../src/sim/check/linearizable/problem.ts';
import type * as WglModule from '../../../../src/sim/check/linearizable/wgl.ts';
import type * as JitModule from '../../../../src/sim/check/linearizable/jit.ts';
import type * as CheckModule from '../../../../src/sim/check/linearizable/check.ts';
import type * as CausalModule from '../../../../src/sim/check/causal/check.ts';
import type * as TransactionsModule from '../../../../src/sim/check/transactions/check.ts';
import type * as IsolationModule from '../../../../src/sim/check/transactions/isolation.ts';

const SOURCE = 'src/sim';
const PARTS = [
  'check/linearizable',
  'check/history',
  'check/transactions',
  'check/causal',
  'kernel',
  'observe',
];

export interface Mutation {
  /** Below src/sim. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Checkers {
  readonly check: typeof CheckModule;
  readonly jit: typeof JitModule;
  readonly wgl: typeof WglModule;
  readonly problem: typeof ProblemModule;
  readonly space: typeof SpaceModule;
  readonly sequential: typeof SequentialModule;
  readonly model: typeof ModelModule;
  readonly kv: typeof KvModule;
  readonly causal: typeof CausalModule;
  readonly transactions: typeof TransactionsModule;
  readonly isolation: typeof IsolationModule;
}

/** Compiles the checkers once; every mutant is a copy of the result with one file compiled anew. */
export class MutantFactory {
  readonly #root = mkdtempSync(join(tmpdir(), 'checker-mutants-'));
  #count = 0;

  constructor() {
    for (const file of sourceFiles()) {
      const target = join(this.#root, 'base', javascriptName(file));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, compile(readFileSync(join(SOURCE, file), 'utf8')));
    }
    writeFileSync(join(this.#root, 'package.json'), '{ "type": "module" }');
  }

  /** The checkers as they are, or with one change, which must fit exactly one place. */
  async load(mutation?: Mutation): Promise<Checkers> {
    const folder = join(this.#root, `mutant-${this.#count++}`);
    cpSync(join(this.#root, 'base'), folder, { recursive: true });
    if (mutation !== undefined) {
      const source = readFileSync(join(SOURCE, mutation.file), 'utf8');
      const places = source.split(mutation.find).length - 1;
      if (places !== 1) {
        throw new Error(`"${mutation.find}" is in ${mutation.file} ${places} times, not once`);
      }
      const changed = source.replace(mutation.find, () => mutation.replace);
      writeFileSync(join(folder, javascriptName(mutation.file)), compile(changed));
    }
    const load = (file: string): Promise<never> =>
      import(/* @vite-ignore */ pathToFileURL(join(folder, file)).href) as Promise<never>;
    return {
      check: await load('check/linearizable/check.js'),
      jit: await load('check/linearizable/jit.js'),
      wgl: await load('check/linearizable/wgl.js'),
      problem: await load('check/linearizable/problem.js'),
      space: await load('check/linearizable/state-space.js'),
      sequential: await load('check/history/sequential.js'),
      model: await load('check/linearizable/models/cas-register.js'),
      kv: await load('check/linearizable/models/kv.js'),
      causal: await load('check/causal/check.js'),
      transactions: await load('check/transactions/check.js'),
      isolation: await load('check/transactions/isolation.js'),
    };
  }

  dispose(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

function sourceFiles(): string[] {
  const files: string[] = [];
  for (const part of PARTS) {
    for (const name of readdirSync(join(SOURCE, part), { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.ts')) files.push(join(part, name));
    }
  }
  return files.sort();
}

const javascriptName = (file: string): string => file.replace(/\.ts$/, '.js');

function compile(source: string): string {
  return ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  }).outputText;
}
