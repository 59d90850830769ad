/**
 * The safety invariants of Multi-Paxos, checked after every step of every server.
 *
 * Incremental: the checker is told of each step and does work in proportion to what changed. It
 * keeps its own books of what was proposed, promised and accepted, from what the servers say, so a
 * fault in the algorithm's own books does not blind it. A value is chosen when a phase-2 quorum has
 * said that it accepted it in one ballot, whether or not anybody knows.
 *
 * Sources: Paxos Made Simple, P1a, P2b, P2c; van Renesse & Altinbuken, invariants A1-A5, C1-C3, R1.
 */
import type { Ballot, PaxosCommand, PaxosEntry } from '../../contracts/multi-paxos.ts';
import { invariant } from '../../kernel/errors.ts';
import { ChunkedList } from '../chunked-list.ts';
import { NO_BALLOT, compareBallots, isSameBallot, laterOf } from './ballot.ts';
import type { PaxosEffect, PaxosSend, PeerId } from './effects.ts';
import { Slots } from './slots.ts';
import type { PaxosState } from './state.ts';

export type PaxosInvariantName =
  | 'OneValuePerBallot'
  | 'PromiseKept'
  | 'SafeProposal'
  | 'Agreement'
  | 'AppliedIsChosen'
  | 'StateMachineSafety'
  | 'PromiseIsDurable'
  | 'AcceptedIsDurable';

/** What each of them says, in one sentence. */
export const PAXOS_INVARIANTS: { readonly [name in PaxosInvariantName]: string } = Object.freeze({
  OneValuePerBallot: 'In a ballot one value is proposed for a slot.',
  PromiseKept: 'Nobody accepts in a ballot earlier than one that it has promised.',
  SafeProposal: 'Once a value is chosen for a slot, later ballots propose no other.',
  Agreement: 'One value is chosen for a slot.',
  AppliedIsChosen: 'Only what is chosen is applied.',
  StateMachineSafety: 'All servers apply the same at a slot.',
  PromiseIsDurable: 'A restarted server remembers what it promised.',
  AcceptedIsDurable: 'A restarted server has what it said that it accepted.',
});

export interface PaxosFinding {
  readonly invariant: PaxosInvariantName;
  readonly node: PeerId;
  readonly why: string;
}

/** A value proposed for a slot in a ballot, and who said to have accepted it. Never changed. */
interface Proposal {
  readonly ballot: Ballot;
  readonly command: PaxosCommand | null;
  readonly voters: readonly PeerId[];
}

interface Applied {
  readonly command: PaxosCommand | null;
  readonly by: PeerId;
}

/** What one server has said. */
interface Mirror {
  promised: Ballot;
  accepted: Slots<Proposal>;
}

export interface PaxosInvariantsImage {
  readonly mirrors: readonly Mirror[];
  readonly proposals: Slots<readonly Proposal[]>;
  readonly chosen: Slots<Proposal>;
  readonly applied: ChunkedList<Applied>;
  readonly findings: readonly PaxosFinding[];
}

/** A modified run breaks an invariant over and over: after this many findings nothing is new. */
const FINDINGS_MAX = 100;

const copyMirror = ({ promised, accepted }: Mirror): Mirror => ({
  promised,
  accepted: accepted.clone(),
});

export class PaxosInvariants {
  findings: PaxosFinding[] = [];
  readonly #ids: readonly PeerId[];
  readonly #phase2Quorum: number;
  readonly #nameOf: (node: PeerId) => string;
  #mirrors: Mirror[];
  #proposals = Slots.empty<readonly Proposal[]>();
  #chosen = Slots.empty<Proposal>();
  #applied = ChunkedList.empty<Applied>();

  constructor(
    ids: readonly PeerId[],
    phase2Quorum: number,
    nameOf: (node: PeerId) => string = (node) => `n${node}`,
  ) {
    this.#ids = ids;
    this.#phase2Quorum = phase2Quorum;
    this.#nameOf = nameOf;
    this.#mirrors = ids.map(() => ({ promised: NO_BALLOT, accepted: Slots.empty() }));
  }

  /** To be called after each step of a server, with its state after the step. */
  onEffects(node: PeerId, state: PaxosState, effects: readonly PaxosEffect[]): void {
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          this.#onSend(node, effect);
          break;
        case 'proposed':
          for (const entry of effect.entries) this.#onProposed(node, entry);
          break;
        case 'self-accepted':
          this.#onAccepted(node, effect.ballot, effect.slots);
          break;
        case 'committed':
          this.#onApplied(node, state, effect.from, effect.to);
          break;
        default:
      }
    }
  }

  /** To be called when a server comes back with what its disk kept, before its first step. */
  onRestart(node: PeerId, state: PaxosState): void {
    const { promised, accepted } = this.#mirror(node);
    if (compareBallots(state.promised, promised) < 0) {
      const why = `promised ${show(promised)} and restarted with ${show(state.promised)}`;
      this.#report('PromiseIsDurable', node, why);
    }
    for (let slot = 1; slot <= accepted.last; slot += 1) {
      const said = accepted.get(slot);
      if (said === undefined) continue;
      const held = state.accepted.get(slot);
      // What is known to be chosen is not written again in a later ballot.
      if (held !== undefined && held.command === said.command) continue;
      if (held !== undefined && compareBallots(held.ballot, said.ballot) > 0) continue;
      const why = `had accepted ${show(said.ballot)} for slot ${slot} and restarted without it`;
      this.#report('AcceptedIsDurable', node, why);
    }
  }

  /** How many slots have a chosen value, by what was said. */
  get chosenSlots(): number {
    let count = 0;
    for (let slot = 1; slot <= this.#chosen.last; slot += 1) {
      if (this.#chosen.get(slot) !== undefined) count += 1;
    }
    return count;
  }

  save(): PaxosInvariantsImage {
    return {
      mirrors: this.#mirrors.map(copyMirror),
      proposals: this.#proposals.clone(),
      chosen: this.#chosen.clone(),
      applied: this.#applied.clone(),
      findings: this.findings.slice(),
    };
  }

  restore(image: PaxosInvariantsImage): void {
    this.#mirrors = image.mirrors.map(copyMirror);
    this.#proposals = image.proposals.clone();
    this.#chosen = image.chosen.clone();
    this.#applied = image.applied.clone();
    this.findings = image.findings.slice();
  }

  #mirror(node: PeerId): Mirror {
    const mirror = this.#mirrors[this.#ids.indexOf(node)];
    invariant(mirror !== undefined, 'the checker knows every server of the group');
    return mirror;
  }

  #report(name: PaxosInvariantName, node: PeerId, did: string): void {
    if (this.findings.length >= FINDINGS_MAX) return;
    this.findings.push({ invariant: name, node, why: `${this.#nameOf(node)} ${did}` });
  }

  #onSend(node: PeerId, { message }: PaxosSend): void {
    const mirror = this.#mirror(node);
    if (message.type === 'paxos.promise') {
      mirror.promised = laterOf(mirror.promised, message.ballot);
    } else if (message.type === 'paxos.accepted') {
      this.#onAccepted(node, message.ballot, message.slots);
    }
  }

  #onProposed(node: PeerId, { slot, ballot, command }: PaxosEntry): void {
    const known = this.#proposals.get(slot) ?? [];
    const same = known.find((each) => isSameBallot(each.ballot, ballot));
    if (same === undefined) {
      this.#proposals.set(slot, [...known, Object.freeze({ ballot, command, voters: [] })]);
    } else if (same.command !== command) {
      const why = `proposed a second value for slot ${slot} in ${show(ballot)}`;
      this.#report('OneValuePerBallot', node, why);
    }
    const chosen = this.#chosen.get(slot);
    if (chosen === undefined || chosen.command === command) return;
    if (compareBallots(chosen.ballot, ballot) > 0) return;
    const why = `proposed for slot ${slot} in ${show(ballot)} another value than was chosen in`;
    this.#report('SafeProposal', node, `${why} ${show(chosen.ballot)}`);
  }

  #onAccepted(node: PeerId, ballot: Ballot, slots: readonly number[]): void {
    const mirror = this.#mirror(node);
    if (compareBallots(ballot, mirror.promised) < 0 && slots.length > 0) {
      const why = `promised ${show(mirror.promised)} and then accepted ${show(ballot)}`;
      this.#report('PromiseKept', node, why);
    }
    for (const slot of slots) this.#onVote(node, mirror, ballot, slot);
  }

  #onVote(node: PeerId, mirror: Mirror, ballot: Ballot, slot: number): void {
    const known = this.#proposals.get(slot) ?? [];
    const place = known.findIndex((each) => isSameBallot(each.ballot, ballot));
    const before = known[place];
    // Accepted from the rival of a ballot that is not unique: the finding is made already.
    if (before === undefined || before.voters.includes(node)) return;
    const proposal = Object.freeze({ ...before, voters: [...before.voters, node] });
    this.#proposals.set(slot, known.with(place, proposal));
    const last = mirror.accepted.get(slot);
    if (last === undefined || compareBallots(last.ballot, ballot) < 0) {
      mirror.accepted.set(slot, proposal);
    }
    if (proposal.voters.length >= this.#phase2Quorum) this.#onChosen(node, slot, proposal);
  }

  #onChosen(node: PeerId, slot: number, proposal: Proposal): void {
    const first = this.#chosen.get(slot);
    if (first === undefined) this.#chosen.set(slot, proposal);
    else if (first.command !== proposal.command) {
      const why = `completed the choice of a second value for slot ${slot}: one in`;
      const ballots = `${show(first.ballot)}, one in ${show(proposal.ballot)}`;
      this.#report('Agreement', node, `${why} ${ballots}`);
    }
  }

  #onApplied(node: PeerId, state: PaxosState, from: number, to: number): void {
    for (let slot = from; slot <= to; slot += 1) {
      const entry = state.accepted.get(slot);
      invariant(entry !== undefined, 'what is applied is held');
      const chosen = this.#chosen.get(slot);
      if (chosen?.command !== entry.command) {
        const what = chosen === undefined ? 'no quorum accepted any' : 'another one was chosen';
        this.#report('AppliedIsChosen', node, `applied a value at slot ${slot} where ${what}`);
      }
      const first = this.#applied.at(slot - 1);
      if (first === undefined) this.#applied.push({ command: entry.command, by: node });
      else if (first.command !== entry.command) {
        const why = `applied another value at slot ${slot} than ${this.#nameOf(first.by)} did`;
        this.#report('StateMachineSafety', node, why);
      }
    }
  }
}

const show = ({ round, id }: Ballot): string => (round === 0 ? 'nothing' : `ballot ${round}.${id}`);
