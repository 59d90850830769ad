/**
 * How a caller calls another group, in the words of the field: whom it picks, how long it waits,
 * when it tries again, and when it does not even try. Shared by clients, services and balancers.
 *
 * Sources: resilience4j at af9e7c97 (breaker, bulkhead), Envoy (retry budget, least request),
 * Finagle (retry budget, peak EWMA), Go database/sql (pool), SRE book chapter 21 (throttling).
 */
import { Type, field } from '../contracts/schema.ts';
import type { Static } from '../contracts/schema.ts';
import { BALANCER_NAMES } from '../policies/balancing/index.ts';
import { RETRY_BUDGET_NAMES } from '../policies/resilience/index.ts';
import { RETRY_POLICY_NAMES } from '../policies/retry/index.ts';
import {
  BACKOFF_NEEDS,
  BALANCE_NEEDS,
  BREAKER_NEEDS,
  BUDGET_NEEDS,
  CALL_NEEDS,
  EJECTION_NEEDS,
  HEDGE_NEEDS,
  POOL_NEEDS,
} from './call-needs.ts';

const strict = { additionalProperties: false } as const;
export const balanceSchema = Type.Object(
  {
    policy: field.choice(BALANCER_NAMES, {
      about: 'Which member gets the next request.',
      default: 'round-robin',
    }),
    weights: Type.Array(
      Type.Number({ minimum: 0, maximum: 1_000_000, description: 'A weight; 0 gets nothing.' }),
      {
        default: [],
        description:
          'Weights of the members in turn; further members begin with the first again, and must ' +
          'come out even (2 weights for 4 members). None: all weigh 1.',
      },
    ),
    hashOn: field.choice(['key', 'session', 'connection'], {
      about: 'Of a policy that hashes: what of the request.',
      default: 'key',
    }),
    choiceCount: field.count({
      about: 'Of power-of-d and least-response-time: how many members are compared.',
      default: 2,
      min: 1,
      max: 1_000,
    }),
    withReplacement: field.flag({
      about: 'Of power-of-d: one member may be drawn twice, as in Envoy.',
      default: true,
    }),
    activeRequestBias: field.number({
      about: 'Of power-of-d with unequal weights: how strongly load lowers a weight.',
      default: 1,
      min: 0,
      max: 10,
      unit: '',
    }),
    decayMs: field.millis({
      about: 'Of least-response-time: how fast old latencies are forgotten.',
      default: 10_000,
      min: 1,
    }),
    pointsPerWeight: field.count({
      about: 'Of ring-hash and bounded-load: points on the ring for each unit of weight.',
      default: 160,
      min: 1,
      max: 100_000,
    }),
    tableSize: field.count({
      about: 'Of maglev: entries of its table, a prime.',
      default: 65_537,
      min: 3,
      max: 5_000_011,
    }),
    balanceFactor: field.number({
      about: 'Of bounded-load: how far above the mean a member may be loaded.',
      default: 1.25,
      min: 1,
      max: 100,
      unit: '',
    }),
  },
  { ...strict, default: {}, description: 'How a member is picked.', needs: BALANCE_NEEDS },
);

const backoffSchema = Type.Object(
  {
    policy: field.choice(RETRY_POLICY_NAMES, {
      about: 'How the pauses grow from try to try.',
      default: 'full-jitter',
    }),
    baseMs: field.millis({ about: 'The first pause, before jitter.', default: 50, max: 600_000 }),
    capMs: field.millis({ about: 'No pause is longer.', default: 1_000, max: 600_000 }),
  },
  { ...strict, default: {}, description: 'The pauses between tries.', needs: BACKOFF_NEEDS },
);

const budgetSchema = Type.Object(
  {
    kind: field.choice(['none', ...RETRY_BUDGET_NAMES], {
      about: 'What bounds the retries of all requests together.',
      default: 'none',
    }),
    ttlMs: field.millis({
      about: 'Of finagle: how long a request counts.',
      default: 10_000,
      min: 1_000,
    }),
    minRetriesPerSec: field.number({
      about: 'Of finagle: retries that are always free.',
      default: 10,
      min: 0,
      unit: '1/s',
    }),
    percentCanRetry: field.probability({
      about: 'Of finagle: retries for each request.',
      default: 0.2,
    }),
    budgetPercent: field.number({
      about: 'Of envoy: retries under way, in per cent of the requests under way.',
      default: 20,
      min: 0,
      max: 100,
      unit: '%',
    }),
    minRetryConcurrency: field.count({
      about: 'Of envoy: so many retries are always allowed at once.',
      default: 3,
      max: 1_000_000,
    }),
  },
  { ...strict, default: {}, description: 'A budget of retries.', needs: BUDGET_NEEDS },
);

const hedgeSchema = Type.Object(
  {
    afterMs: field.millis({
      about: 'Send a second request when the first is not answered by then; 0 never does.',
      default: 0,
      max: 600_000,
    }),
    max: field.count({ about: 'Second requests for one call.', default: 1, min: 1, max: 8 }),
    percentile: Type.Optional(
      Type.Number({
        minimum: 0.01,
        maximum: 0.9999,
        description:
          'Instead of a fixed time: when the first takes longer than this share of the newest ' +
          'ones did. Until enough are known, after `afterMs`.',
        source: 'Dean & Barroso, The Tail at Scale (2013): 0.95',
      }),
    ),
  },
  { ...strict, default: {}, description: 'Hedged requests.', needs: HEDGE_NEEDS },
);

const breakerSchema = Type.Object(
  {
    enabled: field.flag({ about: 'Whether there is a circuit breaker.', default: false }),
    slidingWindowType: field.choice(['count-based', 'time-based'], {
      about: 'Whether the window is of calls or of seconds.',
      default: 'count-based',
    }),
    slidingWindowSize: field.count({
      about: 'Calls, or seconds, in the window.',
      default: 100,
      min: 1,
      max: 100_000,
    }),
    minimumNumberOfCalls: field.count({
      about: 'Fewer calls in the window say nothing.',
      default: 100,
      min: 1,
      max: 100_000,
    }),
    failureRateThreshold: field.number({
      about: 'It opens from this share of failures on.',
      default: 50,
      min: 0.001,
      max: 100,
      unit: '%',
    }),
    slowCallDurationThresholdMs: field.millis({
      about: 'A call that takes longer is slow.',
      default: 60_000,
      min: 0.001,
    }),
    slowCallRateThreshold: field.number({
      about: 'It opens from this share of slow calls on.',
      default: 100,
      min: 0.001,
      max: 100,
      unit: '%',
    }),
    waitDurationInOpenStateMs: field.millis({
      about: 'How long it stays open before it tries.',
      default: 60_000,
      min: 1,
    }),
    permittedNumberOfCallsInHalfOpenState: field.count({
      about: 'So many calls it tries.',
      default: 10,
      min: 1,
      max: 100_000,
    }),
    maxWaitDurationInHalfOpenStateMs: field.millis({
      about: 'It opens again when the tries are not over by then; 0 waits for them.',
      default: 0,
    }),
  },
  {
    ...strict,
    default: {},
    description: 'A circuit breaker, as in resilience4j.',
    needs: BREAKER_NEEDS,
  },
);

const poolSchema = Type.Object(
  {
    maxOpen: field.count({
      about:
        'Connections of each caller to each member, busy and idle; 0 sends without connections. ' +
        'What all callers may open together can be more than a database lets in (its ' +
        'maxConnections), as in reality, where each replica of a service brings a pool of its ' +
        'own: the connections beyond are refused (too-many-connections) while the others are open.',
      default: 0,
      max: 100_000,
      source: 'Go database/sql SetMaxOpenConns',
    }),
    maxIdle: field.count({
      about: 'Idle ones that are kept open.',
      default: 2,
      max: 100_000,
      source: 'Go database/sql SetMaxIdleConns',
    }),
    maxLifetimeMs: field.millis({
      about: 'A connection is not used again when it is older; 0 keeps it.',
      default: 0,
      source: 'Go database/sql SetConnMaxLifetime',
    }),
    waitTimeoutMs: field.millis({
      about: 'How long a request waits for a connection; 0 waits until its own deadline.',
      default: 0,
    }),
  },
  { ...strict, default: {}, description: 'A pool of connections.', needs: POOL_NEEDS },
);

const ejectionSchema = Type.Object(
  {
    failureLimit: field.count({
      about: 'Leave out a member that gave no answer so many times in a row; 0 never does.',
      default: 0,
      max: 1_000_000,
      source: 'twemproxy server_failure_limit',
    }),
    retryMs: field.millis({
      about: 'Try it again after so long.',
      default: 30_000,
      min: 1,
      source: 'twemproxy server_retry_timeout',
    }),
  },
  { ...strict, default: {}, description: 'Who is left out for a while.', needs: EJECTION_NEEDS },
);

export const callPolicySchema = Type.Object(
  {
    timeoutMs: field.millis({
      about: 'How long one try waits for its answer.',
      default: 1_000,
      min: 0.001,
      max: 3_600_000,
    }),
    deadlineMs: field.millis({
      about: 'How long all tries together may take; 0 sets no bound of its own.',
      default: 0,
      max: 3_600_000,
    }),
    propagateDeadline: field.flag({
      about: 'Wait no longer than whoever asked still does.',
      default: false,
    }),
    maxAttempts: field.count({
      about: 'Tries, the first included.',
      default: 1,
      min: 1,
      max: 1_000,
    }),
    retryUnknown: field.flag({
      about: 'Try a write again although nobody knows whether the last try took effect.',
      default: true,
    }),
    retryElsewhere: Type.Optional(
      Type.Boolean({
        description: 'A further try goes to a member not tried yet, if there is one. Default: no.',
        source: 'Envoy retry_host_predicate previous_hosts; nginx proxy_next_upstream',
      }),
    ),
    respectRetryAfter: field.flag({
      about: 'Wait as long as a refusal says before trying again.',
      default: true,
    }),
    backoff: backoffSchema,
    retryBudget: budgetSchema,
    hedge: hedgeSchema,
    circuitBreaker: breakerSchema,
    maxConcurrentCalls: field.count({
      about: 'A bulkhead: calls under way at once; 0 sets no bound. resilience4j: 25.',
      default: 0,
      max: 1_000_000,
    }),
    maxWaitMs: field.millis({
      about: 'How long a call waits for a place in the bulkhead; 0 does not wait.',
      default: 0,
      max: 600_000,
    }),
    throttleK: field.number({
      about:
        'Adaptive throttling: hold back what exceeds K times what is accepted; 0 never. SRE: 2.',
      default: 0,
      min: 0,
      max: 100,
      unit: '',
    }),
    ejection: ejectionSchema,
    pool: poolSchema,
    balance: balanceSchema,
  },
  { ...strict, default: {}, description: 'How it calls.', words: 'Calls', needs: CALL_NEEDS },
);

export type CallPolicy = Static<typeof callPolicySchema>;
