/** What a plan may name: the parts of the catalogue and those that a scenario file brings. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, Type, definePredicate, makeRegistry } from 'faultline';

const predicate = (name: string, components: readonly string[]) =>
  definePredicate<object>({
    name,
    about: 'It is so.',
    args: Type.Object({}, { additionalProperties: false }),
    components,
    holds: () => true,
  });

describe('the registry', () => {
  it('takes the parts of a file beside those of the catalogue', () => {
    const { predicates } = makeRegistry({ predicates: [predicate('mine', ['*'])] });
    expect(predicates.has('mine')).toBe(true);
    expect(predicates.has('one-leader')).toBe(true);
  });

  it('refuses a name that is taken', () => {
    const parts = { predicates: [predicate('one-leader', ['*'])] };
    expect(() => makeRegistry(parts)).toThrow(ScenarioError);
    expect(() => makeRegistry(parts)).toThrow(/two parts of kind predicate .*"one-leader"/);
  });

  it('refuses a predicate that nothing would make it ask', () => {
    const parts = { predicates: [predicate('mine', [])] };
    expect(() => makeRegistry(parts)).toThrow(/"mine" looks at no component/);
  });
});
