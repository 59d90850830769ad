/** What a service that tells of its orders may be told. */
import { word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';

export const outboxServiceConfig = Type.Object(
  {
    queue: field.text({ about: 'Where it publishes; empty: the first queue.', default: '' }),
    publish: field.choice(['outbox', 'after-commit', 'before-commit'], {
      about:
        'How the broker hears of an order: from a table of events that is written with the order ' +
        'and emptied by a relay, or, a dual write, from the service itself after or before the ' +
        'commit.',
      default: 'outbox',
      source: 'Richardson, Pattern: Transactional outbox',
    }),
    pollMs: field.millis({
      about: 'How often the relay looks into the table; 0: it is told of each commit.',
      default: 100,
      source: '0: a log of changes is read (Debezium); else polling, like Spring Modulith',
    }),
    retryMs: field.millis({
      about: 'The pause before the relay publishes again what was not confirmed.',
      default: 100,
    }),
    gapMs: field.millis({
      about: 'What a dual write does between its two writes: an event is made, a client is called.',
      default: 1,
    }),
    timeoutMs: field.millis({
      about: 'How long it waits for the broker to confirm an event.',
      default: 1_000,
      min: 1,
    }),
  },
  {
    additionalProperties: false,
    needs: [
      { settings: ['pollMs', 'retryMs'], any: [word('publish', 'outbox')] },
      { settings: ['gapMs'], any: [word('publish', 'after-commit', 'before-commit')] },
    ],
  },
);

export type OutboxServiceConfig = Static<typeof outboxServiceConfig>;
