/** What the story of poison-record says: how each way with the record ends, and what is left. */

export const PARTITIONS = 3;
export const TOTAL = 120;
/** Records go to the partitions in turn: this one is in the first, behind twenty others. */
export const POISON_IS = 61;
export const EACH = TOTAL / PARTITIONS;
export const BEFORE = (POISON_IS - 1) / PARTITIONS;
export const BEHIND = EACH - BEFORE - 1;
export const DEAD = 'orders-dlt';

export type Ending =
  'stops' | 'put-out' | 'stuck' | 'passed' | 'lettered' | 'late' | 'lettered-twice';

export const BECAUSE: { readonly [ending in Ending]: string } = {
  stops:
    'The first consumer commits what it has done, leaves, and ends. Its partitions go to the ' +
    'other one, which meets the same record, and ends. Then nobody reads any more.',
  'put-out':
    'While it waits it does not poll, and after max.poll.interval.ms it is out of the group. The ' +
    'other one is given its partitions and begins to count at one: each is put out in its turn, ' +
    'and by now no one has come to the last try. Two partitions suffer by that, not one.',
  stuck:
    `It is tried for ever. The ${BEHIND} records behind it are not worked on; the other ` +
    'partitions go on between two tries, that of the same consumer, too.',
  passed:
    'After the last try it is logged, and its offset is committed with the others: for the group ' +
    'it has never been there. Nobody but the log of the application knows.',
  lettered:
    `After the last try it is written to ${DEAD}; only when that is acknowledged its offset is ` +
    'committed. Somebody can look at it, while the others go on.',
  late:
    `${DEAD} wants three replicas in sync, and one broker is down: it takes nothing. A letter ` +
    'that cannot be written is none, and the record is tried anew from the first try. When the ' +
    'broker is back, it is written: late, once, and nothing is lost.',
  'lettered-twice':
    `It is written to ${DEAD}, but whoever has done that dies before it commits. The next one ` +
    'tries it ten times more, and writes it again: a dead letter comes at least once.',
};

/** What is left in the end. */
export const ACCOUNT: { readonly [ending in Ending]: string } = {
  stops:
    'Nobody tells the producer: orders come as before, and wait. A consumer that is started ' +
    'again comes to the same record as the first of its partition.',
  'put-out':
    `The lag is ${BEHIND + 1} or more: with its reader stands still whatever else that one has ` +
    'to read.',
  stuck: `The lag of its partition is ${BEHIND + 1} and stays so; that of the two others is 0.`,
  passed:
    `${TOTAL - 1} of ${TOTAL} orders are done. The lag is 0, and no offset says that one is ` +
    'missing.',
  lettered: `${TOTAL - 1} of ${TOTAL} orders are done, and one lies in ${DEAD}: none is missing.`,
  late:
    `${TOTAL - 1} of ${TOTAL} orders are done, and one lies in ${DEAD}, since the broker is ` +
    `back: until then ${BEHIND + 1} had to wait.`,
  'lettered-twice':
    `${TOTAL - 1} of ${TOTAL} orders are done, and ${DEAD} has two letters about one: whoever ` +
    'works on these must know the second one again.',
};

export const ANSWERS: { readonly [ending in Ending]: number } = {
  stops: 0,
  'put-out': 1,
  stuck: 1,
  passed: 2,
  lettered: 3,
  late: 3,
  'lettered-twice': 3,
};
