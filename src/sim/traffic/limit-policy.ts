/**
 * How much may pass, as a user writes it, and the limiters of many keys: a bounded table in which
 * the key that was idle longest is forgotten first.
 *
 * Invariant: a key that is not in the table is at rest; so whoever is forgotten gets its whole
 * burst again.
 */
import { word } from '../contracts/needs.ts';
import type { Condition } from '../contracts/needs.ts';
import { field } from '../contracts/schema.ts';
import { InvariantError, ScenarioError } from '../kernel/errors.ts';
import { RATE_LIMITERS, RATE_LIMITER_NAMES } from '../policies/limiting/index.ts';
import type { RateLimitSettings, RateLimitState, RateLimiter } from '../policies/limiting/index.ts';
import { windowLimit } from '../policies/limiting/rate-limiter.ts';

/** The settings of a limiter and of its table, for the schemas of components. */
export const limitFields = {
  policy: field.choice(RATE_LIMITER_NAMES, {
    about: 'How it is decided who may pass.',
    default: 'token-bucket',
  }),
  ratePerSecond: field.number({
    about: 'Requests a second in the long run, of each key.',
    default: 100,
    min: 0,
    max: 10_000_000,
    unit: '1/s',
  }),
  burst: field.number({
    about: 'How many may pass at once; of gcra beyond the first.',
    default: 10,
    min: 0,
    max: 10_000_000,
    unit: '',
  }),
  windowMs: field.millis({
    about: 'The window of those that count in windows.',
    default: 1_000,
    min: 1,
    max: 86_400_000,
  }),
  maxKeys: field.count({
    about: 'Keys that are kept; the one idle longest is forgotten.',
    default: 10_000,
    min: 1,
    max: 1_000_000,
  }),
} as const;

/** A policy that looks at this setting. */
export const limiterReading = (setting: keyof RateLimitSettings): Condition =>
  word(
    'policy',
    ...RATE_LIMITERS.filter(({ reads }) => reads.includes(setting)).map((l) => l.name),
  );

export interface LimitWords {
  readonly policy: string;
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly windowMs: number;
  readonly maxKeys: number;
}

/** Names are checked before a run, so an unknown one is ours. */
export function limiterNamed(name: string): RateLimiter<RateLimitState> {
  const found = RATE_LIMITERS.find((limiter) => limiter.name === name);
  if (found === undefined) throw new InvariantError(`there is no rate limiter ${name}`);
  return found;
}

export const limitSettings = (words: LimitWords): RateLimitSettings =>
  Object.freeze({
    ratePerSecond: words.ratePerSecond,
    burst: words.burst,
    windowMicros: words.windowMs * 1_000,
  });

/** Below it no second request passes in any run. */
const RATE_LEAST = 1e-6;

/** A limit under which nothing passes at all is a mistake. */
export function checkLimit(words: LimitWords, path: string): void {
  if (words.ratePerSecond <= 0) {
    throw new ScenarioError(`At a rate of ${words.ratePerSecond} nothing ever passes.`, {
      path: `${path}/ratePerSecond`,
      hint: 'Give a rate above 0.',
    });
  }
  if (words.ratePerSecond < RATE_LEAST) {
    throw new ScenarioError(`${path}/ratePerSecond is ${words.ratePerSecond}: that is never.`, {
      path: `${path}/ratePerSecond`,
      hint: `At least ${RATE_LEAST}, one request in eleven days.`,
    });
  }
  const limiter = limiterNamed(words.policy);
  const setting = limiter.reads.includes('burst') ? 'burst' : 'windowMs';
  if (limiter.limit(limitSettings(words)) >= 1) {
    return setting === 'windowMs' ? checkWindow(words, path) : undefined;
  }
  throw new ScenarioError(`Not even one request may pass ${limiter.name} at once.`, {
    path: `${path}/${setting}`,
    hint:
      setting === 'burst'
        ? 'Give a burst of at least 1.'
        : 'The rate times the window must be at least 1.',
  });
}

const inWindow = (ratePerSecond: number, windowMs: number): number =>
  (ratePerSecond * windowMs) / 1_000;

/** Rates such as 1/3 a second have no exact product. */
const isWhole = (count: number): boolean =>
  Math.abs(count - Math.round(count)) <= Math.max(1e-9, 1e-12 * count);

/** A window lets whole requests pass: of 1.5 in each, a third of the rate would be lost unsaid. */
export function checkWindow(words: LimitWords, path: string): void {
  const { ratePerSecond, windowMs } = words;
  const count = inWindow(ratePerSecond, windowMs);
  if (isWhole(count)) return;
  const most = windowLimit(limitSettings(words));
  throw new ScenarioError(
    `${ratePerSecond} a second are ${count} in ${windowMs} ms: only ${most} would pass.`,
    {
      path: `${path}/windowMs`,
      hint: `The rate times the window must be a whole number: ${wholeWindow(words)}.`,
    },
  );
}

/** So far a window is looked for that fits the rate. */
const WINDOW_REACH_MS = 1_000;

/** The nearest window of whole milliseconds that does, or else the nearest rate. */
function wholeWindow({ ratePerSecond, windowMs }: LimitWords): string {
  const from = Math.round(windowMs);
  for (let by = 0; by <= WINDOW_REACH_MS; by++) {
    for (const near of [from + by, from - by]) {
      const count = inWindow(ratePerSecond, near);
      if (count > 0.5 && isWhole(count)) return `windowMs ${near} is the nearest`;
    }
  }
  const rate = Math.max(1, Math.round(inWindow(ratePerSecond, windowMs))) / (windowMs / 1_000);
  return `ratePerSecond ${rate} is the nearest`;
}

/** The entry of a key, made where it is missing; it is now the one used last. */
export function entryOf<T>(table: Map<number, T>, key: number, maxKeys: number, make: () => T): T {
  let entry = table.get(key);
  if (entry === undefined) entry = make();
  else table.delete(key);
  table.set(key, entry);
  if (table.size > maxKeys) {
    for (const oldest of table.keys()) {
      table.delete(oldest);
      break;
    }
  }
  return entry;
}

/** A count that begins anew with each window; windows begin at multiples of their length. */
export interface WindowCount {
  window: number;
  count: number;
}

export const windowOf = (nowMicros: number, { windowMicros }: RateLimitSettings): number =>
  Math.floor(nowMicros / windowMicros);

export const windowLeftMicros = (nowMicros: number, settings: RateLimitSettings): number =>
  (windowOf(nowMicros, settings) + 1) * settings.windowMicros - nowMicros;

/** The key that is nearest to its limit, as far as the newest decisions tell. */
export interface Busiest {
  /** -1: nothing was decided yet. */
  key: number;
  level: number;
  atMicros: number;
}

/** A key that was not decided on for so long is not the busiest. */
const BUSY_MICROS = 1_000_000;

export const newBusiest = (): Busiest => ({ key: -1, level: 0, atMicros: 0 });

export function noteLevel(b: Busiest, key: number, level: number, nowMicros: number): void {
  if (b.key !== key && level < b.level && nowMicros - b.atMicros < BUSY_MICROS) return;
  b.key = key;
  b.level = level;
  b.atMicros = nowMicros;
}
