/** What every server of the key-value contract that executes a replicated log does alike. */
import type { KvSessionOpened, KvSessionRequest, KvWrite } from '../contracts/kv-session.ts';
import type { KvDone, KvGet, KvValue, KvValueReply } from '../contracts/kv.ts';
import type { CallRef, Context, NodeIndex } from '../node/behaviour.ts';
import type { Applied, KvCommand, Machine } from './kv-machine.ts';
import { take } from './waiting.ts';

const SHOWN_KEYS = 8;

/** Whom to ask instead: the detail of a refusal. */
export const leaderHint = (leader: NodeIndex | null): { readonly leader: NodeIndex | null } => ({
  leader,
});

interface WaitingRead {
  readonly call: CallRef;
  readonly key: string;
}

/** Who waits for what, by tag: what such a server keeps beside its machine. */
export interface Serving extends Machine {
  nextTag: number;
  readonly proposing: Map<number, CallRef>;
  readonly reads: Map<number, WaitingRead>;
}

type ServingInput =
  | { readonly type: 'propose'; readonly command: KvCommand; readonly tag: number }
  | { readonly type: 'read'; readonly tag: number };

/** What a server does with the requests of clients: each goes to its protocol under a tag. */
export function serveKv<S extends Serving, C>(
  feed: (state: S, ctx: Context<C>, input: ServingInput) => void,
) {
  const propose = (
    state: S,
    ctx: Context<C>,
    command: KvCommand,
    _from: NodeIndex,
    call: CallRef,
  ): void => {
    if (!isSupported(command)) return ctx.refuse(call, 'not-supported');
    const tag = state.nextTag++;
    state.proposing.set(tag, call);
    feed(state, ctx, { type: 'propose', command, tag });
  };
  const proposeInSession = (
    state: S,
    ctx: Context<C>,
    request: KvSessionRequest,
    from: NodeIndex,
    call: CallRef,
  ): void => propose(state, ctx, inSession(ctx, request), from, call);
  const read = (
    state: S,
    ctx: Context<C>,
    { key }: KvGet,
    _from: NodeIndex,
    call: CallRef,
  ): void => {
    const tag = state.nextTag++;
    state.reads.set(tag, { call, key });
    feed(state, ctx, { type: 'read', tag });
  };
  return {
    'kv.put': propose,
    'kv.cas': propose,
    'kv.update': propose,
    'kv.get': read,
    'kv-session.open': proposeInSession,
    'kv-session.write': proposeInSession,
  };
}

/** Answers a read from the machine as it is now; or, refused, with whom to ask instead. */
export function endRead(
  state: Serving,
  ctx: Context,
  effect:
    | { readonly type: 'read-ready'; readonly tag: number }
    | { readonly type: 'read-refused'; readonly tag: number; readonly leader: NodeIndex | null },
): void {
  const { call, key } = take(state.reads, effect.tag);
  if (effect.type === 'read-refused') {
    return ctx.refuse(call, 'not-leader', leaderHint(effect.leader));
  }
  const value = state.store.get(key) ?? null;
  ctx.reply<KvValueReply>(call, { type: 'kv.value', value });
}

/** Answers a client whose command was executed; null: there was nothing to execute. */
export function answerApplied(ctx: Context, call: CallRef, applied: Applied | null): void {
  switch (applied?.type) {
    case 'opened': {
      const { session } = applied;
      return ctx.reply<KvSessionOpened>(call, { type: 'kv-session.opened', session });
    }
    case 'expired':
      return ctx.refuse(call, 'session-expired');
    case 'done':
    case undefined:
      return ctx.reply<KvDone>(call, { type: 'kv.done', applied: applied?.applied ?? true });
  }
}

/** Sets that merge are not kept by this machine. */
function isSupported(command: KvCommand): boolean {
  const write = writeOf(command);
  return !(write?.type === 'kv.update' && 'element' in write.update);
}

function writeOf(command: KvCommand): KvWrite | null {
  if (command.type !== 'session') return command;
  return command.request.type === 'kv-session.write' ? command.request.write : null;
}

/** The time of the leader goes into the log with the command: sessions end by that. */
const inSession = <C>(ctx: Context<C>, request: KvSessionRequest): KvCommand => ({
  type: 'session',
  atMicros: ctx.wall(),
  request,
});

export function labelOfCommand(command: KvCommand): string {
  if (command.type !== 'session') return labelOfWrite(command);
  const { request } = command;
  if (request.type === 'kv-session.open') return 'new session';
  return `${labelOfWrite(request.write)} (${request.session}.${request.sequence})`;
}

function labelOfWrite(write: KvWrite): string {
  if (write.type !== 'kv.update') return `${write.key} = ${String(write.value)}`;
  const { update, key } = write;
  return update.do === 'increment' ? `${key} + ${update.by}` : `${update.do} in ${key}`;
}

/** Keys with their values, the one written last first. */
export function newestKeys(
  store: ReadonlyMap<string, KvValue>,
): readonly { readonly key: string; readonly value: string }[] {
  return [...store]
    .slice(-SHOWN_KEYS)
    .reverse()
    .map(([key, value]) => ({ key, value: String(value) }));
}
