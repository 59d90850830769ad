/** What an orchestrator of sagas may be told. */
import { over } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';

export const sagaOrchestratorConfig = Type.Object(
  {
    steps: field.count({
      about: 'Steps of a saga: the first at the first participant, and so on, round and round.',
      default: 4,
      min: 1,
      max: 20,
    }),
    pivot: field.count({
      about:
        'The step that decides: those before it can be taken back, it and those behind cannot.',
      default: 3,
      min: 1,
      max: 20,
      source: 'Richardson, Microservices Patterns, section 4.3',
    }),
    refusedStep: field.count({
      about: 'The step at which a saga that cannot succeed (a poisoned message) is refused.',
      default: 3,
      min: 1,
      max: 20,
    }),
    timeoutMs: field.millis({
      about: 'How long it waits for a participant.',
      default: 1_000,
      min: 1,
    }),
    triesMax: field.count({
      about:
        'A step before the pivot that is not answered so often is given up, and all goes back.',
      default: 3,
      min: 1,
    }),
    retryMs: field.millis({ about: 'The pause before the next try.', default: 100, min: 0.001 }),
  },
  { additionalProperties: false, needs: [{ settings: ['triesMax'], any: [over('pivot', 1)] }] },
);

export type SagaOrchestratorConfig = Static<typeof sagaOrchestratorConfig>;

export function checkSteps(config: SagaOrchestratorConfig, { path }: GroupSettings): void {
  const { steps, pivot, refusedStep } = config;
  if (pivot > steps) {
    throw new ScenarioError(`The pivot is step ${pivot}, and there are ${steps}.`, {
      path: `${path}/config/pivot`,
      hint: `At most ${steps}; the last step is one that nothing has to follow.`,
    });
  }
  if (refusedStep > pivot) {
    throw new ScenarioError(`Step ${refusedStep} cannot be refused: it is behind the pivot.`, {
      path: `${path}/config/refusedStep`,
      hint: `At most ${pivot}: what follows the pivot must succeed in the end.`,
    });
  }
}
