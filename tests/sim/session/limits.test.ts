/**
 * A run that does not end by itself is stopped by its limits, and its verdict names the one; a run
 * that is no function of its specification is told as a divergence.
 */
import { describe, expect, it } from 'vitest';
import { DivergenceError, Session, Type, defineBehaviour, makeSpec, micros } from 'faultline';
import type { AnyBehaviour, Limits, Plan, Scenario } from 'faultline';

/** A node that arms `children` timers each time one fires, `delayMicros` ahead. */
function selfFeeding(children: number, delayOf: () => number): AnyBehaviour {
  return defineBehaviour<{ next: number }, unknown, never, { component: string; fields: [] }>({
    component: 'self-feeding',
    about: 'Gives itself ever more to do.',
    source: 'this test',
    leavesOut: [],
    badge: 'SF',
    serves: [],
    links: {},
    config: Type.Object({}),
    facts: {},
    roleNames: {},
    start(ctx) {
      ctx.setTimer('tick', 0, micros(1));
      return { next: 1 };
    },
    on: {},
    onTimer(state, ctx) {
      for (let child = 0; child < children; child++) {
        ctx.setTimer('tick', state.next++, micros(delayOf()));
      }
    },
    roles: () => [],
    view: () => ({ component: 'self-feeding', fields: [] }),
  });
}

function scenarioOf(behaviour: AnyBehaviour, change: Partial<Plan> = {}): Scenario {
  const plan: Plan = {
    title: 'Never ends',
    summary: 'One node that is never done.',
    durationMs: 86_400_000,
    network: { latency: { kind: 'constant', ms: 1 } },
    groups: [{ name: 'c', component: behaviour.component, count: 1 }],
    faults: [],
    checks: [
      {
        id: 'up',
        use: 'always',
        args: { predicate: 'all-up', fromMs: 0.001 },
      },
      {
        id: 'led',
        use: 'eventually',
        args: { predicate: 'two-leaders', with: { group: 'c' }, withinMs: 80_000_000 },
      },
    ],
    story: [],
    ...change,
  };
  return {
    id: 'test/never-ends',
    topic: 'test',
    title: plan.title,
    summary: plan.summary,
    tier: 'calm',
    sources: [],
    params: Type.Object({}),
    plan: () => plan,
    variants: [],
    thingsToTry: [],
    leavesOut: [],
    registers: { components: [behaviour] },
  };
}

function runWith(scenario: Scenario, limits: Partial<Limits>) {
  const session = new Session(makeSpec(scenario, { limits }), { scenarios: [scenario] });
  const report = session.run();
  return { session, report };
}

describe('the limit on', () => {
  it('events stops a loop in which no time passes', () => {
    const scenario = scenarioOf(selfFeeding(1, () => 0));
    const { session, report } = runWith(scenario, { events: 5_000 });
    expect(report).toMatchObject({ verdict: 'unknown', ended: 'limit: events', events: 5_000 });
    expect(report.simulatedMicros).toBe(1);
    expect(session.ended).toBe('limit: events');
    expect(report.endedHint).toMatch(/^Time stands still: c1 \(self-feeding\) went on/);
    expect(report.endedHint).toMatch(/a latency of the network, a think time .*\(thinkMs\)/);
  });

  it('events names who goes in a circle, however the run came there', () => {
    const scenario = scenarioOf(selfFeeding(1, () => 0));
    const whole = runWith(scenario, { events: 5_000 }).report.endedHint;
    const spec = makeSpec(scenario, { limits: { events: 5_000 } });
    const session = new Session(spec, { scenarios: [scenario], checkpoints: true });
    for (const events of [2_999, 700, 1, 800]) session.advance({ events });
    session.seek({ event: 3_400 });
    expect(session.run().endedHint).toBe(whole);
  });

  it('events says no such thing where time goes on, or where it is met too soon to know', () => {
    const slow = scenarioOf(selfFeeding(1, () => 1));
    expect(runWith(slow, { events: 5_000 }).report).toMatchObject({
      ended: 'limit: events',
      endedHint: '',
    });
    const soon = scenarioOf(selfFeeding(1, () => 0));
    expect(runWith(soon, { events: 100 }).report.endedHint).toBe('');
  });

  it('pending events stops a run that feeds itself', () => {
    const scenario = scenarioOf(selfFeeding(2, () => 10));
    const { report } = runWith(scenario, { pending: 1_000 });
    expect(report).toMatchObject({ verdict: 'unknown', ended: 'limit: pending events' });
    expect(report.events).toBeLessThan(2_000);
  });

  it('simulated time stops a run that is planned for longer', () => {
    const scenario = scenarioOf(selfFeeding(1, () => 1_000));
    const { report } = runWith(scenario, { simMicros: 2_000_000 });
    expect(report).toMatchObject({
      verdict: 'unknown',
      ended: 'limit: simulated time',
      simulatedMicros: 2_000_000,
    });
  });

  it('any of them may come from the plan, and a run may set its own', () => {
    const scenario = scenarioOf(
      selfFeeding(1, () => 0),
      { limits: { events: 700 } },
    );
    expect(runWith(scenario, {}).report).toMatchObject({ events: 700, ended: 'limit: events' });
    expect(runWith(scenario, { events: 900 }).report.events).toBe(900);
  });

  it('events leaves a failure a failure', () => {
    const scenario = scenarioOf(
      selfFeeding(1, () => 1_000),
      {
        faults: [{ fault: { type: 'pause', target: 'c' }, atMs: 5, forMs: 10 }],
      },
    );
    const { report } = runWith(scenario, { events: 2_000 });
    expect(report.verdict).toBe('fail');
    expect(report.checks.map(({ verdict }) => verdict)).toEqual(['fail', 'unknown']);
  });

  it('leaves a run alone that ends before it', () => {
    const scenario = scenarioOf(
      selfFeeding(1, () => 1_000),
      { durationMs: 100, checks: [] },
    );
    const { report } = runWith(scenario, { events: 1_000, simMicros: 1_000_000, pending: 10 });
    expect(report).toMatchObject({ verdict: 'pass', ended: 'duration' });
  });

  it('is kept in pieces, too, and nothing runs after it', () => {
    const scenario = scenarioOf(selfFeeding(1, () => 1_000));
    const session = new Session(makeSpec(scenario, { limits: { events: 50 } }), {
      scenarios: [scenario],
    });
    for (let piece = 0; piece < 20; piece++) session.advance({ events: 7 });
    expect(session.eventNumber).toBe(50);
    expect(session.report().traceHash).toBe(runWith(scenario, { events: 50 }).report.traceHash);
  });
});

describe('a run that is no function of its specification', () => {
  it('is told as a divergence when a stretch is run again', () => {
    let count = 0;
    // It cheats: what it does depends on something that no checkpoint holds.
    const scenario = scenarioOf(selfFeeding(1, () => 10 + (count++ % 7)));
    const session = new Session(makeSpec(scenario), { scenarios: [scenario], checkpoints: true });
    session.advance({ events: 3_000 });
    expect(() => {
      session.seek({ event: 100 });
      session.advance({ events: 2_900 });
    }).toThrow(DivergenceError);
  });
});
