/**
 * A node's cores, whatever the discipline by which work shares them: what the host asks of them,
 * what they ask of the run, and what others may see. The disciplines are in `scheduling/`.
 *
 * Invariant: work that was asked for ends exactly once, by one event, unless the node crashes.
 */
import type { Handle } from '../kernel/handle.ts';

/** A node's cores as others may see them. */
export interface Cores {
  /** How many the node has: so much work goes on at once. */
  readonly count: number;
  /** Cores at work now. */
  readonly busy: number;
  /** Pieces of work in the queue, those at work not counted. */
  readonly waiting: number;
}

/** What cores need of the run: the time, and events of their node's present life. */
export interface CoreEvents {
  readonly now: number;
  /** Schedules the end of one piece of work; `account` comes back with the event. */
  begin(atMicros: number, tag: number, account: number): void;
  tagOf(slot: number): number;
  accountOf(slot: number): number;
  /** The event that has come is done with. */
  finish(slot: number): void;
  /** For an event that is moved about. The slot of one that has come may be scheduled again. */
  slot(): number;
  schedule(atMicros: number, slot: number): Handle;
  rearm(handle: Handle, atMicros: number): Handle;
  cancel(handle: Handle, slot: number): void;
}

export interface Cpu extends Cores {
  /** Once, before anything else. */
  bind(events: CoreEvents): void;
  work(demandMicros: number, tag: number, priority: number): void;
  /** An event of these cores came. True: `endedTag` names the work that ended. */
  end(slot: number): boolean;
  readonly endedTag: number;
  /** No core goes on before so much later. What ends at this very moment has ended. */
  stall(micros: number): void;
  /** Every demand takes so many times as long. */
  slow(factor: number): void;
  crash(): void;
  save(): CpuImage;
  restore(image: CpuImage): void;
}

/** Plain data; which fields it has is the discipline's own affair. */
export interface CpuImage {
  readonly factor: number;
}
