/**
 * The conversation of an orchestrator with the participants of its sagas: do a step, take it back.
 *
 * Source: Garcia-Molina and Salem, Sagas (SIGMOD 1987)
 */
import { defineContract } from './contract.ts';

export interface SagaDo {
  readonly type: 'saga.do';
  readonly saga: number;
  readonly step: number;
  /** What it asks for cannot be had: the card is declined, the last seat is gone. */
  readonly isDoomed: boolean;
}
export interface SagaUndo {
  readonly type: 'saga.undo';
  readonly saga: number;
  readonly step: number;
}
export interface SagaDone {
  readonly type: 'saga.done';
}
export type SagaMessage = SagaDo | SagaUndo | SagaDone;

const digestOf = (m: SagaDo | SagaUndo): number => (Math.imul(m.saga, 31) + m.step) | 0;

export const saga = defineContract<SagaMessage>({
  name: 'saga',
  about: 'A step of a saga is done, or taken back.',
  source: 'Garcia-Molina and Salem, Sagas (SIGMOD 1987)',
  overConnections: true,
  messages: {
    'saga.do': {
      role: 'request',
      flight: 'request',
      digest: digestOf,
      label: (m) => `step ${m.step} of saga ${m.saga}`,
    },
    'saga.undo': {
      role: 'request',
      flight: 'control',
      digest: digestOf,
      label: (m) => `take step ${m.step} of saga ${m.saga} back`,
    },
    'saga.done': {
      role: 'reply',
      flight: 'response',
      digest: () => 1,
      label: () => 'done',
    },
  },
  errors: [
    { code: 'step-refused', definite: true, means: 'the step cannot be done, now or later' },
  ],
});
