/** What a client asks a store for: which rules of the store matter follows from it. */
import type { Usage } from '../../node/usage.ts';
import type { KvClientConfig } from './config.ts';
import { requestOf } from './listed.ts';
import type { ListedOperation } from './listed.ts';
import { nameOf } from './words.ts';

const KINDS: { readonly [deed in ListedOperation['do']]: string } = {
  get: 'read',
  'get-all': 'read',
  put: 'write',
  delete: 'delete',
  increment: 'update',
  add: 'update',
  remove: 'update',
  assign: 'update',
};

export const usage: Usage<KvClientConfig> = {
  uses({ mode, operations, readShare, sessions }) {
    const drawn = [...(readShare > 0 ? ['read'] : []), ...(readShare < 1 ? ['write'] : [])];
    const kinds = mode === 'listed' ? operations.map((one) => KINDS[one.do]) : drawn;
    const all = new Set([...kinds, ...(sessions ? ['session'] : [])]);
    return [...all].map((what) => ({ role: 'servers', what }));
  },
};

/** By the names that they have in a history. */
export function operationsOf(config: KvClientConfig): readonly string[] {
  const { mode, operations, readShare, casShare } = config;
  if (mode === 'listed') {
    const names = operations.map((one) =>
      one.do === 'get-all' ? one.do : nameOf({ request: requestOf(one) }),
    );
    return [...new Set(names)];
  }
  return [
    ...(readShare > 0 ? ['get'] : []),
    ...(readShare < 1 && casShare < 1 ? ['put'] : []),
    ...(readShare < 1 && casShare > 0 ? ['cas'] : []),
  ];
}
