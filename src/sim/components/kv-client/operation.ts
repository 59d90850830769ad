/**
 * One operation of a client, as a script: find the leader, try, follow redirects, give up in time.
 *
 * The outcome is honest: ok only with an answer; fail only if every try surely had no effect;
 * otherwise unknown. A read has no effect, so a read without an answer is a fail.
 */
import type { KvContext, KvValue, KvValueReply } from '../../contracts/kv.ts';
import type { KvSessionOpened, KvSessionWrite } from '../../contracts/kv-session.ts';
import type { SentinelPrimary } from '../../contracts/sentinel.ts';
import type { Message } from '../../contracts/contract.ts';
import type { Duration } from '../../kernel/time.ts';
import type { CallResult, NodeIndex } from '../../node/behaviour.ts';
import { RETRY_POLICIES } from '../../policies/retry/index.ts';
import { InvariantError } from '../../kernel/errors.ts';
import { micros } from '../../kernel/time.ts';
import { call, draw, sleep } from '../../node/script.ts';
import type { Script, ScriptRun } from '../../node/script.ts';
import type { Asked } from './asked.ts';

export interface OperationArgs {
  readonly request: Asked;
  readonly servers: readonly NodeIndex[];
  /** The server to try first; null: whichever a sentinel names. */
  readonly first: NodeIndex | null;
  /** Who is asked for the primary, in this order; none: servers redirect. */
  readonly sentinels: readonly NodeIndex[];
  readonly tryTimeout: Duration;
  /** For all tries and the pauses between them. */
  readonly deadline: Duration;
  /** Name of the retry policy, the first pause and the longest. */
  readonly retryPolicy: string;
  readonly backoff: Duration;
  readonly backoffCap: Duration;
  readonly retryUnknown: boolean;
  /** The place of a write in a session; left out: outside any. */
  readonly session?: SessionPlace;
}

export interface SessionPlace {
  /** 0: one is yet to be opened. */
  readonly session: number;
  readonly sequence: number;
}

export interface OperationResult {
  /** The session that was used or opened; 0: the store knows it no more. */
  readonly session?: number;
  readonly outcome: 'ok' | 'fail' | 'unknown';
  /** Of a read its value; of a write whether it was applied; null without an answer. */
  readonly output: KvValue | boolean;
  readonly error: string | null;
  readonly retries: number;
  /** Who answered, or whom to try next time; null: whom a sentinel names then. */
  readonly server: NodeIndex | null;
  /** What a store with siblings says that was read. */
  readonly context?: KvContext;
  /** What a causal store says that its client depends on. */
  readonly dependencies?: KvContext;
  /** All values, where there is not just one. */
  readonly siblings?: readonly KvValue[];
  /** Where in its log a replicated store was. */
  readonly lsn?: number;
}

function* operate(args: OperationArgs): ScriptRun<OperationResult> {
  const { request, session: place } = args;
  const isRead = request.type === 'kv.get';
  if (place === undefined || isRead) return (yield* tryOn(args, request, isRead)).result;
  let { session } = place;
  let left: number = args.deadline;
  if (session === 0) {
    // A session that nobody uses does no harm.
    const opened = yield* tryOn(args, { type: 'kv-session.open' }, true);
    const { result, reply } = opened;
    if (reply === null) return { ...result, session: 0 };
    session = (reply as KvSessionOpened).session;
    left = opened.left;
  }
  // A logical client has one operation under way: it has the answers of all before.
  const { sequence } = place;
  const write: KvSessionWrite = {
    type: 'kv-session.write',
    session,
    sequence,
    firstPending: sequence,
    write: request,
  };
  const { result } = yield* tryOn({ ...args, deadline: micros(left) }, write, false);
  return { ...result, session: result.error === 'session-expired' ? 0 : session };
}

interface Tried {
  readonly result: OperationResult;
  /** Null without an answer. */
  readonly reply: Message | null;
  /** Of the time for all tries. */
  readonly left: number;
}

/** What does no harm is a fail where there is no answer, and is tried again whatever happened. */
function* tryOn(args: OperationArgs, request: Message, isHarmless: boolean): ScriptRun<Tried> {
  const { servers, tryTimeout } = args;
  let server: NodeIndex | null = args.first;
  let doubtful = false;
  let error = 'timeout';
  let lastPause: number = args.backoff;
  // A script has no clock: each try counts as if it had taken all its time.
  let left: number = args.deadline;
  for (let tries = 1; ; tries++) {
    if (server === null) {
      const found: Located = yield* locate(args);
      server = found.primary;
      left -= found.unanswered * tryTimeout;
    }
    const result: CallResult =
      server === null ? NO_SENTINEL : yield* call(server, request, tryTimeout, tries);
    if (server !== null) left -= tryTimeout;
    if (result.outcome === 'ok') {
      const reply = result.value;
      const output = valueOf(reply);
      const answer = { outcome: 'ok', output, error: null, retries: tries - 1, server } as const;
      return { result: { ...answer, ...contextIn(reply) }, reply, left };
    }
    error = result.error.code;
    if (result.outcome === 'unknown') doubtful = true;
    // What is not primary, or not there, is no more asked: somebody else may be by now.
    server = args.sentinels.length > 0 ? null : redirect(result, server, servers);
    const isOver = error === 'session-expired';
    const mayRetry = !isOver && (isHarmless || !doubtful || args.retryUnknown);
    const wait = mayRetry ? yield* pauseOf(args, tries, lastPause) : 0;
    if (!mayRetry || wait + tryTimeout > left) {
      const outcome = doubtful && !isHarmless ? 'unknown' : 'fail';
      return {
        result: { outcome, output: null, error, retries: tries - 1, server },
        reply: null,
        left,
      };
    }
    if (wait > 0) yield* sleep(micros(wait));
    left -= wait;
    lastPause = wait;
  }
}

interface Located {
  readonly primary: NodeIndex | null;
  /** How many sentinels did not answer. */
  readonly unanswered: number;
}

/** Nothing was asked of any server. */
const NO_SENTINEL: CallResult = Object.freeze({
  outcome: 'fail',
  error: Object.freeze({ code: 'timeout' }),
});

/** The first sentinel that answers says who is primary (get-master-addr-by-name). */
function* locate({ sentinels, tryTimeout }: OperationArgs): ScriptRun<Located> {
  let unanswered = 0;
  for (const sentinel of sentinels) {
    const result = yield* call(sentinel, { type: 'sentinel.get-primary' }, tryTimeout, 1);
    if (result.outcome === 'ok') {
      return { primary: (result.value as SentinelPrimary).primary, unanswered };
    }
    unanswered += 1;
  }
  return { primary: null, unanswered };
}

function* pauseOf(args: OperationArgs, attempt: number, previousMicros: number): ScriptRun<number> {
  const policy = RETRY_POLICIES.find((p) => p.name === args.retryPolicy);
  if (policy === undefined) throw new InvariantError(`no retry policy ${args.retryPolicy}`);
  const drawn = policy.isRandom ? (yield* draw('retry', DRAWS)) / DRAWS : 0;
  const { backoff: baseMicros, backoffCap: capMicros } = args;
  return policy.pauseMicros({ attempt, previousMicros, baseMicros, capMicros }, drawn);
}

/** Steps of a draw in [0, 1). */
const DRAWS = 1_073_741_824;

function valueOf(reply: Message): KvValue | boolean {
  const answer = reply as { readonly value?: KvValue; readonly applied?: boolean };
  return answer.applied ?? answer.value ?? null;
}

type Said = Pick<OperationResult, 'context' | 'dependencies' | 'siblings' | 'lsn'>;

function contextIn(reply: Message): Said {
  const { context, dependencies, siblings, lsn } = reply as KvValueReply;
  return {
    ...(context === undefined ? {} : { context }),
    ...(dependencies === undefined ? {} : { dependencies }),
    ...(siblings === undefined ? {} : { siblings }),
    ...(lsn === undefined ? {} : { lsn }),
  };
}

/** Refusals that name whom to ask. */
const NAMING: readonly string[] = ['not-leader', 'transferring', 'replica-behind'];

/** The leader that the server named, the same if it is busy, else the next server in turn. */
function redirect(
  result: CallResult,
  server: NodeIndex | null,
  servers: readonly NodeIndex[],
): NodeIndex | null {
  if (result.outcome !== 'ok' && result.error.code === 'busy') return server;
  if (result.outcome !== 'ok' && NAMING.includes(result.error.code)) {
    const { leader } = result.error.detail as { readonly leader: NodeIndex | null };
    if (leader !== null && servers.includes(leader)) return leader;
  }
  return servers[(servers.indexOf(server ?? -1) + 1) % servers.length] ?? server;
}

export const OPERATION = 'kv.operation';

export const operation: Script<OperationArgs, OperationResult> = { name: OPERATION, run: operate };
