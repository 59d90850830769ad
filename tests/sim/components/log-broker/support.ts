/** A cluster of brokers with a scripted controller, on a network of one millisecond a way. */
import type { CheckPlan, FaultEntry, GroupPlan, LogRecord, Message, Plan } from 'faultline';
import type { LogBrokerState, Hosted } from '../../../../src/sim/components/log-broker/state.ts';
import { asker } from '../support/asker.ts';
import type { AskerState } from '../support/asker.ts';
import { Bench } from '../support/bench.ts';
import { scriptedController } from '../support/scripted-controller.ts';

export type { FaultEntry };

interface ClusterPlan {
  readonly config?: object;
  readonly topic?: object;
  readonly producer?: { readonly [name: string]: unknown };
  readonly consumer?: { readonly [name: string]: unknown };
  readonly consumers?: number;
  /** Clients besides these. */
  readonly others?: readonly GroupPlan[];
  readonly brokers?: object;
  /** Somebody asks what a test asks. */
  readonly hasAsker?: boolean;
  readonly checks?: readonly CheckPlan[];
  readonly ablations?: readonly string[];
  readonly seed?: number;
  readonly network?: Plan['network'];
}

const BROKERS = 3;

export class Cluster extends Bench {
  constructor(plan: ClusterPlan) {
    const topic = { topic: 't', partitions: 1, replicationFactor: 3, ...plan.topic };
    const groups: GroupPlan[] = [
      { name: 'ctl', component: 'scripted-controller', count: 1, links: { brokers: 'b' } },
      {
        name: 'b',
        component: 'log-broker',
        count: BROKERS,
        links: { controller: 'ctl' },
        config: { topics: [topic], ...plan.config },
        ...plan.brokers,
      },
    ];
    const links = { brokers: 'b' };
    if (plan.producer !== undefined) {
      groups.push({ name: 'p', component: 'log-producer', count: 1, links, config: plan.producer });
    }
    if (plan.consumer !== undefined) {
      const count = plan.consumers ?? 1;
      groups.push({ name: 'c', component: 'log-consumer', count, links, config: plan.consumer });
    }
    if (plan.hasAsker === true) groups.push({ name: 'x', component: 'asker', count: 1, links });
    for (const other of plan.others ?? []) groups.push({ links, ...other });
    super({
      groups,
      components: [scriptedController, asker],
      checks: plan.checks ?? [],
      ablations: plan.ablations ?? [],
      seed: plan.seed ?? 1,
      network: plan.network ?? {},
    });
  }

  replica(broker: number, partition = 0): Hosted {
    const state = this.node(`b${broker}`).state as LogBrokerState;
    const hosted = state.hosted.get(partition);
    if (hosted === undefined) throw new Error(`b${broker} does not host ${partition}`);
    return hosted;
  }

  /** The values of its log, in their order. */
  values(broker: number, partition = 0): LogRecord['value'][] {
    const { log } = this.replica(broker, partition).state;
    return log.toArray().flatMap(({ records }) => records.map(({ value }) => value));
  }

  /** The values of records that were acknowledged. */
  acked(): LogRecord['value'][] {
    return this.facts.flatMap(({ fact }) => {
      const told = fact as { readonly type: string; f?: string; outcome?: string; op?: number };
      const isAcked =
        told.type === 'client.completed' && told.f === 'send' && told.outcome === 'ok';
      return isAcked ? [told.op as number] : [];
    });
  }

  /** What consumers have read, in their order. */
  read(): LogRecord['value'][] {
    type Run = {
      readonly from: number;
      readonly to: number;
      readonly batch: { readonly baseOffset: number; readonly records: readonly LogRecord[] };
    };
    return this.facts.flatMap(({ fact }) => {
      const told = fact as { readonly type: string; f?: string; output?: readonly Run[] };
      if (told.type !== 'client.completed' || told.f !== 'poll') return [];
      return (told.output ?? []).flatMap(({ from, to, batch }) =>
        batch.records.slice(from - batch.baseOffset, to - batch.baseOffset).map((r) => r.value),
      );
    });
  }

  /** Asks a broker, and waits for so long. */
  askBroker(broker: number, request: Message, waitMs = 100): Message | string | undefined {
    this.act('x1', 'ask', { to: this.index(`b${broker}`), request });
    this.after(waitMs);
    return (this.node('x1').state as AskerState).answer;
  }

  command(action: string, broker: number): this {
    return this.act('ctl1', action, { broker: this.index(`b${broker}`) });
  }
}
