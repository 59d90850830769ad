/**
 * Topology: from the words of a plan to the settings of each directed link.
 *
 * The most particular word wins: a named link, then a pair of zones or regions, then the plan's
 * default, then the built-in table of distances.
 */
import type { Distribution } from '../policies/distribution.ts';
import { CROSS_ZONE_MS, JITTER_SHARE, SAME_ZONE_MS, betweenRegionsMs } from './latency-table.ts';
import type { LinkSettings } from './network.ts';

/** What a plan may say of links; the same words at every level. */
export interface LinkWords {
  readonly latency?: Distribution;
  readonly lossProbability?: number;
  readonly duplicateProbability?: number;
  /** True: a directed link never overtakes itself (one TCP connection). Default false. */
  readonly fifo?: boolean;
}

export interface TopologyWords extends LinkWords {
  readonly regions?: readonly { readonly name: string; readonly zones: readonly string[] }[];
  readonly between?: readonly (LinkWords & { readonly a: string; readonly b: string })[];
  readonly links?: readonly (LinkWords & { readonly from: string; readonly to: string })[];
}

/** A node as far as distance is concerned. */
export interface Place {
  readonly name: string;
  readonly group: string;
  readonly zone: string;
}

/** The zone of a plan that names none. */
export const ONLY_ZONE = 'zone';

export class Topology {
  readonly #words: TopologyWords;
  readonly #regionOf = new Map<string, string>();
  readonly zones: readonly string[];

  constructor(words: TopologyWords) {
    this.#words = words;
    const zones: string[] = [];
    for (const region of words.regions ?? []) {
      for (const zone of region.zones) {
        zones.push(zone);
        this.#regionOf.set(zone, region.name);
      }
    }
    this.zones = zones.length === 0 ? [ONLY_ZONE] : zones;
  }

  regionOf(zone: string): string {
    return this.#regionOf.get(zone) ?? zone;
  }

  settings(from: Place, to: Place): LinkSettings {
    const link = this.#words.links?.find((l) => names(l.from, from) && names(l.to, to));
    const pair = this.#words.between?.find(
      (b) =>
        (this.#at(b.a, from) && this.#at(b.b, to)) || (this.#at(b.b, from) && this.#at(b.a, to)),
    );
    const base = this.#words;
    return {
      latency: link?.latency ?? pair?.latency ?? base.latency ?? this.#distance(from, to),
      lossProbability: link?.lossProbability ?? pair?.lossProbability ?? base.lossProbability ?? 0,
      duplicateProbability:
        link?.duplicateProbability ?? pair?.duplicateProbability ?? base.duplicateProbability ?? 0,
      fifo: link?.fifo ?? pair?.fifo ?? base.fifo ?? false,
    };
  }

  #at(name: string, place: Place): boolean {
    return place.zone === name || this.regionOf(place.zone) === name;
  }

  #distance(from: Place, to: Place): Distribution {
    const mean = this.#meanMs(from.zone, to.zone);
    return {
      kind: 'uniform',
      minMs: mean * (1 - JITTER_SHARE),
      maxMs: mean * (1 + JITTER_SHARE),
    };
  }

  #meanMs(a: string, b: string): number {
    if (a === b) return SAME_ZONE_MS;
    const regionA = this.regionOf(a);
    const regionB = this.regionOf(b);
    return regionA === regionB ? CROSS_ZONE_MS : betweenRegionsMs(regionA, regionB);
  }
}

const names = (word: string, place: Place): boolean => word === place.name || word === place.group;
