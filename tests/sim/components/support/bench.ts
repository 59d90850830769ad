/**
 * A bench for components of a key-value store: real plans and a network of one millisecond a way,
 * with partners that do what a test says, and records of facts, packets and the history.
 */
import { makeRegistry } from 'faultline';
import type { AnyBehaviour, CheckPlan, Fact, FactRecord, GroupPlan, Message } from 'faultline';
import type { NodeIndex, Plan } from 'faultline';
import type { KvReply, KvRequest } from 'faultline';
import { Built } from './built.ts';
import type { BuildOptions } from './built.ts';
import { asker, scriptedStore } from './partners.ts';
import type { AskerState, Ended, Script, StoreState } from './partners.ts';

export interface BenchPlan extends BuildOptions {
  readonly groups: readonly GroupPlan[];
  /** What the members of groups of the component `scripted-store` answer. */
  readonly script?: Script;
  /** Instead of the scripted store and the asker. */
  readonly components?: readonly AnyBehaviour[];
  readonly checks?: readonly CheckPlan[];
  /** Besides a millisecond a way. */
  readonly network?: Plan['network'];
}

export interface Packet {
  readonly atMicros: number;
  readonly from: NodeIndex;
  readonly to: NodeIndex;
  readonly message: Message;
}

/** An hour of simulated time. */
const DURATION_MS = 3_600_000;
const PATIENCE_MS = 10_000;

export class Bench extends Built {
  readonly packets: Packet[] = [];
  onPacket: ((packet: Packet) => void) | null = null;
  #nextTag = 0;

  constructor(plan: BenchPlan) {
    const whole: Plan = {
      title: 'Bench',
      summary: 'A bench.',
      durationMs: DURATION_MS,
      network: { latency: { kind: 'constant', ms: 1 }, ...plan.network },
      groups: plan.groups,
      faults: [],
      checks: plan.checks ?? [],
      story: [],
    };
    const components = plan.components ?? [scriptedStore(plan.script ?? (() => null)), asker];
    super(whole, makeRegistry({ components }), plan);
    this.parts.host.taps.sent = (from, to, message, atMicros) => {
      const packet = { atMicros, from, to, message };
      this.packets.push(packet);
      this.onPacket?.(packet);
    };
  }

  /** Runs up to so many milliseconds since the start. */
  ms(until: number): this {
    this.run.advance(Math.round(until * 1_000), Infinity);
    return this;
  }

  /** Runs event by event until it holds; a test fails where it does not within that time. */
  until(holds: () => boolean, withinMs = PATIENCE_MS): this {
    const limit = this.run.now + Math.round(withinMs * 1_000);
    while (!holds()) {
      this.run.advance(limit, 1);
      if (this.run.now >= limit) throw new Error(`it did not come to hold within ${withinMs} ms`);
    }
    return this;
  }

  /** Facts of one type, of one node or of all. */
  told<F extends Fact>(type: string, name?: string): (FactRecord & { readonly fact: F })[] {
    const node = name === undefined ? null : this.index(name);
    return this.facts.filter(
      (record): record is FactRecord & { readonly fact: F } =>
        record.fact.type === type && (node === null || record.node === node),
    );
  }

  sent(type: string): Packet[] {
    return this.packets.filter((packet) => packet.message.type === type);
  }

  /** What a scripted store was asked. */
  asked(name: string): StoreState['asked'] {
    return (this.node(name).state as StoreState).asked;
  }

  /** Lets the asker of this name ask a node now; the answer is found by the tag. */
  ask<M extends Message>(from: string, to: string, request: M, timeoutMs = 1_000): number {
    const tag = this.#nextTag++;
    const timeout = Math.round(timeoutMs * 1_000) as never;
    this.node(from).context.call(this.index(to), request, { timeout, tag });
    return tag;
  }

  /** How the asking under this tag ended, if it has. */
  end(from: string, tag: number): Ended | undefined {
    return (this.node(from).state as AskerState).ended.get(tag);
  }

  /** Asks, runs until the answer is there, and returns it. */
  answer<M extends Message>(from: string, to: string, request: M, timeoutMs = 1_000): Ended {
    const tag = this.ask(from, to, request, timeoutMs);
    const withinMs = Math.max(PATIENCE_MS, timeoutMs + 1);
    this.until(() => this.end(from, tag) !== undefined, withinMs);
    return this.end(from, tag) as Ended;
  }

  get traceHash(): string {
    return this.parts.kernel.hash.hex();
  }
}

export const get = (key: string): KvRequest => ({ type: 'kv.get', key });
export const put = (key: string, value: number): KvRequest => ({ type: 'kv.put', key, value });
export const cas = (key: string, expected: number | null, value: number): KvRequest => ({
  type: 'kv.cas',
  key,
  expected,
  value,
});
export const done = (applied = true): KvReply => ({ type: 'kv.done', applied });
export const valueOf = (value: number | null): KvReply => ({ type: 'kv.value', value });
