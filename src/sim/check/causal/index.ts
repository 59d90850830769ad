/** The door of the causal checker: what other folders import. */
export { CAUSAL_LEVELS, checkCausal, checkPram } from './check.ts';
export type { CausalLevel, CausalOptions, CausalPattern, CausalResult } from './check.ts';
