/** Of which rules a call policy knows: those, and no others, take something away from it. */
import { expect, it } from 'vitest';
import { Value } from 'faultline';
import { callPolicySchema } from '../../../src/sim/traffic/call-policy.ts';
import type { CallPolicy } from '../../../src/sim/traffic/call-policy.ts';
import { CALL_RULES } from '../../../src/sim/traffic/call-rules.ts';
import { TRAFFIC_RULES, policyUnder } from '../../../src/sim/traffic/rules.ts';

const plain = Value.Create(callPolicySchema) as CallPolicy;
/** Rules of retries say something where there are any. */
const policy: CallPolicy = {
  ...plain,
  maxAttempts: 3,
  backoff: { ...plain.backoff, policy: 'full-jitter' },
};

it.each(TRAFFIC_RULES.map(({ id }) => id))('%s', (id) => {
  expect(policyUnder(policy, [id]) !== policy).toBe(CALL_RULES.includes(id));
});
