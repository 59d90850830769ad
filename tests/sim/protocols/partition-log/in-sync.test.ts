/**
 * Who is in sync, and what is committed by that: how a leader counts its followers' fetches.
 *
 * Source: Apache Kafka, Partition.maybeIncrementLeaderHW, maybeExpandIsr, Replica; KIP-966
 */
import { describe, expect, it } from 'vitest';
import type { PartitionEffect } from '../../../../src/sim/protocols/partition-log/effects.ts';
import type { ProposedIsr } from '../../../../src/sim/protocols/partition-log/state.ts';
import { Replicas, batchOf } from './support/replicas.ts';
import type { Options } from './support/replicas.ts';

const LAG = 30_000_000;

/** Replica 0 leads; in the ISR are these. */
function led(count: number, isr: readonly number[], options: Options = {}): Replicas {
  const replicas = new Replicas(count, options);
  replicas.metadata({ leader: 0, leaderEpoch: 0, partitionEpoch: 0, isr });
  return replicas;
}

const write = (replicas: Replicas, value: string, acks: 1 | -1 = 1) =>
  replicas.produce(0, batchOf([value]), acks);

/** What the controller is asked for. */
const asked = (effects: readonly PartitionEffect[]): readonly ProposedIsr[] =>
  effects.flatMap((effect) => (effect.type === 'alter' ? [effect.proposed] : []));

const errors = (effects: readonly PartitionEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'produced' ? [effect.error] : []));

const committed = (replicas: Replicas): number => replicas.at(0).highWatermark;

/** Replica 1 is not in the ISR, and has at each of its fetches what there was at the one before. */
function almost(): Replicas {
  const replicas = led(2, [0]);
  write(replicas, 'a');
  replicas.fetch(1, 0);
  write(replicas, 'b');
  expect(asked(replicas.fetch(1, 0)), 'it is below the high watermark').toEqual([]);
  return replicas;
}

describe('the high watermark', () => {
  it('waits for who has caught up and is not in the ISR yet: else it never would be', () => {
    const replicas = almost();
    write(replicas, 'c');
    expect(committed(replicas)).toBe(2);
    expect(asked(replicas.fetch(1, 0))).toMatchObject([{ isr: [0, 1] }]);
  });

  it('does not wait for who may not join: it is fenced, or of another life', () => {
    const replicas = almost();
    replicas.step(0, { type: 'eligible', replica: 1, isEligible: false });
    write(replicas, 'c');
    expect(committed(replicas)).toBe(3);
  });

  it('goes on at once when who held it back may not join any more', () => {
    const replicas = almost();
    write(replicas, 'c');
    replicas.step(0, { type: 'eligible', replica: 1, isEligible: false });
    expect(committed(replicas)).toBe(3);
  });

  it('does not wait for who was not caught up within replica.lag.time.max.ms', () => {
    const replicas = almost();
    replicas.nowMicros = LAG;
    write(replicas, 'c');
    expect(committed(replicas)).toBe(2);
    replicas.nowMicros = LAG + 1;
    write(replicas, 'd');
    expect(committed(replicas)).toBe(4);
  });

  it('stands still while the ISR is smaller than min.insync.replicas', () => {
    const committedBy = (off: readonly string[]): number => {
      const replicas = led(3, [0], { minInsyncReplicas: 2, off });
      write(replicas, 'a');
      return committed(replicas);
    };
    expect(committedBy([])).toBe(0);
    expect(committedBy(['partition.min-isr'])).toBe(1);
  });

  it('nor does who is about to join make it large: another one may lead without that', () => {
    const replicas = led(3, [0], { minInsyncReplicas: 2 });
    write(replicas, 'a');
    const [proposed] = asked(replicas.fetch(2, 0));
    replicas.fetch(2, 0);
    expect(proposed).toMatchObject({ isr: [0, 2] });
    // The controller may not have heard of it: for it 1, who was in the ISR last, is eligible.
    expect(committed(replicas)).toBe(0);
    const reply = { isr: [0, 2], partitionEpoch: 1 };
    replicas.step(0, { type: 'altered', proposed: proposed!, reply });
    expect(committed(replicas)).toBe(1);
  });

  it('leaves a write waiting whose ISR has become too small since, until it is large again', () => {
    const replicas = led(2, [0, 1], { minInsyncReplicas: 2 });
    expect(errors(write(replicas, 'a', -1))).toEqual([]);
    replicas.nowMicros = LAG + 1;
    const [shrunk] = asked(replicas.step(0, { type: 'scan' }));
    const alone = { isr: [0], partitionEpoch: 1 };
    const answer = { type: 'altered', proposed: shrunk!, reply: alone } as const;
    expect(errors(replicas.step(0, answer))).toEqual([]);
    expect(errors(write(replicas, 'b', -1))).toEqual(['NOT_ENOUGH_REPLICAS']);
    const [grown] = asked(replicas.fetch(1, 0));
    replicas.fetch(1, 0);
    const both = { isr: [0, 1], partitionEpoch: 2 };
    const effects = replicas.step(0, { type: 'altered', proposed: grown!, reply: both });
    expect(errors(effects)).toEqual([null]);
  });
});

describe('the ISR', () => {
  it('is joined at the high watermark, not below it', () => {
    const replicas = led(2, [0]);
    write(replicas, 'a');
    expect(asked(replicas.fetch(1, 0))).toEqual([]);
    expect(asked(replicas.fetch(1, 0))).toMatchObject([{ isr: [0, 1] }]);
  });

  it('is joined by nobody whom the controller would not take: fenced, or of another life', () => {
    const replicas = led(2, [0]);
    replicas.step(0, { type: 'eligible', replica: 1, isEligible: false });
    expect(asked(replicas.fetch(1, 0))).toEqual([]);
    replicas.step(0, { type: 'eligible', replica: 1, isEligible: true });
    expect(asked(replicas.fetch(1, 0))).toMatchObject([{ isr: [0, 1] }]);
  });

  it('is not left by who has at each fetch what there was at the one before', () => {
    const replicas = led(2, [0, 1]);
    replicas.fetch(1, 0);
    for (const [i, value] of ['a', 'b', 'c', 'd'].entries()) {
      replicas.nowMicros = (i + 1) * (LAG - 1);
      write(replicas, value);
      replicas.fetch(1, 0);
      expect(asked(replicas.step(0, { type: 'scan' })), value).toEqual([]);
    }
    write(replicas, 'e');
    replicas.nowMicros += LAG + 1;
    expect(asked(replicas.step(0, { type: 'scan' }))).toMatchObject([{ isr: [0] }]);
  });

  it.each([
    ['a new epoch', { leaderEpoch: 1, partitionEpoch: 1 }],
    ['a new word of the controller', { leaderEpoch: 0, partitionEpoch: 1 }],
  ])('with %s what was asked for before is void: it asks anew', (_what, epochs) => {
    const replicas = led(2, [0, 1]);
    write(replicas, 'a');
    replicas.nowMicros = LAG + 1;
    const [before] = asked(replicas.step(0, { type: 'scan' }));
    expect(asked(replicas.step(0, { type: 'scan' })), 'one at a time').toEqual([]);
    replicas.metadata({ leader: 0, isr: [0, 1], ...epochs });
    const reply = { isr: [0], partitionEpoch: 9 };
    replicas.step(0, { type: 'altered', proposed: before!, reply });
    expect(replicas.at(0)).toMatchObject({ isr: [0, 1], partitionEpoch: 1 });
    replicas.nowMicros += LAG + 1;
    expect(asked(replicas.step(0, { type: 'scan' }))).toMatchObject([{ partitionEpoch: 1 }]);
  });
});

describe('a fetch of an earlier life of a follower', () => {
  const of = (brokerEpoch: number, offset: number) => ({
    replica: 1,
    brokerEpoch,
    offset,
    leaderEpoch: 0,
    lastFetchedEpoch: -1,
  });

  it('is refused: what it had then it may have lost, and nothing is committed by it', () => {
    const replicas = led(3, [0, 1, 2]);
    write(replicas, 'a', -1);
    replicas.step(0, { type: 'fetch', tag: 0, fetch: of(5, 0) });
    // It is back with an empty log, and out of the ISR; there it comes again at 0.
    replicas.metadata({ leader: 0, leaderEpoch: 0, partitionEpoch: 1, isr: [0, 2] }, [0]);
    const back = replicas.step(0, { type: 'fetch', tag: 0, fetch: of(9, 0) });
    const [proposed] = asked(back);
    const reply = { isr: [0, 1, 2], partitionEpoch: 2 };
    replicas.step(0, { type: 'altered', proposed: proposed!, reply });
    for (let round = 0; round < 2; round += 1) replicas.fetch(2, 0);
    const late = replicas.step(0, { type: 'fetch', tag: 0, fetch: of(5, 1) });
    expect(errors(late)).toEqual([]);
    expect(late).toMatchObject([{ reply: { error: 'NOT_LEADER_OR_FOLLOWER' } }]);
    expect(committed(replicas)).toBe(0);
    expect(errors(replicas.step(0, { type: 'fetch', tag: 0, fetch: of(9, 1) }))).toEqual([null]);
  });
});
