/** What the scenarios of the request path have in common. */
import type { FaultType } from 'faultline';
import type { Notices } from './proof.ts';

type Unnoticed = { readonly [type in FaultType]?: string };

/** Services and clients keep nothing on a disk and read no wall clock. */
const ALWAYS: Unnoticed = {
  'clock-jump': 'Nobody here reads a wall clock.',
  'slow-disk': 'Nothing here is written to a disk.',
  'fsync-off': 'Nothing here is written to a disk.',
};

/** The group that faults strike has one member. */
export const ALONE: Unnoticed = {
  'one-way': 'The group has one member: it has no links to itself.',
  'cut-link': 'The group has one member: it has no links to itself.',
};

/** The group does nothing by its own clock. */
export const TIMELESS: Unnoticed = {
  'clock-drift': 'It sets no timers: work takes as long as it takes.',
};

export const trafficNotices = (group: string, ...more: readonly Unnoticed[]): Notices => ({
  group,
  unnoticed: Object.assign({}, ALWAYS, ...more) as Unnoticed,
});
