/** What the scenarios of quorum stores have in common. */
import type { FaultType } from 'faultline';
import type { Notices } from './proof.ts';

type Unnoticed = { readonly [type in FaultType]?: string };

const COSTLESS: Unnoticed = {
  'slow-cpu': 'A step of quorum-store and of kv-client occupies no core.',
};
/** Of stores with a periodic commit log. */
export const PERIODIC: Unnoticed = {
  'slow-disk': 'Nobody waits for the disk: the log is synced every ten seconds.',
  'fsync-off': 'Nobody waits for the disk: the log is synced every ten seconds.',
};
/** Where the first node, whose clock is struck, takes no writes at first. */
export const STAMPED_ELSEWHERE: Unnoticed = {
  'clock-jump': 'Only who coordinates a write looks at its wall clock, and that is another node.',
};

export const quorumNotices = (...more: readonly Unnoticed[]): Notices => ({
  group: 'n',
  unnoticed: Object.assign({}, COSTLESS, ...more) as Unnoticed,
});
