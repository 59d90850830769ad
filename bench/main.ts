/**
 * `npm run -s bench`: flags.ts has its options, `-- --help` prints them.
 *
 * Runs the benchmarks and prints a table, or one JSON value. Exit code 1 when something is wrong
 * (event orders that differ), and with --check also when a goal is missed; 3 for a bad flag.
 */
import { cpus } from 'node:os';
import { sentence } from '../src/cli/errors.ts';
import { ScenarioError } from '../src/sim/index.ts';
import type { Benchmark, Result } from './benchmark.ts';
import { readWords } from './flags.ts';
import { buildReference } from './reference.ts';

async function main(): Promise<number> {
  const flags = readWords(process.argv.slice(2), process.stdout.columns ?? 100);
  if (typeof flags === 'string') {
    process.stdout.write(flags);
    return 0;
  }
  const reference = buildReference();
  const tell = (line: string) => process.stderr.write(`${line}\n`);
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    compiler: reference?.compiler ?? null,
  };
  if (reference === null) {
    tell('No C++ compiler was found (CXX, g++, clang++, c++): running without the reference.');
  }
  const results: { benchmark: Benchmark; result: Result }[] = [];
  for (const benchmark of flags.chosen) {
    const progress = process.stderr.isTTY ? tell : () => undefined;
    const result = await benchmark.run({ rounds: flags.rounds, reference, progress });
    results.push({ benchmark, result });
    if (!flags.json) process.stdout.write(textOf(benchmark, result));
  }
  const faults = results.flatMap(({ result }) => result.faults);
  const goals = results.flatMap(({ result }) => result.rows.flatMap((row) => row.goals));
  const missed = goals.filter(({ met }) => !met).length;
  if (flags.json) {
    const list = results.map(({ benchmark: { name, summary }, result }) => {
      return { name, summary, ...result };
    });
    const goalsMet = goals.length - missed;
    const report = { machine, rounds: flags.rounds, goalsMet, goalsMissed: missed };
    process.stdout.write(`${JSON.stringify({ ...report, benchmarks: list }, null, 2)}\n`);
  } else {
    const { node, cpu, cores, compiler } = machine;
    const with_ = compiler === null ? '' : `, ${compiler}`;
    process.stdout.write(`\nNode ${node}, ${cpu}, ${cores} cores${with_}\n`);
    process.stdout.write(`${goals.length - missed} of ${goals.length} goals met\n`);
  }
  for (const fault of faults) tell(fault);
  return faults.length > 0 || (flags.check && missed > 0) ? 1 : 0;
}

function textOf({ name, summary }: Benchmark, { rows, notes = [] }: Result): string {
  const lines = [`\n${name}: ${summary}`];
  for (const { label, values, goals } of rows) {
    const cells = Object.entries(values).map(([key, value]) => `${key} ${format(value)}`);
    const verdicts = goals.map(
      ({ value, atMost, met }) => `${value} <= ${atMost}: ${met ? 'met' : 'MISSED'}`,
    );
    lines.push(`  ${label.padStart(10)}  ${[...cells, ...verdicts].join('   ')}`);
  }
  for (const note of notes) lines.push(`  ${note}`);
  return `${lines.join('\n')}\n`;
}

function format(value: number | string): string {
  if (typeof value === 'string') return value;
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof ScenarioError)) throw error;
  process.stderr.write(`error: ${sentence(error)}\n`);
  process.exitCode = 3;
}
