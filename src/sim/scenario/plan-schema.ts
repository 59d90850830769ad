/** The shape of a plan as a schema: what a document may say, and the names that a plan knows. */
import { Type } from '../contracts/schema.ts';
import { faultEntrySchema } from '../faults/schema.ts';
import { LONGEST_MS } from '../kernel/time.ts';
import { SCHEDULINGS } from '../node/scheduling/index.ts';

const strict = { additionalProperties: false };
const text = (description: string, byDefault?: string) =>
  Type.String(byDefault === undefined ? { description } : { description, default: byDefault });
/** A part with a language of its own, checked by its own words. */
const part = (description: string, shape: string) =>
  Type.Unsafe<unknown>(Type.Any({ description, shape }));
const record = (description: string, shape: string) =>
  Type.Record(Type.String(), Type.Unsafe<unknown>(Type.Any()), { description, shape });

export const groupSchema = Type.Object(
  {
    name: text('The group; its nodes are `name1`, `name2` and so on. Small letters and hyphens.'),
    component: text('What each of its nodes is.'),
    count: Type.Integer({ minimum: 1, default: 1, description: 'How many nodes.' }),
    placement: Type.Optional(
      part(
        '`spread` over the zones in turn, or one zone for all; without it, spread.',
        'placement',
      ),
    ),
    config: Type.Optional(record('The settings of the component.', 'settings')),
    links: Type.Optional(
      Type.Record(Type.String(), Type.String({ description: 'The name of a group.' }), {
        description: 'Which group it calls, for each link of the component.',
        shape: 'link: group',
      }),
    ),
    cores: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Processors of each node; without it, 1.' }),
    ),
    scheduling: Type.Optional(
      Type.Enum([...SCHEDULINGS], {
        description:
          'How work shares the processors of a node: in the order in which it came, all at once, ' +
          'the most important first, or the newest first; without it, `fifo`.',
      }),
    ),
    disk: Type.Optional(record('The disk of each node.', 'disk')),
    clock: Type.Optional(record('The clocks of each node.', 'clock')),
  },
  strict,
);

export const checkSchema = Type.Object(
  {
    id: text('Names the check in reports; unique in the document.'),
    use: text('Which check of the catalogue.'),
    args: Type.Optional(record('Its arguments.', 'arguments')),
    about: Type.Optional(text('What it means here, for people.')),
  },
  strict,
);

export const momentSchema = Type.Object(
  {
    ms: Type.Optional(Type.Number({ minimum: 0, unit: 'ms', description: 'This time.' })),
    when: Type.Optional(text('The first time that this predicate holds.')),
    args: Type.Optional(part('The arguments of the predicate.', 'arguments')),
  },
  strict,
);

export const predictSchema = Type.Object(
  {
    question: text('What will happen?'),
    options: Type.Array(Type.String(), { minItems: 1, description: 'The answers to choose from.' }),
    answer: Type.Integer({ minimum: 0, description: 'The right one, counted from 0.' }),
    because: text('Why it is right; shown afterwards.'),
  },
  strict,
);

export const storySchema = Type.Object(
  {
    title: text('A few words.'),
    text: text('What can be seen, and why.'),
    at: Type.Unsafe<unknown>({
      ...momentSchema,
      description: 'The moment that it speaks of.',
      shape: 'moment',
    }),
    focus: Type.Optional(
      Type.Array(part('', 'selector'), { description: 'What lights up while it is read.' }),
    ),
    predict: Type.Optional(
      Type.Unsafe<object>({
        ...predictSchema,
        description: 'A question that is asked before the run goes on.',
        shape: 'question',
      }),
    ),
    check: Type.Optional(text('The id of the check that proves it.')),
  },
  strict,
);

export const planSchema = Type.Object(
  {
    title: text('The name of the scenario, for people.'),
    summary: text('What it shows, in a sentence or two.', ''),
    durationMs: Type.Number({
      exclusiveMinimum: 0,
      maximum: LONGEST_MS,
      unit: 'ms',
      description: 'How long the run lasts, in simulated time.',
    }),
    network: Type.Unsafe<object>(
      Type.Object({}, { default: {}, description: 'The links between nodes.', shape: 'network' }),
    ),
    groups: Type.Array(groupSchema, {
      minItems: 1,
      description: 'The nodes, in groups that are alike.',
      shape: 'list of groups',
    }),
    faults: Type.Array(faultEntrySchema, {
      default: [],
      description: 'What breaks, and when.',
      shape: 'list of fault entries',
    }),
    healAtMs: Type.Optional(
      Type.Number({
        minimum: 0,
        unit: 'ms',
        description: 'Every fault is undone, and none strikes any more; without it, never.',
      }),
    ),
    checks: Type.Array(checkSchema, {
      default: [],
      description: 'What must hold; without any, the verdict is pass.',
      shape: 'list of checks',
    }),
    story: Type.Array(storySchema, {
      default: [],
      description: 'What the page tells while it is watched.',
      shape: 'list of story steps',
    }),
    limits: Type.Optional(
      record('What stops a run that does not end; the verdict is then unknown.', 'limits'),
    ),
  },
  strict,
);
