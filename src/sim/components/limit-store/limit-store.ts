/**
 * A central store of rate-limit counters: limiters read and write counts, report what they let
 * through, or let it decide.
 *
 * Invariants: an operation is atomic, and operations are done one after the other; what is decided
 * here (`limit.take`) is never more than the limiter allows, whoever asks at once.
 *
 * Sources: Redis (INCR with EXPIRE; redis-cell CL.THROTTLE; scripts are atomic).
 * Differs: windows begin at multiples of their length by the store's own monotonic clock, where
 * Redis lets a counter expire; reads and reports always count windows, whatever the policy.
 */
import { limit } from '../../contracts/limit.ts';
import type {
  LimitCount,
  LimitDecision,
  LimitRead,
  LimitReport,
  LimitTake,
  LimitWrite,
} from '../../contracts/limit.ts';
import { micros } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, NameOf, Sight, ViewField } from '../../node/behaviour.ts';
import type { RateLimitSettings, RateLimitState } from '../../policies/limiting/index.ts';
import { windowLimit } from '../../policies/limiting/rate-limiter.ts';
import { enter, flowOf, leave, newFlow } from '../../traffic/flow.ts';
import type { FlowCount } from '../../traffic/flow.ts';
import { courseOfLimiter, courseOfWindow } from '../../traffic/limit-course.ts';
import type { LevelPoint } from '../../traffic/limit-course.ts';
import {
  checkLimit,
  entryOf,
  limitSettings,
  limiterNamed,
  newBusiest,
  noteLevel,
  windowOf,
} from '../../traffic/limit-policy.ts';
import type { Busiest, WindowCount } from '../../traffic/limit-policy.ts';
import { limitStoreConfig } from './config.ts';
import type { LimitStoreConfig } from './config.ts';
import { usage } from './usage.ts';

type Ctx = Context<LimitStoreConfig>;
type StoreRequest = LimitRead | LimitWrite | LimitTake | LimitReport;

/** An operation that waits for a core. Slots are used again. */
interface Waiting {
  readonly call: CallRef;
  readonly sinceMicros: number;
  readonly request: StoreRequest;
}

export interface LimitStoreState {
  readonly settings: RateLimitSettings;
  /** Of `limit.take`, by key. */
  readonly limiters: Map<number, RateLimitState>;
  /** Of read, write and report, by key. */
  readonly counts: Map<number, WindowCount>;
  readonly busiest: Busiest;
  readonly waiting: (Waiting | null)[];
  readonly free: number[];
  /** What waits: the law of its queue is held. */
  readonly flow: FlowCount;
  operations: number;
  admitted: number;
  refused: number;
}

export interface LimitStoreView {
  readonly component: 'limit-store';
  /** Of the busiest key at its newest operation: 0 at rest, 1 nothing may pass; null: not known. */
  readonly level: number | null;
  /** How the level of that key goes on if nothing more is asked; empty: not known. */
  readonly course: readonly LevelPoint[];
  readonly keys: number;
  readonly operations: number;
  readonly admitted: number;
  readonly refused: number;
  readonly waiting: number;
  readonly fields: readonly ViewField[];
}

const start = (ctx: Ctx): LimitStoreState => ({
  settings: limitSettings(ctx.config),
  limiters: new Map(),
  counts: new Map(),
  busiest: newBusiest(),
  waiting: [],
  free: [],
  flow: newFlow(),
  operations: 0,
  admitted: 0,
  refused: 0,
});

const waitingIn = ({ waiting, free }: LimitStoreState): number => waiting.length - free.length;

function onRequest(
  state: LimitStoreState,
  ctx: Ctx,
  request: StoreRequest,
  _from: number,
  call: CallRef,
): void {
  const { opMicros } = ctx.config;
  if (opMicros === 0) return perform(state, ctx, request, call);
  const slot = state.free.pop() ?? state.waiting.push(null) - 1;
  const sinceMicros = ctx.mono();
  enter(state.flow, sinceMicros);
  state.waiting[slot] = { call, request, sinceMicros };
  ctx.work(micros(opMicros), slot);
}

function onWorked(state: LimitStoreState, ctx: Ctx, slot: number): void {
  const waiting = state.waiting[slot];
  if (waiting === null || waiting === undefined) return;
  state.waiting[slot] = null;
  state.free.push(slot);
  leave(state.flow, waiting.sinceMicros, ctx.mono());
  perform(state, ctx, waiting.request, waiting.call);
}

/** One operation, as a whole. */
function perform(state: LimitStoreState, ctx: Ctx, request: StoreRequest, call: CallRef): void {
  state.operations += 1;
  if (request.type === 'limit.take') return take(state, ctx, request.key, call);
  const counter = counterOf(state, ctx, request.key);
  if (request.type === 'limit.write') counter.count = request.count;
  if (request.type === 'limit.report') counter.count += request.admitted;
  const level = Math.min(1, counter.count / windowLimit(state.settings));
  noteLevel(state.busiest, request.key, level, ctx.mono());
  ctx.reply<LimitCount>(call, { type: 'limit.count', count: counter.count });
}

function take(state: LimitStoreState, ctx: Ctx, key: number, call: CallRef): void {
  const { settings } = state;
  const limiter = limiterNamed(ctx.config.policy);
  const { maxKeys } = ctx.config;
  const now = ctx.mono();
  const own = entryOf(state.limiters, key, maxKeys, () => limiter.start(settings));
  const admitted = limiter.decide(own, settings, now, 1);
  const retryAfter = admitted ? 0 : limiter.retryAfterMicros(own, settings, now, 1);
  noteLevel(state.busiest, key, limiter.level(own, settings, now), now);
  state[admitted ? 'admitted' : 'refused'] += 1;
  const retryAfterMs = retryAfter / 1_000;
  ctx.reply<LimitDecision>(call, { type: 'limit.decision', admitted, retryAfterMs });
}

/** The count of the present window. */
function counterOf(state: LimitStoreState, ctx: Ctx, key: number): WindowCount {
  const window = windowOf(ctx.mono(), state.settings);
  const counter = entryOf(state.counts, key, ctx.config.maxKeys, () => ({ window, count: 0 }));
  if (counter.window !== window) {
    counter.window = window;
    counter.count = 0;
  }
  return counter;
}

function courseOf(
  { busiest, limiters, settings }: LimitStoreState,
  sight: Sight<LimitStoreConfig>,
): readonly LevelPoint[] {
  if (busiest.key < 0) return [];
  // Limiters that read and write counts never ask it to decide.
  if (limiters.size === 0) return courseOfWindow(busiest, settings, sight);
  const own = limiters.get(busiest.key) ?? null;
  return courseOfLimiter(limiterNamed(sight.config.policy), own, settings, sight);
}

function view(
  state: LimitStoreState,
  _nameOf: NameOf,
  sight: Sight<LimitStoreConfig>,
): LimitStoreView {
  const keys = Math.max(state.limiters.size, state.counts.size);
  const waiting = waitingIn(state);
  const { operations, admitted, refused, busiest } = state;
  const level = busiest.key < 0 ? null : busiest.level;
  return {
    component: 'limit-store',
    level,
    course: courseOf(state, sight),
    keys,
    operations,
    admitted,
    refused,
    waiting,
    fields: [
      { label: 'Keys', value: keys },
      { label: 'Operations', value: operations },
      { label: 'Waiting', value: waiting },
      { label: 'Admitted', value: admitted },
      { label: 'Refused', value: refused },
    ],
  };
}

export const limitStore = defineBehaviour<
  LimitStoreState,
  LimitStoreConfig,
  StoreRequest,
  LimitStoreView
>({
  component: 'limit-store',
  about: 'Keeps the counters that rate limiters share, and decides for those that ask it to.',
  source: 'Redis INCR and EXPIRE; redis-cell CL.THROTTLE',
  leavesOut: [
    'Persistence: the counters are in memory, and a crash forgets them, so all limits start anew.',
    'Replication: each member keeps its own counters; limiters choose it by the key.',
  ],
  badge: 'LS',
  serves: [limit],
  links: {},
  config: limitStoreConfig,
  check: (config, { path }) => checkLimit(config, `${path}/config`),
  usage,
  facts: {},
  roleNames: { store: 'Counts for all limiters.' },
  start,
  on: {
    'limit.read': onRequest,
    'limit.write': onRequest,
    'limit.take': onRequest,
    'limit.report': onRequest,
  },
  onWorked,
  gauges: [
    {
      title: 'Waiting',
      about: 'Operations that are not done yet.',
      kind: 'level',
      of: waitingIn,
    },
    {
      title: 'Operations',
      about: 'Operations of the store.',
      kind: 'count',
      of: (state) => state.operations,
    },
  ],
  flows: (state) => [flowOf('operations', state.flow, waitingIn(state))],
  roles: () => ['store'],
  view,
});
