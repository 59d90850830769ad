/** A queue in the hands of a test: consumers have letters, messages numbers. */
import type { QueuedMessage } from '../../../../../src/sim/contracts/queue.ts';
import { newQueue, queueRules, step } from '../../../../../src/sim/protocols/queue/index.ts';
import type {
  DeathReason,
  Held,
  QueueConfig,
  QueueInput,
  QueueState,
  Verdict,
} from '../../../../../src/sim/protocols/queue/index.ts';
import type { QueueEffect } from '../../../../../src/sim/protocols/queue/index.ts';

const messageOf = (value: number, ttlMicros = 0): QueuedMessage => ({
  value,
  seed: 0,
  isPoison: false,
  group: '',
  publishedMicros: 0,
  ttlMicros,
  deaths: [],
});

const valueOf = ({ message }: Held): number => message.value;
const idOf = (name: string): number => name.charCodeAt(0);

export class Desk {
  readonly state: QueueState = newQueue();
  readonly confirmed: number[] = [];
  readonly refused: number[] = [];
  /** Messages by tag, as they were handed out, and the channel. */
  readonly out = new Map<number, readonly [channel: number, held: Held]>();
  deliveries = 0;
  readonly #gone: (readonly [reason: DeathReason | 'forgotten' | 'acked', value: number])[] = [];
  readonly #unstored: number[] = [];
  readonly #config: QueueConfig;
  #now = 0;

  constructor(config: Partial<QueueConfig> = {}, off: readonly string[] = []) {
    this.#config = {
      name: 'work',
      deliveryLimit: 20,
      returnsToBack: false,
      maxLength: 0,
      overflow: 'drop-head',
      messageTtlMicros: 0,
      isDurable: true,
      isReplicated: false,
      rules: queueRules(off),
      ...config,
    };
  }

  #feed(input: QueueInput): this {
    const effects: QueueEffect[] = [];
    step(this.#config, this.state, input, this.#now, effects);
    for (const effect of effects) this.#note(effect);
    return this;
  }

  #note(effect: QueueEffect): void {
    switch (effect.type) {
      case 'store':
        this.#unstored.push(effect.held.seq);
        return;
      case 'confirm':
        this.confirmed.push(effect.publish);
        return;
      case 'refuse':
        this.refused.push(effect.publish);
        return;
      case 'deliver':
        this.deliveries += 1;
        this.out.set(effect.tag, [effect.channel, effect.held]);
        return;
      case 'dead':
        this.#gone.push([effect.reason, valueOf(effect.held)]);
        return;
      case 'forgotten':
      case 'acked':
        this.#gone.push([effect.type, valueOf(effect.held)]);
        return;
      case 'returned':
    }
  }

  open(name: string, prefetch: number): this {
    return this.#feed({ type: 'open', channel: idOf(name), prefetch });
  }

  close(name: string): this {
    for (const [tag, [channel]] of [...this.out]) {
      if (channel === idOf(name)) this.out.delete(tag);
    }
    return this.#feed({ type: 'close', channel: idOf(name) });
  }

  /** Not stored yet. */
  accept(...values: readonly number[]): this {
    for (const value of values) {
      this.#feed({ type: 'publish', publish: value, message: messageOf(value) });
    }
    return this;
  }

  store(): this {
    for (const seq of this.#unstored.splice(0)) this.#feed({ type: 'stored', seq });
    return this;
  }

  publish(...values: readonly number[]): this {
    return this.accept(...values).store();
  }

  publishAt(micros: number, value: number, ttlMicros = 0): this {
    this.#now = micros;
    const message = messageOf(value, ttlMicros);
    return this.#feed({ type: 'publish', publish: value, message }).store();
  }

  tick(micros: number): this {
    this.#now = micros;
    return this.#feed({ type: 'tick' });
  }

  /** Whoever holds it. */
  settle(value: number, verdict: Verdict): this {
    const found = [...this.out].find(([, [, held]]) => valueOf(held) === value);
    if (found === undefined) throw new Error(`nobody holds ${value}`);
    this.out.delete(found[0]);
    return this.#feed({ type: 'settle', tag: found[0], verdict });
  }

  heldBy(name: string): number[] {
    return this.flags(name).map(([value]) => value);
  }

  /** What it holds, and whether it was said to be redelivered. */
  flags(name: string): (readonly [value: number, isRedelivered: boolean])[] {
    return [...this.out.values()]
      .filter(([channel]) => channel === idOf(name))
      .map(([, held]) => [valueOf(held), held.isRedelivered] as const);
  }

  ready(): number[] {
    const { returned, ready, head } = this.state;
    return [...returned, ...ready.slice(head)].map(valueOf);
  }

  gone(reason: DeathReason | 'forgotten' | 'acked'): number[] {
    return this.#gone.flatMap(([why, value]) => (why === reason ? [value] : []));
  }

  /** All that has left it. */
  allGone(): number[] {
    return this.#gone.map(([, value]) => value);
  }
}
