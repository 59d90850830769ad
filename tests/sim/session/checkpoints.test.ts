/** Checkpoints: evenly spaced, within their budget in number and in bytes, the start among them. */
import { describe, expect, it } from 'vitest';
import {
  CHECKPOINTS_MAX,
  CHECKPOINT_BYTES_MAX,
  Checkpoints,
} from '../../../src/sim/session/checkpoints.ts';
import type { Checkpoint } from '../../../src/sim/session/checkpoints.ts';
import { imageBytes } from '../../../src/sim/session/image-bytes.ts';
import { RaftLog } from '../../../src/sim/protocols/raft/log.ts';

/** A checkpoint that weighs so many bytes. */
const at = (event: number, bytes = 0): Checkpoint =>
  ({
    event,
    micros: event * 10,
    traceHash: `hash-${event}`,
    run: bytes === 0 ? {} : { slab: new Uint8Array(bytes) },
    observers: {},
  }) as unknown as Checkpoint;

/** Runs on to an event, taking what is due. */
function runTo(list: Checkpoints, from: number, to: number, bytes = 0): void {
  let event = list.nextDue(from);
  while (event <= to) {
    if (list.isDue(event)) list.add(at(event, bytes));
    event = list.nextDue(event + 1);
  }
}

const events = (list: Checkpoints, to: number): number[] => {
  const found: number[] = [];
  for (let c = list.after(-1); c !== undefined && c.event <= to; c = list.after(c.event)) {
    found.push(c.event);
  }
  return found;
};

describe('checkpoints', () => {
  it('are evenly spaced from the start on, and never more than their budget', () => {
    const list = new Checkpoints();
    for (let to = 100_000; to <= 3_000_000; to += 100_000) {
      runTo(list, to - 100_000, to);
      expect(list.count).toBeLessThanOrEqual(CHECKPOINTS_MAX);
      const taken = events(list, to);
      expect(taken[0]).toBe(0);
      expect(taken).toEqual(taken.map((_, i) => i * list.spacing));
      expect(to - (taken.at(-1) ?? 0)).toBeLessThanOrEqual(list.spacing);
    }
    expect(list.count).toBeGreaterThan(CHECKPOINTS_MAX / 4);
  });

  it('stay within a budget of bytes where each is large', () => {
    const list = new Checkpoints();
    const each = 4 * 1_048_576;
    runTo(list, 0, 1_000_000, each);
    expect(list.bytes).toBeLessThanOrEqual(CHECKPOINT_BYTES_MAX);
    expect(list.count).toBeLessThanOrEqual(16);
    expect(list.count).toBeGreaterThan(4);
    expect(events(list, 1_000_000)[0]).toBe(0);
  });

  it('keep the start and one more even where one alone breaks the budget', () => {
    const list = new Checkpoints();
    runTo(list, 0, 100_000, CHECKPOINT_BYTES_MAX + 1);
    expect(events(list, 100_000)[0]).toBe(0);
    expect(list.count).toBe(2);
  });

  it('are found by what they are before, at and after', () => {
    const list = new Checkpoints();
    runTo(list, 0, 30_000);
    const { spacing } = list;
    expect(list.before((c) => c.event > spacing + 1)?.event).toBe(spacing);
    expect(list.before((c) => c.event > spacing)?.event).toBe(spacing);
    expect(list.at(spacing)?.traceHash).toBe(`hash-${spacing}`);
    expect(list.at(spacing + 1)).toBeUndefined();
    expect(list.after(spacing)?.event).toBe(2 * spacing);
  });

  it('of a future that changed are dropped', () => {
    const list = new Checkpoints();
    runTo(list, 0, 30_000);
    const { spacing, bytes } = list;
    list.dropAfter(spacing + 5, (spacing + 5) * 10);
    expect(events(list, 30_000)).toEqual([0, spacing]);
    expect(list.bytes).toBeLessThan(bytes);
    runTo(list, spacing + 5, 30_000);
    expect(list.bytes).toBe(bytes);
  });
});

describe('the estimated bytes of an image', () => {
  it('are those of typed arrays, and eight for each reference of a list', () => {
    expect(imageBytes(new Float64Array(1_000))).toBeCloseTo(8_000, -2);
    expect(imageBytes(new Uint8Array(5_000))).toBeCloseTo(5_000, -2);
    expect(imageBytes(Array.from({ length: 1_000 }, (_, i) => i))).toBeCloseTo(8_000, -2);
    expect(imageBytes(null)).toBe(0);
  });

  it('are guessed from a few of many', () => {
    const many = Array.from({ length: 1_000 }, () => ({ list: new Int32Array(100) }));
    expect(imageBytes(many) / 1_000).toBeGreaterThan(400);
    expect(imageBytes(many) / 1_000).toBeLessThan(520);
    const map = new Map(many.map((item, i) => [i, item]));
    expect(imageBytes(map) / 1_000).toBeGreaterThan(400);
  });

  it('leave out what copies share: a long log weighs little', () => {
    const log = RaftLog.of(
      Array.from({ length: 20_000 }, (_, i) => ({ term: 1, index: i + 1, command: null })),
    );
    expect(imageBytes({ log })).toBeLessThan(4_096);
    expect(imageBytes({ log })).toBeGreaterThan(500);
  });
});
