/**
 * What clients ask of a bank that keeps events: change an account, and, elsewhere, what it holds.
 *
 * Source: Young, CQRS Documents (2010): commands and queries have models of their own
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';

export interface AccountChange {
  readonly type: 'account.change';
  /** No other command has it; who asks again says it again. */
  readonly id: number;
  readonly account: string;
  /** Less than 0: it is taken out, if it is there. */
  readonly amount: number;
}
export interface AccountChanged {
  readonly type: 'account.changed';
  /** Of its event among all: who reads and wants to see it says so. */
  readonly position: number;
}
export type AccountCommandMessage = AccountChange | AccountChanged;

export const accountCommands = defineContract<AccountCommandMessage>({
  name: 'account-commands',
  about: 'Money is put into an account, or taken out.',
  source: 'Young, CQRS Documents (2010)',
  overConnections: true,
  messages: {
    'account.change': {
      role: 'request',
      flight: 'request',
      digest: (m) => (Math.imul(m.id, 31) + m.amount) | 0,
      label: (m) => `${m.amount < 0 ? 'take' : 'put'} ${Math.abs(m.amount)}, ${m.account}`,
    },
    'account.changed': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.position,
      label: (m) => `done at ${m.position}`,
    },
  },
  errors: [
    { code: 'insufficient-funds', definite: true, means: 'there is less in the account' },
    { code: 'too-many-conflicts', definite: true, means: 'others were always faster' },
    { code: 'store-silent', definite: false, means: 'the store of events did not answer' },
  ],
});

export interface AccountQuery {
  readonly type: 'account.query';
  readonly account: string;
  /** It is answered from this position on; 0: at once. */
  readonly atLeast: number;
}
export interface AccountBalance {
  readonly type: 'account.balance';
  readonly balance: number;
  /** How far the reader's side was. */
  readonly position: number;
}
export type AccountQueryMessage = AccountQuery | AccountBalance;

export const accountQueries = defineContract<AccountQueryMessage>({
  name: 'account-queries',
  about: 'What is in an account, as far as the rows of the reading side have it.',
  source: 'Young, CQRS Documents (2010)',
  overConnections: true,
  messages: {
    'account.query': {
      role: 'request',
      flight: 'request',
      digest: (m) => (Math.imul(hashText(m.account), 31) + m.atLeast) | 0,
      label: (m) => `balance of ${m.account}${m.atLeast > 0 ? ` from ${m.atLeast} on` : ''}`,
    },
    'account.balance': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (Math.imul(m.position, 31) + m.balance) | 0,
      label: (m) => `${m.balance} at ${m.position}`,
    },
  },
  errors: [],
});
