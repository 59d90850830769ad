/**
 * What a SWIM member knows, what goes into a step and what comes out.
 *
 * Source: SWIM (DSN 2002); hashicorp/memberlist (names and defaults of the settings)
 */
import type { SwimMessage, SwimStatus, SwimUpdate } from '../../contracts/swim.ts';
import type { SwimRules } from './rules.ts';

/** memberlist's settings; times in microseconds. */
export interface SwimConfig {
  readonly self: number;
  readonly probeIntervalMicros: number;
  readonly probeTimeoutMicros: number;
  readonly indirectChecks: number;
  readonly suspicionMult: number;
  readonly suspicionMaxTimeoutMult: number;
  readonly retransmitMult: number;
  readonly gossipIntervalMicros: number;
  readonly gossipNodes: number;
  readonly gossipToTheDeadMicros: number;
  readonly pushPullMicros: number;
  readonly awarenessMaxMultiplier: number;
  /** Updates in one packet at most, where memberlist counts bytes. */
  readonly updatesPerPacket: number;
  /** Each timer starts at a random part of its interval; without it all probe at one moment. */
  readonly stagger: boolean;
  readonly rules: SwimRules;
}

export interface SwimPeer {
  status: SwimStatus;
  incarnation: number;
  /** When it got its status here. */
  sinceMicros: number;
}

/** A suspicion: it becomes certainty sooner the more members share it. */
export interface Suspicion {
  readonly startMicros: number;
  readonly minMicros: number;
  readonly maxMicros: number;
  /** So many others must share it for the shortest time. */
  readonly enough: number;
  /** Who shares it; the first is who told. */
  readonly by: number[];
}

export interface Probe {
  readonly seq: number;
  readonly target: number;
  isAnswered: boolean;
  /** How many were asked to ping it, and how many of them said that they could not reach it. */
  asked: number;
  nacks: number;
}

export interface Broadcast {
  readonly update: SwimUpdate;
  readonly id: number;
  sends: number;
}

export interface SwimState {
  incarnation: number;
  /** All others, in the order in which they became known. */
  readonly peers: Map<number, SwimPeer>;
  /** The order of this pass over the others, and how far it has come. */
  order: number[];
  at: number;
  seq: number;
  probe: Probe | null;
  /** Pings made for others, by the own seq. */
  readonly relays: Map<number, { readonly origin: number; readonly seq: number }>;
  readonly suspicions: Map<number, Suspicion>;
  queue: Broadcast[];
  nextBroadcast: number;
  /** Local health: 0 is good; each failure that may be one's own fault makes it slower. */
  health: number;
}

export type SwimTimer = 'probe' | 'probe-timeout' | 'gossip' | 'suspicion' | 'relay' | 'push-pull';

export type SwimInput =
  | { readonly type: 'start'; readonly peers: readonly number[] }
  | { readonly type: 'joined'; readonly peers: readonly number[] }
  | { readonly type: 'message'; readonly from: number; readonly message: SwimMessage }
  | { readonly type: 'timer'; readonly timer: SwimTimer; readonly key: number };

export type SwimEffect =
  | { readonly type: 'send'; readonly to: number; readonly message: SwimMessage }
  | {
      readonly type: 'set-timer';
      readonly timer: SwimTimer;
      readonly key: number;
      readonly afterMicros: number;
    }
  | { readonly type: 'cancel-timer'; readonly timer: SwimTimer; readonly key: number }
  /** The status of another has changed here; `isOwn`: by an own probe or timer. */
  | {
      readonly type: 'changed';
      readonly node: number;
      readonly status: SwimStatus;
      readonly incarnation: number;
      readonly isOwn: boolean;
    }
  | { readonly type: 'refuted'; readonly incarnation: number };

/** What a step works with. */
export interface SwimContext {
  readonly config: SwimConfig;
  readonly state: SwimState;
  readonly nowMicros: number;
  /** 32 bits. */
  readonly random: () => number;
  readonly effects: SwimEffect[];
}

export const createSwim = (): SwimState => ({
  incarnation: 0,
  peers: new Map(),
  order: [],
  at: 0,
  seq: 0,
  probe: null,
  relays: new Map(),
  suspicions: new Map(),
  queue: [],
  nextBroadcast: 0,
  health: 0,
});

const TWO_32 = 4_294_967_296;

/** A whole number from 0 to n - 1. */
export const below = (random: () => number, n: number): number =>
  Math.floor((random() / TWO_32) * n);

/** Fisher-Yates, in place. */
export function shuffle(random: () => number, items: number[]): number[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = below(random, last + 1);
    const moved = items[last]!;
    items[last] = items[other]!;
    items[other] = moved;
  }
  return items;
}

/** So many of the candidates, drawn without return. */
export const some = (random: () => number, from: readonly number[], count: number): number[] =>
  shuffle(random, [...from]).slice(0, count);
