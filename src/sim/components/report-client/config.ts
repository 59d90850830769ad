/** What a client that reads everything twice may be told. */
import { changesNothing } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';

export const KEEPS = ['nothing', 'items', 'answers'] as const;

const keys = (about: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
    default: [],
    maxItems: 20,
    uniqueItems: true,
    description: about,
  });

export const reportClientConfig = Type.Object(
  {
    items: keys('The items that a transaction reads, in this order.'),
    questions: keys('The sets of rows that it asks for after them: which rows are there?'),
    keeps: field.choice(KEEPS, {
      about:
        'What it reads a second time from its own copy: nothing; items; or also the answers to ' +
        'its questions.',
      default: 'nothing',
      source: 'HAT 5.1.1: item cut isolation, predicate cut isolation',
    }),
    startMs: field.millis({
      about: 'When the first transaction begins.',
      default: 0,
      withinRun: 'it never reads',
    }),
    everyMs: field.millis({
      about: 'How long from the beginning of one to that of the next.',
      default: 100,
      min: 0.001,
    }),
    stopMs: field.millis({
      about: 'When no new one begins any more; 0 means never.',
      default: 0,
    }),
    gapMs: field.millis({
      about: 'How long a transaction waits before it reads everything again.',
      default: 20,
    }),
    tryTimeoutMs: field.millis({
      about: 'How long it waits for one server before it asks the next; each is asked once.',
      default: 250,
      min: 0.001,
    }),
  },
  { additionalProperties: false },
);

export type ReportClientConfig = Static<typeof reportClientConfig>;

export function checkReportClient(
  { items, questions, keeps }: ReportClientConfig,
  { path, links }: GroupSettings,
): void {
  if (items.length + questions.length === 0) {
    throw new ScenarioError('A report reads nothing.', {
      path: `${path}/config/items`,
      hint: 'Name what it reads: items: [price].',
    });
  }
  if (links.has('rows') !== questions.length > 0) {
    throw links.has('rows')
      ? changesNothing(
          'rows',
          'it asks no questions',
          `${path}/links/rows`,
          'Write questions: [orders], or leave the link out.',
        )
      : new ScenarioError('Nobody answers the questions.', {
          path: `${path}/config/questions`,
          hint: 'Link rows to a group of quorum-store whose conflicts are or-set.',
        });
  }
  if (keeps === 'items' && items.length === 0) {
    throw changesNothing('keeps', 'it reads no items', `${path}/config/keeps`, 'Write answers.');
  }
}
