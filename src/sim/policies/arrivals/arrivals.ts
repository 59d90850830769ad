/**
 * When the next request comes, open loop: requests come at their own time, whether or not those
 * before them have been answered.
 *
 * Invariant: arrivals depend on the settings, the time of the one before and the stream, on nothing
 * that the system under test does; two designs under one seed get the same arrivals. Times are
 * doubles in microseconds and accumulate as such; whoever schedules one rounds it to nearest.
 */
import type { Stream } from '../../kernel/random.ts';
import type { Distribution } from '../distribution.ts';

export interface PoissonSettings {
  readonly kind: 'poisson';
  readonly ratePerSecond: number;
}

export interface ConstantSettings {
  readonly kind: 'constant';
  readonly ratePerSecond: number;
}

/** Two moods that alternate, each with its own rate and an exponential stay. */
export interface BurstySettings {
  readonly kind: 'bursty';
  readonly calmRatePerSecond: number;
  readonly burstRatePerSecond: number;
  readonly calmMeanMs: number;
  readonly burstMeanMs: number;
}

/** Between two rates and back once in a period, as a sine; at `lowAtMs` it is lowest. */
export interface DiurnalSettings {
  readonly kind: 'diurnal';
  readonly minRatePerSecond: number;
  readonly maxRatePerSecond: number;
  readonly periodMs: number;
  readonly lowAtMs: number;
}

/** A rate, and `factor` times that rate from `fromMs` until `untilMs`. */
export interface SpikeSettings {
  readonly kind: 'spike';
  readonly ratePerSecond: number;
  readonly factor: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** One rate before `fromMs`, another from `untilMs` on, a straight line between. */
export interface RampSettings {
  readonly kind: 'ramp';
  readonly startRatePerSecond: number;
  readonly endRatePerSecond: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Each step holds from its time until the next one's; before the first step nothing comes. */
export interface StepsSettings {
  readonly kind: 'steps';
  readonly steps: readonly { readonly atMs: number; readonly ratePerSecond: number }[];
}

/** Recorded times, ascending; with `loopMs` the recording begins anew every so often. */
export interface ReplaySettings {
  readonly kind: 'replay';
  readonly timesMs: readonly number[];
  readonly loopMs?: number;
}

/** Independent gaps of one law; with `stages` each is the sum of so many samples (default 1). */
export interface RenewalSettings {
  readonly kind: 'renewal';
  readonly gap: Distribution;
  readonly stages?: number;
}

export type ArrivalSettings =
  | PoissonSettings
  | ConstantSettings
  | BurstySettings
  | DiurnalSettings
  | SpikeSettings
  | RampSettings
  | StepsSettings
  | ReplaySettings
  | RenewalSettings;

export interface Arrivals<C, S> {
  /** As in the `kind` of its settings. */
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  start(settings: C, stream: Stream): S;
  /** The first arrival after `lastMicros`, a double in microseconds; Infinity if none comes. */
  next(state: S, settings: C, lastMicros: number, stream: Stream): number;
  /** Arrivals a second that are to be expected at that time, for charts. */
  rateAt(settings: C, micros: number): number;
}

/** Of arrivals whose next one depends on the last one alone. */
export interface NoState {
  readonly kind: 'none';
}

export const NO_STATE: NoState = Object.freeze({ kind: 'none' });

/** In microseconds. */
export const SECOND = 1_000_000;
export const MS = 1_000;
