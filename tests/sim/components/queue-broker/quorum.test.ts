/** A queue on several brokers: what a crash of the one that leads costs, and what it does not. */
import { describe, expect, it } from 'vitest';
import type { QueueBrokerState } from '../../../../src/sim/components/queue-broker/state.ts';
import { checkQueues, Post } from './support.ts';

const QUORUM = { queueType: 'quorum' };
const CLUSTER = {
  brokers: 3,
  queues: [QUORUM],
  broker: { failureDetectorMs: 200 },
  producer: { startMs: 100, messagesMax: 100, confirmTimeoutMs: 500, retries: 50, retryMs: 100 },
  consumer: { reconnectMs: 100, heartbeatMs: 500 },
  account: { duplicated: null },
};
/** It has its message, and works on it for longer than any run. */
const STUCK = { work: { kind: 'constant', ms: 600_000 }, reconnectMs: 100, heartbeatMs: 500 };

const cut = (post: Post, ...names: string[]): Post =>
  post.inject('cut', { type: 'partition', groups: [names] });

describe('a quorum queue in calm times', () => {
  it('is led by its first member, and confirms what a majority has on disk', () => {
    const post = new Post({ ...CLUSTER, producer: { startMs: 100, messagesMax: 1 } }).ms(1_000);
    const [published] = post.sent('queue.publish');
    const [confirmed] = post.sent('queue.confirmed');
    // To the leader, to a follower, its disk, and back there.
    expect(confirmed!.atMicros - published!.atMicros).toBe(1_000 + 1_000 + 2_000 + 1_000);
    expect(post.told('queue.leader', 'q1')).toHaveLength(1);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
  });

  it('of one member is as quick as its disk', () => {
    const queues = [{ ...QUORUM, quorumInitialGroupSize: 1 }];
    const post = new Post({ ...CLUSTER, queues, producer: { startMs: 100, messagesMax: 1 } }).ms(
      1_000,
    );
    const [published] = post.sent('queue.publish');
    expect(post.sent('queue.confirmed')[0]!.atMicros - published!.atMicros).toBe(3_000);
  });

  it('hands no consumer more than 2,000 messages that are not settled', () => {
    const post = new Post({
      ...CLUSTER,
      producer: {
        arrivals: { kind: 'constant', ratePerSecond: 2_000 },
        startMs: 100,
        messagesMax: 2_100,
      },
      consumers: 1,
      consumer: { ...STUCK, prefetch: 0 },
    }).ms(8_000);
    expect([post.shown('Unacked'), post.shown('Ready')]).toEqual([2_000, 100]);
  });
});

describe('the crash of a leader', () => {
  it('loses nothing, and what was not settled comes again, marked', () => {
    const consumer = { ...CLUSTER.consumer, work: { kind: 'constant', ms: 50 } };
    const post = new Post({ ...CLUSTER, consumer }).ms(503).crash('q1').ms(20_000);
    const [first, second] = post.told<{ type: 'queue.leader'; unacked: number }>('queue.leader');
    expect(first?.fact.unacked).toBe(0);
    // Five for each of the two.
    expect(second?.fact.unacked).toBe(10);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
    expect(post.account().text).toContain('100 confirmed: 100 done, 0 dead-lettered');
    const leader = post.nameOf(second!.node);
    expect(post.shown('Redelivered', leader)).toBe(10);
  });

  it('is a failed delivery for what was out: one more than the limit is a dead letter', () => {
    const post = new Post({
      ...CLUSTER,
      queues: [
        { name: 'work', ...QUORUM, deliveryLimit: 1, deadLetterQueue: 'dead' },
        { name: 'dead', ...QUORUM },
      ],
      producer: { startMs: 100, messagesMax: 1 },
      consumers: 1,
      consumer: STUCK,
      account: { deadLettered: 1 },
    }).ms(1_000);
    post.crash('q1').ms(4_000).restart('q1');
    expect(post.told('queue.dead-lettered')).toEqual([]);
    const leader = post.nameOf(post.told('queue.leader').at(-1)!.node);
    post.crash(leader).ms(12_000).restart(leader).ms(14_000);
    expect(post.told('queue.dead-lettered').map(({ fact }) => fact)).toMatchObject([
      { queue: 'work', to: 'dead', failures: 2, reason: 'delivery-limit' },
    ]);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
  });

  it('of five members two may be gone, and with three nothing is confirmed, nor lost', () => {
    const queues = [{ ...QUORUM, quorumInitialGroupSize: 5 }];
    const post = new Post({ ...CLUSTER, brokers: 5, queues, producer: { ...CLUSTER.producer } });
    post.ms(300).crash('q1').crash('q2').ms(8_000);
    expect(post.account().text).toContain('100 confirmed: 100 done');
    const again = new Post({ ...CLUSTER, brokers: 5, queues }).ms(300);
    const before = again.sent('queue.confirmed').length;
    again.crash('q1').crash('q2').crash('q3').ms(4_000);
    expect(again.sent('queue.confirmed').length).toBe(before);
    expect(again.account()).toMatchObject({ verdict: 'unknown', text: 'q1 is down in the end' });
    again.restart('q3').ms(30_000);
    expect(again.account()).toMatchObject({ verdict: 'pass' });
    expect(again.account().text).toMatch(/^100 confirmed: 100 done/);
  });

  it('that comes back takes the others’ word for all, by their log or by a snapshot', () => {
    for (const minSnapshotInterval of [4_096, 20]) {
      const broker = { ...CLUSTER.broker, minSnapshotInterval };
      const post = new Post({ ...CLUSTER, broker }).ms(503).crash('q1').ms(20_000);
      post.restart('q1').ms(25_000);
      const states = ['q1', 'q2', 'q3'].map(
        (name) => (post.node(name).state as QueueBrokerState).hosted[0]!,
      );
      const [one, ...others] = states.map(({ state }) => state);
      for (const other of others) expect(other).toEqual(one);
      expect(one!.nextSeq).toBeGreaterThan(100);
      expect(states[0]!.replica!.raft.snapshot !== null).toBe(minSnapshotInterval === 20);
    }
  });
});

describe('a leader that hears nobody', () => {
  it('confirms nothing, gives up its office, and says that another leads', () => {
    const post = cut(new Post(CLUSTER).ms(303), 'q1', 'p1');
    const before = post.sent('queue.confirmed').length;
    post.ms(2_000);
    expect(post.sent('queue.confirmed').length).toBe(before);
    expect(post.told('queue.stepped-down', 'q1')).toHaveLength(1);
    const ends = post.told<{ type: 'client.completed'; f: string }>('client.completed', 'p1');
    expect(ends.filter(({ atMicros }) => atMicros > 310_000)).toEqual([]);
    post.undo('cut').ms(30_000);
    expect(post.account()).toMatchObject({ verdict: 'pass' });
    expect(post.account().text).toContain('100 confirmed: 100 done');
  });

  it('without the rule confirms what the others never have', () => {
    const ablations = ['queue.confirm-after-majority'];
    const producer = { ...CLUSTER.producer, retries: 0 };
    const post = cut(new Post({ ...CLUSTER, producer, ablations }).ms(303), 'q1', 'p1');
    post.ms(400).crash('q1').undo('cut').ms(10_000).restart('q1').ms(15_000);
    // Those of a tenth of a second.
    expect(post.account().text).toContain(' 0 still there, 9 lost');
    expect(post.account()).toMatchObject({ verdict: 'fail' });
    const kept = cut(new Post({ ...CLUSTER, producer }).ms(303), 'q1', 'p1');
    kept.ms(400).crash('q1').undo('cut').ms(10_000).restart('q1').ms(15_000);
    expect(kept.account().text).toContain(' 0 lost');
  });
});

describe('what consumers of the leader before held', () => {
  const held = (ablations: readonly string[]): Post =>
    new Post({
      ...CLUSTER,
      producer: { startMs: 100, messagesMax: 10 },
      consumer: STUCK,
      ablations,
    })
      .ms(1_000)
      .crash('q1')
      .inject('workers', { type: 'crash', target: 'c' })
      .ms(8_000);

  it('the next one takes back', () => {
    const post = held([]);
    const leader = post.nameOf(post.told('queue.leader').at(-1)!.node);
    expect([post.shown('Ready', leader), post.shown('Unacked', leader)]).toEqual([10, 0]);
  });

  it('without the rule is held for ever by nobody', () => {
    const post = held(['queue.return-on-failover']);
    const leader = post.nameOf(post.told('queue.leader').at(-1)!.node);
    expect([post.shown('Ready', leader), post.shown('Unacked', leader)]).toEqual([0, 10]);
  });
});

describe('a classic queue of the same brokers', () => {
  const classic = {
    ...CLUSTER,
    queues: [{}],
    consumer: { ...STUCK, prefetch: 5 },
    producer: { startMs: 100, messagesMax: 40, confirmTimeoutMs: 500 },
  };

  it('is on the first alone: while that is down, it is not there', () => {
    const post = new Post({ ...classic, producer: { ...classic.producer, messagesMax: 100 } });
    post.ms(502.5).crash('q1').ms(4_000);
    expect(post.shown('Connected', 'c1')).toBe(false);
    expect(post.shown('Unknown', 'p1')).toBeGreaterThan(0);
    expect(post.account().text).toBe('q1 is down in the end');
    expect(post.restart('q1').ms(9_000).account()).toMatchObject({ verdict: 'pass' });
  });

  it.each([
    ['persistent messages', {}, {}, 0],
    ['transient messages', { deliveryMode: 'transient' }, {}, 40],
    ['a queue that is not durable', {}, { durable: false }, 40],
  ])('of %s loses, when it restarts: %j %j %i', (_what, how, queue, lost) => {
    const producer = { ...classic.producer, ...how };
    const post = new Post({ ...classic, queues: [queue], producer }).ms(2_000);
    expect(post.shown('Confirmed', 'p1')).toBe(40);
    post.crash('q1').ms(3_000).restart('q1').ms(5_000);
    expect(post.account().text).toContain(`${lost} lost`);
  });

  it('and a quorum queue keeps transient messages, too', () => {
    const producer = { ...classic.producer, deliveryMode: 'transient' };
    const post = new Post({ ...classic, queues: [QUORUM], producer }).ms(2_000);
    post.crash('q1').ms(6_000).restart('q1').ms(9_000);
    expect(post.account().text).toContain('40 still there, 0 lost');
  });
});

describe('messages without confirms', () => {
  it('are handed on to the broker that leads', () => {
    const producer = { startMs: 100, messagesMax: 100, publisherConfirms: false };
    const post = new Post({ ...CLUSTER, producer }).ms(203);
    const leader = { role: 'leader', group: 'q' } as const;
    post.inject('pause', { type: 'pause', target: leader }).ms(1_500).undo('pause').ms(4_000);
    expect(post.told('queue.stepped-down', 'q1')).toHaveLength(1);
    const posts = post.sent('queue.post');
    const handedOn = posts.filter(({ from }) => post.nameOf(from) === 'q1');
    expect(handedOn.length).toBeGreaterThan(0);
    expect(post.shown('Confirmed', 'p1')).toBe(100);
  });
});

describe('settings that cannot be', () => {
  it.each([
    [{ queues: [{ quorumInitialGroupSize: 1 }] }, 'quorumInitialGroupSize changes nothing'],
    [{ queues: [{ ...QUORUM, durable: false }] }, 'durable changes nothing'],
    [{ broker: { failureDetectorMs: 50 } }, 'failureDetectorMs changes nothing'],
    [{ broker: { minSnapshotInterval: 50 } }, 'minSnapshotInterval changes nothing'],
    [
      { brokers: 3, queues: [{ ...QUORUM, quorumInitialGroupSize: 5 }] },
      'quorumInitialGroupSize is 5, but there are 3 brokers',
    ],
  ])('%j: %s', (plan, why) => {
    expect(() => checkQueues(plan)).toThrow(why);
  });
});
