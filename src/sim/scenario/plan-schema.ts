/** The shape of a plan as a schema: what a document may say, and the names that a plan knows. */
import { Type } from '../contracts/schema.ts';
import { faultEntrySchema } from '../faults/schema.ts';

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

export const planSchema = Type.Object(
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
