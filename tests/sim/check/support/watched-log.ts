/**
 * A log that clients watch, for the check of watches: a store that writes by itself, and watchers
 * that ask for what is new. After an answer that did not come they go on as `resume` says: from
 * where they were, from whatever is written next, or from the beginning.
 */
import { CLIENT_FACTS, Type, defineBehaviour, defineContract, field, ms } from 'faultline';
import type { ClientFact, Context, Outcome, Static } from 'faultline';

interface Poll {
  readonly type: 'watched.poll';
  /** Null: from the next event on. */
  readonly after: number | null;
}
interface Events {
  readonly type: 'watched.events';
  readonly events: readonly (readonly [number, number])[];
  readonly upTo: number;
}

const watched = defineContract<Poll | Events>({
  name: 'watched',
  about: 'A watcher asks for the events after a revision.',
  source: 'A test',
  messages: {
    'watched.poll': {
      role: 'request',
      flight: 'request',
      digest: (m) => m.after ?? -1,
      label: (m) => `events after ${String(m.after)}`,
    },
    'watched.events': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.upTo,
      label: (m) => `${m.events.length} events`,
    },
  },
  errors: [],
});

interface LogState {
  readonly events: [number, number][];
}

const nothing = Type.Object({}, { additionalProperties: false });
const view = (component: string) => () => ({ component, fields: [] });

export const watchedLog = defineBehaviour<
  LogState,
  Static<typeof nothing>,
  Poll,
  never,
  ClientFact
>({
  component: 'watched-log',
  about: 'Writes an event every ten milliseconds.',
  source: 'A test',
  leavesOut: [],
  badge: 'WL',
  serves: [watched],
  links: {},
  config: nothing,
  facts: CLIENT_FACTS,
  roleNames: {},
  start(ctx) {
    ctx.setTimer('write', 0, ms(10));
    return { events: [] };
  },
  on: {
    'watched.poll': ({ events }, ctx, { after }, _from, call) => {
      const upTo = events.length;
      const news = after === null ? [] : events.slice(after);
      ctx.reply<Events>(call, { type: 'watched.events', events: news, upTo });
    },
  },
  onTimer(state, ctx) {
    const revision = state.events.length + 1;
    const value = revision * 7;
    state.events.push([revision, value]);
    tell(ctx, ctx.unique(), 'append', value, revision, 'ok');
    ctx.setTimer('write', 0, ms(10));
  },
  roles: () => [],
  view: view('watched-log') as never,
});

const settings = Type.Object(
  {
    resume: field.choice(['where-it-was', 'from-now', 'from-the-beginning'], {
      about: 'From where it goes on after an answer that did not come.',
      default: 'where-it-was',
    }),
  },
  { additionalProperties: false },
);
type Settings = Static<typeof settings>;

interface WatcherState {
  /** Null: it does not know; the next answer says. */
  after: number | null;
}

export const watcher = defineBehaviour<WatcherState, Settings, never, never, ClientFact>({
  component: 'watcher',
  about: 'Watches a log.',
  source: 'A test',
  leavesOut: [],
  badge: 'WA',
  serves: [],
  links: { log: { about: 'What it watches.', contract: watched } },
  config: settings,
  facts: CLIENT_FACTS,
  roleNames: {},
  start(ctx) {
    ctx.setTimer('poll', 0, ms(5));
    return { after: 0 };
  },
  on: {},
  onTimer({ after }, ctx) {
    const [log] = ctx.members('log');
    if (log === undefined) return;
    const tag = ctx.unique();
    const base = { op: tag, client: ctx.id, f: 'watch', input: after };
    ctx.tell<ClientFact>({ type: 'client.invoked', ...base });
    ctx.call<Poll>(log, { type: 'watched.poll', after }, { timeout: ms(30), tag });
  },
  onResult(state, ctx, tag, result) {
    const answer = result.outcome === 'ok' ? (result.value as Events) : null;
    const { resume } = ctx.config;
    if (answer !== null) state.after = answer.upTo;
    else if (resume === 'from-now') state.after = null;
    else if (resume === 'from-the-beginning') state.after = 0;
    completed(ctx, tag, 'watch', answer?.events ?? null, result.outcome);
    ctx.setTimer('poll', 0, ms(20));
  },
  roles: () => [],
  view: view('watcher') as never,
});

type Told = Context<unknown>;

function tell(
  ctx: Told,
  op: number,
  f: string,
  input: unknown,
  output: unknown,
  outcome: 'ok',
): void {
  ctx.tell<ClientFact>({ type: 'client.invoked', op, client: ctx.id, f, input });
  completed(ctx, op, f, output, outcome);
}

function completed(ctx: Told, op: number, f: string, output: unknown, outcome: Outcome): void {
  const end = { client: ctx.id, f, outcome, output, retries: 0, latencyMicros: 0 };
  ctx.tell<ClientFact>({ type: 'client.completed', op, ...end });
}
