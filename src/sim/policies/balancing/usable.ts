/** Which backends may be picked at all, and a uniform draw among them. */
import type { Stream } from '../../kernel/random.ts';
import type { BackendsView } from './balancer.ts';

/** Draws that may fail before the list of usable backends is made. Most views need one draw. */
const DRAWS_MAX = 8;

export function isUsable(view: BackendsView, backend: number): boolean {
  return view.eligible[backend]! && view.weight[backend]! > 0;
}

/** How many backends may be picked. */
export function usableCount(view: BackendsView): number {
  let count = 0;
  for (let backend = 0; backend < view.count; backend++) if (isUsable(view, backend)) count++;
  return count;
}

/** The usable backend with that rank, -1 when there are not so many. */
function usableAt(view: BackendsView, rank: number): number {
  let left = rank;
  for (let backend = 0; backend < view.count; backend++) {
    if (isUsable(view, backend) && left-- === 0) return backend;
  }
  return -1;
}

/**
 * A usable backend, each equally likely; -1 when there is none. Draws until one fits: a draw that
 * is thrown away favours nobody.
 */
export function drawUsable(view: BackendsView, draw: Stream): number {
  if (view.count === 0) return -1;
  for (let i = 0; i < DRAWS_MAX; i++) {
    const backend = draw.below(view.count);
    if (isUsable(view, backend)) return backend;
  }
  const count = usableCount(view);
  return count === 0 ? -1 : usableAt(view, draw.below(count));
}

/**
 * Draws `wanted` different usable backends into `drawn`, every set equally likely; fewer when
 * there are not so many.
 */
export function drawDifferent(
  view: BackendsView,
  wanted: number,
  drawn: number[],
  draw: Stream,
): void {
  drawn.length = 0;
  if (view.count === 0) return;
  for (let i = 0; i < DRAWS_MAX * wanted && drawn.length < wanted; i++) {
    const backend = draw.below(view.count);
    if (isUsable(view, backend) && !drawn.includes(backend)) drawn.push(backend);
  }
  if (drawn.length === wanted) return;
  // Few are usable, or nearly all are wanted: a new start, by shuffling the front of the list.
  drawn.length = 0;
  for (let backend = 0; backend < view.count; backend++) {
    if (isUsable(view, backend)) drawn.push(backend);
  }
  const count = Math.min(wanted, drawn.length);
  for (let place = 0; place < count; place++) {
    const from = place + draw.below(drawn.length - place);
    const moved = drawn[from]!;
    drawn[from] = drawn[place]!;
    drawn[place] = moved;
  }
  drawn.length = count;
}

/** Where each backend stood before: by ordinal now, the ordinal then, or -1 for a new one. */
export function formerOrdinals(former: readonly number[], now: readonly number[]): number[] {
  const ordinals = new Map<number, number>();
  for (let ordinal = 0; ordinal < former.length; ordinal++) ordinals.set(former[ordinal]!, ordinal);
  return now.map((identity) => ordinals.get(identity) ?? -1);
}

export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
