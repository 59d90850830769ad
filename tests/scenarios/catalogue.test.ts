/**
 * Every scenario of the catalogue, each variant: the default seed shows what the scenario expects,
 * a few more seeds do as well, and the run is the one that is written down.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSpec, Session, simulate } from 'faultline';
import type { Report } from 'faultline';
import 'faultline/vitest';
import { catalogue } from '../../scenarios/index.ts';

const SEED_DEFAULT = 1;
/** So many seeds for a scenario as it is, and for each further variant. */
const SEEDS_DEFAULT = 20;
const SEEDS_VARIANT = 5;

const goldenFile = new URL('./golden-hashes.json', import.meta.url);
const update = process.env['UPDATE_GOLDEN'] === '1';
type Golden = { readonly traceHash: string; readonly stateHash: string; readonly events: number };
const golden = new Map(
  Object.entries(JSON.parse(readFileSync(goldenFile, 'utf8')) as Record<string, Golden>),
);
const seen = new Map<string, Golden>();

const keyOf = (id: string, variant: string): string => `${id} ${variant} seed ${SEED_DEFAULT}`;
const KEYS: readonly string[] = catalogue.flatMap((scenario) =>
  scenario.variants.map((variant) => keyOf(scenario.id, variant.name)),
);

afterAll(() => {
  if (!update) return;
  // What did not run this time (a filter was given) stays as it is; what is gone goes.
  const kept = [...new Map([...golden, ...seen])].filter(([key]) => KEYS.includes(key));
  const sorted = kept.sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(goldenFile, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
});

const WHY =
  'A run moved. If that is meant, raise ENGINE, write the hashes down again with ' +
  'UPDATE_GOLDEN=1 npx vitest run --project scenarios, and say why in a "Trace-Change:" trailer ' +
  'of the commit.';

describe.each(catalogue.map((scenario) => [scenario.id, scenario] as const))(
  '%s',
  (id, scenario) => {
    const names = scenario.variants.map((variant) => variant.name);

    describe.each(names)('variant %s', (variant) => {
      let first: Report;
      beforeAll(() => {
        first = simulate(scenario, { variant, seed: SEED_DEFAULT });
      });

      it('shows what it expects', () => {
        expect(first.variant).toBe(variant);
        expect(first).toPass();
      });

      it('is the run that is written down', () => {
        const { traceHash, stateHash, events } = first;
        const key = keyOf(id, variant);
        seen.set(key, { traceHash, stateHash, events });
        if (!update) expect(golden.get(key), WHY).toEqual({ traceHash, stateHash, events });
      });

      const seeds = variant === names[0] ? SEEDS_DEFAULT : SEEDS_VARIANT;
      it(`shows it with ${seeds} seeds`, () => {
        for (let seed = 1; seed <= seeds; seed += 1) {
          const report = simulate(scenario, { variant, seed });
          expect(report, `seed ${seed}: ${report.repro.command}`).toPass();
        }
      });
    });

    it('is built from its parameters alone', () => {
      const spec = makeSpec(scenario);
      const plans = [1, 2].map(() => new Session(spec, { scenarios: catalogue }).plan);
      expect(plans[0]).toEqual(plans[1]);
      expect(JSON.parse(JSON.stringify(plans[0]))).toEqual(plans[0]);
    });
  },
);

describe('the golden file', () => {
  it('names no scenario that is gone', () => {
    expect([...golden.keys()].filter((key) => !KEYS.includes(key))).toEqual([]);
  });
});
