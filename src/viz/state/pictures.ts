/** Pictures of a timeline at a moment: several parts of the page ask for the same one. */
import type { Position } from './position.ts';
import { nodesAt, sceneAt } from './scene.ts';
import type { Lately, Scene } from './scene.ts';
import type { Timeline } from './timeline.ts';

export class Pictures {
  #drawn: { timeline: Timeline; version: number; scene: Scene } | null = null;

  at(timeline: Timeline, position: Position): Scene {
    const drawn = this.#drawn;
    const isSame =
      drawn?.timeline === timeline &&
      drawn.version === timeline.version &&
      drawn.scene.position === position;
    if (isSame) return drawn.scene;
    const scene = sceneAt(timeline.slots, timeline.slotAt(position), position);
    this.#drawn = { timeline, version: timeline.version, scene };
    return scene;
  }
}

const LATELY_MICROS = 1_000_000;

/** The nodes a second before, for rates; null where that moment is not at hand. */
export function latelyAt(timeline: Timeline, position: Position): Lately | null {
  const fromMicros = Math.max(0, position.micros - LATELY_MICROS);
  const micros = position.micros - fromMicros;
  const before = timeline.positionAt(fromMicros);
  if (micros < LATELY_MICROS / 4 || before === null) return null;
  const at = timeline.slotAt(before);
  if ((timeline.slots[at]?.chunk ?? null) === null) return null;
  return { nodes: nodesAt(timeline.slots, at, before), micros };
}
