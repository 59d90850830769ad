/** What a plan of a test is run by: a document, or a scenario that has nothing but this plan. */
import { ENGINE, defineScenario } from '../../src/sim/index.ts';
import type { Plan, RunSpec, Scenario } from '../../src/sim/index.ts';

/** What matters of it; the rest says nothing. */
export type Bare = Pick<Plan, 'durationMs' | 'groups'> & Partial<Plan>;

export const planOf = (bare: Bare): Plan => ({
  title: 'A plan of a test',
  summary: '',
  network: { latency: { kind: 'constant', ms: 1 } },
  faults: [],
  checks: [],
  story: [],
  ...bare,
});

/** Its run, with the first seed and every rule on. */
export const specOf = (document: Plan, more: Partial<RunSpec> = {}): RunSpec => ({
  engine: ENGINE,
  scenario: { document },
  params: {},
  ablations: [],
  seed: 1,
  order: 'fifo',
  limits: {},
  interventions: [],
  ...more,
});

/** A scenario with one variant, of which nothing is expected. */
export const scenarioOf = (
  bare: Bare,
  more: Pick<Partial<Scenario>, 'registers'> = {},
): Scenario<object> =>
  defineScenario({
    id: 'test/plan',
    title: 'A plan of a test',
    summary: '',
    tier: 'calm',
    sources: [],
    leavesOut: [],
    thingsToTry: [],
    params: {},
    plan: () => planOf(bare),
    variants: [{ name: 'default', about: '' }],
    ...more,
  });
