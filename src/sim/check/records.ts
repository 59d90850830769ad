/**
 * The account of a partitioned log in the end: how many acknowledged records are lost, how many are
 * there twice or out of order, and where replicas have diverged, each in exact numbers.
 *
 * Invariant: it is read from the logs of brokers that run, and of each partition somebody leads;
 * otherwise it is not known.
 */
import { logBroker } from '../components/log-broker/log-broker.ts';
import type { Hosted } from '../components/log-broker/state.ts';
import { isAborted } from '../protocols/partition-log/compaction.ts';
import { offsetIn } from '../contracts/record-batch.ts';
import { Type, field } from '../contracts/schema.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import type { Op } from '../observe/history.ts';
import { stateOf } from '../world/world.ts';
import type { WorldNode } from '../world/world.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, Verdict } from './check.ts';
import { countedAtEnd, exactly } from './exact-counts.ts';
import type { Count } from './exact-counts.ts';
import { accountRecords } from './history/record-account.ts';
import type { PartitionLogs, RecordAccount, ReplicaLog } from './history/record-account.ts';
import { checkServers } from './told.ts';

const KINDS = ['lost', 'duplicated', 'reordered', 'diverged'] as const;
type Kind = (typeof KINDS)[number];

type Args = { readonly brokers: string } & { readonly [kind in Kind]: number | null };

export const records = defineCheck<Args, readonly [Verdict, string]>({
  use: 'records',
  about:
    'Of a partitioned log exactly so many acknowledged records are lost, are there twice or out ' +
    'of order, and exactly at so many places replicas have diverged.',
  args: Type.Object(
    {
      brokers: field.text({
        about: 'The group of brokers; empty: the only one there is.',
        default: '',
        names: 'group',
      }),
      lost: exactly('Acknowledged records that are not in their leader’s log'),
      duplicated: exactly('Copies of records beside the first'),
      reordered: exactly('Records behind one that their producer sent later'),
      diverged: exactly('Offsets of followers with another record than their leader’s'),
    },
    { additionalProperties: false },
  ),
  check: ({ brokers }, path, run) =>
    checkServers('records', { group: brokers, path, argument: 'brokers' }, run),
  create: (args, env) => countedAtEnd(KINDS, args, env, () => accountIn(args.brokers, env)),
});

function accountIn(brokers: string, env: CheckEnv): Count<Kind> | string {
  const logs = logsOf(brokers, env);
  if (typeof logs === 'string') return logs;
  const account = accountRecords(sendsOf(env), logs);
  if (account.acknowledged === 0) return 'no record was acknowledged, tombstones apart';
  return { ...account, words: wordsOf(account), never: account.refuted };
}

function wordsOf(account: RecordAccount): string {
  const { acknowledged, expired, recovered, lost, duplicated, reordered, diverged } = account;
  const kept = acknowledged - lost.length - expired;
  return (
    `${acknowledged} acknowledged: ${kept} there, ${expired} expired, ${lost.length} lost; ` +
    `${recovered} there unacknowledged, ${duplicated.length} twice, ` +
    `${reordered.length} out of order, ${diverged.length} diverged`
  );
}

const sendsOf = ({ history }: CheckEnv): Op[] => history.ops().filter(({ f }) => f === 'send');

interface Replica {
  readonly broker: string;
  readonly index: NodeIndex;
  readonly hosted: Hosted;
}

/** The logs of every partition, or why they are not known. */
function logsOf(brokers: string, { world }: CheckEnv): readonly PartitionLogs[] | string {
  const groups = world
    .groups()
    .filter((name) => world.group(name)[0]?.component === logBroker.component);
  const group = brokers === '' ? groups[0] : brokers;
  if (group === undefined || (brokers === '' && groups.length > 1)) {
    return 'the argument brokers must say which group is meant';
  }
  const hosts = hostsOf(world.group(group));
  const logs: PartitionLogs[] = [];
  for (const [partition, replicas] of [...hosts].sort(([a], [b]) => a - b)) {
    const leader = leaderOf(replicas);
    if (leader === undefined) return `nobody leads partition ${partition} in the end`;
    const followers = replicas.filter((one) => one !== leader).map(logOf);
    logs.push({ name: leader.hosted.name, partition, leader: logOf(leader), followers });
  }
  return logs.length === 0 ? 'no broker runs in the end' : logs;
}

function hostsOf(nodes: readonly WorldNode[]): Map<number, Replica[]> {
  const hosts = new Map<number, Replica[]>();
  for (const node of nodes) {
    for (const hosted of stateOf(logBroker, node)?.hosted.values() ?? []) {
      if (hosted.isInternal) continue;
      const known = hosts.get(hosted.partition) ?? [];
      known.push({ broker: node.name, index: node.index, hosted });
      hosts.set(hosted.partition, known);
    }
  }
  return hosts;
}

/** Of several that think they lead the one of the newest epoch. */
function leaderOf(replicas: readonly Replica[]): Replica | undefined {
  let best: Replica | undefined;
  for (const one of replicas) {
    const { leader, leaderEpoch } = one.hosted.state;
    if (leader !== one.index) continue;
    if (best === undefined || leaderEpoch > best.hosted.state.leaderEpoch) best = one;
  }
  return best;
}

function logOf({ broker, hosted }: Replica): ReplicaLog {
  const { log, producers } = hosted.state;
  const placed = log.toArray().flatMap((batch) =>
    batch.marker !== null
      ? []
      : batch.records.map(({ key, value }, i) => {
          const { leaderEpoch } = batch;
          const placed = { offset: offsetIn(batch, i), leaderEpoch, key, value };
          return batch.isTransactional && isAborted(batch, producers.aborted)
            ? { ...placed, isAborted: true }
            : placed;
        }),
  );
  return { broker, start: log.start, cleanedTo: log.cleanedTo, records: placed };
}
