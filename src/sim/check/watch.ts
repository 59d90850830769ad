/**
 * Watches of a log, as clients were told: each stream is a part of the log without a gap, in its
 * order, each event once.
 *
 * Clients record `append` (the answer is the revision) and `watch` (the answer is a list of
 * `[revision, value]`).
 *
 * Source: the guarantees of etcd's watch API
 */
import { Type } from '../contracts/schema.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import { checkWatch } from './history/index.ts';

export const watch = defineHistoryCheck<{ readonly clients: string }>({
  use: 'watch',
  about: 'Each watcher is told of a log without a gap, in its order, of each event once.',
  args: Type.Object({ clients: clientsField() }, { additionalProperties: false }),
  operations: ['append', 'watch'],
  judge: (ops) => checkWatch(ops),
});
