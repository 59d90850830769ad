/** One of a kind is told as one, in every variant and wherever a parameter can be 1. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, makeSpec } from 'faultline';
import { catalogue } from '../../scenarios/index.ts';
import { prepare } from '../../src/sim/session/prepare.ts';

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What a person reads of a plan. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

/** Words that end like a plural and are none, and what stands behind a name or a formula. */
const NO_PLURALS =
  /^(?:[a-z]+ )?(ms|is|was|has|times ln|times the mean|coordinates|s is|reaches|repeats)\b/;
/** Not the end of another number, of a name or of a formula. */
const ONE = /(?<![\w.,^=/+*-]|[-+*/=<>^] )1 ((?:[a-z]+ )?[a-z]+s\b[^.,:]*)/g;

const wrongIn = (text: string): string[] =>
  [...text.matchAll(ONE)]
    .filter(([, words]) => {
      const [first, second] = words!.split(' ');
      // "1 record is", "1 failed check has": only what is counted can be wrong.
      const counted = first!.endsWith('s') ? words! : `${second!}`;
      return !NO_PLURALS.test(counted) && !NO_PLURALS.test(words!);
    })
    .map(([found]) => found);

describe.each(catalogue.map((scenario) => [scenario.id, scenario] as const))(
  'the words of %s',
  (_id, scenario) => {
    const fields: readonly (readonly [string, Bounds])[] = Object.entries(
      scenario.params.properties,
    );
    const ones = fields
      .filter(([, { minimum = 2, maximum = Infinity }]) => minimum <= 1 && maximum >= 1)
      .map(([name]) => ({ [name]: 1 }));

    it('tell of one thing as one', () => {
      const wrong = scenario.variants.flatMap(({ name: variant }) =>
        [{}, ...ones].flatMap((params) => {
          try {
            const spec = makeSpec(scenario, { variant, params });
            const prepared = prepare(spec, catalogue);
            const { title, summary, story, checks } = prepared.plan;
            const abouts = checks.map(({ about }) => about);
            return textsOf([title, summary, story, abouts]).flatMap(wrongIn);
          } catch (error) {
            // Not all values go together.
            if (error instanceof ScenarioError) return [];
            throw error;
          }
        }),
      );
      expect([...new Set(wrong)]).toEqual([]);
    });
  },
);
