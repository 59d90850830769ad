/** A fork stands at the same moment as its session, and from then on neither touches the other. */
import { describe, it } from 'vitest';
import { forSeeds } from '../../support/seeds.ts';
import { randomAct } from './support/acts.ts';
import { PLACES, disturbed, randomTarget } from './support/places.ts';
import { everything, expectSame, open, simultaneous } from './support/runs.ts';

describe.each(PLACES)('a session of $name', ({ spec }) => {
  it('has no influence on a fork, nor a fork on it', () => {
    forSeeds(2, import.meta.url, (seed, random) => {
      const plan = disturbed(simultaneous(spec(seed)), random);
      const session = open(plan, { checkpoints: true });
      for (let number = 0; number < 3; number++) {
        session.seek(randomTarget(session, random));
        if (session.ended === null && random.chance(70)) {
          session.intervene(randomAct(session, random, 10 + number));
        }
        const here = everything(session);
        const fork = session.fork();
        expectSame(everything(fork), here);
        if (fork.ended === null) fork.intervene(randomAct(fork, random, 20 + number));
        fork.advance();
        expectSame(everything(session), here);
      }
      const fork = session.fork();
      session.advance();
      fork.advance();
      expectSame(everything(fork), everything(session));
      const afresh = open(session.spec);
      afresh.advance();
      expectSame(everything(afresh), everything(session));
    });
  });
});
