/**
 * Documents: a plan written as YAML or JSON by a person or a stranger. It can say everything that
 * uses catalogue parts; it carries no code. What is missing is filled in, what is wrong is named.
 */
import { Value } from '../contracts/schema.ts';
import { explain } from '../contracts/explain.ts';
import { checkDepth, checkReserved } from '../contracts/check-depth.ts';
import { checkNames } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { checkBite } from './check-faults.ts';
import { checkPlan } from './check-plan.ts';
import { withNames } from './named-paths.ts';
import type { Plan } from './plan.ts';
import { planSchema } from './plan-schema.ts';
import { makeRegistry } from './registry.ts';

/** Returns the plan that a document says, or throws a ScenarioError with the place. */
export function planFromDocument(document: unknown): Plan {
  if (document === null || document === undefined) {
    throw new ScenarioError('The document is empty.', {
      hint: 'It begins with title, durationMs and groups.',
    });
  }
  if (typeof document !== 'object' || Array.isArray(document)) {
    throw new ScenarioError('A scenario document is a set of named values.', {
      hint: 'It begins with title, durationMs and groups.',
    });
  }
  checkDepth(document, '');
  const plan = withNames(document, () => filled(document));
  const registry = makeRegistry();
  checkPlan(plan, registry, null);
  checkBite(plan, registry);
  return plan;
}

/** The document with its defaults, as its schema wants it. */
function filled(document: object): Plan {
  checkReserved(document, '');
  checkNames(planSchema, document, '');
  const plan = Value.Default(planSchema, Value.Clone(document));
  const error = Value.Errors(planSchema, plan)[0];
  if (error !== undefined) throw explain(planSchema, plan, error, '');
  return plan as Plan;
}
