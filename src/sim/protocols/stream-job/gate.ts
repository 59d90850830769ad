/**
 * The inputs of a task: what has come and is not worked on yet, and the barriers among it.
 *
 * Invariants: each input is read in its order, each of its elements once. Aligned, nothing behind a
 * barrier is read before that barrier has come from all inputs, so that the state then holds just
 * what lies before it. Unaligned, what lies before a barrier and is not in the state is kept.
 *
 * Source: Carbone et al., Lightweight Asynchronous Snapshots for Distributed Dataflows (2015);
 * Chandy and Lamport, Distributed Snapshots (1985); Flink, SingleCheckpointBarrierHandler and
 * CheckpointBarrierTracker, FLIP-76
 */
import type { InFlight, StreamElement } from '../../contracts/stream.ts';

export interface GateConfig {
  /** Otherwise barriers are counted, and nobody waits for them: AT_LEAST_ONCE. */
  readonly isAligned: boolean;
}

interface Waiting {
  /** -1: it is from a snapshot. */
  readonly seq: number;
  /** Its place among all that came. */
  readonly place: number;
  readonly element: StreamElement;
}
interface Input {
  /** The number of the element that is to come. */
  next: number;
  waiting: readonly Waiting[];
}
interface Alignment {
  readonly checkpoint: number;
  /** Inputs whose barrier has come. */
  readonly from: Set<number>;
}
/** Of an unaligned checkpoint, from the first barrier until nothing before one is missing. */
interface Capture {
  readonly checkpoint: number;
  /** Of each input whose barrier has come: the number of the first element behind it. */
  readonly before: Map<number, number>;
  readonly kept: Map<number, readonly Waiting[]>;
}

export interface Gate {
  readonly inputs: readonly Input[];
  arrivals: number;
  alignments: Alignment[];
  capture: Capture | null;
  /** The newest checkpoint that is over here, done or not. */
  passed: number;
}

export function startGate(count: number, inFlight: InFlight): Gate {
  const gate: Gate = {
    inputs: Array.from({ length: count }, () => ({ next: 0, waiting: [] })),
    arrivals: 0,
    alignments: [],
    capture: null,
    passed: 0,
  };
  for (const [place, elements] of inFlight) {
    const input = gate.inputs[place];
    if (input === undefined) continue;
    input.waiting = elements.map((element) => ({ seq: -1, place: gate.arrivals++, element }));
  }
  return gate;
}

/** What has come over a channel. @returns the number of what is next there */
export function take(
  gate: Gate,
  place: number,
  first: number,
  elements: readonly StreamElement[],
): number {
  const input = gate.inputs[place];
  if (input === undefined) return 0;
  if (first > input.next) return input.next;
  const fresh = elements.slice(input.next - first).map((element) => ({
    seq: input.next++,
    place: gate.arrivals++,
    element,
  }));
  input.waiting = [...input.waiting, ...fresh];
  if (gate.capture !== null) keep(gate.capture, place, fresh);
  return input.next;
}

function keep({ kept, before }: Capture, place: number, more: readonly Waiting[]): void {
  const end = before.get(place) ?? Infinity;
  const all = [...(kept.get(place) ?? []), ...more];
  const part = all.filter(({ seq }) => seq < end);
  kept.set(place, part);
}

export const waitingAt = (gate: Gate, place: number): number =>
  gate.inputs[place]?.waiting.length ?? 0;

/** An input that has brought its barrier, while others have not. */
export function isBlocked({ isAligned }: GateConfig, gate: Gate, place: number): boolean {
  return isAligned && gate.alignments.some(({ from }) => from.has(place));
}

/** What came first of all that may be read. */
export function peek(
  config: GateConfig,
  gate: Gate,
): { readonly place: number; readonly element: StreamElement } | null {
  let found: { place: number; first: Waiting } | null = null;
  for (let place = 0; place < gate.inputs.length; place++) {
    const first = gate.inputs[place]?.waiting[0];
    if (first === undefined || isBlocked(config, gate, place)) continue;
    if (found === null || first.place < found.first.place) found = { place, first };
  }
  return found === null ? null : { place: found.place, element: found.first.element };
}

/** It has been worked on. Until then it is not in the state, and a capture keeps it. */
export function drop(gate: Gate, place: number): void {
  const input = gate.inputs[place];
  if (input !== undefined) input.waiting = input.waiting.slice(1);
}

/** A barrier has been read. @returns whether it was the last: now the state is to be kept */
export function passBarrier(
  { isAligned }: GateConfig,
  gate: Gate,
  place: number,
  checkpoint: number,
): boolean {
  if (checkpoint <= gate.passed) return false;
  // Who aligns waits for one only: an older one will not be completed any more.
  if (isAligned) gate.alignments = gate.alignments.filter((one) => one.checkpoint >= checkpoint);
  let alignment = gate.alignments.find((one) => one.checkpoint === checkpoint);
  if (alignment === undefined) {
    alignment = { checkpoint, from: new Set() };
    gate.alignments.push(alignment);
  }
  alignment.from.add(place);
  if (alignment.from.size < gate.inputs.length) return false;
  endCheckpoint(gate, checkpoint);
  return true;
}

/** It is over here, or will never be done: nobody waits for its barriers any more. */
export function endCheckpoint(gate: Gate, checkpoint: number): void {
  gate.passed = Math.max(gate.passed, checkpoint);
  gate.alignments = gate.alignments.filter((one) => one.checkpoint > checkpoint);
  if (gate.capture !== null && gate.capture.checkpoint <= checkpoint) gate.capture = null;
}

/**
 * The barrier of an unaligned checkpoint has come, ahead of what was sent before it.
 *
 * @returns whether it is the first: the state is to be kept as it is now
 */
export function overtake(gate: Gate, place: number, checkpoint: number, before: number): boolean {
  if (checkpoint <= gate.passed) return false;
  const isFirst = gate.capture === null || gate.capture.checkpoint < checkpoint;
  if (isFirst) {
    const kept = new Map(gate.inputs.map(({ waiting }, i) => [i, waiting] as const));
    gate.capture = { checkpoint, before: new Map(), kept };
  }
  const { capture } = gate;
  if (capture?.checkpoint !== checkpoint) return false;
  capture.before.set(place, before);
  keep(capture, place, []);
  return isFirst;
}

/** What the barriers have overtaken, once all of that is here; then the checkpoint is over. */
export function captured(
  gate: Gate,
): { readonly checkpoint: number; readonly inputs: InFlight } | null {
  const { capture } = gate;
  if (capture === null) return null;
  const isWhole = gate.inputs.every(
    ({ next }, place) => (capture.before.get(place) ?? Infinity) <= next,
  );
  if (!isWhole) return null;
  const inputs = [...capture.kept]
    .filter(([, kept]) => kept.length > 0)
    .map(([place, kept]) => [place, kept.map(({ element }) => element)] as const);
  const { checkpoint } = capture;
  endCheckpoint(gate, checkpoint);
  return { checkpoint, inputs };
}
