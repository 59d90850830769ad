/**
 * Where the document of a run came from: the scenario that built it and, where the run is one of
 * its variants, what that variant expects. Without it a document is judged by its checks alone.
 *
 * Invariant: expectations are only words about checks that the document has. They decide how a run
 * is judged and never what happens in it.
 */
import { Type } from '../contracts/schema.ts';
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Variant } from '../scenario/scenario.ts';

/** As much of a variant as judging takes; its parameters are in the document already. */
export type JudgedVariant = Pick<Variant, 'name' | 'ablations' | 'expect'>;

export interface DocumentSource {
  /** The id of the scenario. */
  readonly id: string;
  /** Absent where the run is no variant of it. */
  readonly variant?: JudgedVariant;
  /** The variant that it is but for further parameters; with neither every check must hold. */
  readonly near?: JudgedVariant;
}

const closed = { additionalProperties: false };
const name = Type.String({ minLength: 1, maxLength: 200 });

const breaks = Type.Object(
  {
    count: Type.Optional(Type.Integer({ minimum: 1 })),
    witness: Type.Optional(Type.String({ maxLength: 10_000 })),
  },
  closed,
);

const variant = Type.Object(
  {
    name,
    ablations: Type.Optional(Type.Array(name)),
    expect: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([Type.Literal('holds'), Type.Object({ breaks }, closed)]),
      ),
    ),
  },
  closed,
);

export const documentSource = Type.Object(
  { id: name, variant: Type.Optional(variant), near: Type.Optional(variant) },
  closed,
);

/** As much of a run of a built plan as its document hands on. */
export interface Built {
  readonly plan: Plan;
  readonly variant: JudgedVariant | null;
  readonly nearVariant: JudgedVariant | null;
}

/** What a run of a built plan hands on, so that its document is judged as the run was. */
export function sourceOf(id: string, { plan, variant: is, nearVariant }: Built): DocumentSource {
  if (is !== null) return { id, variant: saidOf(is, plan) };
  return nearVariant === null ? { id } : { id, near: saidOf(nearVariant, plan) };
}

/** Further parameters may leave a check out that the nearest variant expects something of. */
function saidOf({ name: title, ablations = [], expect }: JudgedVariant, plan: Plan): JudgedVariant {
  const known = Object.entries(expect ?? {}).filter(([check]) =>
    plan.checks.some(({ id }) => id === check),
  );
  return {
    name: title,
    ...(ablations.length === 0 ? {} : { ablations }),
    ...(expect === undefined ? {} : { expect: Object.fromEntries(known) }),
  };
}

/** Throws a ScenarioError for what is no source, or speaks of checks that are not there. */
export function checkSource(source: DocumentSource, plan: Plan): void {
  const path = 'scenario/from';
  validate(documentSource, source, path);
  const checks = plan.checks.map(({ id }) => id);
  for (const key of ['variant', 'near'] as const) {
    for (const check of Object.keys(source[key]?.expect ?? {})) {
      if (checks.includes(check)) continue;
      throw new ScenarioError(`The document expects something of a check "${check}" it has not.`, {
        path: `${path}/${key}/expect/${check}`,
        hint: didYouMean(check, checks),
      });
    }
  }
}
