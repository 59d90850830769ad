/**
 * The run-time half of the determinism charter: while a guarded function runs, everything that
 * could bring the host into a run throws. It catches what lint cannot see: a dependency, an alias,
 * a method reached through a variable. The simulator does not know that it is guarded.
 *
 * Only synchronous functions can be guarded; a run is synchronous, and between two guarded calls
 * the test runner needs its clock back.
 */

export class HostTouched extends Error {
  constructor(name: string) {
    super(`${name} was used while a simulation was running. docs/DETERMINISM.md says what to use.`);
    this.name = 'HostTouched';
  }
}

const INEXACT = [
  'acos acosh asin asinh atan atan2 atanh cbrt cos cosh exp expm1 hypot log log10 log1p log2',
  'pow random sin sinh sqrt tan tanh',
]
  .join(' ')
  .split(' ');
const TIMERS = 'setTimeout setInterval setImmediate clearTimeout clearInterval queueMicrotask';

/** What is replaced: the object, its property, and the name for the message. */
function forbidden(): [object, string, string][] {
  const list: [object, string, string][] = [];
  for (const name of INEXACT) list.push([Math, name, `Math.${name}`]);
  for (const name of TIMERS.split(' ')) list.push([globalThis, name, name]);
  for (const name of ['Date', 'Intl', 'WeakRef', 'fetch', 'Promise']) {
    list.push([globalThis, name, name]);
  }
  list.push([Performance.prototype, 'now', 'performance.now']);
  list.push([globalThis.crypto, 'getRandomValues', 'crypto.getRandomValues']);
  list.push([globalThis.crypto, 'randomUUID', 'crypto.randomUUID']);
  list.push([String.prototype, 'localeCompare', 'localeCompare']);
  list.push([Number.prototype, 'toLocaleString', 'toLocaleString']);
  return list;
}

/** A stand-in that throws when it is called, constructed, or asked for a member. */
function trap(name: string): unknown {
  const touch = (): never => {
    throw new HostTouched(name);
  };
  return new Proxy(function stub() {}, { apply: touch, construct: touch, get: touch });
}

const GUARDED = 'guarded';

let depth = 0;

/** Runs `body` with the host out of reach and gives its result back. Calls may nest. */
export function withGuard<T>(body: () => T): T {
  if (depth > 0) return body();
  const before = forbidden().map(([holder, key, name]) => {
    const own = Object.getOwnPropertyDescriptor(holder, key);
    Object.defineProperty(holder, key, { value: trap(name), configurable: true, writable: true });
    return () => {
      if (own === undefined) Reflect.deleteProperty(holder, key);
      else Object.defineProperty(holder, key, own);
    };
  });
  depth = 1;
  let result: T;
  try {
    result = body();
  } finally {
    depth = 0;
    for (const restore of before.reverse()) restore();
  }
  if (typeof (result as { then?: unknown } | undefined)?.then === 'function') {
    throw new HostTouched('A promise');
  }
  return result;
}

/**
 * Guards the named methods of a class from now on. The test set-up calls it with the session, so
 * that every test that runs a simulation is guarded without asking for it.
 */
export function guardMethods(prototype: object, names: readonly string[]): void {
  for (const name of names) {
    const own = Object.getOwnPropertyDescriptor(prototype, name);
    if (typeof own?.value !== 'function') throw new Error(`There is no method ${name} to guard.`);
    // Test files share a worker, and with it the classes: guarded once is guarded.
    if (own.value.name === GUARDED) continue;
    const method = own.value as (this: unknown, ...args: unknown[]) => unknown;
    const guarded = function (this: unknown, ...args: unknown[]): unknown {
      return withGuard(() => method.apply(this, args));
    };
    Object.defineProperty(guarded, 'name', { value: GUARDED });
    Object.defineProperty(prototype, name, { ...own, value: guarded });
  }
}
