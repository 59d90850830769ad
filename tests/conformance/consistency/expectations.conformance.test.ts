/**
 * What 28 situations of consistency and availability must show, each asserted exactly: who may read
 * and write on each side, which acknowledged writes are lost, which anomaly appears and which does
 * not. The situations are scenarios of the catalogue; the rows say what their checks must tell, and
 * ask of the same run what the scenario leaves open.
 *
 * Invariant: a question changes nothing of the run, which has the hashes that are written down.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Session, makeSpec } from 'faultline';
import { catalogue } from '../../../scenarios/index.ts';
import type { Question, Row, Run } from './expectation.ts';
import { clusters } from './rows-clusters.ts';
import { partitions } from './rows-partitions.ts';
import { replicas } from './rows-replicas.ts';

const ROWS: readonly Row[] = [...partitions, ...replicas, ...clusters];
const SITUATIONS = 28;

const golden = JSON.parse(
  readFileSync(new URL('../../scenarios/golden-hashes.json', import.meta.url), 'utf8'),
) as Record<string, { readonly traceHash: string }>;
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function scenarioOf(id: string) {
  const scenario = catalogue.find((one) => one.id === id);
  if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
  return scenario;
}

interface Answered {
  readonly answers: ReadonlyMap<string, string>;
  readonly traceHash: string;
}

/** Rows that look at the same run share it: it is simulated once, with the questions of all. */
const sameRun = ({ scenario, variant, faults }: Run): string =>
  JSON.stringify([scenario, variant, faults ?? null]);
const question = ({ use, args }: Question): string => JSON.stringify([use, args ?? null]);

const RUNS = ROWS.flatMap(({ runs }) => runs);
const answered = new Map<string, Answered>();

function answersOf(run: Run): Answered {
  const name = sameRun(run);
  const known = answered.get(name) ?? simulated(run);
  answered.set(name, known);
  return known;
}

/** Verdict and words of each check, those of further questions under what they ask. */
function simulated(run: Run): Answered {
  const { scenario: id, variant, faults } = run;
  const scenario = scenarioOf(id);
  const scenarios = catalogue;
  const { plan } = new Session(makeSpec(scenario, { variant }), { scenarios });
  const alike = RUNS.filter((one) => sameRun(one) === sameRun(run));
  const asks = new Map(alike.flatMap((one) => one.asks ?? []).map((ask) => [question(ask), ask]));
  const further = [...asks.values()].map(({ use, args }, at) => ({
    id: `further-${at}`,
    use,
    ...(args === undefined ? {} : { args }),
    about: 'A further question.',
  }));
  const planOverride = {
    checks: [...plan.checks, ...further],
    ...(faults === undefined ? {} : { faults }),
  };
  const spec = makeSpec(scenario, { variant, planOverride });
  const { checks, findings, traceHash } = new Session(spec, { scenarios }).run();
  const names = new Map([...asks.keys()].map((name, at) => [`further-${at}`, name]));
  const answers = new Map<string, string>();
  for (const { check, result, why } of checks) {
    const whys = findings.filter((one) => one.check === check).map((one) => one.why);
    const said = result === 'fail' ? whys.join(' ') : why;
    const told = `${result} ${said.replace(/^As expected: /, '')}`;
    answers.set(names.get(check) ?? check, told);
  }
  return { answers, traceHash };
}

function expectAnswer(answer: string | undefined, told: string | RegExp, about: string): void {
  if (typeof told === 'string') expect(answer?.slice(0, told.length), about).toBe(told);
  else expect(answer, about).toMatch(told);
}

const titled = ROWS.map((row) => [`${row.number}. ${row.title}`, row] as const);

describe.each(titled)('%s', (_, { number, runs, lacks }) => {
  it.each(runs.map((run) => [run.says, run] as const))('%s', (__, run) => {
    const { answers, traceHash } = answersOf(run);
    for (const [check, told] of Object.entries(run.told ?? {})) {
      expectAnswer(answers.get(check), told, `${run.scenario} ${run.variant}: ${check}`);
    }
    for (const ask of run.asks ?? []) {
      const about = `${run.scenario} ${run.variant}: ${question(ask)}`;
      expectAnswer(answers.get(question(ask)), ask.told, about);
    }
    if (run.faults !== undefined) return;
    expect(traceHash).toBe(golden[`${run.scenario} ${run.variant} seed 1`]?.traceHash);
  });

  it('is in the table of the README, with its runs', () => {
    const line = readme.split('\n').find((one) => one.startsWith(`| ${number} |`)) ?? '';
    for (const { scenario, variant } of runs) {
      expect(line).toContain(`\`${scenario}\``);
      expect(line).toContain(variant);
    }
    if (lacks !== undefined) expect(line).toContain('nothing');
  });
});

it('each situation has its row', () => {
  expect(ROWS.map(({ number }) => number)).toEqual(
    Array.from({ length: SITUATIONS }, (_, at) => at + 1),
  );
  expect(ROWS.filter(({ runs, lacks }) => runs.length === 0 && lacks === undefined)).toEqual([]);
});
