/** How Kafka lost records, and since when it does not: each story by the old rule and the new. */
import { describe, expect, it } from 'vitest';
import type { PartitionEffect } from '../../../../src/sim/protocols/partition-log/effects.ts';
import { offsetAt } from '../../../../src/sim/protocols/partition-log/reading.ts';
import { Replicas, batchOf, configOf, valuesOf } from './support/replicas.ts';
import type { Options } from './support/replicas.ts';

const word = (leader: number, leaderEpoch: number, isr: readonly number[]) => ({
  leader,
  leaderEpoch,
  partitionEpoch: leaderEpoch,
  isr,
});
const isAcknowledged = (effects: readonly PartitionEffect[]): boolean =>
  effects.some((effect) => effect.type === 'produced' && effect.error === null);

/** KIP-101, scenario 1: A follows B, has m1 and m2, and does not know yet that m2 is committed. */
function firstStory(options: Options): Replicas {
  const [A, B] = [0, 1];
  const pair = new Replicas(2, options);
  pair.metadata(word(B, 0, [A, B]));
  pair.produce(B, batchOf(['m1']));
  pair.fetch(A, B);
  pair.produce(B, batchOf(['m2']));
  pair.fetch(A, B);
  expect(isAcknowledged(pair.fetch(A, B)), 'm2 is acknowledged').toBe(true);
  expect(pair.at(B).highWatermark).toBe(2);
  // The answer with the new high watermark was on its way when A restarted.
  pair.at(A).highWatermark = 1;
  pair.metadata(word(B, 1, [A, B]), [A]);
  // B is gone before A could fetch; A leads, and B comes back.
  pair.metadata(word(A, 2, [A]));
  for (let round = 0; round < 4; round += 1) pair.fetch(B, A);
  return pair;
}

/** KIP-101, scenario 2: B's m2 was never on disk, both lose power, and B leads first. */
function secondStory(options: Options): Replicas {
  const [A, B] = [0, 1];
  const pair = new Replicas(2, options);
  pair.metadata(word(A, 0, [A, B]));
  pair.produce(A, batchOf(['m1']));
  pair.fetch(B, A);
  pair.produce(A, batchOf(['m2']));
  pair.fetch(B, A);
  expect(isAcknowledged(pair.fetch(B, A)), 'm2 is acknowledged').toBe(true);
  pair.at(B).log.truncateTo(1);
  pair.at(B).highWatermark = 1;
  pair.metadata(word(B, 1, [B]));
  pair.produce(B, batchOf(['m3']));
  for (let round = 0; round < 4; round += 1) pair.fetch(A, B);
  return pair;
}

describe('KIP-101, scenario 1: a follower restarts, and its leader dies', () => {
  it('truncating to the high watermark loses the acknowledged m2 on both', () => {
    const pair = firstStory({ off: ['partition.epoch-truncation'] });
    expect(pair.states.map(valuesOf)).toEqual([['m1'], ['m1']]);
  });

  it.each([
    ['by lookups', { truncateOnFetch: false }],
    ['by fetches', {}],
  ])('truncating by epochs, %s, keeps it', (_name, options) => {
    const pair = firstStory(options);
    expect(pair.states.map(valuesOf)).toEqual([
      ['m1', 'm2'],
      ['m1', 'm2'],
    ]);
  });
});

describe('KIP-101, scenario 2: power is lost, and whoever lacks m2 leads first', () => {
  it('truncating to the high watermark lets the two logs differ for ever', () => {
    const pair = secondStory({ off: ['partition.epoch-truncation'] });
    expect(pair.states.map(valuesOf)).toEqual([
      ['m1', 'm2'],
      ['m1', 'm3'],
    ]);
  });

  it.each([
    ['as KIP-101 asked', { off: ['partition.epoch-lookup'] }],
    ['by lookups', { truncateOnFetch: false }],
    ['by fetches', {}],
  ])('truncating by epochs, %s: m2 is lost, and the logs are the same', (_name, options) => {
    const pair = secondStory(options);
    expect(pair.states.map(valuesOf)).toEqual([
      ['m1', 'm3'],
      ['m1', 'm3'],
    ]);
  });
});

describe('acks', () => {
  const trio = (options: Options = {}): Replicas => {
    const replicas = new Replicas(3, options);
    replicas.metadata(word(0, 0, [0, 1, 2]));
    return replicas;
  };

  it('acks=1 is answered at the append, and lost with the leader', () => {
    const replicas = trio();
    expect(isAcknowledged(replicas.produce(0, batchOf(['a']), 1))).toBe(true);
    replicas.metadata(word(1, 1, [1, 2]));
    for (let round = 0; round < 3; round += 1) replicas.fetch(0, 1);
    expect(replicas.states.map(valuesOf)).toEqual([[], [], []]);
  });

  it('acks=all is answered once every member of the ISR has asked for what comes after', () => {
    const replicas = trio();
    expect(isAcknowledged(replicas.produce(0, batchOf(['a'])))).toBe(false);
    replicas.fetch(1, 0);
    replicas.fetch(2, 0);
    expect(isAcknowledged(replicas.fetch(1, 0))).toBe(false);
    expect(isAcknowledged(replicas.fetch(2, 0))).toBe(true);
    expect(replicas.at(0).highWatermark).toBe(1);
    // A follower hears of it with its next fetch.
    expect(replicas.at(1).highWatermark).toBe(0);
    replicas.fetch(1, 0);
    expect(replicas.at(1).highWatermark).toBe(1);
  });

  it('with fewer than min.insync.replicas acks=all is refused and nothing is written', () => {
    const replicas = trio({ minInsyncReplicas: 2 });
    replicas.metadata(word(0, 1, [0]));
    const [answer] = replicas.produce(0, batchOf(['a']));
    expect(answer).toMatchObject({ type: 'produced', error: 'NOT_ENOUGH_REPLICAS' });
    expect(valuesOf(replicas.at(0))).toEqual([]);
  });

  it('with the rule off it is acknowledged by one replica alone', () => {
    const replicas = trio({ minInsyncReplicas: 2, off: ['partition.min-isr'] });
    replicas.metadata(word(0, 1, [0]));
    expect(isAcknowledged(replicas.produce(0, batchOf(['a'])))).toBe(true);
  });

  it('a change of leaders answers whoever still waits', () => {
    const replicas = trio();
    replicas.produce(0, batchOf(['a']));
    const effects = replicas.step(0, { type: 'metadata', metadata: word(1, 1, [1, 2]) });
    expect(effects).toContainEqual(
      expect.objectContaining({ type: 'produced', error: 'NOT_LEADER_OR_FOLLOWER' }),
    );
  });
});

describe('the ISR', () => {
  const LAG = 30_000_000;
  it('asks for a follower to leave once it was not caught up for replica.lag.time.max.ms', () => {
    const replicas = new Replicas(2);
    replicas.metadata(word(0, 0, [0, 1]));
    replicas.produce(0, batchOf(['a']));
    replicas.nowMicros = LAG;
    expect(replicas.step(0, { type: 'scan' })).toEqual([]);
    replicas.nowMicros = LAG + 1;
    const [alter] = replicas.step(0, { type: 'scan' });
    expect(alter).toMatchObject({ type: 'alter', proposed: { isr: [0] } });
  });

  it('counts whoever leaves until the controller has said so', () => {
    const replicas = new Replicas(2);
    replicas.metadata(word(0, 0, [0, 1]));
    replicas.produce(0, batchOf(['a']));
    replicas.nowMicros = LAG + 1;
    const [alter] = replicas.step(0, { type: 'scan' });
    if (alter?.type !== 'alter') throw new Error('no change was asked for');
    expect(replicas.at(0).highWatermark).toBe(0);
    const reply = { isr: [0], partitionEpoch: 1 };
    replicas.step(0, { type: 'altered', proposed: alter.proposed, reply });
    expect(replicas.at(0).highWatermark).toBe(1);
  });

  it('lets nobody in that lacks what was written before the epoch of this leader', () => {
    const story = (off: readonly string[]): boolean => {
      const replicas = new Replicas(3, { off });
      replicas.metadata(word(0, 0, [0, 1]), [0, 1]);
      replicas.produce(0, batchOf(['a']));
      replicas.fetch(1, 0);
      // 1 leads with a high watermark of 0, though a may be committed; 2 has nothing yet.
      replicas.metadata(word(1, 1, [1, 0]));
      const fetch = { replica: 2, brokerEpoch: 0, offset: 0, leaderEpoch: 1, lastFetchedEpoch: -1 };
      const effects = replicas.step(1, { type: 'fetch', tag: 0, fetch });
      return effects.some(({ type }) => type === 'alter');
    };
    expect(story([])).toBe(false);
    expect(story(['partition.epoch-start'])).toBe(true);
  });
});

describe('a rule that is off', () => {
  it('maximal-isr: what is acknowledged is lost with who was to stay alone', () => {
    const story = (off: readonly string[]): boolean => {
      const replicas = new Replicas(2, { off });
      replicas.metadata(word(0, 0, [0, 1]));
      replicas.produce(0, batchOf(['a']));
      replicas.nowMicros = 30_000_001;
      const effects = replicas.step(0, { type: 'scan' });
      expect(effects[0]).toMatchObject({ type: 'alter', proposed: { isr: [0] } });
      // Before the controller hears of it, it has 1 lead, who is in the ISR as it knows it.
      const isDone = isAcknowledged(effects);
      replicas.metadata(word(1, 1, [1]));
      expect(valuesOf(replicas.at(1))).toEqual([]);
      return isDone;
    };
    expect(story([])).toBe(false);
    expect(story(['partition.maximal-isr'])).toBe(true);
  });

  it('latest-offset: a new leader names an end before what was read from the last', () => {
    const story = (off: readonly string[]) => {
      const replicas = new Replicas(2, { off });
      replicas.metadata(word(0, 0, [0, 1]));
      replicas.produce(0, batchOf(['a']));
      for (let round = 0; round < 2; round += 1) replicas.fetch(1, 0);
      expect(replicas.at(0).highWatermark).toBe(1);
      replicas.at(1).highWatermark = 0;
      replicas.metadata(word(1, 1, [1, 0]));
      const asked = { leaderEpoch: 1, isolation: 'read_uncommitted' } as const;
      return offsetAt(configOf(1, [0, 1], { off }), replicas.at(1), 'latest', asked);
    };
    expect(story([])).toMatchObject({ error: 'OFFSET_NOT_AVAILABLE' });
    expect(story(['partition.latest-offset'])).toEqual({ error: null, offset: 0 });
  });

  it('epoch-fencing: what a follower fetched in another epoch counts in this one', () => {
    const story = (off: readonly string[]): number => {
      const replicas = new Replicas(2, { off });
      replicas.metadata(word(0, 0, [0, 1]));
      replicas.metadata(word(0, 1, [0, 1]), [0]);
      replicas.produce(0, batchOf(['a']));
      const fetch = { replica: 1, brokerEpoch: 0, offset: 1, leaderEpoch: 0, lastFetchedEpoch: 0 };
      replicas.step(0, { type: 'fetch', tag: 0, fetch: { ...fetch, lastFetchedEpoch: -1 } });
      expect(valuesOf(replicas.at(1))).toEqual([]);
      return replicas.at(0).highWatermark;
    };
    expect(story([])).toBe(0);
    expect(story(['partition.epoch-fencing'])).toBe(1);
  });
});

describe('sequence numbers', () => {
  const from = (baseSequence: number, values: readonly string[]) =>
    batchOf(values, { producerId: 7, producerEpoch: 0, baseSequence });

  it('a retry is answered with the offset of the first time and not appended', () => {
    const replicas = new Replicas(1);
    replicas.metadata(word(0, 0, [0]));
    replicas.produce(0, from(0, ['a', 'b']));
    const [, again] = [0, ...replicas.produce(0, from(0, ['a', 'b']))];
    expect(again).toMatchObject({ type: 'produced', error: null, baseOffset: 0 });
    expect(valuesOf(replicas.at(0))).toEqual(['a', 'b']);
  });

  it('with the rule off it is there twice', () => {
    const replicas = new Replicas(1, { off: ['partition.sequence-numbers'] });
    replicas.metadata(word(0, 0, [0]));
    for (let round = 0; round < 2; round += 1) replicas.produce(0, from(0, ['a']));
    expect(valuesOf(replicas.at(0))).toEqual(['a', 'a']);
  });

  it('a gap is refused, so that five batches under way stay in order', () => {
    const replicas = new Replicas(1);
    replicas.metadata(word(0, 0, [0]));
    replicas.produce(0, from(0, ['a']));
    const [answer] = replicas.produce(0, from(2, ['c']));
    expect(answer).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
  });

  it.each([
    ['of an epoch that a marker has begun', 1],
    ['of an epoch after that', 2],
  ])('the first one %s is 0, and no other', (_what, producerEpoch) => {
    const replicas = new Replicas(1);
    replicas.metadata(word(0, 0, [0]));
    const mine = { producerId: 7, isTransactional: true };
    replicas.produce(0, batchOf(['a'], { ...mine, producerEpoch: 0, baseSequence: 0 }));
    const end = { producerId: 7, producerEpoch: 1, marker: 'commit', timestampMicros: 0 } as const;
    replicas.step(0, { type: 'marker', tag: 0, ...end });
    const next = { ...mine, producerEpoch };
    const [refused] = replicas.produce(0, batchOf(['c'], { ...next, baseSequence: 1 }));
    expect(refused).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
    replicas.produce(0, batchOf(['b'], { ...next, baseSequence: 0 }));
    expect(replicas.at(0).log.end).toBe(3);
  });

  it('of a producer that nothing is known of any may be the first: the log may be deleted', () => {
    const replicas = new Replicas(1);
    replicas.metadata(word(0, 0, [0]));
    replicas.produce(0, from(5, ['f']));
    expect(valuesOf(replicas.at(0))).toEqual(['f']);
  });

  it('an earlier epoch of the producer is fenced', () => {
    const replicas = new Replicas(1);
    replicas.metadata(word(0, 0, [0]));
    replicas.produce(0, batchOf(['a'], { producerId: 7, producerEpoch: 1, baseSequence: 0 }));
    const [answer, told] = replicas.produce(0, from(0, ['z']));
    expect(answer).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' });
    expect(told).toMatchObject({ fact: { type: 'partition.batch-fenced', producerEpoch: 0 } });
  });

  it('a new leader knows them, since its log does', () => {
    const replicas = new Replicas(2);
    replicas.metadata(word(0, 0, [0, 1]));
    replicas.produce(0, from(0, ['a']));
    replicas.fetch(1, 0);
    replicas.metadata(word(1, 1, [1]));
    const effects = replicas.produce(1, from(0, ['a']));
    expect(effects).toContainEqual(expect.objectContaining({ type: 'produced', baseOffset: 0 }));
    expect(valuesOf(replicas.at(1))).toEqual(['a']);
  });
});
