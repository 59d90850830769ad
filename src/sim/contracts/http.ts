/**
 * The conversation of the request path: a request for a route and an object, its response.
 *
 * A request carries its own demands: the object, who asks, and 32 random bits from which every
 * station draws what this request costs there. So two designs under the same load differ only where
 * the designs differ.
 *
 * Source: HTTP semantics (RFC 9110): the error codes are its status codes in words.
 */
import { mix32 } from '../kernel/seeded-draws.ts';
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';
import { flightOfTry, tryMark, tryWords } from './tries.ts';
import type { TryMark } from './tries.ts';

export interface HttpRequest {
  readonly type: 'http.request';
  /** "GET /item": which of its endpoints a service runs. */
  readonly route: string;
  /** Whether it changes the object: then no answer means that nobody knows. */
  readonly write: boolean;
  /** The object that it asks for. */
  readonly key: number;
  /** 32 bits, drawn when it arrived: all its demands come from them. */
  readonly seed: number;
  /** Who asks, among all clients. */
  readonly session: number;
  /** The connection over which it comes: a balancer of layer 4 knows nothing else. */
  readonly connection: number;
  /** How important it is: 0 the most. */
  readonly priority: number;
  /** Tries before this one; each further one is a request of its own to whoever receives it. */
  readonly attempt: number;
  /** Of a further try: whether it races one that is still out; passed on with the request. */
  readonly hedge?: boolean;
}

export interface HttpResponse {
  readonly type: 'http.response';
  /** The version that was read or written: 0 before the first write, -1 for no such object. */
  readonly version: number;
  /** Whether a fallback or stale data stood in. */
  readonly degraded: boolean;
}

export type HttpMessage = HttpRequest | HttpResponse;

/** The detail of `rate-limited`. */
export interface RetryAfter {
  readonly retryAfterMs: number;
}

const markOf = ({ attempt, hedge }: HttpRequest): TryMark => tryMark(attempt + 1, hedge === true);

export const http = defineContract<HttpMessage>({
  name: 'http',
  about: 'A client asks a service for a route and an object, and is answered or refused.',
  source: 'RFC 9110, HTTP Semantics',
  overConnections: true,
  messages: {
    'http.request': {
      role: 'request',
      // A try after the first stands out: an extra load that nobody asked for.
      flight: (m) => flightOfTry(markOf(m)),
      digest: (m) => (mix32(m.seed) ^ m.key ^ Math.imul(m.attempt, 0x9e3779b9)) | 0,
      label: (m) => `${m.route} of ${m.key}${tryWords(markOf(m))}`,
    },
    'http.response': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (m.version * 2 + (m.degraded ? 1 : 0)) | 0,
      label: (m) => (m.degraded ? '200, degraded' : '200'),
    },
  },
  errors: [
    { code: 'bad-request', definite: true, means: '400: the service has no such route' },
    {
      code: 'rate-limited',
      definite: true,
      means: '429: over the limit; the detail says after how long to try again',
    },
    { code: 'internal-error', definite: false, means: '500: it failed on the way' },
    {
      code: 'bad-gateway',
      definite: false,
      means: '502: what stands behind failed, nobody knows how',
    },
    { code: 'overloaded', definite: true, means: '503: the queue is full, or it was shed' },
    { code: 'unavailable', definite: true, means: '503: no backend, or it is shutting down' },
    { code: 'circuit-open', definite: true, means: '503: a circuit breaker lets nothing through' },
    { code: 'bulkhead-full', definite: true, means: '503: too many calls there under way already' },
    { code: 'throttled', definite: true, means: 'the client itself held it back' },
    { code: 'gateway-timeout', definite: false, means: '504: what stands behind did not answer' },
  ],
});

export const routeWord = (route: string): number => hashText(route);
