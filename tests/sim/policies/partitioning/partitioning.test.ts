/** Where a producer's records go. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import { partitionOfKey, utf8Bytes } from '../../../../src/sim/policies/hashing/murmur2.ts';
import {
  adaptiveWeights,
  drawByQueues,
} from '../../../../src/sim/policies/partitioning/adaptive.ts';
import {
  PARTITIONERS,
  PARTITIONER_DEFAULTS,
} from '../../../../src/sim/policies/partitioning/index.ts';
import type {
  PartitionerSettings,
  TopicView,
} from '../../../../src/sim/policies/partitioning/index.ts';

const draw = () => new StreamBank(7).stream('partitioner');
const [builtIn, roundRobin] = PARTITIONERS;

function topicOf(partitions: number, given: Partial<TopicView> = {}): TopicView {
  const all = <T>(value: T) => new Array<T>(partitions).fill(value);
  return {
    partitions,
    hasLeader: all(true),
    queued: all(0),
    isSlow: all(false),
    ...given,
  };
}

/** The partitions of records without a key; the last of each `perBatch` fills its batch. */
function send(
  settings: Partial<PartitionerSettings>,
  topic: TopicView,
  bytes: readonly number[],
  perBatch = 1,
): number[] {
  const stream = draw();
  const state = builtIn!.start({ ...PARTITIONER_DEFAULTS, ...settings });
  return bytes.map((size, index) => {
    const partition = builtIn!.choose(state, null, topic, stream);
    const isBatchFull = (index + 1) % perBatch === 0;
    builtIn!.appended(state, { partition, hadKey: false, bytes: size, isBatchFull }, topic, stream);
    return partition;
  });
}

/** Lengths of runs of one partition: two runs in a row may have drawn the same. */
function runs(partitions: readonly number[]): number[] {
  const lengths: number[] = [];
  partitions.forEach((partition, index) => {
    if (partition === partitions[index - 1]) lengths[lengths.length - 1]! += 1;
    else lengths.push(1);
  });
  return lengths;
}

describe('the built-in partitioner', () => {
  it('sends a key to the partition of its hash, of all partitions, led or not', () => {
    const key = utf8Bytes('order-7');
    const topic = topicOf(6, { hasLeader: [false, false, false, false, false, false] });
    const state = builtIn!.start(PARTITIONER_DEFAULTS);
    expect(builtIn!.choose(state, key, topic, draw())).toBe(partitionOfKey(key, 6));
  });

  it('treats a key like none if told so', () => {
    const state = builtIn!.start({ ...PARTITIONER_DEFAULTS, ignoresKeys: true });
    const stream = draw();
    const first = builtIn!.choose(state, utf8Bytes('a'), topicOf(500), stream);
    expect(builtIn!.choose(state, utf8Bytes('b'), topicOf(500), stream)).toBe(first);
  });

  it('sticks until batch.size, and leaves at the boundary', () => {
    // 500 partitions: hardly ever the same twice in a row.
    const sent = send({ batchBytes: 300 }, topicOf(500), new Array<number>(12).fill(100));
    expect(runs(sent)).toEqual([3, 3, 3, 3]);
  });

  it('waits for the end of a batch, but not beyond twice its size', () => {
    const sizes = new Array<number>(12).fill(100);
    expect(runs(send({ batchBytes: 300 }, topicOf(500), sizes, 4))).toEqual([4, 4, 4]);
    expect(runs(send({ batchBytes: 300 }, topicOf(500), sizes, 100))).toEqual([6, 6]);
  });

  it('counts no bytes of records with keys', () => {
    const stream = draw();
    const topic = topicOf(500);
    const state = builtIn!.start({ ...PARTITIONER_DEFAULTS, batchBytes: 100 });
    const first = builtIn!.choose(state, null, topic, stream);
    const keyed = { partition: first, hadKey: true, bytes: 1_000, isBatchFull: true };
    builtIn!.appended(state, keyed, topic, stream);
    expect(builtIn!.choose(state, null, topic, stream)).toBe(first);
  });

  it('avoids partitions without a leader, unless there are no others', () => {
    const hasLeader = [false, true, false, true];
    const sent = send({ batchBytes: 1 }, topicOf(4, { hasLeader }), new Array<number>(200).fill(1));
    expect([...new Set(sent)].sort()).toEqual([1, 3]);
    const none = topicOf(4, { hasLeader: [false, false, false, false] });
    expect(new Set(send({ batchBytes: 1 }, none, new Array<number>(200).fill(1))).size).toBe(4);
  });
});

describe('adaptive weights', () => {
  it.each([
    [
      [5, 0, 3, 0, 1],
      [1, 6, 3, 6, 5],
    ],
    [
      [0, 3, 1],
      [4, 1, 3],
    ],
    [
      [2, 2],
      [1, 1],
    ],
  ])('of queues %s are %s', (queues, weights) => {
    expect(adaptiveWeights(queues)).toEqual(weights);
  });

  it('are the shares of what is drawn', () => {
    const stream = draw();
    const counts = [0, 0, 0, 0, 0];
    const topic = topicOf(5, { queued: [5, 0, 3, 0, 1] });
    for (let i = 0; i < 21_000; i++) counts[drawByQueues(topic, stream)]! += 1;
    // Four standard deviations of a share of 6 in 21.
    [1, 6, 3, 6, 5].forEach((weight, i) => {
      expect(Math.abs(counts[i]! - weight * 1_000)).toBeLessThan(265);
    });
  });

  it('pass over partitions that are slow or have no leader', () => {
    const stream = draw();
    const given = { hasLeader: [true, true, false, true], isSlow: [true, false, false, false] };
    const seen = new Set<number>();
    for (let i = 0; i < 200; i++) seen.add(drawByQueues(topicOf(4, given), stream));
    expect([...seen].sort()).toEqual([1, 3]);
  });

  it('say nothing where all queues are alike, or there is no choice', () => {
    expect(drawByQueues(topicOf(3, { queued: [2, 2, 2] }), draw())).toBe(-1);
    expect(drawByQueues(topicOf(1), draw())).toBe(-1);
    expect(drawByQueues(topicOf(2, { isSlow: [true, true] }), draw())).toBe(-1);
  });
});

describe('round robin', () => {
  it('takes the partitions with a leader in turn, whatever the key', () => {
    const state = roundRobin!.start(PARTITIONER_DEFAULTS);
    const topic = topicOf(4, { hasLeader: [true, false, true, true] });
    const choose = (key: string | null) =>
      roundRobin!.choose(state, key === null ? null : utf8Bytes(key), topic, draw());
    expect(['a', 'a', null, 'a', 'b'].map(choose)).toEqual([0, 2, 3, 0, 2]);
  });
});
