/** What cannot work in a call policy although its schema allows it. */
import { changesNothing } from '../contracts/needs.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { Given, LinkedGroup } from '../node/behaviour.ts';
import { BALANCERS } from '../policies/balancing/index.ts';
import { isPrime } from '../policies/hashing/maglev.ts';
import { RING_POINTS_MAX, pointCount } from '../policies/hashing/ring.ts';
import type { CallPolicy } from './call-policy.ts';

/** Policies that do not look at weights. */
export const WEIGHTLESS: readonly string[] = ['round-robin', 'random', 'modulo', 'jump'];

/** The weight of a member says how many points it has there, be it that of all. */
const isRing = (policy: string): boolean => policy === 'ring-hash' || policy === 'bounded-load';

/** `words` is the policy as it is given, before its defaults. */
export function checkCallPolicy(
  policy: CallPolicy,
  target: LinkedGroup,
  path: string,
  words: unknown,
): void {
  const { weights, policy: name, tableSize } = policy.balance;
  const weighed = Array.from({ length: target.count }, (_, i) =>
    weights.length === 0 ? 1 : (weights[i % weights.length] as number),
  );
  if (weighed.every((weight) => weight === 0)) {
    throw new ScenarioError(
      `Every member of "${target.group}" has weight 0: nobody gets a request.`,
      {
        path: `${path}/balance/weights`,
        hint: 'Give at least one of them a weight above 0.',
      },
    );
  }
  if (weights.length > 0 && target.count % weights.length > 0) {
    throw new ScenarioError(
      `There are ${weights.length} weights, but "${target.group}" has ${target.count} members.`,
      {
        path: `${path}/balance/weights`,
        hint: `They are given to the members in turn: give each its own, ${target.count} in all.`,
      },
    );
  }
  if (name === 'maglev' && !isPrime(tableSize)) {
    throw new ScenarioError(`The table of maglev needs a prime, and ${tableSize} is none.`, {
      path: `${path}/balance/tableSize`,
      hint: 'Envoy uses 65537.',
    });
  }
  if (name === 'maglev' && tableSize < target.count) {
    throw new ScenarioError(`A table of ${tableSize} has no place for ${target.count} members.`, {
      path: `${path}/balance/tableSize`,
      hint: 'Envoy uses 65537.',
    });
  }
  if (isRing(name)) {
    checkRing(weighed, policy.balance.pointsPerWeight, path);
  }
  if (policy.pool.maxOpen > 0 && !target.serves.includes('sql')) {
    throw new ScenarioError(`A pool is for connections of a database; "${target.group}" is none.`, {
      path: `${path}/pool`,
      hint: 'maxConcurrentCalls bounds the calls of any group.',
    });
  }
  const { maxOpen, maxLifetimeMs, waitTimeoutMs } = policy.pool;
  if (maxOpen === 0 && (maxLifetimeMs > 0 || waitTimeoutMs > 0)) {
    throw new ScenarioError('A pool that opens no connection is none.', {
      path: `${path}/pool/maxOpen`,
      hint: 'Give it at least 1; without a pool leave out its other settings, too.',
    });
  }
  if (policy.backoff.baseMs > policy.backoff.capMs) {
    throw new ScenarioError('The first pause is longer than the longest.', {
      path: `${path}/backoff/baseMs`,
      hint: `capMs is ${policy.backoff.capMs}.`,
    });
  }
  checkScattered(name, target, { path: `${path}/balance/policy`, hint: 'Take ring-hash' });
  checkVain(policy, target, path, (words ?? {}) as Given);
}

/** What members keep, each its own part, if one knows nothing of another. */
function keptApart({ component, roles }: LinkedGroup): string | null {
  if (component === 'cache') return 'copies of an object';
  if (component === 'limit-store') return 'counts of a key';
  return component === 'database' && !roles.includes('primary') ? 'writes of a row' : null;
}

/** Of such members each is right for its keys only, and who picks must go by the key. */
export function checkScattered(
  policy: string,
  target: LinkedGroup,
  { path, hint }: { readonly path: string; readonly hint: string },
): void {
  const kept = target.count > 1 ? keptApart(target) : null;
  if (kept === null || BALANCERS.some(({ name, usesKey }) => name === policy && usesKey)) return;
  const replicas =
    target.component === 'database' ? '; replicas are a group with the link "primary"' : '';
  throw new ScenarioError(
    `With ${policy} the ${kept} are scattered over the ${target.count} of "${target.group}".`,
    { path, hint: `${hint}, or give "${target.group}" count: 1${replicas}.` },
  );
}

/** A ring is built anew whenever its members change. */
function checkRing(weights: readonly number[], pointsPerWeight: number, path: string): void {
  const points = weights.reduce(
    (sum, weight) => sum + (weight === 0 ? 0 : pointCount(weight, pointsPerWeight)),
    0,
  );
  if (points <= RING_POINTS_MAX) return;
  throw new ScenarioError(`The ring would have ${points} points.`, {
    path: `${path}/balance/${weights.some((weight) => weight > 1) ? 'weights' : 'pointsPerWeight'}`,
    hint: `It has ${RING_POINTS_MAX} at most; lower the weights or pointsPerWeight.`,
  });
}

/** What a schema cannot say: settings that change nothing by what others are, or by the group. */
function checkVain(policy: CallPolicy, target: LinkedGroup, path: string, words: Given): void {
  const { policy: name, weights, hashOn } = policy.balance;
  if (weights.length === 1 && target.count > 1 && !isRing(name)) {
    throw changesNothing(
      'weights',
      `one of them is that of all ${target.count} members`,
      `${path}/balance/weights`,
      `Give each member its own, ${target.count} in all, or leave the weights out.`,
    );
  }
  // Whoever has weight 0 gets nothing from any policy.
  if (new Set(weights.filter((weight) => weight > 0)).size > 1 && WEIGHTLESS.includes(name)) {
    throw changesNothing(
      'weights',
      `${name} does not look at them`,
      `${path}/balance/weights`,
      'Choose a policy: smooth-weighted-round-robin, weighted-random, least-connections; or ' +
        'leave the weights out.',
    );
  }
  if (hashOn !== 'key' && !target.serves.includes('http')) {
    throw changesNothing(
      'hashOn',
      `"${target.group}" is asked for keys, and knows no ${hashOn}`,
      `${path}/balance/hashOn`,
      'Write hashOn: key, or leave it out.',
    );
  }
  checkHedge(policy, path);
  checkDeadline(policy, path);
  checkBudget(policy, path);
  checkLone(policy, target, path);
  checkBreaker(policy, path, (words['circuitBreaker'] ?? {}) as Given);
  checkPool(policy, path, (words['pool'] ?? {}) as Given);
  if (policy.pool.maxOpen > 0 && policy.maxWaitMs > 0) {
    throw changesNothing(
      'maxWaitMs',
      'who waits for a connection waits by its pool',
      `${path}/maxWaitMs`,
      'Give pool/waitTimeoutMs instead.',
    );
  }
}

/** By then the first request is given up, or the call. Over a pool a try may take twice as long. */
function checkHedge({ hedge, timeoutMs, deadlineMs, pool }: CallPolicy, path: string): void {
  const { afterMs, percentile } = hedge;
  if (percentile !== undefined || afterMs === 0) return;
  const isOverTimeout = pool.maxOpen === 0 && afterMs >= timeoutMs;
  const isOverDeadline = deadlineMs > 0 && afterMs >= deadlineMs;
  if (!isOverTimeout && !isOverDeadline) return;
  const [bound, ms] = isOverTimeout ? ['timeoutMs', timeoutMs] : ['deadlineMs', deadlineMs];
  throw changesNothing(
    'afterMs',
    `by then the first request is over, for ${bound} is ${ms}`,
    `${path}/hedge/afterMs`,
    `Give less than ${ms}, or leave the hedge out.`,
  );
}

/** One try is over by then. A further one may wait as long as a refusal says. */
function checkDeadline(policy: CallPolicy, path: string): void {
  const { deadlineMs, timeoutMs, maxAttempts, maxWaitMs, hedge, pool } = policy;
  if (deadlineMs === 0 || maxAttempts > 1 || hedge.afterMs > 0) return;
  const isPooled = pool.maxOpen > 0;
  // Without a time of its own a wait for a connection lasts until the deadline.
  if (isPooled && pool.waitTimeoutMs === 0) return;
  const longestMs = isPooled ? pool.waitTimeoutMs + 2 * timeoutMs : maxWaitMs + timeoutMs;
  if (deadlineMs < longestMs) return;
  throw changesNothing(
    'deadlineMs',
    `there is one try, and it is over after ${longestMs} ms`,
    `${path}/deadlineMs`,
    `Give less than ${longestMs}, or maxAttempts more than 1; or leave it out.`,
  );
}

/** A budget of which nothing is ever left. */
function checkBudget({ maxAttempts, retryBudget: budget }: CallPolicy, path: string): void {
  if (maxAttempts === 1) return;
  const of = { envoy: 'budgetPercent', finagle: 'percentCanRetry' } as const;
  const least = { envoy: 'minRetryConcurrency', finagle: 'minRetriesPerSec' } as const;
  const kind = budget.kind as keyof typeof of | 'none';
  if (kind === 'none' || budget[of[kind]] > 0 || budget[least[kind]] > 0) return;
  throw changesNothing(
    'maxAttempts',
    'its budget allows no retry',
    `${path}/maxAttempts`,
    `Give retryBudget/${of[kind]} or retryBudget/${least[kind]} more than 0, or maxAttempts: 1.`,
  );
}

/** Who cannot be passed over, for there is nobody else. */
function checkLone(policy: CallPolicy, { count, group }: LinkedGroup, path: string): void {
  if (count > 1) return;
  const isEjecting = policy.ejection.failureLimit > 0;
  const isElsewhere = policy.retryElsewhere === true && policy.maxAttempts > 1;
  if (!isEjecting && !isElsewhere) return;
  const at = isEjecting ? 'ejection/failureLimit' : 'retryElsewhere';
  throw changesNothing(
    isEjecting ? 'failureLimit' : at,
    `"${group}" has one member, and no other to go to`,
    `${path}/${at}`,
    `Give "${group}" count: 2 or more, or leave it out.`,
  );
}

function checkPool({ pool }: CallPolicy, path: string, words: Given): void {
  const { maxOpen, maxIdle } = pool;
  if (words['maxOpen'] === 0) {
    throw changesNothing(
      'maxOpen',
      '0 sends without connections, as without a pool',
      `${path}/pool/maxOpen`,
      'Leave `pool` out for none, or give maxOpen at least 1.',
    );
  }
  if (words['maxIdle'] === undefined || maxOpen === 0 || maxIdle <= maxOpen) return;
  throw new ScenarioError(`Of ${maxOpen} connections ${maxIdle} can never be idle.`, {
    path: `${path}/pool/maxIdle`,
    hint: `Give ${maxOpen} at most: then none is closed when it is done.`,
  });
}

function checkBreaker(
  { circuitBreaker: breaker, timeoutMs, pool }: CallPolicy,
  path: string,
  words: Given,
): void {
  if (!breaker.enabled) return;
  const at = `${path}/circuitBreaker`;
  const { slidingWindowType, slidingWindowSize, minimumNumberOfCalls: least } = breaker;
  const isGiven = words['minimumNumberOfCalls'] !== undefined;
  if (isGiven && slidingWindowType === 'count-based' && least > slidingWindowSize) {
    throw changesNothing(
      'minimumNumberOfCalls',
      `the window is of ${slidingWindowSize} calls, and that many always suffice`,
      `${at}/minimumNumberOfCalls`,
      `Give at most ${slidingWindowSize}, or slidingWindowType: time-based.`,
    );
  }
  const longest = pool.maxOpen > 0 ? 2 * timeoutMs : timeoutMs;
  if (breaker.slowCallDurationThresholdMs < longest) return;
  const slow = ['slowCallDurationThresholdMs', 'slowCallRateThreshold'];
  const name = slow.find((one) => words[one] !== undefined);
  if (name === undefined) return;
  throw changesNothing(
    name,
    `no call is slow, for none takes ${breaker.slowCallDurationThresholdMs} ms`,
    `${at}/${name}`,
    `Give slowCallDurationThresholdMs less than timeoutMs, ${timeoutMs}.`,
  );
}
