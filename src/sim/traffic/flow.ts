/**
 * What went through one place: counted so that the laws that hold for every queue can be checked.
 *
 * Invariants, whatever the load: arrived = left + inside (nobody gets lost), and the area under the
 * number inside is the time that all spent there (Little's law, as an identity of sums).
 *
 * Source: Little, "A Proof for the Queuing Formula L = lambda W", 1961.
 */
import type { Flow } from '../node/behaviour.ts';

export interface FlowCount {
  arrived: number;
  left: number;
  inside: number;
  areaMicros: number;
  sojournMicros: number;
  arrivalsInsideMicros: number;
  changedMicros: number;
}

export const newFlow = (): FlowCount => ({
  arrived: 0,
  left: 0,
  inside: 0,
  areaMicros: 0,
  sojournMicros: 0,
  arrivalsInsideMicros: 0,
  changedMicros: 0,
});

export function enter(flow: FlowCount, nowMicros: number): void {
  flow.areaMicros += flow.inside * (nowMicros - flow.changedMicros);
  flow.changedMicros = nowMicros;
  flow.arrived += 1;
  flow.inside += 1;
  flow.arrivalsInsideMicros += nowMicros;
}

/** @param enteredMicros when this one came in */
export function leave(flow: FlowCount, enteredMicros: number, nowMicros: number): void {
  flow.areaMicros += flow.inside * (nowMicros - flow.changedMicros);
  flow.changedMicros = nowMicros;
  flow.left += 1;
  flow.inside -= 1;
  flow.arrivalsInsideMicros -= enteredMicros;
  flow.sojournMicros += nowMicros - enteredMicros;
}

/**
 * @param found how many are there to be found: one who was dropped without a word is missed then,
 *   which the counters alone, always in step with one another, would not tell
 */
export const flowOf = (name: string, flow: FlowCount, found = flow.inside): Flow => ({
  name,
  ...flow,
  inside: found,
});
