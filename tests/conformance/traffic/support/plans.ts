/** The topologies of queueing theory, as groups of a plan; times in units of a row. */
import type { Distribution, GroupPlan } from 'faultline';
import { UNIT_MS } from './station.ts';

/** Longer than any request of these runs takes. */
const PATIENT_MS = 3_600_000;
const ENDLESS_QUEUE = 10_000_000;

export const exponential = (mean: number): Distribution => ({
  kind: 'exponential',
  meanMs: mean * UNIT_MS,
});

export const poisson = (perUnit: number) => ({
  kind: 'poisson',
  ratePerSecond: (perUnit * 1_000) / UNIT_MS,
});

export const work = (time: Distribution) => ({ do: 'work', time });

/** A service with `c` cores that works on so many requests at once; the others wait in a queue. */
export function station(
  name: string,
  c: number,
  steps: readonly object[],
  admission: { readonly maxQueue?: number; readonly discipline?: string } = {},
): GroupPlan {
  return {
    name,
    component: 'service',
    count: 1,
    cores: c,
    config: {
      steps,
      admission: { concurrencyLimit: c, maxQueue: ENDLESS_QUEUE, ...admission },
    },
  };
}

/** Asks at random or by other arrivals, and waits for ever. */
export const clients = (
  target: string,
  arrivals: object,
  more: { readonly call?: object; readonly routes?: readonly object[] } = {},
): GroupPlan => ({
  name: 'clients',
  component: 'http-client',
  count: 1,
  links: { target },
  config: { arrivals, ...more, call: { timeoutMs: PATIENT_MS, ...more.call } },
});

/** So many users in a loop, each with a pause of this mean. */
export const users = (target: string, count: number, think: number): GroupPlan => ({
  name: 'clients',
  component: 'http-client',
  count: 1,
  links: { target },
  config: {
    load: 'closed',
    users: count,
    thinkMs: think * UNIT_MS,
    call: { timeoutMs: PATIENT_MS },
  },
});

export const patient = { timeoutMs: PATIENT_MS } as const;
