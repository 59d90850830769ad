/** The door of the causal checker: what other folders import. */
export { checkCausal, checkPram } from './check.ts';
export { CAUSAL_LEVELS } from './result.ts';
export type { CausalLevel, CausalOptions, CausalPattern, CausalResult } from './result.ts';
