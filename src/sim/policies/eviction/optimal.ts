/**
 * OPT: what a cache could do at best that knew all requests in advance. Not a policy but a bound.
 *
 * On a miss in a full cache, whichever of its keys and the new one is asked for last from here
 * goes: the new one may stay out, so that no policy here, admitting or not, has more hits.
 *
 * Source: Belady, "A study of replacement algorithms for a virtual-storage computer", IBM Systems
 * Journal, 1966; with bypass, as the clairvoyant policy of Caffeine's simulator.
 */
import { checkCapacity } from './slots.ts';

/** Hits of OPT over a trace of keys. O(n log n). */
export function optimalHits(trace: ArrayLike<number>, capacity: number): number {
  checkCapacity(capacity);
  const next = nextRequests(trace);
  // Resident keys are told by the place of their next request, which is nobody else's.
  const isResident = new Uint8Array(trace.length + 1);
  const farthest: number[] = [];
  let size = 0;
  let hits = 0;
  for (let at = 0; at < trace.length; at++) {
    const isHit = isResident[at] === 1;
    if (isHit) {
      hits += 1;
      size -= 1;
    }
    const soon = next[at]!;
    // What is never asked for again need not come in.
    if (soon === trace.length) continue;
    isResident[soon] = 1;
    push(farthest, soon);
    size += 1;
    if (size > capacity) {
      isResident[pop(farthest)] = 0;
      size -= 1;
    }
  }
  return hits;
}

/** For each request, where its key is asked for next; the length of the trace for never. */
function nextRequests(trace: ArrayLike<number>): Int32Array {
  const next = new Int32Array(trace.length);
  const nextOf = new Map<number, number>();
  for (let at = trace.length - 1; at >= 0; at--) {
    const key = trace[at]!;
    next[at] = nextOf.get(key) ?? trace.length;
    nextOf.set(key, at);
  }
  return next;
}

/** A binary heap, largest first. Requests of the past sink and never surface: they are smaller. */
function push(heap: number[], value: number): void {
  let place = heap.length;
  heap.push(value);
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (heap[parent]! >= value) break;
    heap[place] = heap[parent]!;
    place = parent;
  }
  heap[place] = value;
}

function pop(heap: number[]): number {
  const top = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return top;
  let place = 0;
  for (;;) {
    let child = place * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]! > heap[child]!) child += 1;
    if (heap[child]! <= last) break;
    heap[place] = heap[child]!;
    place = child;
  }
  heap[place] = last;
  return top;
}
