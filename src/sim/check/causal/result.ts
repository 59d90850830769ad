/** What a causal check is asked, and what it answers. */
import type { Result, Value } from '../history/result.ts';

export const CAUSAL_LEVELS = ['causal', 'convergent', 'memory'] as const;
export type CausalLevel = (typeof CAUSAL_LEVELS)[number];

export type CausalPattern =
  | 'ThinAirRead'
  | 'CyclicCO'
  | 'WriteCOInitRead'
  | 'WriteCORead'
  | 'CyclicCF'
  | 'WriteHBInitRead'
  | 'CyclicHB';

export interface CausalOptions {
  /** Default: causal. */
  readonly level?: CausalLevel;
  /** The value that a key holds before any write. Default: null. */
  readonly initial?: Value;
  /** Names of reads and writes. Default: read and get, write and put. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

export interface CausalResult extends Result {
  readonly pattern?: CausalPattern;
  readonly because: readonly string[];
}
