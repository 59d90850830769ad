/**
 * The session: what every host holds. It runs a specification, goes back and forth in it, takes
 * what a person does to it, and reports.
 */
import type { Standing } from '../check/check.ts';
import type { CheckChange, CheckFrame, Chunk, NodeFrame } from '../observe/frame.ts';
import type { World } from '../world/world.ts';
import { askedIn, opsThrough, spanTree } from '../observe/spans.ts';
import type { Asked, Span, SpanRecord } from '../observe/spans.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import { nodeFrame } from '../observe/node-frames.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { LIMITS_DEFAULT } from '../kernel/limits.ts';
import { stateHash } from '../kernel/state-hash.ts';
import { build } from '../scenario/build.ts';
import type { Plan } from '../scenario/plan.ts';
import type { AnyScenario, Scenario } from '../scenario/scenario.ts';
import { Checkpoints } from './checkpoints.ts';
import { ChunkRecorder } from './chunks.ts';
import type { JudgedVariant } from './document-source.ts';
import { expectationOf, judge } from './judge.ts';
import { Observers } from './observers.ts';
import type { LiveCheck, ObserveOptions } from './observers.ts';
import { prepare } from './prepare.ts';
import type { Prepared } from './prepare.ts';
import type { Report } from './report.ts';
import { ENDED_DURATION, Run } from './run.ts';
import type { Act, Intervention, RunSpec } from './spec.ts';

export interface SessionOptions {
  /** Where a scenario's id is looked up. */
  readonly scenarios?: readonly AnyScenario[];
  /** What is watched. Default: history, checks and metrics; no frames. */
  readonly observe?: ObserveOptions;
  /** Keep checkpoints, so that `seek` is quick. Default: where frames are on. */
  readonly checkpoints?: boolean;
  /** Base of the link in reports: FAULTLINE_URL or the address of `npm start`. */
  readonly link?: string;
}

/** Two runs of one specification differed: never the user's doing. */
export class DivergenceError extends Error {
  override readonly name = 'DivergenceError';
}

export interface ActionFrame {
  readonly name: string;
  readonly about: string;
  /** JSON Schema of its arguments. */
  readonly args: unknown;
  readonly unavailable: string | null;
}

export interface Inspection {
  readonly frame: NodeFrame;
  readonly config: unknown;
  readonly about: string;
  readonly source: string;
  readonly leavesOut: readonly string[];
  readonly actions: readonly ActionFrame[];
  readonly calls: number;
  readonly unsynced: number;
  readonly restarts: number;
}

export class Session {
  readonly #prepared: Prepared;
  readonly #options: SessionOptions;
  readonly #run: Run;
  readonly #observers: Observers;
  readonly #recorder: ChunkRecorder | null;
  readonly #checkpoints: Checkpoints | null;
  #spec: RunSpec;
  #generation = 0;
  /** The furthest point that was ever reached on this branch, to compare a re-execution with. */
  #furthest = { event: 0, traceHash: '' };

  constructor(spec: RunSpec, options: SessionOptions = {}) {
    this.#spec = spec;
    this.#options = options;
    this.#prepared = prepare(spec, options.scenarios ?? []);
    const { plan, registry } = this.#prepared;
    const parts = build(plan, registry, spec);
    this.#run = new Run(parts, {
      durationMicros: Math.round(plan.durationMs * 1_000),
      limits: { ...LIMITS_DEFAULT, ...plan.limits, ...spec.limits },
      interventions: spec.interventions,
    });
    const observe = options.observe ?? {};
    this.#recorder = observe.frames === true ? new ChunkRecorder(parts, registry.facts) : null;
    this.#observers = new Observers(this.#run, plan, registry, observe, this.#recorder);
    const keep = options.checkpoints ?? observe.frames === true;
    this.#checkpoints = keep ? new Checkpoints() : null;
    this.#keep();
  }

  get spec(): RunSpec {
    return this.#spec;
  }
  get plan(): Plan {
    return this.#prepared.plan;
  }
  get scenario(): Scenario | null {
    return this.#prepared.scenario;
  }
  /** The variant that the run is and is judged by, or null: then every check must hold. */
  get variant(): JudgedVariant | null {
    return this.#prepared.variant;
  }
  /** Where it is no variant: the one that it is but for further parameters and rules. */
  get nearVariant(): JudgedVariant | null {
    return this.#prepared.near ?? null;
  }
  /** Rules that are off in the run and on in that variant. */
  get beyondVariant(): readonly string[] {
    return this.#prepared.beyond;
  }
  /** Parameters that are not as in that variant, and change nothing in the plan. */
  get idleParams(): readonly string[] {
    return this.#prepared.idle;
  }
  get durationMicros(): number {
    return this.#run.durationMicros;
  }
  get nowMicros(): number {
    return this.#run.now;
  }
  get eventNumber(): number {
    return this.#run.eventNumber;
  }
  /** Why it ended, or null. */
  get ended(): string | null {
    return this.#run.ended;
  }
  get traceHash(): string {
    return this.#run.parts.kernel.hash.hex();
  }
  get generation(): number {
    return this.#generation;
  }
  get observers(): Observers {
    return this.#observers;
  }
  get world(): World {
    return this.#run.parts.world;
  }

  /** Runs on to a time or by so many events, whichever comes first, or to the end. */
  advance(to: { readonly untilMicros?: number; readonly events?: number } = {}): void {
    const until = Math.floor(to.untilMicros ?? Infinity);
    let left = to.events ?? Infinity;
    while (this.#run.ended === null) {
      const step = Math.min(left, this.#untilCheckpoint());
      const before = this.#run.eventNumber;
      this.#run.advance(until, step);
      const ran = this.#run.eventNumber - before;
      left -= ran;
      this.#compare();
      this.#keep();
      if (ran < step || left <= 0) break;
    }
    if (this.#run.ended !== null) this.#observers.end(this.#run.ended === ENDED_DURATION);
  }

  /** Runs to the end. */
  run(): Report {
    this.advance();
    return this.report();
  }

  #untilCheckpoint(): number {
    if (this.#checkpoints === null) return Infinity;
    const { eventNumber } = this.#run;
    const known = this.#checkpoints.after(eventNumber)?.event;
    return Math.max(1, (known ?? this.#checkpoints.nextDue(eventNumber)) - eventNumber);
  }

  #keep(): void {
    const { eventNumber } = this.#run;
    if (this.#checkpoints === null || !this.#checkpoints.isDue(eventNumber)) return;
    // Between events "after event n" would name many moments: one is taken only at an event.
    if (!this.#run.isAtEvent) return;
    this.#checkpoints.add({
      event: eventNumber,
      micros: this.#run.now,
      traceHash: this.traceHash,
      run: this.#run.save(),
      observers: this.#observers.save(),
    });
  }

  /** A stretch that was run before must give the same hash again. */
  #compare(): void {
    const { eventNumber } = this.#run;
    const known = this.#checkpoints?.at(eventNumber);
    const expected =
      known?.traceHash ?? (this.#furthest.event === eventNumber ? this.#furthest.traceHash : '');
    if (expected !== '' && expected !== this.traceHash) {
      throw new DivergenceError(
        `Event ${eventNumber} was reached with trace ${this.traceHash}, before with ${expected}.`,
      );
    }
    if (eventNumber > this.#furthest.event) {
      this.#furthest = { event: eventNumber, traceHash: this.traceHash };
    }
  }

  /** Goes to a moment, earlier or later: nearest checkpoint, then re-execution. */
  seek(to: { readonly micros: number } | { readonly event: number }): void {
    const checkpoint = this.#checkpoints?.before((c) =>
      'event' in to ? c.event > to.event : c.micros > to.micros,
    );
    const ahead = 'event' in to ? this.#isAhead(to.event) : to.micros >= this.nowMicros;
    if (!ahead || (checkpoint !== undefined && checkpoint.event > this.eventNumber)) {
      if (checkpoint === undefined) {
        throw new ScenarioError('This session keeps no checkpoints, so it cannot go back.', {
          hint: 'Create it with { checkpoints: true }.',
        });
      }
      this.#run.restore(checkpoint.run);
      this.#observers.restore(checkpoint.observers);
    }
    if ('event' in to) this.advance({ events: Math.max(0, to.event - this.eventNumber) });
    else this.advance({ untilMicros: to.micros });
    this.#beginPicture();
  }

  #beginPicture(): void {
    this.#recorder?.begin(this.#observers.metrics.windowCount(this.nowMicros));
    this.#observers.standings?.begin(this.#observers.ended);
  }

  /** Right after its own event is where a moment begins: what was done since lies behind it. */
  #isAhead(event: number): boolean {
    return event > this.eventNumber || (event === this.eventNumber && this.#run.isAtEvent);
  }

  /** Does something to the run at the present moment. Later interventions are dropped. */
  intervene(act: Act): Intervention {
    if (this.#run.ended !== null) {
      throw new ScenarioError('The run is over.', { hint: 'Go back to an earlier moment first.' });
    }
    const intervention: Intervention = {
      micros: this.nowMicros,
      afterEventNumber: this.eventNumber,
      act,
    };
    const kept = this.#spec.interventions.slice(0, this.#run.intervened);
    const changesThePast = this.#furthest.event > this.eventNumber;
    this.#run.intervene([...kept, intervention], kept.length + 1);
    this.#spec = { ...this.#spec, interventions: [...kept, intervention] };
    this.#checkpoints?.dropAfter(this.eventNumber, this.nowMicros);
    this.#furthest = { event: 0, traceHash: '' };
    if (changesThePast) this.#generation += 1;
    return intervention;
  }

  /** An independent session at the same moment: nothing done to one shows in the other. */
  fork(): Session {
    const { interventions } = this.#spec;
    const done = this.#run.intervened;
    const before = interventions.slice(0, done - this.#run.intervenedNow);
    const copy = new Session({ ...this.#spec, interventions: before }, this.#options);
    copy.advance({ events: this.eventNumber });
    // After its last event a run may have moved on to a later moment.
    if (this.#run.hasArrived) copy.advance({ untilMicros: this.nowMicros });
    copy.#run.intervene(interventions, done);
    copy.#spec = this.#spec;
    copy.#beginPicture();
    return copy;
  }

  stateHash(): string {
    const { host, network } = this.#run.parts;
    const nodes = host.nodes.map((node) => {
      const { behaviour, identity, disk, state, status } = node;
      const plain = state === null ? null : (behaviour.plain?.(state) ?? state);
      const durable = disk === null ? null : disk.durable;
      return {
        id: identity.id,
        status,
        state: plain,
        durable: durable === null ? null : (behaviour.durable?.plain?.(durable) ?? durable),
        clock: node.clock.save(),
        cores: node.cpu.save(),
        waiting: node.mailbox.length,
      };
    });
    return stateHash({ now: this.nowMicros, nodes, lost: network.packetsLost });
  }

  checkFrames(): readonly CheckFrame[] {
    return this.#observers.checks.map((check) => {
      const standing = check.running.standing(this.#observers.ended);
      return {
        id: check.plan.id,
        use: check.plan.use,
        about: check.about,
        verdict: standing.verdict,
        status: standing.text,
        expected: this.#expected(check.plan.id, standing),
        findings: check.findings.map((finding) => ({
          check: finding.check,
          micros: finding.atMicros,
          event: finding.event,
          why: finding.why,
          evidence: finding.evidence,
          nodes: finding.nodes,
        })),
      };
    });
  }

  /** What breaks in the nearest variant may break here, and is expected only once it does. */
  #expected(check: string, { verdict }: Pick<Standing, 'verdict'>): CheckFrame['expected'] {
    const near = verdict === 'fail' ? this.nearVariant : null;
    return expectationOf(this.variant ?? near, check) === 'holds' ? 'holds' : 'breaks';
  }

  #checkChanges(): readonly CheckChange[] {
    const { checks, standings, ended } = this.#observers;
    const idOf = (place: number): string => (checks[place] as LiveCheck).plan.id;
    const notes = standings?.take(ended) ?? [];
    return notes.map((note) => ({ ...note, expected: this.#expected(idOf(note.check), note) }));
  }

  /** What happened since the last one: needs frames. */
  takeChunk(): Chunk {
    if (this.#recorder === null) {
      throw new ScenarioError('This session records no frames.', {
        hint: 'Create it with { observe: { frames: true } }.',
      });
    }
    return this.#recorder.take({
      generation: this.#generation,
      checks: this.checkFrames(),
      checkChanges: this.#checkChanges(),
      windowsFrom: (first) => this.#observers.metrics.windowsFrom(first, this.nowMicros),
      gaugesFrom: (first) => this.#observers.gauges.framesFrom(first),
      storyMicros: this.#observers.story?.save() ?? [],
      ended: this.ended,
    });
  }

  /** The operations so far, or those in which a node had a part: needs spans. */
  asked(through: NodeIndex | null = null): readonly Asked[] {
    const records = this.#spanRecords();
    const asked = askedIn(records);
    if (through === null) return asked;
    const ops = opsThrough(records, through);
    return asked.filter(({ op }) => ops.has(op));
  }

  /** The tree of calls of one operation so far, or null: needs spans. */
  trace(op: number): Span | null {
    return spanTree(this.#spanRecords(), op);
  }

  #spanRecords(): readonly SpanRecord[] {
    const { spans } = this.#observers;
    if (spans !== null) return spans.records;
    throw new ScenarioError('This session records no spans.', {
      hint: 'Create it with { observe: { spans: true } }.',
    });
  }

  inspect(index: number): Inspection {
    const { host } = this.#run.parts;
    const node = host.node(index);
    const { behaviour } = node;
    const actions = Object.entries(behaviour.actions ?? {});
    return {
      frame: nodeFrame(host, index),
      config: node.identity.config,
      about: behaviour.about,
      source: behaviour.source,
      leavesOut: behaviour.leavesOut,
      actions: actions.map(([name, action]) => ({
        name,
        about: action.about,
        args: action.args,
        unavailable: node.state === null ? 'down' : (action.unavailable?.(node.state) ?? null),
      })),
      calls: node.calls.size,
      unsynced: node.disk?.unsynced ?? 0,
      restarts: node.restarts,
    };
  }

  report(): Report {
    return judge({
      spec: this.#spec,
      prepared: this.#prepared,
      run: this.#run,
      observers: this.#observers,
      stateHash: this.stateHash(),
      linkBase: this.#options.link ?? '',
    });
  }
}
