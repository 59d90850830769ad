/**
 * The account of a consumer group: how many records it has committed that no member has done its
 * work on, and how often work was done again; and that no partition has two owners at once.
 *
 * Invariant: what is committed is read from the coordinator in the end, and what there was to read
 * from the logs of leaders; without them it is not known what is lost.
 * Differs: a record of a transaction that no member was given counts as aborted, and one that the
 * log does not hold any more, because it is too old, as lost.
 * A record that nobody could work on is not lost where a dead letter of it is in a log, committed;
 * where there are more, it was repeated.
 */
import { RECORD_DEAD_LETTERED } from '../components/log-consumer/dead-letters.ts';
import type { DeadLetter } from '../components/log-consumer/dead-letters.ts';
import { GROUP_GIVEN, GROUP_PROCESSED } from '../traffic/log-reader/work.ts';
import type { GroupRun } from '../traffic/log-reader/work.ts';
import type { Fact } from '../contracts/facts.ts';
import { recordAt } from '../contracts/record-batch.ts';
import { Type, field } from '../contracts/schema.ts';
import type { World } from '../world/world.ts';
import { often, plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';
import type { Verdict } from './check.ts';
import { exactly, isWrong } from './exact-counts.ts';
import { GroupAccount } from './history/group-account.ts';
import type { GroupAccountImage, IsOwed, OffsetSpan } from './history/group-account.ts';
import { GroupOwners } from './history/group-owners.ts';
import type { GroupOwnersImage, OwnerFact, SharedPartition } from './history/group-owners.ts';
import { OriginAccount } from './history/origin-account.ts';
import type { OriginAccountImage } from './history/origin-account.ts';
import { batchAt, committedOf, leaderLogs } from './log-ends.ts';
import type { LeaderLog } from './log-ends.ts';
import { checkGroupId } from './log-groups.ts';

interface Args {
  readonly groupId: string;
  readonly lost: number | null;
  readonly repeated: number | null;
  readonly deadLettered: number | null;
}

type Told = Fact & OwnerFact & { readonly group: string };

type Image = readonly [
  Verdict,
  string,
  number,
  GroupAccountImage,
  GroupOwnersImage,
  OriginAccountImage,
];

const MEMBERS = { 'log-consumer': 'groupId', 'log-processor': 'applicationId' } as const;

const OF_OWNERS = [
  'consumer.assigned',
  'consumer.revoked',
  'consumer.lost',
  'consumer.left',
  'group.member-removed',
] as const;

/** Findings of one kind are shown up to here, and counted beyond. */
const SHOWN_MAX = 20;

export const groupDeliveries = defineCheck<Args, Image, Told>({
  use: 'group-deliveries',
  about:
    'Of what a consumer group has committed exactly so many records were never worked on, ' +
    'exactly so often work was done again, and no partition has two owners at once. A record ' +
    'that is a dead letter is not lost; a second letter of it is work done again. Who was ' +
    'taken out of the group and has not heard of it yet, as after a pause, is no owner.',
  args: Type.Object(
    {
      groupId: field.text({ about: 'The group; empty: the only one there is.', default: '' }),
      lost: exactly('Records below what is committed that nobody worked on'),
      repeated: exactly('Times that work on a record was done beyond the first', null),
      deadLettered: exactly('Records of which there is a dead letter', null),
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
    const letters = new OriginAccount();
    const owners = new GroupOwners((node) => lifeOf(world, node));
    const isMeant = (group: string): boolean => args.groupId === '' || args.groupId === group;
    return {
      components: [],
      facts: OF_OWNERS,
      probes: [GROUP_GIVEN, GROUP_PROCESSED, RECORD_DEAD_LETTERED],
      onFact({ fact, node, event }) {
        if (!isMeant(fact.group)) return;
        for (const one of owners.onFact(node, fact)) {
          shared += 1;
          if (shared > SHOWN_MAX) continue;
          env.report({ why: wordsOf(one, world), evidence: [event], nodes: [one.to, one.also] });
        }
      },
      onProbe(_node, channel, payload) {
        if (!isMeant((payload as { readonly group: string }).group)) return;
        if (channel === RECORD_DEAD_LETTERED) letters.note(payload as DeadLetter);
        else if (channel === GROUP_GIVEN) account.given(payload as GroupRun);
        else account.worked(payload as GroupRun);
      },
      onEnd() {
        const { given, worked, repeated: again } = account.totals();
        if (given === 0) {
          text = 'nobody was given a record';
          return;
        }
        const committed = committedOf(args.groupId, world);
        const logs = leaderLogs(world);
        if (committed === null || logs === null) {
          text = committed === null ? 'nobody coordinates the group in the end' : 'nobody leads';
          return;
        }
        const dead = letters.in(logs, 'read_uncommitted');
        const spans = account.lost(committed, owedBy(logs), dead.has);
        const lost = spans.reduce((sum, { from, to }) => sum + to - from, 0);
        const repeated = again + dead.repeated;
        text = `${plural(worked, 'record')} worked on, ${lost} lost, ${often(repeated)} again`;
        if (!letters.isEmpty) text += `, ${plural(dead.records, 'dead letter')}`;
        const isBad =
          isWrong(lost, args.lost) ||
          isWrong(repeated, args.repeated) ||
          isWrong(dead.records, args.deadLettered);
        if (isBad) env.report({ why: `${text}${placesOf(spans)}` });
        verdict = isBad ? 'fail' : 'pass';
      },
      standing: () => ({
        verdict: shared > 0 ? 'fail' : verdict,
        text: shared > 0 ? `${text}; a partition had two owners ${often(shared)}` : text,
      }),
      save: () => [verdict, text, shared, account.save(), owners.save(), letters.save()],
      restore(image) {
        [verdict, text, shared] = image;
        account.restore(image[3]);
        owners.restore(image[4]);
        letters.restore(image[5]);
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

function owedBy(logs: ReadonlyMap<number, LeaderLog>): IsOwed {
  return (partition, offset) => {
    const log = logs.get(partition);
    if (log === undefined || offset < log.start) return true;
    const batch = batchAt(log.batches, offset);
    if (batch === undefined || batch.marker !== null || batch.isTransactional) return false;
    // What compaction has taken out is owed to nobody.
    return recordAt(batch, offset) !== undefined;
  };
}
