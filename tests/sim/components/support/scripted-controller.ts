/**
 * A controller that decides by the rules of registrations and does nothing by itself: brokers are
 * fenced when a test says so, and come back when they beat.
 */
import { Type, broker, controller, defineBehaviour, partitionLog } from 'faultline';
import type {
  BrokerRecord,
  CallRef,
  Context,
  ControllerAlter,
  ControllerAltered,
  ControllerCreateTopics,
  ControllerFetch,
  ControllerFetched,
  ControllerHeartbeat,
  ControllerHeartbeatReply,
  ControllerRegister,
  ControllerRegistered,
  ControllerTopicsCreated,
  MetadataRecord,
  TopicSpec,
} from 'faultline';

type Registration = partitionLog.PartitionRegistration;

interface Partition {
  readonly spec: TopicSpec;
  readonly index: number;
  registration: Registration;
}

export interface ScriptedState {
  readonly records: MetadataRecord[];
  next: number;
  readonly brokers: Map<number, BrokerRecord>;
  readonly partitions: Partition[];
  readonly waiting: { readonly call: CallRef; readonly offset: number }[];
  /** Brokers that stay fenced, whatever they say. */
  readonly held: Set<number>;
  /** Proposals of leaders are not answered. */
  isDeaf: boolean;
}

type Ctx = Context<unknown>;

function flush(state: ScriptedState, ctx: Ctx): void {
  for (const { call, offset } of state.waiting.splice(0)) answer(state, ctx, call, offset);
}

function answer(state: ScriptedState, ctx: Ctx, call: CallRef, offset: number): void {
  const records = state.records.filter((record) => record.offset >= offset);
  ctx.reply<ControllerFetched>(call, { type: 'controller.fetched', records, end: state.next });
}

function put(state: ScriptedState, place: number, registration: Registration): void {
  const partition = state.partitions[place] as Partition;
  if (partition.registration === registration && state.records.length > 0) {
    const known = state.records.some((r) => r.kind === 'partition' && r.partition === place);
    if (known) return;
  }
  partition.registration = registration;
  const { topic } = partition.spec;
  const offset = state.next++;
  const { index } = partition;
  state.records.push({ offset, kind: 'partition', partition: place, topic, index, registration });
}

function putBroker(state: ScriptedState, record: Omit<BrokerRecord, 'offset' | 'kind'>): number {
  const offset = state.next++;
  const brokerEpoch = record.brokerEpoch < 0 ? offset : record.brokerEpoch;
  const whole: BrokerRecord = { ...record, offset, kind: 'broker', brokerEpoch };
  state.brokers.set(record.broker, whole);
  state.records.push(whole);
  return brokerEpoch;
}

const isAlive = (state: ScriptedState, id: number): boolean =>
  state.brokers.get(id)?.isFenced === false;

const controlOf = ({ minInsyncReplicas }: TopicSpec) => ({
  minInsyncReplicas,
  hasElr: false,
  usesLastKnownLeader: false,
});

function withoutBroker(state: ScriptedState, broker: number): void {
  state.partitions.forEach(({ spec, registration }, place) => {
    const election = spec.uncleanLeaderElection ? 'unclean' : 'online';
    const isAcceptable = (id: number) => isAlive(state, id);
    const wish = { election, isAcceptable } as const;
    put(state, place, partitionLog.withoutBroker(registration, broker, wish, controlOf(spec)));
  });
}

/** Partition p is led by broker p modulo their count. */
function createTopics(state: ScriptedState, ctx: Ctx, topics: readonly TopicSpec[]): void {
  if (state.partitions.length > 0 || state.brokers.size < ctx.members('brokers').length) return;
  addTopics(state, ctx, topics);
}

function addTopics(state: ScriptedState, ctx: Ctx, topics: readonly TopicSpec[]): void {
  const brokers = ctx.members('brokers');
  for (const spec of topics) {
    if (state.partitions.some((known) => known.spec.topic === spec.topic)) continue;
    for (let index = 0; index < spec.partitions; index++) {
      const place = state.partitions.length;
      const replicas = Array.from(
        { length: spec.replicationFactor },
        (_, i) => brokers[(place + i) % brokers.length] as number,
      );
      const registration: Registration = {
        replicas,
        leader: replicas[0] as number,
        isr: replicas,
        elr: [],
        lastKnownElr: [],
        leaderEpoch: 0,
        partitionEpoch: 0,
        isRecovering: false,
      };
      state.partitions.push({ spec, index, registration });
      put(state, place, registration);
    }
  }
}

function onHeartbeat(
  state: ScriptedState,
  ctx: Ctx,
  { brokerEpoch, metadataOffset }: ControllerHeartbeat,
  from: number,
  call: CallRef,
): void {
  const known = state.brokers.get(from);
  if (known === undefined || known.brokerEpoch !== brokerEpoch) {
    return ctx.refuse(call, 'stale-broker-epoch');
  }
  if (known.isFenced && metadataOffset >= brokerEpoch && !state.held.has(from)) {
    putBroker(state, { ...known, isFenced: false });
    state.partitions.forEach(({ spec, registration }, place) => {
      const election = spec.uncleanLeaderElection ? 'unclean' : 'online';
      const wish = { election, isAcceptable: (id: number) => isAlive(state, id) } as const;
      put(state, place, partitionLog.change(registration, wish, controlOf(spec)));
    });
    flush(state, ctx);
  }
  const { isFenced } = state.brokers.get(from) as BrokerRecord;
  ctx.reply<ControllerHeartbeatReply>(call, {
    type: 'controller.heartbeat-reply',
    isFenced,
    mayShutDown: false,
  });
}

function onAlter(
  state: ScriptedState,
  ctx: Ctx,
  request: ControllerAlter,
  broker: number,
  call: CallRef,
): void {
  if (state.isDeaf) return;
  const place = request.partition;
  const { spec, registration } = state.partitions[place] as Partition;
  const isAcceptable = (id: number) => isAlive(state, id);
  const { leaderEpoch, partitionEpoch, isr } = request;
  const asked = { broker, leaderEpoch, partitionEpoch, isr };
  const error = partitionLog.refusalOf(registration, asked, isAcceptable);
  if (error === null) {
    const wish = { isr, election: 'online', isAcceptable } as const;
    put(state, place, partitionLog.change(registration, wish, controlOf(spec)));
    flush(state, ctx);
  }
  const now = (state.partitions[place] as Partition).registration;
  ctx.reply<ControllerAltered>(call, {
    type: 'controller.altered',
    partition: place,
    error,
    leaderEpoch: now.leaderEpoch,
    partitionEpoch: now.partitionEpoch,
    isr: now.isr,
  });
}

interface PlainView {
  readonly component: string;
  readonly fields: [];
}
type Handled =
  | ControllerRegister
  | ControllerHeartbeat
  | ControllerAlter
  | ControllerCreateTopics
  | ControllerFetch;

export const scriptedController = defineBehaviour<ScriptedState, unknown, Handled, PlainView>({
  component: 'scripted-controller',
  about: 'Decides when a test says so.',
  source: 'this test',
  leavesOut: [],
  badge: 'SC',
  serves: [controller],
  links: { brokers: { about: 'The cluster.', contract: broker } },
  config: Type.Object({}),
  facts: {},
  roleNames: {},
  start: () => ({
    records: [],
    next: 0,
    brokers: new Map(),
    partitions: [],
    waiting: [],
    held: new Set(),
    isDeaf: false,
  }),
  on: {
    'controller.register'(state, ctx, { topics }, broker, call) {
      const wasThere = state.brokers.has(broker);
      const fresh = { broker, brokerEpoch: -1, isFenced: true, isShuttingDown: false };
      const brokerEpoch = putBroker(state, fresh);
      if (wasThere) withoutBroker(state, broker);
      createTopics(state, ctx, topics);
      ctx.reply<ControllerRegistered>(call, { type: 'controller.registered', brokerEpoch });
      flush(state, ctx);
    },
    'controller.heartbeat': onHeartbeat,
    'controller.alter': onAlter,
    'controller.create-topics'(state, ctx, { topics }, _broker, call) {
      addTopics(state, ctx, topics);
      const type = 'controller.topics-created';
      ctx.reply<ControllerTopicsCreated>(call, { type, areThere: true });
      flush(state, ctx);
    },
    'controller.fetch'(state, ctx, { offset }, _from, call) {
      if (offset < state.next) answer(state, ctx, call, offset);
      else state.waiting.push({ call, offset });
    },
  },
  actions: {
    fence: {
      about: 'Fences a broker, and keeps it so.',
      args: Type.Object({ broker: Type.Number() }),
      perform(state, ctx, args) {
        const { broker } = args as { readonly broker: number };
        const known = state.brokers.get(broker) as BrokerRecord;
        state.held.add(broker);
        putBroker(state, { ...known, isFenced: true });
        withoutBroker(state, broker);
        flush(state, ctx);
      },
    },
    release: {
      about: 'Lets a broker be unfenced again.',
      args: Type.Object({ broker: Type.Number() }),
      perform: (state, _ctx, args) =>
        void state.held.delete((args as { readonly broker: number }).broker),
    },
  },
  roles: () => [],
  view: () => ({ component: 'scripted-controller', fields: [] }),
});
