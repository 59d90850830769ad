/**
 * The picture of a run at one moment: a pure function of the chunks and the position.
 *
 * Nothing is remembered from one picture to the next, so scrubbing, slow motion and reverse are
 * the same call with another position.
 */
import type {
  CheckFrame,
  FaultFrame,
  FindingFrame,
  FlightColumns,
  NodeFrame,
} from '../../sim/index.ts';
import { FLIGHT_FATES } from '../../sim/index.ts';
import { checksAt, countSent, indexOf } from './chunk.ts';
import type { Position } from './position.ts';
import { countHappened, happened } from './position.ts';
import type { Slot } from './timeline.ts';

/** Flights of one chunk that are under way: rows of its columns. */
export interface FlightsUnderWay {
  readonly columns: FlightColumns;
  readonly rows: readonly number[];
}

export interface Scene {
  readonly position: Position;
  readonly nodes: readonly NodeFrame[];
  readonly flights: readonly FlightsUnderWay[];
  readonly flightCount: number;
  readonly faults: readonly FaultFrame[];
  readonly checks: readonly CheckFrame[];
  readonly findings: readonly FindingFrame[];
  /** Set at the last moment of the run. */
  readonly ended: string | null;
}

/** The nodes a while ago: from the difference come rates. */
export interface Lately {
  readonly nodes: readonly NodeFrame[];
  readonly micros: number;
}

const NOWHERE: Scene = {
  position: { micros: 0, event: 0 },
  nodes: [],
  flights: [],
  flightCount: 0,
  faults: [],
  checks: [],
  findings: [],
  ended: null,
};

/** The scene at `position`, which lies in slot `at`; empty where that stretch is not at hand. */
export function sceneAt(slots: readonly Slot[], at: number, position: Position): Scene {
  const chunk = slots[at]?.chunk ?? null;
  if (chunk === null) return { ...NOWHERE, position };
  const atEnd = position.event === chunk.toEvent && position.micros === chunk.toMicros;
  const flights = flightsAt(slots, at, position);
  let flightCount = 0;
  for (const batch of flights) flightCount += batch.rows.length;
  return {
    position,
    nodes: nodesAt(slots, at, position),
    flights,
    flightCount,
    faults: faultsAt(slots, at, position),
    // At the last moment they are judged, and no event tells.
    checks: atEnd ? chunk.checks : checksAt(chunk, position),
    findings: findingsAt(chunk.checks, position),
    ended: atEnd ? chunk.ended : null,
  };
}

export function nodesAt(slots: readonly Slot[], at: number, position: Position): NodeFrame[] {
  const chunk = slots[at]!.chunk!;
  const { deltasOf } = indexOf(chunk);
  const nodes: NodeFrame[] = [];
  const seen = new Set<number>();
  const latest = (index: number): NodeFrame | null => {
    const deltas = deltasOf.get(index);
    if (deltas === undefined) return null;
    const count = countHappened(deltas, position);
    return count === 0 ? null : deltas[count - 1]!.node;
  };
  for (const frame of chunk.keyframe) {
    seen.add(frame.index);
    nodes.push(latest(frame.index) ?? frame);
  }
  for (const index of deltasOf.keys()) {
    if (seen.has(index)) continue;
    const spawned = latest(index);
    if (spawned !== null) nodes.push(spawned);
  }
  return nodes.filter((node) => node.status !== 'retired').sort((a, b) => a.index - b.index);
}

function flightsAt(slots: readonly Slot[], at: number, position: Position): FlightsUnderWay[] {
  const batches: FlightsUnderWay[] = [];
  for (let i = at; i >= 0; i--) {
    const chunk = slots[i]!.chunk;
    // Before a husk nothing is known; a flight that long is drawn again once it is filled.
    if (chunk === null) break;
    if (indexOf(chunk).lastDueMicros <= position.micros) continue;
    const columns = chunk.flights;
    const sent = i === at ? countSent(columns, position) : columns.count;
    const rows: number[] = [];
    for (let row = 0; row < sent; row++) {
      if (columns.dueMicros[row]! > position.micros) rows.push(row);
    }
    if (rows.length > 0) batches.push({ columns, rows });
  }
  return batches;
}

function faultsAt(slots: readonly Slot[], at: number, position: Position): FaultFrame[] {
  const chunk = slots[at]!.chunk!;
  const inForce = new Map(chunk.faults.map((fault) => [fault.id, fault]));
  for (const change of chunk.faultChanges) {
    if (!happened(change, position)) break;
    if (change.change === 'start') inForce.set(change.fault.id, change.fault);
    else inForce.delete(change.fault.id);
  }
  return [...inForce.values()];
}

/** Findings are stamped, so those of the chunk under way can be told apart by their moment. */
function findingsAt(checks: readonly CheckFrame[], position: Position): FindingFrame[] {
  const findings: FindingFrame[] = [];
  for (const check of checks) {
    for (const finding of check.findings) if (happened(finding, position)) findings.push(finding);
  }
  return findings.sort((a, b) => a.event - b.event || a.micros - b.micros);
}

export const FATE_DELIVERED = FLIGHT_FATES.indexOf('delivered');
export const FATE_DUPLICATE = FLIGHT_FATES.indexOf('duplicate');

/** A lost message gets this share of the way before it ends with a cross. */
export const LOST_AT = 0.55;

/** How far a flight has come, 0 to 1, and whether it has ended with a cross. */
export function flightProgress(
  columns: FlightColumns,
  row: number,
  micros: number,
): { readonly share: number; readonly crossed: boolean } {
  const sent = columns.sentMicros[row]!;
  const span = columns.dueMicros[row]! - sent;
  const share = span <= 0 ? 1 : Math.min(1, Math.max(0, (micros - sent) / span));
  const fate = columns.fate[row]!;
  if (fate === FATE_DELIVERED || fate === FATE_DUPLICATE || share < LOST_AT) {
    return { share, crossed: false };
  }
  return { share: LOST_AT, crossed: true };
}
