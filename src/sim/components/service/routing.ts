/** Which routes a service answers, and for which its steps call others. */
import type { Asked, Routing } from '../../node/routing.ts';
import type { ServiceConfig } from './config.ts';
import { listsIn } from './step-lists.ts';
import type { Step } from './steps.ts';

type Call = Extract<Step, { readonly do: 'call' }>;
interface Placed {
  readonly call: Call;
  /** The place of the step in the configuration. */
  readonly at: string;
}

const callsIn = (steps: readonly Step[], path: string): readonly Placed[] =>
  steps.flatMap((step, i) => {
    const at = `${path}/${i}`;
    const inside = listsIn(step).flatMap(([place, list]) => callsIn(list, `${at}/${place}`));
    return step.do === 'call' ? [{ call: step, at }, ...inside] : inside;
  });

/** Steps for what has no route of its own: without any, only its routes are answered. */
const hasDefault = ({ steps, routes }: ServiceConfig): boolean =>
  steps.length > 0 || routes.length === 0;

function callsFor({ steps, routes }: ServiceConfig, route: string): readonly Placed[] {
  const own = routes.findIndex((one) => one.route === route);
  return own < 0
    ? callsIn(steps, 'steps')
    : callsIn(routes[own]?.steps ?? [], `routes/${own}/steps`);
}

export const routing: Routing<ServiceConfig> = {
  known: (config) => (hasDefault(config) ? null : config.routes.map(({ route }) => route)),
  asks: (config, route) => (route === null ? named(config) : inherited(config, route)),
  own: ({ routes }) => routes.map(({ route }, i) => ({ route, at: `routes/${i}/route` })),
};

/** Calls that say their route: they are right or wrong whoever asks. */
function named({ steps, routes }: ServiceConfig): readonly Asked[] {
  const all = [
    ...callsIn(steps, 'steps'),
    ...routes.flatMap((one, i) => callsIn(one.steps, `routes/${i}/steps`)),
  ];
  return all.flatMap(({ call, at }) =>
    call.route === undefined ? [] : [{ role: call.to, route: call.route, at: `${at}/route` }],
  );
}

/** Calls with the route of the request. */
const inherited = (config: ServiceConfig, route: string): readonly Asked[] =>
  callsFor(config, route).flatMap(({ call, at }) =>
    call.route === undefined ? [{ role: call.to, route, at }] : [],
  );
