import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/sim/index.ts';
import type { Position } from '../../src/viz/state/position.ts';
import { flightProgress, sceneAt } from '../../src/viz/state/scene.ts';
import type { Scene } from '../../src/viz/state/scene.ts';
import { Timeline } from '../../src/viz/state/timeline.ts';
import { chunksOf, countOf } from './support/synthetic.ts';

function timelineOf(chunks: readonly Chunk[]): Timeline {
  const timeline = new Timeline();
  for (const chunk of chunks) expect(timeline.add(chunk, timeline.head)).toBe('next');
  return timeline;
}

const at = (timeline: Timeline, position: Position): Scene =>
  sceneAt(timeline.slots, timeline.slotAt(position), position);

/** What a scene shows, without the objects that show it. */
const shows = (scene: Scene) => ({
  counts: scene.nodes.map(countOf),
  flights: scene.flights
    .flatMap(({ columns, rows }) => rows.map((row) => columns.id[row]!))
    .sort((a, b) => a - b),
  faults: scene.faults.map((fault) => fault.id),
  findings: scene.findings.length,
});

describe('sceneAt', () => {
  it('shows the same whatever the chunks are', () => {
    const whole = timelineOf(chunksOf([400_000]));
    const parts = timelineOf(chunksOf([7_000, 13_500, 999]));
    for (let micros = 0; micros <= 400_000; micros += 1_733) {
      const position = whole.positionAt(micros)!;
      expect(parts.positionAt(micros)).toEqual(position);
      expect(shows(at(parts, position))).toEqual(shows(at(whole, position)));
    }
  });

  it('is a pure function: backwards gives the pictures of forwards', () => {
    const timeline = timelineOf(chunksOf([20_000]));
    const moments = Array.from({ length: 80 }, (_, i) => timeline.positionAt(i * 5_000)!);
    const forwards = moments.map((position) => shows(at(timeline, position)));
    const backwards = moments
      .toReversed()
      .map((position) => shows(at(timeline, position)))
      .toReversed();
    expect(backwards).toEqual(forwards);
  });

  it('counts each node up to the moment and no further', () => {
    const timeline = timelineOf(chunksOf([9_500]));
    const scene = at(timeline, timeline.positionOf(100)!);
    // Events 1 to 100 belong to the nodes in turn, beginning with the second.
    expect(scene.nodes.map(countOf)).toEqual([33, 34, 33]);
  });

  it('shows a flight from its sending until its arrival', () => {
    const timeline = timelineOf(chunksOf([2_500]));
    const ids = (micros: number) => shows(at(timeline, timeline.positionAt(micros)!)).flights;
    expect(ids(50_000)).toEqual([46, 47, 48, 49, 50]);
    expect(ids(50_999)).toEqual([46, 47, 48, 49, 50]);
    expect(ids(51_000)).toEqual([47, 48, 49, 50, 51]);
    expect(ids(0)).toEqual([]);
  });

  it('separates events of one microsecond by their number', () => {
    const chunk = chunksOf([400_000])[0]!;
    const timeline = timelineOf([{ ...chunk, eventMicros: chunk.eventMicros.map(() => 1_000) }]);
    expect(timeline.positionOf(2)).toEqual({ micros: 1_000, event: 2 });
    expect(timeline.positionOf(3)).toEqual({ micros: 1_000, event: 3 });
  });

  it('tells a finding from its moment on', () => {
    const timeline = timelineOf(chunksOf([30_000]));
    expect(at(timeline, timeline.positionOf(99)!).findings).toEqual([]);
    expect(at(timeline, timeline.positionOf(100)!).findings).toHaveLength(1);
  });

  it('shows checks as they stood at that moment, wherever a chunk ends', () => {
    for (const length of [7_000, 30_000, 400_000]) {
      const timeline = timelineOf(chunksOf([length]));
      const checkAt = (event: number) => {
        const [check] = at(timeline, timeline.positionOf(event)!).checks;
        return [check!.verdict, check!.status, check!.findings.length];
      };
      expect([0, 10, 45, 99, 100, 101].map(checkAt)).toEqual([
        ['unknown', 'after 0', 0],
        ['unknown', 'after 10', 0],
        ['unknown', 'after 45', 0],
        ['unknown', 'after 99', 0],
        ['fail', 'after 100', 1],
        ['fail', 'after 101', 1],
      ]);
      expect(at(timeline, timeline.head).checks[0]?.status).toBe('after 400');
      expect(at(timeline, timeline.head).ended).toBe('duration');
    }
  });

  it('is empty where nothing is known', () => {
    const scene = sceneAt([], -1, { micros: 5, event: 1 });
    expect(scene.nodes).toEqual([]);
    expect(scene.position).toEqual({ micros: 5, event: 1 });
  });
});

describe('flightProgress', () => {
  const { flights } = chunksOf([400_000])[0]!;
  it('goes from 0 to 1 between sending and arrival', () => {
    const row = 0;
    const sent = flights.sentMicros[row]!;
    expect(flightProgress(flights, row, sent).share).toBe(0);
    expect(flightProgress(flights, row, sent + 2_500).share).toBe(0.5);
    expect(flightProgress(flights, row, sent + 5_000)).toEqual({ share: 1, crossed: false });
  });

  it('ends a lost one with a cross on the way', () => {
    const row = flights.fate.indexOf(1);
    const sent = flights.sentMicros[row]!;
    expect(flightProgress(flights, row, sent + 1_000).crossed).toBe(false);
    const late = flightProgress(flights, row, sent + 4_000);
    expect(late.crossed).toBe(true);
    expect(late.share).toBeLessThan(1);
    expect(flightProgress(flights, row, sent + 4_900).share).toBe(late.share);
  });
});
