/** When faults of a plan strike and end: at a time, again and again, or when something holds. */
import { describe, expect, it } from 'vitest';
import type { Fault, FaultEntry } from 'faultline';
import { BEAT_MS } from './support/metronome.ts';
import { Bench } from './support/bench.ts';

const crash = (target: string): Fault => ({ type: 'crash', target });
const every = (ms: number) => ({ interval: { kind: 'constant', ms } as const });
const multiples = (n: number) => ({ use: 'beats-of-first', args: { every: n } });

describe('a fault at a time', () => {
  it('strikes then, lasts so long, and acts before the events of its time', () => {
    const bench = new Bench([{ id: 'a', atMs: 100, forMs: 50, fault: crash('m2') }]).end();
    expect(bench.strikes).toEqual([
      { change: 'start', id: 'a', atMs: 100, nodes: [1] },
      { change: 'end', id: 'a', atMs: 150, nodes: [1] },
    ]);
    // The beat that was due at 100 ms never came.
    const state = new Bench([{ atMs: 100, fault: { type: 'pause', target: 'm1' } }]).to(400);
    expect((state.parts.host.node(0).state as { beats: number }).beats).toBe(100 / BEAT_MS - 1);
  });

  it('at 0 ms bites: a crash calls off the start, a pause holds what has just started', () => {
    for (const [type, status] of [
      ['crash', 'down'],
      ['pause', 'paused'],
    ] as const) {
      const bench = new Bench([{ id: 'a', atMs: 0, forMs: 50, fault: { type, target: 'm2' } }]);
      bench.to(20);
      expect(bench.parts.host.node(1).status, type).toBe(status);
      bench.to(60);
      expect(bench.parts.host.node(1).status, type).toBe('up');
    }
  });

  it('lasts to the end without forMs and without a heal phase', () => {
    const bench = new Bench([{ id: 'a', atMs: 100, fault: crash('m2') }]).end();
    expect(bench.ended).toEqual([]);
    expect(bench.parts.host.node(1).status).toBe('down');
  });

  it('is named by its type and place where the plan gives no name', () => {
    const bench = new Bench([
      { atMs: 10, fault: crash('m1') },
      { atMs: 20, fault: { type: 'loss', probability: 0.5 } },
    ]).end();
    expect(bench.started).toEqual(['crash-1@10', 'loss-2@20']);
  });

  it('strikes in the order of the plan at equal times', () => {
    const bench = new Bench([
      { id: 'z', atMs: 50, fault: crash('m1') },
      { id: 'a', atMs: 50, fault: crash('m2') },
    ]).end();
    expect(bench.started).toEqual(['z@50', 'a@50']);
  });

  it('aims when it strikes, not when it is planned', () => {
    const late: Fault = { type: 'crash', target: { role: 'late' } };
    const bench = new Bench([
      { id: 'early', atMs: 100, fault: late },
      { id: 'later', atMs: 700, fault: late },
    ]).end();
    expect(bench.started).toEqual(['later@700']);
    expect(bench.strikes[0]?.nodes).toEqual([0, 1, 2, 3]);
  });
});

describe('a fault again and again', () => {
  it('strikes at each interval from its window on, each time under a name of its own', () => {
    const bench = new Bench([
      {
        id: 'a',
        every: { ...every(100), fromMs: 200, untilMs: 600 },
        forMs: 30,
        fault: crash('m1'),
      },
    ]).end();
    expect(bench.started).toEqual(['a#1@300', 'a#2@400', 'a#3@500', 'a#4@600']);
    expect(bench.ended).toEqual(['a#1@330', 'a#2@430', 'a#3@530', 'a#4@630']);
  });

  it('overlaps itself where it lasts longer than its interval', () => {
    const bench = new Bench([
      { id: 'a', every: { ...every(100), untilMs: 250 }, forMs: 150, fault: crash('m1') },
    ]);
    expect(bench.to(260).parts.injector.active.map((f) => f.id)).toEqual(['a#2']);
    expect(bench.parts.host.node(0).status).toBe('down');
    expect(bench.end().parts.host.node(0).status).toBe('up');
    expect(bench.parts.host.node(0).restarts).toBe(1);
  });

  it('slows a clock to a hundredth at most, and lets it go when the last is over', () => {
    const drift = (id: string, atMs: number): FaultEntry => ({
      id,
      atMs,
      forMs: 100,
      fault: { type: 'clock-drift', target: 'm1', ppm: -500_000 },
    });
    const bench = new Bench([drift('a', 100), drift('b', 150), drift('c', 160)]);
    const ppmAt = (ms: number) => bench.to(ms).parts.host.node(0).clock.save().driftPpm;
    expect([120, 155, 170, 255, 270].map(ppmAt)).toEqual([
      -500_000, -990_000, -990_000, -500_000, 0,
    ]);
    expect(bench.end().ended).toHaveLength(3);
  });

  it('draws its intervals from a stream of its own', () => {
    const drawn = (id: string): FaultEntry => ({
      id,
      every: { interval: { kind: 'exponential', meanMs: 60 } },
      forMs: 5,
      fault: { type: 'clock-drift', target: 'm1', ppm: 1 },
    });
    const of = (bench: Bench, id: string) => bench.started.filter((s) => s.startsWith(`${id}#`));
    const both = new Bench([drawn('a'), drawn('b')]).end();
    const alone = new Bench([drawn('b')]).end();
    expect(of(both, 'b').length).toBeGreaterThan(5);
    expect(of(both, 'b')).toEqual(of(alone, 'b'));
    expect(of(both, 'a')).not.toEqual(of(both, 'b').map((s) => s.replace('b', 'a')));
    const other = new Bench([drawn('b')], { seed: 2 }).end();
    expect(of(other, 'b')).not.toEqual(of(alone, 'b'));
  });
});

describe('a fault on a condition', () => {
  it('strikes when the condition first holds', () => {
    const bench = new Bench([
      { id: 'a', when: multiples(10), forMs: 20, fault: crash('m2') },
    ]).end();
    expect(bench.started).toEqual([`a@${10 * BEAT_MS}`]);
    expect(bench.ended).toEqual([`a@${10 * BEAT_MS + 20}`]);
  });

  it('has the arguments of its predicate by default', () => {
    const when = { use: 'beats-of-first' };
    const bench = new Bench([{ id: 'a', when, forMs: 20, fault: crash('m2') }]).end();
    expect(bench.started).toEqual([`a@${10 * BEAT_MS}`]);
  });

  it('waits, and comes as often as it is told', () => {
    const when = { ...multiples(20), delayMs: 7, times: 3 };
    const bench = new Bench([{ id: 'a', when, forMs: 1, fault: crash('m2') }]).end();
    expect(bench.started).toEqual(['a#1@107', 'a#2@207', 'a#3@307']);
  });

  it('strikes once for each time that the condition comes to hold', () => {
    // Between two beats many events are handled while the count stays a multiple.
    const bench = new Bench([
      { id: 'a', when: { ...multiples(50), times: 9 }, forMs: 1, fault: crash('m2') },
    ]).end();
    expect(bench.started).toEqual(['a#1@250', 'a#2@500', 'a#3@750', 'a#4@1000']);
  });

  it('may hold because of another fault', () => {
    const bench = new Bench([
      { id: 'a', atMs: 100, forMs: 10, fault: crash('m1') },
      { id: 'b', when: { use: 'member-down', args: { group: 'm' } }, fault: crash('m2') },
    ]).end();
    expect(bench.started).toEqual(['a@100', 'b@100']);
  });
});

describe('the heal phase', () => {
  const plan: readonly FaultEntry[] = [
    { id: 'at', atMs: 100, fault: crash('m1') },
    { id: 'every', every: every(90), forMs: 40, fault: crash('m2') },
    { id: 'when', when: { ...multiples(20), times: 99, delayMs: 30 }, fault: crash('m3') },
    { id: 'late', atMs: 700, fault: crash('m4') },
  ];

  it('undoes everything, and nothing strikes after it', () => {
    const bench = new Bench(plan, { healAtMs: 500 }).end();
    const times = bench.strikes.map((s) => s.atMs);
    expect(Math.max(...times)).toBe(500);
    expect(bench.parts.injector.active).toEqual([]);
    expect(bench.parts.host.nodes.every((node) => node.status === 'up')).toBe(true);
    expect(bench.parts.schedule.healed).toBe(true);
    expect(bench.parts.schedule.nextMicros).toBe(Infinity);
  });

  it('leaves what a person does after it alone', () => {
    const bench = new Bench(plan, { healAtMs: 500 }).to(600);
    bench.parts.injector.inject('mine', crash('m1'), 'person');
    bench.end();
    expect(bench.parts.injector.active.map((f) => f.id)).toEqual(['mine']);
  });
});

describe('the schedule', () => {
  it('is restored at any moment', () => {
    const plan: readonly FaultEntry[] = [
      {
        id: 'e',
        every: { interval: { kind: 'exponential', meanMs: 40 } },
        forMs: 25,
        fault: crash('m1'),
      },
      { id: 'w', when: { ...multiples(15), times: 5, delayMs: 3 }, forMs: 8, fault: crash('m2') },
    ];
    const whole = new Bench(plan).end().strikes;
    for (const events of [1, 80, 333, 1_000, 3_000]) {
      const bench = new Bench(plan);
      bench.run.advance(Infinity, events);
      while (!bench.run.isAtEvent) bench.run.advance(Infinity, 1);
      expect(bench.run.ended).toBe(null);
      const image = bench.run.save();
      const before = bench.strikes.length;
      bench.end();
      bench.strikes.length = before;
      bench.run.restore(image);
      bench.end();
      expect(bench.strikes, `restored after ${events} events`).toEqual(whole);
    }
  });
});
