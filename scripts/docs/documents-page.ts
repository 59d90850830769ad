/** The reference page of documents: each word of a plan, from the schemas that check it. */
import type { TObject } from 'faultline';
import { everySchema, faultEntrySchema, whenSchema } from '../../src/sim/faults/schema.ts';
import { DISTRIBUTION_KINDS } from '../../src/sim/policies/distribution-schema.ts';
import {
  checkSchema,
  groupSchema,
  momentSchema,
  planSchema,
  predictSchema,
  storySchema,
} from '../../src/sim/scenario/plan-schema.ts';
import {
  BETWEEN_WORDS,
  CLOCK_WORDS,
  DISK_WORDS,
  LIMIT_WORDS,
  LINK_WORDS,
  NETWORK_WORDS,
  PLACEMENT_WORDS,
  REGION_WORDS,
} from '../../src/sim/scenario/words-schema.ts';
import { SELECTOR_FORMS } from '../../src/sim/world/selector-schema.ts';
import { STEP_SCHEMAS } from '../../src/sim/components/service/check-steps.ts';
import { ARRIVAL_SCHEMAS } from '../../src/sim/traffic/arrivals-schema.ts';
import { callPolicySchema } from '../../src/sim/traffic/call-policy.ts';
import { code, paragraphs, settings, table } from './markdown.ts';

/** Each heading with what is said under it and the words it knows. */
const SECTIONS: readonly (readonly [string, string, TObject])[] = [
  ['## The document', 'A set of named values.', planSchema],
  ['## Groups', 'Each entry of `groups`. What `config` and `links` know is in', groupSchema],
  ['### placement', 'The word `spread`, or:', PLACEMENT_WORDS],
  ['### disk', 'For components that keep something on disk.', DISK_WORDS],
  ['### clock', 'A node has two clocks: timers read one, timestamps the other.', CLOCK_WORDS],
  ['## network', 'The most particular word wins: a link, then a pair, then these.', NETWORK_WORDS],
  ['### regions', 'Each entry of `network.regions`.', REGION_WORDS],
  ['### between', 'Each entry of `network.between`; it counts both ways.', BETWEEN_WORDS],
  ['### links', 'Each entry of `network.links`.', LINK_WORDS],
  [
    '## Faults',
    'Each entry of `faults`; one of `atMs`, `every` and `when` is needed. The faults are in',
    faultEntrySchema,
  ],
  ['### every', 'Again and again.', everySchema],
  ['### when', 'When something comes to hold. The predicates are in', whenSchema],
  ['## Checks', 'Each entry of `checks`. What each accepts is in', checkSchema],
  ['## Story', 'Each entry of `story`.', storySchema],
  ['### at', 'The moment: `ms`, or `when` with its `args`.', momentSchema],
  ['### predict', 'A question to the one who watches.', predictSchema],
  ['## limits', 'The verdict of a run that they end is unknown.', LIMIT_WORDS],
];

const PAGES: { readonly [heading: string]: string } = {
  '## Groups': ' [components](components.md).',
  '## Faults': ' [faults](faults.md).',
  '### when': ' [predicates](predicates.md).',
  '## Checks': ' [checks](checks.md).',
};

export function documentsPage(): string {
  return paragraphs([
    ...SECTIONS.flatMap(([heading, about, schema]) => [
      heading,
      `${about}${PAGES[heading] ?? ''}`,
      settings(schema),
    ]),
    '## Selectors',
    'Which nodes. It is resolved when the fault strikes, and a list of selectors is their union.',
    selectors(),
    '## Distributions',
    'How long: a set of named values that begins with its `kind`. Each value is drawn anew.',
    ...DISTRIBUTION_KINDS.flatMap((kind) => [
      `### ${kind.properties.kind.const}`,
      (kind as { readonly description?: string }).description ?? '',
      settings(kind, ['kind']),
    ]),
    '## Calls',
    'How a client, a service or a balancer calls another group; each setting may be left out.',
    settings(callPolicySchema),
    '## Steps',
    'What a service does for a request: a list of steps, each of which begins with `do`.',
    ...kinds(STEP_SCHEMAS, 'do'),
    '## Arrivals',
    'When requests come, in an open loop: a set of named values that begins with its `kind`.',
    ...kinds(ARRIVAL_SCHEMAS, 'kind'),
  ]);
}

/** A part for each kind of something that begins with its kind. */
const kinds = (schemas: { readonly [kind: string]: TObject }, tag: string): readonly string[] =>
  Object.entries(schemas).flatMap(([kind, schema]) => [
    `### ${kind}`,
    (schema as { readonly description?: string }).description ?? '',
    settings(schema, [tag]),
  ]);

const PARTS = { text: 'name', 'text?': 'name', count: 'number', selector: 'selector' } as const;

function selectors(): string {
  const forms = SELECTOR_FORMS.map(({ about, parts }) => {
    const words = Object.entries(parts).map(([name, part]) => `${name}: ${PARTS[part]}`);
    return [code(`{ ${words.join(', ')} }`), about];
  });
  return table(
    ['form', 'it names'],
    [
      [code('n3'), 'A node: the third of group `n`.'],
      [code('n'), 'A group.'],
      [code('all'), 'Every node.'],
      ...forms,
    ],
  );
}
