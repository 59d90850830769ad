/**
 * The account of a consumer group: how many records it has committed that no member has done its
 * work on, and how often work was done again; and that no partition has two owners at once.
 *
 * Invariant: what is committed is read from the coordinator in the end, and what there was to read
 * from the logs of leaders; without them it is not known what is lost.
 * Differs: a record of a transaction that no member was given counts as aborted, and one that the
 * log does not hold any more, because it is too old, as lost.
 */
import { logBroker } from '../components/log-broker/log-broker.ts';
import { logConsumer } from '../components/log-consumer/log-consumer.ts';
import { GROUP_GIVEN, GROUP_PROCESSED } from '../traffic/log-reader/work.ts';
import type { GroupRun } from '../traffic/log-reader/work.ts';
import type { Fact } from '../contracts/facts.ts';
import { endOf } from '../contracts/record-batch.ts';
import type { RecordBatch } from '../contracts/record-batch.ts';
import { Type, field } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { GroupsState } from '../protocols/consumer-group/index.ts';
import { stateOf } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, PlannedRun, Verdict } from './check.ts';
import { exactly, isWrong } from './exact-counts.ts';
import { GroupAccount } from './history/group-account.ts';
import type { GroupAccountImage, IsOwed, OffsetSpan } from './history/group-account.ts';
import { GroupOwners } from './history/group-owners.ts';
import type { GroupOwnersImage, OwnerFact, SharedPartition } from './history/group-owners.ts';

interface Args {
  readonly groupId: string;
  readonly lost: number | null;
  readonly repeated: number | null;
}

type Told = Fact & OwnerFact & { readonly group: string };

type Image = readonly [Verdict, string, number, GroupAccountImage, GroupOwnersImage];

/** Findings of one kind are shown up to here, and counted beyond. */
const SHOWN_MAX = 20;

export const groupDeliveries = defineCheck<Args, Image, Told>({
  use: 'group-deliveries',
  about:
    'Of what a consumer group has committed exactly so many records were never worked on, ' +
    'exactly so often work was done again, and no partition has two owners at once.',
  args: Type.Object(
    {
      groupId: field.text({ about: 'The group; empty: the only one there is.', default: '' }),
      lost: exactly('Records below what is committed that nobody worked on'),
      repeated: exactly('Times that work on a record was done beyond the first', null),
    },
    { additionalProperties: false },
  ),
  check: ({ groupId }, path, run) => checkGroups(groupId, path, run),
  create(args, env) {
    const { world } = env;
    let verdict: Verdict = 'unknown';
    let text = 'judged at the end';
    let shared = 0;
    const account = new GroupAccount();
    const owners = new GroupOwners((node) => lifeOf(world, node));
    const isMeant = (group: string): boolean => args.groupId === '' || args.groupId === group;
    return {
      components: [],
      facts: [
        'consumer.assigned',
        'consumer.revoked',
        'consumer.lost',
        'consumer.left',
        'group.member-removed',
      ],
      probes: [GROUP_GIVEN, GROUP_PROCESSED],
      onFact({ fact, node, event }) {
        if (!isMeant(fact.group)) return;
        for (const one of owners.onFact(node, fact)) {
          shared += 1;
          if (shared > SHOWN_MAX) continue;
          env.report({ why: wordsOf(one, world), evidence: [event], nodes: [one.to, one.also] });
        }
      },
      onProbe(_node, channel, payload) {
        const run = payload as GroupRun;
        if (!isMeant(run.group)) return;
        if (channel === GROUP_GIVEN) account.given(run);
        else account.worked(run);
      },
      onEnd() {
        const { given, worked, repeated } = account.totals();
        if (given === 0) {
          text = 'nobody was given a record';
          return;
        }
        const committed = committedOf(args.groupId, env);
        const isOwed = owedBy(world);
        if (committed === null || isOwed === null) {
          text = committed === null ? 'nobody coordinates the group in the end' : 'nobody leads';
          return;
        }
        const spans = account.lost(committed, isOwed);
        const lost = spans.reduce((sum, { from, to }) => sum + to - from, 0);
        text = `${worked} records worked on, ${lost} lost, ${repeated} times again`;
        const isBad = isWrong(lost, args.lost) || isWrong(repeated, args.repeated);
        if (isBad) env.report({ why: `${text}${placesOf(spans)}` });
        verdict = isBad ? 'fail' : 'pass';
      },
      standing: () => ({
        verdict: shared > 0 ? 'fail' : verdict,
        text: shared > 0 ? `${text}; a partition had two owners ${shared} times` : text,
      }),
      save: () => [verdict, text, shared, account.save(), owners.save()],
      restore(image) {
        [verdict, text, shared] = image;
        account.restore(image[3]);
        owners.restore(image[4]);
      },
    };
  },
});

function checkGroups(groupId: string, path: string, { groups }: PlannedRun): void {
  const ids = new Set<string>();
  for (const { behaviour, config } of groups) {
    if (behaviour.component !== logConsumer.component) continue;
    const { groupId: own } = config as { readonly groupId: string };
    if (own !== '') ids.add(own);
  }
  const known = [...ids].map((id) => `"${id}"`).join(', ');
  if (ids.size === 0) {
    throw new ScenarioError('No log-consumer of this plan is in a group: it would say nothing.', {
      path,
      hint: 'Give one a groupId, or leave the check out.',
    });
  }
  if (groupId !== '' && !ids.has(groupId)) {
    throw new ScenarioError(`No consumer is in the group "${groupId}".`, {
      path: `${path}/groupId`,
      hint: `There is ${known}.`,
    });
  }
  if (groupId === '' && ids.size > 1) {
    throw new ScenarioError(`There are ${ids.size} groups: which is meant is not said.`, {
      path: `${path}/groupId`,
      hint: `Name one of ${known}.`,
    });
  }
}

/** Which of its starts a node is in; -1: it is down. */
function lifeOf(world: World, index: number): number {
  const { status, starts } = world.node(index);
  return status === 'down' ? -1 : starts;
}

function wordsOf({ partition, to, also, generation, isSame }: SharedPartition, world: World) {
  const [one, other] = [world.node(to).name, world.node(also).name];
  return isSame
    ? `generation ${generation} gives partition ${partition} to ${other} and to ${one}`
    : `generation ${generation} gives partition ${partition} to ${one}, and ${other} still has it`;
}

function placesOf(spans: readonly OffsetSpan[]): string {
  if (spans.length === 0) return '';
  const shown = spans
    .slice(0, SHOWN_MAX)
    .map(({ partition, from, to }) => `${partition}: ${from} to ${to - 1}`);
  return `; of partition ${shown.join(', ')}${spans.length > shown.length ? ', and more' : ''}`;
}

const brokersOf = (world: World) =>
  world.nodes.flatMap((node) => {
    const state = stateOf(logBroker, node);
    return state === null ? [] : [{ index: node.index, state }];
  });

/** Of the coordinator of the newest epoch; null: there is none. */
function committedOf(groupId: string, { world }: CheckEnv): ReadonlyMap<number, number> | null {
  let newest = -1;
  let committed: ReadonlyMap<number, number> | null = null;
  for (const { state } of brokersOf(world)) {
    for (const shard of state.shards.values()) {
      if (shard.kind !== 'group' || !shard.isLoaded || shard.epoch <= newest) continue;
      const { groups } = shard.state as GroupsState;
      const found = [...groups.values()].find(({ id }) => groupId === '' || id === groupId);
      if (found === undefined) continue;
      newest = shard.epoch;
      committed = new Map([...found.offsets.values()].map((one) => [one.partition, one.offset]));
    }
  }
  return committed;
}

/** By the logs of the leaders of the newest epochs; null: a partition has none. */
function owedBy(world: World): IsOwed | null {
  const logs = new Map<number, { epoch: number; start: number; batches: readonly RecordBatch[] }>();
  const all = new Set<number>();
  for (const { index, state } of brokersOf(world)) {
    for (const { partition, isInternal, state: replica } of state.hosted.values()) {
      if (isInternal) continue;
      all.add(partition);
      const { leader, leaderEpoch: epoch, log } = replica;
      if (leader !== index || epoch <= (logs.get(partition)?.epoch ?? -1)) continue;
      logs.set(partition, { epoch, start: log.start, batches: log.toArray() });
    }
  }
  if (logs.size < all.size) return null;
  return (partition, offset) => {
    const log = logs.get(partition);
    if (log === undefined || offset < log.start) return true;
    const batch = batchAt(log.batches, offset);
    return batch !== undefined && batch.marker === null && !batch.isTransactional;
  };
}

/** Batches ascend; after compaction there are gaps. */
function batchAt(batches: readonly RecordBatch[], offset: number): RecordBatch | undefined {
  let [from, to] = [0, batches.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const batch = batches[middle] as RecordBatch;
    if (endOf(batch) <= offset) from = middle + 1;
    else to = middle;
  }
  const batch = batches[from];
  return batch !== undefined && batch.baseOffset <= offset ? batch : undefined;
}
