/** Going back and forth in a run leaves no mark on it. */
import { describe, expect, it } from 'vitest';
import { ScenarioError } from 'faultline';
import type { RunSpec, Session } from 'faultline';
import { forSeeds } from '../../support/seeds.ts';
import { moveOn, randomAct } from './support/acts.ts';
import { PLACES, disturbed, randomTarget, stormySpec } from './support/places.ts';
import type { Target } from './support/places.ts';
import { everything, expectSame, open, simultaneous } from './support/runs.ts';

function straightTo(spec: RunSpec, target: Target): Session {
  const session = open(spec);
  if ('event' in target) session.advance({ events: target.event });
  else session.advance({ untilMicros: target.micros });
  return session;
}

describe.each(PLACES)('seek in $name', ({ spec }) => {
  it('back and forth at random arrives where a straight run arrives', () => {
    forSeeds(2, import.meta.url, (seed, random) => {
      const base = random.chance(50) ? spec(seed) : simultaneous(spec(seed));
      const plan = disturbed(base, random);
      const session = open(plan, { checkpoints: true });
      for (let hop = 0; hop < 8; hop++) {
        const target = randomTarget(session, random);
        session.seek(target);
        expectSame(
          everything(session),
          everything(straightTo(plan, target)),
          JSON.stringify(target),
        );
      }
      session.advance();
      expectSame(everything(session), everything(straightTo(plan, { event: Infinity })));
      expect(session.generation).toBe(0);
    });
  });

  it('and acts in between give the run that their list gives', () => {
    forSeeds(2, import.meta.url, (seed, random) => {
      const session = open(spec(seed), { checkpoints: true });
      for (let number = 0; number < 8; number++) {
        session.seek(randomTarget(session, random));
        if (session.ended === null && random.chance(60)) {
          session.intervene(randomAct(session, random, number));
        }
        if (random.chance(50)) moveOn(session, random);
      }
      session.advance();
      const afresh = open(session.spec);
      afresh.advance();
      expectSame(everything(session), everything(afresh));
    });
  });
});

describe('seek', () => {
  it('needs checkpoints to go back', () => {
    const session = open(stormySpec('stores', 1));
    session.advance({ events: 100 });
    expect(() => session.seek({ event: 50 })).toThrow(ScenarioError);
    session.seek({ event: 150 });
    expect(session.eventNumber).toBe(150);
  });

  it('goes forward past the birth of a node, and back before it', () => {
    const session = open(stormySpec('stores', 1), { checkpoints: true });
    session.advance({ events: 1_500 });
    session.intervene({ do: 'spawn', group: 'a' });
    session.advance();
    const { spec } = session;
    for (const event of [100, 3_000, 50, 2_500, 1_600, 1_100, 1_700]) {
      session.seek({ event });
      expectSame(everything(session), everything(straightTo(spec, { event })), `event ${event}`);
    }
  });

  it('arrives at whole microseconds', () => {
    const session = open(stormySpec('stores', 1), { checkpoints: true });
    session.seek({ micros: 123_456.7 });
    expect(session.nowMicros).toBe(123_456);
  });
});
