/** Which links the steps of a service follow, and what they ask for there. */
import type { Usage, Use, Want } from '../../node/usage.ts';
import type { ServiceConfig } from './config.ts';
import { ANY_STATEMENT } from './check-steps.ts';
import { listsIn } from './step-lists.ts';
import type { Step } from './steps.ts';

interface Placed {
  readonly step: Step;
  /** Its place in the configuration. */
  readonly at: string;
}

const placedIn = ({ steps, routes }: ServiceConfig): readonly Placed[] => [
  ...within(steps, 'steps'),
  ...routes.flatMap((route, i) => within(route.steps, `routes/${i}/steps`)),
];

/** All steps, those within steps included. */
const within = (steps: readonly Step[], path: string): readonly Placed[] =>
  steps.flatMap((step, i) => [
    { step, at: `${path}/${i}` },
    ...listsIn(step).flatMap(([at, inner]) => within(inner, `${path}/${i}/${at}`)),
  ]);

export const stepsOf = (config: ServiceConfig): readonly Step[] =>
  placedIn(config).map(({ step }) => step);

export const rolesOf = (step: Step): readonly string[] =>
  'to' in step ? [step.to] : 'in' in step ? [step.in] : [];

function usesOf(step: Step): readonly Use[] {
  if (step.do === 'query') {
    return [{ role: step.to, what: `statement ${step.statement ?? ANY_STATEMENT}` }];
  }
  if (step.do === 'cached') {
    if (step.miss === undefined) return [];
    const fill = { role: step.in, what: 'fill' };
    return step.negative === true ? [fill, { role: step.in, what: 'negative' }] : [fill];
  }
  if (step.do === 'put') {
    const fill = { role: step.in, what: 'fill' };
    // What a query did not find is put, too.
    return step.write === true ? [fill] : [fill, { role: step.in, what: 'negative' }];
  }
  if (step.do !== 'list' || step.how !== 'together') return [];
  return within(step.steps, '').flatMap(({ step: one }) =>
    one.do === 'query' ? [{ role: one.to, what: 'rows' }] : [],
  );
}

const wantsOf = ({ step, at }: Placed): readonly Want[] =>
  step.do === 'cached' && step.miss === undefined
    ? [
        {
          role: step.in,
          what: 'fill',
          at,
          says: (group) => `Nobody fills "${group}": nothing is ever found in it.`,
          hint: 'Give this step a miss, or put objects into it.',
        },
      ]
    : [];

export const usage: Usage<ServiceConfig> = {
  idle: { noun: 'service' },
  uses: (config) => [
    ...stepsOf(config).flatMap(usesOf),
    ...config.upstreams.flatMap(({ to, pool }) =>
      pool.maxOpen > 0 ? [{ role: to, what: 'connections' }] : [],
    ),
  ],
  wants: (config) => placedIn(config).flatMap(wantsOf),
  follows: (config) => stepsOf(config).flatMap(rolesOf),
};
