/** The queue without a host: who is handed what, what comes back, and what leaves. */
import { describe, expect, it } from 'vitest';
import { Desk } from './support/desk.ts';

describe('competing consumers', () => {
  it('take turns', () => {
    const desk = new Desk().open('a', 0).open('b', 0).publish(1, 2, 3, 4, 5);
    expect(desk.heldBy('a')).toEqual([1, 3, 5]);
    expect(desk.heldBy('b')).toEqual([2, 4]);
  });

  it('are passed over while they hold as many as their prefetch count', () => {
    const desk = new Desk().open('a', 1).open('b', 2).publish(1, 2, 3, 4, 5);
    expect(desk.heldBy('a')).toEqual([1]);
    expect(desk.heldBy('b')).toEqual([2, 3]);
    expect(desk.ready()).toEqual([4, 5]);
    expect(desk.settle(1, 'ack').heldBy('a')).toEqual([4]);
  });

  it('without the rule of prefetch the first takes all', () => {
    const desk = new Desk({}, ['queue.prefetch']).open('a', 1).publish(1, 2, 3).open('b', 1);
    expect(desk.heldBy('a')).toEqual([1, 2, 3]);
  });
});

describe('a consumer that is gone', () => {
  it('leaves all that it held, in order, and before what came later', () => {
    const desk = new Desk().open('a', 3).publish(1, 2, 3, 4).close('a');
    expect(desk.ready()).toEqual([1, 2, 3, 4]);
    desk.open('b', 4);
    expect(desk.flags('b')).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, false],
    ]);
  });

  it('without the rule takes it with it', () => {
    const desk = new Desk({}, ['queue.requeue-on-loss']).open('a', 3).publish(1, 2, 3, 4);
    expect(desk.close('a').ready()).toEqual([4]);
    expect(desk.gone('forgotten')).toEqual([1, 2, 3]);
  });

  it('is no more in turn, and the others are', () => {
    const desk = new Desk().open('a', 0).open('b', 0).open('c', 0).publish(1, 2).close('a');
    desk.publish(3, 4);
    // It was the turn of c, who was handed what came back.
    expect(desk.heldBy('c')).toEqual([1, 4]);
    expect(desk.heldBy('b')).toEqual([2, 3]);
  });
});

describe('a message that fails', () => {
  it('comes back to its old place', () => {
    const desk = new Desk().open('a', 1).publish(1, 2, 3).settle(1, 'requeue');
    expect(desk.heldBy('a')).toEqual([1]);
    expect(desk.ready()).toEqual([2, 3]);
  });

  it('without the rule stands behind all others', () => {
    const desk = new Desk({}, ['queue.original-place']).open('a', 1).publish(1, 2, 3);
    expect(desk.settle(1, 'requeue').heldBy('a')).toEqual([2]);
    expect(desk.ready()).toEqual([3, 1]);
  });

  it.each([0, 1, 3, 20])('with a limit of %i dies of its delivery limit + 1', (deliveryLimit) => {
    const desk = new Desk({ deliveryLimit }).open('a', 1).publish(1);
    for (let i = 0; i < deliveryLimit; i++) desk.settle(1, 'requeue');
    expect(desk.gone('delivery-limit')).toEqual([]);
    expect(desk.heldBy('a')).toEqual([1]);
    expect(desk.settle(1, 'requeue').gone('delivery-limit')).toEqual([1]);
    expect(desk.deliveries).toBe(deliveryLimit + 1);
  });

  it.each([
    ['no limit', { deliveryLimit: -1 }, []],
    ['the rule off', { deliveryLimit: 2 }, ['queue.delivery-limit']],
  ])('with %s never dies', (_, config, off) => {
    const desk = new Desk(config, off).open('a', 1).publish(1);
    for (let i = 0; i < 100; i++) desk.settle(1, 'requeue');
    expect(desk.heldBy('a')).toEqual([1]);
    expect(desk.deliveries).toBe(101);
  });

  it('where nobody counts goes behind all others, as in a quorum queue without a limit', () => {
    const desk = new Desk({ deliveryLimit: -1, returnsToBack: true }).open('a', 1);
    desk.publish(1, 2, 3);
    expect(desk.settle(1, 'requeue').heldBy('a')).toEqual([2]);
    expect(desk.ready()).toEqual([3, 1]);
  });

  it('a channel that ends counts as a failure', () => {
    const desk = new Desk({ deliveryLimit: 0 }).open('a', 1).publish(1, 2).close('a');
    expect(desk.gone('delivery-limit')).toEqual([1]);
    expect(desk.ready()).toEqual([2]);
  });

  it('that is rejected dies at once', () => {
    expect(new Desk().open('a', 1).publish(1).settle(1, 'reject').gone('rejected')).toEqual([1]);
  });
});

describe('what waits too long or stands too far back', () => {
  it('expires at the head, by the shorter of both times', () => {
    const desk = new Desk({ messageTtlMicros: 100 }).publishAt(0, 1).publishAt(10, 2, 30);
    desk.tick(99);
    expect(desk.ready()).toEqual([1, 2]);
    desk.tick(100);
    expect(desk.gone('expired')).toEqual([1, 2]);
  });

  it('does not expire in the hands of a consumer, but when it comes back', () => {
    const desk = new Desk({ messageTtlMicros: 100 }).open('a', 1).publishAt(0, 1).tick(500);
    expect(desk.heldBy('a')).toEqual([1]);
    expect(desk.settle(1, 'requeue').gone('expired')).toEqual([1]);
  });

  it('over its length a queue drops its head', () => {
    const desk = new Desk({ maxLength: 2 }).publish(1, 2, 3, 4);
    expect(desk.ready()).toEqual([3, 4]);
    expect(desk.gone('maxlen')).toEqual([1, 2]);
  });

  it('or refuses what comes, and counts what is being written', () => {
    const desk = new Desk({ maxLength: 2, overflow: 'reject-publish' }).accept(1, 2, 3);
    expect(desk.refused).toEqual([3]);
    expect(desk.store().ready()).toEqual([1, 2]);
  });

  it('what a consumer holds does not count', () => {
    const desk = new Desk({ maxLength: 1 }).open('a', 2).publish(1, 2, 3);
    expect(desk.heldBy('a')).toEqual([1, 2]);
    expect(desk.ready()).toEqual([3]);
    expect(desk.gone('maxlen')).toEqual([]);
  });
});

describe('a message that is published', () => {
  it('is confirmed and delivered once it is stored', () => {
    const desk = new Desk().open('a', 0).accept(1);
    expect(desk.confirmed).toEqual([]);
    expect(desk.heldBy('a')).toEqual([]);
    desk.store();
    expect(desk.confirmed).toEqual([1]);
    expect(desk.heldBy('a')).toEqual([1]);
  });

  it('without the rule before that', () => {
    const desk = new Desk({}, ['queue.confirm-after-sync']).open('a', 0).accept(1);
    expect(desk.confirmed).toEqual([1]);
    expect(desk.heldBy('a')).toEqual([1]);
    expect(desk.store().deliveries).toBe(1);
  });
});
