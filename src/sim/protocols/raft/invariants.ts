/**
 * The safety invariants of Raft, checked after every step of every server.
 *
 * Incremental: the checker is told of each step (the server's state and its effects) and does work
 * in proportion to what changed, so that it can run in every simulation. It knows the algorithm by
 * its types alone and keeps its own copy of every log, so a fault in the algorithm's bookkeeping
 * does not blind it. `invariants-from-scratch.ts` says the same things over whole states, slowly.
 *
 * Sources: Raft paper figure 3; dissertation figure 3.2 and appendix B; etcd's TLA+ specification.
 */
import type { PeerId, RaftEntry, RaftSnapshot } from '../../contracts/raft.ts';
import { InvariantError, invariant } from '../../kernel/errors.ts';
import { ChunkedList } from '../chunked-list.ts';
import type { RaftEffect, SendEffect } from './effects.ts';
import type { RaftInvariantName } from './invariant-names.ts';
import { RaftHistoryTree } from './history-tree.ts';
import type { HistoryTreeImage } from './history-tree.ts';
import type { RaftState } from './state.ts';

export interface RaftFinding {
  readonly invariant: RaftInvariantName;
  readonly node: PeerId;
  /** One sentence with the terms and indexes that prove it. */
  readonly why: string;
}

/** A modified run breaks an invariant over and over: after this many findings nothing is new. */
const FINDINGS_MAX = 100;

interface Election {
  readonly term: number;
  readonly leader: PeerId;
  /** The log that won the election. */
  readonly log: ChunkedList<RaftEntry>;
}

/** Elections kept at most: older ones could matter only to a leader this many terms behind. */
const ELECTIONS_MAX = 256;

interface Commit {
  readonly entry: RaftEntry;
  /** The term of the leader that committed it first. */
  readonly inTerm: number;
}

interface Applied {
  readonly entry: RaftEntry;
  readonly by: PeerId;
}

/** What the checker remembers of one server. */
interface Mirror {
  term: number;
  leading: boolean;
  commitIndex: number;
  durableIndex: number;
  /** The highest term this server ever spoke in, and the vote it gave last. */
  saidTerm: number;
  voteTerm: number;
  voteFor: PeerId;
  readonly log: ChunkedList<RaftEntry>;
}

export interface RaftInvariantsImage {
  readonly mirrors: readonly Mirror[];
  readonly tree: HistoryTreeImage;
  readonly elections: readonly Election[];
  readonly commits: ChunkedList<Commit>;
  readonly applied: ChunkedList<Applied>;
  readonly findings: readonly RaftFinding[];
}

const copyMirror = (mirror: Mirror): Mirror => ({ ...mirror, log: mirror.log.clone() });

export class RaftInvariants {
  findings: RaftFinding[] = [];
  readonly #ids: readonly PeerId[];
  readonly #nameOf: (node: PeerId) => string;
  readonly #quorum: number;
  /** By position in `ids`; the position of a server is looked up by its number. */
  #mirrors: Mirror[];
  readonly #slots: number[] = [];
  #tree = new RaftHistoryTree();
  /** In the order of their terms; those that no commit can contradict any more are dropped. */
  #elections: Election[] = [];
  #commits = ChunkedList.empty<Commit>();
  #applied = ChunkedList.empty<Applied>();

  constructor(ids: readonly PeerId[], nameOf: (node: PeerId) => string = (node) => `n${node}`) {
    this.#ids = ids;
    this.#nameOf = nameOf;
    ids.forEach((id, slot) => (this.#slots[id] = slot));
    this.#quorum = (ids.length >> 1) + 1;
    this.#mirrors = ids.map(() => ({
      term: 0,
      leading: false,
      commitIndex: 0,
      durableIndex: 0,
      saidTerm: 0,
      voteTerm: 0,
      voteFor: -1,
      log: ChunkedList.empty<RaftEntry>(),
    }));
  }

  /** To be called after each step of a server, with its state after the step. */
  onEffects(node: PeerId, state: RaftState, effects: readonly RaftEffect[]): void {
    const mirror = this.#mirror(node);
    if (state.term < mirror.term) {
      this.#report('TermMonotonic', node, `went from term ${mirror.term} back to ${state.term}`);
    }
    const ledBefore = mirror.leading && mirror.term === state.term;
    const before = mirror.commitIndex;
    mirror.term = state.term;
    mirror.leading = state.role === 'leader';
    mirror.durableIndex = state.durableIndex;
    mirror.commitIndex = state.commitIndex;
    let deleted = false;
    for (let i = 0; i < effects.length; i += 1) {
      const effect = effects[i] as RaftEffect;
      switch (effect.type) {
        case 'send':
          this.#onSend(node, mirror, effect);
          break;
        case 'appended':
          this.#onAppended(node, mirror, state, effect.fromIndex, effect.toIndex);
          break;
        case 'truncated':
          if (ledBefore) this.#onLeaderTruncated(node, state.term, effect.fromIndex);
          mirror.log.truncate(effect.fromIndex - 1);
          deleted = true;
          break;
        case 'became-leader':
          this.#onElected(node, mirror);
          break;
        case 'committed':
          this.#onCommitted(node, mirror, effect.from, effect.to);
          break;
        case 'restore-snapshot':
          this.#onRestored(node, mirror, effect.snapshot);
          break;
        case 'compacted':
          this.#onCompacted(node, effect.upTo);
          break;
        default:
      }
    }
    invariant(mirror.log.length === state.log.lastIndex, 'the effects do not tell the whole log');
    if (state.commitIndex < before) {
      const why = `moved its commit index from ${before} back to ${state.commitIndex}`;
      this.#report('CommitMonotonic', node, why);
    }
    if (deleted) this.#checkDurable(node, 'deleted entries of its log');
  }

  /** To be called when a server comes back with what its disk kept, before its first step. */
  onRestart(node: PeerId, state: RaftState): void {
    const mirror = this.#mirror(node);
    if (state.term < mirror.saidTerm) {
      const why = `spoke in term ${mirror.saidTerm} but restarted in term ${state.term}`;
      this.#report('TermMonotonic', node, why);
    }
    mirror.term = state.term;
    mirror.leading = false;
    mirror.commitIndex = state.commitIndex;
    mirror.durableIndex = state.durableIndex;
    // What the snapshot covers is not in the log to compare; it was committed, and is known.
    const covered = state.log.compactedIndex;
    this.#fill(mirror, covered);
    let same = Math.min(mirror.log.length, state.log.lastIndex);
    while (same > covered && mirror.log.at(same - 1) !== state.log.entry(same)) same -= 1;
    mirror.log.truncate(same);
    this.#onAppended(node, mirror, state, same + 1, state.log.lastIndex);
    if (same > 0) this.#checkTermsInLog(node, mirror, same);
    this.#checkDurable(node, 'restarted');
  }

  save(): RaftInvariantsImage {
    return {
      mirrors: this.#mirrors.map(copyMirror),
      tree: this.#tree.save(),
      elections: this.#elections.slice(),
      commits: this.#commits.clone(),
      applied: this.#applied.clone(),
      findings: this.findings.slice(),
    };
  }

  restore(image: RaftInvariantsImage): void {
    this.#mirrors = image.mirrors.map(copyMirror);
    this.#tree = RaftHistoryTree.restore(image.tree);
    this.#elections = image.elections.slice();
    this.#commits = image.commits.clone();
    this.#applied = image.applied.clone();
    this.findings = image.findings.slice();
  }

  #mirror(node: PeerId): Mirror {
    const mirror = this.#mirrors[this.#slots[node] ?? -1];
    if (mirror === undefined) {
      throw new InvariantError(`server ${node} is not one of those watched`);
    }
    return mirror;
  }

  #report(name: RaftInvariantName, node: PeerId, did: string): void {
    if (this.findings.length >= FINDINGS_MAX) return;
    this.findings.push({ invariant: name, node, why: `${this.#nameOf(node)} ${did}` });
  }

  #onSend(node: PeerId, mirror: Mirror, effect: SendEffect): void {
    const { message } = effect;
    if (message.type === 'raft.pre-vote' || message.type === 'raft.pre-vote-reply') return;
    if (message.term > mirror.saidTerm) mirror.saidTerm = message.term;
    if (message.type === 'raft.vote-reply' && message.granted) {
      this.#onVoteGiven(node, mirror, message.term, effect.to);
    } else if (message.type === 'raft.vote') {
      this.#onVoteGiven(node, mirror, message.term, node);
    }
  }

  #onVoteGiven(node: PeerId, mirror: Mirror, term: number, candidate: PeerId): void {
    if (term === mirror.voteTerm && candidate !== mirror.voteFor) {
      const first = this.#nameOf(mirror.voteFor);
      const why = `voted for ${first} and for ${this.#nameOf(candidate)} in term ${term}`;
      this.#report('VoteOnce', node, why);
    }
    if (term < mirror.voteTerm) return;
    mirror.voteTerm = term;
    mirror.voteFor = candidate;
  }

  #onAppended(node: PeerId, mirror: Mirror, state: RaftState, from: number, to: number): void {
    for (let index = from; index <= to; index += 1) {
      const entry = state.log.entry(index);
      invariant(entry !== undefined, 'an appended entry is in the log');
      const prevTerm = mirror.log.at(index - 2)?.term ?? 0;
      mirror.log.push(entry);
      const seen = this.#tree.see(entry, prevTerm);
      if (seen !== null) {
        const other =
          seen.prevTerm === prevTerm ? 'another command' : `a predecessor of term ${seen.prevTerm}`;
        const why = `holds entry ${index} of term ${entry.term} after one of term ${prevTerm}`;
        this.#report('LogMatching', node, `${why}; elsewhere it has ${other}`);
      }
      this.#checkTermsInLog(node, mirror, index);
    }
  }

  #checkTermsInLog(node: PeerId, mirror: Mirror, index: number): void {
    const { term } = mirror.log.at(index - 1) as RaftEntry;
    const prevTerm = mirror.log.at(index - 2)?.term ?? 0;
    if (term < prevTerm) {
      const why = `has an entry of term ${term} at index ${index} after one of term ${prevTerm}`;
      this.#report('TermsInLog', node, why);
    }
    if (term > mirror.term) {
      const why = `is in term ${mirror.term} with an entry of term ${term} at index ${index}`;
      this.#report('TermsInLog', node, why);
    }
  }

  #onLeaderTruncated(node: PeerId, term: number, from: number): void {
    const why = `leads term ${term} and deleted its own entries from index ${from} on`;
    this.#report('LeaderAppendOnly', node, why);
  }

  #onElected(node: PeerId, mirror: Mirror): void {
    const { term } = mirror;
    for (const election of this.#elections) {
      if (election.term !== term || election.leader === node) continue;
      const why = `was elected in term ${term}, as ${this.#nameOf(election.leader)} had been`;
      this.#report('ElectionSafety', node, why);
    }
    // Earlier entries need no look: where the logs agree at one index, they agree before it, and
    // where LogMatching fails there is a finding already.
    let index = this.#commits.length;
    while (index > 0 && (this.#commits.at(index - 1) as Commit).inTerm >= term) index -= 1;
    if (index > 0) this.#checkComplete(node, term, mirror.log, index);
    let spoken = Infinity;
    for (const each of this.#mirrors) spoken = Math.min(spoken, each.saidTerm);
    this.#elections = this.#elections.filter((election) => election.term >= spoken);
    if (this.#elections.length === ELECTIONS_MAX) this.#elections.shift();
    this.#elections.push({ term, leader: node, log: mirror.log.clone() });
  }

  /** The leader of `term`, elected with `log`, must hold what was committed at `index`. */
  #checkComplete(leader: PeerId, term: number, log: ChunkedList<RaftEntry>, index: number): void {
    const { entry, inTerm } = this.#commits.at(index - 1) as Commit;
    const held = log.at(index - 1);
    if (held !== undefined && sameEntry(held, entry)) return;
    const instead = held === undefined ? 'nothing' : `an entry of term ${held.term}`;
    const why = `was elected in term ${term} with ${instead} at index ${index}, where an entry`;
    const proof = `of term ${entry.term} was committed in term ${inTerm}`;
    this.#report('LeaderCompleteness', leader, `${why} ${proof}`);
  }

  /** The leader's snapshot is in place of the log: as if every entry of it had been appended. */
  #onRestored(node: PeerId, mirror: Mirror, { index, term }: RaftSnapshot): void {
    mirror.log.truncate(0);
    this.#fill(mirror, index);
    const known = this.#applied.at(index - 1)?.entry;
    if (known?.term === term) return;
    const instead = known === undefined ? 'nobody applied any' : `others applied ${known.term}`;
    const why = `took a snapshot up to entry ${index} of term ${term}, where ${instead}`;
    this.#report('SnapshotIsCommitted', node, why);
  }

  #onCompacted(node: PeerId, upTo: number): void {
    if (upTo <= this.#commits.length) return;
    const why = `compacted its log up to ${upTo}, with ${this.#commits.length} committed`;
    this.#report('SnapshotIsCommitted', node, why);
  }

  /** Lengthens a log to `length` with what was applied there. */
  #fill({ log }: Mirror, length: number): void {
    for (let index = log.length + 1; index <= length; index += 1) {
      log.push(this.#applied.at(index - 1)?.entry ?? { term: 0, index, command: null });
    }
  }

  #onCommitted(node: PeerId, mirror: Mirror, from: number, to: number): void {
    for (let index = from; index <= to; index += 1) {
      const entry = mirror.log.at(index - 1);
      invariant(entry !== undefined, 'a committed entry is in the log');
      this.#onApplied(node, entry);
    }
    if (mirror.leading) this.#onCountedCommit(node, mirror, to);
  }

  #onApplied(node: PeerId, entry: RaftEntry): void {
    const { index } = entry;
    const first = this.#applied.at(index - 1);
    if (first === undefined) this.#applied.push({ entry, by: node });
    else if (!sameEntry(first.entry, entry)) {
      const what = `applied an entry of term ${entry.term} at index ${index}`;
      const other = `${this.#nameOf(first.by)} had applied one of term ${first.entry.term}`;
      this.#report('StateMachineSafety', node, `${what}, where ${other}`);
    }
  }

  /** A leader moved the commit index of the group by counting replicas. */
  #onCountedCommit(node: PeerId, mirror: Mirror, to: number): void {
    const last = mirror.log.at(to - 1) as RaftEntry;
    if (last.term !== mirror.term) {
      const why = `leads term ${mirror.term} and counted replicas of entry ${to} of term`;
      this.#report('CommitRule', node, `${why} ${last.term}`);
    }
    for (let index = this.#commits.length + 1; index <= to; index += 1) {
      const entry = mirror.log.at(index - 1) as RaftEntry;
      this.#commits.push({ entry, inTerm: mirror.term });
    }
    for (const election of this.#elections) {
      if (election.term <= (this.#commits.at(to - 1) as Commit).inTerm) continue;
      this.#checkComplete(election.leader, election.term, election.log, to);
    }
    this.#checkDurable(node, `committed up to index ${to}`);
  }

  /** The newest committed entry, and with it all before, must be on the disks of a majority. */
  #checkDurable(node: PeerId, did: string): void {
    const index = this.#commits.length;
    if (index === 0) return;
    const { entry } = this.#commits.at(index - 1) as Commit;
    let holders = 0;
    for (const mirror of this.#mirrors) {
      const held = mirror.durableIndex >= index ? mirror.log.at(index - 1) : undefined;
      if (held !== undefined && sameEntry(held, entry)) holders += 1;
    }
    if (holders >= this.#quorum) return;
    const where = `on ${holders} of ${this.#ids.length} disks`;
    const why = `${did}; committed entry ${index} of term ${entry.term} is ${where}`;
    this.#report('CommittedIsDurable', node, why);
  }
}

function sameEntry(a: RaftEntry, b: RaftEntry): boolean {
  return a === b || (a.term === b.term && a.command === b.command);
}
