import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, compareText } from '../../../src/sim/kernel/canonical.ts';
import { ScenarioError } from '../../../src/sim/kernel/errors.ts';

/** The same data with the keys of every object written in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => [key, reversed(field)] as const);
  return Object.fromEntries(entries.reverse());
}

// '__proto__' is no key that an object literal can be given.
const json = fc
  .jsonValue({ maxDepth: 4 })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll('-0', '0')) as unknown)
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

describe('canonical JSON', () => {
  it('reads back as the same data, whatever the order of the keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('sorts keys by code units and leaves undefined fields out', () => {
    const value = { b: 1, a: [true, null, 'é"\n'], 10: 0.1, 9: 1e21, Z: undefined };
    expect(canonicalJson(value)).toBe('{"10":0.1,"9":1e+21,"a":[true,null,"é\\"\\n"],"b":1}');
    const texts = ['b', 'a', 'B', '', 'é', '10', '9', 'aa'];
    expect(texts.sort(compareText)).toEqual(['', '10', '9', 'B', 'a', 'aa', 'b', 'é']);
  });

  it('refuses what JSON would quietly change, and says where', () => {
    const bad = [
      NaN,
      Infinity,
      -Infinity,
      -0,
      () => 1,
      Symbol('s'),
      1n,
      new Map(),
      [undefined],
      [,],
    ];
    for (const value of [...bad, new Date(0)]) {
      expect(() => canonicalJson({ deep: [1, value] })).toThrow(ScenarioError);
    }
    expect(() => canonicalJson(undefined)).toThrow(ScenarioError);
    try {
      canonicalJson({ plan: { faults: [1, { at: NaN }] } });
      expect.unreachable();
    } catch (error) {
      expect((error as ScenarioError).path).toBe('/plan/faults/1/at');
      expect((error as ScenarioError).hint).not.toBe('');
    }
  });
});
