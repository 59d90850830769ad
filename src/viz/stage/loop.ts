/**
 * Animation frames, only while there is something to draw: play, or one frame after a change.
 * Invariant: a paused page without changes asks for no frame.
 */
export interface FrameLoopPorts {
  /** Moves view time. */
  readonly tick: (elapsedMs: number) => boolean;
  readonly wantsFrames: () => boolean;
}

/** A tab that slept must not make the run leap. */
const ELAPSED_MS_MAX = 100;

export class FrameLoop {
  readonly #ports: FrameLoopPorts;
  readonly #painters = new Set<() => void>();
  #asked = false;
  #dirty = false;
  #lastMs: number | null = null;
  /** Frames drawn so far: a test of idleness reads it. */
  frames = 0;

  constructor(ports: FrameLoopPorts) {
    this.#ports = ports;
  }

  onDraw(painter: () => void): () => void {
    this.#painters.add(painter);
    this.request();
    return () => this.#painters.delete(painter);
  }

  /** Something changed: draw once, soon. */
  request(): void {
    this.#dirty = true;
    this.#ask();
  }

  #ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame((nowMs) => this.#frame(nowMs));
  }

  #frame(nowMs: number): void {
    this.#asked = false;
    const elapsedMs = this.#lastMs === null ? 0 : Math.min(ELAPSED_MS_MAX, nowMs - this.#lastMs);
    const moved = this.#ports.tick(elapsedMs);
    if (moved || this.#dirty) {
      this.#dirty = false;
      this.frames += 1;
      for (const paint of this.#painters) paint();
    }
    if (this.#ports.wantsFrames()) {
      this.#lastMs = nowMs;
      this.#ask();
    } else {
      this.#lastMs = null;
    }
  }
}
