/** Who asks over HTTP, and the balancer that many of them ask first. */
import type { GroupPlan } from 'faultline';

interface Words {
  readonly [name: string]: unknown;
}

export const clientOf = (target: string, config: Words): GroupPlan => ({
  name: 'client',
  component: 'http-client',
  count: 1,
  links: { target },
  config,
});

/** Before the backends, which are called "app". */
export const balancerOf = (config: Words): GroupPlan => ({
  name: 'balancer',
  component: 'load-balancer',
  count: 1,
  links: { backends: 'app' },
  config,
});
