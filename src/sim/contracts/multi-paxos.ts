/**
 * The conversation between the members of one Multi-Paxos group.
 *
 * Each member is acceptor, learner and, when its turn comes, leader. Messages are plain, immutable
 * data, shared by whoever holds them; the host that delivers one says who sent it.
 *
 * Source: Lamport, "Paxos Made Simple" (2001), sections 2.2 and 3; van Renesse & Altinbuken,
 * "Paxos Made Moderately Complex" (2015): p1a, p1b, p2a, p2b, decision; Chandra et al., "Paxos
 * Made Live" (2007): catch-up.
 */
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';

/** The host's index of a node. */
type PeerId = number;

/** What the state machine will execute. The protocol never looks inside. */
export type PaxosCommand = string | number | object;

/** Ordered by round, then by the number of who owns it: no two servers use the same one. */
export interface Ballot {
  readonly round: number;
  readonly id: PeerId;
}

/** What was proposed for a slot of the log, and in which ballot. Null: a no-op. */
export interface PaxosEntry {
  readonly slot: number;
  readonly ballot: Ballot;
  readonly command: PaxosCommand | null;
}

/** Phase 1a, for all slots from one on at once. */
export interface PaxosPrepare {
  readonly type: 'paxos.prepare';
  readonly ballot: Ballot;
  readonly from: number;
}

/** Phase 1b: what was accepted from that slot on. Up to `chosen` the values are chosen. */
export interface PaxosPromise {
  readonly type: 'paxos.promise';
  readonly ballot: Ballot;
  readonly chosen: number;
  readonly entries: readonly PaxosEntry[];
}

/** Phase 2a, for one slot or several. All up to `chosen` is chosen. */
export interface PaxosAccept {
  readonly type: 'paxos.accept';
  readonly ballot: Ballot;
  readonly chosen: number;
  readonly entries: readonly PaxosEntry[];
}

/** Phase 2b. */
export interface PaxosAccepted {
  readonly type: 'paxos.accepted';
  readonly ballot: Ballot;
  readonly slots: readonly number[];
}

/** In place of 1b or 2b, or to a ping: a later ballot was promised. */
export interface PaxosReject {
  readonly type: 'paxos.reject';
  readonly ballot: Ballot;
}

/**
 * The owner of a ballot lives. Sent from the start of phase 1 on; once phase 1 is over, it leads.
 * `confirmed` is the newest round of pings that a phase-2 quorum has answered.
 */
export interface PaxosPing {
  readonly type: 'paxos.ping';
  readonly ballot: Ballot;
  readonly leading: boolean;
  readonly chosen: number;
  readonly round: number;
  readonly confirmed: number;
}

/** The sender has promised no later ballot. */
export interface PaxosPong {
  readonly type: 'paxos.pong';
  readonly ballot: Ballot;
  readonly round: number;
}

/** What was chosen from this slot on? */
export interface PaxosLearn {
  readonly type: 'paxos.learn';
  readonly from: number;
}

/** These were chosen, one slot after the other. */
export interface PaxosChosen {
  readonly type: 'paxos.chosen';
  readonly entries: readonly PaxosEntry[];
  /** How far there is more. */
  readonly chosen: number;
}

export type PaxosMessage =
  | PaxosPrepare
  | PaxosPromise
  | PaxosAccept
  | PaxosAccepted
  | PaxosReject
  | PaxosPing
  | PaxosPong
  | PaxosLearn
  | PaxosChosen;

function mix(a: number, b: number): number {
  const h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  return Math.imul(h ^ (h >>> 15), 0xc2b2ae3d);
}

const digestBallot = ({ round, id }: Ballot): number => mix(round, id);

function digestEntries(entries: readonly PaxosEntry[]): number {
  let word = entries.length;
  for (const { slot, ballot } of entries) word = mix(word, slot) ^ digestBallot(ballot);
  return word;
}

const show = ({ round }: Ballot): string => `round ${round}`;

function labelOf({ entries }: PaxosAccept): string {
  const [first] = entries;
  if (first === undefined) return 'accept nothing';
  return entries.length === 1
    ? `accept for slot ${first.slot}`
    : `accept for ${plural(entries.length, 'slot')} from ${first.slot} on`;
}

export const multiPaxos = defineContract<PaxosMessage>({
  name: 'multi-paxos',
  about: 'The servers of a Multi-Paxos group agree on the command of each slot of a log.',
  source: 'Lamport, Paxos Made Simple (2001); van Renesse & Altinbuken (2015)',
  messages: {
    'paxos.prepare': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(digestBallot(m.ballot), m.from),
      label: (m) => `prepare ${show(m.ballot)} from slot ${m.from} on`,
    },
    'paxos.promise': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(digestBallot(m.ballot), m.chosen) ^ digestEntries(m.entries),
      label: (m) => `promise ${show(m.ballot)}, with ${plural(m.entries.length, 'slot')} accepted`,
    },
    'paxos.accept': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => mix(digestBallot(m.ballot), m.chosen) ^ digestEntries(m.entries),
      label: labelOf,
    },
    'paxos.accepted': {
      role: 'notice',
      flight: 'acknowledgement',
      digest: (m) => {
        let word = digestBallot(m.ballot);
        for (const slot of m.slots) word = mix(word, slot);
        return word;
      },
      label: (m) => `accepted for ${plural(m.slots.length, 'slot')}`,
    },
    'paxos.reject': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => digestBallot(m.ballot),
      label: (m) => `no: I promised ${show(m.ballot)}`,
    },
    'paxos.ping': {
      role: 'notice',
      flight: 'heartbeat',
      digest: (m) => mix(digestBallot(m.ballot), m.round) ^ mix(m.chosen, m.confirmed),
      label: (m) => (m.leading ? `I lead ${show(m.ballot)}` : `I prepare ${show(m.ballot)}`),
    },
    'paxos.pong': {
      role: 'notice',
      flight: 'heartbeat',
      digest: (m) => mix(digestBallot(m.ballot), m.round),
      label: (m) => `alive in ${show(m.ballot)}`,
    },
    'paxos.learn': {
      role: 'notice',
      flight: 'request',
      digest: (m) => m.from,
      label: (m) => `what was chosen from slot ${m.from} on?`,
    },
    'paxos.chosen': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => mix(m.chosen, digestEntries(m.entries)),
      label: (m) => `${plural(m.entries.length, 'slot')} chosen`,
    },
  },
  errors: [],
});
