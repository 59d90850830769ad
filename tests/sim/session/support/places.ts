/**
 * Where sessions are driven back and forth: the default run of each scenario, and the stormy plans.
 */
import type { RunSpec, Session } from 'faultline';
import type { Random } from '../../../support/seeds.ts';
import { moveOn, randomAct } from './acts.ts';
import { CASES, open, withoutSearch } from './runs.ts';
import { STORMY } from './stormy.ts';
import type { StormyName } from './stormy.ts';
import { specOf } from '../../../support/plans.ts';

export type Target = { readonly event: number } | { readonly micros: number };

export const stormySpec = (name: StormyName, seed: number): RunSpec =>
  specOf(STORMY[name], { seed });

export const STORMY_PLACES = (['stores', 'requests', 'messages'] as const).map((name) => ({
  name: `stormy ${name}`,
  spec: (seed: number) => stormySpec(name, seed),
}));

export const PLACES = [
  ...CASES.filter(({ isDefault }) => isDefault).map(({ name, spec }) => ({
    name,
    spec: (seed: number) => withoutSearch(spec(seed)),
  })),
  ...STORMY_PLACES,
];

/** A specification with a few acts in it, so that seeks pass over them. */
export function disturbed(spec: RunSpec, random: Random): RunSpec {
  const session = open(spec);
  for (let number = 0; number < 4; number++) {
    moveOn(session, random);
    if (session.ended === null) session.intervene(randomAct(session, random, number));
  }
  return session.spec;
}

export function randomTarget(session: Session, random: Random): Target {
  const acts = session.spec.interventions;
  if (random.chance(20) && acts.length > 0) {
    const act = random.pick(acts);
    return random.chance(50) ? { event: act.afterEventNumber } : { micros: act.micros };
  }
  if (random.chance(10)) return random.pick([{ event: 0 }, { micros: 0 }]);
  if (random.chance(10)) return { micros: session.durationMicros };
  if (random.chance(10)) return { event: session.eventNumber };
  return random.chance(50)
    ? { event: random.int(6_000) }
    : { micros: random.int(session.durationMicros) };
}
