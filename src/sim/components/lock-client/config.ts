/** What a client of locks may be told. */
import { word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';

export const lockClientConfig = Type.Object(
  {
    locks: field.count({
      about: 'How many locks it uses, drawn uniformly: r0, r1, ... Each protects a resource.',
      default: 1,
      min: 1,
      max: 10_000,
    }),
    startMs: field.millis({ about: 'When it first asks.', default: 0, max: 86_400_000 }),
    rounds: field.count({
      about: 'How often it takes a lock; 0: again and again.',
      default: 0,
      max: 1_000_000,
    }),
    thinkMs: field.millis({
      about: 'The mean pause (exponential) between giving a lock back and asking again.',
      default: 100,
      max: 3_600_000,
    }),
    retryMs: field.millis({
      about: 'The mean pause (exponential) before it asks again for a lock that is held.',
      default: 50,
      min: 0.001,
      max: 3_600_000,
    }),
    workMs: field.millis({
      about: 'How long it computes between reading the resource and writing it.',
      default: 20,
      max: 3_600_000,
    }),
    renew: field.flag({
      about: 'Prolong the lease while it works, each third of its time.',
      default: true,
      source: 'etcd clients keep leases alive each third of the TTL',
    }),
    checkLease: field.flag({
      about: 'Before it writes, look at its own clock whether the lease still runs.',
      default: false,
    }),
    lead: field.flag({
      about: 'It leads while it holds the lock: it reads, computes and writes again and again.',
      default: false,
      source: 'Burrows, Chubby (OSDI 2006): a lock that is held for long elects a primary',
    }),
    release: field.flag({ about: 'Give the lock back when it is done.', default: true }),
    timeoutMs: field.millis({
      about: 'How long it waits for an answer.',
      default: 1_000,
      min: 1,
      max: 3_600_000,
    }),
  },
  {
    additionalProperties: false,
    needs: [
      {
        settings: ['rounds'],
        any: [word('lead', false)],
        why: 'whoever leads keeps the lock as long as it can',
      },
    ],
  },
);

export type LockClientConfig = Static<typeof lockClientConfig>;
