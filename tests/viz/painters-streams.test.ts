/** Stream jobs on the map: watermarks and windows, blocked inputs, checkpoints, transactions. */
import { describe, expect, it } from 'vitest';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { named, nodesAt } from './support/moments.ts';
import { drawn } from './support/paper.ts';

/** The barrier of the near source has come, that of the far one has not. */
const aligning = nodesAt('#s=realtime/checkpoints', 1_540_000);
/** A checkpoint is acknowledged, and the coordinator still writes it. */
const between = nodesAt('#s=realtime/transactional-sink', 2_050_000);

describe('the painters of stream jobs', () => {
  it('show an input that waits for the barrier of another', () => {
    const operator = named(aligning, 'w1');
    expect(drawn(operator).texts.join()).toMatch(/s1 blocked, \d+ wait/);
    expect(describeNode(operator)).toMatch(/window, watermark \d+, \d+ windows?/);
    expect(JSON.stringify(painterOf('stream-task').details(operator))).toContain('blocked');
  });

  it('have the letters of their role on the map, as in the legend', () => {
    for (const [name, badge] of [
      ['s1', 'SO'],
      ['w1', 'WI'],
      ['k1', 'SK'],
    ] as const) {
      const task = named(aligning, name);
      expect(drawn(task).texts, name).toContain(badge);
      expect(painterOf('stream-task').hint(task)).toMatch(new RegExp(`^${badge}\\. `));
    }
  });

  it('show how far sources are, and the checkpoint that is under way', () => {
    expect(drawn(named(aligning, 's1')).texts.join()).toMatch(/partition 0 at \d+/);
    expect(drawn(named(aligning, 'jm1')).texts.join()).toMatch(/checkpoint 3: \d of 4/);
    expect(describeNode(named(aligning, 'jm1'))).toContain('completed checkpoint 2');
  });

  it('show transactions that wait for their checkpoint', () => {
    expect(drawn(named(between, 'k1')).texts.join()).toMatch(/t0-1-\d waits for checkpoint 4/);
    expect(drawn(named(between, 'out1')).texts.join()).toMatch(/t0-1-\d: \d rows unseen/);
    expect(describeNode(named(between, 'log1'))).toMatch(/log of \d+ events, 2 partitions/);
  });
});
