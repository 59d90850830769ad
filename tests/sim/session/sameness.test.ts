/**
 * A run is a pure function of its specification: run twice, watched or not, in one piece or in
 * many, it is the same run, to the last event.
 */
import { describe, expect, it } from 'vitest';
import type { Session } from 'faultline';
import { forSeeds, seedsOf } from '../../support/seeds.ts';
import type { Random } from '../../support/seeds.ts';
import {
  ALL_OFF,
  ALL_ON,
  CASES,
  everything,
  expectSame,
  model,
  open,
  simultaneous,
} from './support/runs.ts';

const SEEDS = 2;

function straight(session: Session): Session {
  session.advance();
  return session;
}

/** To the end in random pieces, some by events, some by time, some of no length at all. */
function inPieces(session: Session, random: Random): Session {
  while (session.ended === null) {
    const untilMicros = session.nowMicros + random.int(random.pick([2, 1_000, 200_000]));
    const events = random.int(random.pick([2, 30, 2_000]));
    const piece = random.pick([{ untilMicros }, { events }, { untilMicros, events }]);
    session.advance(piece);
  }
  return session;
}

describe.each(CASES)('$name', ({ spec }) => {
  it('is the same run twice', () => {
    for (const seed of seedsOf(SEEDS)) {
      const first = straight(open(spec(seed)));
      expectSame(everything(straight(open(spec(seed)))), everything(first));
      expect(straight(open(spec(seed + 1_000))).traceHash).not.toBe(first.traceHash);
    }
  });

  it('is the same run whoever watches', () => {
    const watched = open(spec(1), ALL_ON);
    let told = 0;
    watched.observers.onFact = () => (told += 1);
    const expected = model(straight(watched));
    expect(told).toBeGreaterThan(100);
    expectSame(model(straight(open(spec(1), ALL_OFF))), expected);
    for (const off of ['history', 'checks', 'metrics', 'frames'] as const) {
      const observe = { ...ALL_ON.observe, [off]: false };
      expectSame(model(straight(open(spec(1), { observe }))), expected);
    }
    expectSame(model(straight(open(spec(1), { checkpoints: true }))), expected);
  });

  it('is the same run in one piece and in many', () => {
    const whole = everything(straight(open(spec(1))));
    forSeeds(2, import.meta.url, (_seed, random) => {
      expectSame(everything(inPieces(open(spec(1)), random)), whole);
      expectSame(everything(inPieces(open(spec(1), { checkpoints: true }), random)), whole);
    });
  });

  it('orders simultaneous events by the seed of the permutation', () => {
    const run = (permute: number): Session =>
      straight(open({ ...simultaneous(spec(1)), order: { permute } }));
    const first = run(1);
    expectSame(everything(run(1)), everything(first));
    expect(run(2).traceHash).not.toBe(first.traceHash);
    const permuted = { ...simultaneous(spec(1)), order: { permute: 1 } };
    forSeeds(1, import.meta.url, (_seed, random) => {
      expectSame(model(inPieces(open(permuted), random)), model(first));
    });
  });
});
