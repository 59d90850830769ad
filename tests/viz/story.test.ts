/** The story and the viewer's clock: playing stops at a question's very moment. */
import { describe, expect, it } from 'vitest';
import type { StoryStep } from '../../src/sim/index.ts';
import { originalBranch } from '../../src/viz/state/branch.ts';
import { Player } from '../../src/viz/state/player.ts';
import { START } from '../../src/viz/state/position.ts';
import { nextQuestion } from '../../src/viz/state/story.ts';
import { engine } from '../../src/viz/worker/engine.ts';
import { harness } from './support/harness.ts';
import { DURATION_MICROS, chunksOf } from './support/synthetic.ts';

const predict = { question: 'What?', options: ['a', 'b'], answer: 0, because: '' };
const story: readonly StoryStep[] = [
  { title: 'told', text: '', at: { ms: 10 } },
  { title: 'asked', text: '', at: { ms: 40.5 }, predict },
  { title: 'asked too', text: '', at: { when: 'fifty' }, predict },
];

describe('the next question', () => {
  it('is the first whose moment is known, lies ahead and was not answered', () => {
    const none = new Set<number>();
    expect(nextQuestion(story, [], none, 0)).toBe(40_500);
    expect(nextQuestion(story, [], none, 40_500)).toBeNull();
    expect(nextQuestion(story, [null, null, 50_000], none, 40_500)).toBe(50_000);
    expect(nextQuestion(story, [null, null, 50_000], new Set([1]), 0)).toBe(50_000);
  });
});

describe("the viewer's clock", () => {
  it.each([0.1, 0.5, 1, 2, 5, 20, 1_000])('stops at the moment at %f times', (speed) => {
    const branch = originalBranch();
    for (const chunk of chunksOf([50_000])) branch.timeline.add(chunk, START);
    const player = new Player(
      {
        runTo: () => {},
        refill: () => {},
        stopAfter: (micros) => nextQuestion(story, [], new Set(), micros),
      },
      branch,
      speed,
    );
    player.show(branch, DURATION_MICROS, START);
    player.playing = true;
    const seen: number[] = [];
    for (let i = 0; i < 1_000 && !player.atEnd; i++) {
      if (player.tick(16.7)) seen.push(player.position.micros);
    }
    expect(seen).toContain(40_500);
    expect(seen.at(-1)).toBe(DURATION_MICROS);
  });
});

describe('a run of the catalogue', () => {
  it.each([0.5, 2, 5, 20])('waits at its question at %f times', (speed) => {
    const page = harness(engine);
    page.controller.start();
    page.controller.open({ from: 'link', link: '#s=cap/cp-partition' });
    page.settle();
    page.controller.setSpeed(speed);
    page.controller.play();
    for (let i = 0; i < 2_000 && page.controller.wantsFrames; i++) page.frame(16.7);
    const { run, asking, playing } = page.controller.state;
    const asked = run!.plan.story.findIndex((step) => step.predict !== undefined);
    expect(run!.plan.story[asked]!.at).toEqual({ ms: 3_000 });
    expect({ asking, playing }).toEqual({ asking: asked, playing: false });
    expect(page.controller.position.micros).toBe(3_000_000);
    // The panels too, which are drawn ten times a second while it plays.
    expect(page.controller.state.position.micros).toBe(3_000_000);
    // The answer sets it going again, and it does not stop there twice.
    page.controller.predict(asked, 0);
    page.settle();
    page.frame(16.7);
    expect(page.controller.position.micros).toBeGreaterThan(3_000_000);
  });

  it('passes it where the viewer does not want to be asked', () => {
    const page = harness(engine);
    page.controller.start();
    page.controller.open({ from: 'link', link: '#s=cap/cp-partition' });
    page.settle();
    page.controller.patch({ followStory: false });
    page.controller.setSpeed(5);
    page.controller.play();
    for (let i = 0; i < 50; i++) page.frame(16.7);
    expect(page.controller.position.micros).toBeGreaterThan(3_000_000);
    expect(page.controller.state.playing).toBe(true);
  });
});
