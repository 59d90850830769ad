/**
 * A small Multi-Paxos group as a model to explore: whatever may happen next, within bounds.
 *
 * Messages are delivered in any order, or never (which is to lose them). Timeouts, proposals and
 * crashes are bounded in number. Rejections are left out: they only hasten a server's giving way.
 */
import type { Ballot, PaxosEntry } from '../../../../../src/sim/contracts/multi-paxos.ts';
import type { Model } from '../../../../../src/sim/protocols/explore.ts';
import type { PaxosInvariantName } from './group.ts';
import type { PaxosAblation } from '../../../../../src/sim/protocols/multi-paxos/rules.ts';
import type { Slots } from '../../../../../src/sim/protocols/multi-paxos/slots.ts';
import type { PaxosState } from '../../../../../src/sim/protocols/multi-paxos/state.ts';
import { Group } from './group.ts';
import type { Envelope, Server } from './group.ts';

export interface PaxosModelOptions {
  readonly size: number;
  readonly phase1Quorum?: number;
  readonly phase2Quorum?: number;
  /** How often anybody stands. */
  readonly campaigns: number;
  readonly proposals: number;
  readonly crashes: number;
  readonly pings?: boolean;
  readonly instantDisk?: boolean;
  readonly off?: readonly PaxosAblation[];
  /** What has happened before; told to the group in order. */
  readonly before?: (group: Group) => void;
  /** Invariants that are looked at; default: all. */
  readonly check?: readonly PaxosInvariantName[];
}

interface ModelState {
  readonly group: Group;
  readonly campaigns: number;
  readonly proposals: number;
  readonly crashes: number;
}

const ballotText = ({ round, id }: Ballot): string => `${round}.${id}`;
const entryText = ({ slot, ballot, command }: PaxosEntry): string =>
  `${slot}:${ballotText(ballot)}=${command as string | null}`;
const slotsText = (slots: Slots<PaxosEntry>): string =>
  slots.slice(1, slots.last).map(entryText).join(' ');

function stateText(state: PaxosState): string {
  const open = [...state.open.values()].map(
    ({ entry, acks, isChosen }) =>
      `${entryText(entry)}/${acks.toSorted().join('')}${isChosen ? '!' : ''}`,
  );
  const recovered = [...state.recovered.values()].map(entryText).toSorted();
  return [
    state.role,
    ballotText(state.promised),
    ballotText(state.seen),
    state.chosen,
    state.nextSlot,
    state.promises.toSorted().join(''),
    recovered.join(' '),
    open.join(' '),
    slotsText(state.accepted),
  ].join('|');
}

function serverText({ state, disk, writes }: Server): string {
  const live = state === null ? 'down' : stateText(state);
  const under = writes.map(({ promised, entries }) => {
    const ballot = promised === null ? '' : ballotText(promised);
    return `${ballot}${entries.map(entryText).join(' ')}`;
  });
  return `${live}#${ballotText(disk.promised)} ${slotsText(disk.accepted)}#${under.join(';')}`;
}

/** Envelopes are never changed, and copies share them: each is written down once. */
const texts = new WeakMap<Envelope, string>();

function envelopeText(envelope: Envelope): string {
  let text = texts.get(envelope);
  if (text === undefined) {
    const { from, to, message } = envelope;
    text = `${from}>${to}${JSON.stringify(message)}`;
    texts.set(envelope, text);
  }
  return text;
}

/** What the books say decides what is a violation later. */
function booksText({ invariants }: Group): string {
  const { mirrors, proposals, chosen } = invariants.save();
  const said = mirrors.map(({ promised }) => ballotText(promised)).join(' ');
  const votes: string[] = [];
  for (let slot = 1; slot <= proposals.last; slot += 1) {
    for (const { ballot, command, voters } of proposals.get(slot) ?? []) {
      const who = voters.toSorted().join('');
      votes.push(`${slot}:${ballotText(ballot)}=${command as string | null}/${who}`);
    }
    votes.push(`!${(chosen.get(slot)?.command ?? null) as string | null}`);
  }
  return `${said}|${votes.join(' ')}`;
}

export class PaxosModel implements Model<ModelState, string> {
  readonly #options: PaxosModelOptions;

  constructor(options: PaxosModelOptions) {
    this.#options = options;
  }

  initial(): readonly ModelState[] {
    const { campaigns, proposals, crashes, pings, off = [], size, ...rest } = this.#options;
    const { phase1Quorum, phase2Quorum, instantDisk = true } = rest;
    const majority = (size >> 1) + 1;
    const group = new Group({
      size,
      instantDisk,
      phase1Quorum: phase1Quorum ?? majority,
      phase2Quorum: phase2Quorum ?? majority,
      ablations: new Set(off),
      without:
        pings === true
          ? ['paxos.reject', 'paxos.pong']
          : ['paxos.reject', 'paxos.ping', 'paxos.pong'],
    });
    this.#options.before?.(group);
    return [{ group, campaigns, proposals, crashes }];
  }

  successors(state: ModelState, visit: (action: string, next: ModelState) => void): void {
    const { group, campaigns, proposals, crashes } = state;
    const go = (action: string, act: (copy: Group) => void, spent: Partial<ModelState>): void => {
      const copy = group.copy();
      act(copy);
      visit(action, { ...state, ...spent, group: copy });
    };
    const seen = new Set<string>();
    group.network.forEach((envelope, at) => {
      const text = envelopeText(envelope);
      if (seen.has(text)) return;
      seen.add(text);
      go(`deliver ${text}`, (copy) => copy.deliver(at), {});
    });
    for (const { id, state: live, writes } of group.servers) {
      if (live === null) continue;
      if (campaigns > 0 && live.role === 'follower') {
        go(`${id} stands`, (copy) => copy.campaign(id), { campaigns: campaigns - 1 });
      }
      if (proposals > 0 && live.role === 'leader') {
        const name = `v${proposals}`;
        go(`${id} proposes`, (copy) => void copy.propose(id, name), { proposals: proposals - 1 });
      }
      if (writes.length > 0) go(`${id} writes`, (copy) => copy.completeWrites(id), {});
      if (crashes === 0) continue;
      const again = (copy: Group): void => {
        copy.crash(id);
        copy.restart(id);
      };
      go(`${id} crashes and restarts`, again, { crashes: crashes - 1 });
    }
  }

  key({ group, campaigns, proposals, crashes }: ModelState): string {
    const servers = group.servers.map(serverText).join('\n');
    const network = group.network.map(envelopeText).toSorted().join('\n');
    return `${campaigns} ${proposals} ${crashes}\n${servers}\n${network}\n${booksText(group)}`;
  }

  violation({ group }: ModelState): string | null {
    const { check } = this.#options;
    const found = group.invariants.findings.find(
      ({ invariant }) => check === undefined || check.includes(invariant),
    );
    return found === undefined ? null : `${found.invariant}: ${found.why}`;
  }

  describe(action: string): string {
    return action;
  }
}
