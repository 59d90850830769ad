/**
 * The orchestrator of sagas: each goes through its steps, one after the other, or back.
 *
 * Invariants (with all rules): a saga ends with all its steps, or with none whose compensation is
 * not done; nothing is asked of a participant that is not on disk; once the pivot is asked for it
 * goes back only if the pivot is refused.
 *
 * Source: Garcia-Molina and Salem, Sagas (SIGMOD 1987); Richardson, Microservices Patterns,
 * chapter 4
 * Differs: one step at a time; steps behind the pivot cannot be refused, only be late.
 */
import type { OrchestratorRules } from './rules.ts';

export interface SagaConfig {
  readonly steps: number;
  /** The step that decides: those before can be compensated, those behind succeed in the end. */
  readonly pivot: number;
  /** A step before the pivot that was tried so often without an answer is given up. */
  readonly triesMax: number;
  readonly rules: OrchestratorRules;
}

export type SagaPhase = 'forward' | 'backward' | 'done' | 'compensated';

/** As its log has it. */
export interface Progress {
  readonly saga: number;
  readonly isDoomed: boolean;
  readonly phase: SagaPhase;
  /** What it is asking for; once it has ended, the last that it asked for. */
  readonly step: number;
  /** While it goes back: the last step that may have been done. */
  readonly from: number;
}

export interface Saga {
  progress: Progress;
  tries: number;
  /** Its progress is being written: nobody is asked meanwhile. */
  isWriting: boolean;
}

export interface OrchestratorState {
  readonly sagas: Map<number, Saga>;
}

export type StepAnswer = 'done' | 'refused' | 'unknown';

export type SagaInput =
  | { readonly type: 'begin'; readonly saga: number; readonly isDoomed: boolean }
  | { readonly type: 'durable'; readonly progress: Progress }
  | {
      readonly type: 'answered';
      readonly saga: number;
      readonly step: number;
      readonly isUndo: boolean;
      readonly answer: StepAnswer;
    }
  | { readonly type: 'retry'; readonly saga: number }
  /** After a start: go on with what is under way. */
  | { readonly type: 'resume' };

export type SagaEffect =
  | { readonly type: 'persist'; readonly progress: Progress }
  | { readonly type: 'accepted'; readonly saga: number }
  | { readonly type: 'ask'; readonly progress: Progress; readonly isUndo: boolean }
  | { readonly type: 'retry'; readonly saga: number }
  | { readonly type: 'turned'; readonly progress: Progress; readonly isRefused: boolean }
  | { readonly type: 'ended'; readonly progress: Progress };

export const isOver = ({ phase }: Progress): boolean => phase === 'done' || phase === 'compensated';

/** As its disk has it; without a log it knows none that is under way. */
export function startOrchestrator(
  disk: Iterable<Progress>,
  { durableLog }: OrchestratorRules,
): OrchestratorState {
  const sagas = new Map<number, Saga>();
  for (const progress of disk) {
    if (durableLog || isOver(progress)) {
      sagas.set(progress.saga, { progress, tries: 0, isWriting: false });
    }
  }
  return { sagas };
}

export function step(
  config: SagaConfig,
  state: OrchestratorState,
  input: SagaInput,
  effects: SagaEffect[],
): void {
  switch (input.type) {
    case 'begin':
      return begin(state, input.saga, input.isDoomed, effects);
    case 'durable':
      return durable(state, input.progress, effects);
    case 'answered':
      return answered(config, state, input, effects);
    case 'retry':
      return ask(state.sagas.get(input.saga), effects);
    case 'resume':
      for (const saga of state.sagas.values()) ask(saga, effects);
  }
}

function begin(
  { sagas }: OrchestratorState,
  saga: number,
  isDoomed: boolean,
  effects: SagaEffect[],
): void {
  const known = sagas.get(saga);
  if (known !== undefined) {
    const isWritten = !known.isWriting || known.progress.step > 1 || isOver(known.progress);
    if (isWritten) effects.push({ type: 'accepted', saga });
    return;
  }
  const progress: Progress = { saga, isDoomed, phase: 'forward', step: 1, from: 0 };
  sagas.set(saga, { progress, tries: 0, isWriting: true });
  effects.push({ type: 'persist', progress });
}

function durable({ sagas }: OrchestratorState, progress: Progress, effects: SagaEffect[]): void {
  const saga = sagas.get(progress.saga);
  if (saga === undefined) return;
  saga.isWriting = false;
  if (progress.phase === 'forward' && progress.step === 1) {
    effects.push({ type: 'accepted', saga: progress.saga });
  }
  if (isOver(progress)) effects.push({ type: 'ended', progress });
  else ask(saga, effects);
}

function ask(saga: Saga | undefined, effects: SagaEffect[]): void {
  if (saga === undefined || saga.isWriting || isOver(saga.progress)) return;
  const { progress } = saga;
  effects.push({ type: 'ask', progress, isUndo: progress.phase === 'backward' });
}

function answered(
  config: SagaConfig,
  { sagas }: OrchestratorState,
  { saga: id, step: asked, isUndo, answer }: Extract<SagaInput, { readonly type: 'answered' }>,
  effects: SagaEffect[],
): void {
  const saga = sagas.get(id);
  if (saga === undefined || saga.isWriting) return;
  const { progress } = saga;
  if (progress.step !== asked || (progress.phase === 'backward') !== isUndo) return;
  if (answer === 'unknown') return unanswered(config, saga, effects);
  if (isUndo) return write(saga, undone(config, progress), effects);
  if (answer === 'refused') return turn(config, saga, asked - 1, true, effects);
  const next: Progress =
    asked === config.steps
      ? { ...progress, phase: 'done' }
      : { ...progress, phase: 'forward', step: asked + 1 };
  write(saga, next, effects);
}

/** Whether it happened nobody knows. */
function unanswered(config: SagaConfig, saga: Saga, effects: SagaEffect[]): void {
  const { progress } = saga;
  const { pivot, triesMax, rules } = config;
  saga.tries += 1;
  const mayGiveUp =
    progress.phase === 'forward' && (progress.step < pivot || !rules.retryAfterPivot);
  if (!mayGiveUp || saga.tries < triesMax) {
    effects.push({ type: 'retry', saga: progress.saga });
    return;
  }
  // It may have been done: it is compensated as well. The pivot has no compensation.
  turn(config, saga, Math.min(progress.step, pivot - 1), false, effects);
}

function turn(
  { rules }: SagaConfig,
  saga: Saga,
  from: number,
  isRefused: boolean,
  effects: SagaEffect[],
): void {
  const { progress } = saga;
  effects.push({ type: 'turned', progress, isRefused });
  const next: Progress =
    from === 0
      ? { ...progress, phase: 'compensated' }
      : { ...progress, phase: 'backward', from, step: rules.reverseOrder ? from : 1 };
  write(saga, next, effects);
}

function undone({ rules }: SagaConfig, progress: Progress): Progress {
  const { step: at, from } = progress;
  const isLast = rules.reverseOrder ? at === 1 : at === from;
  return isLast
    ? { ...progress, phase: 'compensated' }
    : { ...progress, step: rules.reverseOrder ? at - 1 : at + 1 };
}

function write(saga: Saga, progress: Progress, effects: SagaEffect[]): void {
  saga.progress = progress;
  saga.tries = 0;
  saga.isWriting = true;
  effects.push({ type: 'persist', progress });
}
