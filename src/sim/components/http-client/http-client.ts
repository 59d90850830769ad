/**
 * Clients of a service: they ask at a rate or in a loop, for objects of some popularity, and keep
 * count of how it ends.
 *
 * Invariant: what a request asks for is drawn when it begins, from streams of its own, whatever
 * becomes of others: two runs that differ in the servers ask the same at the same time (an open
 * loop), or the same in the same order (a closed one).
 */
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientCompleted, ClientFact } from '../../contracts/facts.ts';
import { http } from '../../contracts/http.ts';
import type { HttpRequest, HttpResponse } from '../../contracts/http.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, Context, GroupSettings } from '../../node/behaviour.ts';
import { hashInt } from '../../policies/hashing/hash-int.ts';
import { checkArrivalWords } from '../../traffic/arrivals-schema.ts';
import { CALL_RULES, callRulesInUse, trafficNeeds } from '../../traffic/call-rules.ts';
import { checkCallPolicy } from '../../traffic/check-policy.ts';
import { TRAFFIC_FACTS } from '../../traffic/facts.ts';
import type { TrafficFact } from '../../traffic/facts.ts';
import { armArrival, drawKey, keyName, startLoad } from '../../traffic/open-load.ts';
import type { OpenLoad } from '../../traffic/open-load.ts';
import { policyUnder } from '../../traffic/rules.ts';
import { newUpstream, ownerOf } from '../../traffic/upstream.ts';
import type { CallEnd, Upstream } from '../../traffic/upstream.ts';
import {
  beginCall,
  onTryResult,
  onUpstreamTimer,
  refreshMembers,
} from '../../traffic/upstream-calls.ts';
import { tryGauges, upstreamFlows, upstreamView, waitingIn } from '../../traffic/upstream-view.ts';
import { checkVain } from './check-vain.ts';
import { httpClientConfig } from './config.ts';
import { silence } from './silence.ts';
import type { HttpClientConfig } from './config.ts';
import type { HttpClientView } from './view.ts';

type Ctx = Context<HttpClientConfig>;
type Route = HttpClientConfig['routes'][number];

/** A request that is not answered yet. Slots are used again. */
interface Asked {
  op: number;
  route: number;
  /** Of a closed loop: whose it is. */
  user: number;
  beganMicros: number;
}

export interface HttpClientState extends OpenLoad {
  readonly shares: number;
  readonly upstream: Upstream;
  readonly asked: Asked[];
  readonly free: number[];
  nextConnection: number;
  ok: number;
  fail: number;
  unknown: number;
  degraded: number;
  readonly errors: Map<string, number>;
}

function start(ctx: Ctx): HttpClientState {
  const { config } = ctx;
  const state: HttpClientState = {
    ...startLoad(config.arrivals, config.popularity, ctx.stream('arrivals')),
    shares: config.routes.reduce((sum, { share }) => sum + share, 0),
    upstream: newUpstream('target', 0, policyUnder(config.call, ctx.ablations)),
    asked: [],
    free: [],
    nextConnection: 0,
    ok: 0,
    fail: 0,
    unknown: 0,
    degraded: 0,
    errors: new Map(),
  };
  refreshMembers(state.upstream, ctx);
  const wait = Math.max(0, ms(config.startMs) - ctx.mono());
  if (config.load === 'open') {
    state.nextArrivalMicros = ctx.mono() + wait;
    armArrival(state, config.arrivals, ctx);
  } else {
    for (let user = 0; user < config.users; user++) {
      const first = wait + ctx.stream('think').open01() * ms(config.thinkMs);
      ctx.setTimer('think', user, micros(first));
    }
  }
  return state;
}

const stopped = ({ stopMs }: HttpClientConfig, monoMicros: number): boolean =>
  stopMs > 0 && monoMicros >= ms(stopMs);

function onTimer(state: HttpClientState, ctx: Ctx, kind: string, key: number): void {
  if (kind === 'arrival' || kind === 'think') {
    if (stopped(ctx.config, ctx.mono())) return;
    ask(state, ctx, kind === 'think' ? key : -1);
    if (kind === 'arrival') armArrival(state, ctx.config.arrivals, ctx);
  } else {
    onUpstreamTimer(state.upstream, ctx, kind, key);
  }
  settle(state, ctx);
}

/** One request: all that it asks for is drawn now. */
function ask(state: HttpClientState, ctx: Ctx, user: number): void {
  const { config } = ctx;
  const now = ctx.mono();
  const key = drawKey(state, ctx);
  const routeAt = drawRoute(state, ctx);
  const route = config.routes[routeAt] as Route;
  const session = user >= 0 ? user : ctx.stream('sessions').below(config.sessions);
  const seed = ctx.stream('seeds').uint32() | 0;
  const slot =
    state.free.pop() ?? state.asked.push({ op: 0, route: 0, user: 0, beganMicros: 0 }) - 1;
  const asked = state.asked[slot] as Asked;
  asked.op = ctx.unique();
  asked.route = routeAt;
  asked.user = user;
  asked.beganMicros = now;
  ctx.tell<ClientFact>({
    type: 'client.invoked',
    op: asked.op,
    client: ctx.id,
    f: route.route,
    key: keyName(key),
    input: null,
  });
  const request: HttpRequest = {
    type: 'http.request',
    route: route.route,
    write: route.write,
    key,
    seed,
    session,
    connection: connectionOf(state, ctx, session),
    priority: route.priority,
    attempt: 0,
  };
  const { hashOn } = config.call.balance;
  const hashed = hashOn === 'key' ? key : hashOn === 'session' ? session : request.connection;
  beginCall(state.upstream, ctx, slot, request, route.write, hashInt(hashed, 0), Infinity);
}

/** Connections that are shared are used in turn. */
function connectionOf(state: HttpClientState, ctx: Ctx, session: number): number {
  const { connections } = ctx.config;
  if (connections === 0) return session;
  const connection = state.nextConnection;
  state.nextConnection = (connection + 1) % connections;
  return ctx.self * 65_536 + connection;
}

/** One draw for each request, however many routes there are. */
function drawRoute(state: HttpClientState, ctx: Ctx): number {
  const { routes } = ctx.config;
  let left = ctx.stream('mix').open01() * state.shares;
  for (let i = 0; i < routes.length - 1; i++) {
    left -= (routes[i] as Route).share;
    if (left < 0) return i;
  }
  return routes.length - 1;
}

/** Calls that ended: counted, told, and in a closed loop followed by a pause. */
function settle(state: HttpClientState, ctx: Ctx): void {
  const { ended } = state.upstream;
  while (ended.length > 0) finish(state, ctx, ended.shift() as CallEnd);
}

function finish(state: HttpClientState, ctx: Ctx, end: CallEnd): void {
  const slot = end.owner;
  const asked = state.asked[slot] as Asked;
  state.free.push(slot);
  const outcome = end.value !== null ? 'ok' : end.isDefinite ? 'fail' : 'unknown';
  state[outcome] += 1;
  const response = end.value as HttpResponse | null;
  if (response?.degraded === true) state.degraded += 1;
  if (outcome !== 'ok') state.errors.set(end.code, (state.errors.get(end.code) ?? 0) + 1);
  const fact = {
    type: 'client.completed',
    op: asked.op,
    client: ctx.id,
    f: (ctx.config.routes[asked.route] as Route).route,
    outcome,
    output: response === null ? null : response.version,
    retries: end.retries,
    hedges: end.hedges,
    latencyMicros: ctx.mono() - asked.beganMicros,
  } as const;
  ctx.tell<ClientCompleted>(end.code === '' ? fact : { ...fact, error: end.code });
  if (asked.user < 0) return;
  const { thinkMs } = ctx.config;
  const pause = thinkMs === 0 ? 0 : ctx.stream('think').exponential(ms(thinkMs));
  ctx.setTimer('think', asked.user, micros(pause));
}

function check(config: HttpClientConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  checkArrivalWords(config.arrivals, `${path}/arrivals`);
  if (config.routes.every(({ share }) => share === 0)) {
    throw new ScenarioError('Every route has the share 0: nothing would be asked for.', {
      path: `${path}/routes`,
      hint: 'Give at least one of them a share above 0.',
    });
  }
  const names = config.routes.map(({ route }) => route);
  const twice = names.findIndex((name, i) => names.indexOf(name) < i);
  if (twice >= 0) {
    throw new ScenarioError(`The route "${names[twice]}" is asked for twice.`, {
      path: `${path}/routes/${twice}/route`,
      hint: 'Give one of them the share of both, or each a name of its own.',
    });
  }
  if (config.stopMs > 0 && config.stopMs <= config.startMs) {
    throw new ScenarioError('The load ends before it begins: nothing would be asked for.', {
      path: `${path}/stopMs`,
      hint: `startMs is ${config.startMs}.`,
    });
  }
  checkVain(config, group, path);
  const target = group.links.get('target');
  if (target !== undefined) {
    checkCallPolicy(config.call, target, `${path}/call`, group.given['call']);
  }
}

function view(state: HttpClientState): HttpClientView {
  const errors = [...state.errors].map(([code, count]) => ({ code, count }));
  errors.sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
  return {
    component: 'http-client',
    inFlight: state.upstream.flow.inside,
    ok: state.ok,
    fail: state.fail,
    unknown: state.unknown,
    degraded: state.degraded,
    retries: state.upstream.retries,
    hedges: state.upstream.hedged,
    upstream: upstreamView(state.upstream),
    errors,
    fields: [
      { label: 'Under way', value: state.upstream.flow.inside },
      { label: 'Answered', value: state.ok },
      { label: 'Failed', value: state.fail },
      { label: 'Unknown', value: state.unknown },
      { label: 'Retries', value: state.upstream.retries },
      { label: 'Hedges', value: state.upstream.hedged },
      ...errors.slice(0, 4).map(({ code, count }) => ({ label: code, value: count })),
    ],
  };
}

export const httpClient = defineBehaviour<
  HttpClientState,
  HttpClientConfig,
  never,
  HttpClientView,
  ClientFact | TrafficFact
>({
  component: 'http-client',
  about: 'Asks a service for objects, in an open or a closed loop, and keeps count of the answers.',
  source: 'Open and closed loops: Schroeder, Wierman & Harchol-Balter (NSDI 2006)',
  leavesOut: [
    'Connections: opening one costs nothing; only a balancer of layer 4 tells them apart.',
  ],
  badge: 'CL',
  serves: [],
  links: { target: { about: 'Whom it asks.', contract: http } },
  config: httpClientConfig,
  check,
  routing: {
    known: () => null,
    asks: ({ routes }, asked) =>
      asked !== null
        ? []
        : routes.map(({ route }, i) => ({ role: 'target', route, at: `routes/${i}/route` })),
  },
  silence,
  mayWrite: ({ routes }) => routes.some(({ write }) => write),
  facts: { ...CLIENT_FACTS, ...TRAFFIC_FACTS },
  rules: CALL_RULES,
  ruleNeeds: trafficNeeds(CALL_RULES, ({ call }, among) => callRulesInUse(call, among)),
  roleNames: { client: 'Asks.' },
  start,
  on: {},
  onTimer,
  onResult(state, ctx, tag, result: CallResult) {
    onTryResult(state.upstream, ctx, tag, result);
    settle(state, ctx);
  },
  onBehalf: ({ asked, upstream }, tag) => ({
    of: 'operation',
    op: (asked[ownerOf(upstream, tag)] as Asked).op,
  }),
  onMembers: (state, ctx) => refreshMembers(state.upstream, ctx),
  gauges: [
    {
      title: 'Under way',
      about: 'Requests that are not answered yet, whether sent or waiting here.',
      kind: 'level',
      of: (state) => state.upstream.flow.inside,
    },
    {
      title: 'Waiting for a place',
      about: 'Requests that wait here for a place of the bulkhead.',
      kind: 'level',
      of: (state) => waitingIn(state.upstream),
    },
    ...tryGauges<HttpClientState>(({ upstream }) => [upstream]),
    {
      title: 'Held back',
      about: 'Requests that it did not even send: breaker, bulkhead or throttle.',
      kind: 'count',
      of: (state) => state.upstream.heldBack,
    },
  ],
  flows: (state) => upstreamFlows(state.upstream),
  roles: () => ['client'],
  // The table of popularity follows from the configuration, and may be large.
  plain: ({ keys: _, ...state }) => state,
  view,
});
