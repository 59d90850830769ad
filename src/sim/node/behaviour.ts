/**
 * What a component is: plain-data state and the handlers that change it.
 *
 * A behaviour knows its configuration, its own clocks, its disk and the messages that reach it;
 * it never sees the simulation's clock, the network or another node's state. Everything it does
 * goes through its `Context`. The host drops the state on a crash and calls `start` again with
 * what the disk kept.
 */
import type { AnyContract, Message } from '../contracts/contract.ts';
import type { Fact, FactTable } from '../contracts/facts.ts';
import type { TObject } from '../contracts/schema.ts';
import type { Stream } from '../kernel/random.ts';
import type { Duration, MonoMicros, WallMicros } from '../kernel/time.ts';
import { PARTS } from './behaviour-parts.ts';
import type { Behalf, CallId, CallRef, CallResult, NodeIndex } from './call.ts';
import type { Cores } from './cpu.ts';
import type { Flow, Gauge } from './gauge.ts';
import type { GroupSettings } from './group-settings.ts';
import type { Routing } from './routing.ts';
import type { Script } from './script.ts';
import type { RuleNeed } from './rule-needs.ts';
import type { Silence } from './silence.ts';
import type { Usage } from './usage.ts';

export { NO_CALL } from './call.ts';
export type { Behalf, CallError, CallId, CallRef, CallResult, NodeIndex } from './call.ts';
export type { Flow, Gauge, GaugeDoc } from './gauge.ts';
export type { Given, GroupSettings, LinkedGroup } from './group-settings.ts';

/** How far an orderly end has come. */
export type TerminateStage = 'pre-stop' | 'sigterm';

export interface CallOptions {
  /** How long the caller waits; then the result is unknown. */
  readonly timeout: Duration;
  /** Plain data that comes back with the result. */
  readonly tag: number;
  /**
   * Which try of its operation this request is, from 1, so that people see retries and hedges as
   * such. Nothing in the run reads it, whoever is called neither. Without it: a first try.
   */
  readonly tryNumber?: number;
  /** Of a further try: it races one that is still out. Otherwise it comes after one that failed. */
  readonly isHedge?: boolean;
}

/** What a behaviour may do. One per node; valid only while a handler runs. */
export interface Context<C = unknown> {
  readonly self: NodeIndex;
  /** `group/ordinal/incarnation`. */
  readonly id: string;
  /** Which life of its process this is: 0 the first, one more after each restart. */
  readonly life: number;
  readonly config: C;
  /** Rules that this run has switched off. */
  readonly ablations: readonly string[];
  /** The durable state as of now, for `start`; null for a behaviour without a disk. */
  readonly durable: unknown;

  /** The node's monotonic clock: drifts, never jumps. */
  mono(): MonoMicros;
  /** The node's wall clock: may jump. */
  wall(): WallMicros;
  /** A named random stream of this node: `node/<id>/<purpose>`. */
  stream(purpose: string): Stream;
  /**
   * Draws that belong to a request: made from its own 32 bits and a number for the purpose, so that
   * they are the same on whichever node it is handled. Valid until the next call of `seeded`.
   */
  seeded(seed: number, purpose: number): Stream;
  /** 32-bit draws from that stream, as a function: always the same one, made once. */
  draws(purpose: string): () => number;
  /**
   * The members of the group that this node's link `role` names, in order of ordinal, as it was
   * last told; nobody where an optional link is left out. The role `peers` is always the node's
   * own group.
   */
  members(role: string): readonly NodeIndex[];
  /** The roles that the plan fills for this node, in its order; `peers` not among them. */
  readonly links: readonly string[];
  /** The short name of a node, for facts and labels: `n3`. */
  nameOf(node: NodeIndex): string;
  /** The zone a node was placed in: where it runs never changes. */
  zoneOf(node: NodeIndex): string;

  /** Sends a notice: no reply, no report of loss. */
  send<M extends Message>(to: NodeIndex, message: M): void;
  /**
   * Sends a request; `onResult` comes exactly once, unless this node crashes or abandons the call
   * first. Returns the call's name, for `abandon`.
   */
  call<M extends Message>(to: NodeIndex, request: M, options: CallOptions): CallId;
  /**
   * Gives a call up: `onResult` never comes for it, and a reply that does is late. Nobody is told;
   * the other side works on. False where the call is not pending any more, or was never made here.
   */
  abandon(call: CallId): boolean;
  /**
   * How long the caller of the request that is being handled still waits; null for a notice. The
   * deadline travels with the request, so time spent on the way is already gone.
   */
  timeLeft(): Duration | null;
  /** Answers a request. Answering twice, or after the caller gave up, is allowed and counted. */
  reply<M extends Message>(call: CallRef, message: M): void;
  /** Answers a request with an error of its contract. */
  refuse(call: CallRef, code: string, detail?: unknown): void;

  /** Arms timer (kind, key), replacing one that is armed. Measured on the monotonic clock. */
  setTimer(kind: string, key: number, delay: Duration): void;
  cancelTimer(kind: string, key: number): void;

  /** Queues a write to disk. It is durable only after a `sync` that started later completed. */
  write(record: object): void;
  /** Asks that all writes so far be made durable; `onSynced` comes with this ticket. */
  sync(ticket: number): void;
  /** This node's cores and the queue before them, as they are now. */
  readonly cores: Cores;
  /**
   * Asks the node's cores for so much work; `onWorked` comes with this tag, once, unless the node
   * crashes first. The group's `scheduling` says who is served when; the priority (the smaller, the
   * more important) counts where that is `preemptive-priority`.
   */
  work(demand: Duration, tag: number, priority?: number): void;
  /**
   * Stops the world: no core of this node goes on for so long, as in a garbage collection. Work
   * under way ends that much later, work asked for meanwhile starts after it; stalls add up. What
   * ends at this very microsecond has ended. Handlers take no time, so messages, timers and results
   * are still handled: a model that must not answer meanwhile does its answering in `onWorked`.
   * Not stretched by a slow processor; a crash ends it.
   */
  stall(duration: Duration): void;
  /**
   * The process ends itself (out of memory, a graceful shutdown): what a crash takes is gone, right
   * after this handler has returned. Its machine is still there: it resets the connections on which
   * others wait for this process, and refuses new ones. It starts again after the delay, by this
   * node's monotonic clock; with null it stays down. As long as a fault keeps it down it does not,
   * and undoing that starts the node. Of several calls in one handler the first counts.
   */
  exit(restartAfter: Duration | null): void;

  /** Starts a script (see `script.ts`); `onScript` comes with its return value. */
  run(script: string, args: unknown, tag: number): void;

  /** A number that no other call of `unique` in this run returns. */
  unique(): number;
  /** Tells a fact. It changes nothing in the run. */
  tell<F extends Fact>(fact: F): void;
  /** Hands a live, unrecorded object to the checks that watch `channel`, if there are any. */
  probe(channel: string, payload: unknown): void;
}

/** A durable state and how a record changes it. Records are immutable once written. */
export interface DurableSpec<D, W> {
  empty(): D;
  apply(durable: D, record: W): void;
  /** Bytes of a record, for disks whose time depends on size. Default 0. */
  size?(record: W): number;
  save(durable: D): unknown;
  restore(image: unknown): D;
  /** The same as plain data, for the state hash. Default: itself. */
  plain?(durable: D): unknown;
}

/** Something an operator can do to a running node: typed, offered in the inspector. */
export interface Action<S, C> {
  readonly about: string;
  readonly args: TObject;
  /** Why it would change nothing now, or null. */
  unavailable?(state: S): string | null;
  perform(state: S, ctx: Context<C>, args: unknown): void;
}

/** A role that another group plays for a node: whom it calls, and in which contract. */
export interface LinkSpec {
  /** One sentence: what it wants of that group. */
  readonly about: string;
  /** What is spoken over the link: the other group's component must serve it, or one of them. */
  readonly contract: AnyContract | readonly AnyContract[];
  /** A plan may leave it out; then it has no members. */
  readonly optional?: boolean;
}

/** One line of the inspector and of the generic painter. */
export interface ViewField {
  readonly label: string;
  readonly value: string | number | boolean | null;
  readonly unit?: string;
}

export type NameOf = (node: NodeIndex) => string;

/** Under which configuration and when a node is looked at: what goes on by itself moves with it. */
export interface Sight<C = unknown> {
  readonly config: C;
  readonly nowMicros: number;
  /** By the node's own monotonic clock. */
  readonly monoMicros: number;
  /** By its wall clock, which may be set. */
  readonly wallMicros: number;
}

/** What people see of a node: small plain data, a pure function of its state and the moment. */
export interface View {
  /** Which painter draws it: the component's name. */
  readonly component: string;
  readonly fields: readonly ViewField[];
}

/** The handlers, one per message type of the contracts that a behaviour takes part in. */
export type Handlers<S, C, M extends Message> = {
  readonly [T in M['type']]: (
    state: S,
    ctx: Context<C>,
    message: Extract<M, { readonly type: T }>,
    from: NodeIndex,
    call: CallRef,
  ) => void;
};

export interface Behaviour<
  S,
  C,
  M extends Message,
  V extends View,
  F extends Fact = Fact,
  D = null,
  W = never,
> {
  readonly component: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** What the model leaves out, one sentence each. */
  readonly leavesOut: readonly string[];
  /** Two letters for the map. */
  readonly badge: string;
  /**
   * The most members of a group: 1 where it models one node, more where each keeps something for
   * every other. Default: no bound.
   */
  readonly countMax?: number;
  /** Contracts whose requests and notices it handles. */
  readonly serves: readonly AnyContract[];
  /**
   * Roles that a plan fills with groups: `links: { servers: 'n' }`. The role `*` stands for any
   * number of roles whose names the plan chooses. Every component has the role `peers` besides.
   */
  readonly links: { readonly [role: string]: LinkSpec };
  readonly config: TObject;
  readonly facts: FactTable<F>;
  readonly scripts?: readonly Script[];
  readonly durable?: DurableSpec<D, W>;
  /** Rules that a run may switch off here: the ids for which it asks `ctx.ablations`. */
  readonly rules?: readonly string[];
  /** Where those of `rules` can act that cannot act everywhere. */
  readonly ruleNeeds?: readonly RuleNeed<C>[];
  /** Roles that `roles` may return, each with one sentence. */
  readonly roleNames: { readonly [role: string]: string };
  readonly actions?: { readonly [name: string]: Action<S, C> };

  /** Throws a ScenarioError for what is wrong with a configuration that its schema allows. */
  check?(config: C, group: GroupSettings): void;
  /** Of one that is asked by routes, or asks so. Left out: it answers all, and asks for none. */
  readonly routing?: Routing<C>;
  /** Of one whose settings matter only where others ask for something, or that asks so. */
  readonly usage?: Usage<C>;
  /** Of one that asks of its own accord: why it never does in a run of this length. */
  silence?(config: C, durationMs: number): Silence | null;
  /** Of a client: the operations that it tells of. Left out: its routes, or, without, any. */
  readonly operations?: readonly string[];
  /** Which of those a group with these settings ever does. Left out: any. */
  operationsOf?(config: C): readonly string[];
  /**
   * Whether it ever changes an object of its own accord. Left out: where it says how others use it,
   * it only does what it is asked; else it may.
   */
  mayWrite?(config: C): boolean;
  readonly gauges?: readonly Gauge<S>[];
  flows?(state: S): readonly Flow[];

  /** Boot, at the start of the run and after each restart. */
  start(ctx: Context<C>): S;
  readonly on: Handlers<S, C, M>;
  onTimer?(state: S, ctx: Context<C>, kind: string, key: number): void;
  onResult?(state: S, ctx: Context<C>, tag: number, result: CallResult): void;
  onSynced?(state: S, ctx: Context<C>, ticket: number): void;
  onWorked?(state: S, ctx: Context<C>, tag: number): void;
  onScript?(state: S, ctx: Context<C>, tag: number, value: unknown): void;
  /** A group that this node links to gained or lost members. */
  onMembers?(state: S, ctx: Context<C>, group: string): void;
  /**
   * Somebody ends this process in an orderly way. At `pre-stop` (left out where there is no such
   * delay) it is told that it will be asked to; at `sigterm` it is asked, and should end itself by
   * `ctx.exit`, before it is killed. A behaviour without this handler ends at the signal at once,
   * as a process does that handles none.
   */
  onTerminate?(state: S, ctx: Context<C>, stage: TerminateStage): void;
  /**
   * For whom it makes the call with this tag, or the calls of the script that it began with it, or
   * null for itself: asked while the call is made, only where somebody watches. It changes nothing.
   */
  onBehalf?(state: S, tag: number): Behalf | null;

  roles(state: S): readonly string[];
  view(state: S, nameOf: NameOf, sight: Sight<C>): V;
  /**
   * Default: a deep copy of plain data (`kernel/clone.ts`). Override to share what is immutable.
   */
  save?(state: S): unknown;
  restore?(image: unknown): S;
  /** The same as plain data, for the state hash. Default: itself. */
  plain?(state: S): unknown;
}

/**
 * A behaviour whose types are its own affair: what the host holds. The parameters sit in positions
 * of both directions, so the widest type is spelled with `never` inputs and `unknown` outputs.
 */
export interface AnyBehaviour {
  readonly component: string;
  readonly about: string;
  readonly source: string;
  readonly leavesOut: readonly string[];
  readonly badge: string;
  readonly countMax?: number;
  readonly serves: readonly AnyContract[];
  readonly links: { readonly [role: string]: LinkSpec };
  readonly config: TObject;
  readonly facts: object;
  readonly scripts?: readonly Script[];
  readonly durable?: DurableSpec<unknown, unknown>;
  readonly rules?: readonly string[];
  readonly ruleNeeds?: readonly RuleNeed<unknown>[];
  readonly roleNames: { readonly [role: string]: string };
  readonly actions?: { readonly [name: string]: Action<unknown, unknown> };
  check?(config: unknown, group: GroupSettings): void;
  readonly routing?: Routing<unknown>;
  readonly usage?: Usage<unknown>;
  silence?(config: unknown, durationMs: number): Silence | null;
  readonly operations?: readonly string[];
  operationsOf?(config: unknown): readonly string[];
  mayWrite?(config: unknown): boolean;
  readonly gauges?: readonly Gauge<unknown>[];
  flows?(state: unknown): readonly Flow[];
  start(ctx: Context): unknown;
  readonly on: { readonly [type: string]: Handler };
  onTimer?(state: unknown, ctx: Context, kind: string, key: number): void;
  onResult?(state: unknown, ctx: Context, tag: number, result: CallResult): void;
  onSynced?(state: unknown, ctx: Context, ticket: number): void;
  onWorked?(state: unknown, ctx: Context, tag: number): void;
  onScript?(state: unknown, ctx: Context, tag: number, value: unknown): void;
  onMembers?(state: unknown, ctx: Context, group: string): void;
  onTerminate?(state: unknown, ctx: Context, stage: TerminateStage): void;
  onBehalf?(state: unknown, tag: number): Behalf | null;
  roles(state: unknown): readonly string[];
  view(state: unknown, nameOf: NameOf, sight: Sight): View;
  save?(state: unknown): unknown;
  restore?(image: unknown): unknown;
  plain?(state: unknown): unknown;
}

export type Handler = (
  state: unknown,
  ctx: Context,
  message: Message,
  from: NodeIndex,
  call: CallRef,
) => void;

declare const STATE: unique symbol;
declare const VIEW: unique symbol;

/** A behaviour that remembers, for the compiler alone, what its state and its view are. */
export interface TypedBehaviour<S, V extends View = View> extends AnyBehaviour {
  readonly [STATE]?: S;
  readonly [VIEW]?: V;
}

const LEFT_OUT: { readonly [part in keyof Required<AnyBehaviour>]: undefined } = PARTS;

/** Checks a behaviour's types at its definition and erases them for the host. */
export function defineBehaviour<
  S,
  C,
  M extends Message,
  V extends View,
  F extends Fact = Fact,
  D = null,
  W = never,
>(behaviour: Behaviour<S, C, M, V, F, D, W>): TypedBehaviour<S, V> {
  // The host only ever passes a behaviour the state, config and records that it made itself.
  return { ...LEFT_OUT, ...behaviour } as unknown as TypedBehaviour<S, V>;
}
