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
  if (name === 'ring-hash' || name === 'bounded-load') {
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
  checkBreaker(policy, path, (words['circuitBreaker'] ?? {}) as Given);
  const { maxOpen } = policy.pool;
  if (maxOpen > 0 && policy.maxWaitMs > 0) {
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
