import { describe, expect, it } from 'vitest';
import { Marks } from '../../src/cli/marks.ts';
import { compare } from '../../src/cli/replay.ts';
import type { Original } from '../../src/cli/replay.ts';
import { reportWith } from './support/report.ts';

const mark = (event: number, traceHash = event.toString(16).padStart(16, '0')) => ({
  event,
  atMicros: event * 10,
  traceHash,
});

describe('Marks', () => {
  it('keeps at most 64, evenly spaced over a run of any length', () => {
    const marks = new Marks();
    for (let run = 0; run < 2_000; run += 1) {
      marks.add(mark(marks.next));
      const events = marks.list.map((one) => one.event);
      expect(events.length).toBeLessThanOrEqual(64);
      const spacing = events[0]!;
      expect(events).toEqual(events.map((_, at) => (at + 1) * spacing));
    }
    expect(marks.list.length).toBeGreaterThanOrEqual(32);
  });
});

describe('compare', () => {
  const report = reportWith();
  const end = mark(report.events, report.traceHash);
  const original: Original = {
    spec: report.spec,
    marks: [mark(1_000), mark(2_000), mark(3_000)],
    traceHash: report.traceHash,
    stateHash: report.stateHash,
    events: report.events,
    verdict: report.verdict,
  };

  it('finds nothing in the same run', () => {
    expect(compare(original, report, original.marks, end)).toBeNull();
  });

  it('says between which events two runs part', () => {
    const seen = [mark(1_000), mark(2_000, 'ffffffffffffffff'), mark(3_000, 'eeeeeeeeeeeeeeee')];
    const divergence = compare(original, report, seen, end);
    expect(divergence).toMatchObject({ afterEvent: 1_000, byEvent: 2_000 });
    expect(divergence?.why).toContain('between event 1,000 and event 2,000');
  });

  it('says that a run ended too early', () => {
    const divergence = compare(original, report, [mark(1_000)], mark(1_500));
    expect(divergence?.why).toContain('ended after event 1,500');
  });

  it.each([
    ['trace hash', { traceHash: 'ffffffffffffffff' }],
    ['state hash', { stateHash: 'ffffffffffffffff' }],
    ['number of events', { events: 1 }],
    ['verdict', { verdict: 'fail' as const }],
  ])('compares the %s at the end', (name, change) => {
    const divergence = compare(original, { ...report, ...change }, original.marks, end);
    expect(divergence?.why).toContain(name);
    expect(divergence?.afterEvent).toBe(3_000);
  });

  it('compares only what the original says', () => {
    const bare: Original = { spec: report.spec, marks: [] };
    expect(compare(bare, { ...report, events: 1, stateHash: '' }, [], end)).toBeNull();
  });
});
