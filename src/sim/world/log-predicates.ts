/** Predicates of partitioned logs: those who read them in groups, and their brokers. */
import { Type, field } from '../contracts/schema.ts';
import type { LogBrokerState } from '../components/log-broker/state.ts';
import type { GroupsState } from '../protocols/consumer-group/index.ts';
import { readerOf } from './log-readers.ts';
import { definePredicate, groupArg, inGroup } from './predicate.ts';
import type { InGroup, Predicate } from './predicate.ts';
import type { WorldNode } from './world.ts';

/** Whether it coordinates a group of which a transaction that is open has offsets. */
function hasPendingOffsets({ component, status, state }: WorldNode): boolean {
  if (component !== 'log-broker' || status !== 'up') return false;
  return [...(state as LogBrokerState).shards.values()].some(
    (shard) => shard.kind === 'group' && (shard.state as GroupsState).open.size > 0,
  );
}

export const LOG_PREDICATES: readonly Predicate[] = [
  definePredicate<InGroup & { readonly records: number }>({
    name: 'records-processed',
    about: 'A member of a group has worked on so many records since it was started.',
    args: Type.Object(
      { ...groupArg, records: field.count({ about: 'How many.', default: 1, min: 1 }) },
      { additionalProperties: false },
    ),
    components: ['log-consumer', 'log-processor'],
    holds: (world, { group, records }) =>
      world.group(group).some((node) => {
        return (readerOf(node)?.membership?.processed ?? 0) >= records;
      }),
  }),
  definePredicate<InGroup & { readonly log: string; readonly records: number }>({
    name: 'log-reaches',
    about: 'A broker of the group knows that a log is committed up to an offset.',
    args: Type.Object(
      {
        ...groupArg,
        log: field.text({ about: 'Topic and number of the partition.', default: 'orders-0' }),
        records: field.count({ about: 'The offset: its high watermark.', default: 1, min: 1 }),
      },
      { additionalProperties: false },
    ),
    components: ['log-broker'],
    holds: (world, { group, log, records }) =>
      world.group(group).some(({ component, state }) => {
        if (component !== 'log-broker' || state === null) return false;
        return [...(state as LogBrokerState).hosted.values()].some(
          (replica) => replica.name === log && replica.state.highWatermark >= records,
        );
      }),
  }),
  definePredicate<InGroup>({
    name: 'offsets-pending',
    about: 'A broker of the group has offsets of consumers in a transaction that is open.',
    args: inGroup,
    components: ['log-broker'],
    holds: (world, { group }) => world.group(group).some(hasPendingOffsets),
  }),
];
