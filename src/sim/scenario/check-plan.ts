/**
 * Everything about a plan that can be wrong before it runs, told in one sentence each: names that
 * do not exist, links between parts that share no contract, times that make no sense.
 */
import { checkDepth, checkReserved } from '../contracts/check-depth.ts';
import { checkNames, validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { LONGEST_MS } from '../kernel/time.ts';
import { SCHEDULINGS } from '../node/scheduling/index.ts';
import { checkSelector } from '../world/selector-schema.ts';
import type { SelectorNames } from '../world/selector-schema.ts';
import { checkCycles } from './check-cycles.ts';
import { checkFaults, checkPredicate } from './check-faults.ts';
import { checkLinks, checkOwn } from './check-links.ts';
import { checkArgs } from './check-names.ts';
import type { Names } from './check-names.ts';
import { checkRoutes } from './check-routes.ts';
import { checkSilence } from './check-silence.ts';
import { checkUsage } from './check-usage.ts';
import { checkWithinRun } from './check-within-run.ts';
import { checkLimits, checkMachine, checkNetwork, placesOf } from './check-words.ts';
import { withNames } from './named-paths.ts';
import type { GroupPlan, Plan, StoryStep } from './plan.ts';
import { planSchema } from './plan-schema.ts';
import { plannedRun } from './planned-run.ts';
import type { Registry } from './registry.ts';

/** A group's name: it becomes part of node names, so it starts with a letter. */
const GROUP_NAME = /^[a-z][a-z-]*$/;
export const NODES_MAX = 10_000;

/** `off`: rules that the run switches off; null where that is not known yet. */
export function checkPlan(
  plan: Plan,
  registry: Registry,
  off: readonly string[] | null = [],
): void {
  checkDepth(plan, '');
  withNames(plan, () => {
    checkReserved(plan, '');
    checkNames(planSchema, plan, '');
  });
  checkDuration(plan);
  // A file with code may leave out what its types demand.
  for (const name of ['groups', 'faults', 'checks', 'story'] as const) {
    if (Array.isArray(plan[name])) continue;
    throw new ScenarioError(`A plan needs ${name}: a list, which may be empty.`, { path: name });
  }
  if (plan.groups.length === 0) {
    throw new ScenarioError('A plan needs at least one group of nodes.', { path: 'groups' });
  }
  const groups = new Map<string, GroupPlan>();
  let nodes = 0;
  for (const group of plan.groups) {
    checkGroup(group, registry);
    if (groups.has(group.name)) {
      throw new ScenarioError(`There are two groups "${group.name}".`, {
        path: `groups/${group.name}`,
        hint: 'Give one of them another name.',
      });
    }
    groups.set(group.name, group);
    nodes += group.count;
  }
  if (nodes > NODES_MAX) {
    throw new ScenarioError(`A plan may have ${NODES_MAX} nodes, not ${nodes}.`, {
      path: 'groups',
    });
  }
  const unplaced: Names & SelectorNames = {
    group: [...groups.keys()],
    role: rolesOf(plan, registry),
    count: new Map([...groups.values()].map(({ name, count }) => [name, count])),
    fact: [...registry.facts.keys()],
    predicate: [...registry.predicates.keys()],
  };
  checkNetwork(plan, unplaced);
  const names = { ...unplaced, zone: placesOf(plan).zones };
  for (const group of plan.groups) {
    checkMachine(group, plan, registry.components.get(group.component)?.durable !== undefined);
    checkLinks(group, groups, registry);
    checkWithinRun(group, plan, registry);
  }
  checkCycles(groups, registry);
  for (const group of plan.groups) checkOwn(group, groups, registry, plan, off);
  checkRoutes(groups, registry);
  checkUsage(groups, registry);
  checkSilence(plan, registry);
  checkHealing(plan);
  checkFaults(plan, registry, names);
  checkChecks(plan, registry, names);
  plan.story.forEach((step, i) => checkStep(step, `story/${i}`, plan, registry, names));
  checkLimits(plan);
}

function checkDuration(plan: Plan): void {
  if (!(plan.durationMs > 0)) {
    throw new ScenarioError('durationMs must be more than 0.', {
      path: 'durationMs',
      hint: 'How long the run lasts.',
    });
  }
  if (plan.durationMs > LONGEST_MS) {
    const most = `durationMs must be at most ${LONGEST_MS} ms, not ${plan.durationMs}.`;
    throw new ScenarioError(most, { path: 'durationMs', hint: 'How long the run lasts.' });
  }
}

function checkHealing({ healAtMs, durationMs }: Plan): void {
  if (healAtMs !== undefined && !(healAtMs >= 0)) {
    throw new ScenarioError('healAtMs must be at least 0.', { path: 'healAtMs' });
  }
  if (healAtMs !== undefined && healAtMs > durationMs) {
    throw new ScenarioError('The run is over before everything is undone.', {
      path: 'healAtMs',
      hint: `durationMs is ${durationMs}: heal before, or leave healAtMs out.`,
    });
  }
}

/** The roles that the nodes of a plan can play. */
function rolesOf(plan: Plan, registry: Registry): readonly string[] {
  const roles = new Set<string>();
  for (const { component } of plan.groups) {
    const names = registry.components.get(component)?.roleNames ?? {};
    for (const role of Object.keys(names)) roles.add(role);
  }
  return [...roles];
}

function checkGroup(group: GroupPlan, registry: Registry): void {
  const path = `groups/${group.name}`;
  if (!GROUP_NAME.test(group.name)) {
    throw new ScenarioError(`"${group.name}" cannot name a group.`, {
      path,
      hint: 'Use small letters and hyphens, beginning with a letter.',
    });
  }
  if (!Number.isInteger(group.count) || group.count < 1) {
    const given = String(group.count);
    throw new ScenarioError(`${path}/count must be a whole number of at least 1, not ${given}.`, {
      path: `${path}/count`,
      hint: 'How many nodes.',
    });
  }
  const behaviour = registry.components.get(group.component);
  if (behaviour === undefined) {
    throw new ScenarioError(`There is no component "${group.component}".`, {
      path: `${path}/component`,
      hint: didYouMean(group.component, [...registry.components.keys()]),
    });
  }
  const { countMax = NODES_MAX } = behaviour;
  if (group.count > countMax && countMax === 1) {
    throw new ScenarioError(`${group.component} is one node, and the group has ${group.count}.`, {
      path: `${path}/count`,
      hint: 'Write count: 1. The others would be asked for nothing.',
    });
  }
  if (group.count > countMax) {
    throw new ScenarioError(
      `A group of ${group.component} may have ${countMax} members, not ${group.count}.`,
      {
        path: `${path}/count`,
        hint:
          countMax < NODES_MAX
            ? 'Each member keeps something for every other.'
            : 'That is as many as a run may have nodes.',
      },
    );
  }
  checkScheduling(group, path);
  validate(behaviour.config, group.config ?? {}, `${path}/config`);
}

function checkScheduling({ scheduling }: GroupPlan, path: string): void {
  if (scheduling === undefined || SCHEDULINGS.includes(scheduling)) return;
  const given = String(scheduling as unknown);
  throw new ScenarioError(`There is no scheduling "${given}".`, {
    path: `${path}/scheduling`,
    hint: didYouMean(given, SCHEDULINGS),
  });
}

function checkChecks(plan: Plan, registry: Registry, names: Names): void {
  const ids = new Set<string>();
  const run = plannedRun(plan, registry);
  for (const check of plan.checks) {
    const path = `checks/${check.id}`;
    if (ids.has(check.id)) {
      throw new ScenarioError(`There are two checks "${check.id}".`, { path });
    }
    ids.add(check.id);
    const definition = registry.checks.get(check.use);
    if (definition === undefined) {
      throw new ScenarioError(`There is no check "${check.use}".`, {
        path: `${path}/use`,
        hint: didYouMean(check.use, [...registry.checks.keys()]),
      });
    }
    const args = checkArgs(definition.args, check.args, `${path}/args`, names);
    definition.check?.(args as never, `${path}/args`, run);
    const { predicate, with: own } = args as {
      readonly predicate?: string;
      readonly with?: object;
    };
    const found = registry.predicates.get(predicate ?? '');
    if (found !== undefined) checkArgs(found.args, own, `${path}/args/with`, names);
  }
}

function checkStep(
  step: StoryStep,
  path: string,
  plan: Plan,
  registry: Registry,
  names: Names & SelectorNames,
): void {
  const { at, predict, check } = step;
  const when = (at as { readonly when?: unknown } | null)?.when;
  const ms = (at as { readonly ms?: unknown } | null)?.ms;
  if (typeof when === 'string') {
    checkPredicate(when, (at as { readonly args?: unknown }).args, `${path}/at`, registry, names);
  } else if (!(typeof ms === 'number' && ms >= 0)) {
    throw new ScenarioError(`${path}/at must be { ms } or { when }.`, { path: `${path}/at` });
  } else if (ms > plan.durationMs) {
    throw new ScenarioError('The run is over before this step of the story is told.', {
      path: `${path}/at/ms`,
      hint: `durationMs is ${plan.durationMs}: tell of an earlier moment.`,
    });
  }
  (step.focus ?? []).forEach((one, i) => checkSelector(one, `${path}/focus/${i}`, names));
  if (predict !== undefined && predict.options?.[predict.answer] === undefined) {
    throw new ScenarioError(`${path}/predict has no option ${predict.answer}.`, {
      path: `${path}/predict/answer`,
      hint: 'The answer is the place of an option, counted from 0.',
    });
  }
  const ids = plan.checks.map(({ id }) => id);
  if (check === undefined || ids.includes(check)) return;
  throw new ScenarioError(`The story names a check "${check}" that is not there.`, {
    path: `${path}/check`,
    hint: didYouMean(check, ids),
  });
}
