/**
 * How old what clients read may be, in versions and in time: the bound of a store that promises
 * bounded staleness.
 *
 * Source: k- and t-staleness of Bailis et al., PBS (VLDB 2012).
 */
import { Type, field } from '../contracts/schema.ts';
import { ms } from '../kernel/time.ts';
import type { Op } from '../observe/history.ts';
import { bound, checkOrder, checkShare } from './bounds.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import type { Judged } from './client-history.ts';
import { checkStaleness } from './history/index.ts';
import { REGISTER_OPERATIONS, judgeRegisters } from './registers.ts';

interface Args {
  readonly clients: string;
  readonly versions: number;
  readonly olderThanMs: number;
  readonly shareAtLeast: number | null;
  readonly shareAtMost: number | null;
}

function judgeStaleness(ops: readonly Op[], args: Args): Judged {
  const { versions, olderThanMs, shareAtLeast, shareAtMost } = args;
  const settledMicros = ms(olderThanMs);
  if (shareAtLeast === null && shareAtMost === null) {
    return checkStaleness(ops, { versionsMax: versions, settledMicros });
  }
  const result = checkStaleness(ops, { settledMicros });
  if (result.verdict !== 'pass') return result;
  const old = result.stale.filter((read) => read.versions > versions).length;
  const share = old / result.reads;
  const isWithin = share >= (shareAtLeast ?? 0) && share <= (shareAtMost ?? 1);
  const reason = `${old} of ${result.reads} reads were stale: ${share.toFixed(3)}`;
  const limits = `at least ${shareAtLeast ?? 0} and at most ${shareAtMost ?? 1}`;
  return isWithin
    ? { ...result, reason }
    : { ...result, verdict: 'fail', reason, because: [`${reason}, not ${limits}.`] };
}

export const staleness = defineHistoryCheck<Args>({
  use: 'staleness',
  about: 'No read misses more than so many versions that were acknowledged so long before.',
  args: Type.Object(
    {
      clients: clientsField(),
      versions: field.count({ about: 'So many newer versions may be missed.', default: 0 }),
      olderThanMs: field.millis({
        about: 'Versions acknowledged less than this before the read began do not count.',
        default: 0,
      }),
      shareAtLeast: bound('Instead: at least this share of the reads misses more; null: no bound.'),
      shareAtMost: bound('Instead: at most this share of the reads misses more; null: no bound.'),
    },
    { additionalProperties: false },
  ),
  check({ shareAtLeast, shareAtMost }, path) {
    checkShare('shareAtLeast', shareAtLeast, path);
    checkShare('shareAtMost', shareAtMost, path);
    checkOrder({ atLeast: shareAtLeast, atMost: shareAtMost }, path);
  },
  judged: REGISTER_OPERATIONS,
  judge: (all, args) => judgeRegisters(all, (ops) => judgeStaleness(ops, args), 'kindest'),
});
