/**
 * The tables that consumers build from a log, by key the last value, against what the log makes in
 * the end: how many keys are resurrected, missing or stale, each in exact numbers.
 *
 * Invariant: it is read from the logs of leaders, and asked of consumers that run and have read
 * their partitions to the end; of the others nothing is known.
 */
import { logBroker } from '../components/log-broker/log-broker.ts';
import { logConsumer } from '../components/log-consumer/log-consumer.ts';
import { PARTITION_READ } from '../traffic/log-reader/poll.ts';
import type { ReadRun } from '../traffic/log-reader/read-run.ts';
import type { RecordValue } from '../contracts/record-batch.ts';
import { Type, field } from '../contracts/schema.ts';
import type { PartitionState } from '../protocols/partition-log/index.ts';
import { isAborted } from '../protocols/partition-log/index.ts';
import { stateOf } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, Verdict } from './check.ts';
import { countedAtEnd, exactly } from './exact-counts.ts';
import type { Count, CountedFinding } from './exact-counts.ts';
import { faultsOf, fold, LogTables } from './history/log-table.ts';
import type { Table, TablesImage } from './history/log-table.ts';
import { checkServers } from './told.ts';

const KINDS = ['resurrected', 'missing', 'stale'] as const;
type Kind = (typeof KINDS)[number];

type Args = { readonly consumers: string } & { readonly [kind in Kind]: number | null };

export const logTables = defineCheck<Args, readonly [Verdict, string, TablesImage]>({
  use: 'log-tables',
  about:
    'Of the tables that consumers build from a log, by key the last value, exactly so many keys ' +
    'are resurrected, missing or stale in the end.',
  args: Type.Object(
    {
      consumers: field.text({
        about: 'Whose tables; empty: those of all consumers.',
        default: '',
        names: 'group',
      }),
      resurrected: exactly('Keys that are gone, and in a table all the same'),
      missing: exactly('Keys that are there, and not in a table'),
      stale: exactly('Keys with another value than the last one'),
    },
    { additionalProperties: false },
  ),
  check: ({ consumers }, path, run) =>
    checkServers('log-tables', { group: consumers, path, argument: 'consumers' }, run),
  create(args, env) {
    const { world } = env;
    const tables = new LogTables();
    const atEnd = countedAtEnd(KINDS, args, env, () => judge(args.consumers, tables, env));
    return {
      ...atEnd,
      probes: [PARTITION_READ],
      onProbe(node, _channel, payload) {
        const { partition, batch, from, to } = payload as ReadRun;
        tables.read(node, world.node(node).starts, partition, batch, from, to);
      },
      save: () => [...atEnd.save(), tables.save()],
      restore([verdict, text, image]) {
        atEnd.restore([verdict, text]);
        tables.restore(image);
      },
    };
  },
});

/** Or why it is not known. */
function judge(consumers: string, tables: LogTables, { world }: CheckEnv): Count<Kind> | string {
  const found: { readonly [kind in Kind]: CountedFinding[] } = {
    resurrected: [],
    missing: [],
    stale: [],
  };
  const leaders = leadersIn(world);
  let count = 0;
  for (const name of consumers === '' ? world.groups() : [consumers]) {
    for (const node of world.group(name)) {
      for (const { partition, position } of stateOf(logConsumer, node)?.tracks ?? []) {
        const leader = leaders.get(partition);
        if (leader === undefined) return `nobody leads partition ${partition} in the end`;
        if (position < leader.highWatermark) return `${node.name} has not read to the end`;
        count += 1;
        const seen = tables.of(node.index, node.starts, partition);
        const faults = faultsOf(seen, tableOf(leader));
        for (const kind of KINDS) {
          for (const key of faults[kind]) {
            found[kind].push({
              why: `Key ${key} at ${node.name}, partition ${partition}.`,
              ops: [],
            });
          }
        }
      }
    }
  }
  if (count === 0) return 'no consumer reads a partition in the end';
  const words = KINDS.map((kind) => `${found[kind].length} ${kind}`).join(', ');
  return { ...found, words };
}

/** By partition: the log of the leader of the newest epoch. */
function leadersIn(world: World): ReadonlyMap<number, PartitionState> {
  const leaders = new Map<number, PartitionState>();
  for (const node of world.nodes) {
    for (const { partition, state } of stateOf(logBroker, node)?.hosted.values() ?? []) {
      if (state.leader !== node.index) continue;
      const known = leaders.get(partition);
      if (known === undefined || known.leaderEpoch < state.leaderEpoch)
        leaders.set(partition, state);
    }
  }
  return leaders;
}

/** What is committed, without what was aborted. */
function tableOf({ log, producers, highWatermark }: PartitionState): Table {
  const table = new Map<string, RecordValue>();
  for (const batch of log.read(log.start, highWatermark, Infinity)) {
    if (!isAborted(batch, producers.aborted)) fold(table, batch, 0, highWatermark);
  }
  return table;
}
