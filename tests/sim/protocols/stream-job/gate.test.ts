/** Inputs of a task: order, alignment, and what an unaligned barrier overtakes. */
import { describe, expect, it } from 'vitest';
import {
  captured,
  drop,
  endCheckpoint,
  isBlocked,
  overtake,
  passBarrier,
  peek,
  startGate,
  take,
} from '../../../../src/sim/protocols/stream-job/gate.ts';
import type { Gate, GateConfig } from '../../../../src/sim/protocols/stream-job/gate.ts';
import type { StreamElement } from '../../../../src/sim/contracts/stream.ts';

const record = (id: number): StreamElement => ({
  kind: 'record',
  event: { id, key: 'k', at: id, value: 1 },
});
const barrier = (checkpoint: number): StreamElement => ({ kind: 'barrier', checkpoint });
const ALIGNED: GateConfig = { isAligned: true };
const COUNTED: GateConfig = { isAligned: false };

/** Reads all that may be read: ids of events, and "n" for a snapshot. */
function read(config: GateConfig, gate: Gate): (number | string)[] {
  const found: (number | string)[] = [];
  for (let head = peek(config, gate); head !== null; head = peek(config, gate)) {
    const { place, element } = head;
    drop(gate, place);
    if (element.kind === 'record') found.push(element.event.id);
    if (element.kind !== 'barrier') continue;
    if (passBarrier(config, gate, place, element.checkpoint)) found.push(`${element.checkpoint}`);
  }
  return found;
}

describe('a gate', () => {
  it('reads what came first, each element once, and none out of turn', () => {
    const gate = startGate(2, []);
    expect(take(gate, 0, 0, [record(1), record(2)])).toBe(2);
    take(gate, 1, 0, [record(3)]);
    expect(take(gate, 0, 0, [record(1), record(2), record(4)])).toBe(3);
    expect(take(gate, 1, 5, [record(9)])).toBe(1);
    expect(read(ALIGNED, gate)).toEqual([1, 2, 3, 4]);
  });

  it('aligned, reads nothing behind a barrier before all have come', () => {
    const gate = startGate(2, []);
    take(gate, 0, 0, [record(1), barrier(1), record(2)]);
    take(gate, 1, 0, [record(3)]);
    expect(read(ALIGNED, gate)).toEqual([1, 3]);
    expect(isBlocked(ALIGNED, gate, 0)).toBe(true);
    take(gate, 1, 1, [record(4), barrier(1), record(5)]);
    expect(read(ALIGNED, gate)).toEqual([4, '1', 2, 5]);
  });

  it('counted, reads on, so that the snapshot has what came behind a barrier', () => {
    const gate = startGate(2, []);
    take(gate, 0, 0, [record(1), barrier(1), record(2)]);
    take(gate, 1, 0, [record(3), barrier(1)]);
    expect(read(COUNTED, gate)).toEqual([1, 2, 3, '1']);
  });

  it('waits no longer for a checkpoint that is given up, or overtaken by the next', () => {
    const gate = startGate(2, []);
    take(gate, 0, 0, [barrier(1), record(1)]);
    expect(read(ALIGNED, gate)).toEqual([]);
    endCheckpoint(gate, 1);
    expect(read(ALIGNED, gate)).toEqual([1]);
    take(gate, 1, 0, [barrier(1), record(2)]);
    expect(read(ALIGNED, gate)).toEqual([2]);
    take(gate, 0, 2, [barrier(2), record(3)]);
    take(gate, 1, 2, [barrier(3), record(4)]);
    expect(read(ALIGNED, gate)).toEqual([3]);
    take(gate, 0, 4, [barrier(3), record(5)]);
    expect(read(ALIGNED, gate)).toEqual(['3', 4, 5]);
  });

  it('unaligned, keeps what a barrier overtakes, on the way as well', () => {
    const gate = startGate(2, []);
    take(gate, 0, 0, [record(1), record(2)]);
    take(gate, 1, 0, [record(3)]);
    drop(gate, 0);
    // Two more are on their way before the barrier of the first input.
    expect(overtake(gate, 0, 1, 3)).toBe(true);
    expect(captured(gate)).toBeNull();
    take(gate, 0, 2, [record(4), record(5)]);
    take(gate, 1, 1, [record(6)]);
    expect(overtake(gate, 1, 1, 2)).toBe(false);
    expect(captured(gate)).toEqual({
      checkpoint: 1,
      inputs: [
        [0, [record(2), record(4)]],
        [1, [record(3), record(6)]],
      ],
    });
    expect(captured(gate)).toBeNull();
  });

  it('begins with what a snapshot has of the channels', () => {
    const gate = startGate(2, [[1, [record(7)]]]);
    take(gate, 1, 0, [record(8)]);
    expect(read(ALIGNED, gate)).toEqual([7, 8]);
  });
});
