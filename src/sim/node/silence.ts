/** Of one that asks of its own accord: settings by which it never does. */
export interface Silence {
  /** The place in the configuration. */
  readonly at: string;
  /** Why it never asks. */
  readonly why: string;
  readonly hint: string;
  /** Whether it is said in so many words, as a rate of 0 does: then others may ask in its stead. */
  readonly isSaid: boolean;
}
