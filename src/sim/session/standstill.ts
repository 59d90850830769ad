/**
 * Why a run has met its limit of events: whether time stood still, and at which nodes.
 *
 * Only the last events before the limit are looked at, so a run that keeps within it pays nothing.
 */

/** Nobody has so many events at one microsecond who is not going in a circle. */
const LOOKED_AT = 2_000;

export interface StandstillImage {
  readonly sinceMicros: number;
  readonly nodes: readonly number[];
}

export class Standstill {
  readonly #from: number;
  /** When the first of the last events was; -1 before it. */
  #sinceMicros = -1;
  #nodes = new Set<number>();

  constructor(eventsMax: number) {
    this.#from = eventsMax - LOOKED_AT;
  }

  /** The event after which it must be asked again, at the latest. */
  next(event: number): number {
    if (this.#from < 0) return Infinity;
    return event < this.#from ? this.#from : event + 1;
  }

  /** An event of a node was handled. */
  look(event: number, nowMicros: number, node: number): void {
    if (this.#from < 0 || event < this.#from) return;
    if (this.#sinceMicros < 0) this.#sinceMicros = nowMicros;
    this.#nodes.add(node);
  }

  /** The nodes that went on while time stood still, at the limit; none where it did not. */
  nodesAt(nowMicros: number): readonly number[] {
    return this.#sinceMicros === nowMicros ? [...this.#nodes].sort((a, b) => a - b) : [];
  }

  save(): StandstillImage {
    return { sinceMicros: this.#sinceMicros, nodes: [...this.#nodes] };
  }

  restore({ sinceMicros, nodes }: StandstillImage): void {
    this.#sinceMicros = sinceMicros;
    this.#nodes = new Set(nodes);
  }
}
