/**
 * Routes that nobody answers: each request for one would be refused, for as long as the run lasts.
 * And routes that nobody asks for: beside steps for all others a misspelt one would never be told.
 * A route is followed from whoever asks for it through all who pass it on.
 */
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { nearestAndAll } from '../kernel/nearest.ts';
import type { AnyBehaviour } from '../node/behaviour.ts';
import type { GroupPlan } from './plan.ts';
import type { Registry } from './registry.ts';

interface Station {
  readonly group: GroupPlan;
  readonly behaviour: AnyBehaviour;
  readonly config: unknown;
}

/** Calls go in no circle, and every link is there: that was checked before. */
export function checkRoutes(groups: ReadonlyMap<string, GroupPlan>, registry: Registry): void {
  const stations = new Map<string, Station>();
  for (const group of groups.values()) {
    const behaviour = registry.components.get(group.component) as AnyBehaviour;
    if (behaviour.routing === undefined) continue;
    const config = validate(behaviour.config, group.config ?? {}, `groups/${group.name}/config`);
    stations.set(group.name, { group, behaviour, config });
  }
  const seen = new Set<string>();
  for (const station of stations.values()) follow(station, null, '', stations, seen);
  checkAsked(stations, seen, reached(groups, stations));
}

interface Reached {
  /** Groups that somebody links to. */
  readonly linked: ReadonlySet<string>;
  /** Those that may be asked for anything: by a component that does not say for what it asks. */
  readonly open: ReadonlySet<string>;
}

function reached(
  groups: ReadonlyMap<string, GroupPlan>,
  stations: ReadonlyMap<string, Station>,
): Reached {
  const linked = new Set([...groups.values()].flatMap(({ links = {} }) => Object.values(links)));
  const silent = [...groups.values()].filter(({ name }) => !stations.has(name));
  const open = new Set(silent.flatMap(({ links = {} }) => Object.values(links)));
  // Grows while it is gone through: what may be asked for anything may pass anything on.
  for (const name of open) {
    for (const next of Object.values(groups.get(name)?.links ?? {})) open.add(next);
  }
  return { linked, open };
}

function checkAsked(
  stations: ReadonlyMap<string, Station>,
  seen: ReadonlySet<string>,
  { linked, open }: Reached,
): void {
  for (const { group, behaviour, config } of stations.values()) {
    const { name } = group;
    if (!linked.has(name) || open.has(name)) continue;
    for (const { route, at } of behaviour.routing?.own?.(config) ?? []) {
      if (seen.has(`${name}/${route}`)) continue;
      const asked = [...seen].filter((key) => key.startsWith(`${name}/`));
      const routes = asked.map((key) => key.slice(name.length + 1));
      throw new ScenarioError(`Nobody asks "${name}" for the route "${route}".`, {
        path: `groups/${name}/config/${at}`,
        hint: nearestAndAll(route, routes) || 'Take it away, or let a client ask for it.',
      });
    }
  }
}

/** What is asked at a station, by itself (null) or for a route that came from `path`. */
function follow(
  { group, behaviour: { routing }, config }: Station,
  route: string | null,
  path: string,
  stations: ReadonlyMap<string, Station>,
  seen: Set<string>,
): void {
  for (const asked of routing?.asks(config, route) ?? []) {
    const target = stations.get(group.links?.[asked.role] ?? '');
    if (target === undefined) continue;
    const key = `${target.group.name}/${asked.route}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const from = asked.at === null ? path : `groups/${group.name}/config/${asked.at}`;
    checkKnown(target, asked.route, from);
    follow(target, asked.route, from, stations, seen);
  }
}

function checkKnown({ group, behaviour, config }: Station, route: string, path: string): void {
  const known = behaviour.routing?.known(config) ?? null;
  if (known === null || known.includes(route)) return;
  throw new ScenarioError(`"${group.name}" has no route "${route}", and no steps for others.`, {
    path,
    hint: nearestAndAll(route, known),
  });
}
