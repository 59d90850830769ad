/** Datacentres of a causal store by themselves: a test delivers each message when it likes. */
import type { CausalMessage } from '../../../../../src/sim/contracts/causal.ts';
import type { KvReply, KvValue } from '../../../../../src/sim/contracts/kv.ts';
import { merged } from '../../../../../src/sim/protocols/causal/dependencies.ts';
import type { Dependencies } from '../../../../../src/sim/protocols/causal/dependencies.ts';
import { causalRules } from '../../../../../src/sim/protocols/causal/rules.ts';
import {
  applyRecord,
  createDisk,
  createState,
} from '../../../../../src/sim/protocols/causal/state.ts';
import type {
  CausalConfig,
  CausalDisk,
  CausalEffect,
  CausalFact,
  CausalInput,
  CausalRecord,
  CausalState,
} from '../../../../../src/sim/protocols/causal/state.ts';
import { step } from '../../../../../src/sim/protocols/causal/step.ts';

export interface Packet {
  readonly from: number;
  readonly to: number;
  readonly message: CausalMessage;
}

interface Datacentre {
  readonly config: CausalConfig;
  readonly disk: CausalDisk;
  state: CausalState;
  /** Written, and not on disk yet. */
  unsynced: CausalRecord[];
  tickets: number[];
}

/** A client of one datacentre, which carries what it has seen. */
export class Client {
  seen: Dependencies = [];
}

export class Group {
  readonly all: readonly Datacentre[];
  packets: Packet[] = [];
  facts: CausalFact[] = [];
  replies = new Map<number, KvReply | string>();
  /** Whether a disk has what it is given at once. */
  isQuick = true;
  now = 0;
  #tag = 0;

  constructor(count: number, off: readonly string[] = []) {
    const peers = Array.from({ length: count }, (_, id) => id);
    this.all = peers.map((id) => {
      const config = { id, peers, resendMicros: 100, batchMax: 3, rules: causalRules(off) };
      const disk = createDisk();
      return { config, disk, state: createState(config, disk), unsynced: [], tickets: [] };
    });
  }

  feed(id: number, input: CausalInput): void {
    const one = this.all[id]!;
    const effects: CausalEffect[] = [];
    step(one.config, one.state, input, this.now, effects);
    for (const effect of effects) this.#perform(id, effect);
    if (this.isQuick) this.sync(id);
  }

  #perform(id: number, effect: CausalEffect): void {
    const one = this.all[id]!;
    switch (effect.type) {
      case 'send':
        return void this.packets.push({ from: id, to: effect.to, message: effect.message });
      case 'persist':
        return void one.unsynced.push(effect.record);
      case 'sync':
        return void one.tickets.push(effect.ticket);
      case 'told':
        return void this.facts.push(effect.fact);
      case 'answer':
        return void this.replies.set(effect.tag, effect.reply);
      case 'set-timer':
    }
  }

  sync(id: number): void {
    const one = this.all[id]!;
    const ticket = one.tickets.at(-1);
    if (ticket === undefined) return;
    one.tickets = [];
    for (const record of one.unsynced.splice(0)) applyRecord(one.disk, record);
    this.feed(id, { type: 'persisted', ticket });
  }

  /** What was not on disk is gone, and so is what was under way to the node. */
  restart(id: number): void {
    const one = this.all[id]!;
    one.unsynced = [];
    one.tickets = [];
    one.state = createState(one.config, one.disk);
    this.feed(id, { type: 'start' });
  }

  /** Delivers what fits, in the order in which it was sent; what comes of it waits. */
  deliver(fits: (packet: Packet) => boolean = () => true): void {
    const due = this.packets.filter(fits);
    this.packets = this.packets.filter((packet) => !due.includes(packet));
    for (const { from, to, message } of due) this.feed(to, { type: 'message', from, message });
  }

  /** Until nothing is under way. */
  settle(): void {
    while (this.packets.length > 0) this.deliver();
  }

  tick(id: number): void {
    this.now += 100;
    this.feed(id, { type: 'timer', timer: 'resend' });
  }

  put(id: number, client: Client, key: string, value: KvValue): KvReply | string | undefined {
    const tag = this.#tag++;
    this.feed(id, { type: 'write', tag, key, value, dependencies: client.seen });
    const reply = this.replies.get(tag);
    if (typeof reply === 'object') client.seen = reply.dependencies ?? [];
    return reply;
  }

  get(id: number, client: Client, key: string): KvValue {
    const tag = this.#tag++;
    this.feed(id, { type: 'read', tag, key });
    const reply = this.replies.get(tag) as Extract<KvReply, { type: 'kv.value' }>;
    client.seen = merged(client.seen, reply.dependencies ?? []);
    return reply.value;
  }

  /** What is shown of a key, at each. */
  shown(key: string): readonly KvValue[] {
    return this.all.map(({ state }) => state.cells.get(key)?.value ?? null);
  }
}

export const between =
  (from: number, to: number) =>
  (packet: Packet): boolean =>
    packet.from === from && packet.to === to;
