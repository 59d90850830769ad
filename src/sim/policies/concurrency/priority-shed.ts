/**
 * Load shedding by importance: each criticality has a utilisation above which its requests are
 * refused, so that the least important go first.
 *
 * Invariant: whatever is refused, everything less important is refused at the same utilisation, as
 * long as the thresholds ascend with importance.
 *
 * Source: Beyer et al., Site Reliability Engineering (2016), chapter 21, "Criticality": four of
 * them, the lower refused first. Differs: the book gives no thresholds; the defaults here are
 * chosen to lie apart.
 */

/** From the most to the least important. */
export const CRITICALITIES = ['critical-plus', 'critical', 'sheddable-plus', 'sheddable'] as const;

export type Criticality = (typeof CRITICALITIES)[number];

export interface ShedSettings {
  /** For each criticality, most important first, the utilisation above which it is refused. */
  readonly thresholds: readonly number[];
}

/** Over 1 there is a queue: utilisation counts work under way and waiting against capacity. */
export const SHED_DEFAULTS: ShedSettings = { thresholds: [2, 1.5, 1, 0.8] };

/**
 * Whether a request is refused. One without a threshold is as unimportant as the last that has one.
 * @param level 0 is the most important: the place in `CRITICALITIES`
 * @param utilisation work under way and waiting, as a share of what can be under way; may exceed 1
 */
export function sheds({ thresholds }: ShedSettings, level: number, utilisation: number): boolean {
  const last = thresholds.length - 1;
  return last >= 0 && utilisation > thresholds[level < last ? level : last]!;
}
