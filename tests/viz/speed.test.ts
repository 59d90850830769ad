/** The speed a run begins with: nobody waits long for the first thing to happen. */
import { describe, expect, it } from 'vitest';
import { FIRST_SIGHT_SECONDS, startSpeed } from '../../src/viz/state/speed.ts';
import { engine } from '../../src/viz/worker/engine.ts';
import { harness } from './support/harness.ts';

const step = (ms: number) => ({ title: '', text: '', at: { ms } });
const seconds = (ms: number) =>
  ms / 1_000 / startSpeed({ story: [step(0), step(ms), step(9e6)], faults: [] }, 0.1);

describe('the first speed', () => {
  it('reaches the first step that has a time in about five seconds', () => {
    for (const ms of [1_000, 3_000, 7_500, 20_000, 300_000]) {
      expect(seconds(ms), `${ms} ms`).toBeLessThanOrEqual(1.25 * FIRST_SIGHT_SECONDS + 1e-9);
      expect(seconds(ms), `${ms} ms`).toBeGreaterThan(FIRST_SIGHT_SECONDS / 2.5);
    }
  });

  it('counts a fault of the plan too, and is slow where nothing has a time', () => {
    const crash = { fault: { type: 'crash', target: 'n1' }, atMs: 2_000 } as const;
    expect(startSpeed({ story: [step(50_000)], faults: [crash] }, 0.1)).toBe(0.5);
    expect(startSpeed({ story: [], faults: [] }, 0.1)).toBe(0.1);
  });

  it('belongs to the run until a person chooses one', () => {
    const { controller, settle } = harness(engine);
    const open = () => {
      controller.open({ from: 'link', link: '#s=cap/cp-partition' });
      settle();
    };
    open();
    expect(controller.state.speed).toBe(0.5);
    controller.setSpeed(0.02);
    open();
    expect(controller.state.speed).toBe(0.02);
  });
});
