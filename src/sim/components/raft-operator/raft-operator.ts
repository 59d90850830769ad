/**
 * Who changes the members of a Raft group, and its leader, by a list of orders.
 *
 * Invariants: orders are carried out in their order, one at a time, each from its time on; one
 * whose fate is unknown is asked for again, which does no harm: to add a member or to remove it is
 * the same once or twice.
 *
 * Source: Ongaro's dissertation, chapter 4 and 3.10; etcdctl member, etcdctl move-leader
 */
import type { FactTable } from '../../contracts/facts.ts';
import { raftAdmin } from '../../contracts/raft-admin.ts';
import type { RaftAdminRequest, RaftMemberChange } from '../../contracts/raft-admin.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, Context, NodeIndex, View } from '../../node/behaviour.ts';
import type { Use } from '../../node/usage.ts';
import { checkRaftOperator, raftOperatorConfig } from './config.ts';
import type { OperatorOrder, RaftOperatorConfig } from './config.ts';

type Ctx = Context<RaftOperatorConfig>;

export interface RaftOperatorState {
  /** The order that is under way, or waits for its time; as many as there are: all are done. */
  next: number;
  /** Whether it was asked for, and not yet answered for good. */
  isUnderWay: boolean;
  /** Whom it takes for the leader. */
  target: NodeIndex | null;
  /** Of the order under way. */
  tries: number;
  done: number;
  refused: number;
}

export interface RaftOperatorView extends View {
  readonly component: 'raft-operator';
  /** In words; null: nothing is left to do. */
  readonly order: string | null;
  readonly isUnderWay: boolean;
  /** How often the one under way was asked for. */
  readonly tries: number;
  /** Orders that are not answered for good, the one under way among them. */
  readonly left: readonly { readonly order: string; readonly atMs: number }[];
  readonly done: number;
  readonly refused: number;
}

export type RaftOperatorFact =
  | { readonly type: 'raft-operator.ordered'; readonly order: string }
  | { readonly type: 'raft-operator.done'; readonly order: string; readonly tries: number }
  | { readonly type: 'raft-operator.refused'; readonly order: string; readonly why: string };

const facts: FactTable<RaftOperatorFact> = {
  'raft-operator.ordered': { weight: 'major', sentence: (f) => `asks to ${f.order}` },
  'raft-operator.done': { weight: 'major', sentence: (f) => `is told that it is done: ${f.order}` },
  'raft-operator.refused': {
    weight: 'major',
    sentence: (f) => `gives up to ${f.order}: ${f.why}`,
  },
};

/** `add n4 and n5, remove n2`. */
export function wordsOf({ add, learn, remove, catchUp, transferTo }: OperatorOrder): string {
  if (transferTo !== '') return `have ${transferTo} lead`;
  const part = (verb: string, names: readonly string[]): readonly string[] =>
    names.length === 0 ? [] : [`${verb} ${names.join(' and ')}`];
  const adding = catchUp ? 'add' : 'add at once';
  return [...part(adding, add), ...part('teach', learn), ...part('remove', remove)].join(', ');
}

/** What a group is asked for: a change, one that passes through a joint configuration, ... */
function usesOf({ add, learn, remove, transition, transferTo }: OperatorOrder): readonly Use[] {
  const isJoint = transition !== 'auto' || add.length + learn.length + remove.length > 1;
  const change = [
    'change',
    ...(isJoint ? ['joint-change'] : []),
    ...(remove.length > 0 ? ['remove'] : []),
  ];
  const asked = transferTo === '' ? change : ['transfer'];
  return asked.map((what) => ({ role: 'servers', what }));
}

function serverNamed(ctx: Ctx, name: string): NodeIndex {
  const found = ctx.members('servers').find((node) => ctx.nameOf(node) === name);
  if (found === undefined) throw new InvariantError(`no server ${name}: orders are checked`);
  return found;
}

function requestOf(ctx: Ctx, order: OperatorOrder): RaftAdminRequest {
  if (order.transferTo !== '') {
    return { type: 'raft-admin.transfer', to: serverNamed(ctx, order.transferTo) };
  }
  const all = (type: RaftMemberChange['type'], names: readonly string[]) =>
    names.map((name) => ({ type, peer: serverNamed(ctx, name) }));
  return {
    type: 'raft-admin.change',
    transition: order.transition,
    changes: [
      ...all('add-voter', order.add),
      ...all('add-learner', order.learn),
      ...all('remove', order.remove),
    ],
    catchUp: order.catchUp,
  };
}

function start(ctx: Ctx): RaftOperatorState {
  const state = { next: 0, isUnderWay: false, target: null, tries: 0, done: 0, refused: 0 };
  // One that starts again does not do again what was due before.
  if (ctx.life > 0) {
    state.next = ctx.config.orders.filter(({ atMs }) => ms(atMs) <= ctx.mono()).length;
  }
  arm(state, ctx);
  return state;
}

function arm(state: RaftOperatorState, ctx: Ctx): void {
  const order = ctx.config.orders[state.next];
  if (order === undefined) return;
  ctx.setTimer('order', 0, micros(Math.max(0, ms(order.atMs) - ctx.mono())));
}

function ask(state: RaftOperatorState, ctx: Ctx): void {
  const order = ctx.config.orders[state.next];
  const servers = ctx.members('servers');
  const target = state.target ?? servers[0];
  if (order === undefined) return;
  if (target === undefined) return again(ctx);
  if (!state.isUnderWay) {
    state.isUnderWay = true;
    state.tries = 0;
    ctx.tell<RaftOperatorFact>({ type: 'raft-operator.ordered', order: wordsOf(order) });
  }
  const { add, learn, remove, transferTo } = order;
  const named = [...add, ...learn, ...remove, ...(transferTo === '' ? [] : [transferTo])];
  // A plan names servers that are there; one may have been taken away since.
  const gone = named.find((name) => !servers.some((node) => ctx.nameOf(node) === name));
  if (gone !== undefined) return refuse(state, ctx, order, `${gone} is not there any more`);
  state.tries += 1;
  state.target = target;
  const options = { timeout: ms(ctx.config.timeoutMs), tag: state.next };
  ctx.call<RaftAdminRequest>(target, requestOf(ctx, order), options);
}

function refuse(state: RaftOperatorState, ctx: Ctx, order: OperatorOrder, why: string): void {
  state.refused += 1;
  ctx.tell<RaftOperatorFact>({ type: 'raft-operator.refused', order: wordsOf(order), why });
  advance(state, ctx);
}

function again(ctx: Ctx): void {
  ctx.setTimer('order', 0, ms(ctx.config.retryMs));
}

/** Refusals for good: to ask again would change nothing, or is for a person to decide. */
const FINAL: readonly string[] = ['not-possible', 'too-slow', 'transfer-aborted'];

function onResult(state: RaftOperatorState, ctx: Ctx, tag: number, result: CallResult): void {
  const order = ctx.config.orders[tag];
  if (order === undefined || tag !== state.next) return;
  if (result.outcome === 'ok') {
    state.done += 1;
    const { tries } = state;
    ctx.tell<RaftOperatorFact>({ type: 'raft-operator.done', order: wordsOf(order), tries });
    return advance(state, ctx);
  }
  const { code, detail } = result.error;
  if (FINAL.includes(code)) {
    const why = (detail as { readonly why?: string } | undefined)?.why ?? code;
    return refuse(state, ctx, order, why);
  }
  // A leader that is busy is the one to ask again.
  if (code !== 'busy') state.target = nextTarget(state, ctx, code, detail);
  again(ctx);
}

function advance(state: RaftOperatorState, ctx: Ctx): void {
  state.next += 1;
  state.isUnderWay = false;
  arm(state, ctx);
}

/** The leader that the server named, else the next server in turn. */
function nextTarget(
  { target }: RaftOperatorState,
  ctx: Ctx,
  code: string,
  detail: unknown,
): NodeIndex | null {
  const servers = ctx.members('servers');
  const named = code === 'not-leader' ? (detail as { leader: NodeIndex | null }).leader : null;
  if (named !== null && servers.includes(named)) return named;
  const place = target === null ? -1 : servers.indexOf(target);
  return servers[(place + 1) % servers.length] ?? null;
}

export const raftOperator = defineBehaviour<
  RaftOperatorState,
  RaftOperatorConfig,
  never,
  RaftOperatorView,
  RaftOperatorFact
>({
  component: 'raft-operator',
  about: 'Changes the members of a Raft group, and its leader, by a list of orders.',
  source: "Ongaro's dissertation, chapter 4 and 3.10; etcdctl member, etcdctl move-leader",
  leavesOut: [
    'Joint configurations that wait for an order of their own to end (joint-explicit).',
    'Watching the group and acting by itself, as an autopilot does.',
  ],
  badge: 'OP',
  serves: [],
  links: { servers: { about: 'The group that it operates.', contract: raftAdmin } },
  config: raftOperatorConfig,
  check: checkRaftOperator,
  usage: { uses: ({ orders }) => orders.flatMap(usesOf) },
  facts,
  roleNames: { operator: 'Changes the group.' },
  start,
  on: {},
  onTimer: ask,
  onResult,
  roles: () => ['operator'],
  gauges: [
    {
      title: 'Done',
      about: 'Orders that were answered as done.',
      kind: 'count',
      of: (state) => state.done,
    },
    {
      title: 'Refused',
      about: 'Orders that were refused for good.',
      kind: 'count',
      of: (state) => state.refused,
    },
  ],
  view: ({ next, isUnderWay, tries, done, refused }, _nameOf, { config }) => {
    const order = config.orders[next];
    const words = order === undefined ? null : wordsOf(order);
    return {
      component: 'raft-operator',
      order: words,
      isUnderWay,
      tries: isUnderWay ? tries : 0,
      left: config.orders.slice(next).map((one) => ({ order: wordsOf(one), atMs: one.atMs })),
      done,
      refused,
      fields: [
        { label: isUnderWay ? 'Under way' : 'Next', value: words },
        { label: 'Tries', value: isUnderWay ? tries : null },
        { label: 'Done', value: done },
        { label: 'Refused', value: refused },
      ],
    };
  },
});
