/**
 * Everything that watches a run: history, checks, metrics, frames. Wired to the taps, woken only
 * by what it depends on, and saved and restored with the run.
 */
import type { FactRecord, Fact, ClientCompleted, ClientInvoked } from '../contracts/facts.ts';
import type { Finding, RunningCheck } from '../check/check.ts';
import { holdLaws } from '../check/conservation.ts';
import type { ActiveFault } from '../faults/injector.ts';
import { InvariantError } from '../kernel/errors.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import type { Taps } from '../node/taps.ts';
import { CauseLog } from '../observe/causes.ts';
import { Gauges } from '../observe/gauges.ts';
import type { GaugesImage } from '../observe/gauges.ts';
import { History } from '../observe/history.ts';
import type { HistoryImage } from '../observe/history.ts';
import { Metrics } from '../observe/metrics.ts';
import type { MetricsImage } from '../observe/metrics.ts';
import { SpanLog } from '../observe/spans.ts';
import { healMsOf } from '../scenario/healing.ts';
import type { CheckPlan, Plan } from '../scenario/plan.ts';
import { validate } from '../contracts/validate.ts';
import type { Registry } from '../scenario/registry.ts';
import type { ChunkRecorder } from './chunks.ts';
import type { Run } from './run.ts';
import { StandingLog } from './standing-log.ts';
import { StoryClock } from './story-clock.ts';

export interface ObserveOptions {
  readonly history?: boolean;
  readonly checks?: boolean;
  readonly metrics?: boolean;
  readonly frames?: boolean;
  /** A tree of calls for each operation: see `Session.trace`. */
  readonly spans?: boolean;
  /** What led to what after this event: for the proof of a finding. */
  readonly causesFromEvent?: number;
}

/** A check of the plan as it runs. */
export interface LiveCheck {
  readonly plan: CheckPlan;
  readonly about: string;
  readonly running: RunningCheck;
  findings: Finding[];
}

export interface ObserversImage {
  readonly history: HistoryImage;
  readonly openOps: readonly (readonly [number, number])[];
  readonly metrics: MetricsImage;
  readonly gauges: GaugesImage;
  readonly checks: readonly { readonly image: unknown; readonly findings: readonly Finding[] }[];
  readonly story: readonly (number | null)[];
  readonly flights: number;
  readonly spans: number;
  readonly ended: boolean;
}

/** A check keeps this many findings; a modified run would repeat itself without end. */
const FINDINGS_MAX = 1_000;
const METRIC_WINDOWS = 60;
const NOBODY: readonly LiveCheck[] = Object.freeze([]);

export type FactListener = (record: FactRecord) => void;

export class Observers {
  readonly history = new History();
  readonly metrics: Metrics;
  /** Null where no spans are watched. */
  readonly spans: SpanLog | null;
  /** Null where nobody asks what led to what. */
  readonly causes: CauseLog | null;
  readonly gauges: Gauges;
  readonly checks: LiveCheck[] = [];
  /** Null: nobody watches. */
  readonly standings: StandingLog | null;
  /** Only where somebody watches. */
  readonly story: StoryClock | null;
  /** Extra listeners: the trace. */
  onFact: FactListener | null = null;
  onFault: ((change: 'start' | 'end', fault: ActiveFault) => void) | null = null;
  readonly #run: Run;
  readonly #options: ObserveOptions;
  readonly #recorder: ChunkRecorder | null;
  /** Operation of the run to operation of the history. */
  #openOps = new Map<number, number>();
  readonly #byComponent = new Map<string, LiveCheck[]>();
  readonly #byFact = new Map<string, LiveCheck[]>();
  readonly #byProbe = new Map<string, LiveCheck[]>();
  #everything: LiveCheck[] = [];
  /** Most probes come on the channel of the one before. */
  #lastChannel = '';
  #lastListeners: readonly LiveCheck[] = NOBODY;
  /** Nodes that the present event touched: so many of the list, which never shrinks. */
  readonly #touched: NodeIndex[] = [];
  #touchedCount = 0;
  /** By place of a node: who looks when it was touched. Emptied when others may stand there. */
  readonly #byNode: (readonly LiveCheck[])[] = [];
  #ended = false;

  constructor(
    run: Run,
    plan: Plan,
    registry: Registry,
    options: ObserveOptions,
    recorder: ChunkRecorder | null,
  ) {
    this.#run = run;
    this.#options = options;
    this.#recorder = recorder;
    const window = Math.max(1, Math.ceil(run.durationMicros / METRIC_WINDOWS));
    this.metrics = new Metrics(window, run.durationMicros);
    this.gauges = new Gauges(run.parts.host, window, run.durationMicros);
    if (options.metrics !== false) {
      run.passMicros = this.gauges.nextMicros;
      run.onPass = (micros) => {
        this.gauges.passTo(micros);
        run.passMicros = this.gauges.nextMicros;
      };
    }
    const { host, kernel } = run.parts;
    this.spans = options.spans === true ? new SpanLog(host.table, () => kernel.now) : null;
    const { causesFromEvent } = options;
    this.causes =
      causesFromEvent === undefined ? null : new CauseLog(host.table, kernel, causesFromEvent);
    if (options.checks !== false) for (const c of plan.checks) this.#add(c, plan, registry);
    this.story = recorder === null ? null : new StoryClock(plan.story, registry.predicates);
    this.standings = recorder === null ? null : new StandingLog(this.checks, kernel);
    this.#wire(plan);
  }

  #add(check: CheckPlan, plan: Plan, registry: Registry): void {
    const definition = registry.checks.get(check.use);
    if (definition === undefined) throw new InvariantError('a plan is validated before it runs');
    const { world } = this.#run.parts;
    const args = validate(definition.args, check.args ?? {}, `checks/${check.id}/args`);
    const findings: Finding[] = [];
    const healMs = healMsOf(plan);
    const running = definition.create(args as never, {
      id: check.id,
      world,
      history: this.history,
      predicates: registry.predicates,
      durationMicros: this.#run.durationMicros,
      healMicros: healMs === null ? null : Math.round(healMs * 1_000),
      report: (finding) => {
        if (live.findings.length >= FINDINGS_MAX) return;
        live.findings.push({
          check: check.id,
          atMicros: finding.atMicros ?? world.now,
          event: finding.event ?? world.event,
          why: finding.why,
          evidence: finding.evidence ?? [],
          nodes: finding.nodes ?? [],
        });
      },
    });
    const live: LiveCheck = {
      plan: check,
      about: check.about ?? definition.about,
      running,
      findings,
    };
    this.checks.push(live);
    for (const component of running.components) {
      if (component === '*') this.#everything.push(live);
      else index(this.#byComponent, component, live);
    }
    for (const fact of running.facts) index(this.#byFact, fact, live);
    for (const probe of running.probes) index(this.#byProbe, probe, live);
  }

  #wire(plan: Plan): void {
    const { host, injector, schedule } = this.#run.parts;
    const { taps } = host;
    const needsFacts = this.#options.metrics !== false || this.#options.history !== false;
    taps.calls = this.spans;
    taps.causes = this.causes;
    const isWatched = this.#recorder !== null || this.spans !== null || this.causes !== null;
    if (needsFacts || this.#byFact.size > 0 || isWatched) {
      taps.fact = (node, fact) => this.#fact(node, fact);
    }
    if (this.#byProbe.size > 0) {
      taps.probe = (node, channel, payload) => this.#probe(node, channel, payload);
    }
    const watches = this.#byComponent.size > 0 || this.#everything.length > 0;
    if (watches || schedule.hasTriggers || this.#recorder !== null) {
      taps.touched = (node) => {
        this.#touched[this.#touchedCount++] = node;
      };
      this.#run.afterEvent = () => this.#after();
    }
    this.#run.afterAct = () => this.#afterAct();
    taps.sent = this.#onSent();
    injector.tap = (change, fault) => {
      this.#recorder?.onFault(change, fault);
      this.onFault?.(change, fault);
      for (const check of this.checks) check.running.onFault?.(change, fault);
    };
    if (plan.checks.length > 0) this.#afterAct();
  }

  #onSent(): Taps['sent'] {
    const recorder = this.#recorder;
    const { causes } = this;
    if (causes === null) return recorder === null ? null : recorder.onSent;
    return (from, to, message, sentMicros, dueMicros, fate, mark) => {
      recorder?.onSent(from, to, message, sentMicros, dueMicros, fate, mark);
      causes.sent(from, to, message, sentMicros, dueMicros, fate);
    };
  }

  #caused(node: NodeIndex, { op, client, f, key }: ClientInvoked): void {
    this.causes?.invoked(node, op, `${client}'s ${f}${key === undefined ? '' : ` of ${key}`}`);
  }

  #fact(node: NodeIndex, fact: Fact): void {
    const { kernel } = this.#run.parts;
    const now = kernel.now;
    const { type } = fact;
    if (this.#options.metrics !== false) this.metrics.onFact(fact, now);
    if (this.spans !== null) {
      if (type === 'client.invoked') this.spans.invoked(node, fact as ClientInvoked);
      else if (type === 'client.completed') this.spans.completed(fact as ClientCompleted);
    }
    if (this.causes !== null) {
      if (type === 'client.invoked') this.#caused(node, fact as ClientInvoked);
      else if (type === 'client.completed') this.causes.completed((fact as ClientCompleted).op);
    }
    if (this.#options.history !== false) {
      if (type === 'client.invoked') this.#invoked(node, fact as ClientInvoked);
      else if (type === 'client.completed') this.#completed(fact as ClientCompleted);
    }
    const listeners = this.#byFact.size === 0 ? undefined : this.#byFact.get(type);
    if (listeners === undefined && this.#recorder === null && this.onFact === null) return;
    const record: FactRecord = { atMicros: now, event: kernel.eventNumber, node, fact };
    if (listeners !== undefined) for (const check of listeners) check.running.onFact?.(record);
    this.#recorder?.onFact(record);
    this.onFact?.(record);
  }

  #invoked(node: NodeIndex, fact: ClientInvoked): void {
    const { kernel } = this.#run.parts;
    const id = this.history.invoke(fact, kernel.eventNumber, kernel.now, node);
    this.#openOps.set(fact.op, id);
  }

  #completed(fact: ClientCompleted): void {
    const { kernel } = this.#run.parts;
    const id = this.#openOps.get(fact.op);
    if (id === undefined) return;
    this.#openOps.delete(fact.op);
    this.history.complete(id, fact.outcome, fact.output, kernel.eventNumber, kernel.now);
  }

  #probe(node: NodeIndex, channel: string, payload: unknown): void {
    if (channel !== this.#lastChannel) {
      this.#lastChannel = channel;
      this.#lastListeners = this.#byProbe.get(channel) ?? NOBODY;
    }
    const listeners = this.#lastListeners;
    for (let i = 0; i < listeners.length; i++) {
      (listeners[i] as LiveCheck).running.onProbe?.(node, channel, payload);
    }
  }

  /** After an event: whoever depends on a touched node looks. */
  #after(): void {
    const { world, schedule } = this.#run.parts;
    const touched = this.#touched;
    this.#recorder?.onEvent();
    if (this.#recorder !== null) this.#recordTouched(this.#recorder);
    this.story?.look(world);
    for (let i = 0; i < this.#touchedCount; i++) {
      const nodeIndex = touched[i] as NodeIndex;
      const checks = this.#byNode[nodeIndex] ?? this.#watchersOf(nodeIndex);
      if (checks.length > 0) {
        const node = world.node(nodeIndex);
        for (let c = 0; c < checks.length; c++) (checks[c] as LiveCheck).running.onTouched?.(node);
      }
      if (schedule.hasTriggers) schedule.touched(world, world.node(nodeIndex).component);
    }
    this.#touchedCount = 0;
    this.standings?.look(this.#ended);
  }

  #recordTouched(recorder: ChunkRecorder): void {
    for (let i = 0; i < this.#touchedCount; i++) recorder.onTouched(this.#touched[i] as NodeIndex);
  }

  /** Those of the node's component, then those of every event. */
  #watchersOf(nodeIndex: NodeIndex): readonly LiveCheck[] {
    const { component } = this.#run.parts.world.node(nodeIndex);
    const watchers = [...(this.#byComponent.get(component) ?? NOBODY), ...this.#everything];
    this.#byNode[nodeIndex] = watchers;
    return watchers;
  }

  /** After a fault or a person acted, and at the start: everybody looks. */
  #afterAct(): void {
    const { world, schedule } = this.#run.parts;
    if (this.#recorder !== null) this.#recordTouched(this.#recorder);
    this.story?.look(world);
    this.#touchedCount = 0;
    for (const check of this.checks) check.running.onTouched?.(null);
    this.standings?.look(this.#ended);
    if (schedule.hasTriggers) schedule.touched(world, null);
  }

  /** The run is over: what can only be judged now is judged, once. */
  end(complete: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const check of this.checks) check.running.onEnd?.(complete);
    holdLaws(this.#run.parts.world);
  }

  get ended(): boolean {
    return this.#ended;
  }

  save(): ObserversImage {
    return {
      history: this.history.save(),
      openOps: [...this.#openOps],
      metrics: this.metrics.save(),
      gauges: this.gauges.save(),
      checks: this.checks.map((check) => ({
        image: check.running.save(),
        findings: check.findings.slice(),
      })),
      story: this.story?.save() ?? [],
      flights: this.#recorder?.save() ?? 0,
      spans: this.spans?.save() ?? 0,
      ended: this.#ended,
    };
  }

  restore(image: ObserversImage): void {
    this.history.restore(image.history);
    this.#openOps = new Map(image.openOps);
    this.metrics.restore(image.metrics);
    this.gauges.restore(image.gauges);
    if (this.#run.onPass !== null) this.#run.passMicros = this.gauges.nextMicros;
    this.story?.restore(image.story);
    this.#recorder?.restore(image.flights);
    this.spans?.restore(image.spans);
    this.#ended = image.ended;
    this.#touchedCount = 0;
    this.#byNode.length = 0;
    image.checks.forEach((saved, i) => {
      const check = this.checks[i];
      if (check === undefined) return;
      check.running.restore(saved.image);
      check.findings = saved.findings.slice();
    });
  }
}

function index(map: Map<string, LiveCheck[]>, key: string, check: LiveCheck): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [check]);
  else list.push(check);
}
