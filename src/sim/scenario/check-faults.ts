/**
 * The fault plan before it runs: what breaks is there, has a time, and can make a difference. A
 * fault that never strikes would show a system that survives it.
 */
import type { Fault, FaultEntry } from '../faults/fault.ts';
import { checkFault } from '../faults/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { checkDistribution } from '../policies/distribution-schema.ts';
import { meanMs } from '../policies/distribution.ts';
import type { SelectorNames } from '../world/selector-schema.ts';
import { checkEffect, checkMembers, checkTalk } from './check-effect.ts';
import { checkArgs, checkNamed } from './check-names.ts';
import type { Names } from './check-names.ts';
import type { Plan } from './plan.ts';
import type { Registry } from './registry.ts';

/** Beyond this a run would do little else than break and mend. */
const STRIKES_MAX = 100_000;

export function checkFaults(plan: Plan, registry: Registry, names: Names & SelectorNames): void {
  const ids = new Set<string>();
  plan.faults.forEach((entry, i) => {
    const path = `faults/${i}`;
    checkFault(entry.fault, `${path}/fault`, names);
    const whens = [entry.atMs, entry.every, entry.when].filter((w) => w !== undefined);
    if (whens.length !== 1) {
      throw new ScenarioError('A fault needs exactly one of atMs, every and when.', { path });
    }
    if (entry.id !== undefined && ids.has(entry.id)) {
      throw new ScenarioError(`There are two faults "${entry.id}".`, { path });
    }
    if (entry.id !== undefined) ids.add(entry.id);
    checkTimes(entry, path, plan);
    if (entry.when === undefined) return;
    checkPredicate(entry.when.use, entry.when.args, `${path}/when`, registry, names);
  });
}

/** It strikes before everything is undone, and not without end. */
function checkTimes({ atMs, every }: FaultEntry, path: string, plan: Plan): void {
  const { healAtMs = Infinity, durationMs } = plan;
  if (every !== undefined) {
    checkDistribution(every.interval, `${path}/every/interval`, 0);
    const { fromMs = 0, untilMs = Infinity } = every;
    if (untilMs <= fromMs) {
      throw new ScenarioError(`The fault ends at ${untilMs} ms, before it begins.`, {
        path: `${path}/every/untilMs`,
        hint: `fromMs is ${fromMs}.`,
      });
    }
    checkHealed(fromMs, `${path}/every/fromMs`, healAtMs);
    const lastsMs = Math.min(untilMs, healAtMs, durationMs) - fromMs;
    const strikes = lastsMs / (meanMs(every.interval) ?? Infinity);
    if (!(strikes > STRIKES_MAX)) return;
    throw new ScenarioError(`The fault would strike more than ${STRIKES_MAX} times.`, {
      path: `${path}/every/interval`,
      hint: `Give it a mean of at least ${Math.ceil((lastsMs * 1_000) / STRIKES_MAX) / 1_000} ms.`,
    });
  }
  if (atMs !== undefined) checkHealed(atMs, `${path}/atMs`, healAtMs);
}

function checkHealed(fromMs: number, path: string, healAtMs: number): void {
  if (fromMs < healAtMs) return;
  throw new ScenarioError('The fault never strikes: everything is undone by then.', {
    path,
    hint: `healAtMs is ${healAtMs}.`,
  });
}

/** Of a document: each of its faults comes before the end, and there is somebody that it hits. */
export function checkBite(plan: Plan, registry: Registry): void {
  plan.faults.forEach(({ atMs = 0, fault }, i) => {
    const path = `faults/${i}`;
    if (atMs > plan.durationMs) {
      throw new ScenarioError(`This fault strikes after the end of the run.`, {
        path: `${path}/atMs`,
        hint: `durationMs is ${plan.durationMs}.`,
      });
    }
    checkSelects(fault, `${path}/fault`);
    checkDisks(fault, `${path}/fault/target`, plan, registry);
    checkEffect(fault, `${path}/fault`);
    checkMembers(fault, `${path}/fault`, plan);
    checkTalk(fault, `${path}/fault`, plan, registry);
  });
}

function checkSelects(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value) && value.length === 0) {
    throw new ScenarioError(`${path} selects nothing: the list is empty.`, {
      path,
      hint: 'Name a node or a group, or leave the fault out.',
    });
  }
  for (const [name, part] of Object.entries(value)) checkSelects(part, `${path}/${name}`);
}

/** A disk that breaks has somebody who keeps something on it. */
function checkDisks(fault: Fault, path: string, plan: Plan, registry: Registry): void {
  if (fault.type !== 'slow-disk' && fault.type !== 'fsync-off') return;
  const { target } = fault;
  const group = plan.groups.find(({ name }) => name === target);
  if (group === undefined) return;
  if (registry.components.get(group.component)?.durable !== undefined) return;
  throw new ScenarioError(`The fault changes nothing: ${group.component} keeps nothing on disk.`, {
    path,
    hint: 'Name a group that does, or leave the fault out.',
  });
}

export function checkPredicate(
  use: string,
  args: unknown,
  path: string,
  registry: Registry,
  names: Names,
): void {
  const predicate = registry.predicates.get(use);
  if (predicate === undefined) return checkNamed('predicate', use, `${path}/use`, names);
  checkArgs(predicate.args, args, `${path}/args`, names);
}
