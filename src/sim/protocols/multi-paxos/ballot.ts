/**
 * Ballots: numbers of attempts to lead, in one order over all servers.
 *
 * Source: van Renesse & Altinbuken (2015), section 2.1: pairs of an integer and the leader's
 * identifier, in lexicographic order.
 */
import type { Ballot } from '../../contracts/multi-paxos.ts';

/** Before every ballot that anybody uses. */
export const NO_BALLOT: Ballot = Object.freeze({ round: 0, id: -1 });

/** Negative, zero or positive, as for sorting. */
export const compareBallots = (a: Ballot, b: Ballot): number => a.round - b.round || a.id - b.id;

export const isSameBallot = (a: Ballot, b: Ballot): boolean => a.round === b.round && a.id === b.id;

export const laterOf = (a: Ballot, b: Ballot): Ballot => (compareBallots(a, b) < 0 ? b : a);
