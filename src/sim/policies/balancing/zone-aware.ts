/**
 * Envoy's zone-aware routing: as much as possible stays in the balancer's own zone without giving
 * any backend more than its share. A zone whose share of the backends is at least its share of the
 * balancers keeps all of its traffic; another keeps what its backends can take and spreads the
 * rest over the zones that have capacity left.
 *
 * Shares are whole parts of 10000, as in Envoy.
 *
 * Source: Envoy, ZoneAwareLoadBalancerBase (regenerateLocalityRoutingStructures,
 * tryChooseLocalLocalityHosts); min_cluster_size 6; force_local_zone min_size.
 */
import type { Stream } from '../../kernel/random.ts';

export interface ZoneCounts {
  /** By zone: balancers, all of the cluster that this one belongs to. */
  readonly balancers: readonly number[];
  /** By zone: healthy backends. */
  readonly backends: readonly number[];
  /** Of the balancer that asks. */
  readonly ownZone: number;
}

export interface ZoneRouting {
  /** `none`: zones do not count; `direct`: all stays; `residual`: part of it does. */
  readonly kind: 'none' | 'direct' | 'residual';
  readonly ownZone: number;
  /** Of 10000 requests, those that stay. */
  readonly ownShare: number;
  /** By zone: running sums of the capacity that is left; own zone none. */
  readonly residual: readonly number[];
}

export const ZONE_MIN_CLUSTER_SIZE = 6;
const WHOLE = 10_000;

function sharesOf(counts: readonly number[]): number[] {
  let total = 0;
  for (const count of counts) total += count;
  return counts.map((count) => (total > 0 ? Math.floor((WHOLE * count) / total) : 0));
}

/**
 * How to route, until the counts change.
 * @param forceLocalMinSize with so many healthy backends the own zone gets all, whatever it can
 *   take; 0: never
 */
export function zoneRouting(
  counts: ZoneCounts,
  minClusterSize: number,
  forceLocalMinSize = 0,
): ZoneRouting {
  const { balancers, backends, ownZone } = counts;
  const none: ZoneRouting = { kind: 'none', ownZone, ownShare: 0, residual: [] };
  let healthy = 0;
  for (const count of backends) healthy += count;
  if (backends.length < 2 || healthy < minClusterSize) return none;
  if (!(balancers[ownZone]! > 0)) return none;
  if (forceLocalMinSize > 0 && backends[ownZone]! >= forceLocalMinSize) {
    return { kind: 'direct', ownZone, ownShare: WHOLE, residual: [] };
  }

  const wanted = sharesOf(balancers);
  const offered = sharesOf(backends);
  const ownWanted = wanted[ownZone]!;
  const ownOffered = offered[ownZone]!;
  if (ownOffered > 0 && ownOffered >= ownWanted) {
    return { kind: 'direct', ownZone, ownShare: WHOLE, residual: [] };
  }
  // The own zone offers less than is wanted there, so it has nothing left.
  let sum = 0;
  const residual = backends.map((_, zone) => {
    sum += Math.max(0, offered[zone]! - wanted[zone]!);
    return sum;
  });
  const ownShare = ownWanted > 0 ? Math.floor((ownOffered * WHOLE) / ownWanted) : 0;
  return { kind: 'residual', ownZone, ownShare, residual };
}

/** The zone of the next request; -1: zones do not count. */
export function pickZone(routing: ZoneRouting, draw: Stream): number {
  const { kind, ownZone, ownShare, residual } = routing;
  if (kind === 'none') return -1;
  if (kind === 'direct' || draw.below(WHOLE) < ownShare) return ownZone;
  const capacity = residual[residual.length - 1]!;
  // Rounding down left no capacity to anybody: any zone is as good.
  if (capacity === 0) return draw.below(residual.length);
  const point = draw.below(capacity);
  let zone = 0;
  while (point >= residual[zone]!) zone++;
  return zone;
}
