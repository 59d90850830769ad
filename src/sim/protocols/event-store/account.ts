/**
 * An aggregate that is kept as its events: an account. Its state is the fold of its stream, and a
 * command is decided on that state.
 *
 * Invariant: a snapshot and the events behind its revision fold to what all events fold to.
 *
 * Source: Young, CQRS Documents (2010), Event Sourcing; Rolling Snapshots
 */
import type { NewEvent, Snapshot } from '../../contracts/event-store.ts';

/** A state is a snapshot of itself. */
export const NO_ACCOUNT: Snapshot = Object.freeze({ revision: -1, balance: 0 });

/** What folding needs of an event. */
type Folded = Pick<NewEvent, 'amount'> & { readonly revision: number };

export const evolve = ({ balance }: Snapshot, { amount, revision }: Folded): Snapshot => ({
  revision,
  balance: balance + amount,
});

export const fold = (events: readonly Folded[], from: Snapshot | null = null): Snapshot =>
  events.reduce(evolve, from ?? NO_ACCOUNT);

/** The event of a command, or null: there is not enough in the account. */
export const decide = (
  { balance, revision }: Snapshot,
  { id, amount }: { readonly id: number; readonly amount: number },
): NewEvent | null => (balance + amount < 0 ? null : { id, amount, decidedOn: revision });
