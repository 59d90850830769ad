/**
 * `--trace FILE`: what happened, one JSON object a line, in the order in which the run produced it.
 *
 * Lines: `node` (who is who), `fact`, `message` (with both its times and its fate), `fault`,
 * `finding`, `end`. It is written while the run goes on, so that a long run needs no memory for it.
 */
import { FLIGHT_FATES, FLIGHT_KINDS } from '../sim/index.ts';
import type { Chunk, Session } from '../sim/index.ts';
import type { OutputFile } from './write-file.ts';

export class TraceWriter {
  private readonly session: Session;
  private readonly file: OutputFile;
  private readonly names = new Map<number, string>();
  private readonly findings = new Map<string, number>();

  constructor(session: Session, file: OutputFile) {
    this.session = session;
    this.file = file;
  }

  /** Writes what happened since the last call. */
  drain(): void {
    const chunk = this.session.takeChunk();
    const lines: string[] = [];
    this.nodes(chunk, lines);
    const timed = [...this.facts(chunk), ...this.messages(chunk), ...this.faults(chunk)];
    timed.sort((a, b) => a.event - b.event || a.order - b.order);
    for (const { event, order: _order, ...rest } of timed)
      lines.push(JSON.stringify({ ...rest, event }));
    this.newFindings(chunk, lines);
    if (lines.length > 0) this.file.write(`${lines.join('\n')}\n`);
  }

  close(): void {
    this.drain();
    const { session } = this;
    const end = {
      line: 'end',
      atMicros: session.nowMicros,
      event: session.eventNumber,
      ended: session.ended,
      traceHash: session.traceHash,
    };
    this.file.write(`${JSON.stringify(end)}\n`);
    this.file.close();
  }

  private nodes(chunk: Chunk, lines: string[]): void {
    const seen = [...chunk.keyframe, ...chunk.deltas.map((delta) => delta.node)];
    for (const node of seen) {
      if (this.names.has(node.index)) continue;
      this.names.set(node.index, node.name);
      const { index, id, name, group, component, zone } = node;
      lines.push(JSON.stringify({ line: 'node', index, id, name, group, component, zone }));
    }
  }

  private nameOf(node: number): string {
    return this.names.get(node) ?? String(node);
  }

  private facts(chunk: Chunk): readonly TimedLine[] {
    return chunk.feed.map((fact, order) => ({
      line: 'fact',
      atMicros: fact.micros,
      type: fact.type,
      node: this.nameOf(fact.node),
      text: fact.text,
      event: fact.event,
      order,
    }));
  }

  private messages(chunk: Chunk): readonly TimedLine[] {
    const { flights } = chunk;
    return Array.from({ length: flights.count }, (_, at) => ({
      line: 'message',
      atMicros: flights.sentMicros[at]!,
      dueMicros: flights.dueMicros[at]!,
      kind: FLIGHT_KINDS[flights.kind[at]!],
      fate: FLIGHT_FATES[flights.fate[at]!],
      from: this.nameOf(flights.from[at]!),
      to: this.nameOf(flights.to[at]!),
      text: flights.label[at]!,
      id: flights.id[at]!,
      event: flights.event[at]!,
      order: chunk.feed.length + at,
    }));
  }

  private faults(chunk: Chunk): readonly TimedLine[] {
    return chunk.faultChanges.map((change, at) => ({
      line: 'fault',
      atMicros: change.micros,
      change: change.change,
      type: change.fault.type,
      by: change.fault.by,
      text: change.fault.label,
      id: change.fault.id,
      event: change.event,
      // A fault changes between two events, so before what the next one does.
      order: -chunk.faultChanges.length + at,
    }));
  }

  /** A chunk shows all findings so far; each is written once. */
  private newFindings(chunk: Chunk, lines: string[]): void {
    for (const check of chunk.checks) {
      const known = this.findings.get(check.id) ?? 0;
      for (const finding of check.findings.slice(known)) {
        const { micros: atMicros, event, why, evidence } = finding;
        lines.push(
          JSON.stringify({ line: 'finding', atMicros, check: check.id, why, evidence, event }),
        );
      }
      this.findings.set(check.id, check.findings.length);
    }
  }
}

interface TimedLine {
  readonly line: string;
  readonly event: number;
  readonly order: number;
  readonly [name: string]: unknown;
}
