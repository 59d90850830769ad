/** Finds the predicate that a check's arguments name, with its own arguments validated. */
import { Type, field } from '../contracts/schema.ts';
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { Predicate } from '../world/predicates.ts';
import type { CheckEnv } from './check.ts';

/** The fields by which a check names a predicate. */
export const predicateArgs = {
  predicate: field.text({ about: 'The name of the predicate.', default: '', names: 'predicate' }),
  with: Type.Unsafe<object>(Type.Any({ description: 'Its arguments.', default: {} })),
};

export interface PredicateArgs {
  readonly predicate: string;
  readonly with: object;
}

interface BoundPredicate {
  readonly predicate: Predicate;
  /** What `onTouched` must wake on. */
  readonly components: readonly string[];
  holds(): boolean;
}

export function bindPredicate(args: PredicateArgs, env: CheckEnv): BoundPredicate {
  const predicate = env.predicates.get(args.predicate);
  if (predicate === undefined) {
    throw new ScenarioError(`Check "${env.id}" names no known predicate: "${args.predicate}".`, {
      path: `checks/${env.id}/args/predicate`,
      hint: didYouMean(args.predicate, [...env.predicates.keys()]),
    });
  }
  const given = validate(predicate.args, args.with, `checks/${env.id}/args/with`) as never;
  return {
    predicate,
    components: predicate.components,
    holds: () => predicate.holds(env.world, given),
  };
}
