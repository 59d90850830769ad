/** What scenarios of services that tell of their orders have in common. */
import type { CheckPlan, FaultEntry, GroupPlan } from 'faultline';
import { BROKER, producerAt } from './queue-parts.ts';

interface Words {
  readonly [name: string]: unknown;
}

export const SERVICE = 's';
export const CONSUMER = 'c';

export const ORDERS = 40;
export const FIRST_MS = 1_000;
const GAP_MS = 100;
const FSYNC_MS = 2;
const DOWN_MS = 30;
export const END_MS = 7_000;

/** When order k is sent; it is a millisecond on its way, and then two to the disk. */
export const sentMs = (k: number): number => FIRST_MS + k * GAP_MS;

/** Orders at whose handling the service crashes. */
export const CRASHED = [5, 10, 15, 20, 25] as const;
/** Then the order is on disk, if it is written first, and no answer of the broker is here. */
export const CRASH_AFTER_MS = 4;

const diskOf = (ms: number) => ({ fsync: { kind: 'constant', ms } }) as const;
const disk = diskOf(FSYNC_MS);

export const outboxGroups = (service: Words, client: Words): readonly GroupPlan[] => {
  const producer = producerAt(Array.from({ length: ORDERS }, (_, k) => sentMs(k)));
  return [
    {
      ...producer,
      links: { queue: SERVICE },
      config: { ...producer.config, ...client },
    },
    {
      name: SERVICE,
      component: 'outbox-service',
      count: 1,
      disk,
      links: { broker: BROKER },
      config: service,
    },
    { name: BROKER, component: 'queue-broker', count: 1, disk: diskOf(1) },
    {
      name: CONSUMER,
      component: 'inbox-consumer',
      count: 1,
      disk,
      links: { queue: BROKER },
      config: { reconnectMs: 10 },
    },
  ];
};

export const crashes = (
  what: string,
  target: string,
  orders: readonly number[],
  afterMs: number,
): readonly FaultEntry[] =>
  orders.map((k) => ({
    id: `${what}-${k}`,
    // The process ends, and its machine says so: channels end at once.
    fault: { type: 'crash', target, machineUp: true },
    atMs: sentMs(k) + afterMs,
    forMs: DOWN_MS,
  }));

const ANY = { lost: null, phantom: null, repeated: null };

export const effectsCheck = (
  id: string,
  args: { readonly [kind: string]: number },
  about: string,
): CheckPlan => ({ id, use: 'effects', args: { ...ANY, ...args }, about });

export const knownAgain = (times: number): CheckPlan => ({
  id: 'came-again',
  use: 'gauge',
  args: {
    group: CONSUMER,
    gauge: 'Known already',
    measure: 'total',
    atLeast: times,
    atMost: times,
  },
  about: `Events that came again and were known: ${times}.`,
});
