/**
 * An orchestrator of sagas on one node: a message begins a saga, and it leads it through its steps.
 *
 * Invariant: a saga is confirmed to whoever began it once it is on disk, before its first step.
 */
import type { FactTable } from '../../contracts/facts.ts';
import { queue } from '../../contracts/queue.ts';
import type {
  QueueConfirmed,
  QueuedMessage,
  QueuePost,
  QueuePublish,
} from '../../contracts/queue.ts';
import { saga } from '../../contracts/saga.ts';
import type { SagaDo, SagaUndo } from '../../contracts/saga.ts';
import { ms } from '../../kernel/time.ts';
import { plural } from '../../kernel/plural.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, Context, View } from '../../node/behaviour.ts';
import { isOver, startOrchestrator, step } from '../../protocols/saga/orchestrate.ts';
import type {
  OrchestratorState,
  Progress,
  SagaConfig,
  SagaEffect,
  SagaInput,
} from '../../protocols/saga/orchestrate.ts';
import { orchestratorRules } from '../../protocols/saga/rules.ts';
import { checkSteps, sagaOrchestratorConfig } from './config.ts';
import type { SagaOrchestratorConfig } from './config.ts';

type Ctx = Context<SagaOrchestratorConfig>;

export interface SagaOrchestratorState {
  readonly config: SagaConfig;
  readonly orchestrator: OrchestratorState;
  /** Who waits for a saga to be taken, by its number. */
  readonly askers: Map<number, CallRef>;
  /** What is being written, by ticket. */
  readonly writing: Map<number, Progress>;
  /** What is asked of participants, by tag. */
  readonly asked: Map<number, { readonly progress: Progress; readonly isUndo: boolean }>;
  nextTag: number;
  readonly counts: { done: number; compensated: number; retries: number };
}

export interface SagaOrchestratorView extends View {
  readonly component: 'saga-orchestrator';
  readonly underWay: number;
  readonly done: number;
  readonly compensated: number;
}

export type SagaOrchestratorFact =
  | {
      readonly type: 'saga.turned';
      readonly saga: number;
      readonly step: number;
      readonly isRefused: boolean;
    }
  | { readonly type: 'saga.ended'; readonly saga: number; readonly isDone: boolean }
  | { readonly type: 'saga.resumed'; readonly sagas: number };

const facts: FactTable<SagaOrchestratorFact> = {
  'saga.turned': {
    weight: 'major',
    sentence: (f) =>
      `turns saga ${f.saga} back: step ${f.step} ${f.isRefused ? 'is refused' : 'is not answered'}`,
  },
  'saga.ended': {
    weight: 'minor',
    sentence: (f) => `ends saga ${f.saga}: all of it ${f.isDone ? 'is done' : 'is taken back'}`,
  },
  'saga.resumed': {
    weight: 'major',
    sentence: (f) => `goes on with ${plural(f.sagas, 'saga')} that its log has as under way`,
  },
};

function start(ctx: Ctx): SagaOrchestratorState {
  const { steps, pivot, triesMax } = ctx.config;
  const rules = orchestratorRules(ctx.ablations);
  const disk = ctx.durable as Disk;
  const state: SagaOrchestratorState = {
    config: Object.freeze({ steps, pivot, triesMax, rules }),
    orchestrator: startOrchestrator(disk.values(), rules),
    askers: new Map(),
    writing: new Map(),
    asked: new Map(),
    nextTag: 1,
    counts: { done: 0, compensated: 0, retries: 0 },
  };
  for (const { phase } of disk.values()) {
    if (phase === 'done' || phase === 'compensated') state.counts[phase] += 1;
  }
  const sagas = underWayIn(state);
  if (sagas > 0) ctx.tell<SagaOrchestratorFact>({ type: 'saga.resumed', sagas });
  feed(state, ctx, { type: 'resume' });
  return state;
}

function underWayIn({ orchestrator }: SagaOrchestratorState): number {
  let count = 0;
  for (const { progress, isWriting } of orchestrator.sagas.values()) {
    if (isWriting || !isOver(progress)) count += 1;
  }
  return count;
}

function feed(state: SagaOrchestratorState, ctx: Ctx, input: SagaInput): void {
  const effects: SagaEffect[] = [];
  step(state.config, state.orchestrator, input, effects);
  for (const effect of effects) perform(state, ctx, effect);
}

function perform(state: SagaOrchestratorState, ctx: Ctx, effect: SagaEffect): void {
  switch (effect.type) {
    case 'persist': {
      const ticket = state.nextTag++;
      state.writing.set(ticket, effect.progress);
      ctx.write(effect.progress);
      return ctx.sync(ticket);
    }
    case 'accepted': {
      const call = state.askers.get(effect.saga);
      state.askers.delete(effect.saga);
      if (call !== undefined) ctx.reply<QueueConfirmed>(call, { type: 'queue.confirmed' });
      return;
    }
    case 'ask':
      return ask(state, ctx, effect.progress, effect.isUndo);
    case 'retry':
      state.counts.retries += 1;
      return ctx.setTimer('retry', effect.saga, ms(ctx.config.retryMs));
    case 'turned': {
      const { saga: of, step: at } = effect.progress;
      const { isRefused } = effect;
      return ctx.tell<SagaOrchestratorFact>({ type: 'saga.turned', saga: of, step: at, isRefused });
    }
    case 'ended': {
      const isDone = effect.progress.phase === 'done';
      state.counts[isDone ? 'done' : 'compensated'] += 1;
      const { saga: of } = effect.progress;
      return ctx.tell<SagaOrchestratorFact>({ type: 'saga.ended', saga: of, isDone });
    }
  }
}

function ask(state: SagaOrchestratorState, ctx: Ctx, progress: Progress, isUndo: boolean): void {
  const members = ctx.members('participants');
  const to = members[(progress.step - 1) % Math.max(1, members.length)];
  if (to === undefined) return;
  const tag = state.nextTag++;
  state.asked.set(tag, { progress, isUndo });
  const options = { timeout: ms(ctx.config.timeoutMs), tag };
  const { saga: of, step: at } = progress;
  if (isUndo)
    return void ctx.call<SagaUndo>(to, { type: 'saga.undo', saga: of, step: at }, options);
  const isDoomed = progress.isDoomed && at === ctx.config.refusedStep;
  ctx.call<SagaDo>(to, { type: 'saga.do', saga: of, step: at, isDoomed }, options);
}

function onResult(state: SagaOrchestratorState, ctx: Ctx, tag: number, result: CallResult): void {
  const asked = state.asked.get(tag);
  if (asked === undefined) return;
  state.asked.delete(tag);
  const { progress, isUndo } = asked;
  const answer =
    result.outcome === 'ok' ? 'done' : result.error.code === 'step-refused' ? 'refused' : 'unknown';
  const { saga: of, step: at } = progress;
  feed(state, ctx, { type: 'answered', saga: of, step: at, isUndo, answer });
}

function onBegin(
  state: SagaOrchestratorState,
  ctx: Ctx,
  { value, isPoison }: QueuedMessage,
  call: CallRef | null,
): void {
  if (call !== null) state.askers.set(value, call);
  feed(state, ctx, { type: 'begin', saga: value, isDoomed: isPoison });
}

/** By saga. */
type Disk = Map<number, Progress>;

export const sagaOrchestrator = defineBehaviour<
  SagaOrchestratorState,
  SagaOrchestratorConfig,
  QueuePublish | QueuePost,
  SagaOrchestratorView,
  SagaOrchestratorFact,
  Disk,
  Progress
>({
  component: 'saga-orchestrator',
  about: 'Leads sagas through steps at several participants, or back.',
  source:
    'Garcia-Molina and Salem, Sagas (SIGMOD 1987); Richardson, Microservices Patterns, chapter 4',
  leavesOut: [
    'Choreography: participants that lead each other by events.',
    'Steps at the same time, and sagas within sagas.',
    'Several orchestrators that share the sagas.',
  ],
  badge: 'SO',
  serves: [queue],
  links: {
    participants: { about: 'Who does the steps: member after member.', contract: saga },
  },
  config: sagaOrchestratorConfig,
  check: checkSteps,
  facts,
  rules: ['saga.durable-log', 'saga.reverse-order', 'saga.retry-after-pivot'],
  ruleNeeds: [
    {
      rules: ['saga.reverse-order'],
      acts: ({ pivot }) => pivot > 2,
      hint: 'Give pivot more than 2: else one step at most is taken back.',
    },
  ],
  roleNames: { orchestrator: 'Leads sagas.' },
  durable: {
    empty: () => new Map(),
    apply: (disk, progress) => void disk.set(progress.saga, progress),
    save: (disk) => new Map(disk),
    restore: (image) => new Map(image as Disk),
  },
  start,
  on: {
    'queue.publish': (state, ctx, { message }, _from, call) => onBegin(state, ctx, message, call),
    'queue.post': (state, ctx, { message }) => onBegin(state, ctx, message, null),
  },
  onTimer: (state, ctx, _kind, key) => feed(state, ctx, { type: 'retry', saga: key }),
  onSynced(state, ctx, ticket) {
    const progress = state.writing.get(ticket);
    if (progress === undefined) return;
    state.writing.delete(ticket);
    feed(state, ctx, { type: 'durable', progress });
  },
  onResult,
  gauges: [
    {
      kind: 'level',
      title: 'Under way',
      about: 'Sagas that have begun and not ended.',
      of: underWayIn,
    },
    {
      kind: 'level',
      title: 'Done',
      about: 'Sagas that have ended with all their steps.',
      of: ({ counts }) => counts.done,
    },
    {
      kind: 'level',
      title: 'Compensated',
      about: 'Sagas that have ended with none.',
      of: ({ counts }) => counts.compensated,
    },
    {
      kind: 'count',
      title: 'Retries',
      about: 'Steps and compensations that were not answered and are asked for again.',
      of: ({ counts }) => counts.retries,
    },
  ],
  roles: () => ['orchestrator'],
  view(state) {
    const { counts } = state;
    const underWay = underWayIn(state);
    return {
      component: 'saga-orchestrator',
      underWay,
      done: counts.done,
      compensated: counts.compensated,
      fields: [
        { label: 'Under way', value: underWay },
        { label: 'Done', value: counts.done },
        { label: 'Compensated', value: counts.compensated },
        { label: 'Retries', value: counts.retries },
      ],
    };
  },
});
