/**
 * A laboratory for one or a few nodes: behaviours made of the hooks that a test gives, a network of
 * constant delay, and a log of what each node noticed and when by its own monotonic clock.
 */
import {
  LIMITS_DEFAULT,
  Type,
  defineBehaviour,
  defineContract,
  makeRegistry,
  tcp,
} from 'faultline';
import type {
  AnyBehaviour,
  CallRef,
  CallResult,
  Context,
  DurableSpec,
  GroupPlan,
  NetworkPlan,
  NodeIndex,
  Order,
  Plan,
  Script,
  TcpClosed,
  TerminateStage,
} from 'faultline';
import type { SimNode } from '../../../../src/sim/node/node.ts';
import type { BuiltRun } from '../../../../src/sim/scenario/build.ts';
import { build } from '../../../../src/sim/scenario/build.ts';
import { Run } from '../../../../src/sim/session/run.ts';

export interface Ask {
  readonly type: 'lab.ask';
  readonly n: number;
}
export interface Answer {
  readonly type: 'lab.answer';
  readonly n: number;
}
export interface Note {
  readonly type: 'lab.note';
  readonly n: number;
}
/** In the contract, but no behaviour here handles it. */
export interface Strange {
  readonly type: 'lab.strange';
}
export type LabMessage = Ask | Answer | Note | Strange;

export const ask = (n: number): Ask => ({ type: 'lab.ask', n });
export const answer = (n: number): Answer => ({ type: 'lab.answer', n });
export const note = (n: number): Note => ({ type: 'lab.note', n });
export const strange: Strange = { type: 'lab.strange' };

export const lab = defineContract<LabMessage>({
  name: 'lab',
  about: 'One node asks another.',
  source: 'this test',
  messages: {
    'lab.ask': { role: 'request', flight: 'request', digest: (m) => m.n, label: () => 'ask' },
    'lab.answer': { role: 'reply', flight: 'response', digest: (m) => m.n, label: () => 'answer' },
    'lab.note': { role: 'notice', flight: 'control', digest: (m) => m.n, label: () => 'note' },
    'lab.strange': { role: 'request', flight: 'request', digest: () => 0, label: () => 'strange' },
  },
  errors: [
    { code: 'no', definite: true, means: 'surely not done' },
    { code: 'perhaps', definite: false, means: 'may have been done' },
  ],
});

/** The same conversation, over connections. */
const connectedLab: typeof lab = { ...lab, overConnections: true };

export interface LabState {
  /** What happened, with the time of the node's monotonic clock. */
  readonly log: (readonly [micros: number, what: string, ...rest: unknown[]])[];
  /** For the hooks. */
  readonly numbers: number[];
}

export type Ctx = Context;

export interface Hooks {
  start?(ctx: Ctx, state: LabState): void;
  ask?(ctx: Ctx, state: LabState, n: number, call: CallRef, from: NodeIndex): void;
  note?(ctx: Ctx, state: LabState, n: number, from: NodeIndex): void;
  timer?(ctx: Ctx, state: LabState, kind: string, key: number): void;
  result?(ctx: Ctx, state: LabState, tag: number, result: CallResult): void;
  synced?(ctx: Ctx, state: LabState, ticket: number): void;
  worked?(ctx: Ctx, state: LabState, tag: number): void;
  script?(ctx: Ctx, state: LabState, tag: number, value: unknown): void;
  members?(ctx: Ctx, state: LabState, group: string): void;
  /** Without it: what a process does that handles no signal. */
  terminate?(ctx: Ctx, state: LabState, stage: TerminateStage): void;
  readonly scripts?: readonly Script[];
  /** With a disk: what is durable is the list of records written. */
  readonly disk?: boolean;
}

const records: DurableSpec<number[], { readonly n: number }> = {
  empty: () => [],
  apply: (durable, record) => void durable.push(record.n),
  save: (durable) => durable.slice(),
  restore: (image) => (image as number[]).slice(),
};

/** A behaviour that logs everything and then does what the hooks say. */
export function labBehaviour(component: string, hooks: Hooks, contract = lab): AnyBehaviour {
  const seen = (state: LabState, ctx: Ctx, what: string, ...rest: unknown[]): void =>
    void state.log.push([ctx.mono(), what, ...rest]);
  const behaviour = defineBehaviour<
    LabState,
    unknown,
    Ask | Note | TcpClosed,
    { component: string; fields: [] },
    never,
    number[],
    { readonly n: number }
  >({
    component,
    about: 'Does what a test says.',
    source: 'this test',
    leavesOut: [],
    badge: 'LB',
    serves: [contract, tcp],
    links: { servers: { about: 'Whom it calls.', contract, optional: true } },
    config: Type.Object({}),
    facts: {},
    roleNames: {},
    ...(hooks.disk === true ? { durable: records } : {}),
    ...(hooks.scripts === undefined ? {} : { scripts: hooks.scripts }),
    start(ctx) {
      const state: LabState = { log: [], numbers: [] };
      seen(state, ctx, 'start');
      hooks.start?.(ctx, state);
      return state;
    },
    on: {
      'lab.ask': (state, ctx, { n }, from, call) => {
        seen(state, ctx, 'ask', n);
        hooks.ask?.(ctx, state, n, call, from);
      },
      'lab.note': (state, ctx, { n }, from) => {
        seen(state, ctx, 'note', n);
        hooks.note?.(ctx, state, n, from);
      },
      'tcp.closed': (state, ctx, { life }, from) => seen(state, ctx, 'closed', life, from),
    },
    onTimer(state, ctx, kind, key) {
      seen(state, ctx, kind, key);
      hooks.timer?.(ctx, state, kind, key);
    },
    onResult(state, ctx, tag, result) {
      seen(state, ctx, result.outcome, tag);
      hooks.result?.(ctx, state, tag, result);
    },
    onSynced(state, ctx, ticket) {
      seen(state, ctx, 'synced', ticket);
      hooks.synced?.(ctx, state, ticket);
    },
    onWorked(state, ctx, tag) {
      seen(state, ctx, 'worked', tag);
      hooks.worked?.(ctx, state, tag);
    },
    onScript(state, ctx, tag, value) {
      seen(state, ctx, 'script', tag);
      hooks.script?.(ctx, state, tag, value);
    },
    onMembers(state, ctx, group) {
      seen(state, ctx, 'members', group, ctx.members('peers'));
      hooks.members?.(ctx, state, group);
    },
    ...(hooks.terminate === undefined
      ? {}
      : {
          onTerminate(state: LabState, ctx: Ctx, stage: TerminateStage) {
            seen(state, ctx, stage);
            hooks.terminate?.(ctx, state, stage);
          },
        }),
    roles: () => [],
    view: () => ({ component, fields: [] }),
  });
  return behaviour;
}

export interface LabPlan {
  readonly groups: readonly (Partial<GroupPlan> & { readonly name: string; hooks: Hooks })[];
  readonly network?: Partial<NetworkPlan>;
  readonly faults?: Plan['faults'];
  readonly seed?: number;
  readonly order?: Order;
  /** They talk over connections. */
  readonly isConnected?: boolean;
}

/** One millisecond for each packet; a day of simulated time. */
export class Lab {
  readonly run: Run;
  readonly parts: BuiltRun;

  constructor(plan: LabPlan) {
    const contract = plan.isConnected === true ? connectedLab : lab;
    const components = plan.groups.map(({ name, hooks }) =>
      labBehaviour(`lab-${name}`, hooks, contract),
    );
    const whole: Plan = {
      title: 'Lab',
      summary: 'A laboratory.',
      durationMs: 86_400_000,
      network: { latency: { kind: 'constant', ms: 1 }, ...plan.network },
      groups: plan.groups.map(({ hooks: _, ...group }) => ({
        component: `lab-${group.name}`,
        count: 1,
        ...group,
      })),
      faults: plan.faults ?? [],
      checks: [],
      story: [],
    };
    const registry = makeRegistry({ components });
    const { seed = 1, order = 'fifo' } = plan;
    this.parts = build(whole, registry, { seed, order, ablations: [] });
    this.run = new Run(this.parts, {
      durationMicros: 86_400_000_000,
      limits: LIMITS_DEFAULT,
      interventions: [],
    });
  }

  node(index: NodeIndex): SimNode {
    return this.parts.host.node(index);
  }

  state(index: NodeIndex): LabState {
    return this.node(index).state as LabState;
  }

  log(index: NodeIndex): LabState['log'] {
    return this.state(index).log;
  }

  /** What a node saw, without the times. */
  saw(index: NodeIndex): readonly string[] {
    return this.log(index).map(([, ...what]) => what.join(' '));
  }

  ms(until: number): this {
    this.run.advance(Math.round(until * 1_000), Infinity);
    return this;
  }

  inject(id: string, fault: Parameters<BuiltRun['injector']['inject']>[1]): this {
    this.parts.injector.inject(id, fault, 'person');
    return this;
  }

  undo(id: string): this {
    this.parts.injector.undo(id);
    return this;
  }
}
