/**
 * Which objects a thread is about: that of its request, or those of a list page, one of them at a
 * time or all together.
 */
import { mix32 } from '../../kernel/seeded-draws.ts';
import { hashInt } from '../../policies/hashing/hash-int.ts';
import type { Job, Thread } from './state.ts';

/** Which page it is decides where in the catalogue it begins: pages overlap. */
export function objectsOf(page: number, size: number, of: number): readonly number[] {
  const first = hashInt(page, PAGES) % of;
  return Object.freeze(Array.from({ length: size }, (_, n) => (first + n) % of));
}
const PAGES = 0x11571157;

/** It is about all objects of a page at once. */
export const isMany = ({ objects, place }: Thread): boolean => place < 0 && objects.length > 0;

/** The object at hand. */
export const keyOf = ({ objects, place }: Thread, job: Job): number => objects[place] ?? job.key;

/** Each object of a page draws for itself what it costs. */
export const seedOf = ({ objects, place }: Thread, job: Job): number =>
  place < 0 || objects.length === 0 ? job.seed : mix32(job.seed + place + 1);
