/**
 * What sagas have left behind in the end: how many are half done, how many steps stand more than
 * once, and how often a step stood while one before it was not there, each in exact numbers.
 *
 * Invariant: it is read from participants and orchestrators that run; otherwise it is not known. A
 * saga that an orchestrator has under way is not half done yet.
 *
 * Source: Garcia-Molina and Salem, Sagas (SIGMOD 1987): T1..Tn, or T1..Tj, Cj..C1
 */
import { sagaOrchestrator } from '../components/saga-orchestrator/saga-orchestrator.ts';
import type { SagaOrchestratorState } from '../components/saga-orchestrator/saga-orchestrator.ts';
import { sagaParticipant } from '../components/saga-participant/saga-participant.ts';
import type {
  SagaParticipantFact,
  SagaParticipantState,
} from '../components/saga-participant/saga-participant.ts';
import { Type } from '../contracts/schema.ts';
import { isOver } from '../protocols/saga/orchestrate.ts';
import { plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';
import type { CheckEnv, Verdict } from './check.ts';
import { statesOf } from './component-states.ts';
import { countedAtEnd, exactly } from './exact-counts.ts';
import type { Count, CountedFinding } from './exact-counts.ts';
import { checkServers } from './told.ts';

const KINDS = ['halfDone', 'repeated', 'outOfOrder', 'underWay'] as const;
type Kind = (typeof KINDS)[number];
const CALLED: { readonly [kind in Kind]: string } = {
  halfDone: 'half done',
  repeated: 'repeated',
  outOfOrder: 'out of order',
  underWay: 'under way',
};
type Args = { readonly [kind in Kind]: number | null };

interface Image {
  readonly standing: readonly (readonly [number, readonly number[]])[];
  readonly disorder: readonly CountedFinding[];
  readonly atEnd: readonly [Verdict, string];
}

export const sagas = defineCheck<Args, Image, SagaParticipantFact>({
  use: 'sagas',
  about:
    'In the end exactly so many sagas are half done or still under way, exactly so many steps ' +
    'stand more than once, and exactly so often a step stood without one before it.',
  args: Type.Object(
    {
      halfDone: exactly('Sagas that are over with some of their steps, and not all'),
      repeated: exactly('Times that a step stands beside the first'),
      outOfOrder: exactly('Times that a step was done or taken back around one that it needs'),
      underWay: exactly('Sagas that have begun and not ended', null),
    },
    { additionalProperties: false },
  ),
  check: (_args, path, run) => checkServers('sagas', { group: '', path }, run),
  create(args, env) {
    /** Steps that stand, by saga. */
    let standing = new Map<number, Set<number>>();
    let disorder: CountedFinding[] = [];
    const atEnd = countedAtEnd(
      KINDS,
      args,
      env,
      () => {
        const account = accountIn(env);
        return typeof account === 'string' ? account : countOf(account, disorder);
      },
      CALLED,
    );
    return {
      ...atEnd,
      facts: ['saga.step-done', 'saga.step-undone'],
      onFact({ fact }) {
        const why = noteStep(standing, fact);
        if (why !== null) disorder.push({ why, ops: [] });
      },
      save: () => ({
        standing: [...standing].map(([saga, steps]) => [saga, [...steps]] as const),
        disorder: [...disorder],
        atEnd: atEnd.save(),
      }),
      restore(image) {
        standing = new Map(image.standing.map(([saga, steps]) => [saga, new Set(steps)]));
        disorder = [...image.disorder];
        atEnd.restore(image.atEnd);
      },
    };
  },
});

function countOf(account: Account, outOfOrder: readonly CountedFinding[]): Count<Kind> {
  const found = { ...account, outOfOrder };
  const counts = KINDS.map((kind) => `${found[kind].length} ${CALLED[kind]}`).join(', ');
  return { ...found, words: `${plural(account.sagas, 'saga')}: ${counts}` };
}

/** Whether steps that stand are no longer the first of their saga, one after the other. */
export function noteStep(
  standing: Map<number, Set<number>>,
  { type, saga, step, times }: SagaParticipantFact,
): string | null {
  let steps = standing.get(saga);
  if (steps === undefined) standing.set(saga, (steps = new Set()));
  if (type === 'saga.step-done') {
    steps.add(step);
    return steps.size < step && times === 1
      ? `Step ${step} of saga ${saga} was done while one before it did not stand.`
      : null;
  }
  if (times > 0) return null;
  steps.delete(step);
  const last = Math.max(0, ...steps);
  return last > step
    ? `Step ${step} of saga ${saga} was taken back while step ${last} stood.`
    : null;
}

type Account = { readonly [kind in Exclude<Kind, 'outOfOrder'>]: readonly CountedFinding[] } & {
  readonly sagas: number;
};

function accountIn({ world }: CheckEnv): Account | string {
  const orchestrators = statesOf(sagaOrchestrator, world);
  const participants = statesOf(sagaParticipant, world);
  if (typeof orchestrators === 'string') return orchestrators;
  if (typeof participants === 'string') return participants;
  return accountOf(orchestrators, participants);
}

/** What it looks at of them. */
type Leads = Pick<SagaOrchestratorState, 'config' | 'orchestrator'>;
type Does = Pick<SagaParticipantState, 'steps'>;

export function accountOf(orchestrators: readonly Leads[], participants: readonly Does[]): Account {
  const ongoing = new Set<number>();
  const all = new Set<number>();
  for (const { orchestrator } of orchestrators) {
    for (const { progress, isWriting } of orchestrator.sagas.values()) {
      all.add(progress.saga);
      if (isWriting || !isOver(progress)) ongoing.add(progress.saga);
    }
  }
  const repeated: CountedFinding[] = [];
  const steps = new Map<number, number[]>();
  for (const { saga, step, times } of participants.flatMap((one) => [...one.steps.rows.values()])) {
    all.add(saga);
    if (times === 0) continue;
    steps.set(saga, [...(steps.get(saga) ?? []), step]);
    for (let i = 2; i <= times; i += 1) {
      repeated.push({ why: `Step ${step} of saga ${saga} stands ${i} times.`, ops: [] });
    }
  }
  const whole = Math.max(0, ...orchestrators.map(({ config }) => config.steps));
  const halfDone = [...steps]
    .filter(([saga, stand]) => stand.length < whole && !ongoing.has(saga))
    .map(([saga, stand]) => ({
      why: `Of saga ${saga} only step ${stand.sort((a, b) => a - b).join(', ')} stands.`,
      ops: [],
    }));
  const underWay = [...ongoing].map((saga) => ({ why: `Saga ${saga} has not ended.`, ops: [] }));
  return { halfDone, repeated, underWay, sagas: all.size };
}
