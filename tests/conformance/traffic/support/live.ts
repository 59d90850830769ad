/**
 * A running topology that a test may stop anywhere: what its clients were told, in order, and the
 * state of every node. Without latency unless a test says otherwise, so that times are exact.
 */
import { Session, Type, defineCheck, defineScenario, makeSpec } from 'faultline';
import type { AnyBehaviour, ClientFact, Fact, FactRecord } from 'faultline';
import type { FaultEntry, GroupPlan, NetworkPlan, WorldNode } from 'faultline';

export interface LivePlan {
  readonly groups: readonly GroupPlan[];
  readonly network?: NetworkPlan;
  readonly faults?: readonly FaultEntry[];
  /** Default: a day, so that a test decides when it has seen enough. */
  readonly durationMs?: number;
  readonly seed?: number;
  /** Rules that are switched off. */
  readonly ablations?: readonly string[];
  /** Of the test's own. */
  readonly components?: readonly AnyBehaviour[];
  /** Types of facts that are kept, besides the answers of clients. */
  readonly facts?: readonly string[];
}

type ClientCompleted = Extract<ClientFact, { readonly type: 'client.completed' }>;

export interface Answered extends ClientCompleted {
  readonly atMicros: number;
}

/** A group of one, unless more is said. */
export const group = (
  name: string,
  component: string,
  config: object,
  links: { readonly [role: string]: string } = {},
  more: { readonly count?: number; readonly cores?: number } = {},
): GroupPlan => ({
  name,
  component,
  count: 1,
  links,
  config: { ...config },
  ...more,
});

const DAY_MS = 86_400_000;

export class Live {
  readonly session: Session;
  readonly seed: number;
  readonly answered: Answered[] = [];
  readonly facts: FactRecord[] = [];

  constructor(plan: LivePlan) {
    this.seed = plan.seed ?? 1;
    const { answered, facts } = this;
    const listens = defineCheck<object, null>({
      use: 'keeps-facts',
      about: 'Nothing: it keeps what is told.',
      args: Type.Object({}),
      create: () => ({
        components: [],
        facts: ['client.completed', ...(plan.facts ?? [])],
        probes: [],
        onFact(record) {
          const { fact, atMicros } = record;
          if (fact.type === 'client.completed') {
            answered.push({ ...(fact as ClientCompleted), atMicros });
          } else facts.push(record);
        },
        standing: () => ({ verdict: 'pass', text: '' }),
        save: () => null,
        restore: () => undefined,
      }),
    });
    const scenario = defineScenario({
      id: 'conformance/live',
      title: 'A topology',
      summary: 'A topology of a published case.',
      tier: 'calm',
      sources: [{ title: 'The published cases' }],
      leavesOut: [],
      thingsToTry: [],
      params: {},
      registers: { checks: [listens], components: plan.components ?? [] },
      plan: () => ({
        title: 'A topology',
        summary: '',
        durationMs: plan.durationMs ?? DAY_MS,
        network: plan.network ?? { latency: { kind: 'constant', ms: 0 } },
        groups: plan.groups,
        faults: plan.faults ?? [],
        checks: [{ id: 'keeps', use: 'keeps-facts' }],
        story: [],
        limits: { events: 1e9, simMicros: 1e15, pending: 1e7 },
      }),
      variants: [{ name: 'default', about: 'As it is.' }],
    });
    this.session = new Session(
      makeSpec(scenario, { seed: this.seed, ablations: plan.ablations ?? [] }),
      {
        scenarios: [scenario],
        observe: { history: false, metrics: false },
        checkpoints: false,
      },
    );
  }

  /** Runs up to and with so many milliseconds since the start. */
  to(ms: number): this {
    this.session.advance({ untilMicros: Math.round(ms * 1_000) });
    return this;
  }

  /** One event at a time, until `isDone` or the end of the run or that time. */
  until(isDone: () => boolean, ms: number): this {
    const limit = Math.round(ms * 1_000);
    while (!isDone() && this.session.ended === null && this.session.nowMicros < limit) {
      this.session.advance({ untilMicros: limit, events: 1 });
    }
    return this;
  }

  node(name: string): WorldNode {
    const found = this.session.world.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  }

  /** What a node holds now; the test knows what it is. */
  state<S>(name: string): S {
    return this.node(name).state as S;
  }

  told<F extends Fact>(type: string): readonly F[] {
    return this.facts.flatMap(({ fact }) => (fact.type === type ? [fact as F] : []));
  }
}
