/**
 * Saving and restoring at random events a run in which every discipline works, stalls, exits, and
 * calls are given up, under crashes, pauses and slow processors: from there on it is the same run.
 */
import { describe, expect, it } from 'vitest';
import { micros, ms } from 'faultline';
import type { CallId, FaultEntry } from 'faultline';
import { stateHash } from '../../../src/sim/kernel/state-hash.ts';
import { forSeeds, randomOf } from '../../support/seeds.ts';
import type { Random } from '../../support/seeds.ts';
import { ALL } from './support/jobs.ts';
import { Lab, answer, ask } from './support/lab.ts';
import type { Ctx, Hooks } from './support/lab.ts';

const UNTIL_MS = 120;
const MOST_EVENTS = 1_000_000;

/** What a node does next is drawn: work of any priority, a stall, a call, or its own end. */
function step(ctx: Ctx, numbers: number[]): void {
  const draws = ctx.stream('steps');
  const what = draws.below(100);
  if (what < 70) ctx.work(micros(draws.exponential(700)), ctx.unique(), draws.below(3));
  else if (what < 76) ctx.stall(micros(draws.below(2_000)));
  else if (what < 90) {
    const to = draws.below(ALL.length);
    numbers.push(ctx.call(to, ask(what), { timeout: micros(draws.below(6_000)), tag: 0 }));
  } else if (what < 97) ctx.abandon((numbers.shift() ?? 0) as CallId);
  else if (what < 99) ctx.exit(draws.chance(0.9) ? micros(draws.below(5_000)) : null);
}

const hooks: Hooks = {
  start: (ctx, state) => {
    step(ctx, state.numbers);
    ctx.setTimer('step', 0, micros(ctx.stream('gaps').below(800)));
  },
  timer: (ctx, state) => {
    step(ctx, state.numbers);
    ctx.setTimer('step', 0, micros(ctx.stream('gaps').below(800)));
  },
  ask: (ctx, _state, n, call) => {
    ctx.work(micros(n * 10), ctx.unique(), 1);
    ctx.reply(call, answer(n));
  },
};

function faultsOf(random: Random): FaultEntry[] {
  return Array.from({ length: 10 }, (_, i) => {
    const target = `${random.pick(['a', 'b', 'c', 'd'])}1`;
    const fault = random.pick([
      { type: 'crash', target },
      { type: 'pause', target },
      { type: 'slow-cpu', target, factor: random.between(2, 9) },
    ] as const);
    return { id: `f${i}`, fault, atMs: random.int(UNTIL_MS), forMs: random.between(1, 20) };
  });
}

function labOf(seed: number, random: Random): Lab {
  return new Lab({
    seed,
    order: random.chance(50) ? 'fifo' : { permute: seed },
    faults: faultsOf(random),
    network: { latency: { kind: 'uniform', minMs: 0.1, maxMs: 2 } },
    groups: ALL.map((scheduling, i) => ({
      name: 'abcd'[i] as string,
      scheduling,
      cores: random.between(1, 3),
      hooks,
    })),
  });
}

/** Everything that could differ. */
function look(lab: Lab): object {
  const { kernel, host } = lab.parts;
  return structuredClone({
    event: lab.run.eventNumber,
    now: lab.run.now,
    trace: kernel.hash.hex(),
    pending: kernel.queue.size,
    late: host.calls.lateReplies,
    nodes: host.nodes.map((node) => ({
      status: node.status,
      epoch: node.epoch,
      exit: node.exit,
      state: stateHash(node.state),
      cpu: node.cpu.save(),
      cores: [node.cpu.busy, node.cpu.waiting],
      calls: [...node.calls],
      mailbox: node.mailbox.slice(),
    })),
  });
}

const goTo = (lab: Lab, event: number): void =>
  lab.run.advance(UNTIL_MS * 1_000, event - lab.run.eventNumber);

describe('a run with every discipline', () => {
  it('goes on from any event at which it was saved as if nothing had happened', () => {
    let exits = 0;
    forSeeds(12, import.meta.url, (seed, random) => {
      const lab = labOf(seed, randomOf(seed));
      lab.parts.host.taps.fact = (_node, { type }) => {
        if (type === 'node.exited') exits += 1;
      };
      const total = labOf(seed, randomOf(seed)).ms(UNTIL_MS).run.eventNumber;
      const events = Array.from({ length: 15 }, () => random.between(1, total - 1));
      const saved = [...new Set(events)]
        .sort((a, b) => a - b)
        .map((event) => {
          goTo(lab, event);
          return { image: lab.run.save(), look: look(lab) };
        });
      goTo(lab, MOST_EVENTS);
      const end = look(lab);
      for (let round = 0; round < 15; round++) {
        const from = random.int(saved.length);
        const point = saved[from] as (typeof saved)[number];
        lab.run.restore(point.image);
        expect(look(lab)).toEqual(point.look);
        const to = saved[from + random.between(1, 3)];
        goTo(lab, to === undefined ? MOST_EVENTS : (to.look as { event: number }).event);
        expect(look(lab)).toEqual(to?.look ?? end);
      }
    });
    expect(exits).toBeGreaterThan(0);
  });

  it('is the same whether it is run at once or event by event', () => {
    forSeeds(4, import.meta.url, (seed) => {
      const whole = labOf(seed, randomOf(seed)).ms(UNTIL_MS);
      const steps = labOf(seed, randomOf(seed));
      while (steps.run.now < UNTIL_MS * 1_000) steps.run.advance(UNTIL_MS * 1_000, 1);
      expect(look(steps)).toEqual(look(whole));
    });
  });
});

it('work that is under way when a run is saved ends when it would have', () => {
  for (const scheduling of ALL) {
    const make = (): Lab =>
      new Lab({
        groups: [
          {
            name: 'n',
            scheduling,
            hooks: {
              start: (ctx) => [3, 5, 4].forEach((d, i) => ctx.work(ms(d), i, 2 - i)),
            },
          },
        ],
      });
    const straight = make().ms(100).log(0);
    const lab = make();
    lab.run.advance(100_000, 2);
    const image = lab.run.save();
    lab.ms(100);
    lab.run.restore(image);
    lab.ms(100);
    expect(lab.log(0), scheduling).toEqual(straight);
  }
});
