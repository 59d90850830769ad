/**
 * Packet rules: the one seam through which faults reach the network.
 *
 * Every rule sees every packet, and what they say is put together: cut outranks lost, losses
 * combine, factors multiply and extras add. So the condition of a link is a function of the set of
 * rules, not of the order in which they came; and since a rule draws from its own stream, once for
 * each packet on its links, taking one away re-rolls no other.
 */
import type { Stream } from '../kernel/random.ts';
import { sampleMicros } from '../policies/distribution.ts';
import type { Distribution } from '../policies/distribution.ts';

/** A packet on its way out; one object is reused for all, a rule must not keep it. */
export interface Packet {
  from: number;
  to: number;
  /** It takes the link's own delay times this, */
  delayFactor: number;
  /** and so much more. */
  extraMicros: number;
  /** A second copy takes so much longer, as a share of the first one's time; -1: there is none. */
  copyShare: number;
}

export const PASS = 0;
/** Lost on the way. */
export const LOSE = 1;
/** Stopped by a cut: the same as lost, but drawn and explained differently. */
export const CUT = 2;
/** The higher one of two verdicts wins. */
export type Verdict = 0 | 1 | 2;

export interface PacketRule {
  readonly id: string;
  /** True: the rule only ever cuts, and judging draws nothing, so it may be asked at any time. */
  readonly isCut: boolean;
  /** Delays and copies it writes into the packet. */
  judge(packet: Packet): Verdict;
  /** Null where the rule keeps nothing between packets. */
  save(): unknown;
  restore(image: unknown): void;
}

/** The set of directed links that a rule speaks of; an empty side means every node. */
export class LinkSet {
  readonly #from: ReadonlySet<number> | null;
  readonly #to: ReadonlySet<number> | null;

  constructor(from: readonly number[] | null, to: readonly number[] | null) {
    this.#from = from === null ? null : new Set(from);
    this.#to = to === null ? null : new Set(to);
  }

  has(from: number, to: number): boolean {
    if (this.#from !== null && !this.#from.has(from)) return false;
    return this.#to === null || this.#to.has(to);
  }
}

/**
 * Nodes of different islands do not hear one another; nodes of no island share one of their own.
 */
export class PartitionRule implements PacketRule {
  readonly id: string;
  readonly isCut = true;
  readonly #island = new Map<number, number>();

  constructor(id: string, islands: readonly (readonly number[])[]) {
    this.id = id;
    islands.forEach((members, i) => {
      for (const node of members) this.#island.set(node, i);
    });
  }

  judge(packet: Packet): Verdict {
    const from = this.#island.get(packet.from) ?? -1;
    const to = this.#island.get(packet.to) ?? -1;
    return from === to ? PASS : CUT;
  }

  save(): null {
    return null;
  }
  restore(): void {}
}

/** Every packet on these directed links is cut. */
export class CutRule implements PacketRule {
  readonly id: string;
  readonly isCut = true;
  readonly #links: readonly LinkSet[];

  constructor(id: string, links: readonly LinkSet[]) {
    this.id = id;
    this.#links = links;
  }

  judge(packet: Packet): Verdict {
    for (const set of this.#links) if (set.has(packet.from, packet.to)) return CUT;
    return PASS;
  }

  save(): null {
    return null;
  }
  restore(): void {}
}

/**
 * Loss in bursts: a two-state chain per directed link, so that a loss follows a loss with chance
 * `burst` and the long-run share lost is `probability`. Without a burst each packet is judged
 * alone.
 */
export class LossRule implements PacketRule {
  readonly id: string;
  readonly isCut = false;
  readonly #links: LinkSet;
  readonly #probability: number;
  readonly #burst: number;
  readonly #afterPass: number;
  readonly #stream: Stream;
  #lostLast = new Set<number>();

  constructor(id: string, links: LinkSet, probability: number, burst: number | null, s: Stream) {
    this.id = id;
    this.#links = links;
    this.#probability = probability;
    this.#burst = burst ?? probability;
    // Stationary share p of a chain with P(loss|loss) = b: P(loss|pass) = p(1-b)/(1-p).
    this.#afterPass =
      probability >= 1 ? 1 : Math.min(1, (probability * (1 - this.#burst)) / (1 - probability));
    this.#stream = s;
  }

  judge(packet: Packet): Verdict {
    if (this.#probability <= 0 || !this.#links.has(packet.from, packet.to)) return PASS;
    const link = packet.from * 65_536 + packet.to;
    const chance = this.#lostLast.has(link) ? this.#burst : this.#afterPass;
    if (this.#stream.chance(chance)) {
      this.#lostLast.add(link);
      return LOSE;
    }
    this.#lostLast.delete(link);
    return PASS;
  }

  save(): readonly number[] {
    return [...this.#lostLast];
  }
  restore(image: unknown): void {
    this.#lostLast = new Set(image as readonly number[]);
  }
}

/** Slower links: the link's own delay times a factor, plus a drawn extra. */
export class LatencyRule implements PacketRule {
  readonly id: string;
  readonly isCut = false;
  readonly #links: LinkSet;
  readonly #factor: number;
  readonly #extra: Distribution | null;
  readonly #stream: Stream;

  constructor(id: string, links: LinkSet, factor: number, extra: Distribution | null, s: Stream) {
    this.id = id;
    this.#links = links;
    this.#factor = factor;
    this.#extra = extra;
    this.#stream = s;
  }

  judge(packet: Packet): Verdict {
    if (!this.#links.has(packet.from, packet.to)) return PASS;
    packet.delayFactor *= this.#factor;
    if (this.#extra !== null) packet.extraMicros += sampleMicros(this.#extra, this.#stream);
    return PASS;
  }

  save(): null {
    return null;
  }
  restore(): void {}
}

/** Some packets arrive twice; the copy takes as long again as the first. */
export class DuplicateRule implements PacketRule {
  readonly id: string;
  readonly isCut = false;
  readonly #links: LinkSet;
  readonly #probability: number;
  readonly #stream: Stream;

  constructor(id: string, links: LinkSet, probability: number, stream: Stream) {
    this.id = id;
    this.#links = links;
    this.#probability = probability;
    this.#stream = stream;
  }

  judge(packet: Packet): Verdict {
    if (!this.#links.has(packet.from, packet.to)) return PASS;
    if (!this.#stream.chance(this.#probability)) return PASS;
    packet.copyShare = Math.max(packet.copyShare, this.#stream.open01());
    return PASS;
  }

  save(): null {
    return null;
  }
  restore(): void {}
}

/** Some packets are held back, so that later ones overtake them. */
export class ReorderRule implements PacketRule {
  readonly id: string;
  readonly isCut = false;
  readonly #links: LinkSet;
  readonly #probability: number;
  readonly #by: Distribution;
  readonly #stream: Stream;

  constructor(id: string, links: LinkSet, probability: number, by: Distribution, stream: Stream) {
    this.id = id;
    this.#links = links;
    this.#probability = probability;
    this.#by = by;
    this.#stream = stream;
  }

  judge(packet: Packet): Verdict {
    if (!this.#links.has(packet.from, packet.to)) return PASS;
    if (!this.#stream.chance(this.#probability)) return PASS;
    packet.extraMicros += sampleMicros(this.#by, this.#stream);
    return PASS;
  }

  save(): null {
    return null;
  }
  restore(): void {}
}
