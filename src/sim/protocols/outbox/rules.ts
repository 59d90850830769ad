/** The rules of outbox and inbox that can be switched off, to see what each is for. */

export type OutboxAblation =
  | 'outbox.one-transaction'
  | 'outbox.mark-after-confirm'
  | 'outbox.key-order'
  | 'inbox.known-once'
  | 'inbox.one-transaction';

export interface OutboxRule {
  readonly id: OutboxAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

const OUTBOX = 'Richardson, Pattern: Transactional outbox';
const CONSUMER = 'Richardson, Pattern: Idempotent Consumer';

export const OUTBOX_RULES: readonly OutboxRule[] = [
  {
    id: 'outbox.one-transaction',
    rule: 'The row of an order and the row of its event are written in one transaction.',
    breaks: 'No event is lost: a crash between two transactions leaves an order without one.',
    source: OUTBOX,
  },
  {
    id: 'outbox.mark-after-confirm',
    rule: 'The relay marks an event as published once the broker has confirmed it.',
    breaks: 'At least once: an event that was marked and never arrived is not published again.',
    source: 'Richardson, Pattern: Polling publisher',
  },
  {
    id: 'outbox.key-order',
    rule: 'Of each key the relay has one event under way, the oldest that is not confirmed.',
    breaks: 'Order of a key: an event whose first try is lost is overtaken by a later one.',
    source: `${OUTBOX}: messages in the order in which the service sent them`,
  },
  {
    id: 'inbox.known-once',
    rule: 'An event whose id is in the inbox has no effect any more.',
    breaks: 'Once: what is delivered again has its effect again.',
    source: CONSUMER,
  },
  {
    id: 'inbox.one-transaction',
    rule: 'The effect and the id in the inbox are written in one transaction.',
    breaks: 'Once: a crash between two transactions leaves an effect that nobody knows of.',
    source: CONSUMER,
  },
];

export interface OutboxRules {
  readonly oneTransaction: boolean;
  readonly markAfterConfirm: boolean;
  readonly keyOrder: boolean;
}

export function outboxRules(off: readonly string[]): OutboxRules {
  return Object.freeze({
    oneTransaction: !off.includes('outbox.one-transaction'),
    markAfterConfirm: !off.includes('outbox.mark-after-confirm'),
    keyOrder: !off.includes('outbox.key-order'),
  });
}
