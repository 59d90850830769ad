/**
 * The numbers of an idempotent producer's batches, sentence by sentence.
 *
 * Source: Apache Kafka 4.0, TransactionManager.canRetry, maybeResolveSequences
 */
import { describe, expect, it } from 'vitest';
import {
  acknowledge,
  giveUp,
  mayNumber,
  number,
  onGap,
  resolve,
} from '../../../../src/sim/traffic/log-writer/sequences.ts';
import type { Batch, Ctx, Lane, LogWriter } from '../../../../src/sim/traffic/log-writer/state.ts';

const ctx = { config: { enableIdempotence: true }, wall: () => 0 } as unknown as Ctx;

const laneOf = (): Lane => ({
  partition: 0,
  queue: [],
  inFlight: [],
  producerEpoch: 0,
  nextSequence: 0,
  numbered: 0,
  ackedNext: 0,
  unresolvedNext: -1,
  isRenumbered: false,
});

const stateOf = (): LogWriter =>
  ({ producerId: 7, producerEpoch: 0, transaction: null }) as unknown as LogWriter;

/** A batch of two records that goes to a broker. */
function sent(state: LogWriter, lane: Lane, to = 1): Batch {
  const record = { key: null, value: 0 };
  const batch = {
    records: [record, record],
    bytes: 0,
    baseSequence: -1,
    numberedBefore: 0,
    sent: null,
    to,
  } as unknown as Batch;
  number(state, ctx, lane, batch);
  lane.inFlight.push(batch);
  return batch;
}

const answered = (lane: Lane, batch: Batch): void => {
  lane.inFlight.splice(lane.inFlight.indexOf(batch), 1);
  acknowledge(lane, batch);
};

describe('a batch that a leader finds out of order', () => {
  it('keeps its number where a later one is acknowledged: it may be in the log', () => {
    const [state, lane] = [stateOf(), laneOf()];
    const first = sent(state, lane);
    answered(lane, sent(state, lane));
    onGap(state, lane, first);
    expect([state.producerEpoch, lane.isRenumbered]).toEqual([0, false]);
    number(state, ctx, lane, first);
    expect(first.sent).toMatchObject({ producerEpoch: 0, baseSequence: 0 });
  });

  it('keeps it where one before it is not answered yet', () => {
    const [state, lane] = [stateOf(), laneOf()];
    sent(state, lane);
    onGap(state, lane, sent(state, lane));
    expect(state.producerEpoch).toBe(0);
  });

  it('begins a new epoch where all before it is acknowledged: the log has lost that', () => {
    const [state, lane] = [stateOf(), laneOf()];
    answered(lane, sent(state, lane));
    const next = sent(state, lane);
    onGap(state, lane, next);
    expect(state.producerEpoch).toBe(1);
    number(state, ctx, lane, next);
    expect(next.sent).toMatchObject({ producerEpoch: 1, baseSequence: 0 });
  });

  it('fails where it is in a transaction: who coordinates that gives epochs', () => {
    const [state, lane] = [stateOf(), laneOf()];
    const transaction = { hasFailed: false, needsEpoch: false };
    const within = { ...state, transaction } as unknown as LogWriter;
    answered(lane, sent(state, lane));
    const [next, last] = [sent(state, lane), sent(state, lane)];
    expect(onGap(within, lane, last)).toBe(true);
    expect(transaction).toEqual({ hasFailed: false, needsEpoch: false });
    expect(onGap(within, lane, next)).toBe(false);
    expect(transaction).toEqual({ hasFailed: true, needsEpoch: true });
    expect(onGap(within, lane, last)).toBe(false);
    expect([state.producerEpoch, lane.isRenumbered]).toEqual([0, false]);
  });

  it('begins one after those that were given up, and not before', () => {
    const [state, lane] = [stateOf(), laneOf()];
    const [lost, next, last] = [sent(state, lane), sent(state, lane), sent(state, lane)];
    lane.inFlight.splice(0, 1);
    giveUp(lane, lost);
    onGap(state, lane, last);
    expect(state.producerEpoch).toBe(0);
    onGap(state, lane, next);
    expect(state.producerEpoch).toBe(1);
  });
});

it('batches of other partitions that may be in a log go on in the old epoch', () => {
  const [state, lane, other] = [stateOf(), laneOf(), laneOf()];
  const doubtful = sent(state, other);
  onGap(state, lane, sent(state, lane));
  expect(state.producerEpoch).toBe(1);
  number(state, ctx, other, doubtful);
  expect(doubtful.sent?.producerEpoch).toBe(0);
  answered(other, doubtful);
  expect(sent(state, other).sent).toMatchObject({ producerEpoch: 1, baseSequence: 0 });
});

describe('a batch that was given up', () => {
  it('was written if a later one is acknowledged: the epoch goes on', () => {
    const [state, lane] = [stateOf(), laneOf()];
    const [lost, next] = [sent(state, lane), sent(state, lane)];
    lane.inFlight.splice(0, 1);
    giveUp(lane, lost);
    expect(mayNumber(lane, 1)).toBe(false);
    answered(lane, next);
    resolve(state, lane);
    expect([state.producerEpoch, mayNumber(lane, 1)]).toEqual([0, true]);
  });

  it('is not known of if it was the last: a new epoch begins', () => {
    const [state, lane] = [stateOf(), laneOf()];
    giveUp(lane, sent(state, lane));
    resolve(state, lane);
    expect(state.producerEpoch).toBe(0);
    lane.inFlight.pop();
    resolve(state, lane);
    expect(state.producerEpoch).toBe(1);
  });
});

describe('a new batch', () => {
  it('waits while the oldest unanswered one is the fifth before it, answered ones counted', () => {
    const [state, lane] = [stateOf(), laneOf()];
    answered(lane, sent(state, lane));
    const oldest = sent(state, lane);
    for (let i = 0; i < 3; i++) answered(lane, sent(state, lane));
    expect(mayNumber(lane, 2)).toBe(true);
    answered(lane, sent(state, lane));
    expect(mayNumber(lane, 2)).toBe(false);
    answered(lane, oldest);
    expect(mayNumber(lane, 2)).toBe(true);
  });

  it('goes to a second broker only once the first has answered', () => {
    const [state, lane] = [stateOf(), laneOf()];
    const first = sent(state, lane, 1);
    expect([mayNumber(lane, 1), mayNumber(lane, 2)]).toEqual([true, false]);
    answered(lane, first);
    expect(mayNumber(lane, 2)).toBe(true);
  });
});
