/**
 * From the flags of a command to a run specification.
 *
 * Names are checked here, where the nearest valid choice can be said in the words of the command
 * line; bounds are checked by the engine, for every host alike.
 */
import {
  cutAt,
  didYouMean,
  ENGINE,
  makeSpec,
  parseOrder,
  planHash,
  ScenarioError,
} from '../sim/index.ts';
import type { AnyScenario, RunSpec } from '../sim/index.ts';
import type { Flags } from './flags.ts';
import type { Host } from './host.ts';
import { parametersOf } from './list.ts';
import { openSession } from './open-session.ts';
import { parsePair, parseUntil, parseWhole, readParameter } from './parse.ts';
import type { Subject } from './subject.ts';

export const SEED_DEFAULT = 1;

/** What every command that runs something shares; the seed is apart, as a sweep has many. */
export function specOf(subject: Subject, flags: Flags, seed: number, host: Host): RunSpec {
  const order = parseOrder(flags.text('order') ?? 'fifo', '--order');
  const until = flags.has('until') ? flags.text('until') : undefined;
  const untilMs = until === undefined ? {} : { untilMs: parseUntil(until) / 1_000 };
  const ablations = flags.texts('off');
  const common = { seed, order, ablations, ...untilMs };
  if (subject.scenario === null) return documentSpec(subject, flags, common);
  const variant = flags.text('variant');
  const spec = makeSpec(subject.scenario, {
    ...common,
    params: paramsOf(subject.scenario, flags.texts('param')),
    ...(variant === undefined ? {} : { variant }),
  });
  return identified({ ...spec, ablations: [...new Set(spec.ablations)] }, subject, host);
}

/** A scenario file may change under its name, so its plan identifies it as well. */
function identified(spec: RunSpec, subject: Subject, host: Host): RunSpec {
  if (subject.file === null || subject.scenario === null) return spec;
  const { planOverride: _none, ...whole } = spec;
  const { plan } = openSession(whole, subject, host);
  return { ...spec, scenario: { id: subject.scenario.id, planHash: planHash(plan) } };
}

export function seedOf(flags: Flags): number {
  const text = flags.text('seed');
  return text === undefined ? SEED_DEFAULT : parseWhole(text, '--seed');
}

interface Common {
  readonly seed: number;
  readonly order: RunSpec['order'];
  readonly ablations: readonly string[];
  readonly untilMs?: number;
}

function documentSpec(subject: Subject, flags: Flags, common: Common): RunSpec {
  for (const flag of ['param', 'variant']) {
    if (!flags.on(flag)) continue;
    throw new ScenarioError(`${subject.target} is a document, so it has no ${flag}.`, {
      hint: 'Change the document itself, or write the scenario as a TypeScript file.',
    });
  }
  const { seed, order, ablations, untilMs } = common;
  return {
    engine: ENGINE,
    scenario: { document: subject.document! },
    params: {},
    seed,
    order,
    ablations: [...new Set(ablations)],
    limits: untilMs === undefined ? {} : cutAt(untilMs),
    interventions: [],
  };
}

function paramsOf(scenario: AnyScenario, pairs: readonly string[]): Record<string, unknown> {
  const shapes = new Map(parametersOf(scenario));
  const params = new Map<string, unknown>();
  for (const pair of pairs) {
    const [name, text] = parsePair(pair);
    const shape = shapes.get(name);
    if (shape === undefined) {
      const names = [...shapes.keys()];
      throw new ScenarioError(`${scenario.id} has no parameter "${name}".`, {
        path: `params/${name}`,
        hint: names.length === 0 ? 'It has no parameters at all.' : didYouMean(name, names),
      });
    }
    params.set(name, readParameter(name, text, shape));
  }
  return Object.fromEntries(params);
}
