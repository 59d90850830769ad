/** A quorum of controllers and brokers that only register, say that they live, and listen. */
import { Type, controller, defineBehaviour, ms } from 'faultline';
import type { CallResult, Context, ControllerFact, ControllerView } from 'faultline';
import type { MetadataRecord, NodeIndex, PartitionRecord, Static, TopicSpec } from 'faultline';
import type { ControllerState } from '../../../../src/sim/components/controller/state.ts';
import { Bench } from '../support/bench.ts';
import type { BenchPlan } from '../support/bench.ts';
import type { Ended } from '../support/partners.ts';

export interface BrokerState {
  readonly ended: Map<number, Ended>;
  readonly records: MetadataRecord[];
  /** Codes of refused registrations. */
  readonly refused: string[];
  active: NodeIndex | null;
  epoch: number;
  end: number;
  isFenced: boolean;
  mayShutDown: boolean;
  wantsShutdown: boolean;
}

/** Above those of the bench. */
const REGISTER = 1_000_000;
const HEARTBEAT = REGISTER + 1;
const FETCH = REGISTER + 2;
const RETRY_MS = 100;
const HEARTBEAT_MS = 2_000;

const config = Type.Object({
  isUncleanAfterwards: Type.Boolean({ default: false }),
  fetches: Type.Boolean({ default: true }),
  racks: Type.Integer({ default: 0 }),
});
type Config = Static<typeof config>;
type Ctx = Context<Config>;

function rackOf(ctx: Ctx): string {
  const { racks } = ctx.config;
  return racks === 0 ? '' : `r${ctx.members('peers').indexOf(ctx.self) % racks}`;
}

function scriptedBroker(topics: readonly TopicSpec[]) {
  const target = (state: BrokerState, ctx: Ctx): NodeIndex =>
    (state.active ??= ctx.members('controllers')[0] as NodeIndex);
  const register = (state: BrokerState, ctx: Ctx): void => {
    const request = {
      type: 'controller.register' as const,
      incarnation: ctx.life,
      rack: rackOf(ctx),
      topics,
      brokers: ctx.members('peers').length,
      isUnclean: ctx.life > 0 && ctx.config.isUncleanAfterwards,
    };
    ctx.call(target(state, ctx), request, { timeout: ms(1_000), tag: REGISTER });
  };
  const beat = (state: BrokerState, ctx: Ctx): void => {
    const { epoch: brokerEpoch, wantsShutdown } = state;
    const metadataOffset = state.end - 1;
    const request = { type: 'controller.heartbeat' as const, brokerEpoch, metadataOffset };
    const options = { timeout: ms(1_000), tag: HEARTBEAT };
    ctx.call(target(state, ctx), { ...request, wantsShutdown }, options);
    ctx.setTimer('beat', 0, ms(HEARTBEAT_MS));
  };
  const fetch = (state: BrokerState, ctx: Ctx): void => {
    const request = { type: 'controller.fetch' as const, offset: state.end };
    ctx.call(target(state, ctx), request, { timeout: ms(1_000), tag: FETCH });
  };
  const failed = (state: BrokerState, ctx: Ctx, tag: number, result: CallResult): void => {
    if (result.outcome === 'ok') return;
    const { detail } = result.error as { detail?: { leader: NodeIndex | null } };
    const all = ctx.members('controllers');
    const next = all[(all.indexOf(target(state, ctx)) + 1) % all.length] as NodeIndex;
    if (result.error.code !== 'duplicate-broker-registration') {
      state.active = detail?.leader ?? next;
    }
    if (tag === REGISTER) state.refused.push(result.error.code);
    const kinds = new Map([
      [REGISTER, 'register'],
      [HEARTBEAT, 'beat'],
      [FETCH, 'fetch'],
    ]);
    ctx.setTimer(kinds.get(tag) ?? '', 0, ms(RETRY_MS));
  };
  return defineBehaviour<
    BrokerState,
    Config,
    never,
    {
      component: string;
      fields: [];
    }
  >({
    component: 'scripted-broker',
    about: 'Registers, says that it lives, and listens.',
    source: 'this test',
    leavesOut: [],
    badge: 'SB',
    serves: [],
    links: { controllers: { about: 'Who decides.', contract: controller } },
    config,
    facts: {},
    roleNames: {},
    start(ctx) {
      const state: BrokerState = {
        ended: new Map(),
        records: [],
        refused: [],
        active: null,
        epoch: -1,
        end: 0,
        isFenced: true,
        mayShutDown: false,
        wantsShutdown: false,
      };
      register(state, ctx);
      return state;
    },
    on: {},
    onTimer(state, ctx, kind) {
      if (kind === 'register') register(state, ctx);
      else if (kind === 'fetch') fetch(state, ctx);
      else beat(state, ctx);
    },
    onResult(state, ctx, tag, result) {
      if (tag < REGISTER) return void state.ended.set(tag, { result, micros: ctx.mono() });
      if (result.outcome !== 'ok') return failed(state, ctx, tag, result);
      const value = result.value as never;
      if (tag === REGISTER) {
        ({ brokerEpoch: state.epoch } = value as { brokerEpoch: number });
        beat(state, ctx);
        if (ctx.config.fetches) fetch(state, ctx);
      } else if (tag === FETCH) {
        const { records, end } = value as { records: MetadataRecord[]; end: number };
        const wasBehind = state.end <= state.epoch;
        state.records.push(...records);
        state.end = end;
        // As a broker does once it has caught up: it does not wait for its next heartbeat.
        if (wasBehind && end > state.epoch) beat(state, ctx);
        fetch(state, ctx);
      } else {
        const { isFenced, mayShutDown } = value as { isFenced: boolean; mayShutDown: boolean };
        state.isFenced = isFenced;
        state.mayShutDown ||= mayShutDown;
      }
    },
    roles: () => [],
    view: () => ({ component: 'scripted-broker', fields: [] }),
  });
}

export const topicOf = (partitions: number, more: Partial<TopicSpec> = {}): TopicSpec => ({
  topic: 'orders',
  partitions,
  replicationFactor: 3,
  minInsyncReplicas: 2,
  uncleanLeaderElection: false,
  ...more,
});

export interface ClusterPlan extends Pick<BenchPlan, 'seed' | 'checks' | 'ablations'> {
  readonly topics?: readonly TopicSpec[];
  readonly brokers?: number;
  readonly config?: object;
  readonly brokerConfig?: object;
}

export class Cluster extends Bench {
  constructor(plan: ClusterPlan = {}) {
    const { topics = [topicOf(6)], brokers = 3, config = {}, brokerConfig = {}, ...options } = plan;
    super({
      ...options,
      components: [scriptedBroker(topics)],
      groups: [
        { name: 'c', component: 'controller', count: 3, config: { ...config } },
        {
          name: 'b',
          component: 'scripted-broker',
          count: brokers,
          links: { controllers: 'c' },
          config: { isUncleanAfterwards: false, fetches: true, racks: 0, ...brokerConfig },
        },
      ],
      checks: [{ id: 'safe', use: 'raft-safety', args: { group: 'c' } }, ...(plan.checks ?? [])],
    });
  }

  /** Runs until the topics are there and everybody knows. */
  settle(): this {
    this.ms(6_000);
    if (this.active() === '') throw new Error('nobody is active after six seconds');
    return this;
  }

  get controllers(): readonly string[] {
    return ['c1', 'c2', 'c3'];
  }

  /** The active controller that lives and leads; empty: none. */
  active(): string {
    const found = this.controllers.filter((name) => {
      const node = this.node(name);
      return node.state !== null && (node.state as ControllerState).isActive;
    });
    const term = (name: string) => (this.node(name).state as ControllerState).raft.term;
    return found.sort((a, b) => term(b) - term(a))[0] ?? '';
  }

  controllerView(name = this.active()): ControllerView {
    return this.view(name) as ControllerView;
  }

  partition(index: number): ControllerView['partitions'][number] {
    return this.controllerView().partitions[index] as ControllerView['partitions'][number];
  }

  broker(name: string): BrokerState {
    return this.node(name).state as BrokerState;
  }

  /** What a broker knows of a partition. */
  known(name: string, partition: number): PartitionRecord['registration'] | undefined {
    const records = this.broker(name).records.filter(
      (record): record is PartitionRecord =>
        record.kind === 'partition' && record.partition === partition,
    );
    return records[records.length - 1]?.registration;
  }

  tells<T extends ControllerFact['type']>(type: T) {
    return this.told<Extract<ControllerFact, { readonly type: T }>>(type);
  }

  /** The leader of a partition proposes an ISR; the answer or the code of the refusal. */
  alter(partition: number, isr: readonly string[], over: object = {}): object | string {
    const { leader, leaderEpoch, partitionEpoch } = this.partition(partition);
    const from = (over as { from?: string }).from ?? (leader as string);
    const { epoch: brokerEpoch } = this.broker(from);
    const wish = {
      partition,
      leaderEpoch,
      partitionEpoch,
      isr: isr.map((name) => this.index(name)),
    };
    const { from: _, ...rest } = { from, ...over };
    const request = { type: 'controller.alter' as const, brokerEpoch, ...wish, ...rest };
    const { result } = this.answer(from, this.active(), request);
    return result.outcome === 'ok' ? result.value : result.error.code;
  }
}
