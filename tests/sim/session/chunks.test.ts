/** The picture of a run, taken in pieces, is the picture taken at once. */
import { describe, expect, it } from 'vitest';
import { forSeeds } from '../../support/seeds.ts';
import { moveOn } from './support/acts.ts';
import { joined } from './support/chunks.ts';
import { PLACES, disturbed } from './support/places.ts';
import { ALL_ON, expectSame, model, open } from './support/runs.ts';

describe.each(PLACES)('the chunks of $name', ({ spec }) => {
  it('are one stream, however they are cut', () => {
    forSeeds(2, import.meta.url, (seed, random) => {
      const plan = disturbed(spec(seed), random);
      const whole = open(plan, ALL_ON);
      whole.advance();
      const expected = joined([whole.takeChunk()]);
      const session = open(plan, ALL_ON);
      const chunks = [];
      while (session.ended === null) {
        moveOn(session, random);
        chunks.push(session.takeChunk());
      }
      expectSame(joined(chunks), expected);
      expect(chunks.length).toBeGreaterThan(3);
      expect(expected.flights.length).toBeGreaterThan(500);
      expectSame(model(session), model(whole));
    });
  });

  it('are the same again after going back', () => {
    const session = open(spec(1), ALL_ON);
    session.advance({ events: 1_000 });
    session.takeChunk();
    session.advance({ events: 1_500 });
    const first = session.takeChunk();
    session.advance({ events: 300 });
    session.seek({ event: 1_000 });
    session.advance({ events: 1_500 });
    expectSame(session.takeChunk(), first);
  });
});
