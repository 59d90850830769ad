/** Always, sometimes, eventually: when they hold, when they break, and when nobody can tell. */
import { describe, expect, it } from 'vitest';
import { ScenarioError } from 'faultline';
import { always, eventually, sometimes } from '../../../src/sim/check/temporal.ts';
import { Stage } from './support/check-env.ts';
import type { StageOptions } from './support/check-env.ts';

const on = (args: object = {}) => ({ predicate: 'switch', ...args });
const stageOf = {
  always: (args?: object) => new Stage(always, on(args)),
  sometimes: (args?: object) => new Stage(sometimes, on(args)),
  eventually: (args?: object, options?: StageOptions) => new Stage(eventually, on(args), options),
};

describe.each([always, sometimes, eventually])('$use', (definition) => {
  it('wakes on what its predicate looks at', () => {
    expect(new Stage(definition, on()).check.components).toEqual(['lamp']);
    expect(new Stage(definition, { predicate: 'anywhere' }).check.components).toEqual(['*']);
  });

  it('refuses a predicate that is not there, with the nearest one', () => {
    const wrong = () => new Stage(definition, { predicate: 'swich' });
    expect(wrong).toThrow(ScenarioError);
    expect(wrong).toThrow(/swich/);
    try {
      wrong();
    } catch (error) {
      expect(error).toMatchObject({ path: 'checks/it/args/predicate' });
      expect((error as ScenarioError).hint).toContain('switch');
    }
  });

  it('refuses arguments that the predicate does not take', () => {
    expect(() => new Stage(definition, on({ with: { colour: 1 } }))).toThrow(ScenarioError);
  });

  it('goes on from a saved image', () => {
    for (const switched of [true, false]) {
      const stage = new Stage(definition, on()).look(1, switched);
      const image = structuredClone(stage.check.save());
      const standing = stage.check.standing(false);
      stage.look(2, !switched).end();
      stage.check.restore(image);
      expect(stage.check.standing(false)).toEqual(standing);
    }
  });
});

describe('always', () => {
  it('holds while its predicate does', () => {
    const stage = stageOf.always().look(1, true).look(500, true);
    expect(stage.now).toBe('pass');
    expect(stage.end().verdict).toBe('pass');
    expect(stage.told).toEqual([]);
  });

  it('breaks at the first moment it does not, and says so once', () => {
    const stage = stageOf.always().look(1, true).look(2, false).look(3, true).look(4, false);
    expect(stage.now).toBe('fail');
    expect(stage.end().verdict).toBe('fail');
    expect(stage.told).toEqual([
      { why: 'It stopped being true that: the switch is on.', evidence: [2] },
    ]);
  });

  it('looks only within its window, both ends included', () => {
    const window = { fromMs: 10, untilMs: 20 };
    expect(stageOf.always(window).look(9.999, false).look(20.001, false).end().verdict).toBe(
      'pass',
    );
    expect(stageOf.always(window).look(10, false).verdict).toBe('fail');
    expect(stageOf.always(window).look(20, false).verdict).toBe('fail');
  });
});

describe('sometimes', () => {
  it('holds once its predicate did', () => {
    const stage = stageOf.sometimes().look(1, false).look(2, true).look(3, false);
    expect(stage.now).toBe('pass');
    expect(stage.check.reached).toBe(true);
    expect(stage.end().verdict).toBe('pass');
    expect(stage.told).toEqual([]);
  });

  it('breaks where it was never reached', () => {
    const stage = stageOf.sometimes().look(1, false);
    expect(stage.now).toBe('unknown');
    expect(stage.end().verdict).toBe('fail');
    expect(stage.whys).toEqual(['It never came about that: the switch is on.']);
  });

  it('is unknown where the run was cut short before', () => {
    const stage = stageOf.sometimes().look(1, false).end(5, false);
    expect(stage.verdict).toBe('unknown');
    expect(stage.told).toEqual([]);
    expect(stageOf.sometimes().look(1, true).end(5, false).verdict).toBe('pass');
  });

  it('of a sweep leaves the judgement to the sweep', () => {
    const stage = stageOf.sometimes({ scope: 'sweep' }).look(1, false).end();
    expect(stage.verdict).toBe('pass');
    expect(stage.check.reached).toBe(false);
    expect(stage.told).toEqual([]);
  });
});

describe('eventually', () => {
  const healed: StageOptions = { healMs: 100 };

  it('holds where its predicate comes to hold in time after the healing', () => {
    const stage = stageOf.eventually({ withinMs: 50 }, healed).look(120, false).look(150, true);
    expect(stage.now).toBe('pass');
    expect(stage.end().check.standing(true)).toEqual({ verdict: 'pass', text: 'reached 50 ms on' });
  });

  it('does not count what held before the healing', () => {
    const stage = stageOf.eventually({ withinMs: 50 }, healed).look(90, true).look(120, false);
    expect(stage.now).toBe('unknown');
    expect(stage.end().verdict).toBe('fail');
  });

  it('breaks as soon as its bound has passed', () => {
    const stage = stageOf.eventually({ withinMs: 50 }, healed).look(100, false).look(151, true);
    expect(stage.now).toBe('fail');
    expect(stage.whys).toEqual([
      'It did not come about within 50 ms of the heal that: the switch is on.',
    ]);
    expect(stage.look(152, false).end().told).toHaveLength(1);
  });

  it('breaks at the end of a run in which nothing more happened', () => {
    const stage = stageOf.eventually({ withinMs: 50 }, healed).look(100, false).end(150);
    expect(stage.verdict).toBe('fail');
  });

  it('is unknown where the run ended before its bound', () => {
    const stage = stageOf.eventually({ withinMs: 50 }, healed).look(100, false).end(149);
    expect(stage.verdict).toBe('unknown');
    expect(stage.told).toEqual([]);
  });

  it('counts from the start where it is told to, or where nothing heals', () => {
    const fromStart = stageOf.eventually({ withinMs: 50, after: 'start' }, healed);
    expect(fromStart.look(30, true).verdict).toBe('pass');
    expect(stageOf.eventually({ withinMs: 50 }).look(30, true).verdict).toBe('pass');
    expect(stageOf.eventually({ withinMs: 50 }).look(51, true).verdict).toBe('fail');
  });
});
