/**
 * Stories tell the truth about their runs: every step comes, in order (in the other variants those
 * that have a time), and every question has the answer that it claims to have.
 */
import { describe, expect, it } from 'vitest';
import { Session, makeRegistry, makeSpec } from 'faultline';
import type { StoryStep } from 'faultline';
import { catalogue, topics } from '../../scenarios/index.ts';
import { resolve } from '../../src/sim/world/resolve.ts';

const SEEDS = [1, 2, 3];

describe.each(catalogue.map((scenario) => [scenario.id, scenario] as const))(
  'the story of %s',
  (_id, scenario) => {
    const { plan } = new Session(makeSpec(scenario), { scenarios: catalogue });
    const { story } = plan;

    it('has steps, and asks before it shows', () => {
      expect(story.length).toBeGreaterThanOrEqual(3);
      expect(story.some((step) => step.predict !== undefined)).toBe(true);
    });

    it.each(SEEDS)('comes about step by step with seed %i', (seed) => {
      const session = new Session(makeSpec(scenario, { seed }), {
        scenarios: catalogue,
        observe: { frames: true, history: false, checks: false, metrics: false },
        checkpoints: false,
      });
      session.advance();
      const reached = session.takeChunk().storyMicros;
      expect(reached).toHaveLength(story.length);
      expect(reached).not.toContain(null);
      const times = reached.map(Number);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times.at(-1)).toBeLessThan(session.durationMicros);
    });

    // A step that waits for a predicate comes only where it holds, which a variant may prevent:
    // such a step, and those behind it, may stay away.
    const others = scenario.variants.map(({ name }) => name).slice(1);
    it.each(others)('keeps to the clock in variant %s', (variant) => {
      const session = new Session(makeSpec(scenario, { variant }), {
        scenarios: catalogue,
        observe: { frames: true, history: false, checks: false, metrics: false },
        checkpoints: false,
      });
      session.advance();
      const reached = session.takeChunk().storyMicros;
      const steps = session.plan.story;
      expect(reached).toHaveLength(steps.length);
      const waits = steps.findIndex(({ at }, i) => 'when' in at && reached[i] === null);
      const due = waits === -1 ? reached : reached.slice(0, waits);
      expect(due).not.toContain(null);
      const times = due.filter((_, i) => 'ms' in (steps[i]?.at ?? {})).map(Number);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      for (const time of times) expect(time).toBeLessThan(session.durationMicros);
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
