/** The operations from which test histories of each model are drawn. */
import type { CasRegisterInput } from '../../../../src/sim/check/linearizable/index.ts';
import type { Value } from '../../../../src/sim/check/history/result.ts';
import type { Kind } from './generate.ts';

/** Few values, so that reads are ambiguous and writes repeat: where unsound shortcuts show. */
export function casKinds(
  values: number,
  keys?: readonly string[],
): Kind<CasRegisterInput, Value>[] {
  const every: Value[] = Array.from({ length: values }, (_, value) => value);
  const on = keys === undefined ? {} : { keys };
  const [read, write] = keys === undefined ? ['read', 'write'] : ['get', 'put'];
  return [
    { f: read as string, weight: 4, input: () => null, outputs: () => [...every, null], ...on },
    { f: write as string, weight: 4, input: (r) => r.int(values), outputs: () => [null], ...on },
    {
      f: 'cas',
      weight: 2,
      input: (r) => ({ expected: r.int(values), value: r.int(values) }),
      outputs: () => [true, false],
      ...on,
    },
  ];
}

export const stackKinds: Kind<Value, Value>[] = [
  { f: 'push', weight: 4, input: (r) => r.int(3), outputs: () => [null] },
  { f: 'pop', weight: 4, input: () => null, outputs: () => [0, 1, 2, null] },
  {
    f: 'len',
    weight: 1,
    input: () => null,
    outputs: () => Array.from({ length: 99 }, (_, n) => n),
  },
];

export const queueKinds: Kind<Value, Value>[] = [
  { f: 'enqueue', weight: 4, input: (r) => r.int(3), outputs: () => [null] },
  { f: 'dequeue', weight: 4, input: () => null, outputs: () => [0, 1, 2, null] },
];

export const mutexKinds: Kind<unknown, unknown>[] = [
  { f: 'acquire', weight: 3, input: () => null, outputs: () => [true, false] },
  { f: 'release', weight: 3, input: () => null, outputs: () => [true] },
];
