/** What the store of a cluster's leader key tells people. */
import type { FactTable } from '../../contracts/facts.ts';
import type { NodeIndex } from '../../node/behaviour.ts';

export type DcsFact =
  | { readonly type: 'dcs.granted'; readonly token: number; readonly to: NodeIndex }
  | { readonly type: 'dcs.expired'; readonly token: number }
  | { readonly type: 'dcs.released'; readonly token: number };

export const DCS_FACTS: FactTable<DcsFact> = {
  'dcs.granted': {
    weight: 'major',
    sentence: (f, nameOf) => `gives the leader key to ${nameOf(f.to)}, token ${f.token}`,
  },
  'dcs.expired': {
    weight: 'major',
    sentence: (f) => `finds that the leader key of token ${f.token} has run out`,
  },
  'dcs.released': {
    weight: 'major',
    sentence: (f) => `gets the leader key of token ${f.token} back`,
  },
};
