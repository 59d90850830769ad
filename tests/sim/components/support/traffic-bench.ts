/**
 * A bench for the request path: real plans, a network of one millisecond a way, scripted servers
 * (b1, b2, ...), and records of facts and packets.
 */
import type { GroupPlan, HttpRequest, Message, Order } from 'faultline';
import type { ClientCompleted } from '../../../../src/sim/contracts/facts.ts';
import type { HttpClientState } from '../../../../src/sim/components/http-client/http-client.ts';
import type { ServiceState } from '../../../../src/sim/components/service/state.ts';
import type { Upstream } from '../../../../src/sim/traffic/upstream.ts';
import { Bench } from './bench.ts';
import type { BenchPlan, Packet } from './bench.ts';
import { caller, ok, scriptedServer } from './traffic-partners.ts';
import type { Answer, CallerState, Heard, Play, ServerState } from './traffic-partners.ts';

export interface TrafficPlan extends Omit<BenchPlan, 'script' | 'components'> {
  readonly play?: Play;
}

export class TrafficBench extends Bench {
  #tag = 0;

  constructor({ play, ...plan }: TrafficPlan) {
    super({ ...plan, components: [scriptedServer(play ?? (() => ok())), caller] });
  }

  /** What scripted servers heard, in order of time. */
  heard(name?: string): Heard[] {
    return this.parts.host.nodes
      .filter(({ behaviour }) => behaviour.component === 'scripted-server')
      .filter(({ identity }) => name === undefined || identity.name === name)
      .flatMap(({ state }) => (state as ServerState | null)?.heard ?? [])
      .toSorted((a, b) => a.micros - b.micros);
  }

  /** When messages of a type were sent, in milliseconds. */
  times(type: string): number[] {
    return this.sent(type).map(({ atMicros }) => atMicros / 1_000);
  }

  /** Whom they were sent to. */
  targets(type: string): string[] {
    return this.sent(type).map(({ to }) => this.nameOf(to));
  }

  service(name = 's1'): ServiceState {
    return this.node(name).state as ServiceState;
  }

  upstream(name = 'c1'): Upstream {
    const state = this.node(name).state as HttpClientState | ServiceState;
    return 'upstream' in state ? state.upstream : (state.upstreams[0] as Upstream);
  }

  completed(name?: string): ClientCompleted[] {
    return this.told<ClientCompleted>('client.completed', name).map(({ fact }) => fact);
  }

  /** Lets the caller a1 ask a node now; the answer is found by the tag. */
  request(message: Message, to = 's1', timeoutMs = 10_000): number {
    const tag = this.#tag++;
    const timeout = Math.round(timeoutMs * 1_000) as never;
    this.node('a1').context.call(this.index(to), message, { timeout, tag });
    return tag;
  }

  /** Asks at a time of the run. */
  requestAt(ms: number, message: Message, to?: string, timeoutMs?: number): number {
    this.ms(ms);
    return this.request(message, to, timeoutMs);
  }

  reply(tag: number): Answer | undefined {
    return (this.node('a1').state as CallerState).answers.get(tag);
  }

  /** "ok", or the code of the error; undefined while it is not answered. */
  code(tag: number): string | undefined {
    const result = this.reply(tag)?.result;
    if (result === undefined) return undefined;
    return result.outcome === 'ok' ? 'ok' : result.error.code;
  }

  /** When the answer came, in milliseconds. */
  at(tag: number): number | undefined {
    const answer = this.reply(tag);
    return answer === undefined ? undefined : answer.micros / 1_000;
  }

  /** The message that answered. */
  value<M extends Message>(tag: number): M | undefined {
    const result = this.reply(tag)?.result;
    return result?.outcome === 'ok' ? (result.value as M) : undefined;
  }

  get lateReplies(): number {
    return this.parts.host.calls.lateReplies;
  }
}

export type { Packet };

export const request = (fields: Partial<HttpRequest> = {}): HttpRequest => ({
  type: 'http.request',
  route: 'GET /item',
  write: false,
  key: 1,
  seed: 7,
  session: 0,
  connection: 0,
  priority: 0,
  attempt: 0,
  ...fields,
});

export interface ClientBenchPlan {
  readonly play?: Play;
  readonly servers?: number;
  /** When the client asks, in milliseconds. */
  readonly times?: readonly number[];
  readonly call?: object;
  readonly write?: boolean;
  readonly config?: object;
  readonly ablations?: readonly string[];
  readonly seed?: number;
}

/** Scripted servers b1, b2, ... and one client c1, which asks at given times. */
export function clientBench(plan: ClientBenchPlan): TrafficBench {
  const client: GroupPlan = {
    name: 'c',
    component: 'http-client',
    count: 1,
    links: { target: 'b' },
    config: {
      arrivals: { kind: 'replay', timesMs: plan.times ?? [10] },
      routes: [{ write: plan.write ?? false }],
      call: plan.call ?? {},
      ...plan.config,
    },
  };
  return new TrafficBench({
    groups: [{ name: 'b', component: 'scripted-server', count: plan.servers ?? 1 }, client],
    ...(plan.play === undefined ? {} : { play: plan.play }),
    ablations: plan.ablations ?? [],
    seed: plan.seed ?? 1,
  });
}

export interface ServiceBenchPlan {
  readonly play?: Play;
  readonly servers?: number;
  readonly cores?: number;
  readonly config?: object;
  readonly steps?: readonly unknown[];
  readonly ablations?: readonly string[];
  readonly seed?: number;
  readonly order?: Order;
}

/** Scripted servers b1, ... behind a service s1 (its link is `to`), asked by the caller a1. */
export function serviceBench(plan: ServiceBenchPlan): TrafficBench {
  return new TrafficBench({
    groups: [
      { name: 'b', component: 'scripted-server', count: plan.servers ?? 1 },
      {
        name: 's',
        component: 'service',
        count: 1,
        cores: plan.cores ?? 1,
        links: { to: 'b' },
        config: { steps: plan.steps ?? [], ...plan.config },
      },
      { name: 'a', component: 'caller', count: 1, links: { servers: 's' } },
    ],
    ...(plan.play === undefined ? {} : { play: plan.play }),
    ablations: plan.ablations ?? [],
    seed: plan.seed ?? 1,
    order: plan.order ?? 'fifo',
  });
}
