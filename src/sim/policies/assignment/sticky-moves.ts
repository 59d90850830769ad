/**
 * The moves of one rebalance, so that a partition never goes one way while another of its topic
 * goes the other way between the same two members: then the other one goes back instead.
 *
 * Source: Kafka's AbstractStickyAssignor, which keeps the same pairs.
 */

interface Move {
  readonly from: number;
  readonly to: number;
}

export class StickyMoves {
  readonly #topicOf: readonly number[];
  /** By slot, from where it was when the rebalance began. */
  readonly #moves = new Map<number, Move>();

  constructor(topicOf: readonly number[]) {
    this.#topicOf = topicOf;
  }

  /** The slot to move in place of this one, which is to go from one member to another. */
  inPlaceOf(slot: number, from: number, to: number): number {
    const origin = this.#moves.get(slot)?.from ?? from;
    let best = -1;
    for (const [other, move] of this.#moves) {
      const isReverse = move.from === to && move.to === origin;
      if (!isReverse || this.#topicOf[other] !== this.#topicOf[slot]) continue;
      if (best < 0 || other < best) best = other;
    }
    return best < 0 ? slot : best;
  }

  record(slot: number, from: number, to: number): void {
    const origin = this.#moves.get(slot)?.from ?? from;
    if (origin === to) this.#moves.delete(slot);
    else this.#moves.set(slot, { from: origin, to });
  }
}
