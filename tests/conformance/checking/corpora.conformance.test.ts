/**
 * Public histories through the command line: the verdict is the published one, of every file below
 * CORPORA_DIR that a verdict was published for. Nothing of them is kept here, so without the folder
 * none is judged, and that is printed. The table of verdicts itself is checked either way.
 *
 * What is linearizable is never refused as sequential (a budget that ends says nothing).
 * Gate: the etcd logs together take at most 400,000 steps. Times are printed only.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli } from '../../cli/support/host.ts';
import { CORPORA, publishedOf } from './support/published-verdicts.ts';
import type { Corpus, Published } from './support/published-verdicts.ts';

const ETCD_STEPS_MAX = 400_000;
const KV_STEPS_MAX = 3_000_000;
/** Sequential consistency is exponential in the processes: enough to see a wrong refusal early. */
const SEQUENTIAL_STEPS = '20000';
const OBJECTS = ['cas-register', 'multi-register', 'mutex', 'kv'];

const root = process.env['CORPORA_DIR'];
const names = Object.keys(CORPORA) as Corpus[];

interface Judged {
  readonly verdict: string;
  readonly steps: number;
  readonly found?: readonly string[];
  readonly rulesOut?: readonly string[];
}

/** Paths of the histories of a corpus, as its repository has them. */
function pathsOf(folder: string, corpus: Corpus): string[] {
  return CORPORA[corpus].folders
    .filter((each) => existsSync(join(folder, corpus, each)))
    .flatMap((each) =>
      readdirSync(join(folder, corpus, each), { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(edn|json|log|txt)$/.test(path) && !path.endsWith('-result.json'))
        .map((path) => `${each}/${path.replaceAll('\\', '/')}`),
    )
    .sort();
}

async function judge(file: string, { words }: Published): Promise<Judged> {
  const said = await cli(['check', file, ...words, '--json']);
  expect(said.err, `${file} ${words.join(' ')}`).toBe('');
  const judged = JSON.parse(said.out) as Judged;
  expect(said.code, file).toBe({ pass: 0, fail: 1, unknown: 2 }[judged.verdict]);
  return judged;
}

function compare(judged: Judged, published: Published, about: string): void {
  const { deviation, rulesOut, verdict } = published;
  if (deviation !== undefined) {
    expect(judged.found, `${about}: ${deviation.why}`).toEqual(deviation.found);
    return;
  }
  expect(judged.verdict, about).toBe(verdict);
  if (rulesOut !== undefined) expect(judged.rulesOut, about).toEqual(rulesOut);
}

/** A history that is linearizable is sequential. */
async function expectSequential(file: string, { words }: Published): Promise<void> {
  const asked = [...words, '--level', 'sequential', '--steps', SEQUENTIAL_STEPS];
  const { verdict } = await judge(file, { words: asked, verdict: 'pass' });
  expect(verdict, `${file} is linearizable, and sequential?`).not.toBe('fail');
}

/** Judges every file that a verdict is known of. */
async function judgeAll(folder: string, corpus: Corpus, paths: readonly string[]) {
  const count = { pass: 0, fail: 0, unknown: 0 };
  const steps = new Map<string, number>();
  const unjudged: string[] = [];
  let [worst, worstPath] = [0, ''];
  const began = performance.now();
  for (const path of paths) {
    const published = publishedOf(corpus, path);
    if (published.length === 0) unjudged.push(path);
    for (const each of published) {
      const judged = await judge(join(folder, corpus, path), each);
      compare(judged, each, `${corpus}/${path} ${each.words.join(' ')}`);
      const isObject = OBJECTS.includes(each.words[1] ?? '');
      if (judged.verdict === 'pass' && isObject) {
        await expectSequential(join(folder, corpus, path), each);
      }
      count[judged.verdict as keyof typeof count] += 1;
      const group = path.split('/').slice(0, -1).join('/');
      steps.set(group, (steps.get(group) ?? 0) + judged.steps);
      if (judged.steps > worst) [worst, worstPath] = [judged.steps, path];
    }
  }
  const millis = Math.round(performance.now() - began);
  return { count, steps, unjudged, millis, worst: `${worst} steps: ${worstPath}` };
}

describe('the table of published verdicts', () => {
  it('has the 102 etcd logs, 23 of them linearizable, and not the empty one', () => {
    const logs = Array.from({ length: 104 }, (_, log) => String(log).padStart(3, '0'));
    const known = logs.map((log) => publishedOf('porcupine', `test_data/jepsen/etcd_${log}.log`));
    expect(known.flat().length).toBe(102);
    expect(known.flat().filter(({ verdict }) => verdict === 'pass').length).toBe(23);
    expect(known[95]).toEqual([]);
  });

  it('reads the verdict off folders and names, and knows nothing of other files', () => {
    const verdict = (corpus: Corpus, path: string) =>
      publishedOf(corpus, path).map((each) => each.verdict);
    expect(verdict('porcupine', 'test_data/kv/c10-ok.txt')).toEqual(['pass']);
    expect(verdict('porcupine', 'test_data/kv/c50-bad.txt')).toEqual(['fail']);
    expect(verdict('knossos', 'data/mutex/bad/etcd.edn')).toEqual(['fail']);
    expect(verdict('knossos', 'data/cas-register/good/memstress3-9.edn')).toEqual(['pass']);
    expect(verdict('elle-cli', 'histories/knossos/mutex/bad/etcd.json')).toEqual(['fail']);
    expect(verdict('knossos', 'data/cas-failure.edn')).toEqual([]);
    expect(verdict('knossos', 'data/cas-register/bad/timeline.html')).toEqual([]);
    expect(verdict('elle-cli', 'histories/custom/comments.edn')).toEqual([]);
  });
});

describe.each(names)('%s', (corpus) => {
  it('each history has its published verdict', async (context) => {
    const { from, folders } = CORPORA[corpus];
    const where = folders.map((folder) => `${corpus}/${folder}`).join(', ');
    const paths = root === undefined ? [] : pathsOf(root, corpus);
    if (root === undefined || paths.length === 0) {
      const why = root === undefined ? 'CORPORA_DIR is not set' : `${root} has none`;
      console.info(`${corpus}: no history judged, ${why}: ${where} of ${from}`);
      context.skip(`${why}: ${where}`);
      return;
    }
    const { count, steps, unjudged, millis, worst } = await judgeAll(root, corpus, paths);
    const groups = [...steps].map(([group, sum]) => `${group} ${sum} steps`).join('; ');
    console.info(
      `${corpus}: ${count.pass} pass, ${count.fail} fail, ${count.unknown} unknown, ` +
        `${millis} ms with reading; ${groups}; most ${worst}` +
        (unjudged.length === 0 ? '' : `; no verdict known of ${unjudged.join(', ')}`),
    );
    expect(count.pass + count.fail + count.unknown).toBeGreaterThan(0);
    expect(steps.get('test_data/jepsen') ?? 0).toBeLessThanOrEqual(ETCD_STEPS_MAX);
    expect(steps.get('test_data/kv') ?? 0).toBeLessThanOrEqual(KV_STEPS_MAX);
  });
});
