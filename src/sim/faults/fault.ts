/**
 * Faults are data: what breaks, where, and with which numbers. Injecting one gives its undo.
 *
 * Names follow the common vocabulary of Jepsen, Chaos Mesh, toxiproxy and TigerBeetle.
 */
import type { Distribution } from '../policies/distribution.ts';
import type { Selector } from '../world/selector.ts';

export type Fault =
  /**
   * The machine dies, and nobody answers for it: volatile state and un-fsynced writes are lost.
   * With `machineUp` only the process dies, and its machine refuses and resets connections.
   * Undo: restart.
   */
  | { readonly type: 'crash'; readonly target: Selector; readonly machineUp?: boolean }
  /**
   * The process is asked to end (SIGTERM), after a delay, and killed (SIGKILL) when the grace
   * period is over. Undo: another one starts once it has ended.
   */
  | {
      readonly type: 'terminate';
      readonly target: Selector;
      readonly graceMs?: number;
      readonly preStopMs?: number;
    }
  /** The process stops (SIGSTOP, GC): nothing is handled, everything waits. Undo: resume. */
  | { readonly type: 'pause'; readonly target: Selector }
  /** The network splits: nodes in different groups do not hear one another. Unnamed: group rest. */
  | { readonly type: 'partition'; readonly groups: readonly Selector[] }
  /** Packets from `from` to `to` are lost; the other way works. */
  | { readonly type: 'one-way'; readonly from: Selector; readonly to: Selector }
  /** The links between two selections are cut both ways. */
  | { readonly type: 'cut-link'; readonly a: Selector; readonly b: Selector }
  /** Packets are lost with a probability; `burst` is the chance that a loss follows a loss. */
  | {
      readonly type: 'loss';
      readonly from?: Selector;
      readonly to?: Selector;
      readonly probability: number;
      readonly burst?: number;
    }
  /** Packets take longer: the normal delay times `factor`, plus `extra`. */
  | {
      readonly type: 'latency';
      readonly from?: Selector;
      readonly to?: Selector;
      readonly factor?: number;
      readonly extra?: Distribution;
    }
  | {
      readonly type: 'duplicate';
      readonly from?: Selector;
      readonly to?: Selector;
      readonly probability: number;
    }
  /** Some packets are held back by a drawn time, so that later ones overtake them. */
  | {
      readonly type: 'reorder';
      readonly from?: Selector;
      readonly to?: Selector;
      readonly probability: number;
      readonly by: Distribution;
    }
  /** The wall clock jumps by so many milliseconds (may be negative). Undo: jumps back. */
  | { readonly type: 'clock-jump'; readonly target: Selector; readonly byMs: number }
  /** Both clocks run fast or slow, in parts per million. Undo: the normal rate. */
  | { readonly type: 'clock-drift'; readonly target: Selector; readonly ppm: number }
  /** An fsync takes `factor` times as long, plus `extraMs`. */
  | {
      readonly type: 'slow-disk';
      readonly target: Selector;
      readonly factor?: number;
      readonly extraMs?: number;
    }
  /**
   * Syncs answer at once, before anything is on disk; what they promised gets there by itself
   * seconds later, unless the power goes first. Undo: the next sync is one, for all before it.
   */
  | { readonly type: 'fsync-off'; readonly target: Selector }
  /** Work takes `factor` times as long (grey failure). */
  | { readonly type: 'slow-cpu'; readonly target: Selector; readonly factor: number };

export type FaultType = Fault['type'];

/** One line of a fault plan: what, and when. Exactly one of `atMs`, `every`, `when`. */
export interface FaultEntry {
  /** Names it in the plan, the trace and the tape. Default: its type and place. */
  readonly id?: string;
  readonly fault: Fault;
  readonly atMs?: number;
  /** Again and again; each interval is drawn from the entry's own stream. */
  readonly every?: {
    readonly interval: Distribution;
    readonly fromMs?: number;
    readonly untilMs?: number;
  };
  /** The first time (or `times` times) that a named predicate holds, `delayMs` later. */
  readonly when?: {
    readonly use: string;
    readonly args?: unknown;
    readonly delayMs?: number;
    readonly times?: number;
  };
  /** Undone after so long; without it, at the heal phase or never. */
  readonly forMs?: number;
}
/** The most that one fault lets a clock drift, in parts per million, either way. */
export const DRIFT_MAX_PPM = 500_000;

/** Several add up, but leave a clock a hundredth of its speed. */
export const SLOWEST_DRIFT_PPM = -990_000;
