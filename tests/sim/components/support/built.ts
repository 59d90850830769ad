/** A plan that was built and runs: its nodes, what they told, and what a person may do to them. */
import { LIMITS_DEFAULT } from 'faultline';
import type { FactRecord, NodeIndex, Order, Plan, View } from 'faultline';
import type { SimNode } from '../../../../src/sim/node/node.ts';
import type { BuiltRun } from '../../../../src/sim/scenario/build.ts';
import { build } from '../../../../src/sim/scenario/build.ts';
import type { Registry } from '../../../../src/sim/scenario/registry.ts';
import { Observers } from '../../../../src/sim/session/observers.ts';
import { Run } from '../../../../src/sim/session/run.ts';

export interface BuildOptions {
  readonly ablations?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  /** In which order events of one moment come. */
  readonly order?: Order | undefined;
}

export abstract class Built {
  readonly run: Run;
  readonly parts: BuiltRun;
  readonly observers: Observers;
  readonly facts: FactRecord[] = [];

  constructor(plan: Plan, registry: Registry, { ablations, seed, order }: BuildOptions) {
    this.parts = build(plan, registry, {
      seed: seed ?? 1,
      order: order ?? 'fifo',
      ablations: ablations ?? [],
    });
    this.run = new Run(this.parts, {
      durationMicros: plan.durationMs * 1_000,
      limits: LIMITS_DEFAULT,
      interventions: [],
    });
    this.observers = new Observers(this.run, plan, registry, {}, null);
    this.observers.onFact = (record) => void this.facts.push(record);
  }

  /** Runs for so many milliseconds. */
  after(ms: number): this {
    this.run.advance(this.run.now + Math.round(ms * 1_000), Infinity);
    return this;
  }

  node(name: string): SimNode {
    const found = this.parts.host.nodes.find((node) => node.identity.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  }

  isUp(name: string): boolean {
    return this.node(name).state !== null;
  }

  index(name: string): NodeIndex {
    return this.node(name).identity.index;
  }

  nameOf(index: NodeIndex): string {
    return this.parts.host.node(index).identity.name;
  }

  view<V extends View = View>(name: string): V {
    const { behaviour, state, identity, clock } = this.node(name);
    const nowMicros = this.parts.host.now;
    const [monoMicros, wallMicros] = [clock.mono(nowMicros), clock.wall(nowMicros)];
    const sight = { config: identity.config, nowMicros, monoMicros, wallMicros };
    return behaviour.view(state, (index) => this.nameOf(index), sight) as V;
  }

  inject(id: string, fault: Parameters<BuiltRun['injector']['inject']>[1]): this {
    this.parts.injector.inject(id, fault, 'person');
    return this;
  }

  undo(id: string): this {
    this.parts.injector.undo(id);
    return this;
  }

  crash(name: string): this {
    return this.inject(`crash ${name}`, { type: 'crash', target: name });
  }

  restart(name: string): this {
    return this.undo(`crash ${name}`);
  }

  /** Nobody else hears or is heard of by these. */
  cut(...names: string[]): this {
    return this.inject(`cut ${names.join()}`, { type: 'partition', groups: [names] });
  }

  heal(...names: string[]): this {
    return this.undo(`cut ${names.join()}`);
  }

  /** Does to a node what an operator can. */
  act(name: string, action: string, args: unknown = {}): this {
    const { behaviour, state, context } = this.node(name);
    behaviour.actions?.[action]?.perform(state, context, args);
    return this;
  }

  /** How the first check stands, now that the run is over. */
  account(): { readonly verdict: string; readonly text: string } {
    const [check] = this.observers.checks;
    if (check === undefined) throw new Error('there is no check');
    check.running.onEnd?.(true);
    return check.running.standing(true);
  }
}
