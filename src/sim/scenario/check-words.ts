/**
 * The words of a plan about places and machines: network, disks, clocks, limits. Each is checked
 * against a schema, and every distribution in it on its own.
 */
import type { TObject } from '../contracts/schema.ts';
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { Topology } from '../network/topology.ts';
import { checkDistribution } from '../policies/distribution-schema.ts';
import { checkSelector } from '../world/selector-schema.ts';
import type { SelectorNames } from '../world/selector-schema.ts';
import type { GroupPlan, Plan } from './plan.ts';
import {
  BETWEEN_WORDS,
  CLOCK_WORDS,
  DISK_WORDS,
  LIMIT_WORDS,
  LINK_WORDS,
  NETWORK_WORDS,
  PLACEMENT_WORDS,
  REGION_WORDS,
} from './words-schema.ts';

/** A clock may run slow, but not backwards: a million ppm slow, it stands still. */
const SLOWEST_PPM = -1_000_000;

export function checkNetwork(plan: Plan, names: SelectorNames): void {
  const { network } = plan;
  checkLink(NETWORK_WORDS, network, 'network');
  (network.regions ?? []).forEach((region, i) => {
    validate(REGION_WORDS, region, `network/regions/${i}`);
  });
  const { zones, regionOf } = placesOf(plan);
  const places = [...new Set([...zones, ...zones.map(regionOf)])];
  (network.between ?? []).forEach((pair, i) => {
    const path = `network/between/${i}`;
    checkLink(BETWEEN_WORDS, pair, path);
    checkPlace(pair.a, places, `${path}/a`);
    checkPlace(pair.b, places, `${path}/b`);
  });
  (network.links ?? []).forEach((one, i) => {
    const path = `network/links/${i}`;
    checkLink(LINK_WORDS, one, path);
    checkSelector(one.from, `${path}/from`, { ...names, zone: zones });
    checkSelector(one.to, `${path}/to`, { ...names, zone: zones });
  });
}

function checkLink(schema: TObject, given: { readonly latency?: unknown }, path: string): void {
  validate(schema, given, path);
  if (given.latency !== undefined) checkDistribution(given.latency, `${path}/latency`, 0);
}

/** The zones and regions of a plan whose network makes sense. */
export function placesOf(plan: Plan): {
  readonly zones: readonly string[];
  readonly regionOf: (zone: string) => string;
} {
  const topology = new Topology(plan.network);
  return { zones: topology.zones, regionOf: (zone) => topology.regionOf(zone) };
}

/** The zones in which a group has members: as `build.ts` places them. */
export function zonesOf({ placement, count }: GroupPlan, plan: Plan): readonly string[] {
  if (typeof placement === 'object') return [placement.zone];
  return placesOf(plan).zones.slice(0, count);
}

function checkPlace(place: string, places: readonly string[], path: string): void {
  if (places.includes(place)) return;
  throw new ScenarioError(`There is no zone or region "${place}".`, {
    path,
    hint: didYouMean(place, places),
  });
}

export function checkMachine(group: GroupPlan, plan: Plan, hasDisk: boolean): void {
  const path = `groups/${group.name}`;
  const { placement, disk, clock, cores } = group;
  if (cores !== undefined && !(Number.isInteger(cores) && cores >= 1)) {
    throw new ScenarioError(`${path}/cores must be a whole number from 1 on.`, {
      path: `${path}/cores`,
      hint: 'Processors of each node.',
    });
  }
  if (typeof placement === 'object' && placement !== null) {
    validate(PLACEMENT_WORDS, placement, `${path}/placement`);
    checkPlace(placement.zone, placesOf(plan).zones, `${path}/placement/zone`);
  } else if (placement !== undefined && placement !== 'spread') {
    throw new ScenarioError(`${path}/placement must be "spread" or { zone }.`, {
      path: `${path}/placement`,
    });
  }
  if (disk !== undefined) {
    if (!hasDisk) {
      throw new ScenarioError(`disk changes nothing: ${group.component} keeps nothing on disk.`, {
        path: `${path}/disk`,
        hint: 'Leave it out.',
      });
    }
    validate(DISK_WORDS, disk, `${path}/disk`);
    if (disk.fsync !== undefined) checkDistribution(disk.fsync, `${path}/disk/fsync`, 0);
  }
  if (clock === undefined) return;
  validate(CLOCK_WORDS, clock, `${path}/clock`);
  const { offsetMs, driftPpm } = clock;
  if (offsetMs !== undefined) checkDistribution(offsetMs, `${path}/clock/offsetMs`, -Infinity);
  if (driftPpm !== undefined) checkDistribution(driftPpm, `${path}/clock/driftPpm`, SLOWEST_PPM);
}

export function checkLimits(plan: Plan): void {
  if (plan.limits !== undefined) validate(LIMIT_WORDS, plan.limits, 'limits');
}
