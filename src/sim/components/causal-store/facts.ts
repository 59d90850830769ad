/** What a datacentre of a causal store tells: what it holds back, and what it lets go. */
import type { FactTable } from '../../contracts/facts.ts';
import type { CausalFact } from '../../protocols/causal/state.ts';

export type CausalStoreFact = CausalFact;

export const causalStoreFacts: FactTable<CausalStoreFact> = {
  'causal.held-back': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `holds back ${f.key} from ${nameOf(f.from)} until it has write ${f.count} of ` +
      nameOf(f.waitsFor),
  },
  'causal.released': {
    weight: 'major',
    sentence: (f) =>
      `shows ${f.key}, held back for ${(f.heldMicros / 1_000).toFixed(1)} ms: its cause is here`,
  },
  'causal.outdated': {
    weight: 'minor',
    sentence: (f, nameOf) => `drops ${f.key} from ${nameOf(f.from)}: it has a later version`,
  },
};
