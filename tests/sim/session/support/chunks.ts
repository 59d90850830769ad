/** Chunks put together again: what a page that kept them all would know of the run. */
import type { Chunk, FlightColumns } from 'faultline';

function flights(columns: FlightColumns): object[] {
  return Array.from({ length: columns.count }, (_, i) => ({
    id: columns.id[i],
    event: columns.event[i],
    from: columns.from[i],
    to: columns.to[i],
    kind: columns.kind[i],
    fate: columns.fate[i],
    sent: columns.sentMicros[i],
    due: columns.dueMicros[i],
    label: columns.label[i],
  }));
}

/** A chunk says first how checks stand: that is no change, where the one before ended so. */
function checkChanges(chunks: readonly Chunk[]) {
  const last = new Map<number, string>();
  const changes = chunks.flatMap((chunk) => chunk.checkChanges);
  return changes.filter(({ check, verdict, status }) => {
    const before = last.get(check);
    last.set(check, `${verdict} ${status}`);
    return before !== last.get(check);
  });
}

export function joined(chunks: readonly Chunk[]) {
  const first = chunks[0] as Chunk;
  const last = chunks.at(-1) as Chunk;
  return {
    from: [first.fromMicros, first.fromEvent],
    to: [last.toMicros, last.toEvent],
    keyframe: first.keyframe,
    faultsAtFirst: first.faults,
    eventMicros: chunks.flatMap((chunk) => [...chunk.eventMicros]),
    deltas: chunks.flatMap((chunk) => chunk.deltas),
    flights: chunks.flatMap((chunk) => flights(chunk.flights)),
    feed: chunks.flatMap((chunk) => chunk.feed),
    faultChanges: chunks.flatMap((chunk) => chunk.faultChanges),
    metrics: chunks.flatMap((chunk) => chunk.metrics),
    gauges: chunks.flatMap((chunk) => chunk.gauges),
    checkChanges: checkChanges(chunks),
    checks: last.checks,
    story: last.storyMicros,
    traceHash: last.traceHash,
    ended: last.ended,
  };
}
