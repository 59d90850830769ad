/** Where the rules of a quorum store can act in such a node. */
import { amongSeveral } from '../../node/rule-needs.ts';
import type { RuleNeed } from '../../node/rule-needs.ts';
import type { QuorumStoreConfig } from './config.ts';

const COUNTERS: readonly string[] = ['g-counter', 'pn-counter'];

export const ruleNeeds: readonly RuleNeed<QuorumStoreConfig>[] = [
  amongSeveral([
    'quorum.read-repair-writeback',
    'quorum.hinted-handoff',
    'quorum.hint-expiry',
    'quorum.idempotent-merge',
  ]),
  {
    rules: ['quorum.read-repair-writeback'],
    acts: ({ readRepair }) => readRepair === 'blocking',
    hint: 'Write readRepair: blocking.',
  },
  {
    rules: ['quorum.read-repair-writeback'],
    acts: (_config, { asked }) => asked('read'),
    hint: 'Give a client reads to do (readShare above 0).',
  },
  {
    rules: ['quorum.hinted-handoff', 'quorum.hint-expiry'],
    acts: ({ hintedHandoff, sloppyQuorum }) => hintedHandoff || sloppyQuorum,
    hint: 'Write hintedHandoff: true.',
  },
  {
    rules: ['quorum.tombstones', 'quorum.gc-grace'],
    acts: (_config, { asked }) => asked('delete'),
    hint: 'Give a client (mode: listed) an operation with do: delete.',
  },
  {
    rules: ['quorum.gc-grace'],
    acts: ({ gcGraceMs }) => gcGraceMs > 0,
    hint: 'Give gcGraceMs more than 0.',
  },
  {
    rules: ['quorum.tombstones', 'quorum.gc-grace'],
    acts: ({ conflicts }) => conflicts === 'last-write-wins' || conflicts === 'version-vectors',
    hint: 'Write conflicts: last-write-wins or version-vectors.',
  },
  {
    rules: ['quorum.idempotent-merge'],
    acts: ({ conflicts }) => COUNTERS.includes(conflicts),
    hint: 'Write conflicts: g-counter or pn-counter.',
  },
  {
    rules: ['quorum.version-vectors'],
    acts: ({ conflicts }) => conflicts === 'version-vectors',
    hint: 'Write conflicts: version-vectors.',
  },
  {
    rules: ['quorum.replica-coordinates', 'quorum.actor-epoch'],
    acts: ({ conflicts }) => conflicts !== 'last-write-wins',
    hint: 'Write conflicts: version-vectors, or a data type that merges.',
  },
  {
    rules: ['quorum.replica-coordinates'],
    acts: ({ replicationFactor }, { count }) => count > replicationFactor,
    hint: 'Give the group more members than replicationFactor.',
  },
  {
    rules: ['quorum.persist-before-reply'],
    acts: ({ commitLogSync }) => commitLogSync === 'batch',
    hint: 'Write commitLogSync: batch.',
  },
];
