/** Settings about something that nobody who is linked to the group asks it for. */
import { changesNothing } from '../contracts/needs.ts';
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { AnyBehaviour, Given } from '../node/behaviour.ts';
import type { GroupPlan } from './plan.ts';
import type { Registry } from './registry.ts';

/** What groups are asked for, by those that are linked to them. */
export interface Asked {
  /** By group; one that is not in it has nobody who is linked to it. */
  readonly known: ReadonlyMap<string, ReadonlySet<string>>;
  /** Groups that are asked by somebody of whom it is not known for what. */
  readonly open: ReadonlySet<string>;
}

/** Every link is there: that was checked before. */
export function askedOf(groups: Iterable<GroupPlan>, registry: Registry): Asked {
  const known = new Map<string, Set<string>>();
  const open = new Set<string>();
  for (const group of groups) {
    const usage = behaviourOf(group, registry).usage;
    const uses = usage?.uses(configOf(group, registry)) ?? [];
    for (const [role, name] of Object.entries(group.links ?? {})) {
      if (usage === undefined) open.add(name);
      const what = known.get(name) ?? new Set<string>();
      for (const use of uses) if (use.role === role) what.add(use.what);
      known.set(name, what);
    }
  }
  return { known, open };
}

export const isAsked = ({ known, open }: Asked, name: string, what: string): boolean =>
  open.has(name) || known.get(name)?.has(what) === true;

export function checkUsage(groups: ReadonlyMap<string, GroupPlan>, registry: Registry): void {
  const asked = askedOf(groups.values(), registry);
  for (const group of groups.values()) {
    checkFollowed(group, registry);
    checkWants(group, groups, registry, (name, what) => isAsked(asked, name, what));
    // Of one that nobody is linked to, all is said for nothing, or for a comparison.
    const what = asked.known.get(group.name);
    if (what === undefined) checkIdle(group, registry);
    if (what !== undefined && !asked.open.has(group.name)) checkOffers(group, registry, what);
  }
}

/** What nobody asks does nothing: who asks for it was forgotten, or it was. */
function checkIdle({ name, component, links = {} }: GroupPlan, registry: Registry): void {
  const idle = registry.components.get(component)?.usage?.idle;
  if (idle === undefined || idle.unless?.some((role) => links[role] !== undefined) === true) return;
  throw new ScenarioError(`Nobody asks "${name}" for anything: no group links to it.`, {
    path: `groups/${name}`,
    hint: `Link a group that asks it to the ${idle.noun}, or leave it out.`,
  });
}

function checkFollowed(group: GroupPlan, registry: Registry): void {
  const { usage } = behaviourOf(group, registry);
  const followed = usage?.follows?.(configOf(group, registry));
  if (followed === undefined) return;
  for (const role of Object.keys(group.links ?? {})) {
    if (followed.includes(role)) continue;
    throw changesNothing(
      `The link "${role}"`,
      'no step follows it',
      `groups/${group.name}/links/${role}`,
      `Write a step that does (to: ${role}, or in: ${role}), or leave the link out.`,
    );
  }
}

function checkWants(
  group: GroupPlan,
  groups: ReadonlyMap<string, GroupPlan>,
  registry: Registry,
  hasAsker: (name: string, what: string) => boolean,
): void {
  const { usage } = behaviourOf(group, registry);
  for (const { role, what, at, says, hint } of usage?.wants?.(configOf(group, registry)) ?? []) {
    const target = groups.get(group.links?.[role] ?? '');
    if (target === undefined || hasAsker(target.name, what)) continue;
    const own = behaviourOf(target, registry).usage;
    if (own?.has?.(configOf(target, registry)).includes(what) !== false) continue;
    const path = `groups/${group.name}/config/${at}`;
    throw new ScenarioError(says(target.name), { path, hint });
  }
}

function checkOffers(group: GroupPlan, registry: Registry, asked: ReadonlySet<string>): void {
  const given = (group.config ?? {}) as Given;
  const offers =
    behaviourOf(group, registry).usage?.offers?.(configOf(group, registry), given) ?? [];
  for (const { what, at, why, hint } of offers) {
    if (what.some((one) => asked.has(one))) continue;
    const name = at.slice(at.lastIndexOf('/') + 1);
    throw changesNothing(name, why, `groups/${group.name}/config/${at}`, hint);
  }
}

const behaviourOf = ({ component }: GroupPlan, registry: Registry): AnyBehaviour =>
  registry.components.get(component) as AnyBehaviour;

const configOf = (group: GroupPlan, registry: Registry): unknown =>
  validate(behaviourOf(group, registry).config, group.config ?? {}, `groups/${group.name}/config`);
