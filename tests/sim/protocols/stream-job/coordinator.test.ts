/** The coordinator of a stream job: when a checkpoint is complete, and when the job has failed. */
import { describe, expect, it } from 'vitest';
import { startCoordinator, step } from '../../../../src/sim/protocols/stream-job/coordinator.ts';
import type {
  Coordinator,
  CoordinatorConfig,
  CoordinatorEffect,
  CoordinatorInput,
} from '../../../../src/sim/protocols/stream-job/coordinator.ts';
import type { TaskSnapshot } from '../../../../src/sim/contracts/stream.ts';

const CONFIG: CoordinatorConfig = { concurrentMax: 1, tolerableFailures: 0, tasks: [5, 6] };
const snapshot: TaskSnapshot = { own: { role: 'sink', pending: [] }, inputs: [], outputs: [] };

class Desk {
  readonly state: Coordinator = startCoordinator({ attempt: 3, completed: null });
  readonly config: CoordinatorConfig;

  constructor(more: Partial<CoordinatorConfig> = {}) {
    this.config = { ...CONFIG, ...more };
  }

  feed(input: CoordinatorInput): CoordinatorEffect[] {
    const effects: CoordinatorEffect[] = [];
    step(this.config, this.state, input, effects);
    return effects;
  }

  /** What is to be written is on disk at once. */
  settle(input: CoordinatorInput): string[] {
    return this.feed(input).flatMap((effect) => [
      effect.type,
      ...(effect.type === 'persist' ? this.settle({ type: 'durable', record: effect.record }) : []),
    ]);
  }

  running(): this {
    this.settle({ type: 'begin' });
    const { attempt } = this.state;
    for (const place of [0, 1]) this.feed({ type: 'deployed', place, attempt });
    return this;
  }

  acknowledge(place: number, checkpoint: number, attempt = this.state.attempt): string[] {
    return this.settle({ type: 'acknowledged', place, attempt, checkpoint, snapshot });
  }
}

describe('a coordinator', () => {
  it('gives no attempt number twice, and runs once all tasks are deployed', () => {
    const desk = new Desk();
    expect(desk.settle({ type: 'begin' })).toEqual(['persist', 'deploy']);
    expect(desk.state.attempt).toBe(4);
    expect(desk.feed({ type: 'deployed', place: 0, attempt: 4 })).toEqual([]);
    expect(desk.feed({ type: 'deployed', place: 1, attempt: 3 })).toEqual([]);
    expect(desk.feed({ type: 'deployed', place: 1, attempt: 4 })).toEqual([{ type: 'running' }]);
  });

  it('completes a checkpoint when all have acknowledged it and it is on disk', () => {
    const desk = new Desk().running();
    expect(desk.settle({ type: 'tick' })).toEqual(['trigger']);
    expect(desk.acknowledge(0, 1)).toEqual([]);
    expect(desk.acknowledge(1, 1, 3)).toEqual([]);
    expect(desk.acknowledge(1, 1)).toEqual(['persist', 'complete']);
    expect(desk.state.completed?.checkpoint).toBe(1);
  });

  it('has no more under way than it may, and makes up for one that was due', () => {
    const desk = new Desk().running();
    desk.feed({ type: 'tick' });
    expect(desk.settle({ type: 'tick' })).toEqual([]);
    desk.acknowledge(0, 1);
    expect(desk.acknowledge(1, 1)).toEqual(['persist', 'complete', 'due']);
  });

  it('fails when more checkpoints fail in a row than it tolerates', () => {
    const desk = new Desk({ tolerableFailures: 1 }).running();
    desk.feed({ type: 'tick' });
    expect(desk.feed({ type: 'expired', checkpoint: 1 })).toEqual([
      { type: 'expire', checkpoint: 1, missing: [0, 1] },
    ]);
    desk.feed({ type: 'tick' });
    desk.acknowledge(0, 2);
    expect(desk.feed({ type: 'expired', checkpoint: 2 })).toEqual([
      { type: 'expire', checkpoint: 2, missing: [1] },
      { type: 'fail', place: null },
    ]);
    expect(desk.settle({ type: 'begin' })).toEqual(['persist', 'deploy']);
  });

  it('takes an acknowledgement that comes after the end for nothing', () => {
    const desk = new Desk({ tolerableFailures: 1 }).running();
    desk.feed({ type: 'tick' });
    desk.feed({ type: 'expired', checkpoint: 1 });
    expect(desk.acknowledge(0, 1)).toEqual([]);
    expect(desk.acknowledge(1, 1)).toEqual([]);
    expect(desk.feed({ type: 'failed', place: 1 })).toEqual([{ type: 'fail', place: 1 }]);
    expect(desk.feed({ type: 'failed', place: 0 })).toEqual([]);
  });
});
