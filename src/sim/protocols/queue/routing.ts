/**
 * Where an exchange sends a message: to each queue that is bound with a key that fits, once,
 * however many of its bindings do.
 *
 * Source: AMQP 0-9-1 specification, 3.1.3: exchange types; RabbitMQ, AMQP 0-9-1 Model Explained
 */
export const EXCHANGE_TYPES = ['direct', 'fanout', 'topic'] as const;
export type ExchangeType = (typeof EXCHANGE_TYPES)[number];

export interface Binding {
  /** The queue, by place. */
  readonly queue: number;
  /** Of a topic exchange: a pattern. */
  readonly routingKey: string;
  /** It is not there before. */
  readonly fromMicros: number;
}

export interface Exchange {
  readonly name: string;
  readonly type: ExchangeType;
  readonly bindings: readonly Binding[];
}

/** The queues, by place, in the order of the bindings. */
export function routed(
  { type, bindings }: Exchange,
  routingKey: string,
  nowMicros: number,
): readonly number[] {
  const queues = new Set<number>();
  for (const { queue, routingKey: own, fromMicros } of bindings) {
    if (fromMicros <= nowMicros && fits(type, own, routingKey)) queues.add(queue);
  }
  return [...queues];
}

function fits(type: ExchangeType, own: string, routingKey: string): boolean {
  switch (type) {
    case 'fanout':
      return true;
    case 'direct':
      return own === routingKey;
    case 'topic':
      return matches(wordsOf(own), wordsOf(routingKey));
  }
}

/** A key may have no word at all. */
const wordsOf = (key: string): readonly string[] => (key === '' ? [] : key.split('.'));

/** `*` is one word, `#` any number of them, none as well; the rest is as it stands. */
function matches(pattern: readonly string[], words: readonly string[]): boolean {
  // Which beginnings of the words the pattern so far fits.
  let fitting = words.map(() => false);
  fitting.unshift(true);
  for (const part of pattern) {
    const next: boolean[] = [];
    for (let end = 0; end <= words.length; end += 1) {
      const isLonger = part === '*' || part === words[end - 1];
      next.push(
        part === '#'
          ? fitting[end] === true || next[end - 1] === true
          : isLonger && fitting[end - 1] === true,
      );
    }
    fitting = next;
  }
  return fitting[words.length] === true;
}
