/** Runs of the catalogue, their checks, and further questions that change nothing of them. */
import { expect } from 'vitest';
import { Session, makeSpec } from 'faultline';
import { catalogue } from '../../../scenarios/index.ts';
import type { Question, Run } from './expectation.ts';

function scenarioOf(id: string) {
  const scenario = catalogue.find((one) => one.id === id);
  if (scenario === undefined) throw new Error(`there is no scenario ${id}`);
  return scenario;
}

export interface Answered {
  readonly answers: ReadonlyMap<string, string>;
  readonly traceHash: string;
}

/** Rows that look at the same run share it: it is simulated once, with the questions of all. */
const sameRun = ({ scenario, variant, faults }: Run): string =>
  JSON.stringify([scenario, variant, faults ?? null]);
const question = ({ use, args }: Question): string => JSON.stringify([use, args ?? null]);

/** Verdict and words of each check, those of further questions under what they ask. */
function simulated(run: Run, runs: readonly Run[]): Answered {
  const { scenario: id, variant, faults } = run;
  const scenario = scenarioOf(id);
  const scenarios = catalogue;
  const { plan } = new Session(makeSpec(scenario, { variant }), { scenarios });
  const alike = runs.filter((one) => sameRun(one) === sameRun(run));
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

/** Each run is simulated once, with the questions of all of these that look at it. */
export function askingOf(runs: readonly Run[]): (run: Run) => Answered {
  const answered = new Map<string, Answered>();
  return (run) => {
    const name = sameRun(run);
    const known = answered.get(name) ?? simulated(run, runs);
    answered.set(name, known);
    return known;
  };
}

function expectAnswer(answer: string | undefined, told: string | RegExp, about: string): void {
  if (typeof told === 'string') expect(answer?.slice(0, told.length), about).toBe(told);
  else expect(answer, about).toMatch(told);
}

/** What the table says of a run: of its checks, and of the further questions. */
export function expectTold(run: Run, answers: Answered['answers']): void {
  for (const [check, told] of Object.entries(run.told ?? {})) {
    expectAnswer(answers.get(check), told, `${run.scenario} ${run.variant}: ${check}`);
  }
  for (const ask of run.asks ?? []) {
    const about = `${run.scenario} ${run.variant}: ${question(ask)}`;
    expectAnswer(answers.get(question(ask)), ask.told, about);
  }
}
