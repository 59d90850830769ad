/**
 * Fingers, mouse and wheel on the stage: pan, zoom, pinch, and the stroke of the knife.
 *
 * It turns DOM events into calls of the pure viewport functions and keeps nothing but the pointers
 * that are down.
 */
import type { Point } from '../layout/geometry.ts';
import type { Viewport } from '../layout/viewport.ts';
import { pan, pinch, wheelFactor, zoomAt } from '../layout/viewport.ts';

export interface PointerPorts {
  readonly viewport: () => Viewport;
  readonly setViewport: (next: Viewport) => void;
  readonly isKnife: () => boolean;
  /** The stroke so far, on the screen; null when it was given up. */
  readonly stroke: (stroke: readonly [Point, Point] | null) => void;
  readonly strokeEnd: (stroke: readonly [Point, Point]) => void;
  /** A click on nothing. */
  readonly background: () => void;
}

const CLICK_PIXELS = 5;

export function listenToPointers(host: HTMLElement, ports: PointerPorts): () => void {
  const down = new Map<number, Point>();
  let start: Point | null = null;
  let moved = false;
  const at = (event: MouseEvent): Point => {
    const box = host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const onDown = (event: PointerEvent) => {
    if (event.button !== 0 || isControl(event.target, host)) return;
    const point = at(event);
    down.set(event.pointerId, point);
    if (down.size === 1) {
      start = point;
      moved = false;
    } else {
      ports.stroke(null);
    }
    host.setPointerCapture(event.pointerId);
  };

  const onMove = (event: PointerEvent) => {
    const before = down.get(event.pointerId);
    if (before === undefined || start === null) return;
    const now = at(event);
    if (Math.hypot(now.x - start.x, now.y - start.y) > CLICK_PIXELS) moved = true;
    const other = [...down.entries()].find(([id]) => id !== event.pointerId)?.[1];
    if (other !== undefined) {
      ports.setViewport(pinch(ports.viewport(), [before, other], [now, other]));
    } else if (ports.isKnife()) {
      ports.stroke([start, now]);
    } else if (moved) {
      ports.setViewport(pan(ports.viewport(), now.x - before.x, now.y - before.y));
    }
    down.set(event.pointerId, now);
  };

  const onUp = (event: PointerEvent) => {
    const last = down.get(event.pointerId);
    if (last === undefined) return;
    down.delete(event.pointerId);
    const alone = down.size === 0;
    if (event.type === 'pointercancel') {
      ports.stroke(null);
    } else if (alone && start !== null) {
      if (ports.isKnife()) ports.strokeEnd([start, at(event)]);
      else if (!moved) ports.background();
    }
    if (alone) start = null;
  };

  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    ports.setViewport(zoomAt(ports.viewport(), at(event), wheelFactor(event.deltaY)));
  };

  host.addEventListener('pointerdown', onDown);
  host.addEventListener('pointermove', onMove);
  host.addEventListener('pointerup', onUp);
  host.addEventListener('pointercancel', onUp);
  host.addEventListener('wheel', onWheel, { passive: false });
  return () => {
    host.removeEventListener('pointerdown', onDown);
    host.removeEventListener('pointermove', onMove);
    host.removeEventListener('pointerup', onUp);
    host.removeEventListener('pointercancel', onUp);
    host.removeEventListener('wheel', onWheel);
  };
}

/** Buttons over the stage keep their clicks. */
function isControl(target: EventTarget | null, host: HTMLElement): boolean {
  if (!(target instanceof Element)) return false;
  const control = target.closest('button, a, input, select, [data-control]');
  return control !== null && host.contains(control);
}
