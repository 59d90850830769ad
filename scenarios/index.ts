/**
 * The catalogue: every scenario by topic, in the order in which a newcomer should meet them. An
 * explicit list; nothing registers itself.
 */
import type { AnyScenario } from 'faultline';
import metastableFailure from './anti-patterns/metastable-failure.ts';
import retryStorm from './anti-patterns/retry-storm.ts';
import cpPartition from './cap/cp-partition.ts';
import flappingLink from './consensus/flapping-link.ts';
import leaderFailover from './consensus/leader-failover.ts';
import splitVote from './consensus/split-vote.ts';
import oneSlowBackend from './load-balancing/one-slow-backend.ts';
import bulkhead from './patterns/bulkhead.ts';
import circuitBreaker from './patterns/circuit-breaker.ts';
import hedging from './patterns/hedging.ts';
import loadShedding from './patterns/load-shedding.ts';
import retryBudget from './patterns/retry-budget.ts';
import healthChecks from './load-balancing/health-checks.ts';
import outlierEjection from './load-balancing/outlier-ejection.ts';

export interface Topic {
  /** The first part of its scenarios' ids, and their folder. */
  readonly id: string;
  readonly title: string;
  /** One sentence: what there is to learn. */
  readonly about: string;
}

export const topics: readonly Topic[] = [
  {
    id: 'cap',
    title: 'CAP: consistency or availability',
    about: 'What a system may still promise while its network is cut.',
  },
  {
    id: 'consensus',
    title: 'Consensus',
    about: 'How servers agree on a leader and a log, and what keeps them from it.',
  },
  {
    id: 'patterns',
    title: 'Patterns',
    about: 'What keeps a service up when those around it fail, and what it costs.',
  },
  {
    id: 'anti-patterns',
    title: 'Anti-patterns',
    about: 'What seems to help and makes it worse.',
  },
  {
    id: 'load-balancing',
    title: 'Load balancing',
    about: 'Who gets the next request, and how a balancer finds out who can take it.',
  },
];

export const catalogue: readonly AnyScenario[] = [
  cpPartition,
  leaderFailover,
  splitVote,
  flappingLink,
  circuitBreaker,
  bulkhead,
  retryBudget,
  hedging,
  loadShedding,
  retryStorm,
  metastableFailure,
  oneSlowBackend,
  healthChecks,
  outlierEjection,
];
