/**
 * What of a check's arguments makes it worthless: without a bound it holds whatever happens, with
 * bounds that exclude each other it never does, and in a window without a moment it sees nothing.
 */
import { Type } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { PlannedRun } from './check.ts';

/** A bound of any number, or none. */
export const bound = (description: string) =>
  Type.Union([Type.Number(), Type.Null()], { description, default: null });
/** A bound of a count, or none. */
export const countBound = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description, default: null });

export interface Bounds {
  readonly atLeast: number | null;
  readonly atMost: number | null;
}

export function checkBounds({ atLeast, atMost }: Bounds, path: string): void {
  if (atLeast === null && atMost === null) {
    throw new ScenarioError(`${path} sets no bound: it would hold whatever happens.`, {
      path,
      hint: 'Give atLeast or atMost.',
    });
  }
  checkOrder({ atLeast, atMost }, path);
}

/** The least is not more than the most. */
export function checkOrder({ atLeast, atMost }: Bounds, path: string): void {
  if (atLeast === null || atMost === null || atLeast <= atMost) return;
  throw new ScenarioError(`Nothing is at least ${atLeast} and at most ${atMost}.`, {
    path: `${path}/atLeast`,
    hint: 'atLeast must not be more than atMost.',
  });
}

/** A bound of a share is one itself. */
export function checkShare(name: string, value: number | null, path: string): void {
  if (value === null || (value >= 0 && value <= 1)) return;
  throw new ScenarioError(`${name} is ${value}: a share is from 0 to 1.`, {
    path: `${path}/${name}`,
    hint: hintForShare(value),
  });
}

const hintForShare = (value: number): string =>
  value > 1 && value <= 100
    ? `It is a share: write ${value / 100} for ${value} %.`
    : 'Give a bound that a run may break and another may keep.';

/** What the number can be at all; `most` may be Infinity. */
interface Reach {
  readonly least: number;
  readonly most: number;
}

/**
 * A bound beyond what can be decides nothing, or everything: mostly it is per cent for a share.
 * Beside one that decides, a bound may be wider than need be: slack is added to what is computed.
 */
export function checkReach(
  { atLeast, atMost }: Bounds,
  { least, most }: Reach,
  path: string,
): void {
  checkBounds({ atLeast, atMost }, path);
  const range = most === Infinity ? `${least} or more` : `from ${least} to ${most}`;
  const says = (never: boolean) => `${never ? 'never hold' : 'hold'} whatever happens`;
  const refused = (name: keyof Bounds, value: number, never: boolean): ScenarioError =>
    new ScenarioError(`${name}: ${value} would ${says(never)}: what it bounds is ${range}.`, {
      path: `${path}/${name}`,
      hint: hintForShare(most === 1 ? value : 0),
    });
  if (atLeast !== null && atLeast > most) throw refused('atLeast', atLeast, true);
  if (atMost !== null && atMost < least) throw refused('atMost', atMost, true);
  if (atMost !== null && atMost < most) return;
  if (atLeast !== null && atLeast > least) return;
  throw atMost === null
    ? refused('atLeast', atLeast ?? least, false)
    : refused('atMost', atMost, false);
}

/** From when until when it looks; an end of 0 is the end of the run. */
export interface Window {
  readonly fromMs: number;
  readonly untilMs?: number;
}

export function checkWindow(
  { fromMs, untilMs = 0 }: Window,
  path: string,
  { durationMs }: PlannedRun,
): void {
  if (untilMs !== 0 && untilMs <= fromMs) {
    throw new ScenarioError(`The window ends at ${untilMs} ms, before it begins at ${fromMs} ms.`, {
      path: `${path}/untilMs`,
      hint: 'Give a later end, or 0: it ends with the run.',
    });
  }
  if (fromMs < durationMs) return;
  throw new ScenarioError(
    `The window begins at ${fromMs} ms, but the run is over at ${durationMs} ms.`,
    { path: `${path}/fromMs`, hint: 'Begin earlier, or let the run last longer (durationMs).' },
  );
}
