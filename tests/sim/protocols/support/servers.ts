/**
 * Servers of one protocol without a simulator around them, and a bag of messages between them.
 *
 * Nothing happens by itself: a test delivers, drops, crashes and restarts.
 */
import type { Message } from 'faultline';

export interface Packet<M extends Message> {
  readonly from: number;
  readonly to: number;
  readonly message: M;
}

interface Server<S> {
  readonly id: number;
  /** Null while crashed. */
  readonly state: S | null;
}

type Arrival<M> = { readonly type: 'message'; readonly from: number; readonly message: M };

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}

export abstract class Servers<
  M extends Message,
  S extends { readonly role: string },
  N extends Server<S>,
> {
  abstract readonly servers: readonly N[];
  /** Messages under way, in the order of sending. */
  network: Packet<M>[] = [];

  /** One step of one server; its effects are performed. */
  abstract step(id: number, input: Arrival<M> | { readonly type: 'election-timeout' }): unknown;

  server(id: number): N {
    const found = this.servers.find((server) => server.id === id);
    if (found === undefined) throw new Error(`no server ${id}`);
    return found;
  }

  /** The state of a server that runs. */
  state(id: number): S {
    const { state } = this.server(id);
    if (state === null) throw new Error(`server ${id} is down`);
    return state;
  }

  /** Delivers the message at `position`; it is lost where the target is down. */
  deliver(position: number, keep = false): void {
    const packet = this.network[position];
    if (packet === undefined) throw new Error(`no message at ${position}`);
    if (!keep) this.network.splice(position, 1);
    const { from, to, message } = packet;
    if (this.server(to).state !== null) this.step(to, { type: 'message', from, message });
  }

  /** Delivers in order until nothing is under way; what `lose` names is lost instead. */
  settle(lose: (packet: Packet<M>) => boolean = () => false, limit = 10_000): void {
    for (let count = 0; this.network.length > 0; count += 1) {
      if (count === limit) throw new Error(`they did not settle in ${limit} deliveries`);
      if (lose(this.network[0] as Packet<M>)) this.network.shift();
      else this.deliver(0);
    }
  }

  campaign(id: number): void {
    this.step(id, { type: 'election-timeout' });
  }

  leaders(): number[] {
    return this.servers.filter(({ state }) => state?.role === 'leader').map(({ id }) => id);
  }
}
