/** What an HTTP client may be told: how much it asks, for what, and how it calls. */
import { word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { arrivalsSchema } from '../../traffic/arrivals-schema.ts';
import { callPolicySchema } from '../../traffic/call-policy.ts';
import { popularitySchema } from '../../traffic/popularity-schema.ts';

const strict = { additionalProperties: false } as const;

const CLIENT_NEEDS: readonly Need[] = [
  { settings: ['users', 'thinkMs'], any: [word('load', 'closed')] },
  // In a closed loop each user is a session.
  { settings: ['arrivals', 'sessions'], any: [word('load', 'open')] },
];

export const httpClientConfig = Type.Object(
  {
    load: field.choice(['open', 'closed'], {
      about: 'Open: requests come at their own time. Closed: each user waits for an answer.',
      default: 'open',
    }),
    arrivals: arrivalsSchema,
    users: field.count({
      about: 'Of a closed loop: how many ask, each one at a time.',
      default: 10,
      min: 1,
      max: 1_000_000,
    }),
    thinkMs: field.millis({
      about: 'Of a closed loop: the mean pause between an answer and the next request.',
      default: 1_000,
    }),
    routes: Type.Array(
      Type.Object(
        {
          route: Type.String({ minLength: 1, default: 'GET /item', description: 'Its name.' }),
          share: field.number({
            about: 'How often, beside the others.',
            default: 1,
            min: 0,
            max: 1_000_000,
            unit: '',
          }),
          write: field.flag({ about: 'Whether it changes the object.', default: false }),
          priority: field.count({ about: 'How important: 0 the most.', default: 0, max: 7 }),
        },
        strict,
      ),
      { default: [{}], minItems: 1, description: 'What is asked for, and how often.' },
    ),
    popularity: popularitySchema('requests'),
    sessions: field.count({
      about: 'People behind the requests, each as likely; a sticky balancer knows them.',
      default: 1_000,
      min: 1,
      max: 10_000_000,
    }),
    connections: field.count({
      about: 'Connections that its requests share (HTTP/2); 0: each session has its own.',
      default: 0,
      max: 65_536,
    }),
    call: callPolicySchema,
    startMs: field.millis({ about: 'When the load begins.', default: 0, max: 86_400_000 }),
    stopMs: field.millis({
      about: 'When no new request begins any more; 0: never.',
      default: 0,
      max: 86_400_000,
    }),
  },
  { ...strict, needs: CLIENT_NEEDS },
);

export type HttpClientConfig = Static<typeof httpClientConfig>;
