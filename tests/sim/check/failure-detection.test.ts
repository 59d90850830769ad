/** How good a failure detector was: each measure over crashes, mistakes, windows and restarts. */
import { describe, expect, it } from 'vitest';
import type { Fact, World } from 'faultline';
import { ScenarioError } from 'faultline';
import type { CheckEnv, PlannedRun, RunningCheck } from '../../../src/sim/check/check.ts';
import { failureDetection } from '../../../src/sim/check/failure-detection.ts';
import { COMPONENTS } from '../../../src/sim/components/index.ts';
import { validate } from '../../../src/sim/contracts/validate.ts';

/** Monitors w0 and w1, members m2 and m3. */
const GROUPS = ['w', 'v', 'm', 'm'];

class Stage {
  check: RunningCheck;
  readonly told: string[] = [];
  readonly #make: () => RunningCheck;
  #nowMs = 0;
  #event = 0;

  constructor(args: object) {
    const clock = () => this.#nowMs * 1_000;
    const world = {
      get now() {
        return clock();
      },
      node: (index: number) => ({ group: GROUPS[index], name: `${GROUPS[index]}${index}` }),
    } as unknown as World;
    const report = ({ why }: { why: string }) => void this.told.push(why);
    const env = { id: 'it', world, report } as unknown as CheckEnv;
    const all = validate(failureDetection.args, { ...args }, 'args');
    this.#make = () => failureDetection.create(all as never, env);
    this.check = this.#make();
    this.at(0, 0, 'detector.watching', 2).at(0, 0, 'detector.watching', 3);
  }

  at(ms: number, node: number, type: string, of?: number): this {
    this.#nowMs = ms;
    const fact = (of === undefined ? { type } : { type, node: of }) as unknown as Fact;
    const record = { atMicros: ms * 1_000, event: ++this.#event, node, fact };
    this.check.onFact?.(record as never);
    return this;
  }

  crash = (ms: number, member = 2): this => this.at(ms, member, 'node.crashed');
  back = (ms: number, member = 2): this => this.at(ms, member, 'node.started');
  suspect = (ms: number, member = 2): this => this.at(ms, 0, 'detector.suspected', member);
  trust = (ms: number, member = 2): this => this.at(ms, 0, 'detector.trusted', member);

  /** Saved and restored into another one. */
  moved(): this {
    const image = structuredClone(this.check.save());
    this.check = this.#make();
    this.check.restore(image);
    return this;
  }

  end(ms = 10_000, complete = true): string {
    this.#nowMs = ms;
    this.check.onEnd?.(complete);
    const { verdict, text } = this.check.standing(true);
    return `${verdict}: ${text}`;
  }
}
const stage = (args: object = {}) => new Stage(args);
const soon = () => stage({ measure: 'detection-ms', atLeast: 100, atMost: 500 });

describe('the detection time', () => {
  it('is from the crash to the suspicion', () => {
    const it = soon().crash(1_000).suspect(1_400);
    expect([it.end(), it.told]).toEqual(['pass: detected after 400 ms', []]);
  });

  it('breaks where it is late, and where it is early', () => {
    const late = soon().crash(1_000).suspect(1_501);
    expect(late.end()).toBe('fail: detected after 501 ms');
    expect(late.told).toEqual([
      'w0 detects the crash of m2 after 501 ms, where at most 500 ms are asked for.',
    ]);
    const early = soon().crash(1_000).suspect(1_099);
    expect(early.end()).toBe('fail: detected after 99 ms');
    expect(early.told[0]).toMatch(/after 99 ms, where at least 100/);
  });

  it('ends with the suspicion that lasts', () => {
    // A heartbeat that was under way as the member crashed.
    expect(soon().crash(1_000).suspect(1_050).trust(1_060).suspect(1_300).end()).toBe(
      'pass: detected after 300 ms',
    );
  });

  it('is nothing of one that was suspected already', () => {
    expect(stage({ atMost: 500 }).suspect(900).crash(1_000).end()).toBe(
      'pass: detected after 0 ms',
    );
  });

  it('of a crash that nobody notices is as long as there was time', () => {
    expect(soon().crash(1_000).end()).toBe('fail: no crash was detected, 1 not');
    expect(soon().crash(1_000).back(1_501).end()).toBe('fail: no crash was detected, 1 not');
    expect(soon().crash(1_000).back(1_400).end()).toBe('unknown: no crash was detected, 1 not');
    expect(soon().crash(9_700).end()).toBe('unknown: no crash was detected, 1 not');
  });

  it('is judged only of crashes in the window, and of none is unknown', () => {
    const window = { atMost: 500, fromMs: 2_000, untilMs: 4_000 };
    expect(stage(window).crash(1_000).suspect(1_900).end()).toBe(
      'unknown: nobody watched has crashed',
    );
    expect(stage(window).crash(3_900).suspect(4_300).end()).toBe('pass: detected after 400 ms');
    expect(stage(window).crash(3_000).suspect(3_300).end(3_500, false)).toBe(
      'unknown: detected after 300 ms',
    );
  });

  it('is not asked of a monitor that is down itself', () => {
    const it = soon().at(900, 0, 'node.crashed').crash(1_000);
    expect(it.end()).toBe('unknown: nobody watched has crashed');
  });
});

describe('a mistake', () => {
  it('is a suspicion of one that lives, and is told when it is one too many', () => {
    const it = stage({ measure: 'mistakes', atMost: 1 }).suspect(1_000).trust(1_100);
    expect(it.told).toEqual([]);
    it.moved().suspect(2_000, 3);
    expect(it.told).toEqual(['w0 suspects m3, which lives: mistaken 2 times, not at most 1.']);
    expect(it.end()).toBe('fail: 2 mistakes');
    expect(it.told.length).toBe(1);
  });

  it('is none of one that is down, nor of one that is back and not heard from yet', () => {
    const none = { measure: 'mistakes', atMost: 0 };
    expect(stage(none).crash(1_000).suspect(2_000).back(3_000).trust(3_500).end()).toBe(
      'pass: 0 mistakes',
    );
    expect(
      stage(none).crash(1_000).suspect(2_000).back(3_000).trust(3_500).suspect(4_000).end(),
    ).toBe('fail: 1 mistake');
  });

  it('lasts until trust, the crash, or the end', () => {
    const mean = { measure: 'mistake-ms', atMost: 1_000 };
    expect(stage(mean).suspect(1_000).trust(1_500).suspect(2_000, 3).crash(2_300, 3).end()).toBe(
      'pass: a mistake lasts 400 ms',
    );
    expect(stage(mean).suspect(8_000).moved().end()).toBe('fail: a mistake lasts 2000 ms');
    expect(stage(mean).end()).toBe('unknown: there was no mistake');
  });

  it('counts by the hour that a pair lives, and by the time it takes of it', () => {
    // Two pairs of ten seconds: 20 s, in which one mistake takes 1 s.
    const once = (args: object) => stage(args).suspect(1_000).trust(2_000).end();
    expect(once({ measure: 'mistakes-per-hour', atMost: 179 })).toBe(
      'fail: 180 mistakes an hour of a pair',
    );
    expect(once({ measure: 'accuracy', atLeast: 0.95 })).toBe(
      'pass: the living are trusted for 95 % of the time',
    );
    // Half of the time one of them is dead: 15 s.
    const half = stage({ measure: 'mistakes-per-hour', atMost: 240 }).suspect(1_000).trust(2_000);
    expect(half.crash(5_000, 3).suspect(5_500, 3).end()).toBe(
      'pass: 240 mistakes an hour of a pair',
    );
  });

  it('is asked of one group of monitors, where one is named', () => {
    const of = (monitors: string) =>
      stage({ measure: 'mistakes', atMost: 0, monitors }).suspect(1_000).end();
    expect(of('w')).toBe('fail: 1 mistake');
    expect(of('v')).toBe('unknown: nobody was watched');
  });
});

describe('its arguments', () => {
  const run = (component: 'failure-monitor' | 'service'): PlannedRun => ({
    durationMs: 10_000,
    healMs: null,
    groups: [
      {
        name: 'w',
        count: 1,
        behaviour: COMPONENTS[component],
        asks: null,
        operations: null,
        mayWrite: false,
        config: {},
      },
    ],
    components: Object.values(COMPONENTS),
  });
  const check = (args: object, on = run('failure-monitor')) => {
    const all = validate(failureDetection.args, { ...args }, 'args');
    failureDetection.check?.(all as never, 'checks/it/args', on);
  };

  it('are refused where they say nothing', () => {
    expect(() => check({})).toThrow(ScenarioError);
    expect(() => check({ measure: 'accuracy', atLeast: 95 })).toThrow(/never hold/);
    expect(() => check({ atMost: 100, fromMs: 10_000 })).toThrow(/run is over/);
    expect(() => check({ atMost: 100 }, run('service'))).toThrow(/Nobody in this plan tells/);
    expect(() => check({ atMost: 100, monitors: 'w' })).not.toThrow();
  });
});
