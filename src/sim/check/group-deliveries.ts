/**
 * The account of a consumer group: how many records it has committed that no member has done its
 * work on, and how often work was done again; and that no partition has two owners at once.
 *
 * Invariant: what is committed is read from the coordinator in the end, and what there was to read
 * from the logs of leaders; without them it is not known what is lost.
 * Differs: a record of a transaction that no member was given counts as aborted, and one that the
 * log does not hold any more, because it is too old, as lost.
 */
import { GROUP_GIVEN, GROUP_PROCESSED } from '../traffic/log-reader/work.ts';
import type { GroupRun } from '../traffic/log-reader/work.ts';
import type { Fact } from '../contracts/facts.ts';
import { recordAt } from '../contracts/record-batch.ts';
import { Type, field } from '../contracts/schema.ts';
import type { World } from '../world/world.ts';
import { defineCheck } from './check.ts';
import type { Verdict } from './check.ts';
import { exactly, isWrong } from './exact-counts.ts';
import { GroupAccount } from './history/group-account.ts';
import type { GroupAccountImage, IsOwed, OffsetSpan } from './history/group-account.ts';
import { GroupOwners } from './history/group-owners.ts';
import type { GroupOwnersImage, OwnerFact, SharedPartition } from './history/group-owners.ts';
import { batchAt, committedOf, leaderLogs } from './log-ends.ts';
import { checkGroupId } from './log-groups.ts';

interface Args {
  readonly groupId: string;
  readonly lost: number | null;
  readonly repeated: number | null;
}

type Told = Fact & OwnerFact & { readonly group: string };

type Image = readonly [Verdict, string, number, GroupAccountImage, GroupOwnersImage];

const MEMBERS = { 'log-consumer': 'groupId', 'log-processor': 'applicationId' } as const;

/** Findings of one kind are shown up to here, and counted beyond. */
const SHOWN_MAX = 20;

export const groupDeliveries = defineCheck<Args, Image, Told>({
  use: 'group-deliveries',
  about:
    'Of what a consumer group has committed exactly so many records were never worked on, ' +
    'exactly so often work was done again, and no partition has two owners at once. Who was ' +
    'taken out of the group and has not heard of it yet, as after a pause, is no owner.',
  args: Type.Object(
    {
      groupId: field.text({ about: 'The group; empty: the only one there is.', default: '' }),
      lost: exactly('Records below what is committed that nobody worked on'),
      repeated: exactly('Times that work on a record was done beyond the first', null),
    },
    { additionalProperties: false },
  ),
  check: ({ groupId }, path, run) => checkGroupId(groupId, path, run, MEMBERS),
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
        const committed = committedOf(args.groupId, world);
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

/** By the logs of the leaders of the newest epochs; null: a partition has none. */
function owedBy(world: World): IsOwed | null {
  const logs = leaderLogs(world);
  if (logs === null) return null;
  return (partition, offset) => {
    const log = logs.get(partition);
    if (log === undefined || offset < log.start) return true;
    const batch = batchAt(log.batches, offset);
    if (batch === undefined || batch.marker !== null || batch.isTransactional) return false;
    // What compaction has taken out is owed to nobody.
    return recordAt(batch, offset) !== undefined;
  };
}
