/**
 * What proves a finding: a finding carries the numbers of events, and the run says what happened
 * in them, and which messages brought them about or would have prevented them.
 *
 * The run is made once more up to the last of them, with everything watched; observing it changes
 * nothing, so these are the events that the check saw. It is made in slices, for whoever must give
 * way in between.
 */
import { causeChain } from '../observe/cause-chain.ts';
import type { CauseChain, ChainLink, Telling, Witness } from '../observe/cause-chain.ts';
import type { SentPacket } from '../observe/causes.ts';
import type { Chunk, FaultChange, FaultFrame } from '../observe/frame.ts';
import type { AnyScenario } from '../scenario/scenario.ts';
import type { FindingReport } from './report.ts';
import { Session } from './session.ts';
import type { RunSpec } from './spec.ts';

/** One event of the proof. */
export interface ProofEvent {
  readonly event: number;
  /** Null where the run tells nothing of the event, or was not asked. */
  readonly atMicros: number | null;
  readonly sentences: readonly string[];
}

/** One message of the proof. */
export interface ProofMessage {
  /** The event during which it was sent. */
  readonly event: number;
  readonly atMicros: number;
  /** "n1 sends n3: ...", and where it told nobody, why: "cut (n1, n2 | n3 cut apart)". */
  readonly text: string;
  readonly isMissing: boolean;
}

/** Messages that belong together: "How the answer came". */
export interface ProofStep {
  readonly title: string;
  readonly messages: readonly ProofMessage[];
}

export interface Proof {
  readonly events: readonly ProofEvent[];
  readonly steps: readonly ProofStep[];
}

export const NO_PROOF: Proof = { events: [], steps: [] };

/** Of a long proof only so many events are told. */
export const PROOF_EVENTS_MAX = 6;
/** Of a step of many messages people are shown so many. */
export const PROOF_MESSAGES_SHOWN = 12;
/** Of so many things before the last the way is told. */
const TOLD_MAX = 3;
/** Beyond this event the numbers alone are told: nobody waits for a second run so long. */
const EVENTS_MAX = 2_000_000;
/** A longer stretch has no causes: what led to what takes memory for each event. */
const STRETCH_MAX = 500_000;
/** Before the first event of a proof: what brought it about. */
const LOOK_BACK = 20_000;
/** After a proof that is one operation alone: what became of its messages. */
const LOOK_AHEAD = 5_000;
/** Between two drains, so that a long run needs no memory for what it does not tell. */
const SLICE_EVENTS = 20_000;
const SENTENCES_MAX = 2;

/** What of a finding is asked for. */
export type Proven = Pick<FindingReport, 'event' | 'evidence'>;

export class ProofRun {
  readonly #evidence: readonly number[];
  readonly #seenIn: number;
  readonly #events: readonly number[];
  readonly #last: number;
  readonly #told: ToldEvents;
  readonly #faults: FaultChange[] = [];
  #session: Session | null = null;

  constructor(finding: Proven | null, spec: RunSpec, scenarios: readonly AnyScenario[]) {
    this.#evidence = finding?.evidence ?? [];
    this.#seenIn = finding?.event ?? 0;
    this.#events = this.#evidence.slice(0, PROOF_EVENTS_MAX);
    this.#told = new ToldEvents(this.#events);
    const first = Math.min(Infinity, ...this.#evidence);
    const last = Math.max(0, ...this.#evidence);
    this.#last = last + LOOK_AHEAD;
    if (this.#events.length === 0 || last > EVENTS_MAX) return;
    const observe = { frames: true, history: false, checks: false, metrics: false };
    const isShort = this.#last - first <= STRETCH_MAX;
    const causesFromEvent = Math.max(0, first - 1 - LOOK_BACK);
    this.#session = new Session(spec, {
      scenarios,
      observe: isShort ? { ...observe, causesFromEvent } : observe,
      checkpoints: false,
    });
  }

  /** Runs on for a while. False: there is nothing left to run. */
  slice(): boolean {
    const session = this.#session;
    if (session === null || session.ended !== null || session.eventNumber >= this.#last) {
      return false;
    }
    session.advance({ events: Math.min(SLICE_EVENTS, this.#last - session.eventNumber) });
    const chunk = session.takeChunk();
    this.#told.read(chunk, session);
    this.#faults.push(...chunk.faultChanges);
    return true;
  }

  result(): Proof {
    const session = this.#session;
    const log = session?.observers.causes ?? null;
    const chain = log === null ? null : causeChain(log, this.#evidence, this.#seenIn);
    const events = this.#events.map((event) => this.#told.line(event));
    if (session === null || log === null || chain === null) return { events, steps: [] };
    const words = new Words(session, this.#faults);
    return { events, steps: words.stepsOf(chain) };
  }
}

/** All at once. */
export function proofOf(
  finding: Proven | null,
  spec: RunSpec,
  scenarios: readonly AnyScenario[],
): Proof {
  const run = new ProofRun(finding, spec, scenarios);
  while (run.slice());
  return run.result();
}

/** A chain of causes in sentences. */
class Words {
  readonly #session: Session;
  readonly #faults: readonly FaultChange[];

  constructor(session: Session, faults: readonly FaultChange[]) {
    this.#session = session;
    this.#faults = faults;
  }

  stepsOf({ last, answer, answeredIn, told, silent }: CauseChain): readonly ProofStep[] {
    const { causes } = this.#session.observers;
    const who = this.#name(causes!.events[answeredIn - causes!.first]!.node);
    const steps: ProofStep[] = [];
    const from = last.operation === null ? 'what led to it' : `how ${wordsOf(last)} was answered`;
    steps.push({ title: from, messages: this.#messages(answer) });
    for (const telling of told.slice(0, TOLD_MAX)) steps.push(this.#telling(telling, who));
    if (silent.length > 0) {
      steps.push({ title: 'what it sent and nobody heard', messages: this.#messages(silent) });
    }
    return steps.filter(
      ({ title, messages }) => messages.length > 0 || title.startsWith('nothing'),
    );
  }

  #telling({ of, by, isOwn, missed }: Telling, who: string): ProofStep {
    const what = of.operation === null ? this.#eventWords(of) : wordsOf(of);
    const isTold = by !== null && by.every(({ silence }) => silence === null);
    if (isTold && isOwn) return this.#step(`how ${who} had been told of ${what}`, by);
    if (missed.length > 0 && (isTold || by === null)) {
      return this.#step(`what was sent for ${what} and not there in time`, missed);
    }
    if (by === null) {
      return this.#step(`nothing was sent that could have told ${who} of ${what} by then`, []);
    }
    const title = isTold ? `how ${who} can have known of` : `how ${who} would have been told of`;
    return this.#step(`${title} ${what}`, by);
  }

  #step(title: string, links: readonly ChainLink[]): ProofStep {
    return { title, messages: this.#messages(links) };
  }

  #eventWords({ from }: Witness): string {
    const { causes } = this.#session.observers;
    return `what happened at ${this.#name(causes!.events[from - causes!.first]!.node)}`;
  }

  #messages(links: readonly ChainLink[]): readonly ProofMessage[] {
    const causes = this.#session.observers.causes!;
    return links.map(({ packet, silence }) => {
      const sent = causes.packets[packet]!;
      const [from, to] = [this.#name(sent.from), this.#name(sent.to)];
      const why = silence === null ? '' : `: ${this.#silence(sent, silence)}`;
      return {
        event: sent.event,
        atMicros: sent.sentMicros,
        text: `${from} sends ${to}: ${causes.wordsOf(packet)}${why}`,
        isMissing: silence !== null,
      };
    });
  }

  #silence(sent: SentPacket, silence: NonNullable<ChainLink['silence']>): string {
    const millis = Math.round((sent.dueMicros - sent.sentMicros) / 1_000);
    if (silence === 'late') {
      return sent.handledIn === 0 ? 'not handled by then' : `too late, ${millis} ms on its way`;
    }
    const said = silence === 'unheard' ? `${this.#name(sent.to)} did not run` : silence;
    const at = silence === 'unheard' ? sent.dueMicros : sent.sentMicros;
    const fault = this.#inForce(at).find((one) => explains(one, sent, silence));
    return fault === undefined ? said : `${said} (${fault.label})`;
  }

  #inForce(micros: number): readonly FaultFrame[] {
    const active = new Map<string, FaultFrame>();
    for (const { micros: at, change, fault } of this.#faults) {
      if (at > micros) break;
      if (change === 'start') active.set(fault.id, fault);
      else active.delete(fault.id);
    }
    return [...active.values()];
  }

  #name(node: number): string {
    return this.#session.world.node(node).name;
  }
}

const wordsOf = ({ operation }: Witness): string => operation?.words ?? '';

function explains(
  { islands, cutLinks, nodes, type }: FaultFrame,
  { from, to }: SentPacket,
  silence: NonNullable<ChainLink['silence']>,
): boolean {
  if (silence === 'cut') {
    const apart = islands.some((one) => one.includes(from)) && !islands.some(both(from, to));
    return apart || cutLinks.some(([a, b]) => a === from && b === to);
  }
  if (silence === 'lost') return type === 'loss' && nodes.includes(from) && nodes.includes(to);
  return ['crash', 'terminate', 'pause'].includes(type) && nodes.includes(to);
}

const both =
  (a: number, b: number) =>
  (island: readonly number[]): boolean =>
    island.includes(a) && island.includes(b);

interface Happened {
  atMicros: number;
  readonly facts: string[];
  readonly messages: string[];
}

/** What was told of the events that are asked for. */
class ToldEvents {
  readonly #wanted: ReadonlySet<number>;
  readonly #happened = new Map<number, Happened>();

  constructor(events: readonly number[]) {
    this.#wanted = new Set(events);
  }

  read({ feed, flights }: Chunk, session: Session): void {
    for (const fact of feed) {
      if (this.#wanted.has(fact.event)) this.#of(fact.event, fact.micros).facts.push(fact.text);
    }
    const name = (index: number): string => session.world.node(index).name;
    for (let at = 0; at < flights.count; at++) {
      const event = flights.event[at]!;
      if (!this.#wanted.has(event)) continue;
      const [from, to] = [name(flights.from[at]!), name(flights.to[at]!)];
      const message = `${from} sends ${to}: ${flights.label[at]!}`;
      this.#of(event, flights.sentMicros[at]!).messages.push(message);
    }
  }

  #of(event: number, atMicros: number): Happened {
    const known = this.#happened.get(event);
    if (known !== undefined) return known;
    const fresh: Happened = { atMicros, facts: [], messages: [] };
    this.#happened.set(event, fresh);
    return fresh;
  }

  line(event: number): ProofEvent {
    const happened = this.#happened.get(event);
    if (happened === undefined) return { event, atMicros: null, sentences: [] };
    const { atMicros, facts, messages } = happened;
    // Many messages at once are a round that the fact already tells of.
    const rest = facts.length === 0 || messages.length === 1 ? messages : [];
    return { event, atMicros, sentences: [...facts, ...rest].slice(0, SENTENCES_MAX) };
  }
}
