import { describe, expect, it } from 'vitest';
import { indexOf, transferablesOf } from '../../src/viz/state/chunk.ts';
import { cutLedger, EMPTY_LEDGER, extendLedger } from '../../src/viz/state/ledger.ts';
import { comparePositions, countHappened, happened } from '../../src/viz/state/position.ts';
import { Timeline } from '../../src/viz/state/timeline.ts';
import { chunksOf, spec, SyntheticSession } from './support/synthetic.ts';

const START = { micros: 0, event: 0 };

describe('the timeline', () => {
  it('takes chunks in order and drops what fits nowhere', () => {
    const [first, second, third] = chunksOf([10_000]);
    const timeline = new Timeline();
    expect(timeline.add(first!, START)).toBe('next');
    expect(timeline.add(third!, START)).toBe('dropped');
    expect(timeline.add(second!, START)).toBe('next');
    expect(timeline.add(second!, START)).toBe('dropped');
    expect(timeline.head).toEqual({ micros: 20_000, event: 20 });
  });

  it('stays within its memory: far chunks become husks, the newest never', () => {
    const chunks = chunksOf([10_000]);
    const each = indexOf(chunks[0]!).bytes;
    const timeline = new Timeline(each * 8);
    for (const chunk of chunks) timeline.add(chunk, timeline.head);
    expect(timeline.bytes).toBeLessThanOrEqual(each * 8);
    expect(timeline.slots).toHaveLength(chunks.length);
    expect(timeline.slots[0]?.chunk).toBeNull();
    expect(timeline.slots.at(-1)?.chunk).not.toBeNull();
    expect(timeline.ended).toBe('duration');
  });

  it('fills a husk with the same stretch and refuses another', () => {
    const chunks = chunksOf([10_000]);
    const timeline = new Timeline(indexOf(chunks[0]!).bytes * 8);
    for (const chunk of chunks) timeline.add(chunk, timeline.head);
    const position = { micros: 5_000, event: 5 };
    expect(timeline.positionAt(5_000)).toBeNull();
    expect(timeline.huskAt(position)?.toMicros).toBe(10_000);
    expect(timeline.add({ ...chunks[0]!, toMicros: 9_000 }, position)).toBe('dropped');
    expect(timeline.add(chunks[0]!, position)).toBe('filled');
    expect(timeline.positionAt(5_000)).toEqual(position);
    expect(timeline.huskAt(position)).toBeNull();
  });

  it('finds the later of two slots where they touch', () => {
    const timeline = new Timeline();
    for (const chunk of chunksOf([10_000])) timeline.add(chunk, START);
    expect(timeline.slotAt({ micros: 9_999, event: 9 })).toBe(0);
    expect(timeline.slotAt({ micros: 10_000, event: 10 })).toBe(1);
    expect(timeline.slotAt({ micros: 400_001, event: 401 })).toBe(-1);
  });

  it('agrees on time and event number both ways', () => {
    const timeline = new Timeline();
    for (const chunk of chunksOf([3_300])) timeline.add(chunk, START);
    for (let event = 0; event <= 400; event += 7) {
      const position = timeline.positionOf(event)!;
      expect(timeline.positionAt(position.micros)).toEqual(position);
    }
    expect(timeline.positionOf(401)).toBeNull();
  });

  it('cuts to what had happened, whatever lay in the chunk', () => {
    const timeline = new Timeline();
    for (const chunk of chunksOf([50_000])) timeline.add(chunk, START);
    const copy = timeline.copy();
    const cut = { micros: 77_500, event: 77 };
    timeline.cut(cut);
    expect(timeline.head).toEqual(cut);
    const last = timeline.slots.at(-1)!.chunk!;
    expect(last.eventMicros).toHaveLength(27);
    expect(last.deltas.every((delta) => happened(delta, cut))).toBe(true);
    expect(last.flights.count).toBe(27);
    expect(last.flights.sentMicros).toHaveLength(27);
    expect(last.ended).toBeNull();
    // The copy, an older branch, keeps its future.
    expect(copy.head).toEqual({ micros: 400_000, event: 400 });
  });

  it('cuts before a moment at the border of the chunk that holds it', () => {
    const timeline = new Timeline();
    for (const chunk of chunksOf([50_000])) timeline.add(chunk, START);
    timeline.cutBefore({ micros: 120_000, event: 120 });
    expect(timeline.head).toEqual({ micros: 100_000, event: 100 });
    timeline.cutBefore({ micros: 100_000, event: 100 });
    expect(timeline.head).toEqual({ micros: 50_000, event: 50 });
  });

  it('moves every buffer of a chunk once', () => {
    const chunk = chunksOf([400_000])[0]!;
    const buffers = transferablesOf(chunk);
    expect(new Set(buffers).size).toBe(buffers.length);
    const moved = structuredClone(chunk, { transfer: buffers });
    expect(moved.flights.count).toBe(400);
    expect(moved.flights.dueMicros).toHaveLength(400);
    expect(chunk.flights.dueMicros).toHaveLength(0);
  });
});

describe('positions', () => {
  it('order by event first, so that events of one microsecond have an order', () => {
    const a = { micros: 5, event: 1 };
    const b = { micros: 5, event: 2 };
    expect(comparePositions(a, b)).toBeLessThan(0);
    expect(happened(b, a)).toBe(false);
    expect(happened({ micros: 7, event: 1 }, a)).toBe(false);
    expect(countHappened([a, b], a)).toBe(1);
  });
});

describe('the ledger', () => {
  it('cut at a moment is the ledger of the past alone', () => {
    const moment = { micros: 150_000, event: 150 };
    const session = new SyntheticSession({
      ...spec,
      interventions: [
        {
          micros: 120_000,
          afterEventNumber: 120,
          act: { do: 'inject', id: 'f', fault: { type: 'crash', target: 'n1' } },
        },
      ],
    });
    let whole = EMPTY_LEDGER;
    let past = EMPTY_LEDGER;
    while (session.ended === null) {
      session.advance({ untilMicros: session.nowMicros + 50_000 });
      const chunk = session.takeChunk();
      whole = extendLedger(whole, chunk);
      if (chunk.toMicros <= moment.micros) past = extendLedger(past, chunk);
    }
    const cut = cutLedger(whole, moment);
    expect(cut.feed).toEqual(past.feed);
    expect(cut.faults).toEqual(past.faults);
    expect(cut.findings).toEqual(past.findings);
    expect(whole.feed.length).toBeGreaterThan(past.feed.length);
    expect(past.faults.map((span) => span.fault.id)).toEqual(['f']);
  });

  it('keeps major lines of the feed only', () => {
    const [chunk] = chunksOf([400_000]);
    expect(extendLedger(EMPTY_LEDGER, chunk!).feed).toHaveLength(40);
  });
});
