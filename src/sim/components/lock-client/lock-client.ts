/**
 * A client that takes a lock, reads what it protects, computes, writes the result and gives the
 * lock back.
 *
 * Invariants: it has one round under way; it writes only within a round in which it was granted
 * the lock and has not heard that the lease is over; one that leads does so again and again. That
 * it still holds the lock it cannot know.
 *
 * In the history, a read is a `get` and a write is a `cas` from the value that was read: whoever
 * holds a lock may take for granted that nobody wrote in between, so a write that destroys the
 * update of another is not linearizable.
 *
 * Source: Kleppmann, How to do distributed locking (2016)
 */
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact, FactTable } from '../../contracts/facts.ts';
import { fencing } from '../../contracts/fencing.ts';
import type {
  FencedValue,
  FencingRead,
  FencingValue,
  FencingWrite,
} from '../../contracts/fencing.ts';
import { lock } from '../../contracts/lock.ts';
import type { LockAcquire, LockGranted, LockRelease, LockRenew } from '../../contracts/lock.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, Context, NodeIndex, View } from '../../node/behaviour.ts';
import { lockClientConfig } from './config.ts';
import type { LockClientConfig } from './config.ts';

type Ctx = Context<LockClientConfig>;

type LockClientPhase = 'idle' | 'acquiring' | 'reading' | 'working' | 'writing' | 'releasing';

export interface LockClientState {
  phase: LockClientPhase;
  /** Counts rounds: what belongs to an earlier one is let go. */
  round: number;
  lock: string;
  /** Of the lease that it believes to hold; 0: none. */
  token: number;
  /** Until when the lease runs by its own monotonic clock, counted from when it asked. */
  endsMicros: number;
  ttlMicros: number;
  read: FencedValue;
  /** The operation of the history that is under way, and what it writes. */
  op: number;
  value: number;
  /** When it last asked for the lease, or to have it prolonged. */
  askedMicros: number;
  /** When the operation of the history began. */
  invokedMicros: number;
  readonly counts: { done: number; refused: number; lost: number; unknown: number };
}

export interface LockClientView extends View {
  readonly component: 'lock-client';
  readonly phase: LockClientPhase;
  readonly lock: string | null;
  /** Of the lease that it believes to hold; null: none. */
  readonly lease: {
    readonly token: number;
    readonly ttlMicros: number;
    /** When it ends by the client's own clock. */
    readonly endsAtMicros: number;
  } | null;
  readonly done: number;
  readonly refused: number;
  readonly lost: number;
}

export type LockClientFact =
  | { readonly type: 'lock.taken'; readonly lock: string; readonly token: number }
  | { readonly type: 'lock.lost'; readonly lock: string; readonly token: number };

const facts: FactTable<LockClientFact | ClientFact> = {
  ...CLIENT_FACTS,
  'lock.taken': {
    weight: 'minor',
    sentence: (f) => `holds ${f.lock} with token ${f.token}`,
  },
  'lock.lost': {
    weight: 'major',
    sentence: (f) => `learns that its lease of token ${f.token} on ${f.lock} is over`,
  },
};

/** Tags of calls: what was asked, and in which round. */
const ASKS = ['acquire', 'renew', 'release', 'read', 'write'] as const;
type Ask = (typeof ASKS)[number];
const tagOf = (state: LockClientState, ask: Ask): number =>
  state.round * ASKS.length + ASKS.indexOf(ask);

const timeout = (ctx: Ctx, state: LockClientState, ask: Ask) => ({
  timeout: ms(ctx.config.timeoutMs),
  tag: tagOf(state, ask),
});

function start(ctx: Ctx): LockClientState {
  ctx.setTimer('ask', 0, micros(Math.max(0, ms(ctx.config.startMs) - ctx.mono())));
  return {
    phase: 'idle',
    round: 0,
    lock: '',
    token: 0,
    endsMicros: 0,
    ttlMicros: 0,
    read: null,
    op: 0,
    value: 0,
    askedMicros: 0,
    invokedMicros: 0,
    counts: { done: 0, refused: 0, lost: 0, unknown: 0 },
  };
}

/** The next round, or the next try of this one. */
function ask(state: LockClientState, ctx: Ctx): void {
  const [service] = ctx.members('locks');
  if (service === undefined) return pause(ctx, ctx.config.retryMs);
  state.round += 1;
  if (state.lock === '') state.lock = `r${ctx.stream('locks').below(ctx.config.locks)}`;
  state.phase = 'acquiring';
  state.askedMicros = ctx.mono();
  const request: LockAcquire = { type: 'lock.acquire', lock: state.lock };
  ctx.call<LockAcquire>(service, request, timeout(ctx, state, 'acquire'));
}

function pause(ctx: Ctx, meanMs: number): void {
  const drawn = meanMs === 0 ? 0 : ctx.stream('think').exponential(ms(meanMs));
  ctx.setTimer('ask', 0, micros(drawn));
}

/** The round is over; the lock is no longer held, or not known to be. */
function end(state: LockClientState, ctx: Ctx): void {
  const wasHeld = state.token !== 0;
  state.phase = 'idle';
  state.token = 0;
  ctx.cancelTimer('renew', 0);
  if (!wasHeld) return pause(ctx, ctx.config.retryMs);
  state.lock = '';
  const { done, refused, lost, unknown } = state.counts;
  const { rounds } = ctx.config;
  if (rounds === 0 || done + refused + lost + unknown < rounds) pause(ctx, ctx.config.thinkMs);
}

function onResult(state: LockClientState, ctx: Ctx, tag: number, result: CallResult): void {
  const asked = ASKS[tag % ASKS.length];
  // An answer of a round that is over has nobody waiting for it.
  if (Math.floor(tag / ASKS.length) !== state.round) return;
  if (asked === 'acquire') return onAcquired(state, ctx, result);
  if (asked === 'renew') return onRenewed(state, ctx, result);
  if (asked === 'read') return onRead(state, ctx, result);
  if (asked === 'write') return onWritten(state, ctx, result);
  end(state, ctx);
}

function onAcquired(state: LockClientState, ctx: Ctx, result: CallResult): void {
  const [storage] = ctx.members('storage');
  if (result.outcome !== 'ok' || storage === undefined) return end(state, ctx);
  const { token, ttlMicros } = result.value as LockGranted;
  state.token = token;
  state.ttlMicros = ttlMicros;
  // Counted from the question: the lease began some time after it.
  state.endsMicros = state.askedMicros + ttlMicros;
  ctx.tell<LockClientFact>({ type: 'lock.taken', lock: state.lock, token });
  if (ctx.config.renew) ctx.setTimer('renew', 0, micros(ttlMicros / RENEW_SHARE));
  read(state, ctx, storage);
}

function read(state: LockClientState, ctx: Ctx, storage: NodeIndex): void {
  state.phase = 'reading';
  const { lock: key, token } = state;
  invoke(state, ctx, 'get', null);
  const request: FencingRead = { type: 'fencing.read', key, token };
  ctx.call<FencingRead>(storage, request, timeout(ctx, state, 'read'));
}

/** A lease is prolonged when so much of its time has passed: a third. */
const RENEW_SHARE = 3;

function renew(state: LockClientState, ctx: Ctx): void {
  const [service] = ctx.members('locks');
  if (service === undefined || state.token === 0) return;
  state.askedMicros = ctx.mono();
  const request: LockRenew = { type: 'lock.renew', lock: state.lock, token: state.token };
  ctx.call<LockRenew>(service, request, timeout(ctx, state, 'renew'));
}

function onRenewed(state: LockClientState, ctx: Ctx, result: CallResult): void {
  if (state.token === 0) return;
  if (result.outcome === 'ok') {
    const { ttlMicros } = result.value as LockGranted;
    state.endsMicros = state.askedMicros + ttlMicros;
    return ctx.setTimer('renew', 0, micros(ttlMicros / RENEW_SHARE));
  }
  if (result.error.code !== 'not-holder') return renew(state, ctx);
  // What is under way at the storage is answered yet; what is only computed is given up.
  if (state.phase === 'working') lose(state, ctx);
}

function lose(state: LockClientState, ctx: Ctx): void {
  ctx.tell<LockClientFact>({ type: 'lock.lost', lock: state.lock, token: state.token });
  state.counts.lost += 1;
  end(state, ctx);
}

function onRead(state: LockClientState, ctx: Ctx, result: CallResult): void {
  complete(state, ctx, 'get', result);
  if (result.outcome !== 'ok') return giveBack(state, ctx, result);
  state.read = (result.value as FencingValue).value;
  state.phase = 'working';
  ctx.work(ms(ctx.config.workMs), state.round);
}

function onWorked(state: LockClientState, ctx: Ctx, round: number): void {
  const [storage] = ctx.members('storage');
  if (round !== state.round || state.phase !== 'working') return;
  if (storage === undefined) return end(state, ctx);
  if (ctx.config.checkLease && ctx.mono() >= state.endsMicros) return lose(state, ctx);
  const { lock: key, token } = state;
  state.phase = 'writing';
  state.value = ctx.unique();
  invoke(state, ctx, 'cas', { expected: state.read, value: state.value });
  const request: FencingWrite = { type: 'fencing.write', key, token, value: state.value };
  ctx.call<FencingWrite>(storage, request, timeout(ctx, state, 'write'));
}

function onWritten(state: LockClientState, ctx: Ctx, result: CallResult): void {
  complete(state, ctx, 'cas', result);
  const [storage] = ctx.members('storage');
  if (result.outcome === 'ok') {
    state.counts.done += 1;
    if (ctx.config.lead && storage !== undefined) return read(state, ctx, storage);
  }
  giveBack(state, ctx, result);
}

function giveBack(state: LockClientState, ctx: Ctx, result: CallResult): void {
  if (result.outcome === 'fail') state.counts.refused += 1;
  if (result.outcome === 'unknown') state.counts.unknown += 1;
  const [service] = ctx.members('locks');
  if (!ctx.config.release || service === undefined) return end(state, ctx);
  ctx.cancelTimer('renew', 0);
  state.phase = 'releasing';
  const request: LockRelease = { type: 'lock.release', lock: state.lock, token: state.token };
  ctx.call<LockRelease>(service, request, timeout(ctx, state, 'release'));
}

function invoke(state: LockClientState, ctx: Ctx, f: 'get' | 'cas', input: unknown): void {
  state.op = ctx.unique();
  const { op, lock: key } = state;
  ctx.tell<ClientFact>({ type: 'client.invoked', op, client: ctx.id, f, key, input });
  state.invokedMicros = ctx.mono();
}

function complete(state: LockClientState, ctx: Ctx, f: 'get' | 'cas', result: CallResult): void {
  const isOk = result.outcome === 'ok';
  const output = !isOk ? null : f === 'cas' ? true : (result.value as FencingValue).value;
  ctx.tell<ClientFact>({
    type: 'client.completed',
    op: state.op,
    client: ctx.id,
    f,
    outcome: result.outcome,
    output,
    ...(isOk ? {} : { error: result.error.code }),
    retries: 0,
    latencyMicros: ctx.mono() - state.invokedMicros,
  });
}

const isHolding = ({ token, phase }: LockClientState): boolean =>
  token !== 0 && phase !== 'releasing';

export const lockClient = defineBehaviour<
  LockClientState,
  LockClientConfig,
  never,
  LockClientView,
  LockClientFact | ClientFact
>({
  component: 'lock-client',
  about: 'Takes a lock, reads what it protects, computes, writes the result, gives the lock back.',
  source: 'Kleppmann, How to do distributed locking (2016)',
  leavesOut: [
    'Several locks at once: it holds one at a time.',
    'A second try of a read or a write: it gives the lock back and begins anew.',
  ],
  badge: 'LC',
  serves: [],
  links: {
    locks: { about: 'Whom it asks for locks: the first member.', contract: lock },
    storage: { about: 'What the locks protect: the first member.', contract: fencing },
  },
  config: lockClientConfig,
  operations: ['get', 'cas'],
  facts,
  roleNames: {
    holder: 'Believes that it holds a lock.',
    client: 'Holds no lock.',
  },
  start,
  on: {},
  onTimer(state, ctx, kind) {
    if (kind === 'renew') renew(state, ctx);
    else ask(state, ctx);
  },
  onResult,
  onWorked,
  gauges: [
    {
      title: 'Holding',
      about: 'Whether it believes that it holds a lock.',
      kind: 'level',
      of: (state) => (isHolding(state) ? 1 : 0),
    },
  ],
  roles: (state) => [isHolding(state) ? 'holder' : 'client'],
  view: (state, _nameOf, { nowMicros, monoMicros }) => {
    const { phase, token, ttlMicros, counts } = state;
    const endsAtMicros = nowMicros + state.endsMicros - monoMicros;
    const name = state.lock === '' ? null : state.lock;
    return {
      component: 'lock-client',
      phase,
      lock: name,
      lease: token === 0 ? null : { token, ttlMicros, endsAtMicros },
      done: counts.done,
      refused: counts.refused,
      lost: counts.lost,
      fields: [
        { label: 'Doing', value: phase },
        { label: 'Lock', value: name },
        { label: 'Token', value: token === 0 ? null : token },
        { label: 'Done', value: counts.done },
        { label: 'Refused', value: counts.refused },
        { label: 'Lost', value: counts.lost },
        { label: 'Unknown', value: counts.unknown },
      ],
    };
  },
});
