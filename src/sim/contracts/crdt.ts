/**
 * Replicated data types as they travel: plain, immutable states whose merge is a least upper bound.
 *
 * Invariant: lists are sorted, actors by number and elements by their text, so that equal states
 * are equal data. Source: Shapiro, Preguica, Baquero & Zawirski, "A Comprehensive Study of
 * Convergent and Commutative Replicated Data Types" (INRIA 7506, 2011).
 */

/** Whoever makes changes: one life of one replica. */
export type ActorId = number;

/** A number for each actor, sorted by actor; those without one are at 0. */
export type ActorCounts = readonly (readonly [actor: ActorId, count: number])[];

export type CrdtElement = number | string | null;

/** A counter that only grows: each actor counts for itself (specification 6). */
export interface GCounter {
  readonly kind: 'g-counter';
  readonly counts: ActorCounts;
}
/** Two of them, for what was added and what was taken away (specification 7). */
export interface PnCounter {
  readonly kind: 'pn-counter';
  readonly up: ActorCounts;
  readonly down: ActorCounts;
}
/**
 * A set in which an addition wins over a concurrent removal. Each addition is a dot; a removal
 * drops the dots that it saw and leaves nothing behind (Bieniusa et al., "An Optimized
 * Conflict-free Replicated Set", INRIA 8083, 2012; riak_dt_orswot).
 */
export interface OrSet {
  readonly kind: 'or-set';
  /** Every dot that was ever seen. */
  readonly context: ActorCounts;
  readonly elements: readonly { readonly element: CrdtElement; readonly dots: ActorCounts }[];
}
/** A register that keeps the assignment of the latest stamp (specification 8). */
export interface LwwRegister {
  readonly kind: 'lww-register';
  readonly value: CrdtElement;
  readonly wallMicros: number;
  readonly actor: ActorId;
}

export type CrdtState = GCounter | PnCounter | OrSet | LwwRegister;
export type CrdtKind = CrdtState['kind'];

/** What a client may ask of one. */
export type CrdtUpdate =
  | { readonly do: 'increment'; readonly by: number }
  | { readonly do: 'add'; readonly element: CrdtElement }
  | { readonly do: 'remove'; readonly element: CrdtElement }
  | { readonly do: 'assign'; readonly value: CrdtElement };
