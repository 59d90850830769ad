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
import type { PeerId, RaftEntry, RaftMembers, RaftSnapshot } from '../../contracts/raft.ts';
import { invariant } from '../../kernel/errors.ts';
import { ChunkedList } from '../chunked-list.ts';
import type { RaftEffect, SendEffect } from './effects.ts';
import type { RaftInvariantName } from './invariant-list.ts';
import { RaftHistoryTree } from './history-tree.ts';
import {
  canDecideWithout,
  halfWithoutQuorum,
  quorumsMeet,
  sameEntry,
} from './invariants-members.ts';
import { copyMirror, newMirror } from './mirror.ts';
import type { Applied, Commit, Counted, Election, Mirror } from './mirror.ts';
import type { RaftFinding, RaftInvariantsImage } from './mirror.ts';
import { MAJORITIES } from './quorum.ts';
import type { RaftQuorums } from './quorum.ts';
import type { RaftState } from './state.ts';

export type { RaftFinding, RaftInvariantsImage } from './mirror.ts';

/** A modified run breaks an invariant over and over: after this many findings nothing is new. */
const FINDINGS_MAX = 100;

/** Elections kept at most: older ones could matter only to a leader this many terms behind. */
const ELECTIONS_MAX = 256;

export class RaftInvariants {
  findings: RaftFinding[] = [];
  readonly #nameOf: (node: PeerId) => string;
  /** By position in `ids`; the position of a server is looked up by its number. */
  #mirrors: Mirror[];
  #slots: number[] = [];
  #tree = new RaftHistoryTree();
  /** In the order of their terms; those that no commit can contradict any more are dropped. */
  #elections: Election[] = [];
  #commits = ChunkedList.empty<Commit>();
  #applied = ChunkedList.empty<Applied>();
  /** The configuration that the newest commit was counted in. */
  #counted: Counted = { index: -1, members: null };
  /** Of whoever steps: all servers of a group have the same. */
  #quorums: RaftQuorums = MAJORITIES;

  constructor(ids: readonly PeerId[], nameOf: (node: PeerId) => string = (node) => `n${node}`) {
    this.#nameOf = nameOf;
    ids.forEach((id, slot) => (this.#slots[id] = slot));
    this.#mirrors = ids.map(newMirror);
  }

  /** To be called after each step of a server, with its state after the step. */
  onEffects(node: PeerId, state: RaftState, effects: readonly RaftEffect[]): void {
    const mirror = this.#mirror(node);
    this.#quorums = state.conf.quorums;
    if (state.term < mirror.term) {
      this.#report('TermMonotonic', node, `went from term ${mirror.term} back to ${state.term}`);
    }
    // Its first step: nothing can have changed the configuration before.
    mirror.members ??= state.conf.members;
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
          this.#onCommitted(node, mirror, ledBefore || mirror.leading, effect.from, effect.to);
          break;
        case 'configuration':
          this.#onMembers(node, mirror, effect.index, effect.members);
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
    if (deleted) this.#onLost(node, 'deleted entries of its log');
  }

  /** To be called when a server comes back with what its disk kept, before its first step. */
  onRestart(node: PeerId, state: RaftState): void {
    const mirror = this.#mirror(node);
    this.#quorums = state.conf.quorums;
    if (state.term < mirror.saidTerm) {
      const why = `spoke in term ${mirror.saidTerm} but restarted in term ${state.term}`;
      this.#report('TermMonotonic', node, why);
    }
    mirror.term = state.term;
    mirror.leading = false;
    mirror.members = state.conf.members;
    mirror.membersIndex = state.conf.index;
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
    this.#onLost(node, 'restarted');
  }

  /** A server may hold less than before. */
  #onLost(node: PeerId, did: string): void {
    this.#checkDurable(node, did);
    for (const mirror of this.#mirrors) this.#checkQuorumLog(node, mirror);
  }

  save(): RaftInvariantsImage {
    return {
      slots: this.#slots.slice(),
      counted: this.#counted,
      mirrors: this.#mirrors.map(copyMirror),
      tree: this.#tree.save(),
      elections: this.#elections.slice(),
      commits: this.#commits.clone(),
      applied: this.#applied.clone(),
      findings: this.findings.slice(),
    };
  }

  restore(image: RaftInvariantsImage): void {
    this.#slots = image.slots.slice();
    this.#counted = image.counted;
    this.#mirrors = image.mirrors.map(copyMirror);
    this.#tree = RaftHistoryTree.restore(image.tree);
    this.#elections = image.elections.slice();
    this.#commits = image.commits.clone();
    this.#applied = image.applied.clone();
    this.findings = image.findings.slice();
  }

  #mirror(node: PeerId): Mirror {
    const slot = this.#slots[node];
    if (slot !== undefined) return this.#mirrors[slot] as Mirror;
    // A server that joins later.
    const mirror = newMirror();
    this.#slots[node] = this.#mirrors.length;
    this.#mirrors.push(mirror);
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

  /** A leader may lose its office by its own commit: what counts is that it led in this term. */
  #onCommitted(node: PeerId, mirror: Mirror, leads: boolean, from: number, to: number): void {
    for (let index = from; index <= to; index += 1) {
      const entry = mirror.log.at(index - 1);
      invariant(entry !== undefined, 'a committed entry is in the log');
      this.#onApplied(node, entry);
    }
    if (leads) this.#onCountedCommit(node, mirror, to);
    else this.#checkQuorumLog(node, mirror);
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
    this.#counted = { index: mirror.membersIndex, members: mirror.members };
    this.#checkDurable(node, `committed up to index ${to}`);
  }

  /** The newest committed entry, and with it all before, must be on the disks of a quorum. */
  #checkDurable(node: PeerId, did: string): void {
    const index = this.#commits.length;
    const { members } = this.#counted;
    if (index === 0 || members === null) return;
    const { entry } = this.#commits.at(index - 1) as Commit;
    const lacking = halfWithoutQuorum(members, this.#quorums, (id) => {
      const mirror = this.#mirrors[this.#slots[id] ?? -1];
      return mirror !== undefined && mirror.durableIndex >= index && holds(mirror, entry);
    });
    if (lacking === null) return;
    const where = `on ${lacking.holders} of ${lacking.voters} disks`;
    const why = `${did}; committed entry ${index} of term ${entry.term} is ${where}`;
    this.#report('CommittedIsDurable', node, why);
  }

  #onMembers(node: PeerId, mirror: Mirror, index: number, members: RaftMembers): void {
    const before = mirror.members;
    mirror.members = members;
    mirror.membersIndex = index;
    this.#checkQuorumLog(node, mirror);
    if (!mirror.leading || before === null || mirror.log.at(index - 1)?.members !== members) return;
    if (!quorumsMeet(before, members)) {
      const why = `leads term ${mirror.term} and appended a configuration at ${index}`;
      this.#report('QuorumsMeet', node, `${why} that can decide without the one before it`);
    }
    for (let at = this.#commits.length + 1; at < index; at += 1) {
      if (mirror.log.at(at - 1)?.members === undefined) continue;
      const why = `leads term ${mirror.term} and changes the members at ${index}`;
      this.#report('OneChangeAtATime', node, `${why}, with the change at ${at} uncommitted`);
    }
  }

  /**
   * Under the configuration of the newest commit it follows from CommittedIsDurable; a look is
   * needed where a server uses another one.
   */
  #checkQuorumLog(node: PeerId, { commitIndex, log, members, membersIndex }: Mirror): void {
    if (commitIndex === 0 || members === null || membersIndex === this.#counted.index) return;
    const entry = log.at(commitIndex - 1);
    if (entry === undefined) return;
    const without = canDecideWithout(members, this.#quorums, (id) => {
      const mirror = this.#mirrors[this.#slots[id] ?? -1];
      return mirror !== undefined && holds(mirror, entry);
    });
    if (!without) return;
    const why = `uses the configuration of entry ${membersIndex}, which can decide without`;
    this.#report('QuorumLog', node, `${why} its committed entry ${commitIndex}`);
  }
}

function holds(mirror: Mirror, entry: RaftEntry): boolean {
  const held = mirror.log.at(entry.index - 1);
  return held !== undefined && sameEntry(held, entry);
}
