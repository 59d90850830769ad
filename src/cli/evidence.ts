/**
 * What proves a finding, in sentences: a finding carries the numbers of events, and the run says
 * what happened in them. The run is made once more up to the last of them, with everything watched;
 * observing it changes nothing, so these are the events that the check saw.
 */
import { Session } from '../sim/index.ts';
import type { Chunk, FindingReport, RunSpec } from '../sim/index.ts';
import type { Subject } from './subject.ts';

/** One event of the proof. */
export interface ProofLine {
  readonly event: number;
  /** Null where the run tells nothing of the event, or was not asked. */
  readonly atMicros: number | null;
  readonly sentences: readonly string[];
}

/** Of a long proof only so many events are told. */
export const PROOF_LINES_MAX = 6;
/** Beyond this event the numbers alone are told: nobody waits for a second run so long. */
const EVENTS_MAX = 2_000_000;
/** Between two drains, so that a long run needs no memory for what it does not tell. */
const SLICE_EVENTS = 20_000;
const SENTENCES_MAX = 2;

export function proofOf(
  finding: FindingReport | null,
  spec: RunSpec,
  subject: Subject,
): readonly ProofLine[] {
  const events = (finding?.evidence ?? []).slice(0, PROOF_LINES_MAX);
  const last = Math.max(0, ...events);
  const told = new Told(events);
  if (events.length > 0 && last <= EVENTS_MAX) {
    const observe = { frames: true, history: false, checks: false, metrics: false };
    const { scenarios } = subject;
    const session = new Session(spec, { scenarios, observe, checkpoints: false });
    while (session.ended === null && session.eventNumber < last) {
      session.advance({ events: Math.min(SLICE_EVENTS, last - session.eventNumber) });
      told.read(session.takeChunk(), session);
    }
  }
  return events.map((event) => told.line(event));
}

interface Happened {
  atMicros: number;
  readonly facts: string[];
  readonly messages: string[];
}

/** What was told of the events that are asked for. */
class Told {
  private readonly wanted: ReadonlySet<number>;
  private readonly happened = new Map<number, Happened>();

  constructor(events: readonly number[]) {
    this.wanted = new Set(events);
  }

  read({ feed, flights }: Chunk, session: Session): void {
    for (const fact of feed) {
      if (this.wanted.has(fact.event)) this.of(fact.event, fact.micros).facts.push(fact.text);
    }
    const name = (index: number): string => session.world.node(index).name;
    for (let at = 0; at < flights.count; at++) {
      const event = flights.event[at]!;
      if (!this.wanted.has(event)) continue;
      const [from, to] = [name(flights.from[at]!), name(flights.to[at]!)];
      const message = `${from} sends ${to}: ${flights.label[at]!}`;
      this.of(event, flights.sentMicros[at]!).messages.push(message);
    }
  }

  private of(event: number, atMicros: number): Happened {
    const known = this.happened.get(event);
    if (known !== undefined) return known;
    const fresh: Happened = { atMicros, facts: [], messages: [] };
    this.happened.set(event, fresh);
    return fresh;
  }

  line(event: number): ProofLine {
    const happened = this.happened.get(event);
    if (happened === undefined) return { event, atMicros: null, sentences: [] };
    const { atMicros, facts, messages } = happened;
    // Many messages at once are a round that the fact already tells of.
    const rest = facts.length === 0 || messages.length === 1 ? messages : [];
    return { event, atMicros, sentences: [...facts, ...rest].slice(0, SENTENCES_MAX) };
  }
}
