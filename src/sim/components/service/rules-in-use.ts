/** Which rules of request traffic a service with such settings uses, and how it calls its links. */
import { Value } from '../../contracts/schema.ts';
import { callPolicySchema } from '../../traffic/call-policy.ts';
import type { CallPolicy } from '../../traffic/call-policy.ts';
import { callRulesInUse, doorRulesInUse } from '../../traffic/call-rules.ts';
import type { Among } from '../../traffic/call-rules.ts';
import type { TrafficAblation } from '../../traffic/rules.ts';
import type { ServiceConfig } from './config.ts';
import type { Step } from './steps.ts';
import { rolesOf, stepsOf } from './usage.ts';

/** A link of which the service says nothing is called by the defaults. */
export function policyFor({ upstreams }: ServiceConfig, role: string): CallPolicy {
  return (
    upstreams.find(({ to }) => to === role) ?? (Value.Default(callPolicySchema, {}) as CallPolicy)
  );
}

/** Other steps in its stead: of `either` they are no fallback, but the other way. */
const fallsBack = (step: Step): boolean =>
  step.do !== 'either' && 'otherwise' in step && step.otherwise !== undefined;

const fliesAlone = (step: Step): boolean => step.do === 'cached' && step.singleFlight === true;

export function rulesInUse(config: ServiceConfig, among: Among): readonly TrafficAblation[] {
  const steps = stepsOf(config);
  const roles = new Set(steps.flatMap(rolesOf));
  return [
    ...[...roles].flatMap((role) => callRulesInUse(policyFor(config, role), among)),
    ...doorRulesInUse(config.admission, among),
    ...(config.propagateDeadline ? (['traffic.deadline-propagation'] as const) : []),
    ...(steps.some(fallsBack) ? (['traffic.fallback'] as const) : []),
    ...(steps.some(fliesAlone) ? (['traffic.single-flight'] as const) : []),
  ];
}
