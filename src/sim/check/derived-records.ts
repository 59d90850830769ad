/**
 * What processors wrote for what they read: of each record that their group has committed to be
 * beyond exactly one other one, as a reader of the output finds it.
 *
 * Invariant: nothing is asked of the processors in the end but what each record that they wrote was
 * written for; whether it is there, and counts, is read from the logs of leaders.
 */
import { RECORD_DERIVED } from '../components/log-processor/writing.ts';
import type { DerivedRecord } from '../components/log-processor/writing.ts';
import type { Isolation } from '../contracts/broker.ts';
import { Type, field } from '../contracts/schema.ts';
import { GROUP_GIVEN } from '../traffic/log-reader/work.ts';
import type { GroupRun } from '../traffic/log-reader/work.ts';
import { often, plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';
import type { Verdict } from './check.ts';
import { exactly, isWrong } from './exact-counts.ts';
import { OriginAccount } from './history/origin-account.ts';
import type { OriginAccountImage } from './history/origin-account.ts';
import { committedOf, forEachRecord, leaderLogs } from './log-ends.ts';
import type { LeaderLog } from './log-ends.ts';
import { checkGroupId } from './log-groups.ts';

interface Args {
  readonly groupId: string;
  readonly isolation: Isolation;
  readonly lost: number | null;
  readonly repeated: number | null;
}

type Image = readonly [Verdict, string, OriginAccountImage, readonly (readonly [number, number])[]];

export const derivedRecords = defineCheck<Args, Image>({
  use: 'derived-records',
  about:
    'Of each record that a group of processors is beyond exactly one was written, as a reader of ' +
    'the output finds it.',
  args: Type.Object(
    {
      groupId: field.text({ about: 'The group; empty: the only one there is.', default: '' }),
      isolation: field.choice(['read_committed', 'read_uncommitted'], {
        about: 'Who reads the output: whether records of open and aborted transactions count.',
        default: 'read_committed',
      }),
      lost: exactly('Records below what is committed for which nothing was written'),
      repeated: exactly('Times that something was written for a record beyond the first'),
    },
    { additionalProperties: false },
  ),
  check: ({ groupId }, path, run) =>
    checkGroupId(groupId, path, run, { 'log-processor': 'applicationId' }),
  create(args, env) {
    let verdict: Verdict = 'unknown';
    let text = 'judged at the end';
    const origins = new OriginAccount();
    /** By partition: the first offset that anybody was given. */
    const firsts = new Map<number, number>();
    const isMeant = (group: string): boolean => args.groupId === '' || args.groupId === group;
    return {
      components: [],
      facts: [],
      probes: [GROUP_GIVEN, RECORD_DERIVED],
      onProbe(_node, channel, payload) {
        const { group } = payload as GroupRun | DerivedRecord;
        if (!isMeant(group)) return;
        if (channel === RECORD_DERIVED) return origins.note(payload as DerivedRecord);
        const { partition, from } = payload as GroupRun;
        firsts.set(partition, Math.min(firsts.get(partition) ?? from, from));
      },
      onEnd() {
        if (firsts.size === 0) {
          text = 'nobody was given a record';
          return;
        }
        const committed = committedOf(args.groupId, env.world);
        const logs = leaderLogs(env.world);
        if (committed === null || logs === null) {
          text = committed === null ? 'nobody coordinates the group in the end' : 'nobody leads';
          return;
        }
        const { written, lost, repeated } = account(args, origins, firsts, committed, logs);
        text = `${plural(written, 'record')} written, ${lost} lost, ${often(repeated)} again`;
        const isBad = isWrong(lost, args.lost) || isWrong(repeated, args.repeated);
        if (isBad) env.report({ why: text });
        verdict = isBad ? 'fail' : 'pass';
      },
      standing: () => ({ verdict, text }),
      save: () => [verdict, text, origins.save(), [...firsts]],
      restore(image) {
        [verdict, text] = image;
        origins.restore(image[2]);
        firsts.clear();
        for (const [partition, first] of image[3]) firsts.set(partition, first);
      },
    };
  },
});

function account(
  { isolation }: Args,
  origins: OriginAccount,
  firsts: ReadonlyMap<number, number>,
  committed: ReadonlyMap<number, number>,
  logs: ReadonlyMap<number, LeaderLog>,
) {
  const there = origins.in(logs, isolation);
  let lost = 0;
  for (const [partition, first] of firsts) {
    const log = logs.get(partition);
    if (log === undefined) continue;
    forEachRecord(log, isolation, first, committed.get(partition) ?? 0, (offset) => {
      if (!there.has(partition, offset)) lost += 1;
    });
  }
  return { written: there.written, lost, repeated: there.repeated };
}
