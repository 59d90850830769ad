/**
 * A client of a log, as far as it needs a node: its own component, or a part of one that has
 * several, each with its own settings, calls and timers.
 *
 * Invariant: what is armed or asked for by one part never comes to another one.
 */
import type { Message } from '../contracts/contract.ts';
import type { Fact } from '../contracts/facts.ts';
import type { Duration } from '../kernel/time.ts';
import type { CallOptions, Context, NodeIndex } from '../node/behaviour.ts';

export type ClientContext<C> = Pick<
  Context<C>,
  | 'self'
  | 'id'
  | 'life'
  | 'config'
  | 'ablations'
  | 'mono'
  | 'wall'
  | 'stream'
  | 'members'
  | 'nameOf'
  | 'zoneOf'
  | 'send'
  | 'call'
  | 'setTimer'
  | 'cancelTimer'
  | 'work'
  | 'exit'
  | 'unique'
  | 'tell'
  | 'probe'
>;

/** Which part of a component it is, of how many. */
export interface Part {
  readonly name: string;
  readonly place: number;
  readonly count: number;
}

export const tagOfPart = ({ place, count }: Part, tag: number): number => tag * count + place;
export const isOfPart = ({ place, count }: Part, tag: number): boolean => tag % count === place;
export const tagInPart = ({ count }: Part, tag: number): number => Math.floor(tag / count);

/** Null: it is none of that part's. */
export const timerInPart = ({ name }: Part, kind: string): string | null =>
  kind.startsWith(`${name}.`) ? kind.slice(name.length + 1) : null;

/** The context of a part: that of its component, with settings, tags and timers of its own. */
export function partOf<C>(ctx: Context, part: Part, config: C): ClientContext<C> {
  const timerOf = (kind: string): string => `${part.name}.${kind}`;
  return {
    self: ctx.self,
    id: ctx.id,
    life: ctx.life,
    config,
    ablations: ctx.ablations,
    mono: () => ctx.mono(),
    wall: () => ctx.wall(),
    stream: (purpose) => ctx.stream(purpose),
    members: (role) => ctx.members(role),
    nameOf: (node) => ctx.nameOf(node),
    zoneOf: (node) => ctx.zoneOf(node),
    send: <M extends Message>(to: NodeIndex, message: M) => ctx.send(to, message),
    call: <M extends Message>(to: NodeIndex, request: M, options: CallOptions) =>
      ctx.call(to, request, { ...options, tag: tagOfPart(part, options.tag) }),
    setTimer: (kind, key, delay) => ctx.setTimer(timerOf(kind), key, delay),
    cancelTimer: (kind, key) => ctx.cancelTimer(timerOf(kind), key),
    work: (demand: Duration, tag, priority) => ctx.work(demand, tag, priority),
    exit: (restartAfter) => ctx.exit(restartAfter),
    unique: () => ctx.unique(),
    tell: <F extends Fact>(fact: F) => ctx.tell(fact),
    probe: (channel, payload) => ctx.probe(channel, payload),
  };
}

/** What it is told where nothing else is said: the defaults of its settings, which are Kafka’s. */
export const defaultsOf = <W>(fields: { readonly [name: string]: object }): W =>
  Object.fromEntries(
    Object.entries(fields).map(([name, one]) => [name, (one as { default?: unknown }).default]),
  ) as W;
