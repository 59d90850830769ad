/** What every server of the key-value contract that executes a replicated log does alike. */
import type { KvSessionOpened, KvSessionRequest, KvWrite } from '../contracts/kv-session.ts';
import type { KvDone, KvValue } from '../contracts/kv.ts';
import { InvariantError } from '../kernel/errors.ts';
import type { CallRef, Context, NodeIndex } from '../node/behaviour.ts';
import type { Applied, KvCommand } from './kv-machine.ts';

const SHOWN_KEYS = 8;

/** Whom to ask instead: the detail of a refusal. */
export const leaderHint = (leader: NodeIndex | null): { readonly leader: NodeIndex | null } => ({
  leader,
});

export function take<V>(waiting: Map<number, V>, tag: number): V {
  const found = waiting.get(tag);
  if (found === undefined) throw new InvariantError(`nobody waits under tag ${tag}`);
  waiting.delete(tag);
  return found;
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
export function isSupported(command: KvCommand): boolean {
  const write = writeOf(command);
  return !(write?.type === 'kv.update' && 'element' in write.update);
}

function writeOf(command: KvCommand): KvWrite | null {
  if (command.type !== 'session') return command;
  return command.request.type === 'kv-session.write' ? command.request.write : null;
}

/** The time of the leader goes into the log with the command: sessions end by that. */
export const inSession = (ctx: Context, request: KvSessionRequest): KvCommand => ({
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
