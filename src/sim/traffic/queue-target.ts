/**
 * Which broker of a cluster a client of queues talks to: the first at the beginning, then whom a
 * refusal names as the one that leads, or the next, where a broker cannot be reached or knows of
 * nobody.
 */
import type { CallError, Context, NodeIndex } from '../node/behaviour.ts';

export interface QueueTarget {
  /** By place among the members of the link. */
  at: number;
}

/** What says nothing against the broker that was asked. */
const OF_THE_QUEUE: readonly string[] = [
  'queue-full',
  'partly-taken',
  'no-route',
  'no-such-queue',
  'no-such-exchange',
  'no-such-channel',
];

export const brokerOf = (
  { at }: QueueTarget,
  ctx: Context,
  role = 'queue',
): NodeIndex | undefined => ctx.members(role)[at];

/** Where to ask after such an error; true: another is said to lead, and can be asked at once. */
export function turn(
  target: QueueTarget,
  ctx: Context,
  askedAt: number,
  { code, detail }: CallError,
  role = 'queue',
): boolean {
  const members = ctx.members(role);
  // Somebody else's answer has said so already.
  if (target.at !== askedAt) return false;
  const leader = (detail as { readonly leader: NodeIndex | null } | undefined)?.leader ?? null;
  const at = leader === null ? -1 : members.indexOf(leader);
  if (code === 'not-leader' && at >= 0 && at !== askedAt) {
    target.at = at;
    return true;
  }
  if (!OF_THE_QUEUE.includes(code)) target.at = (target.at + 1) % members.length;
  return false;
}

/** Of a client that has never turned to another there is nothing to tell. */
export const plainTarget = (target: QueueTarget): { readonly target?: QueueTarget } =>
  target.at === 0 ? {} : { target };
