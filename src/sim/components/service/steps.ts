/**
 * What a service does for a request, as data: a list of steps, run one after the other.
 *
 * A step names the groups it calls by the role of the service's link; how they are called (timeout,
 * retries, pool) stands in `upstreams`.
 */
import type { Distribution } from '../../policies/distribution.ts';

export type Step =
  /** Occupies a core for a time. */
  | { readonly do: 'work'; readonly time: Distribution }
  /** Waits without a core. */
  | { readonly do: 'wait'; readonly time: Distribution }
  /** Calls another service; `every` member of it at once, of which `need` must answer. */
  | {
      readonly do: 'call';
      readonly to: string;
      readonly route?: string;
      readonly every?: boolean;
      readonly need?: number;
      readonly otherwise?: readonly Step[];
    }
  /** Runs a statement, `times` times one after the other. */
  | {
      readonly do: 'query';
      readonly to: string;
      readonly statement?: string;
      readonly write?: boolean;
      readonly times?: number;
      readonly otherwise?: readonly Step[];
    }
  /** Cache-aside: reads the object from a cache; where it is not, `miss` makes it. */
  | {
      readonly do: 'cached';
      readonly in: string;
      readonly miss?: readonly Step[];
      /** Misses of one object at the same time make it once. */
      readonly singleFlight?: boolean;
      /** Answer with the expired value and make the new one behind the caller's back. */
      readonly staleWhileRevalidate?: boolean;
      /** Keep also that there is no such object. */
      readonly negative?: boolean;
      /** Do not wait until the cache has stored it. */
      readonly setInBackground?: boolean;
      /** A cache of its own in front: so many objects for so long. */
      readonly near?: { readonly capacity: number; readonly ttlMs: number };
    }
  /**
   * Puts the version that was read or written last into a cache. With `write` it changes the object
   * itself, through a cache that stands before its store.
   */
  | { readonly do: 'put'; readonly in: string; readonly write?: boolean }
  /** Takes the object out of a cache. */
  | { readonly do: 'invalidate'; readonly in: string; readonly by?: 'delete' | 'version' | 'event' }
  /** Runs branches at once and waits for `need` of them (default: all). */
  | {
      readonly do: 'parallel';
      readonly branches: readonly (readonly Step[])[];
      readonly need?: number;
    }
  /** With a probability one list, else the other. */
  | {
      readonly do: 'either';
      readonly share: number;
      readonly then: readonly Step[];
      readonly otherwise?: readonly Step[];
    }
  /** Fails with a probability. */
  | { readonly do: 'fail'; readonly share: number; readonly code?: string }
  /**
   * The objects of a list page: `size` neighbours in a catalogue of `of`, which ones by the object
   * of the request. The steps run for one after the other, for each at once, or for all `together`:
   * then a look-up is one message, and a query one statement for what was not found.
   */
  | {
      readonly do: 'list';
      readonly size: number;
      readonly of: number;
      readonly how: 'one-by-one' | 'at-once' | 'together';
      readonly steps: readonly Step[];
    }
  /** Gathers requests and runs its steps once for all of them. */
  | {
      readonly do: 'batch';
      readonly maxSize: number;
      readonly maxDelayMs: number;
      readonly steps: readonly Step[];
    };

export type StepKind = Step['do'];
