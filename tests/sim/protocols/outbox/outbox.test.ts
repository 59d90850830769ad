/** The outbox and the two dual writes, step by step: what is answered, published and kept when. */
import { describe, expect, it } from 'vitest';
import type { QueuedMessage } from '../../../../src/sim/contracts/queue.ts';
import { outboxRules } from '../../../../src/sim/protocols/outbox/rules.ts';
import { applyOutbox, startOutbox, step } from '../../../../src/sim/protocols/outbox/step.ts';
import type {
  OutboxDisk,
  OutboxEffect,
  OutboxInput,
  OutboxRecord,
  PublishMode,
} from '../../../../src/sim/protocols/outbox/step.ts';

const messageOf = (value: number, group = 'a'): QueuedMessage => ({
  value,
  seed: 0,
  isPoison: false,
  group,
  publishedMicros: 0,
  ttlMicros: 0,
  deaths: [],
});

/** A service by hand: nothing is on disk before it is said to be. */
class Service {
  readonly disk: OutboxDisk = { orders: new Map(), events: new Map() };
  state = startOutbox(this.disk);
  readonly #config;

  constructor(publish: PublishMode, off: readonly string[] = [], isPolled = false) {
    this.#config = { publish, isPolled, rules: outboxRules(off) };
  }

  feed(input: OutboxInput): OutboxEffect[] {
    const effects: OutboxEffect[] = [];
    step(this.#config, this.state, input, effects);
    return effects;
  }

  order(value: number, group = 'a'): OutboxEffect[] {
    return this.feed({ type: 'order', message: messageOf(value, group) });
  }

  /** Writes what is to be written. */
  persist(effects: readonly OutboxEffect[]): OutboxEffect[] {
    return effects.flatMap((effect) => {
      if (effect.type !== 'persist') return [];
      applyOutbox(this.disk, effect.record);
      return this.feed({ type: 'durable', record: effect.record });
    });
  }

  crash(): void {
    this.state = startOutbox(this.disk);
  }
}

const published = (effects: readonly OutboxEffect[]): number[] =>
  effects.flatMap((effect) => (effect.type === 'publish' ? [effect.row.message.value] : []));
const typesOf = (effects: readonly OutboxEffect[]): string[] => effects.map(({ type }) => type);
const recordsOf = (effects: readonly OutboxEffect[]): OutboxRecord[] =>
  effects.flatMap((effect) => (effect.type === 'persist' ? [effect.record] : []));

describe('through the outbox', () => {
  it('answers once order and event are on disk, and removes an event once it is confirmed', () => {
    const service = new Service('outbox');
    const asked = service.order(7);
    expect(typesOf(asked)).toEqual(['persist']);
    const written = service.persist(asked);
    expect(typesOf(written)).toEqual(['answer', 'publish']);
    const seq = service.state.nextSeq - 1;
    expect(service.state.events.size).toBe(1);
    const confirmed = service.feed({ type: 'published', seq, isOk: true });
    expect(recordsOf(confirmed)).toEqual([{ type: 'mark', seq }]);
    expect(service.state.events.size).toBe(0);
  });

  it('publishes again after a crash what was not marked', () => {
    const service = new Service('outbox');
    expect(published(service.persist(service.order(7)))).toEqual([7]);
    service.crash();
    expect(published(service.feed({ type: 'tick' }))).toEqual([7]);
  });

  it('loses the event between two transactions, and only then', () => {
    for (const off of [[], ['outbox.one-transaction']]) {
      const service = new Service('outbox', off);
      const asked = service.order(7);
      const [first] = recordsOf(asked);
      applyOutbox(service.disk, first as OutboxRecord);
      service.crash();
      expect(service.state.orders.has(7)).toBe(true);
      expect(published(service.feed({ type: 'tick' }))).toEqual(off.length === 0 ? [7] : []);
    }
  });

  it('has one event of a key under way, and not without the rule', () => {
    const inTurn = new Service('outbox');
    const atOnce = new Service('outbox', ['outbox.key-order']);
    const both = (service: Service): number[] =>
      [1, 2, 3].flatMap((value) =>
        published(service.persist(service.order(value, value === 3 ? 'b' : 'a'))),
      );
    expect(both(inTurn)).toEqual([1, 3]);
    expect(both(atOnce)).toEqual([1, 2, 3]);
    // The first try of 1 is lost: 2 waits for the second.
    expect(typesOf(inTurn.feed({ type: 'published', seq: 1, isOk: false }))).toEqual(['retry']);
    expect(published(inTurn.feed({ type: 'tick' }))).toEqual([]);
    expect(published(inTurn.feed({ type: 'retry', seq: 1 }))).toEqual([1]);
    expect(published(inTurn.feed({ type: 'published', seq: 1, isOk: true }))).toEqual([2]);
  });

  it('keeps an event until it is confirmed, and not without the rule', () => {
    for (const off of [[], ['outbox.mark-after-confirm']]) {
      const service = new Service('outbox', off);
      const effects = service.persist(service.order(7));
      service.persist(effects);
      service.feed({ type: 'published', seq: 1, isOk: false });
      service.crash();
      expect(published(service.feed({ type: 'tick' }))).toEqual(off.length === 0 ? [7] : []);
    }
  });

  it('waits for its tick where it polls', () => {
    const service = new Service('outbox', [], true);
    expect(published(service.persist(service.order(7)))).toEqual([]);
    expect(published(service.feed({ type: 'tick' }))).toEqual([7]);
    expect(published(service.feed({ type: 'tick' }))).toEqual([]);
  });

  it('takes an order once, however often it is sent', () => {
    const service = new Service('outbox');
    const asked = service.order(7);
    expect(service.order(7)).toEqual([]);
    service.persist(asked);
    expect(typesOf(service.order(7))).toEqual(['answer']);
    expect(service.state.orders.size).toBe(1);
  });
});

describe('a dual write', () => {
  it('after the commit: a crash between leaves an order of which nobody hears', () => {
    const service = new Service('after-commit');
    expect(typesOf(service.persist(service.order(7)))).toEqual(['gap']);
    service.crash();
    expect(service.disk.orders.has(7)).toBe(true);
    expect(service.feed({ type: 'tick' })).toEqual([]);
    // Nor when its client asks again.
    expect(typesOf(service.order(7))).toEqual(['answer']);
  });

  it('before the commit: a crash between leaves an event of no order', () => {
    const service = new Service('before-commit');
    expect(published(service.order(7))).toEqual([7]);
    expect(typesOf(service.feed({ type: 'published', seq: 1, isOk: true }))).toEqual(['gap']);
    service.crash();
    expect(service.disk.orders.has(7)).toBe(false);
  });

  it('says nothing of a broker that does not answer, or rolls back', () => {
    const after = new Service('after-commit');
    after.persist(after.order(7));
    expect(published(after.feed({ type: 'gap', seq: 1 }))).toEqual([7]);
    expect(typesOf(after.feed({ type: 'published', seq: 1, isOk: false }))).toEqual([
      'not-published',
      'answer',
    ]);
    const before = new Service('before-commit');
    before.order(7);
    const failed = before.feed({ type: 'published', seq: 1, isOk: false });
    expect(typesOf(failed)).toEqual(['refuse']);
    expect(before.state.orders.size).toBe(0);
  });
});
