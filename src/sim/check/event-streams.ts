/**
 * What the streams of a store of events hold in the end: how many commands that were answered as
 * done have no event, how many events are repetitions, how many were decided on a state that was no
 * longer the newest, and how often more was taken out than was there, each in exact numbers.
 *
 * Invariant: it is read from stores that run, and from all events, not from snapshots; otherwise it
 * is not known.
 */
import { eventStore } from '../components/event-store/event-store.ts';
import type { StoredEvent } from '../contracts/event-store.ts';
import { Type } from '../contracts/schema.ts';
import { plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, Verdict } from './check.ts';
import { statesOf } from './component-states.ts';
import { countedAtEnd, exactly } from './exact-counts.ts';
import type { Count, CountedFinding } from './exact-counts.ts';
import { checkServers } from './told.ts';

const KINDS = ['lost', 'repeated', 'stale', 'overdrawn'] as const;
type Kind = (typeof KINDS)[number];
type Args = { readonly [kind in Kind]: number | null };

export const eventStreams = defineCheck<Args, readonly [Verdict, string]>({
  use: 'event-streams',
  about:
    'In the end exactly so many commands that were done have no event, and exactly so many ' +
    'events are repetitions, were decided on an old state, or take out more than there is.',
  args: Type.Object(
    {
      lost: exactly('Commands that were answered as done, without an event'),
      repeated: exactly('Events beside the first of a command'),
      stale: exactly('Events that were not decided on the event right before them'),
      overdrawn: exactly('Events that take an account from 0 or more to less than 0'),
    },
    { additionalProperties: false },
  ),
  check: (_args, path, run) => checkServers('event-streams', { group: '', path }, run),
  create: (args, env) => countedAtEnd(KINDS, args, env, () => accountIn(env)),
});

interface CommandFinding {
  readonly why: string;
  readonly command: number;
}

function accountIn({ world, history }: CheckEnv): Count<Kind> | string {
  const stores = statesOf(eventStore, world);
  if (typeof stores === 'string') return stores;
  const done: number[] = [];
  const ops = new Map<number, number>();
  for (const { id, f, input, outcome } of history.ops()) {
    if (f !== 'command' || typeof input !== 'number') continue;
    ops.set(input, id);
    if (outcome === 'ok') done.push(input);
  }
  const events = stores.flatMap(({ store }) => store.all.slice(0, store.durable));
  const account = streamAccount(events, done);
  return {
    lost: provenBy(ops, account.lost),
    repeated: provenBy(ops, account.repeated),
    stale: provenBy(ops, account.stale),
    overdrawn: provenBy(ops, account.overdrawn),
    words: account.words,
  };
}

const provenBy = (
  ops: ReadonlyMap<number, number>,
  found: readonly CommandFinding[],
): readonly CountedFinding[] =>
  found.map(({ why, command }) => {
    const op = ops.get(command);
    return { why, ops: op === undefined ? [] : [op] };
  });

type StreamAccount = { readonly [kind in Kind]: readonly CommandFinding[] } & {
  readonly words: string;
};

/** Of all events in the order of their positions, and of the commands that were done. */
export function streamAccount(
  events: readonly StoredEvent[],
  done: readonly number[],
): StreamAccount {
  const found: { readonly [kind in Kind]: CommandFinding[] } = {
    lost: [],
    repeated: [],
    stale: [],
    overdrawn: [],
  };
  const times = new Map<number, number>();
  const balances = new Map<string, number>();
  for (const { id, stream, amount, revision, decidedOn } of events) {
    const where = `Revision ${revision} of ${stream}`;
    const note = (kind: Kind, why: string): void =>
      void found[kind].push({ why: `${where} ${why}`, command: id });
    const count = (times.get(id) ?? 0) + 1;
    times.set(id, count);
    if (count > 1) note('repeated', `is event ${count} of one command.`);
    if (decidedOn !== revision - 1) note('stale', `was decided on revision ${decidedOn}.`);
    const before = balances.get(stream) ?? 0;
    const after = before + amount;
    balances.set(stream, after);
    if (before >= 0 && after < 0) note('overdrawn', `takes ${-amount} of ${before}.`);
  }
  for (const id of done) {
    if (times.has(id)) continue;
    found.lost.push({ why: `Command ${id} was done, and has no event.`, command: id });
  }
  const { lost, repeated, stale, overdrawn } = found;
  return {
    ...found,
    words:
      `${plural(events.length, 'event')} of ${plural(balances.size, 'stream')}, ` +
      `${plural(done.length, 'command')} done; ` +
      `${lost.length} lost, ${repeated.length} repeated, ${stale.length} decided on an old ` +
      `state, ${overdrawn.length} overdrawn`,
  };
}
