/**
 * The shape of what a link packs: interventions, and what replaces or limits the plan.
 *
 * A link holds data only. This schema says that the data has the right shape; whether a fault's
 * target or an action exists is decided by the session, which knows the run.
 */
import { Type, Value } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { Limits } from '../kernel/limits.ts';
import type { Plan } from '../scenario/plan.ts';
import { documentSource } from './document-source.ts';
import type { DocumentSource } from './document-source.ts';
import type { Intervention } from './spec.ts';

/** The packed part of a link. */
export interface LinkExtras {
  readonly document?: Plan;
  readonly from?: DocumentSource;
  readonly planOverride?: Partial<Plan>;
  readonly limits?: Partial<Limits>;
  readonly interventions?: readonly Intervention[];
}

export const INTERVENTIONS_MAX = 10_000;

const closed = { additionalProperties: false };
const name = Type.String({ minLength: 1, maxLength: 200 });
const wholeNumber = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const fault = Type.Object({ type: name });

const act = Type.Union([
  Type.Object({ do: Type.Literal('inject'), id: name, fault }, closed),
  Type.Object({ do: Type.Literal('undo'), id: name }, closed),
  Type.Object({ do: Type.Literal('heal-all') }, closed),
  Type.Object(
    { do: Type.Literal('action'), node: name, action: name, args: Type.Unknown() },
    closed,
  ),
  Type.Object({ do: Type.Literal('spawn'), group: name }, closed),
  Type.Object({ do: Type.Literal('retire'), node: name }, closed),
]);

const intervention = Type.Object(
  { micros: wholeNumber, afterEventNumber: wholeNumber, act },
  closed,
);

const plan = Type.Object({
  title: Type.String(),
  durationMs: Type.Number({ exclusiveMinimum: 0 }),
  groups: Type.Array(Type.Object({})),
});

const extras = Type.Object(
  {
    document: Type.Optional(plan),
    from: Type.Optional(documentSource),
    planOverride: Type.Optional(Type.Object({})),
    limits: Type.Optional(Type.Record(Type.String(), wholeNumber)),
    interventions: Type.Optional(Type.Array(intervention, { maxItems: INTERVENTIONS_MAX })),
  },
  closed,
);

/** Returns the data as what it is, or throws a ScenarioError that names the wrong place. */
export function checkExtras(value: unknown): LinkExtras {
  if (!Value.Check(extras, value)) {
    const first = Value.Errors(extras, value)[0];
    const at = first === undefined ? '' : first.instancePath.replaceAll('/', '.');
    throw new ScenarioError(
      `The link holds something that is no part of a run: ${reason(first)}.`,
      {
        path: `link.x${at}`,
        hint: 'It may come from a newer version, or have been edited by hand.',
      },
    );
  }
  // The schema says less than the types: faults and plans are checked by who knows their parts.
  const checked: LinkExtras = value as object;
  checkOrder(checked.interventions ?? []);
  return checked;
}

function reason(error: { readonly instancePath: string; readonly message: string } | undefined) {
  if (error === undefined) return 'its shape is wrong';
  const where = error.instancePath === '' ? 'it' : error.instancePath.slice(1).replaceAll('/', '.');
  return `${where} ${error.message}`;
}

/** Interventions are merged in this order by the loop, so a list in another order is no run. */
function checkOrder(interventions: readonly Intervention[]): void {
  for (let at = 1; at < interventions.length; at += 1) {
    const before = interventions[at - 1]!;
    const here = interventions[at]!;
    const inOrder =
      before.micros <= here.micros && before.afterEventNumber <= here.afterEventNumber;
    if (inOrder) continue;
    throw new ScenarioError('The interventions of the link are not in the order of the run.', {
      path: `link.x.interventions.${at}`,
    });
  }
}
