/**
 * A bench for components of the request path: a network of one millisecond a way, components of the
 * catalogue, and an asker that calls and sends what a test says.
 */
import { LIMITS_DEFAULT, Type, cache, defineBehaviour, http, makeRegistry, sql } from 'faultline';
import type { CallResult, Fact, FactRecord, GroupPlan, Message, Plan } from 'faultline';
import type { NetworkPlan, View } from 'faultline';
import type { SimNode } from '../../../../src/sim/node/node.ts';
import type { BuiltRun } from '../../../../src/sim/scenario/build.ts';
import { build } from '../../../../src/sim/scenario/build.ts';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Observers } from '../../../../src/sim/session/observers.ts';
import { Run } from '../../../../src/sim/session/run.ts';

export interface Ended {
  readonly result: CallResult;
  readonly atMs: number;
}
interface AskerState {
  readonly ended: Map<number, Ended>;
}
interface PlainView {
  readonly component: string;
  readonly fields: [];
}

const asker = defineBehaviour<AskerState, unknown, never, PlainView>({
  component: 'test-asker',
  about: 'Asks what a test says.',
  source: 'this test',
  leavesOut: [],
  badge: 'AS',
  serves: [],
  links: { '*': { about: 'Whom it asks.', contract: [http, cache, sql] } },
  config: Type.Object({}),
  facts: {},
  roleNames: {},
  start: () => ({ ended: new Map() }),
  on: {},
  onResult: (state, ctx, tag, result) =>
    void state.ended.set(tag, { result, atMs: ctx.mono() / 1_000 }),
  roles: () => [],
  view: () => ({ component: 'test-asker', fields: [] }),
});

/** A day of simulated time. */
const DURATION_MS = 86_400_000;
const ASKER = 'asker';

export interface AskPlan {
  readonly groups: readonly GroupPlan[];
  readonly ablations?: readonly string[];
  readonly seed?: number;
  readonly network?: NetworkPlan;
}

export class AskBench {
  readonly run: Run;
  readonly parts: BuiltRun;
  readonly facts: FactRecord[] = [];
  readonly sent: { readonly message: Message; readonly atMs: number }[] = [];
  #nextTag = 0;

  constructor(plan: AskPlan) {
    const whole: Plan = {
      title: 'Bench',
      summary: 'A bench.',
      durationMs: DURATION_MS,
      network: plan.network ?? { latency: { kind: 'constant', ms: 1 } },
      groups: [
        ...plan.groups,
        {
          name: ASKER,
          component: 'test-asker',
          count: 1,
          links: Object.fromEntries(plan.groups.map(({ name }) => [name, name])),
        },
      ],
      faults: [],
      checks: [],
      story: [],
    };
    const registry = makeRegistry({ components: [asker] });
    checkPlan(whole, registry);
    this.parts = build(whole, registry, {
      seed: plan.seed ?? 1,
      order: 'fifo',
      ablations: plan.ablations ?? [],
    });
    this.run = new Run(this.parts, {
      durationMicros: DURATION_MS * 1_000,
      limits: LIMITS_DEFAULT,
      interventions: [],
    });
    const observers = new Observers(this.run, whole, registry, {}, null);
    observers.onFact = (record) => void this.facts.push(record);
    this.parts.host.taps.sent = (_from, _to, message, atMicros) =>
      void this.sent.push({ message, atMs: atMicros / 1_000 });
    // All nodes have started.
    this.to(0);
  }

  get nowMs(): number {
    return this.run.now / 1_000;
  }

  /** Runs up to so many milliseconds since the start. */
  to(ms: number): this {
    this.run.advance(Math.round(ms * 1_000), Infinity);
    return this;
  }

  after(ms: number): this {
    return this.to(this.nowMs + ms);
  }

  node(name: string): SimNode {
    const found = this.parts.host.nodes.find((node) => node.identity.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  }

  view<V extends View>(name: string): V {
    const { behaviour, state, identity, clock } = this.node(name);
    const nowMicros = this.parts.host.now;
    const [monoMicros, wallMicros] = [clock.mono(nowMicros), clock.wall(nowMicros)];
    const sight = { config: identity.config, nowMicros, monoMicros, wallMicros };
    const nameOf = (index: number) => this.parts.host.node(index).identity.name;
    return behaviour.view(state, nameOf, sight) as V;
  }

  /** Asks now; the answer is found by the tag. */
  ask(to: string, request: Message, timeoutMs = 3_600_000): number {
    const tag = this.#nextTag++;
    const timeout = Math.round(timeoutMs * 1_000) as never;
    this.node(`${ASKER}1`).context.call(this.node(to).identity.index, request, { timeout, tag });
    return tag;
  }

  send(to: string, notice: Message): void {
    this.node(`${ASKER}1`).context.send(this.node(to).identity.index, notice);
  }

  /** How the asking under this tag ended, if it has. */
  end(tag: number): Ended | undefined {
    return (this.node(`${ASKER}1`).state as AskerState).ended.get(tag);
  }

  /** The reply to what was asked under this tag, or the code of its error, or `pending`. */
  reply(tag: number): Message | string {
    const end = this.end(tag);
    if (end === undefined) return 'pending';
    return end.result.outcome === 'ok' ? end.result.value : end.result.error.code;
  }

  /** Asks, waits for the answer, and returns it or the code of the error. */
  answer(to: string, request: Message): Message | string {
    const tag = this.ask(to, request);
    const limit = this.run.now + 60_000_000;
    while (this.end(tag) === undefined && this.run.now < limit) this.run.advance(limit, 1);
    return this.reply(tag);
  }

  told<F extends Fact>(type: string): readonly F[] {
    return this.facts.flatMap(({ fact }) => (fact.type === type ? [fact as F] : []));
  }

  sentOf(type: string): number {
    return this.sent.filter(({ message }) => message.type === type).length;
  }

  crash(name: string): this {
    return this.inject(`crash ${name}`, { type: 'crash', target: name });
  }

  restart(name: string): this {
    this.parts.injector.undo(`crash ${name}`);
    return this;
  }

  inject(id: string, fault: Parameters<BuiltRun['injector']['inject']>[1]): this {
    this.parts.injector.inject(id, fault, 'person');
    return this;
  }

  /** Does to a node what an operator can. */
  act(name: string, action: string, args: unknown = {}): void {
    const { behaviour, state, context } = this.node(name);
    behaviour.actions?.[action]?.perform(state, context, args);
  }
}
