/**
 * The event queue as anybody would write it: a list sorted by (time, sequence). Slow and plain, it
 * is what the wheel is held against.
 */
import type { EventQueue } from '../../../../src/sim/kernel/event-queue.ts';
import type { Stream } from '../../../../src/sim/kernel/random.ts';
import type { SimMicros } from '../../../../src/sim/kernel/time.ts';
import { NO_HANDLE } from '../../../../src/sim/kernel/wheel.ts';
import type { Handle, TimingWheel } from '../../../../src/sim/kernel/wheel.ts';

export interface ModelEvent {
  readonly time: number;
  readonly sequence: number;
  /** What it was scheduled as: arming it again for another time keeps it. */
  readonly label: number;
  readonly handle: Handle;
}

export class QueueModel {
  pending: ModelEvent[] = [];
  sequence = 0;
  now = 0;

  add(time: number, handle: Handle, label = this.sequence): void {
    const event = { time, sequence: this.sequence++, label, handle };
    // The new one is the youngest: it goes behind all that are not later.
    let index = this.pending.length;
    while (index > 0 && this.pending[index - 1]!.time > time) index--;
    this.pending.splice(index, 0, event);
  }

  remove(index: number): ModelEvent {
    return this.pending.splice(index, 1)[0]!;
  }

  popUntil(limit: number): ModelEvent | undefined {
    const first = this.pending[0];
    if (first !== undefined && first.time <= limit) {
      this.now = first.time;
      return this.pending.shift();
    }
    this.now = Math.max(this.now, limit);
    return undefined;
  }
}

/** Spans from "the same microsecond" to 2^50, so that every level of the wheel is used. */
const SPANS = [1, 2, 31, 32, 33, 1000, 40_000, 2 ** 20, 2 ** 29, 2 ** 31, 2 ** 40, 2 ** 50];
const HORIZON = 2 ** 52;

export interface Life {
  readonly wheel: TimingWheel | EventQueue;
  readonly model: QueueModel;
  readonly draws: Stream;
  /** Handles that ran or were cancelled. */
  readonly stale: Handle[];
  /** Everything that came out, as text. */
  readonly log: string[];
}

/** One random call on the wheel and on the model; throws with the reason when they differ. */
export function step(life: Life): void {
  const { wheel, model, draws } = life;
  const dice = draws.below(100);
  if (dice < 48) schedule(life);
  else if (dice < 56) cancel(life);
  else if (dice < 60) rearm(life);
  else if (dice < 63) touchStale(life);
  else if (dice < 64) drain(life);
  else pop(life, model.now + draws.below(draws.pick(SPANS)));
  if (wheel.size !== model.pending.length) throw new Error(`size is ${wheel.size}`);
  if (wheel.now !== model.now) throw new Error(`now is ${wheel.now}, not ${model.now}`);
  const next = model.pending[0]?.time ?? Infinity;
  if (wheel.nextTime() !== next) throw new Error(`next is ${wheel.nextTime()}, not ${next}`);
}

function schedule({ wheel, model, draws }: Life): void {
  const time = Math.min(model.now + draws.below(draws.pick(SPANS)), HORIZON);
  // Now and then a broadcast: several events for one moment.
  const copies = draws.chance(0.1) ? draws.between(2, 8) : 1;
  for (let copy = 0; copy < copies; copy++) {
    const n = model.sequence;
    model.add(time, wheel.schedule(time as SimMicros, n & 7, -n, n));
  }
}

function cancel(life: Life): void {
  const { wheel, model, draws } = life;
  if (model.pending.length === 0) return;
  const { handle } = model.remove(draws.below(model.pending.length));
  if (!wheel.isPending(handle)) throw new Error('a pending event is said not to be');
  if (!wheel.cancel(handle)) throw new Error('a pending event is not cancelled');
  life.stale.push(handle);
}

function rearm({ wheel, model, draws, stale }: Life): void {
  if (model.pending.length === 0) return;
  const { handle, label } = model.remove(draws.below(model.pending.length));
  const time = Math.min(model.now + draws.below(draws.pick(SPANS)), HORIZON);
  model.add(time, wheel.rearm(handle, time as SimMicros), label);
  stale.push(handle);
}

function touchStale({ wheel, draws, stale }: Life): void {
  if (stale.length === 0) return;
  const handle = draws.pick(stale);
  if (wheel.isPending(handle)) throw new Error('a stale handle is said to be pending');
  if (wheel.cancel(handle)) throw new Error('a stale handle cancels something');
  if (wheel.rearm(handle, HORIZON as SimMicros) !== NO_HANDLE) {
    throw new Error('a stale handle arms something');
  }
}

/** Empties the moment: everything due now. */
function drain(life: Life): void {
  for (let guard = 0; guard < 20; guard++) pop(life, life.model.now);
}

function pop(life: Life, limit: number): void {
  const { wheel, model } = life;
  const expected = model.popUntil(limit);
  const popped = wheel.popUntil(limit as SimMicros);
  if (popped !== (expected !== undefined)) {
    throw new Error(`popUntil(${limit}) is ${popped}, expected ${JSON.stringify(expected)}`);
  }
  if (expected === undefined) return;
  life.stale.push(expected.handle);
  life.log.push(`${wheel.time} ${wheel.kind} ${wheel.target} ${wheel.payload}`);
  const n = expected.label;
  const right =
    wheel.time === expected.time &&
    wheel.payload === n &&
    wheel.kind === (n & 7) &&
    wheel.target === 0 - n;
  if (!right) throw new Error(`${life.log.at(-1)} came, not ${JSON.stringify(expected)}`);
}
