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
  offers?(config: C, given: Given): readonly Offer[];
  /** What it asks for that is never there unless another one puts it there. */
  wants?(config: C): readonly Want[];
  /** What it has without anybody's putting it there. */
  has?(config: C): readonly string[];
  /** Of one that does nothing unless it is asked: what it is called. Not with one of `unless`. */
  readonly idle?: { readonly noun: string; readonly unless?: readonly string[] };
  /** Of one whose links are the plan's to name: those that it follows. Left out: all of them. */
  follows?(config: C): readonly string[];
}

export interface Use {
  readonly role: string;
  readonly what: string;
}

/** Somebody must use it there, over whatever link of his, or it must be there by itself. */
export interface Want extends Use {
  /** The place in the configuration. */
  readonly at: string;
  /** What is wrong if nobody does, of the group of that name. */
  says(group: string): string;
  readonly hint: string;
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
