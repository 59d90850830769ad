/** What scenarios of message queues have in common. */
import type { CheckPlan, GroupPlan } from 'faultline';

interface Words {
  readonly [name: string]: unknown;
}

export const BROKER = 'q';
export const PRODUCER = 'p';
export const WORKERS = 'w';

export const producerTo = (ratePerSecond: number, config: Words): GroupPlan => ({
  name: PRODUCER,
  component: 'queue-producer',
  count: 1,
  links: { queue: BROKER },
  config: { arrivals: { kind: 'constant', ratePerSecond }, ...config },
});

/** Messages at these times. */
export const producerAt = (timesMs: readonly number[], config: Words = {}): GroupPlan => ({
  name: PRODUCER,
  component: 'queue-producer',
  count: 1,
  links: { queue: BROKER },
  config: { arrivals: { kind: 'replay', timesMs }, ...config },
});

export const workersOf = (count: number, config: Words): GroupPlan => ({
  name: WORKERS,
  component: 'queue-consumer',
  count,
  links: { queue: BROKER },
  config,
});

export const nothingLost: CheckPlan = {
  id: 'nothing-lost',
  use: 'queue-total',
  args: { lost: 0 },
  about: 'Every message that was confirmed is done, a dead letter, or still there.',
};

/** A millisecond each way. */
export const NETWORK = { latency: { kind: 'constant', ms: 1 } } as const;
