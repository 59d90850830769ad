/** The components of the catalogue: an explicit list, nothing registers itself. */
import type { AnyBehaviour, TypedBehaviour } from '../node/behaviour.ts';
import { database } from './database/database.ts';
import { httpClient } from './http-client/http-client.ts';
import { kvClient } from './kv-client/kv-client.ts';
import { loadBalancer } from './load-balancer/load-balancer.ts';
import { raftKv } from './raft-kv/raft-kv.ts';
import { service } from './service/service.ts';

export const COMPONENTS = {
  database,
  'http-client': httpClient,
  'kv-client': kvClient,
  'load-balancer': loadBalancer,
  'raft-kv': raftKv,
  service,
} as const satisfies { readonly [name: string]: AnyBehaviour };

export type ComponentName = keyof typeof COMPONENTS;

/** What people see of a component: what its painter draws. */
export type ViewOf<N extends ComponentName> =
  (typeof COMPONENTS)[N] extends TypedBehaviour<infer _, infer V> ? V : never;
