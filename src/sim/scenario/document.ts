/**
 * Documents: a plan written as YAML or JSON by a person or a stranger. It can say everything that
 * uses catalogue parts; it carries no code. What is missing is filled in, what is wrong is named.
 */
import { Type } from '../contracts/schema.ts';
import { Value } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { faultEntrySchema } from '../faults/schema.ts';
import { checkPlan } from './check-plan.ts';
import type { Plan } from './plan.ts';
import { makeRegistry } from './registry.ts';

const anything = Type.Unsafe<unknown>(Type.Any());
const text = Type.String();
const record = Type.Record(Type.String(), anything);

const group = Type.Object(
  {
    name: text,
    component: text,
    count: Type.Integer({ minimum: 1, default: 1 }),
    placement: Type.Optional(anything),
    config: Type.Optional(record),
    links: Type.Optional(Type.Record(Type.String(), Type.String())),
    cores: Type.Optional(Type.Integer({ minimum: 1 })),
    disk: Type.Optional(record),
    clock: Type.Optional(record),
  },
  { additionalProperties: false },
);

const check = Type.Object(
  { id: text, use: text, args: Type.Optional(record), about: Type.Optional(text) },
  { additionalProperties: false },
);

const story = Type.Object(
  {
    title: text,
    text,
    at: anything,
    focus: Type.Optional(Type.Array(anything)),
    predict: Type.Optional(record),
    check: Type.Optional(text),
  },
  { additionalProperties: false },
);

export const documentSchema = Type.Object(
  {
    title: text,
    summary: Type.String({ default: '' }),
    durationMs: Type.Number({ exclusiveMinimum: 0 }),
    network: Type.Unsafe<object>(Type.Object({}, { default: {} })),
    groups: Type.Array(group, { minItems: 1 }),
    faults: Type.Array(faultEntrySchema, { default: [] }),
    healAtMs: Type.Optional(Type.Number({ minimum: 0 })),
    checks: Type.Array(check, { default: [] }),
    story: Type.Array(story, { default: [] }),
    limits: Type.Optional(record),
  },
  { additionalProperties: false },
);

/** Returns the plan that a document says, or throws a ScenarioError with the place. */
export function planFromDocument(document: unknown): Plan {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new ScenarioError('A scenario document is a set of named values.', {
      hint: 'It begins with title, durationMs and groups.',
    });
  }
  const known = Object.keys(documentSchema.properties);
  for (const name of Object.keys(document)) {
    if (known.includes(name)) continue;
    throw new ScenarioError(`A document has no part "${name}".`, {
      path: name,
      hint: didYouMean(name, known),
    });
  }
  const filled = Value.Default(documentSchema, Value.Clone(document));
  const error = Value.Errors(documentSchema, filled)[0];
  if (error !== undefined) {
    const path = error.instancePath.replace(/^\//, '');
    const where = path === '' ? 'The document' : path;
    throw new ScenarioError(`${where} ${error.message}${detail(error.params)}.`, { path });
  }
  const plan = filled as Plan;
  checkPlan(plan, makeRegistry());
  return plan;
}

function detail(params: object): string {
  const named = params as {
    readonly requiredProperties?: readonly string[];
    readonly additionalProperties?: readonly string[];
  };
  const names = named.requiredProperties ?? named.additionalProperties ?? [];
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}
