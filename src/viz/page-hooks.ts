/** What the page shows of itself, for tests and the curious: to read, not to reach into it. */
import type { AppState } from './state/model.ts';
import type { Position } from './state/position.ts';
import type { Scene } from './state/scene.ts';

export interface PageHooks {
  /** Pictures drawn so far. */
  readonly frames: () => number;
  readonly position: () => Position;
  readonly state: () => AppState;
  readonly scene: () => Scene;
  /** Where the nodes stand on the map, in world units. */
  readonly places: () => ReadonlyMap<number, { readonly x: number; readonly y: number }>;
  /** Of the branch that is shown, as far as it is known. */
  readonly traceHash: () => string;
}

declare global {
  interface Window {
    faultline: PageHooks;
  }
}
