/**
 * What the tests hold of one scenario: for each check a run in which it breaks, what a parameter at
 * its bounds teaches, and which faults the scenario cannot notice.
 */
import type { Act, Fault, FaultType, Intervention, RunOptions } from 'faultline';

export interface Notices {
  /** Whom the faults strike: the servers that the scenario is about. */
  readonly group: string;
  /** Faults that this scenario cannot notice, and why. */
  readonly unnoticed: { readonly [type in FaultType]?: string };
  /** False where nobody measures a latency: a slow answer then shows in the hashes only. */
  readonly clients?: boolean;
}

export interface Proof {
  /** By check: a run in which it breaks. */
  readonly breaks: { readonly [check: string]: RunOptions };
  /**
   * By setting ("preVote=false", or `*`): checks that break there, because that is what the setting
   * shows.
   */
  readonly lessons?: { readonly [setting: string]: readonly string[] };
  readonly notices: Notices;
}

/** Somebody acts at a time of the run, before its events of that time. */
export const act = (ms: number, what: Act): Intervention => ({
  micros: ms * 1_000,
  afterEventNumber: 0,
  act: what,
});

export const inject = (ms: number, fault: Fault): Intervention =>
  act(ms, { do: 'inject', id: `by-hand-${ms}`, fault });

export const crashAt = (ms: number, ...target: string[]): RunOptions => ({
  interventions: [inject(ms, { type: 'crash', target })],
});

export const nothingHappens: RunOptions = { planOverride: { faults: [] } };
