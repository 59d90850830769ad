/**
 * Records what a picture needs, chunk by chunk. On only where somebody watches.
 */
import type { FactRecord, FactSpec, Fact } from '../contracts/facts.ts';
import type { Message } from '../contracts/contract.ts';
import type { TryMark } from '../contracts/tries.ts';
import type { ActiveFault } from '../faults/injector.ts';
import type { NodeIndex } from '../node/behaviour.ts';
import type {
  CheckChange,
  CheckFrame,
  Chunk,
  FaultChange,
  FaultFrame,
  FeedEntry,
  GaugeFrame,
  MetricsFrame,
} from '../observe/frame.ts';
import { FlightLog } from '../observe/flights.ts';
import { NodeFrames } from '../observe/node-frames.ts';
import type { BuiltRun } from '../scenario/build.ts';

export class ChunkRecorder {
  readonly #parts: BuiltRun;
  readonly #facts: ReadonlyMap<string, FactSpec<Fact>>;
  readonly #flights: FlightLog;
  readonly #nodes: NodeFrames;
  #feed: FeedEntry[] = [];
  #eventMicros: number[] = [];
  #faultChanges: FaultChange[] = [];
  #faultsAtStart: readonly FaultFrame[] = [];
  #fromMicros = 0;
  #fromEvent = 0;
  /** How many windows of traffic were handed out. */
  #windows = 0;

  constructor(parts: BuiltRun, facts: ReadonlyMap<string, FactSpec<Fact>>) {
    this.#parts = parts;
    this.#facts = facts;
    this.#flights = new FlightLog(parts.host.table);
    this.#nodes = new NodeFrames(parts.host);
    this.begin();
  }

  /** How many flights there were: their ids are the same whenever a stretch is run. */
  save(): number {
    return this.#flights.nextId;
  }

  restore(flights: number): void {
    this.#flights.rewind(flights);
  }

  /** Begins afresh at the present moment, as after a seek. */
  begin(windows = this.#windows): void {
    this.#flights.rewind(this.#flights.nextId);
    this.#nodes.begin();
    this.#reset();
    this.#windows = windows;
  }

  #reset(): void {
    this.#feed = [];
    this.#eventMicros = [];
    this.#faultChanges = [];
    this.#faultsAtStart = this.#parts.injector.active.map(faultFrame);
    this.#fromMicros = this.#parts.kernel.now;
    this.#fromEvent = this.#parts.kernel.eventNumber;
  }

  readonly onSent = (
    from: NodeIndex,
    to: NodeIndex,
    message: Message,
    sentMicros: number,
    dueMicros: number,
    fate: number,
    mark: TryMark,
  ): void => {
    const event = this.#parts.kernel.eventNumber;
    this.#flights.add(event, from, to, message, sentMicros, dueMicros, fate, mark);
  };

  onFact(record: FactRecord): void {
    const spec = this.#facts.get(record.fact.type);
    const nameOf = (node: number): string => this.#parts.host.node(node).identity.name;
    const said = spec?.sentence(record.fact, nameOf) ?? record.fact.type;
    // A client's fact names the client itself; every other sentence needs its subject.
    const text = record.fact.type.startsWith('client.') ? said : `${nameOf(record.node)} ${said}`;
    this.#feed.push({
      micros: record.atMicros,
      event: record.event,
      node: record.node,
      type: record.fact.type,
      weight: spec?.weight ?? 'minor',
      text,
    });
  }

  onFault(change: 'start' | 'end', fault: ActiveFault): void {
    const { kernel } = this.#parts;
    this.#faultChanges.push({
      micros: kernel.now,
      event: kernel.eventNumber,
      change,
      fault: faultFrame(fault),
    });
  }

  onEvent(): void {
    this.#eventMicros.push(this.#parts.kernel.now);
  }

  onTouched(node: NodeIndex): void {
    this.#nodes.touched(node);
  }

  take(rest: {
    readonly generation: number;
    readonly checks: readonly CheckFrame[];
    readonly checkChanges: readonly CheckChange[];
    readonly windowsFrom: (first: number) => readonly MetricsFrame[];
    readonly gaugesFrom: (first: number) => readonly GaugeFrame[];
    readonly storyMicros: readonly (number | null)[];
    readonly ended: string | null;
  }): Chunk {
    const { kernel } = this.#parts;
    const { keyframe, deltas } = this.#nodes.take();
    const metrics = rest.windowsFrom(this.#windows);
    const gauges = rest.gaugesFrom(this.#windows);
    this.#windows += metrics.length;
    const chunk: Chunk = {
      generation: rest.generation,
      fromMicros: this.#fromMicros,
      toMicros: kernel.now,
      fromEvent: this.#fromEvent,
      toEvent: kernel.eventNumber,
      eventMicros: Float64Array.from(this.#eventMicros),
      keyframe,
      deltas,
      flights: this.#flights.take(),
      feed: this.#feed,
      faults: this.#faultsAtStart,
      faultChanges: this.#faultChanges,
      checks: rest.checks,
      checkChanges: rest.checkChanges,
      metrics,
      gauges,
      storyMicros: rest.storyMicros,
      traceHash: kernel.hash.hex(),
      ended: rest.ended,
    };
    this.#reset();
    return chunk;
  }
}

export function faultFrame(active: ActiveFault): FaultFrame {
  return {
    id: active.id,
    type: active.fault.type,
    label: active.label,
    by: active.by,
    nodes: active.nodes,
    islands: active.islands,
    cutLinks: active.cutLinks,
  };
}
