/**
 * The tables from which the queue workloads take their delays, so that drawing costs nothing and
 * every implementation sees the same times. Ticks are microseconds. The C++ reference computes the
 * same tables on its own; equal event orders show that they are the same.
 */
import { ln } from '../src/sim/kernel/maths.ts';

export const TABLE_MASK = 0xffff;
const TABLE_SIZE = TABLE_MASK + 1;

/** The mulberry32 generator: 32 bits a draw. */
export function mulberry32(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** Exponential delays of that mean, at least 1. */
export function delays(mean: number): Int32Array {
  const draw = mulberry32(12345);
  return Int32Array.from(
    { length: TABLE_SIZE },
    () => 1 + Math.floor(-ln((draw() + 0.5) / 2 ** 32) * mean),
  );
}

/** Timeouts from 150 to 300 ms. */
export function timeouts(): Int32Array {
  const draw = mulberry32(777);
  return Int32Array.from(
    { length: TABLE_SIZE },
    () => 150_000 + Math.floor((draw() / 2 ** 32) * 150_000),
  );
}

/** 32-bit draws. */
export function draws(): Uint32Array {
  const draw = mulberry32(4242);
  return Uint32Array.from({ length: TABLE_SIZE }, () => draw());
}
