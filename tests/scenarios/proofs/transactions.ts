/** What the scenarios of transactions have in common. */
import type { Notices } from './proof.ts';

const UNTIMED: Notices['unnoticed'] = {
  'slow-cpu': 'A statement costs no time of the processor.',
};

/** A store of one shard. */
export const TXN_ALONE: Notices['unnoticed'] = {
  ...UNTIMED,
  'one-way': 'The group has one member: it has no links to itself.',
  'cut-link': 'The group has one member: it has no links to itself.',
};

/** A store of several shards. */
export const TXN_SHARDS: Notices['unnoticed'] = UNTIMED;
