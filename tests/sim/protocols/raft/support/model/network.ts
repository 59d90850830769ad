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
import type { RaftAppendReply, RaftMessage } from '../../../../../../src/sim/contracts/raft.ts';
import type { RaftInvariantName } from '../../../../../../src/sim/protocols/raft/invariant-list.ts';
import type { RaftAblation } from '../../../../../../src/sim/protocols/raft/rules.ts';
import { Interner } from './interner.ts';
import type { Node } from './node.ts';

export interface RaftModelOptions {
  readonly size: number;
  /** No election beyond this term. */
  readonly terms: number;
  readonly proposals: number;
  readonly crashes: number;
  /** So many begin; the others know nobody until they are told. Default: all. */
  readonly voters?: number;
  /** Sizes of quorums. Default: majorities. */
  readonly electionQuorum?: number;
  readonly replicationQuorum?: number;
  /** How often leaders are asked for a change, of any of these: `v2`, `r0`, `v2 v3 r0`. */
  readonly changes?: { readonly count: number; readonly of: readonly string[] };
  /** How often any server takes a snapshot of what it has applied, and keeps no entry of that. */
  readonly snapshots?: number;
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

/** With what is asked of every message of every state beside it: messages differ in shape. */
interface Filed extends Mail {
  readonly type: RaftMessage['type'];
  readonly term: number;
}

/** The messages of a state, as the end of its text, and those sent since. */
interface Mails {
  readonly state: string;
  readonly from: number;
  readonly sends: readonly number[];
}

/** What a server becomes when it takes a message, and what it sends. */
type Deliver = (node: number, mail: number) => { next: number; sends: readonly number[] };

export class Network {
  readonly mails = new Interner<Filed>();
  readonly #options: RaftModelOptions;
  readonly #nodes: Interner<Node>;
  readonly #local: Deliver;
  /** By number of request: the stale one that stands for it once it is spent. */
  readonly #stale: number[] = [];

  constructor(options: RaftModelOptions, nodes: Interner<Node>, local: Deliver) {
    this.#options = options;
    this.#nodes = nodes;
    this.#local = local;
  }

  intern(mail: Mail): number {
    const { from, to, message, stale } = mail;
    const { type, term } = message;
    return this.mails.number(JSON.stringify([from, to, message, stale]), () => {
      return { from, to, message, stale, type, term };
    });
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

  /**
   * Adds the messages worth keeping to a state that has none yet, in order of their numbers. What
   * was kept between servers that both did not move is kept again: whether a message is spent
   * hangs on its receiver, on the answers there, and on whom they are for. With `moved` null, as
   * after the last crash, everything is asked again.
   */
  keepLive(state: number[], mails: Mails, crashes: boolean, moved: number | null): void {
    for (let i = mails.from; i < mails.state.length; i += 1) {
      const number = mails.state.charCodeAt(i);
      const { from, to } = this.mails.get(number);
      if (moved === null || from === moved || to === moved) {
        this.#keep(number, state, mails, crashes);
      } else insert(state, mails.from, number);
    }
    for (const mail of mails.sends) {
      if (!isOld(mails, mail)) this.#keep(mail, state, mails, crashes);
    }
  }

  #keep(number: number, state: number[], mails: Mails, crashes: boolean): void {
    let kept = number;
    if (this.#options.exact !== true) {
      if (this.#isSpent(number, state, mails, crashes)) {
        kept = this.#stale[number] ??= this.#staleFor(this.mails.get(number));
      }
      if (this.#isInert(kept, state)) return;
    }
    insert(state, mails.from, kept);
  }

  /** A message that has no effect now, nor ever. */
  #isInert(number: number, nodes: readonly number[]): boolean {
    const { from, to, message, stale, type, term } = this.mails.get(number);
    const { state } = this.#nodes.get(nodes[to] as number);
    if (type === 'raft.vote-reply') {
      return term < state.term || (term === state.term && state.role !== 'candidate');
    }
    if (type === 'raft.append-reply') {
      // With that rule off, an old reply may still move the match of a later term's leader.
      if (this.#options.off?.includes('raft.ignore-stale-replies') === true) return false;
      if (term !== state.term) return term < state.term;
      // Below the match nothing moves, and a leader's match never goes back.
      const { index } = message as RaftAppendReply;
      if (state.role === 'leader')
        return index < (state.match[state.conf.peers.indexOf(from)] ?? 0);
      return state.role === 'follower';
    }
    if (!stale) return false;
    return this.#options.staleLost === true || term + 1 >= this.#options.terms;
  }

  /** A request that changes nothing now, nor later in its term: only its staleness is left. */
  #isSpent(number: number, nodes: readonly number[], mails: Mails, crashes: boolean): boolean {
    const { to, message, stale, type, term } = this.mails.get(number);
    if (stale || (type !== 'raft.append' && type !== 'raft.vote')) return false;
    const { state, writes } = this.#nodes.get(nodes[to] as number);
    // What a crash would take back is not settled yet.
    if (crashes && writes.length > 0) return false;
    if (term < state.term) return true;
    if (term > state.term) return false;
    if (type === 'raft.vote' && state.votedFor === null) return false;
    // A crash forgets the commit index, so that the message could teach it again.
    if (message.type === 'raft.append' && crashes && message.commit > 0) return false;
    const local = this.#local(nodes[to] as number, number);
    if (local.next !== nodes[to]) return false;
    return local.sends.every((sent) => {
      const { message: answer } = this.mails.get(sent);
      // What is refused now may be taken later.
      if (answer.type === 'raft.append-reply' && !answer.success) return false;
      const isThere = isOld(mails, sent) || mails.sends.includes(sent);
      return isThere || this.#isInert(sent, nodes);
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

/** Whether a message was there before the last ones were sent. */
export function isOld({ state, from }: Mails, mail: number): boolean {
  for (let i = from; i < state.length; i += 1) if (state.charCodeAt(i) === mail) return true;
  return false;
}

/** Puts a number at its place in the part of a list that is sorted, unless it is there. */
export function insert(list: number[], sortedFrom: number, number: number): void {
  // Most come last.
  let at = list.length;
  while (at > sortedFrom && (list[at - 1] as number) > number) at -= 1;
  if (at > sortedFrom && list[at - 1] === number) return;
  list.push(number);
  for (let i = list.length - 1; i > at; i -= 1) list[i] = list[i - 1] as number;
  list[at] = number;
}
