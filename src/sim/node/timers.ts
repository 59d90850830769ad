/** Timers of nodes, by kind and integer key; one of each is armed at a time. */
import { InvariantError } from '../kernel/errors.ts';
import { LONGEST_MICROS } from '../kernel/time.ts';
import type { SimMicros } from '../kernel/time.ts';
import { NO_HANDLE } from '../kernel/wheel.ts';
import { EVENT } from './events.ts';
import type { HostCore } from './host-core.ts';
import type { SimNode } from './node.ts';

/** More keys than a kind of timer can have: kind and key share one safe integer. */
const KEYS_MAX = 4_294_967_296;
/** Small keys of the first kinds make small integers, which a map finds fastest. */
const SMALL_KEYS = 1_048_576;
const SMALL_KINDS = 1_024;
/** In place of the slot of a timer while its handler runs, which mostly arms it again. */
const FIRED = -1;

export class Timers {
  readonly #core: HostCore;
  readonly #kindIds = new Map<string, number>();
  /** Most timers are armed again in their handlers. */
  #lastKind = '';
  #lastId = -1;

  constructor(core: HostCore) {
    this.#core = core;
  }

  #keyOf(kind: string, key: number): number {
    const id = this.#kindId(kind);
    if (key < SMALL_KEYS && id < SMALL_KINDS) return id * SMALL_KEYS + key;
    return (id + 1) * KEYS_MAX + key;
  }

  set(node: SimNode, kind: string, key: number, delayMicros: number): void {
    if (!(key >= 0 && key < KEYS_MAX && Math.trunc(key) === key)) {
      throw new InvariantError(`the key of timer ${kind} is no integer below ${KEYS_MAX}: ${key}`);
    }
    const { queue } = this.#core.kernel;
    const at = (this.#core.now + Math.min(delayMicros, LONGEST_MICROS)) as SimMicros;
    const id = this.#keyOf(kind, key);
    const armed = node.timers.get(id);
    if (armed === undefined) {
      const slot = this.#slotFor(node, id);
      const handle = queue.schedule(at, EVENT.timer, node.identity.index, slot);
      const [word, setMicros] = [this.#core.word(kind), this.#core.now];
      node.timers.set(id, { kind, word, key, handle, slot, setMicros, firesMicros: at });
      return;
    }
    armed.handle = queue.rearm(armed.handle, at);
    if (armed.handle === NO_HANDLE) {
      // Its event has come, so its slot is no longer this timer's.
      armed.slot = this.#slotFor(node, id);
      armed.handle = queue.schedule(at, EVENT.timer, node.identity.index, armed.slot);
    }
    armed.setMicros = this.#core.now;
    armed.firesMicros = at;
  }

  #slotFor(node: SimNode, id: number): number {
    const slot = this.#core.slot(node, node.identity.index);
    this.#core.payloads.a[slot] = id;
    return slot;
  }

  cancel(node: SimNode, kind: string, key: number): void {
    const id = this.#keyOf(kind, key);
    const armed = node.timers.get(id);
    if (armed === undefined) return;
    node.timers.delete(id);
    if (this.#core.kernel.queue.cancel(armed.handle)) this.#core.payloads.give(armed.slot);
  }

  fire(node: SimNode, slot: number): boolean {
    const id = this.#core.payloads.a[slot] as number;
    const armed = node.timers.get(id);
    this.#core.payloads.give(slot);
    // A timer that waited for a paused node may have been cancelled or armed again since.
    if (armed === undefined || armed.slot !== slot) return false;
    armed.slot = FIRED;
    this.#core.count(EVENT.timer, node, node.identity.index, armed.word, armed.key | 0);
    node.behaviour.onTimer?.(node.state, node.context, armed.kind, armed.key);
    // The handler may also have cancelled it, and armed another one of the same kind and key.
    if (armed.slot === FIRED && node.timers.get(id) === armed) node.timers.delete(id);
    return true;
  }

  #kindId(kind: string): number {
    if (kind === this.#lastKind) return this.#lastId;
    let id = this.#kindIds.get(kind);
    if (id === undefined) {
      id = this.#kindIds.size;
      this.#kindIds.set(kind, id);
    }
    this.#lastKind = kind;
    this.#lastId = id;
    return id;
  }
}
