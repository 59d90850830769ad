/** Servers n1, n2, ... of a key-value store, and askers a1, a2, ... who wait for their answers. */
import type { KvReply, KvRequest, KvValue } from 'faultline';
import { Bench } from './bench.ts';

export class KvBench extends Bench {
  /** How long an asker waits, unless a test says otherwise. */
  protected readonly patienceMs: number = 5_000;

  get names(): string[] {
    return this.#namesOf('n');
  }

  /** Members of a group that are up. */
  running(group: string): string[] {
    return this.#namesOf(group).filter((name) => this.isUp(name));
  }

  #namesOf(group: string): string[] {
    const all = this.parts.host.nodes.map((node) => node.identity.name);
    return all.filter((name) => name.startsWith(group));
  }

  /** Asks and returns the reply, or the code of the error. */
  get(to: string, request: KvRequest, timeoutMs = this.patienceMs, from = 'a1'): KvReply | string {
    const { result } = this.answer(from, to, request, timeoutMs);
    return result.outcome === 'ok' ? (result.value as KvReply) : result.error.code;
  }

  /** The value that a server answers for a key, or the code of the error. */
  read(from: string, key: string, after?: number): KvValue {
    const request: KvRequest = { type: 'kv.get', key, ...(after === undefined ? {} : { after }) };
    const reply = this.get(from, request);
    return typeof reply === 'string' ? reply : reply.type === 'kv.value' ? reply.value : null;
  }
}
