/** What the tests hold of distributed-transactions/lost-update. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { TXN_ALONE } from '../transactions.ts';

export const proof: Proof = {
  breaks: {
    'both-sell': crashAt(100, 'store'),
    'every-sale-counts': { variant: 'default' },
    serializable: { variant: 'default' },
    'nobody-is-aborted': { variant: 'snapshot' },
  },
  lessons: {
    '*': ['every-sale-counts', 'serializable'],
    'isolation=snapshot': ['nobody-is-aborted'],
    'isolation=repeatable-read': ['nobody-is-aborted'],
    'isolation=serializable-ssi': ['nobody-is-aborted'],
    'isolation=serializable-2pl': ['nobody-is-aborted'],
  },
  notices: { group: 'store', unnoticed: TXN_ALONE, clients: false },
};
