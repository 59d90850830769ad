/** The rules of a queue that lends that can be switched off, to see what each is for. */

export type VisibilityAblation =
  | 'visibility.timeout'
  | 'visibility.redrive'
  | 'visibility.group-order'
  | 'visibility.deduplication'
  | 'visibility.store-before-answer';

export interface VisibilityRule {
  readonly id: VisibilityAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const VISIBILITY_RULES: readonly VisibilityRule[] = [
  {
    id: 'visibility.timeout',
    rule: 'What was received and not deleted in time can be received again.',
    breaks: 'At least once: what a worker had when it died is never seen again.',
    source: 'Amazon SQS, visibility timeout',
  },
  {
    id: 'visibility.redrive',
    rule: 'What was received maxReceiveCount times goes to the dead letters, not to a worker.',
    breaks: 'Progress: a message that nobody can work on is received for ever.',
    source: 'Amazon SQS, dead-letter queues: redrive policy',
  },
  {
    id: 'visibility.group-order',
    rule: 'While a message of a group is in flight, those behind it in the group are not received.',
    breaks: 'Order in a group: two workers have messages of it at once.',
    source: 'Amazon SQS, FIFO queues: message group ID',
  },
  {
    id: 'visibility.deduplication',
    rule: 'A FIFO queue takes a message once in five minutes, however often it is sent.',
    breaks: 'Exactly-once sending: a repetition whose first answer was lost is there twice.',
    source: 'Amazon SQS, FIFO queues: message deduplication ID',
  },
  {
    id: 'visibility.store-before-answer',
    rule: 'A message is answered, and can be received, once it is stored.',
    breaks: 'Durability: a crash takes what its sender was told is safe.',
    source: 'Amazon SQS: messages are stored on several servers before SendMessage returns',
  },
];

export interface VisibilityRules {
  readonly timeout: boolean;
  readonly redrive: boolean;
  readonly groupOrder: boolean;
  readonly deduplication: boolean;
  readonly storeBeforeAnswer: boolean;
}

export function visibilityRules(off: readonly string[]): VisibilityRules {
  return Object.freeze({
    timeout: !off.includes('visibility.timeout'),
    redrive: !off.includes('visibility.redrive'),
    groupOrder: !off.includes('visibility.group-order'),
    deduplication: !off.includes('visibility.deduplication'),
    storeBeforeAnswer: !off.includes('visibility.store-before-answer'),
  });
}
