/**
 * Saving and restoring at random events: from there on, every component and every check goes on as
 * if nothing had happened, whatever was run in between, forwards or back, and however often.
 */
import { describe, expect, it } from 'vitest';
import { LIMITS_DEFAULT, makeRegistry } from 'faultline';
import type { Plan, RunSpec } from 'faultline';
import { stateHash } from '../../../src/sim/kernel/state-hash.ts';
import { build } from '../../../src/sim/scenario/build.ts';
import { Observers } from '../../../src/sim/session/observers.ts';
import type { ObserversImage } from '../../../src/sim/session/observers.ts';
import { ENDED_DURATION, Run } from '../../../src/sim/session/run.ts';
import type { RunImage } from '../../../src/sim/session/run.ts';
import { forSeeds } from '../../support/seeds.ts';
import type { Random } from '../../support/seeds.ts';
import { moveOn, randomAct } from './support/acts.ts';
import { stormySpec } from './support/places.ts';
import { expectSame, open, points } from './support/runs.ts';
import { STORMY } from './support/stormy.ts';
import type { StormyName } from './support/stormy.ts';

/** A run and its observers without the session around them, so that any event can be saved. */
class Bench {
  readonly run: Run;
  readonly observers: Observers;

  constructor(plan: Plan, spec: RunSpec) {
    const registry = makeRegistry();
    this.run = new Run(build(plan, registry, spec), {
      durationMicros: plan.durationMs * 1_000,
      limits: LIMITS_DEFAULT,
      interventions: spec.interventions,
    });
    this.observers = new Observers(this.run, plan, registry, {}, null);
  }

  goTo(event: number): void {
    this.run.advance(Infinity, event - this.run.eventNumber);
    if (this.run.ended !== null) this.observers.end(this.run.ended === ENDED_DURATION);
  }

  /** Everything that could differ: each part's own image, the standings and what was recorded. */
  look(): object {
    const { run, observers } = this;
    const { kernel, host, schedule, injector } = run.parts;
    const ended = run.ended !== null;
    return structuredClone({
      event: run.eventNumber,
      micros: run.now,
      ended: run.ended,
      traceHash: kernel.hash.hex(),
      pending: kernel.queue.size,
      nodes: host.nodes.map((node) => ({
        id: node.identity.id,
        status: node.status,
        epoch: node.epoch,
        state: stateHash(
          node.state === null ? null : (node.behaviour.plain?.(node.state) ?? node.state),
        ),
        clock: node.clock.save(),
        cpu: node.cpu.save(),
        unsynced: node.disk?.unsynced,
        calls: [...node.calls],
        timers: [...node.timers],
        mailbox: node.mailbox.slice(),
        scripts: [...node.scripts].map(([id, script]) => [id, script.args, script.received]),
      })),
      streams: stateHash(kernel.streams.save().states.slice(0, 64)),
      active: injector.active.map((fault) => fault.id),
      schedule: schedule.save(),
      checks: observers.checks.map((check) => ({
        id: check.plan.id,
        standing: check.running.standing(ended),
        reached: check.running.reached,
        findings: check.findings.slice(),
      })),
      history: observers.history.ops(),
      windows: observers.metrics.windowsFrom(0, run.now),
      gauges: points(observers.gauges.framesFrom(0)),
      totals: observers.gauges.totals(),
      facts: [...observers.metrics.facts],
      latency: observers.metrics.latencies.summary(),
    });
  }
}

interface Saved {
  readonly run: RunImage;
  readonly observers: ObserversImage;
  readonly look: object;
}

/** A rule that each plan follows, so that what it changes is saved and restored, too. */
const RULES: { readonly [Name in StormyName]: string } = {
  stores: 'raft.current-term-commit',
  requests: 'traffic.retry-budget',
  messages: 'raft.current-term-commit',
};

/** A specification with interventions, spawned and retired nodes among them. */
function disturbed(name: StormyName, seed: number, random: Random): RunSpec {
  const base: RunSpec = {
    ...stormySpec(name, seed),
    ablations: random.chance(30) ? [RULES[name]] : [],
    order: random.chance(30) ? { permute: seed } : 'fifo',
  };
  const session = open(base);
  for (let number = 0; number < 4; number++) {
    moveOn(session, random);
    if (session.ended === null) session.intervene(randomAct(session, random, number));
  }
  session.advance();
  return session.spec;
}

/** Looks that cost: one in so many events is saved. */
function saveSome(bench: Bench, random: Random, count: number, total: number): Saved[] {
  const events = Array.from({ length: count }, () => random.int(total)).sort((a, b) => a - b);
  return [...new Set(events)].map((event) => {
    bench.goTo(event);
    return { run: bench.run.save(), observers: bench.observers.save(), look: bench.look() };
  });
}

describe('the stormy plans', () => {
  it('name every component and every check of the catalogue', () => {
    const registry = makeRegistry();
    const plans = Object.values(STORMY);
    const components = new Set(plans.flatMap(({ groups }) => groups.map((it) => it.component)));
    const checks = new Set(plans.flatMap((plan) => plan.checks.map((check) => check.use)));
    expect([...components].sort()).toEqual([...registry.components.keys()].sort());
    expect([...checks].sort()).toEqual([...registry.checks.keys()].sort());
  });
});

describe.each(Object.keys(STORMY) as StormyName[])('restoring stormy %s', (name) => {
  it('at random events goes on as if nothing had happened', () => {
    forSeeds(3, import.meta.url, (seed, random) => {
      const spec = disturbed(name, seed, random);
      const straight = new Bench(STORMY[name], spec);
      straight.goTo(Infinity);
      const end = straight.look();
      const bench = new Bench(STORMY[name], spec);
      const saved = saveSome(bench, random, 12, straight.run.eventNumber);
      bench.goTo(Infinity);
      expectSame(bench.look(), end);
      for (let round = 0; round < 12; round++) {
        const from = random.int(saved.length);
        const point = saved[from] as Saved;
        bench.run.restore(point.run);
        bench.observers.restore(point.observers);
        expectSame(bench.look(), point.look);
        const to = saved[from + random.between(1, 4)];
        bench.goTo(to?.run.kernel.eventNumber ?? Infinity);
        expectSame(bench.look(), to?.look ?? end);
      }
    });
  });
});
