/**
 * The request of a try. That it is a further one is known to whoever watches, for every kind of
 * call; of what is sent only HTTP requests say so. Costs nothing: a first try is the call's own
 * message, and only a further one over HTTP is a copy.
 *
 * Source: Envoy, x-envoy-attempt-count; neither memcached nor SQL nor Redis has such a word.
 */
import type { Message } from '../contracts/contract.ts';
import type { HttpRequest } from '../contracts/http.ts';
import type { TryMark } from '../contracts/tries.ts';
import type { Duration } from '../kernel/time.ts';
import type { CallId, Context, NodeIndex } from '../node/behaviour.ts';
import type { Call } from './upstream.ts';

/** Sends the request of a call, as the try that it is. */
export function sendRequest(
  ctx: Context,
  node: NodeIndex,
  { request }: Call,
  mark: TryMark,
  timeout: Duration,
  tag: number,
): CallId {
  const isHedge = mark < 0;
  const tryNumber = isHedge ? -mark : mark;
  const message = messageOf(request as Message, tryNumber, isHedge);
  return ctx.call(node, message, { timeout, tag, tryNumber, isHedge });
}

/** A further try over HTTP says so itself: it is a request of its own to whoever receives it. */
function messageOf(message: Message, tryNumber: number, isHedge: boolean): Message {
  if (tryNumber === 1 || message.type !== 'http.request') return message;
  const first = message as HttpRequest;
  const again: HttpRequest = { ...first, attempt: first.attempt + tryNumber - 1 };
  // Whoever passes a hedge on and tries that again sends a retry.
  if (isHedge === (first.hedge ?? false)) return again;
  const told: HttpRequest = { ...again, hedge: isHedge };
  return told;
}
