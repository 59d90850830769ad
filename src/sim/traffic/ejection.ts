/**
 * A caller leaves out a member that failed so many times in a row, for a while: what a client does
 * that has no balancer in front of it.
 *
 * Source: twemproxy (nutcracker) auto_eject_hosts, server_failure_limit, server_retry_timeout.
 * Differs: what counts as a failure is an unknown outcome; a refusal is an answer. The last one
 * that is left is never ejected.
 */
import type { NodeIndex } from '../node/behaviour.ts';
import type { Backends } from './backends.ts';

export interface EjectionSettings {
  /** 0: nobody is ejected. */
  readonly failureLimit: number;
  readonly retryMicros: number;
}

/** Failures in a row, by member. */
export type Failures = Map<NodeIndex, number>;

/** An answer, or none. True: the member is left out from now on. */
export function onOutcome(
  failures: Failures,
  { failureLimit }: EjectionSettings,
  b: Backends,
  node: NodeIndex,
  isFailure: boolean,
): boolean {
  if (failureLimit === 0) return false;
  if (!isFailure) {
    failures.delete(node);
    return false;
  }
  const count = (failures.get(node) ?? 0) + 1;
  failures.set(node, count);
  const place = b.place.get(node);
  if (count < failureLimit || place === undefined || b.eligible[place] !== true) return false;
  if (b.eligible.filter((eligible) => eligible).length === 1) return false;
  b.eligible[place] = false;
  return true;
}

/** Its time is over: it is tried again. False: it is no longer a member. */
export function readmit(failures: Failures, b: Backends, node: NodeIndex): boolean {
  failures.delete(node);
  const place = b.place.get(node);
  if (place === undefined) return false;
  b.eligible[place] = true;
  return true;
}
