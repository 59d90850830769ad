/**
 * Settings that only matter where others ask for what they are about: the costs of a statement that
 * somebody runs, for how long it is kept that there is no object, where somebody keeps that. So
 * that what nobody asks for is found before the run.
 */
import type { Given } from './group-settings.ts';

export interface Usage<C> {
  /** What it asks for, over which of its links. */
  uses(config: C): readonly Use[];
  /** Those of the settings as given that matter only where one of these is asked for. */
  offers(config: C, given: Given): readonly Offer[];
  /** Of one whose links are the plan's to name: those that it follows. Left out: all of them. */
  follows?(config: C): readonly string[];
}

export interface Use {
  readonly role: string;
  readonly what: string;
}

export interface Offer {
  /** One of them must be asked for. */
  readonly what: readonly string[];
  /** The place in the configuration. */
  readonly at: string;
  /** Why it changes nothing otherwise. */
  readonly why: string;
  readonly hint: string;
}

/** An offer for each of these settings that is given. */
export const offersOf = (
  settings: readonly string[],
  given: Given,
  offer: Omit<Offer, 'at'>,
): readonly Offer[] =>
  settings.filter((at) => given[at] !== undefined).map((at) => ({ at, ...offer }));
