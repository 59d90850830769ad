/** Clients before scripted stores, and what they told. */
import type { ClientFact, RunOptions } from 'faultline';
import type { ClientCompleted, ClientInvoked } from '../../../../../src/sim/contracts/facts.ts';
import { Bench } from '../../support/bench.ts';
import type { Deed, Script } from '../../support/partners.ts';

export type { ClientFact };
export type { KvClientView } from '../../../../../src/sim/components/kv-client/view.ts';

/** The first client's name in the plan. */
export const CLIENT = 'c1';

export const definite: Deed = { refuse: 'not-leader', detail: { leader: null } };
export const doubtful: Deed = { refuse: 'lost-leadership' };

export interface ClientPlan {
  /** How many scripted stores; they stand at 0, 1, ... */
  readonly servers?: number;
  readonly clients?: number;
  readonly script: Script;
  readonly config?: object;
  readonly seed?: NonNullable<RunOptions['seed']>;
}

/** Stores s1, s2, ... and clients c1, c2, ...; the pauses between operations are short. */
export function clientBench(plan: ClientPlan): Bench {
  return new Bench({
    groups: [
      { name: 's', component: 'scripted-store', count: plan.servers ?? 1 },
      {
        name: 'c',
        component: 'kv-client',
        count: plan.clients ?? 1,
        links: { servers: 's' },
        config: { thinkMs: 0, ...plan.config },
      },
    ],
    script: plan.script,
    seed: plan.seed ?? 1,
  });
}

export const invoked = (bench: Bench): ClientInvoked[] =>
  bench.told<ClientInvoked>('client.invoked').map(({ fact }) => fact);

export const completed = (bench: Bench): ClientCompleted[] =>
  bench.told<ClientCompleted>('client.completed').map(({ fact }) => fact);
