/** A built run of metronomes, with its parts within reach. */
import { LIMITS_DEFAULT, makeRegistry } from 'faultline';
import type { FaultEntry } from 'faultline';
import type { ActiveFault } from '../../../../src/sim/faults/injector.ts';
import { build } from '../../../../src/sim/scenario/build.ts';
import type { BuiltRun } from '../../../../src/sim/scenario/build.ts';
import { Run } from '../../../../src/sim/session/run.ts';
import { DURATION_MS, beatPlan, registers } from './metronome.ts';

export interface Strike {
  readonly change: 'start' | 'end';
  readonly id: string;
  readonly atMs: number;
  readonly nodes: readonly number[];
}

export class Bench {
  readonly parts: BuiltRun;
  readonly run: Run;
  /** What struck and ended, in order. */
  readonly strikes: Strike[] = [];

  constructor(
    faults: readonly FaultEntry[] = [],
    options: { healAtMs?: number; seed?: number } = {},
  ) {
    const registry = makeRegistry(registers);
    const plan = beatPlan(faults, options.healAtMs);
    const seed = options.seed ?? 1;
    this.parts = build(plan, registry, { seed, order: 'fifo', ablations: [] });
    this.run = new Run(this.parts, {
      durationMicros: DURATION_MS * 1_000,
      limits: LIMITS_DEFAULT,
      interventions: [],
    });
    const { host, injector, schedule, world, kernel } = this.parts;
    injector.tap = (change: 'start' | 'end', active: ActiveFault) =>
      void this.strikes.push({
        change,
        id: active.id,
        atMs: kernel.now / 1_000,
        nodes: active.nodes,
      });
    // As the observers do: triggers are asked after each event and each act.
    const touched: number[] = [];
    host.taps.touched = (node) => void touched.push(node);
    this.run.afterEvent = () => {
      for (const node of touched) schedule.touched(world, world.node(node).component);
      touched.length = 0;
    };
    this.run.afterAct = () => schedule.touched(world, null);
    schedule.touched(world, null);
  }

  to(ms: number): this {
    this.run.advance(Math.round(ms * 1_000), Infinity);
    return this;
  }

  end(): this {
    return this.to(DURATION_MS);
  }

  /** Starts only, as "id@time". */
  get started(): readonly string[] {
    return this.strikes.filter((s) => s.change === 'start').map((s) => `${s.id}@${s.atMs}`);
  }
  get ended(): readonly string[] {
    return this.strikes.filter((s) => s.change === 'end').map((s) => `${s.id}@${s.atMs}`);
  }

  /** Everything that faults do to nodes and links, as plain data. */
  condition(): object {
    const { host, network } = this.parts;
    return {
      nodes: host.nodes.map((node) => {
        const { wallOffset, driftPpm } = node.clock.save();
        const disk = node.disk?.save();
        return {
          status: node.status,
          wallOffset,
          driftPpm,
          cpuFactor: node.cpu.save().factor,
          diskFactor: disk?.factor,
          diskExtraMicros: disk?.extraMicros,
          // What was promised and is not true yet is of the past; what is promised now is not.
          isFsyncOff: disk?.unsafe?.isOff ?? false,
        };
      }),
      cut: host.nodes.map((a) =>
        host.nodes.map((b) => network.isCut(a.identity.index, b.identity.index)),
      ),
      rules: network.save().rules.map(({ rule }) => rule.id),
    };
  }
}
