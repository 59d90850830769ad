/** The scenarios that the proofs of sameness run. */
import type { AnyScenario } from 'faultline';
import cpPartition from '../../../../scenarios/cap/cp-partition.ts';

export const SCENARIOS: readonly AnyScenario[] = [cpPartition];
