/**
 * Whether the rows of a projection are what follows from the events up to its checkpoint: how many
 * events have no row, how many rows are repetitions, how many balances are not the fold of the
 * events, and how many events are still to come, each in exact numbers.
 *
 * Invariant: it is read from stores and projections that run; otherwise it is not known.
 */
import { eventStore } from '../components/event-store/event-store.ts';
import { projection } from '../components/projection/projection.ts';
import type { StoredEvent } from '../contracts/event-store.ts';
import { Type } from '../contracts/schema.ts';
import type { ProjectionRows } from '../protocols/event-store/project.ts';
import { plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, Verdict } from './check.ts';
import { statesOf } from './component-states.ts';
import { countedAtEnd, exactly } from './exact-counts.ts';
import type { Count, CountedFinding } from './exact-counts.ts';
import { checkServers } from './told.ts';

const KINDS = ['missing', 'repeated', 'wrong', 'behind'] as const;
type Kind = (typeof KINDS)[number];
type Args = { readonly [kind in Kind]: number | null };

export const projections = defineCheck<Args, readonly [Verdict, string]>({
  use: 'projections',
  about:
    'In the end exactly so many events that projections are past have no row, exactly so many ' +
    'rows are repetitions, and exactly so many balances are not the fold of those events.',
  args: Type.Object(
    {
      missing: exactly('Events up to the checkpoint without a row'),
      repeated: exactly('Rows beside the first of an event'),
      wrong: exactly('Balances that are not the fold of the events up to the checkpoint'),
      behind: exactly('Events behind the checkpoint', null),
    },
    { additionalProperties: false },
  ),
  check: (_args, path, run) => checkServers('projections', { group: '', path }, run),
  create: (args, env) => countedAtEnd(KINDS, args, env, () => accountIn(env)),
});

function accountIn({ world }: CheckEnv): Count<Kind> | string {
  const stores = statesOf(eventStore, world);
  const readers = statesOf(projection, world);
  if (typeof stores === 'string') return stores;
  if (typeof readers === 'string') return readers;
  const [first, second] = stores;
  if (first === undefined || second !== undefined) return 'there are several stores of events';
  const events = first.store.all.slice(0, first.store.durable);
  return rowsAccount(
    events,
    readers.map(({ rows }) => rows),
  );
}

/** Of the events in the order of their positions, and of the rows of each projection. */
export function rowsAccount(
  events: readonly StoredEvent[],
  projected: readonly ProjectionRows[],
): Count<Kind> {
  const found: { readonly [kind in Kind]: CountedFinding[] } = {
    missing: [],
    repeated: [],
    wrong: [],
    behind: [],
  };
  const note = (kind: Kind, why: string): void => void found[kind].push({ why, ops: [] });
  for (const { checkpoint, lines, balances } of projected) {
    const times = new Map<number, number>();
    for (const { position } of lines) times.set(position, (times.get(position) ?? 0) + 1);
    const folded = new Map<string, number>();
    for (const { position, stream, amount } of events) {
      const count = times.get(position) ?? 0;
      for (let i = 2; i <= count; i += 1) {
        note('repeated', `The event at ${position} has ${i} rows.`);
      }
      if (position > checkpoint) {
        note('behind', `The event at ${position} is behind checkpoint ${checkpoint}.`);
        continue;
      }
      if (count === 0) note('missing', `The event at ${position} has no row.`);
      folded.set(stream, (folded.get(stream) ?? 0) + amount);
    }
    for (const account of new Set([...folded.keys(), ...balances.keys()])) {
      const [is, should] = [balances.get(account) ?? 0, folded.get(account) ?? 0];
      if (is === should) continue;
      note('wrong', `The balance of ${account} is ${is}; its events make ${should}.`);
    }
  }
  const rows = projected.reduce((sum, { lines }) => sum + lines.length, 0);
  const { missing, repeated, wrong, behind } = found;
  return {
    ...found,
    words:
      `${plural(events.length, 'event')}, ${plural(rows, 'row')}; ${missing.length} missing, ` +
      `${repeated.length} repeated, ${plural(wrong.length, 'balance')} wrong, ${behind.length} ` +
      `behind`,
  };
}
