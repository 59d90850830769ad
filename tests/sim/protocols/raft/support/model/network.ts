/**
 * The messages of the explored cluster, and which of them need not be kept.
 *
 * The set of messages only grows, and most of it soon means nothing. Left out are
 *  - replies that their receiver ignores from now on, whatever happens;
 *  - requests that change nothing now, nor later in their term: all that is left of them is that
 *    one day they may be answered with a later term. One message, marked stale, stands for all of
 *    a term, and none where that later term could only be the last one. Such an answer makes an
 *    idle follower: one that came to the last term without a vote, or a candidate there that took
 *    the answer for a refusal. Neither can do anything that it could not do otherwise.
 * A test compares what is reached with and without them.
 */
import type { RaftMessage } from '../../../../../../src/sim/contracts/raft.ts';
import type { RaftInvariantName } from '../../../../../../src/sim/protocols/raft/invariants.ts';
import type { RaftAblation } from '../../../../../../src/sim/protocols/raft/rules.ts';
import { Interner } from './interner.ts';
import type { Node } from './node.ts';

export interface RaftModelOptions {
  readonly size: number;
  /** No election beyond this term. */
  readonly terms: number;
  readonly proposals: number;
  readonly crashes: number;
  readonly heartbeats?: boolean;
  /** Writes complete at once; otherwise completing one is a move of its own. Default true. */
  readonly instantDisk?: boolean;
  readonly eagerCommit?: boolean;
  readonly maxEntriesPerAppend?: number;
  /** A request that comes after its receiver has left its term counts as lost. */
  readonly staleLost?: boolean;
  /** Keep every message: for rules off on which leaving some out relies. */
  readonly exact?: boolean;
  readonly off?: readonly RaftAblation[];
  /** Default: all. */
  readonly check?: readonly RaftInvariantName[];
}

export interface Mail {
  readonly from: number;
  readonly to: number;
  readonly message: RaftMessage;
  /** Stands for every request of its term that can only be answered with a later one. */
  readonly stale: boolean;
}

type Lookup = (slot: number) => Node;

export class Network {
  readonly mails = new Interner<Mail>();
  readonly #options: RaftModelOptions;
  readonly #local: (node: number, mail: number) => { next: number; sends: readonly number[] };
  /** By number of request: the stale one that stands for it once it is spent. */
  readonly #stale: number[] = [];

  constructor(
    options: RaftModelOptions,
    local: (node: number, mail: number) => { next: number; sends: readonly number[] },
  ) {
    this.#options = options;
    this.#local = local;
  }

  intern(mail: Mail): number {
    const { from, to, message, stale } = mail;
    return this.mails.number(JSON.stringify([from, to, message, stale]), () => mail);
  }

  rename(number: number, to: readonly number[]): number {
    const mail = this.mails.get(number);
    return this.intern({ ...mail, from: to[mail.from] as number, to: to[mail.to] as number });
  }

  describe(number: number): string {
    const { from, message } = this.mails.get(number);
    const { type, ...fields } = message;
    return `takes ${type} ${JSON.stringify(fields)} from n${from}`;
  }

  /** The messages worth keeping, in order of their numbers. */
  live(
    nodes: readonly number[],
    lookup: Lookup,
    mails: readonly number[],
    crashes: boolean,
  ): number[] {
    const live: number[] = [];
    for (const number of mails) {
      let kept = number;
      if (this.#options.exact !== true) {
        if (this.#isSpent(number, nodes, lookup, mails, crashes)) {
          kept = this.#stale[number] ??= this.#staleFor(this.mails.get(number));
        }
        if (this.#isInert(this.mails.get(kept), lookup)) continue;
      }
      if (!live.includes(kept)) live.push(kept);
    }
    return live.sort((a, b) => a - b);
  }

  /** A message that has no effect now, nor ever. */
  #isInert({ from, to, message, stale }: Mail, lookup: Lookup): boolean {
    const { state } = lookup(to);
    const { type, term } = message;
    if (type === 'raft.vote-reply') {
      return term < state.term || (term === state.term && state.role !== 'candidate');
    }
    if (type === 'raft.append-reply') {
      // With that rule off, an old reply may still move the match of a later term's leader.
      if (this.#options.off?.includes('raft.ignore-stale-replies') === true) return false;
      if (term !== state.term) return term < state.term;
      // Below the match nothing moves, and a leader's match never goes back.
      if (state.role === 'leader') return message.index < (state.match[from] as number);
      return state.role === 'follower';
    }
    if (!stale) return false;
    return this.#options.staleLost === true || term + 1 >= this.#options.terms;
  }

  /** A request that changes nothing now, nor later in its term: only its staleness is left. */
  #isSpent(
    number: number,
    nodes: readonly number[],
    lookup: Lookup,
    mails: readonly number[],
    crashes: boolean,
  ): boolean {
    const { to, message, stale } = this.mails.get(number);
    const { type, term } = message;
    if (stale || (type !== 'raft.append' && type !== 'raft.vote')) return false;
    const { state, writes } = lookup(to);
    // What a crash would take back is not settled yet.
    if (crashes && writes.length > 0) return false;
    if (term < state.term) return true;
    if (term > state.term) return false;
    if (type === 'raft.vote' && state.votedFor === null) return false;
    // A crash forgets the commit index, so that the message could teach it again.
    if (type === 'raft.append' && crashes && message.commit > 0) return false;
    const local = this.#local(nodes[to] as number, number);
    if (local.next !== nodes[to]) return false;
    return local.sends.every((sent) => {
      const reply = this.mails.get(sent);
      // What is refused now may be taken later.
      if (reply.message.type === 'raft.append-reply' && !reply.message.success) return false;
      return mails.includes(sent) || this.#isInert(reply, lookup);
    });
  }

  #staleFor({ from, to, message }: Mail): number {
    const { type, term } = message;
    const empty: RaftMessage =
      type === 'raft.vote'
        ? { type, term, lastLogIndex: 0, lastLogTerm: 0 }
        : {
            type: 'raft.append',
            term,
            prevLogIndex: 0,
            prevLogTerm: 0,
            entries: [],
            commit: 0,
            round: 0,
          };
    return this.intern({ from, to, message: empty, stale: true });
  }
}
