/** A broker, its producers and consumers: what is worked on, again, never, and in which time. */
import { describe, expect, it } from 'vitest';
import type { Death } from '../../../../src/sim/contracts/queue.ts';
import type { QueueBrokerState } from '../../../../src/sim/components/queue-broker/state.ts';
import { checkQueues, Post } from './support.ts';

const DEAD = [{ name: 'work', deadLetterQueue: 'dead' }, { name: 'dead' }];

const QUORUM = { queueType: 'quorum' };

const deathsIn = (post: Post, place: number): readonly (readonly Death[])[] => {
  const { hosted } = post.node('q1').state as QueueBrokerState;
  return hosted[place]!.state.ready.map(({ message }) => message.deaths);
};

describe('a queue in calm times', () => {
  it('confirms after the fsync, and has each message worked on once', () => {
    const post = new Post({ producer: { messagesMax: 100 } }).ms(2_000);
    const confirmed = post.sent('queue.confirmed');
    const published = post.sent('queue.publish');
    // One millisecond there, two for the disk.
    expect(confirmed[0]!.atMicros - published[0]!.atMicros).toBe(3_000);
    expect(post.account()).toMatchObject({
      verdict: 'pass',
      text:
        '100 confirmed: 100 done, 0 dead-lettered, 0 still there, 0 lost; ' +
        'work was done again 0 times',
    });
    expect([post.shown('Done', 'c1'), post.shown('Done', 'c2')]).toEqual([50, 50]);
  });

  it('the latency of work is counted from publishing', () => {
    const post = new Post({ producer: { messagesMax: 1 } }).ms(1_000);
    const [done] = post
      .told<{ type: 'client.completed'; f: string; latencyMicros: number }>('client.completed')
      .filter(({ fact }) => fact.f === 'dequeue');
    // To the broker, the disk, to the consumer, the work.
    expect(done?.fact.latencyMicros).toBe(1_000 + 2_000 + 1_000 + 5_000);
  });
});

describe('a message that nobody can work on', () => {
  // A quorum queue has a leader by then.
  const poison = { startMs: 1_000, messagesMax: 10, poisonEvery: 10 };

  it('is tried its limit + 1 times, then a dead letter that says why', () => {
    const post = new Post({
      queues: [{ ...DEAD[0], ...QUORUM, deliveryLimit: 3 }, DEAD[1]!],
      producer: poison,
      consumer: { reconnectMs: 100 },
      account: { deadLettered: 1, duplicated: 0 },
    }).ms(3_000);
    const failed = [post.shown('Failed', 'c1'), post.shown('Failed', 'c2')] as number[];
    expect(failed[0]! + failed[1]!).toBe(4);
    expect(deathsIn(post, 1)).toEqual([[{ queue: 'work', reason: 'delivery-limit', count: 1 }]]);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
  });

  it.each([
    ['of a classic queue', {}, 1_200],
    // What became of it is in the log before it is tried again.
    ['without a limit', { ...QUORUM, deliveryLimit: -1 }, 450],
  ])('%s goes round for ever', (_, queue, times) => {
    const post = new Post({
      queues: [{ ...DEAD[0], ...queue }, DEAD[1]!],
      producer: poison,
      consumers: 1,
    }).ms(10_000);
    // There and back and five milliseconds of work.
    expect(post.shown('Failed', 'c1')).toBeGreaterThan(times);
    expect(post.account().text).toContain('9 done, 0 dead-lettered, 1 still there');
  });

  it('without a queue for dead letters is dropped, which the account calls lost', () => {
    const queues = [{ ...QUORUM, deliveryLimit: 0 }];
    const consumer = { reconnectMs: 100 };
    const post = new Post({ queues, producer: poison, consumer }).ms(3_000);
    expect(post.told('queue.dropped')).toHaveLength(1);
    expect(post.account()).toMatchObject({ verdict: 'fail' });
  });

  it('takes each process with it that tries it, and what these hold comes back', () => {
    const post = new Post({
      queues: [{ ...DEAD[0], ...QUORUM, deliveryLimit: 2 }, DEAD[1]!],
      producer: { ...poison, messagesMax: 40, poisonEvery: 20, poisonMax: 1 },
      consumer: { onPoison: 'crash', restartMs: 200, reconnectMs: 100 },
      account: { deadLettered: 1 },
    }).ms(5_000);
    expect(post.told('node.exited')).toHaveLength(3);
    const closed = post.told<{ type: 'queue.channel-closed'; why: string }>('queue.channel-closed');
    expect(closed.map(({ fact }) => fact.why)).toEqual(Array(3).fill('connection-reset'));
    expect(post.account()).toMatchObject({ verdict: 'pass' });
  });
});

describe('a consumer whose machine is gone', () => {
  const consumer = { heartbeatMs: 1_000, reconnectMs: 100, work: { kind: 'constant', ms: 50 } };
  const plan = { consumer, producer: { messagesMax: 100 } };

  it('is missed when its heartbeat is, and what it held is worked on by others', () => {
    const post = new Post(plan).ms(500).crash('c1').ms(1_900);
    const closed = post.told<{ type: 'queue.channel-closed'; why: string; held: number }>(
      'queue.channel-closed',
    );
    expect(closed.map(({ fact: { why, held } }) => [why, held])).toEqual([['no heartbeat', 5]]);
    post.ms(10_000);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
    expect(post.account().text).toContain('100 done');
  });

  it('without the rule takes with it what it held', () => {
    const post = new Post({ ...plan, ablations: ['queue.requeue-on-loss'] });
    post.ms(500).crash('c1').ms(10_000);
    expect(post.account()).toMatchObject({ verdict: 'fail' });
    expect(post.account().text).toContain('95 done, 0 dead-lettered, 0 still there, 5 lost');
  });

  it('with automatic acknowledgements, too, and all that it had not begun', () => {
    const post = new Post({
      ...plan,
      consumer: { work: { kind: 'constant', ms: 50 }, autoAck: true, heartbeatMs: 1_000 },
    });
    post.ms(500).crash('c1').ms(10_000);
    expect(post.account()).toMatchObject({ verdict: 'fail' });
  });
});

describe('a broker that loses power', () => {
  const calm = { consumer: { reconnectMs: 100, heartbeatMs: 500 } };

  it('has what it confirmed, and hands out again what was not settled', () => {
    const post = new Post(calm).ms(1_002.5).crash('q1').ms(1_500).restart('q1').ms(4_000);
    expect(post.shown('Connected', 'c1')).toBe(true);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
    expect(post.shown('Redelivered')).toBeGreaterThan(0);
  });

  it('without the rule has confirmed what is gone', () => {
    const slow = { work: { kind: 'constant', ms: 5_000 }, prefetch: 1 };
    const post = new Post({ consumer: slow, ablations: ['queue.confirm-after-sync'] });
    post.ms(1_002.5).crash('q1').ms(1_500).restart('q1').ms(4_000);
    expect(post.account()).toMatchObject({ verdict: 'fail' });
  });
});

describe('a queue that is full', () => {
  const full = { maxLength: 10, deadLetterQueue: 'dead' };
  const producer = { messagesMax: 50 };
  const idle = { consumers: 1, consumer: { work: { kind: 'constant', ms: 60_000 }, prefetch: 1 } };

  it('loses its head to the queue for dead letters', () => {
    const queues = [{ name: 'work', ...full }, DEAD[1]!];
    const post = new Post({ queues, producer, ...idle, account: { deadLettered: 39 } }).ms(2_000);
    expect([post.shown('Ready'), post.shown('Unacked'), post.shown('Dead letters')]).toEqual([
      10, 1, 39,
    ]);
    expect(deathsIn(post, 1)[0]).toEqual([{ queue: 'work', reason: 'maxlen', count: 1 }]);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
  });

  it('or refuses what comes, and its producer knows', () => {
    const queues = [{ name: 'work', maxLength: 10, overflow: 'reject-publish' }];
    const post = new Post({ queues, producer, ...idle }).ms(2_000);
    expect([post.shown('Confirmed', 'p1'), post.shown('Refused', 'p1')]).toEqual([11, 39]);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
  });

  it('what waits too long is a dead letter, too', () => {
    const queues = [{ name: 'work', messageTtlMs: 300, deadLetterQueue: 'dead' }, DEAD[1]!];
    const post = new Post({ queues, producer, ...idle, account: { deadLettered: 49 } }).ms(2_000);
    expect(deathsIn(post, 1)[0]).toEqual([{ queue: 'work', reason: 'expired', count: 1 }]);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
  });

  it('and two queues that give each other what expires drop it the second time', () => {
    const queues = [
      { name: 'work', messageTtlMs: 100, deadLetterQueue: 'other' },
      { name: 'other', messageTtlMs: 100, deadLetterQueue: 'work' },
    ];
    const post = new Post({ queues, producer, ...idle }).ms(2_000);
    expect(post.told('queue.dropped')).toHaveLength(49);
  });
});

describe('checks of other clients', () => {
  it.each([
    ['linearizable', 'No client of this plan ever does'],
    ['unique-ids', 'No client of this plan ever does generate'],
  ])('%s has nothing to judge where messages are all that there is', (use, why) => {
    expect(() => checkQueues({ checks: [{ id: 'other', use }] })).toThrow(why);
  });
});

describe('publishing again', () => {
  it('what was taken but not confirmed is there twice, and the account counts it', () => {
    const post = new Post({
      producer: { messagesMax: 20, confirmTimeoutMs: 50, retries: 5, retryMs: 50 },
      account: { duplicated: 0 },
    });
    post.inject('deaf', { type: 'one-way', from: 'q1', to: 'p1' }).ms(70).undo('deaf').ms(3_000);
    const { verdict, text, why } = post.account();
    expect(verdict).toBe('fail');
    expect(text).toContain('20 confirmed: 20 done');
    expect(why[0]).toMatch(/^1 of \d+ worked on again: Message \d+ was done 2 times\.$/);
  });
});

describe('settings that cannot be', () => {
  it.each([
    [{ queues: [{ deadLetterQueue: 'dad' }, { name: 'dead' }] }, 'There is no queue "dad"'],
    [{ queues: [{ deadLetterQueue: 'work' }] }, 'A queue cannot take its own dead letters'],
    [{ account: { outOfOrder: 0 } }, 'No message belongs to a group'],
    [{ queues: [{}, {}] }, 'There are two queues "work"'],
    [{ queues: [{ overflow: 'reject-publish' }] }, 'overflow changes nothing'],
    [{ consumer: { autoAck: true } }, 'prefetch changes nothing'],
    [{ consumer: { concurrency: 8 } }, 'concurrency changes nothing'],
    [{ consumer: { restartMs: 8 } }, 'restartMs changes nothing'],
    [{ producer: { stopMs: 10, startMs: 20 } }, 'The load ends before it begins'],
    [{ producer: { retryMs: 10 } }, 'retryMs changes nothing'],
  ])('%j: %s', (plan, why) => {
    expect(() => checkQueues(plan)).toThrow(why);
  });
});
