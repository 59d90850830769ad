/**
 * The engine's side of the protocol: one run at a time, driven by messages, never by a clock.
 *
 * It works in slices and gives way between them, so that an act or a seek never waits long. It
 * knows no worker and no window: whoever hosts it hands in how to post and how to come back later.
 * Invariant: a chunk is posted only for the generation that asked for it, and at most
 * CHUNKS_OUTSTANDING_MAX are unreleased.
 */
import type { Act, Chunk } from '../../sim/index.ts';
import { transferablesOf } from '../state/chunk.ts';
import type { Position } from '../state/position.ts';
import type { Engine, RunningSession } from './engine-port.ts';
import type { ExpectedHash, FromWorker, ToWorker } from './protocol.ts';
import { Explaining } from './explaining.ts';
import { CHUNKS_OUTSTANDING_MAX } from './protocol.ts';
import { Tracing } from './tracing.ts';

/** A chunk ends after so many events, whatever time that is: it bounds one slice of work. */
const EVENTS_PER_CHUNK = 4_000;
const EVENTS_PER_SLICE_OF_PROOF = 20_000;

export interface HostPorts {
  readonly post: (message: FromWorker, transfer: ArrayBuffer[]) => void;
  /** Calls back soon, after messages that wait have been handled. */
  readonly later: (work: () => void) => void;
  /** Milliseconds, for statistics only: no result depends on it. */
  readonly now: () => number;
}

/** A run of the same specification, aside, to its end. */
interface Proof {
  readonly run: RunningSession;
  readonly atMicros: number;
  same: boolean | null;
}

type Of<T extends ToWorker['type']> = Extract<ToWorker, { readonly type: T }>;

export class EngineHost {
  readonly #engine: Engine;
  readonly #ports: HostPorts;
  #generation = 0;
  #session: RunningSession | null = null;
  /** The furthest that was posted: the session may stand before it after a seek. */
  #head: Position = { micros: 0, event: 0 };
  #targetMicros = 0;
  #chunkMicros = 250_000;
  #outstanding = 0;
  #expected: ExpectedHash | null = null;
  #proof: Proof | null = null;
  readonly #tracing: Tracing;
  readonly #explaining: Explaining;
  #awake = false;
  #statsEvents = 0;
  #statsMs = 0;

  constructor(engine: Engine, ports: HostPorts) {
    this.#engine = engine;
    this.#ports = ports;
    this.#tracing = new Tracing(engine, (message) => this.#post(message));
    this.#explaining = new Explaining(engine, (message) => this.#post(message));
  }

  handle(message: ToWorker): void {
    try {
      this.#dispatch(message);
    } catch (error) {
      this.#fail(message.type, message.generation, error);
    }
    this.#wake();
  }

  #dispatch(message: ToWorker): void {
    switch (message.type) {
      case 'catalogue':
        this.#post({
          type: 'catalogue',
          generation: message.generation,
          scenarios: this.#engine.catalogue(),
        });
        return;
      case 'load':
        this.#load(message);
        return;
      case 'intervene':
        this.#intervene(message);
        return;
      case 'release':
        if (message.generation === this.#generation) {
          this.#outstanding = Math.max(0, this.#outstanding - message.chunks);
        }
        return;
      case 'runTo':
        if (message.generation !== this.#generation) return;
        this.#targetMicros = message.micros;
        this.#chunkMicros = message.chunkMicros;
        return;
      case 'seek':
        if (message.generation === this.#generation) this.#refill(message);
        return;
      case 'inspect':
        if (message.generation === this.#generation) this.#inspect(message);
        return;
      case 'requests':
        if (message.generation === this.#generation && this.#session !== null) {
          this.#tracing.ask(message, this.#session.spec);
        }
        return;
      case 'explain':
        if (message.generation === this.#generation && this.#session !== null) {
          this.#explaining.ask(message, this.#session.spec);
        }
        return;
      case 'prove':
        if (message.generation === this.#generation) this.#startProof(message);
        return;
    }
  }

  #load(message: Of<'load'>): void {
    this.#generation = message.generation;
    this.#session = null;
    this.#proof = null;
    this.#forgetAside();
    this.#outstanding = 0;
    this.#targetMicros = 0;
    const { spec, expectedHash, atMicros, otherEngine } = this.#engine.resolve(message.source);
    const session = this.#engine.open(spec, true);
    this.#session = session;
    this.#expected = expectedHash;
    const id = 'id' in spec.scenario ? spec.scenario.id : null;
    this.#post({
      type: 'loaded',
      generation: this.#generation,
      run: {
        spec,
        plan: session.plan,
        scenario: id === null ? null : this.#engine.entry(id),
        comparedWith: session.comparedWith,
        idleParams: session.idleParams,
        durationMicros: session.durationMicros,
        expectedHash,
        atMicros,
        otherEngine,
        link: this.#engine.link(spec, {}),
      },
    });
    this.#goTo(message.resume);
    this.#head = message.resume;
  }

  /**
   * Brings the session to `position`; what it passes on the way makes no chunk. False: what was
   * done at that very moment has not been done yet, because a seek stops right at the event.
   */
  #goTo(position: Position): boolean {
    const session = this.#session!;
    const away = session.eventNumber !== position.event || session.nowMicros > position.micros;
    if (away) session.seek({ event: position.event });
    // Between two events: no event lies on the way, time passes and acts are done.
    const passes = session.nowMicros < position.micros;
    if (passes) session.advance({ untilMicros: position.micros });
    session.takeChunk();
    return !away || passes;
  }

  #actsAt({ micros, event }: Position): readonly Act[] {
    return this.#session!.spec.interventions.filter(
      (one) => one.micros === micros && one.afterEventNumber === event,
    ).map((one) => one.act);
  }

  #intervene(message: Of<'intervene'>): void {
    const session = this.#session;
    if (session === null) return;
    this.#generation = message.generation;
    this.#outstanding = 0;
    this.#proof = null;
    this.#forgetAside();
    // What follows is another run than the link spoke of.
    this.#expected = null;
    const moment = { micros: message.micros, event: message.afterEventNumber };
    const before = this.#goTo(moment) ? [] : this.#actsAt(moment);
    this.#head = moment;
    this.#targetMicros = moment.micros;
    for (const act of [...before, ...message.acts]) session.intervene(act);
    this.#post({
      type: 'intervened',
      generation: this.#generation,
      spec: session.spec,
      link: this.#engine.link(session.spec, {}),
    });
    // What the act did at once is a chunk of no length: the page shows it while time stands.
    this.#postChunk(session);
  }

  #refill(message: Of<'seek'>): void {
    const session = this.#session;
    if (session === null) return;
    this.#goTo(message.from);
    session.advance({ events: message.to.event - message.from.event });
    if (session.nowMicros < message.to.micros) {
      session.advance({ untilMicros: message.to.micros });
    }
    this.#send({ ...session.takeChunk(), generation: this.#generation });
  }

  #inspect(message: Of<'inspect'>): void {
    const session = this.#session;
    if (session === null) return;
    this.#goTo(message.position);
    const { config, actions } = session.inspect(message.node);
    const { node, position } = message;
    const generation = this.#generation;
    this.#post({ type: 'state', generation, node, position, config, actions });
  }

  #startProof(message: Of<'prove'>): void {
    if (this.#session === null) return;
    const run = this.#engine.open(this.#session.spec, false);
    this.#proof = { run, atMicros: message.atMicros, same: null };
  }

  #wake(): void {
    if (this.#awake || !this.#hasWork()) return;
    this.#awake = true;
    this.#ports.later(() => {
      this.#awake = false;
      const generation = this.#generation;
      const aside = this.#mayRun() ? null : this.#aside();
      try {
        if (aside !== null) aside.slice();
        else if (this.#mayRun()) this.#runSlice();
        else if (this.#proof !== null) this.#proofSlice();
      } catch (error) {
        if (aside === null) {
          this.#forgetAside();
          this.#targetMicros = 0;
          this.#proof = null;
        } else aside.forget();
        this.#fail(aside === null ? 'runTo' : aside.during, generation, error);
      }
      this.#wake();
    });
  }

  #mayRun(): boolean {
    return (
      this.#session !== null &&
      this.#outstanding < CHUNKS_OUTSTANDING_MAX &&
      this.#head.micros < this.#targetMicros &&
      (this.#session.ended === null || this.#session.eventNumber < this.#head.event)
    );
  }

  /** What goes over the run once more: it has its turn while the run itself waits. */
  #aside(): Tracing | Explaining | null {
    return [this.#tracing, this.#explaining].find((one) => one.hasWork) ?? null;
  }

  #forgetAside(): void {
    this.#tracing.forget();
    this.#explaining.forget();
  }

  #hasWork(): boolean {
    return this.#mayRun() || this.#aside() !== null || this.#proof !== null;
  }

  #runSlice(): void {
    const session = this.#session!;
    const started = this.#ports.now();
    if (session.eventNumber !== this.#head.event || session.nowMicros !== this.#head.micros) {
      this.#goTo(this.#head);
    }
    const untilMicros = Math.min(
      this.#head.micros + this.#chunkMicros,
      Math.max(this.#targetMicros, this.#head.micros + 1),
    );
    const before = session.eventNumber;
    session.advance({ untilMicros, events: EVENTS_PER_CHUNK });
    this.#postChunk(session);
    this.#noteStats(session.eventNumber - before, this.#ports.now() - started);
  }

  #postChunk(session: RunningSession): void {
    const chunk = { ...session.takeChunk(), generation: this.#generation };
    this.#head = { micros: chunk.toMicros, event: chunk.toEvent };
    this.#send(chunk);
  }

  #send(chunk: Chunk): void {
    this.#outstanding += 1;
    const generation = this.#generation;
    this.#post({ type: 'chunk', generation, chunk }, transferablesOf(chunk));
  }

  #proofSlice(): void {
    const proof = this.#proof!;
    const { run } = proof;
    const claim = this.#expected;
    const stop = claim?.afterEvent ?? null;
    const toClaim = stop === null ? Infinity : stop - run.eventNumber;
    const events = toClaim > 0 ? Math.min(EVENTS_PER_SLICE_OF_PROOF, toClaim) : undefined;
    const slice = events === undefined ? { events: EVENTS_PER_SLICE_OF_PROOF } : { events };
    if (run.ended === null) run.advance({ ...slice, untilMicros: run.durationMicros });
    if (claim !== null && run.eventNumber === stop) proof.same = run.traceHash === claim.traceHash;
    if (run.ended === null) return;
    this.#proof = null;
    const report = run.report();
    if (claim !== null && proof.same === null) proof.same = report.traceHash === claim.traceHash;
    this.#post({
      type: 'verdict',
      generation: this.#generation,
      report,
      link: this.#engine.link(run.spec, {
        traceHash: report.traceHash,
        atMicros: proof.atMicros,
      }),
      same: proof.same,
    });
  }

  #noteStats(events: number, ms: number): void {
    this.#statsEvents += events;
    this.#statsMs += ms;
    if (this.#statsMs < 250) return;
    const eventsPerSecond = Math.round((this.#statsEvents / this.#statsMs) * 1_000);
    this.#statsEvents = 0;
    this.#statsMs = 0;
    this.#post({ type: 'stats', generation: this.#generation, eventsPerSecond });
  }

  #fail(during: ToWorker['type'], generation: number, error: unknown): void {
    this.#post({ type: 'error', generation, during, problem: this.#engine.problemOf(error) });
  }

  #post(message: FromWorker, transfer: ArrayBuffer[] = []): void {
    this.#ports.post(message, transfer);
  }
}
