/**
 * Long fork in what clients of a transactional store saw: two of them see two writes in opposite
 * orders. Judged on rows that are written once.
 *
 * Source: the `long-fork` test of Jepsen; Sovran et al., Walter (SOSP 2011)
 */
import { Type } from '../contracts/schema.ts';
import { clientsField } from './client-history.ts';
import { defineTransactionCheck } from './transaction-check.ts';
import { checkLongFork } from './transactions/index.ts';

const SENTENCES_MAX = 3;

export const longFork = defineTransactionCheck<{ readonly clients: string }>({
  use: 'long-fork',
  about: 'No two transactions see two writes in opposite orders (of rows that are written once).',
  args: Type.Object({ clients: clientsField() }, { additionalProperties: false }),
  judge(ops) {
    const { verdict, forks, reads, because, reason } = checkLongFork(ops);
    const text = verdict === 'fail' ? `${forks.length} forks` : (reason ?? `${reads} reads`);
    const why = because.slice(0, SENTENCES_MAX).join(' ');
    return { verdict, text, why, shown: forks[0]?.reads ?? [] };
  },
});
