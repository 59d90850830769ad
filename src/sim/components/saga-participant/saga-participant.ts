/**
 * A participant of sagas with its database: it does steps and takes them back.
 *
 * Invariant: a step is answered once what became of it is on disk.
 */
import type { FactTable } from '../../contracts/facts.ts';
import { saga } from '../../contracts/saga.ts';
import type { SagaDo, SagaDone, SagaUndo } from '../../contracts/saga.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, View } from '../../node/behaviour.ts';
import { decide, keyOf } from '../../protocols/saga/participate.ts';
import type {
  Decision,
  ParticipantState,
  StepRequest,
  StepRow,
} from '../../protocols/saga/participate.ts';
import { participantRules } from '../../protocols/saga/rules.ts';
import type { ParticipantRules } from '../../protocols/saga/rules.ts';

const config = Type.Object(
  {
    workMs: field.millis({ about: 'How long a step keeps a core busy.', default: 5 }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof config>;
type Ctx = Context<Config>;

interface Job extends StepRequest {
  readonly isDoomed: boolean;
  readonly call: CallRef;
}

export interface SagaParticipantState {
  readonly rules: ParticipantRules;
  readonly steps: ParticipantState;
  /** Requests that are worked on, by tag. */
  readonly jobs: Map<number, Job>;
  /** What is being written, and for whom, by ticket. */
  readonly writing: Map<number, { readonly decision: Decision; readonly job: Job }>;
  nextTag: number;
  /** Steps that stand, on disk. */
  standing: number;
  /** When each that stands was done, by its own clock; since this life began. */
  readonly since: Map<string, number>;
  readonly counts: { done: number; takenBack: number; refused: number; again: number };
}

export interface SagaParticipantView extends View {
  readonly component: 'saga-participant';
  readonly standing: number;
}

export type SagaParticipantFact =
  | {
      readonly type: 'saga.step-done';
      readonly saga: number;
      readonly step: number;
      readonly times: number;
    }
  | {
      readonly type: 'saga.step-undone';
      readonly saga: number;
      readonly step: number;
      readonly times: number;
      readonly visibleMs: number;
    };

const facts: FactTable<SagaParticipantFact> = {
  'saga.step-done': {
    weight: 'minor',
    sentence: (f) =>
      `does step ${f.step} of saga ${f.saga}${f.times > 1 ? ` for the ${f.times}th time` : ''}`,
  },
  'saga.step-undone': {
    weight: 'minor',
    sentence: (f) =>
      `takes step ${f.step} of saga ${f.saga} back, which everybody could see for ` +
      `${Math.round(f.visibleMs)} ms`,
  },
};

interface Disk {
  readonly rows: Map<string, StepRow>;
}

function onRequest(state: SagaParticipantState, ctx: Ctx, job: Job): void {
  const tag = state.nextTag++;
  state.jobs.set(tag, job);
  ctx.work(ms(ctx.config.workMs), tag);
}

function onWorked(state: SagaParticipantState, ctx: Ctx, tag: number): void {
  const job = state.jobs.get(tag);
  if (job === undefined) return;
  state.jobs.delete(tag);
  if (job.isDoomed) return refuse(state, ctx, job);
  const decision = decide(state.rules, state.steps, job);
  const { row } = decision;
  if (!decision.isDone) return refuse(state, ctx, job);
  if (row === null) state.counts.again += 1;
  else ctx.write(row);
  // Also where nothing is to be written: what it repeats may not be on disk yet.
  state.writing.set(tag, { decision, job });
  ctx.sync(tag);
}

function refuse({ counts }: SagaParticipantState, ctx: Ctx, { call }: Job): void {
  counts.refused += 1;
  ctx.refuse(call, 'step-refused');
}

function onSynced(state: SagaParticipantState, ctx: Ctx, ticket: number): void {
  const written = state.writing.get(ticket);
  if (written === undefined) return;
  state.writing.delete(ticket);
  tell(state, ctx, written.decision);
  ctx.reply<SagaDone>(written.job.call, { type: 'saga.done' });
}

function tell(state: SagaParticipantState, ctx: Ctx, { row, change }: Decision): void {
  // One that is taken back and never came is only remembered.
  if (row === null || change === 0) return;
  const { saga: of, step, times } = row;
  const key = keyOf(row);
  state.standing += change;
  if (change > 0) {
    state.counts.done += 1;
    state.since.set(key, ctx.mono());
    return ctx.tell<SagaParticipantFact>({ type: 'saga.step-done', saga: of, step, times });
  }
  const visibleMs = (ctx.mono() - (state.since.get(key) ?? ctx.mono())) / 1_000;
  state.counts.takenBack += 1;
  state.since.delete(key);
  ctx.tell<SagaParticipantFact>({ type: 'saga.step-undone', saga: of, step, times, visibleMs });
}

function standingIn({ rows }: ParticipantState): number {
  let count = 0;
  for (const { times } of rows.values()) count += times;
  return count;
}

export const sagaParticipant = defineBehaviour<
  SagaParticipantState,
  Config,
  SagaDo | SagaUndo,
  SagaParticipantView,
  SagaParticipantFact,
  Disk,
  StepRow
>({
  component: 'saga-participant',
  about: 'Does steps of sagas in its database, and takes them back.',
  source: 'Garcia-Molina and Salem, Sagas (SIGMOD 1987); Apache Seata, TCC mode',
  leavesOut: [
    'What a step is: it stands or it does not.',
    'Countermeasures against what others see meanwhile (semantic locks, commutative updates).',
    'Compensations that fail for good.',
  ],
  badge: 'SP',
  serves: [saga],
  links: {},
  config,
  facts,
  rules: ['saga.idempotent-steps', 'saga.remember-undone'],
  roleNames: { participant: 'Does steps of sagas.' },
  durable: {
    empty: () => ({ rows: new Map() }),
    apply: ({ rows }, row) => void rows.set(keyOf(row), row),
    save: ({ rows }) => ({ rows: new Map(rows) }),
    restore: (image) => ({ rows: new Map((image as Disk).rows) }),
  },
  start(ctx) {
    const steps = { rows: new Map((ctx.durable as Disk).rows) };
    return {
      rules: participantRules(ctx.ablations),
      steps,
      jobs: new Map(),
      writing: new Map(),
      nextTag: 1,
      standing: standingIn(steps),
      since: new Map(),
      counts: { done: 0, takenBack: 0, refused: 0, again: 0 },
    };
  },
  on: {
    'saga.do': (state, ctx, { saga: of, step, isDoomed }, _from, call) =>
      onRequest(state, ctx, { saga: of, step, isUndo: false, isDoomed, call }),
    'saga.undo': (state, ctx, { saga: of, step }, _from, call) =>
      onRequest(state, ctx, { saga: of, step, isUndo: true, isDoomed: false, call }),
  },
  onWorked,
  onSynced,
  gauges: [
    {
      kind: 'level',
      title: 'Standing',
      about: 'Steps that are done and not taken back.',
      of: ({ standing }) => standing,
    },
    {
      kind: 'count',
      title: 'Taken back',
      about: 'Steps that were done, seen by whoever looked, and taken back.',
      of: ({ counts }) => counts.takenBack,
    },
    {
      kind: 'count',
      title: 'Asked again',
      about: 'Requests for what was done already.',
      of: ({ counts }) => counts.again,
    },
  ],
  roles: () => ['participant'],
  view: ({ standing, jobs, counts }) => ({
    component: 'saga-participant',
    standing,
    fields: [
      { label: 'Standing', value: standing },
      { label: 'Being done', value: jobs.size },
      { label: 'Taken back', value: counts.takenBack },
      { label: 'Refused', value: counts.refused },
      { label: 'Asked again', value: counts.again },
    ],
  }),
});
