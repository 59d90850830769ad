/**
 * The members of a group as one caller sees them: who is there, who may get a request, how many of
 * its requests each has now. Its view is its own, and may be stale.
 *
 * Invariant: `active[i]` is the number of requests that this caller has sent to member i and that
 * have not ended; what is known of a member follows it to its new place when the group changes.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { InvariantError } from '../kernel/errors.ts';
import type { Stream } from '../kernel/random.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import { BALANCERS } from '../policies/balancing/index.ts';
import type { Balancer, BalancingSettings } from '../policies/balancing/balancer.ts';

export interface BackendsSettings {
  /** The place of its policy in `BALANCERS`. */
  readonly policy: number;
  readonly balancing: BalancingSettings;
  /** By ordinal of the member, in turn; empty: all weigh 1. */
  readonly weights: readonly number[];
}

export interface Backends {
  readonly settings: BackendsSettings;
  members: readonly NodeIndex[];
  count: number;
  weight: number[];
  eligible: boolean[];
  active: number[];
  /** Requests sent to each so far. */
  sent: number[];
  readonly place: Map<NodeIndex, number>;
  readonly balancer: unknown;
}

const policyOf = (b: { readonly settings: BackendsSettings }): Balancer =>
  BALANCERS[b.settings.policy] as Balancer;

/** Where a policy stands in the list. Names are checked before a run, so an unknown one is ours. */
export function balancerIndex(name: string): number {
  const index = BALANCERS.findIndex((balancer) => balancer.name === name);
  if (index < 0) throw new InvariantError(`there is no balancing policy ${name}`);
  return index;
}

export function newBackends(settings: BackendsSettings): Backends {
  return {
    settings,
    members: [],
    count: 0,
    weight: [],
    eligible: [],
    active: [],
    sent: [],
    place: new Map(),
    balancer: policyOf({ settings }).start(settings.balancing),
  };
}

/** Takes over the members of a group as it is now told. */
export function setMembers(
  b: Backends,
  members: readonly NodeIndex[],
  nameOf: (node: NodeIndex) => string,
): void {
  const before = b.place;
  const kept = <T>(list: readonly T[], start: (at: number) => T): T[] =>
    members.map((node, at) => {
      const place = before.get(node);
      return place === undefined ? start(at) : (list[place] as T);
    });
  const { weights } = b.settings;
  b.weight = kept(b.weight, (at) => weights[at % Math.max(1, weights.length)] ?? 1);
  b.eligible = kept(b.eligible, () => true);
  b.active = kept(b.active, () => 0);
  b.sent = kept(b.sent, () => 0);
  b.members = members;
  b.count = members.length;
  b.place.clear();
  members.forEach((node, at) => b.place.set(node, at));
  viewChanged(b, nameOf);
}

/** Weights or eligibility changed. */
export function viewChanged(b: Backends, nameOf: (node: NodeIndex) => string): void {
  const identities = b.members.map((node) => hashText(nameOf(node)) >>> 0);
  policyOf(b).update(b.balancer, b, identities);
}

/** The place of the member that gets the next request, or -1. */
export function pick(b: Backends, keyHash: number, nowMicros: number, draw: Stream): number {
  return policyOf(b).pick(b.balancer, b, keyHash, nowMicros, draw);
}

/** Where a node stands among the members, or -1. Of a few, looking is faster than a map. */
export function placeOf({ members, place }: Backends, node: NodeIndex): number {
  if (members.length > FEW) return place.get(node) ?? -1;
  for (let at = 0; at < members.length; at++) if (members[at] === node) return at;
  return -1;
}
const FEW = 8;

/** A request goes to this node. */
export function began(b: Backends, node: NodeIndex): void {
  const place = placeOf(b, node);
  if (place < 0) return;
  b.active[place] = (b.active[place] as number) + 1;
  b.sent[place] = (b.sent[place] as number) + 1;
}

/** A request to this node ended; it may have left the group meanwhile. */
export function ended(
  b: Backends,
  node: NodeIndex,
  latencyMicros: number,
  ok: boolean,
  nowMicros: number,
): void {
  const place = placeOf(b, node);
  if (place < 0) return;
  b.active[place] = (b.active[place] as number) - 1;
  const policy = policyOf(b);
  if (policy.learns) policy.ended(b.balancer, place, latencyMicros, ok, nowMicros);
}

/** A request to this node was given up: nothing is learnt from it. */
export function abandoned(b: Backends, node: NodeIndex): void {
  const place = placeOf(b, node);
  if (place >= 0) b.active[place] = (b.active[place] as number) - 1;
}
