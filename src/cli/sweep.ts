/** `sweep`: one scenario, many seeds, over worker threads. */
import { ScenarioError, sometimesOf } from '../sim/index.ts';
import type { RunSpec, Session, SweepRow } from '../sim/index.ts';
import type { Action, Call } from './command.ts';
import { blame, tell } from './errors.ts';
import type { BrokenSeed } from './broken-seeds.ts';
import { brokenError, brokenSeed } from './broken-seeds.ts';
import type { ExitCode } from './exit.ts';
import { EXIT } from './exit.ts';
import type { Host } from './host.ts';
import { openSession } from './open-session.ts';
import { paintFor } from './paint.ts';
import type { SeedRange, Shard } from './parse.ts';
import { parseSeeds, parseShard, parseWhole } from './parse.ts';
import { Progress } from './progress.ts';
import { reproOf } from './repro.ts';
import { jsonSweep, textSweep } from './report/sweep.ts';
import type { SweepResult, SweepSetting } from './report/sweep.ts';
import { specOf } from './spec-of.ts';
import type { Subject } from './subject.ts';
import { loadSubject } from './subject.ts';
import { mergeShards } from './sweep-merge.ts';
import { runPool } from './sweep-pool.ts';
import { judged } from './sweep-judged.ts';

const SEEDS_DEFAULT = '1..100';
/** Each is a thread with a simulator of its own. */
const JOBS_MAX = 1_024;

export const sweep: Action = async (call) => {
  const { args, flags, host } = call;
  const files = flags.texts('merge');
  if (files.length > 0) {
    if (args.length === 0) return finish(mergeShards(files, host), call);
    throw new ScenarioError('--merge takes the results of shards and runs nothing.', {
      hint: `Leave ${args[0]} out: the results name their scenario.`,
    });
  }
  if (args[0] === undefined) {
    throw new ScenarioError('sweep needs <id|file>, or --merge with the results of shards.', {
      hint: `See ${host.invocation} sweep --help.`,
    });
  }
  const subject = await loadSubject(args[0], host);
  const range = parseSeeds(flags.text('seeds') ?? SEEDS_DEFAULT);
  const shardText = flags.text('shard');
  const shard = shardText === undefined ? null : parseShard(shardText);
  const jobs = parseWhole(
    flags.text('jobs') ?? String(Math.min(host.processors, JOBS_MAX)),
    '--jobs',
    1,
    JOBS_MAX,
  );
  const spec = specOf(subject, flags, range.first, host);
  return finish(await runSweep(spec, { subject, range, shard, jobs }, host), call);
};

/** The seeds of a shard: every n-th, so that each shard gets an even mix. */
export function seedsOf(range: SeedRange, shard: Shard | null): readonly number[] {
  const seeds: number[] = [];
  const step = shard?.count ?? 1;
  for (let seed = range.first + (shard?.index ?? 1) - 1; seed <= range.last; seed += step) {
    seeds.push(seed);
  }
  return seeds;
}

interface Sweeping {
  readonly subject: Subject;
  readonly range: SeedRange;
  readonly shard: Shard | null;
  readonly jobs: number;
}

async function runSweep(
  spec: RunSpec,
  { subject, range, shard, jobs }: Sweeping,
  host: Host,
): Promise<SweepResult> {
  // Built once here, so that what is wrong with the scenario is said before any worker starts.
  const probe = openSession(spec, subject, host);
  const seeds = seedsOf(range, shard);
  const rows: SweepRow[] = [];
  const broken: BrokenSeed[] = [];
  const progress = new Progress(host);
  const count = { done: 0, total: seeds.length, fail: 0, unknown: 0, events: 0 };
  const interrupt = interruptOf(host);
  try {
    await runPool({
      task: { spec: probe.spec, file: fileOf(subject) },
      seeds,
      jobs,
      stopped: interrupt.asked,
      onReady: () => progress.start(),
      onRow(row) {
        rows.push(row);
        count.done += 1;
        count.events += row.events;
        if (row.verdict !== 'pass') count[row.verdict] += 1;
        progress.show(count);
      },
      onBroken(seed, error) {
        const { command } = reproOf({ ...probe.spec, seed }, subject, probe, host);
        broken.push(brokenSeed(seed, blame(error, subject, command), command));
        count.done += 1;
        progress.show(count);
      },
    });
  } finally {
    interrupt.release();
    progress.clear();
  }
  const notRun = seeds.length - rows.length - broken.length;
  const interrupted = notRun > 0;
  const part = { rows, broken, notRun };
  const summary = judged(part, sometimesOf(probe.plan), shard === null);
  const first = summary.first;
  return {
    setting: settingOf(probe, range, shard),
    summary,
    ...part,
    interrupted,
    elapsedMillis: progress.elapsedMillis,
    repro:
      first === null
        ? null
        : reproOf({ ...probe.spec, seed: first.seed }, subject, probe, host, first.traceHash),
  };
}

function settingOf(probe: Session, range: SeedRange, shard: Shard | null): SweepSetting {
  const { spec, plan } = probe;
  return {
    scenario: 'id' in spec.scenario ? spec.scenario.id : plan.title,
    spec,
    sometimes: sometimesOf(plan),
    seeds: range,
    shard,
  };
}

const fileOf = (subject: Subject) =>
  subject.file === null ? null : { path: subject.file, target: subject.target };

function interruptOf(host: Host): { readonly asked: Promise<void>; readonly release: () => void } {
  let release: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    release = host.onInterrupt(resolve);
  });
  return { asked, release };
}

function finish(result: SweepResult, { flags, host }: Call): ExitCode {
  host.stdout.write(
    flags.on('json')
      ? jsonSweep(result, flags.on('rows'))
      : textSweep(result, paintFor(host.stdout, host.env)),
  );
  const error = brokenError(result.broken);
  const code = error === null ? EXIT[result.summary.verdict] : tell(error, host);
  if (!result.interrupted) return code;
  host.stderr.write('Interrupted: this is what was done so far.\n');
  return EXIT.interrupted;
}
