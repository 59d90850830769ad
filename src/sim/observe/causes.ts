/**
 * What led to what in a stretch of a run: each event with the event that scheduled it, each packet
 * with the event that sent it and the one that handled it, and the faults in force.
 *
 * Invariant: the log holds every event after `fromEvent`, in their order, and nothing of the run
 * can read it. A stretch is written down once: a log goes forward only.
 */
import type { MessageTable, Message } from '../contracts/contract.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import { EVENT } from '../node/events.ts';
import type { CauseTap } from '../node/taps.ts';
import { FATE_CUT, FATE_DELIVERED } from '../network/network.ts';
import { wordsOf } from './flights.ts';

/** An event before the stretch, or none: an act of the fault plan or of a person. */
export const BEFORE = 0;
export const NO_PACKET = -1;

export interface CausedEvent {
  readonly node: NodeIndex;
  readonly micros: number;
  /** During which event it was scheduled. */
  readonly cause: number;
  /** The packet that it handles, or NO_PACKET. */
  readonly packet: number;
  /** Time alone brought it about: a timer, the end of a patience, a start. */
  readonly isOfTime: boolean;
}

export interface SentPacket {
  /** The event during which it was sent. */
  readonly event: number;
  readonly from: NodeIndex;
  readonly to: NodeIndex;
  readonly sentMicros: number;
  /** When it arrives, or would have. */
  readonly dueMicros: number;
  readonly fate: 'delivered' | 'lost' | 'cut';
  /** The event in which a process handled it, or BEFORE: none did. */
  handledIn: number;
}

/** A client's operation, where it was begun within the stretch. */
export interface SeenOperation {
  readonly client: NodeIndex;
  readonly words: string;
  readonly call: number;
  /** Null while it is open. */
  ret: number | null;
}

/** What the search for causes reads. */
export interface CauseRecord {
  /** The number of the first event. */
  readonly first: number;
  readonly events: readonly CausedEvent[];
  readonly packets: readonly SentPacket[];
  readonly operations: readonly SeenOperation[];
}

export class CauseLog implements CauseTap, CauseRecord {
  readonly first: number;
  readonly events: CausedEvent[] = [];
  readonly packets: SentPacket[] = [];
  readonly operations: SeenOperation[] = [];
  readonly #open = new Map<number, SeenOperation>();
  readonly #messages: Message[] = [];
  readonly #table: MessageTable;
  readonly #clock: { readonly now: number; readonly eventNumber: number };
  readonly #queue: { readonly payload: number };
  /** By slot: during which event it was taken, and for which packet. */
  readonly #causes: number[] = [];
  readonly #carried: number[] = [];
  #leaving = NO_PACKET;

  constructor(
    table: MessageTable,
    clock: {
      readonly now: number;
      readonly eventNumber: number;
      readonly queue: { readonly payload: number };
    },
    fromEvent: number,
  ) {
    this.#table = table;
    this.#clock = clock;
    this.#queue = clock.queue;
    this.first = fromEvent + 1;
  }

  sent(
    from: NodeIndex,
    to: NodeIndex,
    message: Message,
    sentMicros: number,
    dueMicros: number,
    fate: number,
  ): void {
    const { eventNumber: event } = this.#clock;
    if (event < this.first) return;
    const name = fate === FATE_DELIVERED ? 'delivered' : fate === FATE_CUT ? 'cut' : 'lost';
    if (fate === FATE_DELIVERED) this.#leaving = this.packets.length;
    this.packets.push({ event, from, to, sentMicros, dueMicros, fate: name, handledIn: BEFORE });
    this.#messages.push(message);
  }

  scheduled(slot: number): void {
    this.#causes[slot] = this.#clock.eventNumber;
    this.#carried[slot] = this.#leaving;
    this.#leaving = NO_PACKET;
  }

  handled(kind: number, node: NodeIndex): void {
    const { now: micros, eventNumber: event } = this.#clock;
    if (event < this.first) return;
    const slot = this.#queue.payload;
    // What waits for a paused node keeps its slot: it is handled when the node goes on.
    const isHandled = kind !== EVENT.held;
    const cause = isHandled ? (this.#causes[slot] ?? BEFORE) : BEFORE;
    const packet = kind === EVENT.deliver ? (this.#carried[slot] ?? NO_PACKET) : NO_PACKET;
    const sent = this.packets[packet];
    if (sent !== undefined) sent.handledIn = event;
    const isOfTime = kind === EVENT.timer || kind === EVENT.callTimeout || kind === EVENT.start;
    const known = cause < this.first ? BEFORE : cause;
    this.events.push({ node, micros, cause: known, packet, isOfTime });
  }

  invoked(client: NodeIndex, op: number, words: string): void {
    const call = this.#clock.eventNumber;
    if (call < this.first) return;
    const seen: SeenOperation = { client, words, call, ret: null };
    this.#open.set(op, seen);
    this.operations.push(seen);
  }

  completed(op: number): void {
    const seen = this.#open.get(op);
    if (seen !== undefined) seen.ret = this.#clock.eventNumber;
    this.#open.delete(op);
  }

  wordsOf(packet: number): string {
    const message = this.#messages[packet];
    return message === undefined ? '' : wordsOf(this.#table, message);
  }
}
