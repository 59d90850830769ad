/**
 * What can be asked of one chunk: its index, its size, and the part of it before a moment.
 *
 * An index is made once per chunk and holds nothing that the chunk does not say, so everything
 * here is a pure function of the chunk.
 */
import type { CheckFrame, Chunk, FlightColumns, NodeDelta } from '../../sim/index.ts';
import type { Position } from './position.ts';
import { countHappened, happened } from './position.ts';

export interface ChunkIndex {
  readonly deltasOf: ReadonlyMap<number, readonly NodeDelta[]>;
  /** The latest arrival among its flights: a picture after it need not look into this chunk. */
  readonly lastDueMicros: number;
  readonly bytes: number;
}

const indexes = new WeakMap<Chunk, ChunkIndex>();

export function indexOf(chunk: Chunk): ChunkIndex {
  const known = indexes.get(chunk);
  if (known !== undefined) return known;
  const deltasOf = new Map<number, NodeDelta[]>();
  for (const delta of chunk.deltas) {
    const list = deltasOf.get(delta.node.index);
    if (list === undefined) deltasOf.set(delta.node.index, [delta]);
    else list.push(delta);
  }
  let lastDueMicros = -1;
  for (let i = 0; i < chunk.flights.count; i++) {
    const due = chunk.flights.dueMicros[i]!;
    if (due > lastDueMicros) lastDueMicros = due;
  }
  const index = { deltasOf, lastDueMicros, bytes: bytesOf(chunk) };
  indexes.set(chunk, index);
  return index;
}

/** Bytes of one flight in the columns, with its label; of a node frame; of a line of the feed. */
const FLIGHT_BYTES = 5 * 8 + 2 * 2 + 2 + 40;
const NODE_FRAME_BYTES = 900;
const FEED_BYTES = 160;

/** About how much memory a chunk holds: it need not be exact, only bounded. */
export function bytesOf(chunk: Chunk): number {
  return (
    chunk.flights.count * FLIGHT_BYTES +
    chunk.eventMicros.byteLength +
    (chunk.keyframe.length + chunk.deltas.length) * NODE_FRAME_BYTES +
    chunk.feed.length * FEED_BYTES +
    chunk.gauges.reduce((sum, { values }) => sum + values.byteLength, 0)
  );
}

/** The buffers of a chunk that can move between threads without a copy. */
export function transferablesOf(chunk: Chunk): ArrayBuffer[] {
  const f = chunk.flights;
  const arrays: ArrayBufferView[] = [
    chunk.eventMicros,
    f.id,
    f.event,
    f.from,
    f.to,
    f.kind,
    f.fate,
    f.sentMicros,
    f.dueMicros,
    ...chunk.gauges.map((window) => window.values),
  ];
  // Columns may be windows on one buffer, and a buffer may be listed only once.
  const buffers = new Set<ArrayBuffer>();
  for (const array of arrays) {
    if (array.buffer instanceof ArrayBuffer && array.buffer.byteLength > 0) {
      buffers.add(array.buffer);
    }
  }
  return [...buffers];
}

/** How many of the flights had been sent at `position`. They are in the order of sending. */
export function countSent(flights: FlightColumns, position: Position): number {
  let low = 0;
  let high = flights.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const event = flights.event[middle]!;
    const past =
      event === position.event
        ? flights.sentMicros[middle]! <= position.micros
        : event < position.event;
    if (past) low = middle + 1;
    else high = middle;
  }
  return low;
}

function firstFlights(flights: FlightColumns, count: number): FlightColumns {
  return {
    count,
    id: flights.id.slice(0, count),
    event: flights.event.slice(0, count),
    from: flights.from.slice(0, count),
    to: flights.to.slice(0, count),
    kind: flights.kind.slice(0, count),
    fate: flights.fate.slice(0, count),
    sentMicros: flights.sentMicros.slice(0, count),
    dueMicros: flights.dueMicros.slice(0, count),
    label: flights.label.slice(0, count),
  };
}

/** How the checks stood at `position`, which lies in the chunk. */
export function checksAt(chunk: Chunk, position: Position): readonly CheckFrame[] {
  const checks = [...chunk.checks];
  for (const { check, micros, event, ...standing } of chunk.checkChanges) {
    if (!happened({ micros, event }, position)) break;
    checks[check] = { ...checks[check]!, ...standing };
  }
  return checks.map((check) => ({
    ...check,
    findings: check.findings.filter((finding) => happened(finding, position)),
  }));
}

/**
 * The part of `chunk` that had happened at `position`: what a branch from there shares with its
 * parent.
 */
export function cutChunk(chunk: Chunk, position: Position): Chunk {
  return {
    ...chunk,
    toMicros: position.micros,
    toEvent: position.event,
    eventMicros: chunk.eventMicros.slice(0, Math.max(0, position.event - chunk.fromEvent)),
    deltas: chunk.deltas.slice(0, countHappened(chunk.deltas, position)),
    flights: firstFlights(chunk.flights, countSent(chunk.flights, position)),
    feed: chunk.feed.slice(0, countHappened(chunk.feed, position)),
    faultChanges: chunk.faultChanges.slice(0, countHappened(chunk.faultChanges, position)),
    checks: checksAt(chunk, position),
    checkChanges: chunk.checkChanges.slice(0, countHappened(chunk.checkChanges, position)),
    metrics: chunk.metrics.filter((window) => window.toMicros <= position.micros),
    gauges: chunk.gauges.filter((window) => window.toMicros <= position.micros),
    ended: null,
  };
}
