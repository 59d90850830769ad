/** What the scenarios of the replicated log have in common. */
import type { FaultType } from 'faultline';
import type { Notices } from './proof.ts';

type Unnoticed = { readonly [type in FaultType]?: string };

const ALWAYS: Unnoticed = {
  'clock-jump': 'Brokers read no wall clock.',
  'slow-cpu': 'A step of a broker occupies no core.',
};

/** With Kafka's own times. */
export const STEADY: Unnoticed = {
  'clock-drift': 'While records come all the time, no timer of a broker runs out.',
};

/** Answers of brokers wait for other replicas, not for their disk. */
export const logNotices = (...more: readonly Unnoticed[]): Notices => ({
  group: 'b',
  clients: false,
  unnoticed: Object.assign({}, ALWAYS, ...more) as Unnoticed,
});
