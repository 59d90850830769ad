/**
 * `sweep --merge`: the common result of shards that ran elsewhere.
 *
 * Invariant: merging the shards of a sweep gives the counts, seeds, coverage and sweepHash of the
 * sweep run at once, because all of them are computed from the rows again.
 */
import { encodeLink, ScenarioError } from '../sim/index.ts';
import type { RunSpec, SweepRow } from '../sim/index.ts';
import type { BrokenSeed } from './broken-seeds.ts';
import type { Host } from './host.ts';
import { shellWord } from './format.ts';
import type { Shard } from './parse.ts';
import type { SweepResult, SweepSetting } from './report/sweep.ts';
import { baseUrl } from './repro.ts';
import { readText } from './subject.ts';
import { judged } from './sweep-judged.ts';
import { resolve } from 'node:path';

interface ShardFile extends SweepSetting {
  readonly rows: readonly SweepRow[];
  /** Written where a run threw. */
  readonly broken?: readonly Pick<BrokenSeed, 'seed' | 'why'>[];
  readonly interrupted: boolean;
  readonly elapsedMillis: number;
}

export function mergeShards(files: readonly string[], host: Host): SweepResult {
  const shards = files.map((file) => readShard(file, host));
  const head = shards[0]!;
  shards.forEach((shard, at) => {
    if (settingKey(shard) === settingKey(head)) return;
    throw new ScenarioError(`${files[at]} is of another sweep than ${files[0]}.`, {
      hint: 'Shards merge where scenario, parameters, rules, seeds and engine are the same.',
    });
  });
  const rows = shards.flatMap((shard) => shard.rows);
  const broken = shards
    .flatMap((shard) => shard.broken ?? [])
    .map(({ seed, why }) => ({ seed, why, error: null }));
  const notRun = head.seeds.last - head.seeds.first + 1 - rows.length - broken.length;
  const part = { rows, broken, notRun };
  const summary = judged(part, head.sometimes, true);
  const { first } = summary;
  return {
    setting: { ...head, shard: notRun > 0 ? partOf(shards) : null },
    summary,
    ...part,
    interrupted: shards.some((shard) => shard.interrupted),
    elapsedMillis: shards.reduce((sum, shard) => sum + shard.elapsedMillis, 0),
    repro: first === null ? null : reproOf({ ...head.spec, seed: first.seed }, first, host),
  };
}

/** One shard alone keeps its name; several that leave seeds out are neither shard nor whole. */
function partOf(shards: readonly ShardFile[]): Shard | null {
  return shards.length === 1 ? shards[0]!.shard : null;
}

function reproOf(spec: RunSpec, row: SweepRow, host: Host) {
  const link = baseUrl(host) + encodeLink(spec, { traceHash: row.traceHash });
  return { command: `${host.invocation} replay ${shellWord(link)}`, link };
}

function settingKey(shard: ShardFile): string {
  const { seed: _seed, ...spec } = shard.spec;
  return JSON.stringify([shard.scenario, spec, shard.seeds, shard.shard?.count ?? 1]);
}

function readShard(file: string, host: Host): ShardFile {
  const text = readText(resolve(host.cwd, file), file);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new ScenarioError(`${file} is not the JSON of a sweep.`, {
      hint: 'Write it with sweep ... --json --rows > FILE.',
    });
  }
  const shard = data as Partial<ShardFile> | null;
  if (typeof shard !== 'object' || shard === null || !isSetting(shard)) {
    throw new ScenarioError(`${file} is not the result of a sweep.`, {
      hint: 'Write it with sweep ... --json --rows > FILE.',
    });
  }
  if (!Array.isArray(shard.rows) || !shard.rows.every(isRow)) {
    throw new ScenarioError(`${file} has no rows to merge.`, {
      hint: 'Write each shard with --json --rows.',
    });
  }
  return shard as ShardFile;
}

function isSetting(value: Partial<ShardFile>): boolean {
  return (
    typeof value.scenario === 'string' &&
    typeof value.spec === 'object' &&
    Array.isArray(value.sometimes) &&
    (value.broken === undefined || Array.isArray(value.broken)) &&
    typeof value.elapsedMillis === 'number' &&
    Number.isSafeInteger(value.seeds?.first) &&
    Number.isSafeInteger(value.seeds?.last)
  );
}

function isRow(value: unknown): boolean {
  const row = value as Partial<SweepRow> | null;
  return (
    typeof row === 'object' &&
    row !== null &&
    Number.isSafeInteger(row.seed) &&
    (row.verdict === 'pass' || row.verdict === 'fail' || row.verdict === 'unknown') &&
    /^[0-9a-f]{16}$/.test(row.traceHash ?? '') &&
    Number.isSafeInteger(row.events) &&
    Array.isArray(row.missed) &&
    Array.isArray(row.reached)
  );
}
