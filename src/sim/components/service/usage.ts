/** Which links the steps of a service follow, and what they ask for there. */
import type { Usage, Use } from '../../node/usage.ts';
import type { ServiceConfig } from './config.ts';
import { ANY_STATEMENT } from './check-steps.ts';
import { listsIn } from './step-lists.ts';
import type { Step } from './steps.ts';

const listsOf = ({ steps, routes }: ServiceConfig): readonly (readonly Step[])[] => [
  steps,
  ...routes.map((route) => route.steps),
];

/** All steps, those within steps included. */
const flat = (steps: readonly Step[]): readonly Step[] =>
  steps.flatMap((step) => [step, ...listsIn(step).flatMap(([, inner]) => flat(inner))]);

export const stepsOf = (config: ServiceConfig): readonly Step[] => listsOf(config).flatMap(flat);

export const rolesOf = (step: Step): readonly string[] =>
  'to' in step ? [step.to] : 'in' in step ? [step.in] : [];

function usesOf(step: Step): readonly Use[] {
  if (step.do === 'query') {
    return [{ role: step.to, what: `statement ${step.statement ?? ANY_STATEMENT}` }];
  }
  if (step.do === 'cached' && step.negative === true && step.miss !== undefined) {
    return [{ role: step.in, what: 'negative' }];
  }
  // What a query did not find is put, too.
  if (step.do === 'put' && step.write !== true) return [{ role: step.in, what: 'negative' }];
  if (step.do !== 'list' || step.how !== 'together') return [];
  return flat(step.steps).flatMap((one) =>
    one.do === 'query' ? [{ role: one.to, what: 'rows' }] : [],
  );
}

export const usage: Usage<ServiceConfig> = {
  uses: (config) => [
    ...stepsOf(config).flatMap(usesOf),
    ...config.upstreams.flatMap(({ to, pool }) =>
      pool.maxOpen > 0 ? [{ role: to, what: 'connections' }] : [],
    ),
  ],
  offers: () => [],
  follows: (config) => stepsOf(config).flatMap(rolesOf),
};
