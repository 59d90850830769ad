/**
 * Load that comes by itself: when the next thing comes, and which object it is about.
 *
 * Invariant: both are drawn from streams of their own, whatever becomes of what came before: two
 * runs that differ in the servers get the same load.
 */
import { micros, ms } from '../kernel/time.ts';
import type { Context } from '../node/behaviour.ts';
import { ARRIVALS } from '../policies/arrivals/index.ts';
import type { Arrivals, ArrivalSettings, ArrivalState } from '../policies/arrivals/index.ts';
import { POPULARITIES } from '../policies/popularity/index.ts';
import type { Popularity, PopularitySettings } from '../policies/popularity/index.ts';
import type { Stream } from '../kernel/random.ts';

export interface OpenLoad {
  readonly arrivals: ArrivalState;
  /** Places of its policies in their lists. */
  readonly arrivalPolicy: number;
  readonly popularityPolicy: number;
  /** Frozen: shared by every checkpoint. It may be large, and follows from the configuration. */
  readonly keys: unknown;
  /** A double, rounded only when the timer is armed. */
  nextArrivalMicros: number;
}

interface PopularityWords extends PopularitySettings {
  readonly kind: string;
  readonly moveEveryMs: number;
  readonly stepMs: number;
}

export function startLoad(
  arrivals: ArrivalSettings,
  popularity: PopularityWords,
  stream: Stream,
): OpenLoad {
  const arrivalPolicy = ARRIVALS.findIndex(({ name }) => name === arrivals.kind);
  const popularityPolicy = POPULARITIES.findIndex(({ name }) => name === popularity.kind);
  const { moveEveryMs, stepMs, ...words } = popularity;
  const settings = { ...words, moveEveryMicros: ms(moveEveryMs), stepMicros: ms(stepMs) };
  return {
    arrivals: arrivalsAt(arrivalPolicy).start(arrivals, stream),
    arrivalPolicy,
    popularityPolicy,
    keys: (POPULARITIES[popularityPolicy] as Popularity).start(settings),
    nextArrivalMicros: 0,
  };
}

const arrivalsAt = (policy: number): Arrivals<ArrivalSettings, ArrivalState> =>
  ARRIVALS[policy] as Arrivals<ArrivalSettings, ArrivalState>;

/** Of a node that has several loads: which timer is whose, and what each draws from. */
export interface LoadName {
  readonly key: number;
  readonly purpose: string;
}
const THE_LOAD: LoadName = Object.freeze({ key: 0, purpose: 'arrivals' });

/** Sets the timer `arrival` for the one after that of `nextArrivalMicros`. */
export function armArrival(
  load: OpenLoad,
  arrivals: ArrivalSettings,
  ctx: Context,
  { key, purpose } = THE_LOAD,
): void {
  const stream = ctx.stream(purpose);
  const policy = arrivalsAt(load.arrivalPolicy);
  const next = policy.next(load.arrivals, arrivals, load.nextArrivalMicros, stream);
  load.nextArrivalMicros = next;
  if (next === Infinity) return;
  ctx.setTimer('arrival', key, micros(Math.max(0, Math.round(next) - ctx.mono())));
}

/** The object that this one is about: one draw. */
export const drawKey = ({ popularityPolicy, keys }: OpenLoad, ctx: Context): number =>
  (POPULARITIES[popularityPolicy] as Popularity).draw(keys, ctx.mono(), ctx.stream('keys'));

/** The names of the first keys, made once: a text compares fastest with itself. */
const KEY_NAMES: readonly string[] = Array.from({ length: 1_024 }, (_, i) => `k${i}`);
export const keyName = (key: number): string =>
  key < KEY_NAMES.length ? (KEY_NAMES[key] as string) : `k${key}`;
