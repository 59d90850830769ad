import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { EVICTION_POLICY_NAMES } from '../../src/sim/index.ts';
import { outsideFolder } from './support/files.ts';
import { cli, oneSentence } from './support/host.ts';

const folder = outsideFolder();
const run = (...words: readonly string[]) => cli(['cache-trace', ...words], { cwd: folder.path });

const TRACE = '* a comment\nuser/1\n b \n\nuser/1\r\nü\nb\nuser/1\n*\nuser/1';
folder.write('small.trace', TRACE);

interface Result {
  readonly requests: number;
  readonly distinct: number;
  readonly rows: readonly {
    readonly policy: string;
    readonly size: number;
    readonly requests: number;
    readonly hits: number;
    readonly misses: number;
    readonly hitRatio: number;
  }[];
}
async function json(...words: readonly string[]): Promise<Result> {
  const said = await run(...words, '--json');
  expect(said).toMatchObject({ code: 0, err: '' });
  return JSON.parse(said.out) as Result;
}

describe('cache-trace', () => {
  it('counts hits and misses of each policy and size', async () => {
    // Requests: u b u x b u u. With 2 keys LRU hits the first repetition of u and the last; OPT
    // leaves x out, which is never asked for again, and misses each key once.
    const { requests, distinct, rows } = await json(
      'small.trace',
      '--policy',
      'lru,opt',
      '--size',
      '2,3',
    );
    expect({ requests, distinct }).toEqual({ requests: 7, distinct: 3 });
    expect(rows.map((row) => [row.policy, row.size, row.hits, row.misses])).toEqual([
      ['lru', 2, 2, 5],
      ['opt', 2, 4, 3],
      ['lru', 3, 4, 3],
      ['opt', 3, 4, 3],
    ]);
    expect(rows[0]!.hitRatio).toBeCloseTo(2 / 7, 12);
  });

  it('reads gzip, of several parts too, as the plain file', async () => {
    const parts = [TRACE.slice(0, 20), TRACE.slice(20)].map((part) => gzipSync(part));
    writeFileSync(join(folder.path, 'small.gz'), Buffer.concat(parts));
    const words = ['--policy', 'all', '--size', '1,2'];
    const plain = await json('small.trace', ...words);
    expect((await json('small.gz', ...words)).rows).toEqual(plain.rows);
    expect(plain.rows.map((row) => row.policy).slice(0, 13)).toEqual([
      ...EVICTION_POLICY_NAMES,
      'opt',
    ]);
  });

  it('runs all policies without being told, below the bound', async () => {
    const keys = Array.from({ length: 3_000 }, (_, i) => (i % 7 < 3 ? i % 7 : (i * i) % 101));
    folder.write('mixed.trace', keys.join('\n'));
    const { rows } = await json('mixed.trace', '--size', '10');
    const hits = new Map(rows.map((row) => [row.policy, row.hits]));
    expect(hits.size).toBe(EVICTION_POLICY_NAMES.length + 1);
    for (const [policy, count] of hits) {
      expect(count, policy).toBeGreaterThan(0);
      expect(count, policy).toBeLessThanOrEqual(hits.get('opt')!);
    }
  });

  it('prints a table for people', async () => {
    const said = await run('small.trace', '--policy', 'lru', '--policy', 'opt', '--size', '2');
    expect(said.code).toBe(0);
    expect(said.out.split('\n').slice(0, 3)).toEqual([
      'policy  size  requests  hits  misses  hit ratio',
      'lru        2         7     2       5    28.57 %',
      'opt        2         7     4       3    57.14 %',
    ]);
  });

  it('names every policy in its help', () => {
    const { details = [] } = commands.find((command) => command.name === 'cache-trace')!;
    const list = `${details.join(' ').split('Policies: ')[1]!.split(', and opt')[0]!}`;
    expect(list.split(', ')).toEqual(EVICTION_POLICY_NAMES);
  });

  it('says in one sentence what is wrong', async () => {
    mkdirSync(join(folder.path, 'a-folder'));
    folder.write('empty.trace', '* nothing\n\n');
    writeFileSync(join(folder.path, 'cut.gz'), gzipSync(TRACE).subarray(0, 30));
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [
        ['small.trace', '--size', '2', '--policy', 'lur'],
        'no eviction policy "lur". Did you mean lru?',
      ],
      [['small.trace', '--size', '2', '--policy', 'sieve,,lru'], 'no eviction policy ""'],
      [['small.trace'], '--size 1000'],
      [['small.trace', '--size', '0'], '--size must be a whole number from 1'],
      [['small.trace', '--size', '10,x'], '"x"'],
      [['small.trace', '--size', '999999999999'], '--size must be'],
      [['empty.trace', '--size', '2'], 'There is no key in empty.trace.'],
      [['absent.trace', '--size', '2'], 'There is no file absent.trace.'],
      [['a-folder', '--size', '2'], 'a-folder is a folder'],
      [['cut.gz', '--size', '2'], 'damaged or cut short'],
    ];
    for (const [words, part] of wrong) {
      const said = await run(...words);
      expect(said.code, words.join(' ')).toBe(3);
      expect(oneSentence(said)).toContain(part);
    }
  });
});
