/** `cache-trace`: what each eviction policy makes of a trace of requests. */
import { didYouMean, EVICTION_POLICIES, optimalHits, ScenarioError } from '../sim/index.ts';
import type { EvictionPolicy } from '../sim/index.ts';
import type { Action } from './command.ts';
import { EXIT } from './exit.ts';
import { formatCount } from './format.ts';
import { paintFor } from './paint.ts';
import type { Paint } from './paint.ts';
import { parseWhole } from './parse.ts';
import { readTrace } from './read-trace.ts';
import type { KeyTrace } from './read-trace.ts';

/** The bound, which is no policy that a cache could have. */
export const OPTIMAL = 'opt';
const ALL = 'all';
const SIZE_MAX = 2 ** 24;

interface Row {
  readonly policy: string;
  readonly size: number;
  readonly requests: number;
  readonly hits: number;
  readonly misses: number;
  readonly hitRatio: number;
}

export const cacheTrace: Action = ({ args, flags, host }) => {
  const names = policiesOf(flags.texts('policy'));
  const sizes = sizesOf(flags.text('size'));
  const file = args[0]!;
  const trace = readTrace(file, host.cwd);
  const rows = sizes.flatMap((size) => names.map((name) => replay(name, size, trace)));
  if (flags.on('json')) {
    const { distinct } = trace;
    const result = { file, requests: trace.keys.length, distinct, rows };
    host.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } else {
    host.stdout.write(`${table(rows, trace, paintFor(host.stdout, host.env))}\n`);
  }
  return Promise.resolve(EXIT.pass);
};

/** In the order in which they are asked for, each once. */
function policiesOf(texts: readonly string[]): readonly string[] {
  const known = [...EVICTION_POLICIES.map(({ name }) => name), OPTIMAL];
  const wanted = texts.flatMap((text) => text.split(',')).map((text) => text.trim());
  if (wanted.length === 0) return known;
  for (const name of wanted) {
    if (name === ALL || known.includes(name)) continue;
    throw new ScenarioError(`There is no eviction policy "${name}".`, {
      hint: didYouMean(name, [...known, ALL]),
    });
  }
  return [...new Set(wanted.flatMap((name) => (name === ALL ? known : [name])))];
}

function sizesOf(text: string | undefined): readonly number[] {
  if (text === undefined) {
    throw new ScenarioError('Say how many keys the cache holds.', {
      hint: 'For example --size 1000, or several sizes: --size 100,1000,10000.',
    });
  }
  const sizes = text.split(',').map((one) => parseWhole(one.trim(), '--size', 1, SIZE_MAX));
  return [...new Set(sizes)];
}

function replay(name: string, size: number, { keys }: KeyTrace): Row {
  const policy = EVICTION_POLICIES.find((each) => each.name === name);
  const hits = policy === undefined ? optimalHits(keys, size) : hitsOf(policy, size, keys);
  const requests = keys.length;
  return { policy: name, size, requests, hits, misses: requests - hits, hitRatio: hits / requests };
}

/** From an empty cache; every request counts. */
function hitsOf(policy: EvictionPolicy, size: number, keys: Int32Array): number {
  const state = policy.start(size);
  let hits = 0;
  for (const key of keys) {
    if (policy.touch(state, key)) hits += 1;
    else policy.insert(state, key);
  }
  return hits;
}

function table(rows: readonly Row[], trace: KeyTrace, paint: Paint): string {
  const cells = [
    ['policy', 'size', 'requests', 'hits', 'misses', 'hit ratio'],
    ...rows.map((row) => [
      row.policy,
      ...[row.size, row.requests, row.hits, row.misses].map(formatCount),
      `${(row.hitRatio * 100).toFixed(2)} %`,
    ]),
  ];
  const widths = cells[0]!.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)));
  const lines = cells.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  '),
  );
  const distinct = formatCount(trace.distinct);
  const note = `${distinct} different keys; caches start empty and count every request.`;
  return [paint.dim(lines[0]!), ...lines.slice(1), '', paint.dim(note)].join('\n');
}
