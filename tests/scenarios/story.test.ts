/**
 * Stories tell the truth about their runs: in every variant each step comes, in order, and every
 * question has the answer that it claims to have.
 */
import { describe, expect, it } from 'vitest';
import { Session, makeRegistry, makeSpec } from 'faultline';
import type { StoryStep } from 'faultline';
import { catalogue, topics } from '../../scenarios/index.ts';
import { resolve } from '../../src/sim/world/resolve.ts';

const SEEDS = [1, 2, 3];

/** Stories that tell of both, of the run with the rule and of the run without it. */
const TELL_OF_BOTH: ReadonlySet<string> = new Set([
  'consensus/flapping-link',
  'patterns/adaptive-throttling',
  'patterns/circuit-breaker',
  'patterns/hedging',
]);

/** As protocols write their error codes. */
const CODE = /\b[A-Z]+(?:_[A-Z]+)+\b/gu;
/** Settings that are written like one. */
const SETTINGS: ReadonlySet<string> = new Set(['AT_LEAST_ONCE', 'EXACTLY_ONCE']);

const codesOf = (story: readonly StoryStep[]): string[] =>
  story
    .flatMap(({ text, predict }) => `${text} ${predict?.because ?? ''}`.match(CODE) ?? [])
    .filter((code) => !SETTINGS.has(code));

/** What a variant expects, whatever words prove it: of each check that breaks its name. */
const broken = (expect: object | undefined): string =>
  Object.entries(expect ?? {})
    .filter(([, verdict]) => 'breaks' in (verdict as object))
    .map(([check]) => check)
    .sort()
    .join(' ');

describe.each(catalogue.map((scenario) => [scenario.id, scenario] as const))(
  'the story of %s',
  (_id, scenario) => {
    const { plan } = new Session(makeSpec(scenario), { scenarios: catalogue });
    const { story } = plan;

    it('has steps, and asks before it shows', () => {
      expect(story.length).toBeGreaterThanOrEqual(3);
      expect(story.some((step) => step.predict !== undefined)).toBe(true);
    });

    const runs = scenario.variants.flatMap(({ name }, i) =>
      (i === 0 ? SEEDS : SEEDS.slice(0, 1)).map((seed) => [name, seed] as const),
    );
    it.each(runs)('comes about step by step in variant %s with seed %i', (variant, seed) => {
      const session = new Session(makeSpec(scenario, { variant, seed }), {
        scenarios: catalogue,
        observe: { frames: true, history: false, checks: false, metrics: false },
        checkpoints: false,
      });
      session.advance();
      const { storyMicros: reached, flights } = session.takeChunk();
      expect(reached).toHaveLength(session.plan.story.length);
      expect(reached).not.toContain(null);
      const times = reached.map(Number);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.at(-1)).toBeLessThan(session.durationMicros);
      for (const code of codesOf(session.plan.story)) {
        const said = flights.label.some((label) => label.includes(code));
        expect(said, `somebody is told ${code}`).toBe(true);
      }
    });

    it('asks questions with one right answer among several, in every variant', () => {
      const asked = scenario.variants.flatMap(({ name }) => {
        const built = new Session(makeSpec(scenario, { variant: name }), { scenarios: catalogue });
        return built.plan.story;
      });
      for (const { predict } of asked) {
        if (predict === undefined) continue;
        expect(predict.options.length).toBeGreaterThanOrEqual(2);
        expect(new Set(predict.options).size).toBe(predict.options.length);
        expect(predict.options[predict.answer]).toBeTypeOf('string');
        expect(predict.because.length).toBeGreaterThan(40);
      }
    });

    it('is not one for variants that are expected to end differently', () => {
      const endings = new Map<string, Set<string>>();
      const note = (told: unknown, ending: string) => {
        const key = JSON.stringify(told);
        endings.set(key, (endings.get(key) ?? new Set()).add(ending));
      };
      for (const { name, expect: expected } of scenario.variants) {
        const built = new Session(makeSpec(scenario, { variant: name }), { scenarios: catalogue });
        const all = broken(expected);
        note(built.plan.story, all);
        for (const { text, predict, check } of built.plan.story) {
          if (predict === undefined || check === undefined) continue;
          note({ text, predict, check }, all.split(' ').includes(check) ? 'breaks' : 'holds');
        }
      }
      const isBoth = [...endings.values()].some((set) => set.size > 1);
      expect(isBoth).toBe(TELL_OF_BOTH.has(scenario.id));
    });

    it('names checks and predicates that exist, in every variant', () => {
      const { predicates } = makeRegistry(scenario.registers);
      for (const { name } of scenario.variants) {
        const built = new Session(makeSpec(scenario, { variant: name }), { scenarios: catalogue });
        const checks = built.plan.checks.map((check) => check.id);
        for (const step of built.plan.story) {
          if (step.check !== undefined) expect(checks).toContain(step.check);
          if ('when' in step.at) expect([...predicates.keys()]).toContain(step.at.when);
        }
      }
    });

    it('lights up nodes that are there', () => {
      const session = new Session(makeSpec(scenario), { scenarios: catalogue });
      const foci = (step: StoryStep) => step.focus ?? [];
      for (const focus of story.flatMap(foci)) {
        expect(() => resolve(session.world, focus)).not.toThrow();
      }
    });

    it('says what the scenario leaves out, where it comes from and what to try', () => {
      expect(scenario.sources.length).toBeGreaterThan(0);
      expect(scenario.leavesOut.length).toBeGreaterThan(0);
      expect(scenario.thingsToTry.length).toBeGreaterThan(0);
    });

    it('expects things only of checks that exist', () => {
      for (const variant of scenario.variants) {
        const built = new Session(makeSpec(scenario, { variant: variant.name }), {
          scenarios: catalogue,
        });
        const checks = built.plan.checks.map((check) => check.id);
        for (const check of Object.keys(variant.expect ?? {})) expect(checks).toContain(check);
      }
    });
  },
);

describe('the catalogue', () => {
  it('has a topic for every scenario, and a scenario for every topic', () => {
    const used = new Set(catalogue.map((scenario) => scenario.topic));
    expect([...used].sort()).toEqual(topics.map((topic) => topic.id).sort());
  });

  it('gives ids only once, and two variants at least', () => {
    const ids = catalogue.map((scenario) => scenario.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const scenario of catalogue) {
      expect(scenario.variants.length, scenario.id).toBeGreaterThanOrEqual(2);
      expect(scenario.variants[0]?.params, `${scenario.id}: the default`).toBeUndefined();
    }
  });
});
