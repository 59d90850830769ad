/** The queue that lends, without a host: who receives what, for how long, and in which order. */
import { describe, expect, it } from 'vitest';
import { emptyKept, keep } from '../../../../src/sim/protocols/visibility/kept.ts';
import type { Kept } from '../../../../src/sim/protocols/visibility/kept.ts';
import { visibilityRules } from '../../../../src/sim/protocols/visibility/rules.ts';
import { startVisibility, step } from '../../../../src/sim/protocols/visibility/step.ts';
import type {
  VisibilityConfig,
  VisibilityEffect,
  VisibilityInput,
  VisibilityState,
} from '../../../../src/sim/protocols/visibility/step.ts';

type Effect<T> = Extract<VisibilityEffect, { readonly type: T }>;

class Desk {
  /** What is on its disk, all of it at once. */
  readonly kept: Kept = emptyKept();
  state: VisibilityState = startVisibility(this.kept);
  readonly effects: VisibilityEffect[] = [];
  readonly #config: VisibilityConfig;
  now = 0;

  constructor(config: Partial<VisibilityConfig> = {}, off: readonly string[] = []) {
    this.#config = {
      visibilityTimeoutMicros: 30,
      maxReceiveCount: 0,
      isFifo: false,
      deduplicationMicros: 300,
      rules: visibilityRules(off),
      ...config,
    };
  }

  feed(input: VisibilityInput): VisibilityEffect[] {
    const effects: VisibilityEffect[] = [];
    step(this.#config, this.state, input, this.now, effects);
    this.effects.push(...effects);
    for (const effect of effects) this.#write(effect);
    return effects;
  }

  #write(effect: VisibilityEffect): void {
    const { kept } = this;
    if (effect.type === 'store') keep(kept, { ...effect, type: 'put' });
    else if (effect.type === 'deleted') keep(kept, { type: 'take', seq: effect.seq });
    else if (effect.type === 'received') {
      keep(kept, { type: 'received', seq: effect.entry.seq, receipt: effect.receipt });
    } else if (effect.type === 'dead') {
      const { seq, message } = effect.entry;
      keep(kept, { type: 'dead', seq, message });
    }
  }

  /** Its node loses power, and is there again. */
  restart(): this {
    this.state = startVisibility(this.kept);
    return this;
  }

  send(value: number, group = ''): this {
    const message = {
      value,
      seed: 0,
      isPoison: false,
      group,
      publishedMicros: 0,
      ttlMicros: 0,
      deaths: [],
    };
    for (const effect of this.feed({ type: 'send', send: value, message })) {
      if (effect.type === 'store') this.feed({ type: 'stored', seq: effect.seq });
    }
    return this;
  }

  /** Values and receipts. */
  receive(most: number): (readonly [value: number, receipt: number])[] {
    return this.feed({ type: 'receive', most })
      .filter((one): one is Effect<'received'> => one.type === 'received')
      .map(({ entry, receipt }) => [entry.message.value, receipt]);
  }

  count(type: VisibilityEffect['type']): number {
    return this.effects.filter((one) => one.type === type).length;
  }
}

const timeOut = (receipt: number): VisibilityInput => ({ type: 'time-out', receipt });
const remove = (receipt: number): VisibilityInput => ({ type: 'delete', receipt });

describe('a message that was received', () => {
  it('is seen by nobody else until its time is over', () => {
    const desk = new Desk().send(1);
    expect(desk.receive(10)).toEqual([[1, 1]]);
    expect(desk.receive(10)).toEqual([]);
    desk.feed(timeOut(1));
    expect(desk.receive(10)).toEqual([[1, 2]]);
  });

  it('is deleted by its newest receipt only', () => {
    const desk = new Desk().send(1);
    desk.receive(1);
    desk.feed(timeOut(1));
    desk.receive(1);
    desk.feed(remove(1));
    expect(desk.count('void')).toBe(1);
    desk.feed(remove(2));
    expect(desk.count('deleted')).toBe(1);
    expect(desk.state.entries.size).toBe(0);
  });

  it.each([
    ['a standard queue is deleted late, too, as long as nobody has received it since', false, 0],
    ['a FIFO queue is not: its receipt has expired', true, 1],
  ])('of %s', (_what, isFifo, left) => {
    const desk = new Desk({ isFifo }).send(1);
    desk.receive(1);
    desk.feed(timeOut(1));
    desk.feed(remove(1));
    expect(desk.count('void')).toBe(left);
    expect(desk.receive(1)).toHaveLength(left);
  });

  it('has more time, or none, if its worker says so', () => {
    const desk = new Desk().send(1);
    desk.receive(1);
    expect(desk.feed({ type: 'change', receipt: 1, timeoutMicros: 50 })).toEqual([
      { type: 'arm', receipt: 1, timeoutMicros: 50 },
    ]);
    desk.feed({ type: 'change', receipt: 1, timeoutMicros: 0 });
    expect(desk.receive(1)).toEqual([[1, 2]]);
    desk.feed({ type: 'change', receipt: 1, timeoutMicros: 50 });
    expect(desk.count('void')).toBe(1);
  });

  it('without the rule of the timeout never comes back', () => {
    const desk = new Desk({}, ['visibility.timeout']).send(1);
    desk.receive(1);
    expect(desk.count('arm')).toBe(0);
  });

  it.each([1, 3])('%i times goes to the dead letters instead of a worker', (maxReceiveCount) => {
    const desk = new Desk({ maxReceiveCount }).send(1).send(2);
    for (let i = 1; i <= maxReceiveCount; i++) {
      expect(desk.receive(1)).toEqual([[1, i]]);
      desk.feed(timeOut(i));
    }
    expect(desk.receive(1)).toEqual([[2, maxReceiveCount + 1]]);
    expect(desk.state.dead.map(({ value }) => value)).toEqual([1]);
  });

  it('without the rule of the redrive comes back for ever', () => {
    const desk = new Desk({ maxReceiveCount: 1 }, ['visibility.redrive']).send(1);
    for (let i = 1; i <= 20; i++) {
      expect(desk.receive(1)).toEqual([[1, i]]);
      desk.feed(timeOut(i));
    }
  });
});

describe('a FIFO queue', () => {
  const fifo = { isFifo: true } as const;

  it('keeps a group back while a message of it is in flight, and no other group', () => {
    const desk = new Desk(fifo).send(1, 'a').send(2, 'a').send(3, 'b');
    expect(desk.receive(1)).toEqual([[1, 1]]);
    expect(desk.receive(10)).toEqual([[3, 2]]);
    desk.feed(remove(1));
    expect(desk.receive(10)).toEqual([[2, 3]]);
  });

  it('gives one receive several of a group, in order', () => {
    const desk = new Desk(fifo).send(1, 'a').send(2, 'a').send(3, 'a');
    expect(desk.receive(2).map(([value]) => value)).toEqual([1, 2]);
    desk.feed(remove(1));
    // The second is still in flight.
    expect(desk.receive(2)).toEqual([]);
  });

  it('shows what comes back before what is behind it', () => {
    const desk = new Desk(fifo).send(1, 'a').send(2, 'a');
    desk.receive(1);
    desk.feed(timeOut(1));
    expect(desk.receive(1)).toEqual([[1, 2]]);
  });

  it('without the rule of order gives two workers messages of one group', () => {
    const desk = new Desk(fifo, ['visibility.group-order']).send(1, 'a').send(2, 'a');
    expect([...desk.receive(1), ...desk.receive(1)].map(([value]) => value)).toEqual([1, 2]);
  });

  it('takes a message once as long as it knows it, and answers each time', () => {
    const desk = new Desk(fifo).send(1, 'a').send(1, 'a');
    expect(desk.count('answer')).toBe(2);
    expect(desk.state.entries.size).toBe(1);
    desk.now = 300;
    desk.send(1, 'a');
    expect(desk.state.entries.size).toBe(2);
  });

  it('answers a repetition no sooner than what it repeats is stored', () => {
    const desk = new Desk(fifo);
    const sent = (send: number) => {
      const message = { value: 1, seed: 0, isPoison: false, group: '', publishedMicros: 0 };
      return { type: 'send', send, message: { ...message, ttlMicros: 0, deaths: [] } } as const;
    };
    expect(desk.feed(sent(7))).toMatchObject([{ type: 'store', seq: 1 }]);
    expect(desk.feed(sent(8))).toEqual([]);
    const answers = [7, 8].map((send) => ({ type: 'answer', send }));
    expect(desk.feed({ type: 'stored', seq: 1 })).toEqual(answers);
  });

  it.each([
    ['without the rule', fifo, ['visibility.deduplication']],
    ['as a standard queue', {}, []],
  ])('%s takes it as often as it comes', (_, config, off) => {
    expect(new Desk(config, off).send(1).send(1).state.entries.size).toBe(2);
  });
});

describe('a message that is sent', () => {
  const message = {
    value: 1,
    seed: 0,
    isPoison: false,
    group: '',
    publishedMicros: 0,
    ttlMicros: 0,
    deaths: [],
  };
  const send: VisibilityInput = { type: 'send', send: 7, message };

  it('is answered and received once it is stored', () => {
    const desk = new Desk();
    const [store, ...none] = desk.feed(send);
    expect([store, none]).toMatchObject([{ type: 'store', seq: 1, message }, []]);
    expect(desk.receive(1)).toEqual([]);
    expect(desk.feed({ type: 'stored', seq: 1 })).toEqual([{ type: 'answer', send: 7 }]);
    expect(desk.receive(1)).toEqual([[1, 1]]);
  });

  it('without the rule before that', () => {
    const desk = new Desk({}, ['visibility.store-before-answer']);
    expect(desk.feed(send).map(({ type }) => type)).toEqual(['store', 'answer']);
  });
});

describe('a queue whose node has lost power', () => {
  it('knows what it has taken until the window is over, counted from the sending', () => {
    const desk = new Desk({ isFifo: true }).send(1);
    desk.receive(1);
    desk.feed(remove(1));
    desk.now = 299;
    expect(desk.restart().send(1).state.entries.size).toBe(0);
    desk.now = 300;
    expect(desk.restart().send(1).state.entries.size).toBe(1);
  });

  it('keeps on its disk no more of that than it has to know', () => {
    const desk = new Desk({ isFifo: true }).send(1).send(2);
    desk.now = 300;
    desk.send(3);
    expect([...desk.kept.known.keys()]).toEqual([3]);
  });

  it('goes on counting how often each message was received', () => {
    const desk = new Desk({ maxReceiveCount: 2 }).send(1);
    expect([desk.receive(1), desk.restart().receive(1)]).toMatchObject([[[1, 1]], [[1, 2]]]);
    expect(desk.restart().receive(1)).toEqual([]);
    expect(desk.state.dead.map(({ value }) => value)).toEqual([1]);
    expect(desk.restart().state.dead).toHaveLength(1);
  });

  it('gives no receipt twice: one of before is void, and deletes nothing else', () => {
    const desk = new Desk().send(1).send(2);
    const [[, before]] = desk.receive(1) as [readonly [number, number]];
    desk.restart();
    desk.receive(2);
    desk.feed(remove(before));
    expect([desk.count('void'), desk.count('deleted')]).toEqual([1, 0]);
  });
});
