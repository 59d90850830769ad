/**
 * The network: how long a packet takes from node to node, and whether it arrives.
 *
 * Each directed link has its own random stream and draws for every packet before any rule is asked,
 * so that a fault never shifts the draws of the packets around it. Packets overtake each other
 * unless the link is `fifo` or they belong to one connection. A packet is judged when it is sent:
 * what is past the cut when it falls, arrives.
 *
 * Leaves out: bandwidth and queues at interfaces, connection set-up, packet sizes.
 */
import { compareText } from '../kernel/canonical.ts';
import type { StreamBank, Stream } from '../kernel/random.ts';
import { LONGEST_MICROS, SLOWEST_FACTOR } from '../kernel/time.ts';
import { sampleMicros } from '../policies/distribution.ts';
import type { Distribution } from '../policies/distribution.ts';
import { CUT, PASS } from './packet-rule.ts';
import type { Packet, PacketRule, Verdict } from './packet-rule.ts';

/** What a directed link is like when nothing is broken. */
export interface LinkSettings {
  readonly latency: Distribution;
  readonly lossProbability: number;
  readonly duplicateProbability: number;
  readonly fifo: boolean;
}

/** Where the settings of a directed link come from: the built topology. */
export type LinkResolver = (from: number, to: number) => LinkSettings;

interface Link {
  readonly settings: LinkSettings;
  readonly stream: Stream;
  /** What every packet takes where nothing is drawn for it and any order will do, or -1. */
  readonly steadyMicros: number;
  readonly key: number;
  /** Whether any of its packets keep their order; then: when the last one of these arrives. */
  isOrdered: boolean;
  lastDueMicros: number;
}

/** Sender and receiver in one number: there are never so many nodes. */
const KEY_SPAN = 65_536;
/** Receivers that are found by their place: a row for each of ten thousand senders stays small. */
const NEAR_MAX = 512;

export const FATE_DELIVERED = 0;
export const FATE_LOST = 1;
export const FATE_CUT = 2;

export interface NetworkImage {
  readonly lastDue: readonly (readonly [number, number])[];
  readonly rules: readonly { readonly rule: PacketRule; readonly image: unknown }[];
  readonly sent: number;
  readonly lost: number;
}

/** How a link's packets go where they all go alike: at once by what was settled when they met. */
function steadyMicrosOf(settings: LinkSettings): number {
  const { latency, lossProbability, duplicateProbability, fifo } = settings;
  if (latency.kind !== 'constant' || fifo) return -1;
  if (lossProbability !== 0 || duplicateProbability !== 0) return -1;
  return Math.round(Math.min(LONGEST_MICROS, Math.max(0, latency.ms * 1_000)));
}

const packet = (from: number, to: number): Packet => ({
  from,
  to,
  delayFactor: 1,
  extraMicros: 0,
  copyShare: -1,
});

export class Network {
  readonly #streams: StreamBank;
  readonly #resolve: LinkResolver;
  readonly #nameOf: (node: number) => string;
  /** By sender, then by receiver, where that is among the first: the others by one number. */
  readonly #near: (Link | undefined)[][] = [];
  readonly #far = new Map<number, Link>();
  /** Those that keep the order of packets. */
  readonly #ordered: Link[] = [];
  #rules: PacketRule[] = [];
  readonly #packet = packet(0, 0);

  /** Of the packet that `route` judged last: its fate and when it, and its copy, arrive. */
  fate = FATE_DELIVERED;
  dueMicros = 0;
  /** When a second copy arrives, or -1. */
  copyDueMicros = -1;

  packetsSent = 0;
  packetsLost = 0;

  constructor(streams: StreamBank, resolve: LinkResolver, nameOf: (node: number) => string) {
    this.#streams = streams;
    this.#resolve = resolve;
    this.#nameOf = nameOf;
  }

  /** Rules stand in the order of their ids, so that sums of doubles do not depend on history. */
  install(rule: PacketRule): void {
    this.#rules = [...this.#rules, rule].sort((a, b) => compareText(a.id, b.id));
  }

  uninstall(id: string): void {
    this.#rules = this.#rules.filter((rule) => rule.id !== id);
  }

  /** Whether a packet sent now would meet a cut: for people and predicates, draws nothing. */
  isCut(from: number, to: number): boolean {
    if (this.#rules.length === 0) return false;
    const probe = packet(from, to);
    return this.#rules.some((rule) => rule.isCut && rule.judge(probe) === CUT);
  }

  /**
   * Judges a packet that leaves now; the answer is in `fate`, `dueMicros`, `copyDueMicros`.
   * `keepsOrder`: it belongs to the connection between the two, and overtakes nothing there.
   */
  route(from: number, to: number, nowMicros: number, keepsOrder: boolean): void {
    const link = this.#link(from, to);
    if (link.steadyMicros >= 0 && this.#rules.length === 0) {
      this.packetsSent += 1;
      this.fate = FATE_DELIVERED;
      this.dueMicros = nowMicros + link.steadyMicros;
      this.copyDueMicros = -1;
    } else this.#draw(link, from, to, nowMicros);
    if ((keepsOrder || link.settings.fifo) && this.fate === FATE_DELIVERED) this.#queue(link);
  }

  /** Another connection between the two begins: what is on its way on the old one holds up none. */
  reconnect(a: number, b: number): void {
    for (const link of [this.#link(a, b), this.#link(b, a)]) {
      if (!link.settings.fifo) link.lastDueMicros = 0;
    }
  }

  /** Behind those that went before it. */
  #queue(link: Link): void {
    if (!link.isOrdered) {
      link.isOrdered = true;
      this.#ordered.push(link);
    }
    if (this.dueMicros < link.lastDueMicros) this.dueMicros = link.lastDueMicros;
    link.lastDueMicros = this.dueMicros;
  }

  /** The same where chance or a rule has a say. */
  #draw(link: Link, from: number, to: number, nowMicros: number): void {
    const { settings, stream } = link;
    const packet = this.#packet;
    packet.from = from;
    packet.to = to;
    packet.delayFactor = 1;
    packet.extraMicros = 0;
    packet.copyShare = -1;
    const ownMicros = sampleMicros(settings.latency, stream);
    const lost = stream.chance(settings.lossProbability);
    if (stream.chance(settings.duplicateProbability)) packet.copyShare = stream.open01();
    const verdict = this.#askRules(packet);
    this.packetsSent += 1;
    this.fate = verdict === CUT ? FATE_CUT : lost || verdict !== PASS ? FATE_LOST : FATE_DELIVERED;
    // A drawn extra may be negative; nothing arrives before it was sent.
    const factor = Math.min(packet.delayFactor, SLOWEST_FACTOR);
    const stretched = ownMicros * factor + packet.extraMicros;
    const delayMicros = Math.min(LONGEST_MICROS, Math.max(0, stretched));
    this.dueMicros = nowMicros + Math.round(delayMicros);
    const copied = packet.copyShare >= 0 && this.fate === FATE_DELIVERED;
    this.copyDueMicros = copied ? nowMicros + Math.round(delayMicros * (1 + packet.copyShare)) : -1;
    if (this.fate !== FATE_DELIVERED) this.packetsLost += 1;
  }

  /** Every rule is asked, whatever the others say: so none shifts another's draws. */
  #askRules(packet: Packet): Verdict {
    const rules = this.#rules;
    let worst: Verdict = PASS;
    for (let i = 0; i < rules.length; i++) {
      const verdict = (rules[i] as PacketRule).judge(packet);
      if (verdict > worst) worst = verdict;
    }
    return worst;
  }

  #link(from: number, to: number): Link {
    const { length } = this.#near;
    const links = from < length ? (this.#near[from] as (Link | undefined)[]) : [];
    const known = to < links.length ? links[to] : this.#far.get(from * KEY_SPAN + to);
    return known ?? this.#meet(from, to);
  }

  #meet(from: number, to: number): Link {
    const settings = this.#resolve(from, to);
    const key = from * KEY_SPAN + to;
    const link: Link = {
      settings,
      key,
      isOrdered: false,
      steadyMicros: steadyMicrosOf(settings),
      stream: this.#streams.stream(`link/${this.#nameOf(from)}>${this.#nameOf(to)}`),
      lastDueMicros: 0,
    };
    if (to >= NEAR_MAX) this.#far.set(key, link);
    else {
      while (this.#near.length <= from) this.#near.push([]);
      const links = this.#near[from] as (Link | undefined)[];
      while (links.length <= to) links.push(undefined);
      links[to] = link;
    }
    return link;
  }

  save(): NetworkImage {
    return {
      lastDue: this.#ordered.map(({ key, lastDueMicros }) => [key, lastDueMicros] as const),
      rules: this.#rules.map((rule) => ({ rule, image: rule.save() })),
      sent: this.packetsSent,
      lost: this.packetsLost,
    };
  }

  restore(image: NetworkImage): void {
    // Nodes that are spawned from here on may be others than those of the branch that is left.
    this.#near.length = 0;
    this.#far.clear();
    this.#ordered.length = 0;
    for (const [key, due] of image.lastDue) {
      const link = this.#link(Math.trunc(key / KEY_SPAN), key % KEY_SPAN);
      link.isOrdered = true;
      link.lastDueMicros = due;
      this.#ordered.push(link);
    }
    this.#rules = image.rules.map((saved) => {
      saved.rule.restore(saved.image);
      return saved.rule;
    });
    this.packetsSent = image.sent;
    this.packetsLost = image.lost;
  }
}
