/** Settings that change nothing as long as another one is not so and so: each with its remedy. */
import { config, groupOf, links, mistake, of } from './sound.ts';
import type { Loose, Mistake } from './sound.ts';

/** `settings` are given to a group, and the one at `place` changes nothing. */
function dead(name: string, settings: Loose, place: string, hint: RegExp): Mistake {
  const last = place.slice(place.lastIndexOf('/') + 1);
  const says = new RegExp(`\\b${last} changes nothing: .+\\.`);
  return of(name, `${JSON.stringify(settings)}`, settings, place, says, hint);
}

const HASHED = { policy: 'ring-hash', hashOn: 'session' };
const balanced = (balance: Loose, setting: string, hint: RegExp): Mistake =>
  dead('balancer', { call: { balance } }, `call/balance/${setting}`, hint);

const ofBalancing: readonly Mistake[] = [
  balanced({ choiceCount: 3 }, 'choiceCount', /policy: power-of-d or least-response-time/),
  balanced({ policy: 'random', withReplacement: false }, 'withReplacement', /power-of-d/),
  balanced(
    { policy: 'power-of-d', choiceCount: 1, withReplacement: false },
    'withReplacement',
    /choiceCount more than 1/,
  ),
  balanced({ activeRequestBias: 0 }, 'activeRequestBias', /power-of-d/),
  balanced({ policy: 'power-of-d', decayMs: 5 }, 'decayMs', /least-response-time/),
  balanced({ policy: 'maglev', pointsPerWeight: 5 }, 'pointsPerWeight', /ring-hash/),
  balanced({ policy: 'ring-hash', tableSize: 101 }, 'tableSize', /maglev/),
  balanced({ policy: 'ring-hash', balanceFactor: 2 }, 'balanceFactor', /bounded-load/),
  ...['round-robin', 'random', 'least-connections', 'power-of-d'].map((policy) =>
    balanced({ policy, hashOn: 'session' }, 'hashOn', /ring-hash, maglev, bounded-load/),
  ),
  dead(
    'balancer',
    { sticky: 'session', call: { balance: { hashOn: 'session' } } },
    'call/balance/hashOn',
    /ring-hash/,
  ),
  dead('balancer', { slowStart: { aggression: 2 } }, 'slowStart/aggression', /windowMs/),
  dead(
    'balancer',
    { slowStart: { minWeightPercent: 5 } },
    'slowStart/minWeightPercent',
    /windowMs/,
  ),
  dead(
    'balancer',
    { slowStart: { windowMs: 5 }, call: { balance: { policy: 'power-of-d' } } },
    'slowStart/windowMs',
    /healthCheck\/enabled: true/,
  ),
  dead('balancer', { panicThresholdPercent: 20 }, 'panicThresholdPercent', /outlierDetection/),
  dead('balancer', { maxTracked: 20 }, 'maxTracked', /sticky: session/),
  dead('balancer', { healthCheck: { rise: 2 } }, 'healthCheck/rise', /enabled: true/),
  dead('balancer', { zoneAware: { minClusterSize: 2 } }, 'zoneAware/minClusterSize', /enabled/),
  ...[{ retryMs: 9 }, { failureLimit: 3 }].map((ejection) =>
    dead(
      'balancer',
      { call: { ejection } },
      `call/ejection/${Object.keys(ejection).join('')}`,
      /outlierDetection: \{ enabled: true/,
    ),
  ),
  dead(
    'balancer',
    { outlierDetection: { enabled: true, failurePercentageThreshold: 5 } },
    'outlierDetection/failurePercentageThreshold',
    /enforcingFailurePercentage more than 0/,
  ),
  of(
    'balancer',
    'zones where there is but one',
    { zoneAware: { enabled: true } },
    'zoneAware/enabled',
    /zoneAware changes nothing: .* one zone/,
    /regions with zones/,
  ),
  mistake(
    'balancer: zones, and a hash of what a cache does not know',
    (d) => (config(d, 'app')['upstreams'] = [{ to: 'cache', balance: HASHED }]),
    'groups/app/config/upstreams/0/balance/hashOn',
    /hashOn changes nothing: "cache" is asked for keys/,
    /hashOn: key/,
  ),
];

const called = (call: Loose, place: string, hint: RegExp): Mistake =>
  dead('users', { call: { timeoutMs: 50, ...call } }, `call/${place}`, hint);

const ON = { enabled: true };

const ofCalls: readonly Mistake[] = [
  called({ ejection: { retryMs: 9 } }, 'ejection/retryMs', /failureLimit more than 0/),
  called({ hedge: { max: 2 } }, 'hedge/max', /afterMs more than 0/),
  called({ hedge: { afterMs: 0, max: 2 } }, 'hedge/max', /afterMs/),
  called({ hedge: { percentile: 0.9 } }, 'hedge/percentile', /afterMs/),
  called({ hedge: { afterMs: 50 } }, 'hedge/afterMs', /less than 50/),
  called({ hedge: { afterMs: 30 }, deadlineMs: 20 }, 'hedge/afterMs', /less than 20/),
  called({ backoff: { baseMs: 5 } }, 'backoff', /maxAttempts is 1.*at least 2/),
  called({ maxAttempts: 1, retryElsewhere: true }, 'retryElsewhere', /at least 2/),
  called({ respectRetryAfter: false }, 'respectRetryAfter', /at least 2/),
  called({ retryUnknown: false }, 'retryUnknown', /hedge\/afterMs/),
  called(
    { maxAttempts: 2, backoff: { policy: 'constant', capMs: 90 } },
    'backoff/capMs',
    /exponential/,
  ),
  called({ maxWaitMs: 5 }, 'maxWaitMs', /maxConcurrentCalls more than 0/),
  called(
    { maxAttempts: 2, retryBudget: { kind: 'finagle', budgetPercent: 30 } },
    'retryBudget/budgetPercent',
    /kind: envoy/,
  ),
  called(
    { maxAttempts: 2, retryBudget: { kind: 'envoy', ttlMs: 2_000 } },
    'retryBudget/ttlMs',
    /kind: finagle/,
  ),
  called(
    { circuitBreaker: { ...ON, slidingWindowSize: 10, minimumNumberOfCalls: 20 } },
    'circuitBreaker/minimumNumberOfCalls',
    /at most 10, or slidingWindowType: time-based/,
  ),
  called(
    { circuitBreaker: { ...ON, slowCallRateThreshold: 20 } },
    'circuitBreaker/slowCallRateThreshold',
    /slowCallDurationThresholdMs less than timeoutMs, 50/,
  ),
  called(
    { circuitBreaker: { ...ON, slowCallDurationThresholdMs: 60 } },
    'circuitBreaker/slowCallDurationThresholdMs',
    /less than timeoutMs, 50/,
  ),
  mistake(
    'app: a wait for a place besides one for a connection',
    (d) => (config(d, 'app')['upstreams'] = [{ to: 'db', pool: { maxOpen: 4 }, maxWaitMs: 5 }]),
    'groups/app/config/upstreams/0/maxWaitMs',
    /maxWaitMs changes nothing/,
    /pool\/waitTimeoutMs/,
  ),
  mistake(
    'app: idle connections of no pool',
    (d) => (config(d, 'app')['upstreams'] = [{ to: 'db', pool: { maxIdle: 4 } }]),
    'groups/app/config/upstreams/0/pool/maxIdle',
    /maxIdle changes nothing: maxOpen is 0/,
    /maxOpen more than 0/,
  ),
];

const ofCaches: readonly Mistake[] = [
  dead('cache', { beta: 2 }, 'beta', /earlyRefresh: xfetch/),
  dead('cache', { ttlMs: 0, staleMs: 9 }, 'staleMs', /ttlMs more than 0/),
  dead('cache', { ttlMs: 0, ttlJitter: 0.1 }, 'ttlJitter', /ttlMs more than 0/),
  dead('cache', { leaseMs: 9 }, 'leaseMs', /leases: true/),
  dead('front', { leaseMs: 9 }, 'leaseMs', /mode: aside/),
  dead('front', { writeBackMs: 9 }, 'writeBackMs', /mode: write-back/),
  dead('cache', { origin: { timeoutMs: 9 } }, 'origin', /write-through/),
  dead('cache', { negativeTtlMs: 9 }, 'negativeTtlMs', /negative: true/),
];

const onReplica = (setting: string, value: unknown): Mistake =>
  mistake(
    `copy: ${setting} of a replica`,
    (d) => (groupOf(d, 'copy')['config'] = { [setting]: value }),
    `groups/copy/config/${setting}`,
    /changes nothing: a replica refuses writes/,
    /primary/,
  );

const ofDatabases: readonly Mistake[] = [
  ...['read', 'write'].map((kind) =>
    dead(
      'db',
      { [kind]: { slowTime: { kind: 'constant', ms: 9 } } },
      `${kind}/slowTime`,
      /slowShare more than 0/,
    ),
  ),
  mistake(
    'db: a slow statement that is never slow',
    (d) => {
      config(d, 'app')['steps'].push({ do: 'query', to: 'db', statement: 'search' });
      const slowTime = { kind: 'constant', ms: 9 };
      config(d, 'db')['statements'] = [{ statement: 'search', slowTime }];
    },
    'groups/db/config/statements/0/slowTime',
    /slowTime changes nothing/,
    /slowShare/,
  ),
  dead(
    'db',
    { replicationDelay: { kind: 'constant', ms: 9 } },
    'replicationDelay',
    /links: \{ primary/,
  ),
  dead('db', { statusIntervalMs: 9 }, 'statusIntervalMs', /links: \{ primary/),
  dead('db', { walWriterDelayMs: 9 }, 'walWriterDelayMs', /synchronousCommit: false/),
  onReplica('lockTimeoutMs', 9),
  onReplica('commitMs', 9),
  onReplica('synchronousCommit', false),
  dead('db', { furtherRowMs: 1 }, 'furtherRowMs', /together/),
  mistake(
    'db: connections that nobody opens',
    (d) => {
      delete config(d, 'app')['upstreams'];
      config(d, 'db')['maxConnections'] = 7;
    },
    'groups/db/config/maxConnections',
    /maxConnections changes nothing: nobody asks over connections/,
    /pool: \{ maxOpen/,
  ),
  mistake(
    'db: a statement that no step runs',
    (d) => {
      config(d, 'app')['steps'].push({ do: 'query', to: 'db', statement: 'search' });
      config(d, 'db')['statements'] = [{ statement: 'search' }, { statement: 'report' }];
    },
    'groups/db/config/statements/1/statement',
    /no step runs "report"/,
    /do: query, statement: report/,
  ),
];

const admitted = (admission: Loose, place: string, hint: RegExp): Mistake =>
  dead('app', { admission }, `admission/${place}`, hint);

const ofServices: readonly Mistake[] = [
  admitted({ concurrencyLimit: 4, codelTargetMs: 9 }, 'codelTargetMs', /codel: true/),
  admitted({ concurrencyLimit: 4, codelIntervalMs: 9 }, 'codelIntervalMs', /codel: true/),
  admitted({ maxQueue: 9 }, 'maxQueue', /concurrencyLimit/),
  admitted({ concurrencyLimit: 4, maxLimit: 3 }, 'maxLimit', /limitPolicy: .*aimd/),
  admitted({ concurrencyLimit: 4, minLimit: 3 }, 'minLimit', /aimd/),
  admitted({ concurrencyLimit: 4, limitPolicy: 'vegas', minLimit: 3 }, 'minLimit', /aimd/),
  ...(
    [
      ['above its most', { concurrencyLimit: 9, maxLimit: 5 }, 'maxLimit'],
      ['above its usual most', { concurrencyLimit: 300 }, 'maxLimit'],
      ['below its least', { concurrencyLimit: 2, minLimit: 5 }, 'minLimit'],
    ] as const
  ).map(([what, limits, place]) =>
    of(
      'app',
      `a limit that starts ${what}`,
      { admission: { limitPolicy: 'aimd', ...limits } },
      `admission/${place}`,
      /The limit starts at \d+, beyond its /,
      /between \d+ and \d+/,
    ),
  ),
  dead('app', { gc: { pauseMs: 9 } }, 'gc/pauseMs', /everyMs more than 0/),
  dead('app', { gc: { everyMs: 9, pauseMs: 0 } }, 'gc/everyMs', /pauseMs more than 0/),
  dead('app', { memory: { perRequestMb: 9 } }, 'memory/perRequestMb', /limitMb more than 0/),
  dead('app', { memory: { restartMs: 9 } }, 'memory/restartMs', /limitMb/),
  dead('app', { memory: { limitMb: 99 } }, 'memory/limitMb', /perRequestMb more than 0/),
  dead(
    'app',
    { shutdown: { mode: 'immediate', timeoutMs: 9 } },
    'shutdown/timeoutMs',
    /mode: graceful/,
  ),
  mistake(
    'app: a link that no step follows',
    (d) => (links(d, 'app')['copy'] = 'copy'),
    'groups/app/links/copy',
    /The link "copy" changes nothing: no step follows it/,
    /to: copy.* leave the link out/,
  ),
];

const byItself = (settings: Loose): ((d: Loose) => void) => {
  const own = { policy: 'token-bucket', where: 'local', ...settings };
  return (d) => {
    delete links(d, 'limiter')['store'];
    groupOf(d, 'limiter')['config'] = own;
  };
};
const limited = (settings: Loose, setting: string, hint: RegExp): Mistake =>
  mistake(
    `limiter: ${JSON.stringify(settings)}`,
    byItself(settings),
    `groups/limiter/config/${setting}`,
    new RegExp(`\\b${setting} changes nothing: `),
    hint,
  );
const counting = (settings: Loose, setting: string): Mistake =>
  dead('limiter', { where: 'local-sync', ...settings }, setting, /where: local or store-atomic/);

const ofLimiters: readonly Mistake[] = [
  ...['fixed-window', 'sliding-log', 'sliding-counter'].map((policy) =>
    limited({ policy, burst: 5 }, 'burst', /token-bucket, leaky-bucket or gcra/),
  ),
  ...['token-bucket', 'leaky-bucket', 'gcra'].map((policy) =>
    limited({ policy, windowMs: 500 }, 'windowMs', /fixed-window, sliding-log/),
  ),
  limited({ maxKeys: 5 }, 'maxKeys', /per: session or key/),
  limited({ syncMs: 5 }, 'syncMs', /local-sync/),
  counting({ policy: 'gcra' }, 'policy'),
  counting({ burst: 5 }, 'burst'),
  dead('limiter', { per: 'key', maxKeys: 5 }, 'maxKeys', /where: local or local-sync/),
  dead('counts', { windowMs: 500 }, 'windowMs', /fixed-window, sliding-log/),
  mistake(
    'counts: a policy of a store that decides nothing',
    (d) => {
      config(d, 'limiter')['where'] = 'store-read-then-write';
      config(d, 'counts')['policy'] = 'gcra';
    },
    'groups/counts/config/policy',
    /no limiter lets the store decide/,
    /where: store-atomic/,
  ),
];

const popular = (popularity: Loose, setting: string, hint: RegExp): Mistake =>
  dead('users', { popularity }, `popularity/${setting}`, hint);

const ofWorkloads: readonly Mistake[] = [
  popular({ alpha: 1.2 }, 'alpha', /kind: zipf/),
  popular({ kind: 'zipf', hotKeys: 0.1 }, 'hotKeys', /hot-set or moving-hot-set/),
  popular({ kind: 'loop', hotRequests: 0.1 }, 'hotRequests', /hot-set/),
  popular({ kind: 'hot-set', moveEveryMs: 9 }, 'moveEveryMs', /moving-hot-set/),
  popular({ kind: 'zipf', stepMs: 9 }, 'stepMs', /kind: loop/),
  dead('users', { thinkMs: 9 }, 'thinkMs', /load: closed/),
  mistake(
    'users: people of a closed loop, twice',
    (d) => (groupOf(d, 'users')['config'] = { load: 'closed', sessions: 5 }),
    'groups/users/config/sessions',
    /sessions changes nothing: load is closed/,
    /load: open/,
  ),
];

export const ofDead: readonly Mistake[] = [
  ...ofBalancing,
  ...ofCalls,
  ...ofCaches,
  ...ofDatabases,
  ...ofServices,
  ...ofLimiters,
  ...ofWorkloads,
];
