/**
 * The queue of a run: the timing wheel, plus the option to permute simultaneous events.
 *
 * With order 'fifo' it is the wheel itself. With `{ permute: seed }` the events due at one
 * microsecond form a pool from which each next one is drawn at random: order bugs hide where two
 * things happen at the same time. Events scheduled during that microsecond for that same
 * microsecond join the pool; cancelled ones leave it. Times are never reordered, and the draws come
 * from a stream of their own, so that the permutation shifts no draw of the model.
 */
import { InvariantError } from './errors.ts';
import { type Stream, StreamBank, type StreamImage } from './random.ts';
import type { SimMicros } from './time.ts';
import { TimingWheel, type WheelImage } from './wheel.ts';

export type Order = 'fifo' | { readonly permute: number };

export interface EventQueueImage extends WheelImage {
  /** Nodes in the pool, and the state of the stream: only when events are permuted. */
  readonly pool?: Int32Array;
  readonly draws?: StreamImage;
}

const NEXT = 0;
const POOL_INDEX = 1;
/** In a node's NEXT word: it is in the pool, and its second word is its place there. */
const POOLED = -1;

export class EventQueue extends TimingWheel {
  readonly order: Order;
  private readonly permuting: boolean;
  private readonly bank: StreamBank;
  private readonly draws: Stream;
  private pool = new Int32Array(16);
  private poolSize = 0;

  constructor(order: Order = 'fifo', initialCapacity = 1024) {
    super(initialCapacity);
    this.order = order;
    this.permuting = order !== 'fifo';
    this.bank = new StreamBank(order === 'fifo' ? 0 : order.permute);
    this.draws = this.bank.stream('kernel/order');
  }

  override popUntil(limit: SimMicros): boolean {
    return this.permuting ? this.popDrawn(limit) : super.popUntil(limit);
  }

  override nextTime(): number {
    return this.poolSize > 0 ? this.now : super.nextTime();
  }

  override save(): EventQueueImage {
    const image = super.save();
    if (!this.permuting) return image;
    return { ...image, pool: this.pool.slice(0, this.poolSize), draws: this.bank.save() };
  }

  override restore(image: EventQueueImage): void {
    if (this.permuting !== (image.pool !== undefined)) {
      throw new InvariantError('an image of a queue with another order of simultaneous events');
    }
    super.restore(image);
    if (image.pool === undefined || image.draws === undefined) return;
    if (this.pool.length < image.pool.length) this.pool = new Int32Array(image.pool.length);
    this.pool.set(image.pool);
    this.poolSize = image.pool.length;
    this.bank.restore(image.draws);
  }

  protected override detach(node: number): void {
    if (this.permuting && this.slab[node + NEXT] === POOLED) this.leavePool(node);
    else this.unlink(node);
  }

  private popDrawn(limit: SimMicros): boolean {
    this.limit = limit;
    if (this.poolSize === 0) {
      const first = this.unlinkDue();
      if (first === 0) return false;
      this.joinPool(first);
    } else if (limit < this.now) {
      return false;
    }
    this.limit = this.now;
    for (let node = this.unlinkDue(); node !== 0; node = this.unlinkDue()) this.joinPool(node);
    const drawn = this.pool[this.draws.below(this.poolSize)]!;
    this.leavePool(drawn);
    this.take(drawn);
    return true;
  }

  private joinPool(node: number): void {
    if (this.poolSize === this.pool.length) {
      const grown = new Int32Array(this.poolSize * 2);
      grown.set(this.pool);
      this.pool = grown;
    }
    this.slab[node + NEXT] = POOLED;
    this.slab[node + POOL_INDEX] = this.poolSize;
    this.pool[this.poolSize++] = node;
  }

  /** The last of the pool takes the place of the one that leaves. */
  private leavePool(node: number): void {
    const index = this.slab[node + POOL_INDEX]!;
    const last = this.pool[--this.poolSize]!;
    this.pool[index] = last;
    this.slab[last + POOL_INDEX] = index;
  }
}
