/**
 * Clients of a bank that keeps events: each changes an account, and then looks at it on the reading
 * side, with or without saying which position it has to see.
 *
 * Invariant: each command ends once: done, surely not done, or nobody knows. Its id is the number
 * of its operation in the history, which no other command of the run has, and every try says
 * it again.
 */
import { accountCommands, accountQueries } from '../../contracts/account.ts';
import type {
  AccountBalance,
  AccountChange,
  AccountChanged,
  AccountQuery,
} from '../../contracts/account.ts';
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact, FactTable } from '../../contracts/facts.ts';
import { over, word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { ms } from '../../kernel/time.ts';
import { plural } from '../../kernel/plural.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, Context, GroupSettings, View } from '../../node/behaviour.ts';
import { arrivalsSchema, checkArrivalWords } from '../../traffic/arrivals-schema.ts';
import { armArrival, startLoad } from '../../traffic/open-load.ts';
import type { OpenLoad } from '../../traffic/open-load.ts';

const config = Type.Object(
  {
    arrivals: arrivalsSchema,
    amounts: Type.Array(Type.Integer({ description: 'Less than 0: it is taken out.' }), {
      description: 'What the commands change an account by, one after the other, round and round.',
      default: [100, -60],
      minItems: 1,
      maxItems: 100,
    }),
    accounts: field.count({
      about: 'Of how many accounts; after each round of the amounts comes the next account.',
      default: 1,
      min: 1,
      max: 10_000,
    }),
    reads: field.choice(['never', 'at-once', 'with-token'], {
      about:
        'Whether it looks at the account once a command is done: as it is there by then, or as ' +
        'it is from the position of its command on.',
      default: 'never',
      source: 'Terry et al. (1994), read your writes; KurrentDB returns the log position',
    }),
    readAfterMs: field.millis({ about: 'How long after the command.', default: 0 }),
    timeoutMs: field.millis({ about: 'How long it waits for an answer.', default: 1_000, min: 1 }),
    retries: field.count({ about: 'How often a command is tried again.', default: 0 }),
    retryMs: field.millis({ about: 'The pause before that.', default: 100 }),
  },
  {
    additionalProperties: false,
    needs: [
      { settings: ['readAfterMs'], any: [word('reads', 'at-once', 'with-token')] },
      { settings: ['retryMs'], any: [over('retries')] },
    ],
  },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

interface Open {
  readonly f: 'command' | 'query';
  readonly account: string;
  /** Of a command. */
  readonly amount: number;
  /** Of a query: where the command that it comes after is. */
  readonly position: number;
  readonly sinceMicros: number;
  tries: number;
  isDoubtful: boolean;
}

export interface AccountClientState {
  readonly load: OpenLoad;
  /** By operation. */
  readonly open: Map<number, Open>;
  commands: number;
  /** Which is to be looked at, and from which position on, by command. */
  readonly reads: Map<number, { readonly account: string; readonly position: number }>;
  readonly counts: { ok: number; fail: number; unknown: number; stale: number; fresh: number };
}

export interface AccountClientView extends View {
  readonly component: 'account-client';
  readonly open: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly stale: number;
}

export interface StaleRead {
  readonly type: 'account.read-stale';
  readonly account: string;
  /** Positions between its own command and what it was shown. */
  readonly behind: number;
}
type AccountClientFact = ClientFact | StaleRead;

const facts: FactTable<AccountClientFact> = {
  ...CLIENT_FACTS,
  'account.read-stale': {
    weight: 'major',
    sentence: (f) =>
      `does not see its own change of ${f.account}: it lacks ${plural(f.behind, 'event')}`,
  },
};

/** Every command is about the account that is next. */
const ONE_KEY = { kind: 'uniform', keys: 1, moveEveryMs: 0, stepMs: 0 } as const;

function start(ctx: Ctx): AccountClientState {
  const { arrivals } = ctx.config;
  const state: AccountClientState = {
    load: startLoad(arrivals, ONE_KEY, ctx.stream('arrivals')),
    open: new Map(),
    commands: 0,
    reads: new Map(),
    counts: { ok: 0, fail: 0, unknown: 0, stale: 0, fresh: 0 },
  };
  state.load.nextArrivalMicros = ctx.mono();
  armArrival(state.load, arrivals, ctx);
  return state;
}

function begin(state: AccountClientState, ctx: Ctx, of: Omit<Open, 'tries' | 'isDoubtful'>): void {
  const op = ctx.unique();
  state.open.set(op, { ...of, tries: 0, isDoubtful: false });
  const { f, account: key, position } = of;
  // A command by its id, so that its event is found.
  const input = f === 'command' ? op : position;
  ctx.tell<ClientFact>({ type: 'client.invoked', op, client: ctx.id, f, key, input });
  ask(state, ctx, op);
}

function come(state: AccountClientState, ctx: Ctx): void {
  const { amounts, accounts } = ctx.config;
  const place = state.commands;
  state.commands += 1;
  begin(state, ctx, {
    f: 'command',
    account: `account-${(Math.floor(place / amounts.length) % accounts) + 1}`,
    amount: amounts[place % amounts.length] ?? 0,
    position: 0,
    sinceMicros: ctx.mono(),
  });
}

/** Each client has a member of its own, round and round. */
function ask(state: AccountClientState, ctx: Ctx, op: number): void {
  const open = state.open.get(op);
  if (open === undefined) return;
  const { f, account, amount, position } = open;
  const members = ctx.members(f === 'command' ? 'service' : 'projection');
  const own = Math.max(0, ctx.members('peers').indexOf(ctx.self));
  const to = members[own % Math.max(1, members.length)];
  if (to === undefined) return;
  open.tries += 1;
  const options = { timeout: ms(ctx.config.timeoutMs), tag: op, tryNumber: open.tries };
  if (f === 'command') {
    const request: AccountChange = { type: 'account.change', id: op, account, amount };
    return void ctx.call<AccountChange>(to, request, options);
  }
  const atLeast = ctx.config.reads === 'with-token' ? position : 0;
  ctx.call<AccountQuery>(to, { type: 'account.query', account, atLeast }, options);
}

function onResult(state: AccountClientState, ctx: Ctx, op: number, result: CallResult): void {
  const open = state.open.get(op);
  if (open === undefined) return;
  if (result.outcome === 'unknown') open.isDoubtful = true;
  const isDecided = result.outcome !== 'unknown';
  if (open.f === 'command' && !isDecided && open.tries <= ctx.config.retries) {
    return ctx.setTimer('retry', op, ms(ctx.config.retryMs));
  }
  state.open.delete(op);
  complete(ctx, op, open, result);
  if (open.f === 'query') return seen(state, ctx, open, result);
  const isDoubtful = result.outcome === 'fail' && open.isDoubtful;
  state.counts[isDoubtful ? 'unknown' : result.outcome] += 1;
  if (result.outcome !== 'ok' || ctx.config.reads === 'never') return;
  const { position } = result.value as AccountChanged;
  state.reads.set(op, { account: open.account, position });
  ctx.setTimer('read', op, ms(ctx.config.readAfterMs));
}

function complete(ctx: Ctx, op: number, open: Open, result: CallResult): void {
  const { f, sinceMicros, tries, isDoubtful } = open;
  ctx.tell<ClientFact>({
    type: 'client.completed',
    op,
    client: ctx.id,
    f,
    // A later try that surely did nothing says nothing of those before it.
    outcome: result.outcome === 'fail' && isDoubtful ? 'unknown' : result.outcome,
    output: result.outcome === 'ok' ? outputOf(f, result.value) : null,
    ...(result.outcome === 'ok' ? {} : { error: result.error.code }),
    retries: Math.max(0, tries - 1),
    latencyMicros: ctx.mono() - sinceMicros,
  });
}

const outputOf = (f: Open['f'], value: unknown): number =>
  f === 'command' ? (value as AccountChanged).position : (value as AccountBalance).balance;

function seen(state: AccountClientState, ctx: Ctx, open: Open, result: CallResult): void {
  if (result.outcome !== 'ok') return;
  const behind = open.position - (result.value as AccountBalance).position;
  state.counts[behind > 0 ? 'stale' : 'fresh'] += 1;
  if (behind <= 0) return;
  ctx.tell<StaleRead>({ type: 'account.read-stale', account: open.account, behind });
}

function look(state: AccountClientState, ctx: Ctx, command: number): void {
  const read = state.reads.get(command);
  if (read === undefined) return;
  state.reads.delete(command);
  begin(state, ctx, { f: 'query', ...read, amount: 0, sinceMicros: ctx.mono() });
}

function check(settings: Config, group: GroupSettings): void {
  checkArrivalWords(settings.arrivals, `${group.path}/config/arrivals`);
  const isLinked = group.links.has('projection');
  if (settings.reads !== 'never' && !isLinked) {
    throw new ScenarioError('There is nobody whom it could ask for an account.', {
      path: `${group.path}/config/reads`,
      hint: 'Name a group of projections under links/projection.',
    });
  }
}

export const accountClient = defineBehaviour<
  AccountClientState,
  Config,
  never,
  AccountClientView,
  AccountClientFact
>({
  component: 'account-client',
  about: 'Puts money into accounts and takes it out, and looks at what it has done.',
  source: 'Young, CQRS Documents (2010); Terry et al., Session Guarantees (1994)',
  leavesOut: ['Queries of those who have changed nothing.'],
  badge: 'AC',
  serves: [],
  links: {
    service: { about: 'Who decides its commands: its own member.', contract: accountCommands },
    projection: {
      about: 'Whom it asks for balances: its own member.',
      contract: accountQueries,
      optional: true,
    },
  },
  config,
  check,
  operations: ['command', 'query'],
  facts,
  roleNames: { client: 'Sends commands.' },
  start,
  on: {},
  onTimer(state, ctx, kind, key) {
    if (kind === 'retry') return ask(state, ctx, key);
    if (kind === 'read') return look(state, ctx, key);
    come(state, ctx);
    armArrival(state.load, ctx.config.arrivals, ctx);
  },
  onResult,
  gauges: [
    {
      kind: 'count',
      title: 'Stale reads',
      about: 'Balances without the change that the same client had just made.',
      of: ({ counts }) => counts.stale,
    },
    {
      kind: 'count',
      title: 'Reads of own changes',
      about: 'Balances with it.',
      of: ({ counts }) => counts.fresh,
    },
  ],
  roles: () => ['client'],
  plain({ load, ...rest }) {
    const { keys: _large, ...draws } = load;
    return { ...rest, load: draws };
  },
  view: ({ open, counts }) => ({
    component: 'account-client',
    open: open.size,
    ok: counts.ok,
    fail: counts.fail,
    unknown: counts.unknown,
    stale: counts.stale,
    fields: [
      { label: 'Under way', value: open.size },
      { label: 'Done', value: counts.ok },
      { label: 'Refused', value: counts.fail },
      { label: 'Unknown', value: counts.unknown },
      { label: 'Saw its own change', value: counts.fresh },
      { label: 'Did not see it', value: counts.stale },
    ],
  }),
});
