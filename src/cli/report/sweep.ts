/** The result of a sweep, as text for people and as JSON for programs and for merging. */
import type { Coverage, RunSpec, SweepSummary } from '../../sim/index.ts';
import { formatCount, formatMicros, formatShort, formatWallMillis, plural } from '../format.ts';
import type { Paint } from '../paint.ts';
import type { SeedRange, Shard } from '../parse.ts';
import type { Repro } from '../repro.ts';
import type { SweepPart } from '../sweep-judged.ts';
import { columns, labelled, paragraph } from './lines.ts';
import { modifiedText } from './text.ts';

/** What was swept: shards merge only where this is the same but for the shard. */
export interface SweepSetting {
  readonly scenario: string;
  /** Of every run but for the seed. */
  readonly spec: RunSpec;
  readonly sometimes: readonly Pick<Coverage, 'check' | 'scope'>[];
  readonly seeds: SeedRange;
  /** Null: all seeds, whether run at once or merged. */
  readonly shard: Shard | null;
}

export interface SweepResult extends SweepPart {
  readonly setting: SweepSetting;
  readonly summary: SweepSummary;
  readonly interrupted: boolean;
  /** Wall time since the first run began; of merged shards the sum of theirs. */
  readonly elapsedMillis: number;
  /** Of the first run that did not pass. */
  readonly repro: Repro | null;
}

export function jsonSweep(result: SweepResult, withRows: boolean): string {
  const { setting, summary } = result;
  const { first } = summary;
  const json = {
    scenario: setting.scenario,
    params: setting.spec.params,
    modified: setting.spec.ablations,
    verdict: summary.verdict,
    runs: summary.runs,
    pass: summary.pass,
    fail: summary.fail,
    unknown: summary.unknown,
    notRun: result.notRun,
    broken: bySeed(result.broken).map(({ seed, why }) => ({ seed, why })),
    failingSeeds: summary.failingSeeds,
    unknownSeeds: summary.unknownSeeds,
    sweepHash: summary.sweepHash,
    eventsPerSecond: rate(summary.events, result.elapsedMillis),
    events: summary.events,
    elapsedMillis: Math.round(result.elapsedMillis),
    coverage: summary.coverage,
    unreached: summary.unreached,
    missed: summary.missed,
    first:
      first === null
        ? null
        : { seed: first.seed, verdict: first.verdict, missed: first.missed, repro: result.repro },
    interrupted: result.interrupted,
    seeds: setting.seeds,
    shard: setting.shard,
    spec: setting.spec,
    sometimes: setting.sometimes,
    ...(withRows ? { rows: bySeed(result.rows) } : {}),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

const bySeed = <T extends { readonly seed: number }>(list: readonly T[]): readonly T[] =>
  [...list].sort((a, b) => a.seed - b.seed);

const rate = (events: number, millis: number): number =>
  Math.round((events * 1_000) / Math.max(millis, 1));

export function textSweep(result: SweepResult, paint: Paint): string {
  const blocks = [heading(result, paint), coverageBlock(result.summary, paint)];
  blocks.push(
    missedBlock(result.summary, paint),
    firstBlock(result, paint),
    rateBlock(result, paint),
  );
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function heading(
  { setting, summary, interrupted, notRun, broken }: SweepResult,
  paint: Paint,
): string {
  const verdict = paint.verdict(summary.verdict, summary.verdict.toUpperCase());
  const { first, last } = setting.seeds;
  const shard =
    setting.shard === null ? '' : `, shard ${setting.shard.index}/${setting.shard.count}`;
  const gap = notRun > 0 ? `, ${plural(notRun, 'seed')} not run` : '';
  const part = interrupted ? `, interrupted${gap}` : gap;
  const counts = [
    plural(summary.runs, 'run'),
    `${formatCount(summary.pass)} pass`,
    counted(summary.fail, 'fail', paint),
    counted(summary.unknown, 'unknown', paint),
    ...(broken.length > 0 ? [paint.verdict('fail', `${plural(broken.length, 'seed')} threw`)] : []),
  ];
  const seeds = paint.dim(` · seeds ${first}..${last}${shard}${part}`);
  const lines = [
    `${verdict}  ${paint.bold(setting.scenario)}${seeds}`,
    labelled('runs', counts.join(', '), paint),
  ];
  if (setting.spec.ablations.length > 0) {
    lines.push(labelled('modified', modifiedText(setting.spec.ablations), paint));
  }
  if (summary.fail > 0) lines.push(labelled('failing', seedList(summary.failingSeeds), paint));
  if (summary.unknown > 0) lines.push(labelled('unknown', seedList(summary.unknownSeeds), paint));
  if (broken.length > 0) {
    const seeds = bySeed(broken).map((one) => one.seed);
    lines.push(labelled('threw', seedList(seeds), paint));
  }
  return lines.join('\n');
}

function counted(count: number, verdict: 'fail' | 'unknown', paint: Paint): string {
  const text = `${formatCount(count)} ${verdict}`;
  return count === 0 ? text : paint.verdict(verdict, text);
}

const SEEDS_SHOWN = 20;

function seedList(seeds: readonly number[]): string {
  const shown = `seeds ${seeds.slice(0, SEEDS_SHOWN).join(' ')}`;
  const more = seeds.length - SEEDS_SHOWN;
  return more <= 0 ? shown : `${shown} and ${formatCount(more)} more (all with --json)`;
}

function coverageBlock(summary: SweepSummary, paint: Paint): string {
  if (summary.coverage.length === 0) return '';
  const rows = summary.coverage.map((one) => {
    const text = `${formatCount(one.reached)} of ${formatCount(one.runs)}`;
    const missing = one.scope === 'sweep' && one.reached === 0;
    return [
      { text: one.check },
      { text, shown: missing ? paint.verdict('fail', text) : text },
      { text: missing ? 'no run of this sweep reached it' : '' },
    ];
  });
  return labelled('reached', columns(rows), paint);
}

function missedBlock(summary: SweepSummary, paint: Paint): string {
  if (summary.missed.length === 0) return '';
  const rows = summary.missed.map((one) => [
    { text: one.check },
    {
      text: [
        one.fail > 0 ? `${formatCount(one.fail)} fail` : '',
        one.unknown > 0 ? `${formatCount(one.unknown)} unknown` : '',
      ]
        .filter((word) => word !== '')
        .join(', '),
    },
  ]);
  return labelled('checks', columns(rows), paint);
}

function firstBlock({ summary, repro }: SweepResult, paint: Paint): string {
  const { first } = summary;
  if (first === null) return '';
  const lines = [`  ${paint.verdict(first.verdict, `seed ${first.seed}`)}`];
  for (const missed of first.missed.slice(0, 3)) {
    const at = missed.atMicros === null ? '' : ` at ${formatMicros(missed.atMicros)}`;
    lines.push(`    ${paint.bold(missed.check)}${at}`, paragraph(missed.why, 6));
  }
  if (repro !== null) {
    lines.push(labelled('repeat', repro.command, paint), labelled('watch', repro.link, paint));
  }
  return lines.join('\n');
}

function rateBlock({ summary, elapsedMillis }: SweepResult, paint: Paint): string {
  const events = `${plural(summary.events, 'event')} in ${formatWallMillis(elapsedMillis)}`;
  const speed = `${events}, ${formatShort(rate(summary.events, elapsedMillis))} events/s`;
  return [labelled('speed', speed, paint), labelled('hash', summary.sweepHash, paint)].join('\n');
}
