/**
 * The viewer's clock: where in the run the viewer stands and how that moves.
 *
 * It owns view time and nothing else. The engine runs ahead of it; where the engine has not come
 * yet, the viewer waits at the head and the wish is remembered as `goal`.
 */
import type { Branch } from './branch.ts';
import type { Position } from './position.ts';
import { START, comparePositions, furthest } from './position.ts';

/** The engine runs ahead by so many seconds of the viewer. */
export const AHEAD_SECONDS = 1.5;
const CHUNK_SECONDS = 0.25;
const CHUNK_MICROS_MIN = 2_000;
const CHUNK_MICROS_MAX = 1_000_000;

/** A place that is not known yet. */
export type Goal = { readonly micros: number } | { readonly event: number };

export interface PlayerPorts {
  /** Asks the engine to run ahead. */
  readonly runTo: (micros: number, chunkMicros: number) => void;
  /** Asks the engine to go over a stretch whose chunk was given up. */
  readonly refill: (from: Position, to: Position) => void;
  /** The next moment that playing must not pass without a picture of it, or null. */
  readonly stopAfter: (micros: number) => number | null;
}

export class Player {
  readonly #ports: PlayerPorts;
  #branch: Branch;
  #position: Position = START;
  #goal: Goal | null = null;
  #durationMicros = 0;
  #askedMicros = -1;
  #askedRefill: Position | null = null;
  /** Fractions of a microsecond that play has not used yet. */
  #rest = 0;
  playing = false;
  speed: number;

  constructor(ports: PlayerPorts, branch: Branch, speed: number) {
    this.#ports = ports;
    this.#branch = branch;
    this.speed = speed;
  }

  get position(): Position {
    return this.#position;
  }
  get waiting(): boolean {
    return this.#goal !== null;
  }
  get branch(): Branch {
    return this.#branch;
  }

  /** Another run, or another branch of it: asks made so far are void. */
  show(branch: Branch, durationMicros: number, position: Position): void {
    this.#branch = branch;
    this.#durationMicros = durationMicros;
    this.#goal = null;
    this.forgetAsks();
    this.place(position);
  }

  forgetAsks(): void {
    this.#askedMicros = -1;
    this.#askedRefill = null;
  }

  place(position: Position): void {
    this.#position = position;
    this.#rest = 0;
    this.#branch.shown = furthest(this.#branch.shown, position);
    this.runAhead();
  }

  /** Moves by real time while playing. True: the picture changed. */
  tick(elapsedMs: number): boolean {
    if (!this.playing || this.#goal !== null) return false;
    const timeline = this.#branch.timeline;
    const exact = this.#rest + elapsedMs * 1_000 * this.speed;
    const whole = Math.floor(exact);
    const ahead = Math.min(this.#position.micros + whole, this.#durationMicros);
    const stop = this.#ports.stopAfter(this.#position.micros);
    const wanted = stop === null ? ahead : Math.min(ahead, stop);
    const target = timeline.positionAt(wanted);
    if (target === null) {
      this.goTo({ micros: wanted });
      return false;
    }
    if (comparePositions(target, this.#position) <= 0 && whole > 0) {
      // At the head: either the end, or the engine is still at work.
      if (this.atEnd) this.playing = false;
      else this.runAhead();
      return false;
    }
    const moved = whole > 0;
    this.#rest = exact - whole;
    if (!moved) return false;
    const rest = this.#rest;
    this.place(target);
    this.#rest = rest;
    if (this.atEnd) this.playing = false;
    return true;
  }

  get atEnd(): boolean {
    const { timeline } = this.#branch;
    return timeline.ended !== null && comparePositions(this.#position, timeline.head) >= 0;
  }

  /** Goes there, or as near as is known and the rest of the way when it comes. */
  goTo(goal: Goal): void {
    const timeline = this.#branch.timeline;
    const ended = timeline.ended !== null;
    const head = timeline.head;
    if ('event' in goal) {
      if (goal.event > head.event) this.#wait(ended ? null : goal, head);
      else this.#arrive(timeline.positionOf(goal.event), goal);
      return;
    }
    const nothing = timeline.slots.length === 0;
    if (nothing || goal.micros > head.micros) this.#wait(ended ? null : goal, head);
    else this.#arrive(timeline.positionAt(goal.micros), goal);
  }

  #wait(goal: Goal | null, head: Position): void {
    this.#goal = goal;
    if (head.event > 0 || head.micros > 0) this.place(head);
    this.runAhead();
  }

  #arrive(position: Position | null, goal: Goal): void {
    if (position !== null && this.#branch.timeline.huskAt(position) === null) {
      this.#goal = null;
      this.place(position);
      return;
    }
    this.#goal = goal;
    this.#refill(goal);
  }

  #refill(goal: Goal): void {
    const slot = this.#branch.timeline.slots.find((s) =>
      'event' in goal
        ? goal.event > s.fromEvent && goal.event <= s.toEvent && s.chunk === null
        : goal.micros >= s.fromMicros && goal.micros <= s.toMicros && s.chunk === null,
    );
    if (slot === undefined) {
      this.#goal = null;
      return;
    }
    const from = { micros: slot.fromMicros, event: slot.fromEvent };
    const asked = this.#askedRefill;
    if (asked !== null && comparePositions(asked, from) === 0) return;
    this.#askedRefill = from;
    this.#ports.refill(from, { micros: slot.toMicros, event: slot.toEvent });
  }

  /** More is known now: goes on to where the viewer wished to be. True: the picture changed. */
  arrived(): boolean {
    this.#askedRefill = null;
    const goal = this.#goal;
    if (goal === null) {
      this.runAhead();
      return false;
    }
    this.goTo(goal);
    return true;
  }

  /** Keeps the engine a little ahead of the viewer, and no more than that. */
  runAhead(): void {
    const { timeline } = this.#branch;
    if (timeline.ended !== null || this.#durationMicros === 0) return;
    const ahead = this.#position.micros + AHEAD_SECONDS * 1e6 * this.speed;
    const goal = this.#goal === null ? 0 : this.#goalMicros(this.#goal);
    const wanted = Math.min(this.#durationMicros, Math.ceil(Math.max(ahead, goal)));
    const chunkMicros = Math.round(
      Math.min(CHUNK_MICROS_MAX, Math.max(CHUNK_MICROS_MIN, CHUNK_SECONDS * 1e6 * this.speed)),
    );
    if (wanted <= this.#askedMicros || wanted <= timeline.head.micros) return;
    this.#askedMicros = wanted;
    // A far goal is reached in large strides: nobody watches the way there.
    const far = goal - timeline.head.micros > 4 * chunkMicros;
    this.#ports.runTo(wanted, far ? CHUNK_MICROS_MAX : chunkMicros);
  }

  #goalMicros(goal: Goal): number {
    if ('micros' in goal) return goal.micros;
    // Nobody knows when that event comes: look a little further each time.
    return this.#branch.timeline.head.micros + CHUNK_MICROS_MAX;
  }

  stepEvent(direction: 1 | -1): void {
    this.goTo({ event: Math.max(0, this.#position.event + direction) });
  }
}
