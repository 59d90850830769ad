/** The rules of sagas that can be switched off, to see what each is for. */

export type SagaAblation =
  | 'saga.durable-log'
  | 'saga.reverse-order'
  | 'saga.retry-after-pivot'
  | 'saga.idempotent-steps'
  | 'saga.remember-undone';

export interface SagaRule {
  readonly id: SagaAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

const SAGAS = 'Garcia-Molina and Salem, Sagas (SIGMOD 1987)';
const BOOK = 'Richardson, Microservices Patterns, section 4.3';

export const SAGA_RULES: readonly SagaRule[] = [
  {
    id: 'saga.durable-log',
    rule: 'The orchestrator writes down how far each saga is, and goes on there after a crash.',
    breaks: 'All or nothing: what was under way when it crashed stays half done.',
    source: `${SAGAS}: the saga log`,
  },
  {
    id: 'saga.reverse-order',
    rule: 'Steps are compensated in the reverse of the order in which they were done.',
    breaks: 'Dependence: a step stands while one that it was built on is taken back.',
    source: `${SAGAS}: T1..Tj, Cj..C1`,
  },
  {
    id: 'saga.retry-after-pivot',
    rule: 'From the pivot step on a step is tried until it is answered.',
    breaks: 'All or nothing: the pivot stands, which cannot be taken back, and the rest does not.',
    source: `${BOOK}: compensatable, pivot and retriable transactions`,
  },
  {
    id: 'saga.idempotent-steps',
    rule: 'A participant does a step of a saga once, however often it is asked to.',
    breaks: 'Once: a step whose answer was lost is done again.',
    source: BOOK,
  },
  {
    id: 'saga.remember-undone',
    rule: 'A participant refuses a step that it was asked to take back, also before it came.',
    breaks: 'All or nothing: a step that was long on its way is done after its compensation.',
    source: 'Apache Seata, TCC mode: empty rollback and suspension',
  },
];

export interface OrchestratorRules {
  readonly durableLog: boolean;
  readonly reverseOrder: boolean;
  readonly retryAfterPivot: boolean;
}

export function orchestratorRules(off: readonly string[]): OrchestratorRules {
  return Object.freeze({
    durableLog: !off.includes('saga.durable-log'),
    reverseOrder: !off.includes('saga.reverse-order'),
    retryAfterPivot: !off.includes('saga.retry-after-pivot'),
  });
}

export interface ParticipantRules {
  readonly idempotentSteps: boolean;
  readonly rememberUndone: boolean;
}

export function participantRules(off: readonly string[]): ParticipantRules {
  return Object.freeze({
    idempotentSteps: !off.includes('saga.idempotent-steps'),
    rememberUndone: !off.includes('saga.remember-undone'),
  });
}
