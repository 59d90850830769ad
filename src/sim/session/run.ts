/**
 * The loop: events from the queue, faults from the plan, and what people do, merged into one order.
 *
 * The order, which every host shares: at equal times the fault plan acts first, then the events in
 * their own order. An intervention with the key (micros, afterEventNumber) happens at `micros`:
 * right after that event where it is the last one to run by then, and before any later one. Neither
 * faults nor interventions consume a sequence number, so played live or preloaded it is one run.
 */
import { ScenarioError, invariant } from '../kernel/errors.ts';
import type { KernelImage } from '../kernel/kernel.ts';
import type { Limits } from '../kernel/limits.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { SimMicros } from '../kernel/time.ts';
import { validate } from '../contracts/validate.ts';
import type { NetworkImage } from '../network/network.ts';
import type { HostImage } from '../node/host.ts';
import type { SimNode } from '../node/node.ts';
import { checkFault } from '../faults/schema.ts';
import type { ActiveFault } from '../faults/injector.ts';
import type { ScheduleImage } from '../faults/schedule.ts';
import type { BuiltRun } from '../scenario/build.ts';
import type { Act, Intervention } from './spec.ts';
import { Standstill } from './standstill.ts';
import type { StandstillImage } from './standstill.ts';

export interface RunImage {
  readonly kernel: KernelImage;
  readonly network: NetworkImage;
  readonly host: HostImage;
  readonly faults: readonly ActiveFault[];
  readonly schedule: ScheduleImage;
  readonly nextIntervention: number;
  readonly standstill: StandstillImage;
  readonly ended: string | null;
}

/** How a run ends when nothing stops it before. */
export const ENDED_DURATION = 'duration';

export class Run {
  readonly parts: BuiltRun;
  readonly durationMicros: number;
  readonly #limits: Limits;
  readonly #standstill: Standstill;
  #interventions: readonly Intervention[];
  #nextIntervention = 0;
  /** How many had happened when time or the events moved on last. */
  #intervenedBefore = 0;
  /** Whether the present moment is that of the last event, with nothing done since. */
  #isAtEvent = true;
  /** Whether time moved on, after the last event, to a moment that somebody asked for. */
  #hasArrived = false;
  /** Whether what the fault plan does next may have changed while events ran. */
  #planChanged = false;
  /** Why it ended, or null while it goes on. */
  ended: string | null = null;
  /** Called after each event that ran a handler, and after each act between events (null). */
  afterEvent: (() => void) | null = null;
  /** Before time passes on to this moment or beyond it, `onPass` is told; it sets the next one. */
  passMicros = Infinity;
  onPass: ((micros: number) => void) | null = null;
  afterAct: (() => void) | null = null;

  constructor(
    parts: BuiltRun,
    options: {
      readonly durationMicros: number;
      readonly limits: Limits;
      readonly interventions: readonly Intervention[];
    },
  ) {
    this.parts = parts;
    this.durationMicros = options.durationMicros;
    this.#limits = options.limits;
    this.#standstill = new Standstill(options.limits.events);
    this.#interventions = options.interventions;
    parts.schedule.onChange = () => {
      this.#planChanged = true;
    };
  }

  get now(): SimMicros {
    return this.parts.kernel.now;
  }
  get eventNumber(): number {
    return this.parts.kernel.eventNumber;
  }

  /** Runs up to a time or so many events, whichever comes first, or to the end. */
  advance(untilMicros: number, eventsMax: number): void {
    const { kernel, schedule } = this.parts;
    const stop = Math.min(untilMicros, this.durationMicros, this.#limits.simMicros);
    const lastEvent = Math.min(kernel.eventNumber + eventsMax, this.#limits.events);
    while (this.ended === null) {
      if (kernel.eventNumber >= lastEvent) {
        if (kernel.eventNumber >= this.#limits.events) this.ended = 'limit: events';
        return;
      }
      const faultAt = schedule.nextMicros;
      const act = this.#interventions[this.#nextIntervention];
      // Faults stand before the events of their time, hence the -1; so does a person whose event
      // has already run.
      let bound = faultAt <= stop ? faultAt - 1 : stop;
      let person = false;
      let last = Math.min(lastEvent, this.#standstill.next(kernel.eventNumber));
      if (act !== undefined && act.micros <= bound + 1 && act.micros <= stop) {
        const after = act.afterEventNumber;
        const isPast = kernel.eventNumber >= after;
        const before = isPast ? act.micros - 1 : act.micros;
        person = before < bound || (before === bound && faultAt > act.micros);
        if (person) bound = before;
        if (!isPast && after < last) last = after;
      }
      if (!this.#drain(bound, last)) continue;
      if (person && act !== undefined) this.#intervene(act);
      else if (faultAt <= stop) this.#strike(faultAt);
      else {
        this.#arrive(stop);
        return;
      }
    }
  }

  /**
   * Runs events up to a time or a number. True when none is left up to that time; false when the
   * loop must look again: at that number, at the end, or because the fault plan has changed.
   */
  #drain(bound: number, lastEvent: number): boolean {
    const { kernel, host } = this.parts;
    const { queue } = kernel;
    this.#planChanged = false;
    while (bound >= kernel.now && queue.popUntil(bound as SimMicros)) {
      if (queue.time >= this.passMicros) this.onPass?.(queue.time);
      kernel.now = queue.time as SimMicros;
      this.#intervenedBefore = this.#nextIntervention;
      if (!host.dispatch()) {
        this.#isAtEvent = false;
        continue;
      }
      this.#isAtEvent = true;
      this.#hasArrived = false;
      if (kernel.eventNumber >= lastEvent) {
        this.#standstill.look(kernel.eventNumber, kernel.now, queue.target);
      }
      if (queue.size > this.#limits.pending) this.ended = 'limit: pending events';
      if (this.afterEvent !== null) this.afterEvent();
      if (kernel.eventNumber >= lastEvent || this.ended !== null || this.#planChanged) return false;
    }
    return true;
  }

  #strike(atMicros: number): void {
    this.#isAtEvent = false;
    this.#pass(atMicros);
    this.parts.schedule.act();
    this.afterAct?.();
  }

  #pass(micros: number): void {
    if (micros >= this.passMicros) this.onPass?.(micros);
    this.parts.kernel.now = micros as SimMicros;
  }

  #arrive(stop: number): void {
    const { kernel } = this.parts;
    this.#intervenedBefore = this.#nextIntervention;
    this.#isAtEvent = false;
    this.#hasArrived = true;
    if (stop > kernel.now) this.#pass(stop);
    if (kernel.now >= this.durationMicros) this.ended = ENDED_DURATION;
    else if (kernel.now >= this.#limits.simMicros) this.ended = 'limit: simulated time';
  }

  #intervene(intervention: Intervention): void {
    this.#isAtEvent = false;
    if (intervention.micros > this.now) this.#pass(intervention.micros);
    this.#perform(intervention.act);
    this.#nextIntervention += 1;
    this.afterAct?.();
  }

  #perform(act: Act): void {
    const { injector, growth } = this.parts;
    switch (act.do) {
      case 'inject':
        checkFault(act.fault, 'fault');
        injector.inject(act.id, act.fault, 'person');
        return;
      case 'undo':
        injector.undo(act.id);
        return;
      case 'heal-all':
        injector.undoAll();
        return;
      case 'spawn':
        growth.spawn(act.group);
        return;
      case 'retire':
        growth.retire(this.#nodeNamed(act.node).identity.index);
        return;
      case 'action':
        this.#act(act);
        return;
    }
  }

  #act(act: Extract<Act, { do: 'action' }>): void {
    const node = this.#nodeNamed(act.node);
    const actions = node.behaviour.actions ?? {};
    const action = actions[act.action];
    if (action === undefined) {
      throw new ScenarioError(`${node.behaviour.component} has no action "${act.action}".`, {
        hint: didYouMean(act.action, Object.keys(actions)),
      });
    }
    if (node.status !== 'up') return;
    action.perform(node.state, node.context, validate(action.args, act.args ?? {}, 'args'));
    this.parts.host.taps.touched?.(node.identity.index);
  }

  #nodeNamed(name: string): SimNode {
    const { nodes } = this.parts.host;
    // A name passes to the next of its place; an id never does.
    const named = nodes.filter((n) => n.identity.name === name);
    const found =
      nodes.find((n) => n.identity.id === name) ??
      named.find((n) => n.status !== 'retired') ??
      named[0];
    if (found === undefined) {
      throw new ScenarioError(`There is no node "${name}".`, {
        hint: didYouMean(
          name,
          nodes.map((n) => n.identity.name),
        ),
      });
    }
    return found;
  }

  /**
   * From now on these are the run's interventions; those before number `end` happen at the present
   * moment. One that cannot be done is thrown back, and the list stays as it was.
   */
  intervene(interventions: readonly Intervention[], end: number): void {
    const before = this.#interventions;
    this.#interventions = interventions;
    try {
      while (this.#nextIntervention < end) this.#performNext();
    } catch (error) {
      this.#interventions = before;
      throw error;
    }
  }

  #performNext(): void {
    const { kernel, schedule } = this.parts;
    // As in the loop: what the plan does at a moment comes before what a person does then.
    while (schedule.nextMicros <= kernel.now) this.#strike(kernel.now);
    const act = this.#interventions[this.#nextIntervention];
    invariant(act !== undefined, 'there are fewer interventions than are to be performed');
    this.#intervene(act);
  }

  /** The nodes that went on without time going on, where that is how the limit was met. */
  get standingStill(): readonly number[] {
    return this.ended === null || this.ended === ENDED_DURATION
      ? []
      : this.#standstill.nodesAt(this.now);
  }

  get isAtEvent(): boolean {
    return this.#isAtEvent;
  }

  get hasArrived(): boolean {
    return this.#hasArrived;
  }

  /** How many of the interventions performed belong to the present moment, after all else. */
  get intervenedNow(): number {
    return this.#nextIntervention - this.#intervenedBefore;
  }

  /** How many interventions have happened. */
  get intervened(): number {
    return this.#nextIntervention;
  }

  /** To be taken right after an event only: between events one number names many moments. */
  save(): RunImage {
    invariant(this.#isAtEvent, 'a checkpoint is taken right after an event');
    const { kernel, network, host, injector, schedule } = this.parts;
    return {
      kernel: kernel.save(),
      network: network.save(),
      host: host.save(),
      faults: injector.save(),
      schedule: schedule.save(),
      nextIntervention: this.#nextIntervention,
      standstill: this.#standstill.save(),
      ended: this.ended,
    };
  }

  restore(image: RunImage): void {
    const { kernel, network, host, injector, schedule } = this.parts;
    kernel.restore(image.kernel);
    host.restore(image.host);
    network.restore(image.network);
    injector.restore(image.faults);
    schedule.restore(image.schedule);
    this.#nextIntervention = image.nextIntervention;
    this.#standstill.restore(image.standstill);
    this.#intervenedBefore = image.nextIntervention;
    this.#isAtEvent = true;
    this.#hasArrived = false;
    this.ended = image.ended;
  }
}
