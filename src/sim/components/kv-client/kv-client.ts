/**
 * A client of a key-value store: open or closed loop, redirected to the leader, recorded.
 *
 * Each operation is invoked by a logical client that has at most one under way. What an operation
 * asks for is drawn when it begins, from streams of its own, so that two runs which differ in the
 * servers ask the same.
 */
import { kvSession } from '../../contracts/kv-session.ts';
import { kv } from '../../contracts/kv.ts';
import { sentinel } from '../../contracts/sentinel.ts';
import type { KvContext, KvValue } from '../../contracts/kv.ts';
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientCompleted, ClientFact } from '../../contracts/facts.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { Duration } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { Context, NodeIndex } from '../../node/behaviour.ts';
import type { Script } from '../../node/script.ts';
import { merged } from '../../protocols/causal/dependencies.ts';
import { kvClientConfig } from './config.ts';
import type { KvClientConfig } from './config.ts';
import type { Asked } from './asked.ts';
import { checkKvClient } from './check.ts';
import { requestOf } from './listed.ts';
import { OPERATION, operation } from './operation.ts';
import type { OperationArgs, OperationResult, SessionPlace } from './operation.ts';
import { restore, save } from './state.ts';
import type { KvClientImage, KvClientState, Running } from './state.ts';
import type { KvClientView } from './view.ts';
import { KV_CLIENT_OPERATIONS, allValues, inputOf, nameOf, shown } from './words.ts';
import { operationsOf, usage } from './usage.ts';

type Ctx = Context<KvClientConfig>;

const RECENT = 6;

/** The names of the first keys, made once: a text compares fastest with itself. */
const KEY_NAMES: readonly string[] = Array.from({ length: 1_024 }, (_, i) => `k${i}`);
const keyName = (key: number): string => KEY_NAMES[key] ?? `k${key}`;

function start(ctx: Ctx): KvClientState {
  const state: KvClientState = {
    running: new Map(),
    nextTag: 0,
    idle: [],
    slots: 0,
    nextArrivalMicros: 0,
    target: null,
    seen: new Map(),
    contexts: new Map(),
    lsns: new Map(),
    dependencies: new Map(),
    sessions: new Map(),
    ok: 0,
    fail: 0,
    unknown: 0,
    retries: 0,
    recent: [],
  };
  // A restarted client begins at once where its start time has passed.
  const wait = Math.max(0, ms(ctx.config.startMs) - ctx.mono());
  if (ctx.config.mode === 'listed') armListed(ctx);
  else if (ctx.config.mode === 'open') {
    state.nextArrivalMicros = ctx.mono() + wait;
    armArrival(state, ctx);
  } else {
    state.slots = ctx.config.workers;
    for (let worker = 0; worker < ctx.config.workers; worker++) {
      const first = wait + ctx.stream('think').open01() * ms(ctx.config.thinkMs);
      ctx.setTimer('think', worker, micros(first));
    }
  }
  return state;
}

/** A restarted client does not do again what it began before. */
function armListed(ctx: Ctx): void {
  ctx.config.operations.forEach(({ atMs }, place) => {
    const wait = ms(atMs) - ctx.mono();
    if (wait >= 0) ctx.setTimer('listed', place, micros(wait));
  });
}

function armArrival(state: KvClientState, ctx: Ctx): void {
  const meanMicros = 1_000_000 / ctx.config.ratePerSecond;
  state.nextArrivalMicros += ctx.stream('arrivals').exponential(meanMicros);
  const wait = Math.max(0, Math.round(state.nextArrivalMicros) - ctx.mono());
  ctx.setTimer('arrival', 0, micros(wait));
}

const stopped = (ctx: Ctx): boolean => ctx.config.stopMs > 0 && ctx.mono() >= ms(ctx.config.stopMs);

function onTimer(state: KvClientState, ctx: Ctx, kind: string, key: number): void {
  if (stopped(ctx)) return;
  if (kind === 'think') {
    begin(state, ctx, key);
    return;
  }
  begin(state, ctx, state.idle.pop() ?? state.slots++, kind === 'listed' ? key : NOT_LISTED);
  if (kind === 'arrival') armArrival(state, ctx);
}

/** The place in the list of an operation that is drawn. */
const NOT_LISTED = -1;

/** Workers that found no server go on as soon as there is one again. */
function onMembers(state: KvClientState, ctx: Ctx): void {
  if (ctx.config.mode !== 'closed' || ctx.members('servers').length === 0) return;
  for (const worker of state.idle.splice(0)) ctx.setTimer('think', worker, thinkTime(ctx));
}

/** Whom an operation may ask, and whom it asks first. */
function serversOf(
  state: KvClientState,
  ctx: Ctx,
): { readonly servers: readonly NodeIndex[]; readonly first: NodeIndex | undefined } {
  const servers = ctx.members('servers');
  const { routing, firstServer } = ctx.config;
  const home = servers[Math.min(firstServer, servers.length) - 1];
  if (home === undefined) return { servers, first: undefined };
  if (routing === 'home') return { servers, first: home };
  if (routing === 'pinned') return { servers: [home], first: home };
  if (routing === 'random') {
    return { servers, first: servers[ctx.stream('routing').below(servers.length)] };
  }
  const isThere = state.target !== null && servers.includes(state.target);
  return { servers, first: isThere ? (state.target ?? home) : home };
}

function begin(state: KvClientState, ctx: Ctx, slot: number, place = NOT_LISTED): void {
  const { servers, first } = serversOf(state, ctx);
  const sentinels = ctx.members('sentinels');
  if (first === undefined) {
    state.idle.push(slot);
    return;
  }
  const listed = ctx.config.operations[place];
  const drawn =
    listed === undefined ? drawRequest(state, ctx) : withContext(state, requestOf(listed));
  const request = dependent(state, ctx, slot, withToken(state, slot, drawn));
  const all = listed?.do === 'get-all';
  const tag = state.nextTag++;
  const op = ctx.unique();
  const client = clientName(ctx, slot);
  const running: Running = {
    op,
    slot,
    request,
    startedMicros: ctx.mono(),
    ...(all ? { all } : {}),
  };
  state.running.set(tag, running);
  ctx.tell<ClientFact>({
    type: 'client.invoked',
    op,
    client,
    f: nameOf(running),
    key: request.key,
    input: inputOf(request),
  });
  // A connection to the primary is kept while it answers; else a sentinel is asked.
  const found = sentinels.length === 0 ? first : state.target;
  const args = argsOf(ctx.config, request, { servers, sentinels, first: found });
  ctx.run(OPERATION, inSession(state, ctx, slot, args), tag);
}

/** A write of a client with sessions is the next of its logical client's. */
function inSession(
  state: KvClientState,
  ctx: Ctx,
  slot: number,
  args: OperationArgs,
): OperationArgs {
  if (!ctx.config.sessions || args.request.type === 'kv.get') return args;
  const { session, sequence } = state.sessions.get(slot) ?? NO_SESSION;
  const next = { session, sequence: sequence + 1 };
  state.sessions.set(slot, next);
  return { ...args, session: next };
}

const NO_SESSION: SessionPlace = Object.freeze({ session: 0, sequence: 0 });

/** A session that the store knows no more is followed by another, which counts anew. */
function keepSession(state: KvClientState, slot: number, session: number): void {
  const { sequence } = state.sessions.get(slot) ?? NO_SESSION;
  state.sessions.set(slot, session === 0 ? NO_SESSION : { session, sequence });
}

const clientName = (ctx: Ctx, slot: number): string => `${ctx.id}#${slot}`;

function argsOf(
  c: KvClientConfig,
  request: Asked,
  whom: Pick<OperationArgs, 'servers' | 'sentinels' | 'first'>,
): OperationArgs {
  return {
    request,
    ...whom,
    tryTimeout: ms(c.tryTimeoutMs),
    deadline: ms(c.deadlineMs),
    retryPolicy: c.retryPolicy,
    backoff: ms(c.backoffMs),
    backoffCap: ms(c.backoffCapMs),
    retryUnknown: c.retryUnknown,
  };
}

/** A write says what its client had read of the key, where the store told it. */
function withContext(state: KvClientState, request: Asked): Asked {
  if (request.type !== 'kv.put') return request;
  const context = state.contexts.get(request.key);
  return context === undefined ? request : { ...request, context };
}

/** A write names all that its worker has seen, of whatever key. */
function dependent({ dependencies }: KvClientState, ctx: Ctx, slot: number, request: Asked): Asked {
  if (!ctx.config.dependencies || request.type !== 'kv.put') return request;
  return { ...request, dependencies: dependencies.get(slot) ?? [] };
}

/** A write stands for all that it depended on; a read adds to it. */
function depend(state: KvClientState, { slot, request }: Running, seen: KvContext): void {
  const before = request.type === 'kv.get' ? (state.dependencies.get(slot) ?? []) : [];
  state.dependencies.set(slot, merged(before, seen));
}

/** A read names what its worker has seen, if the client keeps tokens. */
function withToken({ lsns }: KvClientState, slot: number, request: Asked): Asked {
  const after = request.type === 'kv.get' ? lsns.get(slot) : undefined;
  return after === undefined ? request : ({ ...request, after } as Asked);
}

function drawRequest(state: KvClientState, ctx: Ctx): Asked {
  const { config } = ctx;
  const stream = ctx.stream('operations');
  const key = keyName(stream.below(config.keys));
  const isRead = stream.open01() < config.readShare;
  const isCas = stream.open01() < config.casShare;
  if (isRead) return { type: 'kv.get', key };
  const value = ctx.unique();
  if (!isCas) return withContext(state, { type: 'kv.put', key, value });
  return { type: 'kv.cas', key, expected: state.seen.get(key) ?? null, value };
}

function onScript(state: KvClientState, ctx: Ctx, tag: number, value: unknown): void {
  const running = state.running.get(tag);
  if (running === undefined) return;
  state.running.delete(tag);
  const result = value as OperationResult;
  state.target = result.server;
  state[result.outcome] += 1;
  state.retries += result.retries;
  if (result.session !== undefined) keepSession(state, running.slot, result.session);
  if (ctx.config.dependencies && result.dependencies !== undefined) {
    depend(state, running, result.dependencies);
  }
  if (result.outcome === 'ok') remember(state, running.request, result);
  if (ctx.config.lsnTokens && result.lsn !== undefined) {
    state.lsns.set(running.slot, Math.max(result.lsn, state.lsns.get(running.slot) ?? 0));
  }
  state.recent.push({ request: running.request, outcome: result.outcome });
  if (state.recent.length > RECENT) state.recent.shift();
  ctx.tell<ClientFact>(completion(ctx, running, result));
  if (ctx.config.mode !== 'closed') state.idle.push(running.slot);
  else ctx.setTimer('think', running.slot, thinkTime(ctx));
}

function completion(ctx: Ctx, running: Running, result: OperationResult): ClientCompleted {
  const fact = {
    type: 'client.completed',
    op: running.op,
    client: clientName(ctx, running.slot),
    f: nameOf(running),
    outcome: result.outcome,
    output: running.all === true ? allValues(result) : result.output,
    retries: result.retries,
    latencyMicros: ctx.mono() - running.startedMicros,
  } as const;
  return result.error === null ? fact : { ...fact, error: result.error };
}

const thinkTime = (ctx: Ctx): Duration =>
  ctx.config.thinkMs === 0
    ? micros(0)
    : micros(ctx.stream('think').exponential(ms(ctx.config.thinkMs)));

function remember(state: KvClientState, request: Asked, result: OperationResult): void {
  if (result.context !== undefined) state.contexts.set(request.key, result.context);
  if (request.type === 'kv.update') return;
  if (request.type === 'kv.get') state.seen.set(request.key, result.output as KvValue);
  else if (result.output === true) state.seen.set(request.key, request.value);
}

export const kvClient = defineBehaviour<
  KvClientState,
  KvClientConfig,
  never,
  KvClientView,
  ClientFact
>({
  component: 'kv-client',
  about: 'Reads and writes keys of a store, follows redirects, and keeps count of how it ends.',
  source: 'The client of Jepsen and Maelstrom: invoke, then ok, fail or unknown',
  leavesOut: ['Connections: a call is one message each way.'],
  badge: 'CL',
  serves: [],
  links: {
    servers: {
      about: 'The servers of the store, in the order of trying.',
      contract: [kv, kvSession],
    },
    sentinels: {
      about: 'Who is asked for the primary; without them servers say who leads.',
      contract: sentinel,
      optional: true,
    },
  },
  config: kvClientConfig,
  check: checkKvClient,
  usage,
  operations: KV_CLIENT_OPERATIONS,
  operationsOf,
  facts: CLIENT_FACTS,
  scripts: [operation as unknown as Script],
  roleNames: { client: 'Asks for operations.' },
  start,
  on: {},
  onTimer,
  onScript,
  onMembers,
  onBehalf({ running }, tag) {
    const one = running.get(tag);
    return one === undefined ? null : { of: 'operation', op: one.op };
  },
  roles: () => ['client'],
  save,
  restore: (image) => restore(image as KvClientImage),
  plain: ({ contexts, dependencies, lsns, sessions, ...state }) => ({
    ...state,
    recent: shown(state.recent),
    ...(contexts.size === 0 ? {} : { contexts }),
    ...(dependencies.size === 0 ? {} : { dependencies }),
    ...(lsns.size === 0 ? {} : { lsns }),
    ...(sessions.size === 0 ? {} : { sessions }),
  }),
  view: (state, nameOf) => ({
    component: 'kv-client',
    inFlight: state.running.size,
    ok: state.ok,
    fail: state.fail,
    unknown: state.unknown,
    retries: state.retries,
    recent: shown(state.recent),
    target: state.target === null ? null : nameOf(state.target),
    fields: [
      { label: 'Under way', value: state.running.size },
      { label: 'Answered', value: state.ok },
      { label: 'Failed', value: state.fail },
      { label: 'Unknown', value: state.unknown },
      { label: 'Retries', value: state.retries },
      { label: 'Asks first', value: state.target === null ? null : nameOf(state.target) },
    ],
  }),
});
