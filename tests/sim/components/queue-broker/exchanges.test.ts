/** Exchanges: who gets a message, what is lost without a word, and when it is confirmed. */
import { describe, expect, it } from 'vitest';
import type { QueueBrokerState } from '../../../../src/sim/components/queue-broker/state.ts';
import { checkQueues, Post } from './support.ts';

interface Words {
  readonly [name: string]: unknown;
}
const bind = (queue: string, more: Words = {}): Words => ({ queue, ...more });
const events = (type: string, ...bindings: readonly Words[]): Words => ({
  exchanges: [{ name: 'events', type, bindings }],
});
const TWO = [{ name: 'mail' }, { name: 'audit' }];
const few = (more: Words = {}): Words => ({ messagesMax: 20, exchange: 'events', ...more });
const slow = { work: { kind: 'constant', ms: 60_000 }, prefetch: 1 };

const valuesIn = (post: Post, place: number): readonly number[] => {
  const { ready, head, unacked } = (post.node('q1').state as QueueBrokerState).hosted[place]!.state;
  const held = [...unacked.values()].map((one) => one.held);
  return [...held, ...ready.slice(head)].map(({ message }) => message.value);
};
const endings = (post: Post): readonly string[] =>
  post
    .told<{ type: 'client.completed'; f: string; outcome: string; error?: string }>(
      'client.completed',
    )
    .flatMap(({ fact }) => (fact.f === 'enqueue' ? [fact.error ?? fact.outcome] : []));

describe('an exchange', () => {
  it('gives a message to each queue that is bound, once, and confirms it once', () => {
    const post = new Post({
      queues: TWO,
      broker: events('fanout', bind('mail'), bind('audit')),
      producer: few(),
      consumer: slow,
    }).ms(2_000);
    expect(valuesIn(post, 0)).toHaveLength(20);
    expect(valuesIn(post, 1)).toEqual(valuesIn(post, 0));
    expect(endings(post)).toEqual(Array(20).fill('ok'));
    expect(post.sent('queue.confirmed')).toHaveLength(20);
  });

  it('gives a queue that is bound late nothing of before', () => {
    const post = new Post({
      queues: TWO,
      broker: events('fanout', bind('mail'), bind('audit', { fromMs: 100 })),
      producer: few({ startMs: 50, arrivals: { kind: 'constant', ratePerSecond: 100 } }),
      consumer: slow,
    }).ms(2_000);
    const [all, late] = [valuesIn(post, 0), valuesIn(post, 1)];
    // One comes each 10 ms, a millisecond after it was sent: four before the binding.
    expect([all.length, late.length]).toEqual([20, 16]);
    expect(late).toEqual(all.slice(4));
  });

  it('without confirms does the same for what is posted', () => {
    const post = new Post({
      queues: TWO,
      broker: events('direct', bind('mail', { routingKey: 'a' })),
      producer: few({ routingKeys: ['a', 'b'], publisherConfirms: false }),
      consumer: slow,
    }).ms(2_000);
    expect(valuesIn(post, 0)).toHaveLength(10);
    expect(post.shown('Unroutable')).toBe(10);
  });
});

describe('a message for which no queue is bound', () => {
  const half = {
    queues: TWO,
    broker: events('topic', bind('mail', { routingKey: 'order.*' })),
    consumer: slow,
  };
  const keys = { routingKeys: ['order.paid', 'refund.paid'] };

  it('is confirmed and lost, and nobody hears of it', () => {
    const post = new Post({ ...half, producer: few(keys), account: { lost: 10 } }).ms(2_000);
    expect(endings(post)).toEqual(Array(20).fill('ok'));
    expect(post.shown('Unroutable')).toBe(10);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
  });

  it('comes back if it is mandatory, and is not confirmed', () => {
    const post = new Post({ ...half, producer: few({ ...keys, mandatory: true }) }).ms(2_000);
    expect([...endings(post)].sort()).toEqual([
      ...Array(10).fill('no-route'),
      ...Array(10).fill('ok'),
    ]);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
    expect(post.account().text).toContain('10 confirmed');
  });

  it('is published again by who retries, until somebody is bound', () => {
    const post = new Post({
      queues: TWO,
      broker: events('fanout', bind('mail', { fromMs: 1_000 })),
      producer: few({ mandatory: true, retries: 50, retryMs: 50 }),
      consumer: slow,
    }).ms(3_000);
    expect(endings(post)).toEqual(Array(20).fill('ok'));
    expect(valuesIn(post, 0)).toHaveLength(20);
  });
});

describe('a message for two queues', () => {
  const two = {
    queues: [{ name: 'mail' }, { name: 'audit', maxLength: 5, overflow: 'reject-publish' }],
    broker: events('fanout', bind('mail'), bind('audit')),
    producer: few(),
    consumer: slow,
  };

  it('is not confirmed, and not surely out, if one of them is full', () => {
    const post = new Post(two).ms(2_000);
    expect(endings(post).filter((one) => one === 'partly-taken')).toHaveLength(15);
    expect(valuesIn(post, 0)).toHaveLength(20);
    expect(post.shown('Unknown', 'p1')).toBe(15);
  });

  it('is surely out if all of them are', () => {
    const full = { maxLength: 5, overflow: 'reject-publish' };
    const queues = TWO.map((one) => ({ ...one, ...full }));
    const post = new Post({ ...two, queues, consumer: { ...slow }, consumers: 1 }).ms(2_000);
    // A consumer has one of the first queue: that takes one more.
    expect(new Set(endings(post))).toEqual(new Set(['ok', 'partly-taken', 'queue-full']));
    expect(post.shown('Refused', 'p1')).toBe(14);
  });

  const one = { queues: TWO, broker: two.broker, producer: few({ messagesMax: 1 }) };
  const crashed = (ablations: readonly string[]): Post =>
    // Sent at once, there after 1 ms; the first queue has it on disk at 3 ms, the second at 5 ms.
    new Post({ ...one, consumer: slow, ablations })
      .ms(14)
      .crash('q1')
      .ms(500)
      .restart('q1')
      .ms(8_000);

  it('is confirmed once both have it on disk', () => {
    const post = new Post({ ...one, consumer: slow }).ms(1_000);
    const took =
      post.sent('queue.confirmed')[0]!.atMicros - post.sent('queue.publish')[0]!.atMicros;
    expect(took).toBe(5_000);
    expect(endings(crashed([]))).toEqual(['timeout']);
  });

  it('without the rule is confirmed with one, and the other queue never has it', () => {
    const post = crashed(['queue.confirm-all-copies']);
    expect(endings(post)).toEqual(['ok']);
    expect([valuesIn(post, 0).length, valuesIn(post, 1).length]).toEqual([1, 0]);
  });
});

describe('a dead-letter exchange', () => {
  // A quorum queue has a leader by then.
  const poison = { startMs: 1_000, messagesMax: 10, poisonEvery: 10 };
  const dlx = (queue: Words, bindings: readonly Words[], type = 'direct'): Post =>
    new Post({
      queues: [
        { name: 'work', queueType: 'quorum', deliveryLimit: 0, ...queue },
        { name: 'dead' },
        { name: 'seen' },
      ],
      broker: { exchanges: [{ name: 'dlx', type, bindings }] },
      producer: poison,
      consumer: { reconnectMs: 100 },
    }).ms(3_000);
  const deadIn = (post: Post): readonly number[] =>
    [1, 2].map((place) => valuesIn(post, place).length);

  it('gets dead letters under the key that they came with: the name of their queue', () => {
    const bound = [bind('dead', { routingKey: 'work' }), bind('seen', { routingKey: 'other' })];
    const post = dlx({ deadLetterExchange: 'dlx' }, bound);
    expect(deadIn(post)).toEqual([1, 0]);
    expect(post.shown('Dead letters')).toBe(1);
  });

  it('or under the key of the queue, which replaces it', () => {
    const bound = [bind('dead', { routingKey: 'work' }), bind('seen', { routingKey: 'other' })];
    const own = { deadLetterExchange: 'dlx', deadLetterRoutingKey: 'other' };
    expect(deadIn(dlx(own, bound))).toEqual([0, 1]);
  });

  it('gives all that are bound a copy', () => {
    const post = dlx({ deadLetterExchange: 'dlx' }, [bind('dead'), bind('seen')], 'fanout');
    expect(deadIn(post)).toEqual([1, 1]);
    expect(post.told('queue.dead-lettered')).toHaveLength(2);
  });

  it('drops what nobody is bound for', () => {
    const post = dlx({ deadLetterExchange: 'dlx' }, [bind('dead', { routingKey: 'else' })]);
    expect(deadIn(post)).toEqual([0, 0]);
    expect(post.told('queue.dropped')).toHaveLength(1);
  });
});

describe('the account of one queue', () => {
  const plan = {
    queues: TWO,
    broker: events('fanout', bind('mail'), bind('audit', { fromMs: 100 })),
    producer: few(),
  };
  it('counts what its own consumers do, and what it never had as lost', () => {
    const of = (account: Words): Post =>
      new Post({ ...plan, consumer: { queue: 'audit' }, account }).ms(3_000);
    const own = of({ queue: 'audit', consumers: 'c', lost: 9, duplicated: 0 });
    expect(own.account().text).toContain('20 confirmed: 11 done, 0 dead-lettered, 0 still there');
    expect(own.account().verdict).toBe('pass');
    expect(of({}).account().text).toContain('11 done, 0 dead-lettered, 9 still there, 0 lost');
  });

  it.each([
    [{ queue: 'mail' }, 'A queue is judged with the group that consumes it'],
    [{ consumers: 'c' }, 'A queue is judged with the group that consumes it'],
    [{ queue: 'mial', consumers: 'c' }, 'No broker has a queue "mial"'],
    [{ queue: 'audit', consumers: 'c' }, '"c" does not consume "audit"'],
  ])('%j: %s', (account, why) => {
    expect(() => checkQueues({ ...plan, account })).toThrow(why);
  });
});

describe('names and settings that cannot be', () => {
  const fan = events('fanout', bind('mail'));
  it.each([
    [{ queues: TWO, broker: events('fanout', bind('mial')) }, 'There is no queue "mial"'],
    [{ queues: TWO, broker: { exchanges: [{}, {}] } }, 'There are two exchanges "events"'],
    [
      { queues: TWO, broker: events('fanout', bind('mail', { routingKey: 'a' })) },
      'routingKey changes nothing: a fanout exchange reads none',
    ],
    [
      { queues: TWO, broker: events('fanout', bind('mail', { fromMs: 20_000 })) },
      'The binding changes nothing: the run ends after 10000 ms',
    ],
    [{ queues: TWO, broker: fan }, 'nobody publishes to it'],
    [{ queues: TWO, broker: fan, brokers: 2 }, 'Exchanges are of one broker alone'],
    [{ queues: [{ deadLetterExchange: 'dlx' }] }, 'There is no exchange "dlx"'],
    [{ queues: [{ deadLetterRoutingKey: 'x' }] }, 'there is no deadLetterExchange'],
    [
      {
        queues: [{ deadLetterQueue: 'dead', deadLetterExchange: 'dlx' }, { name: 'dead' }],
        broker: { exchanges: [{ name: 'dlx' }] },
      },
      'deadLetterExchange changes nothing: deadLetterQueue names where they go',
    ],
    [{ queues: TWO, broker: fan, producer: { exchange: 'event' } }, 'has no exchange "event"'],
    [{ queues: TWO, broker: fan, producer: few({ routingKeys: ['a'] }) }, 'reads none'],
    [{ producer: { routingKeys: ['a'] } }, 'routingKeys changes nothing'],
    [{ producer: { mandatory: true } }, 'mandatory changes nothing'],
    [{ queues: TWO, broker: fan, producer: few({ queue: 'mail' }) }, 'it publishes to an exchange'],
    [{ producer: { queue: 'wrok' } }, '"q" has no queue "wrok"'],
    [{ consumer: { queue: 'wrok' } }, '"q" has no queue "wrok"'],
  ])('%j: %s', (plan, why) => {
    expect(() => checkQueues(plan)).toThrow(why);
  });
});
