/** The run-time guard throws for each way into the host, and gives everything back. */
import { describe, expect, it } from 'vitest';
import { HostTouched, guardMethods, withGuard } from './determinism-guard.ts';

const WAYS_OUT: [string, () => unknown][] = [
  ['Math.random', () => Math.random()],
  ['Math.random by another name', () => ((m: Math) => m.random())(Math)],
  ['Math.exp', () => Math.exp(1)],
  ['Math.log', () => Math.log(2)],
  ['Math.pow', () => Math.pow(2, 0.5)],
  ['Math.sin', () => Math.sin(1)],
  ['Date.now', () => Date.now()],
  ['new Date', () => new Date()],
  ['performance.now', () => performance.now()],
  ['setTimeout', () => setTimeout(() => undefined, 0)],
  ['queueMicrotask', () => queueMicrotask(() => undefined)],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))],
  ['Promise', () => new Promise(() => undefined)],
  ['Promise.resolve', () => Promise.resolve(1)],
  ['an async function', async () => 1],
  ['Intl', () => new Intl.NumberFormat('en')],
  ['localeCompare', () => 'a'.localeCompare('b')],
  ['toLocaleString', () => (1).toLocaleString()],
  ['fetch', () => fetch('http://localhost')],
  ['WeakRef', () => new WeakRef({})],
];

describe('the determinism guard', () => {
  it.each(WAYS_OUT)('stops %s', (_name, use) => {
    expect(() => withGuard(use)).toThrow(HostTouched);
  });

  it('lets exact arithmetic through and returns the result', () => {
    expect(withGuard(() => Math.floor(2.5) + Math.max(1, 2) + Math.imul(2, 3))).toBe(10);
  });

  it('gives the host back, also after an error and after nesting', () => {
    expect(() =>
      withGuard(() => {
        withGuard(() => 1);
        throw new Error('mine');
      }),
    ).toThrow('mine');
    for (const use of [Math.random, Date.now, () => performance.now(), () => Math.exp(0)]) {
      expect(use()).toBeTypeOf('number');
    }
    expect(Object.keys(Math)).toEqual([]);
  });

  it('guards the methods of a class', () => {
    class Run {
      advance(by: number): number {
        return by > 1 ? Math.random() : by;
      }
    }
    guardMethods(Run.prototype, ['advance']);
    expect(new Run().advance(1)).toBe(1);
    expect(() => new Run().advance(2)).toThrow(HostTouched);
    expect(() => guardMethods(Run.prototype, ['gone'])).toThrow('no method gone');
  });
});
