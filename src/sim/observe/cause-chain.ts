/**
 * The smallest set of messages that explains a finding: how the last answer of its proof came
 * about, and for each thing before it that the answer should have known, the messages that told
 * whoever answered of it, or those that would have and did not arrive.
 *
 * Invariants
 *  - The answer's messages are one path: each was sent while the one before it was handled, or at
 *    the same node later. Nothing in it can go.
 *  - Knowledge travels by messages between nodes, and inside a node forwards in time, never through
 *    a client: what a client has seen is not what a store was told.
 *  - That a message was sent by a node that knew does not say that it told: only of those sent for
 *    the thing itself (whose sending it led to, step by step) is that said.
 *  - Of all ways in which whoever answered could have been told, the one is given that lacks the
 *    fewest messages, and among those the one of the fewest messages.
 *
 * Source: happened-before of Lamport 1978; the restriction to witnesses is our own.
 */
import type { NodeIndex } from '../node/behaviour.ts';
import { BEFORE, NO_PACKET } from './causes.ts';
import type { CauseRecord, CausedEvent, SeenOperation, SentPacket } from './causes.ts';

/** One thing of the proof: an operation, or an event that is none. */
export interface Witness {
  readonly operation: SeenOperation | null;
  readonly from: number;
  readonly to: number;
}

/** Why a packet told nothing: lost, cut, arrived too late, or reached a node that was down. */
export type Silence = 'lost' | 'cut' | 'late' | 'unheard';

export interface ChainLink {
  readonly packet: number;
  /** Null: it arrived, and was handled in time. */
  readonly silence: Silence | null;
}

export interface Telling {
  readonly of: Witness;
  /** Null: nothing was sent that could have told it. */
  readonly by: readonly ChainLink[] | null;
  /** Each of them was sent for the witness; else one may have spoken of something else. */
  readonly isOwn: boolean;
  /** What was sent for it to those who had a part in the answer, and was not there in time. */
  readonly missed: readonly ChainLink[];
}

export interface CauseChain {
  /** What cannot be, given the others. */
  readonly last: Witness;
  /** How its answer came. */
  readonly answer: readonly ChainLink[];
  /** The event in which the answer was given: whoever gave it knew what it knew then. */
  readonly answeredIn: number;
  readonly told: readonly Telling[];
  /** Of a proof that is one operation alone: packets that were sent for it and told nobody. */
  readonly silent: readonly ChainLink[];
}

const SILENT_MAX = 3;
/** A message that did not arrive weighs more than any number of those that did. */
const MISSING = 1e6;
/** Rather those that were sent for the operation than others that passed the same way. */
const OWN = 2;
const OTHER = 3;

/**
 * `seenIn` is the event of the finding: what ended in it is what cannot be, else whatever ended
 * last. Null where the record does not hold the events of the proof.
 */
export function causeChain(
  record: CauseRecord,
  evidence: readonly number[],
  seenIn = BEFORE,
): CauseChain | null {
  const witnesses = witnessesOf(record, evidence);
  const last = witnesses.find(({ to }) => to === seenIn) ?? witnesses.at(-1);
  if (last === undefined) return null;
  const answer = answerOf(record, last);
  const final = answer.at(-1);
  const sentIn = final === undefined ? BEFORE : packetOf(record, final.packet).event;
  const answeredIn = sentIn > last.from ? sentIn : last.to;
  const earlier = witnesses.filter((one) => one !== last && one.from <= answeredIn);
  const until = untilOf(record, answer, answeredIn);
  const told = earlier.map((of): Telling => {
    const by = pathTo(record, of, answeredIn, true);
    const own = ownOf(record, of);
    const isOwn = by !== null && by.every(({ packet }) => own.has(packet));
    return { of, by, isOwn, missed: missedOf(record, own, (node) => until.get(node) ?? BEFORE) };
  });
  const end = record.first + record.events.length - 1;
  const silent = told.length > 0 ? [] : missedOf(record, ownOf(record, last), () => end);
  return {
    last,
    answer,
    answeredIn,
    told,
    silent: silent.filter(({ silence }) => silence !== 'late').slice(0, SILENT_MAX),
  };
}

/** In the order in which they ended. An operation counts when all that is known of it is named. */
export function witnessesOf(record: CauseRecord, evidence: readonly number[]): readonly Witness[] {
  const named = new Set(evidence);
  const witnesses: Witness[] = [];
  const told = new Set<number>();
  for (const operation of record.operations) {
    const { call, ret } = operation;
    if (!named.has(call) || ret === null || !named.has(ret)) continue;
    witnesses.push({ operation, from: call, to: ret });
    told.add(call);
    told.add(ret);
  }
  const lastEvent = record.first + record.events.length - 1;
  for (const event of named) {
    if (told.has(event) || event < record.first || event > lastEvent) continue;
    const open = record.operations.find(({ call, ret }) => call === event && ret === null);
    witnesses.push({ operation: open ?? null, from: event, to: event });
  }
  return witnesses.sort((a, b) => a.to - b.to || a.from - b.from);
}

/**
 * Back from the end of a witness: each event to the packet that it handled or to the event that
 * scheduled it, as far as its beginning. Where an answer was triggered by something older (a
 * batch, a tick), the beginning is joined to the first event that it can have reached.
 */
function answerOf(record: CauseRecord, { operation, from, to }: Witness): readonly ChainLink[] {
  const links: ChainLink[] = [];
  let at = to;
  // An event that is no operation: back to what no message led to, a timer or a start.
  const begin = operation === null ? BEFORE : from;
  while (at > begin) {
    const { packet, cause, isOfTime } = eventOf(record, at);
    const before = packet === NO_PACKET ? cause : packetOf(record, packet).event;
    if (before === begin) return [...heard(packet), ...links];
    if (before < begin || before === BEFORE || (operation === null && isOfTime)) {
      // Older than the question: what the node itself knew by then came on another way.
      const whole = operation === null ? [] : pathTo(record, { operation, from, to }, at, false);
      return [...(whole ?? []), ...links];
    }
    links.unshift(...heard(packet));
    at = before;
  }
  return links;
}

const heard = (packet: number): readonly ChainLink[] =>
  packet === NO_PACKET ? [] : [{ packet, silence: null }];

/** A packet on its hypothetical way. */
interface Waiting {
  readonly due: number;
  readonly cost: number;
  readonly packet: number;
}

/**
 * The way by which `to` can have been told of what began with a witness, the cheapest; with
 * `missing`, also by packets that did not arrive in time. One pass: all edges go forward.
 */
function pathTo(
  record: CauseRecord,
  { from, to: until }: Witness,
  to: number,
  missing: boolean,
): readonly ChainLink[] | null {
  const relays = relaysOf(record);
  const source = eventOf(record, from).node;
  const size = to - from + 1;
  const cost = new Float64Array(size).fill(Infinity);
  /** By which packet, or from which event of the same node. */
  const via = new Float64Array(size).fill(NO_PACKET);
  const before = new Float64Array(size).fill(BEFORE);
  const isOwn = new Uint8Array(size);
  const latest = new Map<NodeIndex, number>();
  const waiting = new Map<NodeIndex, Waiting[]>();
  let next = firstSentIn(record, from);
  for (let event = from; event <= to; event++) {
    const at = event - from;
    const { node, micros, packet, cause } = eventOf(record, event);
    const sent = packet === NO_PACKET ? cause : packetOf(record, packet).event;
    if (event === from || (sent >= from && isOwn[sent - from] === 1)) isOwn[at] = 1;
    const isRelay = event === from || !relays.has(node) || (node === source && event <= until);
    const offer = (price: number, by: number, origin: number): void => {
      if (price >= (cost[at] as number)) return;
      cost[at] = price;
      via[at] = by;
      before[at] = origin;
    };
    if (event === from) cost[at] = 0;
    else if (isRelay || event === to) {
      const previous = latest.get(node);
      if (previous !== undefined) offer(cost[previous - from] as number, NO_PACKET, previous);
      if (packet !== NO_PACKET && sent >= from) {
        offer((cost[sent - from] as number) + weightOf(isOwn, sent - from), packet, sent);
      }
      for (const one of waiting.get(node) ?? []) {
        if (one.due <= micros) offer(one.cost, one.packet, packetOf(record, one.packet).event);
      }
    }
    latest.set(node, event);
    for (; next < record.packets.length; next++) {
      const leaving = packetOf(record, next);
      if (leaving.event > event) break;
      const silence = missing ? silenceOf(leaving, eventOf(record, to), to) : null;
      if (silence === null || cost[at] === Infinity) continue;
      const due = silence === 'late' ? leaving.sentMicros : leaving.dueMicros;
      const price = (cost[at] as number) + MISSING + weightOf(isOwn, at);
      const known = waiting.get(leaving.to);
      const one = { due, cost: price, packet: next };
      if (known === undefined) waiting.set(leaving.to, [one]);
      else if (known.every((other) => other.cost > price || other.due > due)) known.push(one);
    }
  }
  if (cost[to - from] === Infinity) return null;
  return backFrom(record, { from, to, via, before });
}

const weightOf = (isOwn: Uint8Array, at: number): number => (isOwn[at] === 1 ? OWN : OTHER);

function backFrom(
  record: CauseRecord,
  found: { from: number; to: number; via: Float64Array; before: Float64Array },
): readonly ChainLink[] {
  const { from, to, via, before } = found;
  const links: ChainLink[] = [];
  for (let at = to; at > from; at = before[at - from] as number) {
    const packet = via[at - from] as number;
    if (packet === NO_PACKET) continue;
    const silence = silenceOf(packetOf(record, packet), eventOf(record, to), to);
    links.unshift({ packet, silence });
  }
  return links;
}

/** Why a packet told nothing by the time of an event, or null: it did. */
function silenceOf(packet: SentPacket, by: CausedEvent, event: number): Silence | null {
  if (packet.fate !== 'delivered') return packet.fate;
  if (packet.handledIn !== BEFORE && packet.handledIn <= event) return null;
  return packet.handledIn === BEFORE && packet.dueMicros < by.micros ? 'unheard' : 'late';
}

/** Clients: what one of them has seen is not what it tells a store. */
function relaysOf(record: CauseRecord): ReadonlySet<NodeIndex> {
  return new Set(record.operations.map(({ client }) => client));
}

/** The packets that were sent for a witness: its beginning led to each, step by step. */
function ownOf(record: CauseRecord, { from }: Witness): ReadonlySet<number> {
  const { first, events, packets } = record;
  const led = new Set([from]);
  const own = new Set<number>();
  let next = firstSentIn(record, from);
  for (let event = from; event < first + events.length; event++) {
    const { packet, cause } = eventOf(record, event);
    if (led.has(packet === NO_PACKET ? cause : packetOf(record, packet).event)) led.add(event);
    for (; next < packets.length && packetOf(record, next).event <= event; next++) {
      if (led.has(event)) own.add(next);
    }
  }
  return own;
}

/** By node that had a part in an answer: the event of its last word in it. */
function untilOf(
  record: CauseRecord,
  answer: readonly ChainLink[],
  answeredIn: number,
): ReadonlyMap<NodeIndex, number> {
  const clients = relaysOf(record);
  const until = new Map<NodeIndex, number>();
  for (const { packet } of answer) {
    const { from, event } = packetOf(record, packet);
    if (!clients.has(from)) until.set(from, event);
  }
  const { node } = eventOf(record, answeredIn);
  if (!clients.has(node)) until.set(node, answeredIn);
  return until;
}

/** Of some packets the first to each node that was not there by an event of that node. */
function missedOf(
  record: CauseRecord,
  packets: ReadonlySet<number>,
  untilOfNode: (node: NodeIndex) => number,
): readonly ChainLink[] {
  const links = new Map<NodeIndex, ChainLink | null>();
  for (const packet of packets) {
    const { to, event } = packetOf(record, packet);
    const until = untilOfNode(to);
    if (event > until || links.get(to) === null) continue;
    const silence = silenceOf(packetOf(record, packet), eventOf(record, until), until);
    // Who heard one of them has been told.
    if (silence === null) links.set(to, null);
    else if (!links.has(to)) links.set(to, { packet, silence });
  }
  return [...links.values()].filter((link) => link !== null);
}

/** Packets are in the order of their events. */
function firstSentIn({ packets }: CauseRecord, event: number): number {
  let [low, high] = [0, packets.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((packets[middle] as SentPacket).event < event) low = middle + 1;
    else high = middle;
  }
  return low;
}

const eventOf = (record: CauseRecord, event: number): CausedEvent =>
  record.events[event - record.first] as CausedEvent;
const packetOf = (record: CauseRecord, packet: number): SentPacket =>
  record.packets[packet] as SentPacket;
