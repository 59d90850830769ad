/** What a node of a quorum store tells: who is missed, what is kept for them, what is repaired. */
import type { FactTable } from '../../contracts/facts.ts';
import type { QuorumFact } from '../../protocols/quorum/effects.ts';
import { plural } from '../../kernel/plural.ts';

export type QuorumStoreFact = QuorumFact;

export const quorumStoreFacts: FactTable<QuorumStoreFact> = {
  'quorum.suspected': {
    weight: 'major',
    sentence: (f, nameOf) => `takes ${nameOf(f.peer)} for down: it did not answer`,
  },
  'quorum.back': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `hears of ${nameOf(f.peer)} again, and has ${plural(f.hints, 'hint')} for it`,
  },
  'quorum.hinted': {
    weight: 'minor',
    sentence: (f, nameOf) => `keeps a write of ${f.key} for ${nameOf(f.target)}`,
  },
  'quorum.handed-off': {
    weight: 'major',
    sentence: (f, nameOf) => `has handed over all its hints to ${nameOf(f.target)}`,
  },
  'quorum.hint-refused': {
    weight: 'minor',
    sentence: (f, nameOf) =>
      `keeps no hint of ${f.key}: ${nameOf(f.target)} is down for longer than the hint window`,
  },
  'quorum.hints-expired': {
    weight: 'major',
    sentence: (f) => `drops ${plural(f.hints, 'hint')} older than gc_grace`,
  },
  'quorum.read-repair': {
    weight: 'minor',
    sentence: (f) => `repairs ${f.key} on ${plural(f.replicas, 'replica')} that were behind`,
  },
  'quorum.siblings': {
    weight: 'major',
    sentence: (f) => `holds ${plural(f.count, 'concurrent value')} of ${f.key}`,
  },
  'quorum.synced': {
    weight: 'major',
    sentence: (f, nameOf) => `gets ${plural(f.keys, 'key')} that it lacked from ${nameOf(f.peer)}`,
  },
  'quorum.purged': {
    weight: 'minor',
    sentence: (f) => `forgets ${plural(f.keys, 'tombstone')} older than gc_grace`,
  },
};
