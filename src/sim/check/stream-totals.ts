/**
 * What a stream job has told of the events of its log, in exact numbers: how many events no visible
 * row counts, how many count twice in a row, how many rows are repetitions, and how many events
 * came too late.
 *
 * Invariant: the truth is the log, whatever the job did; it is read from logs and stores that run,
 * otherwise it is not known. Of a window the newest row counts; one that is not marked as an
 * update of an earlier one repeats it.
 */
import { eventLog } from '../components/event-log/event-log.ts';
import { resultStore } from '../components/result-store/result-store.ts';
import type { StreamTaskFact } from '../components/stream-task/facts.ts';
import type { ResultRow } from '../contracts/results.ts';
import { Type } from '../contracts/schema.ts';
import type { StreamEvent, WindowRow } from '../contracts/stream.ts';
import { plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, Verdict } from './check.ts';
import { statesOf } from './component-states.ts';
import { countedAtEnd, exactly } from './exact-counts.ts';
import type { Count, CountedFinding } from './exact-counts.ts';
import { checkServers } from './told.ts';

const KINDS = ['missing', 'twice', 'repeated', 'late', 'wrong'] as const;
type Kind = (typeof KINDS)[number];
type Args = { readonly [kind in Kind]: number | null };

type LateFact = Extract<StreamTaskFact, { readonly type: 'stream.late' }>;
type Image = readonly [counted: readonly [Verdict, string], late: readonly number[]];

export const streamTotals = defineCheck<Args, Image, LateFact>({
  use: 'stream-totals',
  about:
    'In the end exactly so many events of a log are in no visible row of a stream job, count ' +
    'twice in one, or came too late, and exactly so many rows are repetitions.',
  args: Type.Object(
    {
      missing: exactly('Events that no visible row counts, and that were not late'),
      twice: exactly('Times that an event counts in the newest row of a window beyond the first'),
      repeated: exactly('Rows of a window beside the first and those that update it'),
      late: exactly('Events that no row counts, because they came too late'),
      wrong: exactly('Windows whose newest row is not the sum of the events that it counts'),
    },
    { additionalProperties: false },
  ),
  check: (_args, path, run) => checkServers('stream-totals', { group: '', path }, run),
  create(args, env) {
    let late = new Set<number>();
    const counted = countedAtEnd(KINDS, args, env, () => accountIn(env, late));
    return {
      ...counted,
      facts: ['stream.late'],
      onFact: ({ fact }) => void late.add(fact.id),
      save: () => [counted.save(), [...late]],
      restore(image) {
        counted.restore(image[0]);
        late = new Set(image[1]);
      },
    };
  },
});

function accountIn({ world }: CheckEnv, late: ReadonlySet<number>): Count<Kind> | string {
  const logs = statesOf(eventLog, world);
  const stores = statesOf(resultStore, world);
  if (typeof logs === 'string') return logs;
  if (typeof stores === 'string') return stores;
  const [log, another] = logs;
  if (log === undefined || another !== undefined) return 'there are several logs of events';
  const events = [...log.partitions.values()].flat();
  const rows = stores.flatMap(({ results }) => results.rows.map(({ row }) => row));
  return streamAccount(events, rows, late);
}

const nameOf = ({ key, start, end }: WindowRow): string => `${key} from ${start} to ${end} ms`;

/** Of the events of the log, of the rows in the order in which they were seen, and of the late. */
export function streamAccount(
  events: readonly StreamEvent[],
  rows: readonly ResultRow[],
  late: ReadonlySet<number>,
): Count<Kind> {
  const found: { readonly [kind in Kind]: CountedFinding[] } = {
    missing: [],
    twice: [],
    repeated: [],
    late: [],
    wrong: [],
  };
  const note = (kind: Kind, why: string): void => void found[kind].push({ why, ops: [] });
  const newest = new Map<string, WindowRow>();
  for (const one of rows) {
    if (one.kind === 'late') continue;
    const name = nameOf(one.row);
    const before = newest.get(name);
    if (before !== undefined && !one.row.isUpdate) {
      note('repeated', `The window of ${name} has a row of ${one.row.sum} after ${before.sum}.`);
    }
    newest.set(name, one.row);
  }
  const values = new Map(events.map(({ id, value }) => [id, value]));
  const counted = new Set<number>();
  for (const [name, { ids, sum }] of newest) {
    const own = new Set<number>();
    let should = 0;
    for (const id of ids) {
      if (own.has(id)) note('twice', `Event ${id} counts again in the window of ${name}.`);
      else should += values.get(id) ?? 0;
      own.add(id);
      counted.add(id);
    }
    if (sum !== should)
      note('wrong', `The window of ${name} has ${sum}; its events are ${should}.`);
  }
  for (const { id, at } of events) {
    if (counted.has(id)) continue;
    if (late.has(id)) note('late', `Event ${id} of ${at} ms came when its windows were closed.`);
    else note('missing', `Event ${id} of ${at} ms is in no row.`);
  }
  const { missing, twice, repeated, late: tooLate, wrong } = found;
  return {
    ...found,
    words:
      `${plural(events.length, 'event')}, ${plural(newest.size, 'window')} in ` +
      `${plural(rows.length, 'row')}; ` +
      `${missing.length} missing, ${twice.length} counted twice, ` +
      `${plural(repeated.length, 'row')} ` +
      `repeated, ${tooLate.length} late, ${plural(wrong.length, 'sum')} wrong`,
  };
}
