/**
 * A bounded Raft cluster as a model to explore: every order of deliveries, losses, timeouts,
 * proposals, crashes and (optionally) disk writes, over the real `step`.
 *
 * The network is a set that only grows: a message may be delivered at any time, any number of
 * times, or never. That covers loss, duplication and reordering, and makes retransmission
 * superfluous. A crash is followed by a restart at once: a server that stays down looks to the
 * others like one whose messages are all lost.
 *
 * A state is a short text: numbers of server states, of the past and of messages. What a server
 * does with an input depends on nothing else, so it is computed once. States that differ only in
 * which server is which have one key, unless the members change: then servers are not alike.
 * `network.ts` says which messages are left out, and why.
 */
import type { RaftMembers } from '../../../../../../src/sim/contracts/raft.ts';
import type { Model } from '../../../../../../src/sim/protocols/explore.ts';
import { createRaftConfig } from '../../../../../../src/sim/protocols/raft/config.ts';
import type { RaftConfig } from '../../../../../../src/sim/protocols/raft/config.ts';
import type {
  PersistEffect,
  RaftEffect,
  RaftInput,
} from '../../../../../../src/sim/protocols/raft/effects.ts';
import type { MembersChange } from '../../../../../../src/sim/protocols/raft/members-change.ts';
import {
  applyPersist,
  cloneRaft,
  cloneRaftDisk,
  createRaft,
  createRaftDisk,
  readDisk,
} from '../../../../../../src/sim/protocols/raft/state.ts';
import { step } from '../../../../../../src/sim/protocols/raft/step.ts';
import { plainMembers } from '../../../../../../src/sim/protocols/raft/configuration.ts';
import { deepFreeze } from '../../../support/servers.ts';
import { parseChanges } from '../cluster.ts';
import { Interner } from './interner.ts';
import { insert, isOld, Network } from './network.ts';
import type { Mail, RaftModelOptions } from './network.ts';
import { looksText, makeNode, nodeText, normalise, renameNode } from './node.ts';
import type { Node } from './node.ts';
import { durableFault, isQuiet, matchingFault, NOTHING_YET, remember } from './past.ts';
import type { Past } from './past.ts';

/** What a server does with an input: its next state and the messages it sends. */
interface Local {
  readonly next: number;
  readonly sends: readonly number[];
  /** It is no news to the past, whatever that was. */
  readonly quiet: boolean;
}

/** A way to rename the servers, with what it makes of each interned thing, filled as needed. */
interface Naming {
  readonly to: readonly number[];
  readonly from: readonly number[];
  readonly nodes: number[];
  readonly mails: number[];
  readonly pasts: number[];
}

const TIMEOUT = 0;
const PROPOSE = 1;
const HEARTBEAT = 2;
const CRASH = 3;
const WRITE = 4;
const SNAPSHOT = 5;
/** The first of the changes of members that a leader may be asked for. */
const CHANGE = 6;
const DEEDS = ['times out', 'proposes', 'heartbeats', 'restarts', 'completes a write'];
/** Messages are inputs too: their numbers follow these. */
const INPUTS = 16;
const COMMANDS = 'abcdefgh';
/** Of a state's text: past and budget stand between the servers and the messages. */
const HEAD = 2;
/** What has been used of each budget, in digits of 16: proposals, crashes, changes, snapshots. */
const CRASHED_ONCE = 16;
const CHANGED_ONCE = 256;
const TOOK_ONE = 4096;
const digit = (used: number, one: number): number => Math.floor(used / one) % 16;

export class RaftModel implements Model<string, number> {
  readonly #options: RaftModelOptions;
  readonly #configs: readonly RaftConfig[];
  readonly #members: RaftMembers;
  readonly #changes: readonly MembersChange[];
  readonly #namings: readonly Naming[];
  readonly #nodes = new Interner<Node>();
  /** By number of server state: a number for what it looks like without names. */
  readonly #looks: number[] = [];
  readonly #lookNumbers = new Interner<null>();
  readonly #pasts = new Interner<Past>();
  readonly #network: Network;
  /** By number of server state, then by input. */
  readonly #locals: Map<number, Local>[] = [];
  /** By number of a past and of a server state before and after: the past then. */
  readonly #remembered = new Map<number, number>();
  readonly #checks: (fault: string) => boolean;

  constructor(options: RaftModelOptions) {
    this.#options = options;
    const ids = Array.from({ length: options.size }, (_, i) => i);
    const voters = ids.slice(0, options.voters ?? options.size);
    this.#members = plainMembers(voters);
    this.#configs = ids.map((id) =>
      createRaftConfig({
        id,
        voters: voters.includes(id) ? voters : [],
        electionQuorum: options.electionQuorum ?? 0,
        replicationQuorum: options.replicationQuorum ?? 0,
        snapshotThreshold: 0,
        trailingEntries: 0,
        preVote: false,
        preVoteLease: false,
        checkQuorum: false,
        eagerCommit: options.eagerCommit ?? false,
        maxEntriesPerAppend: options.maxEntriesPerAppend ?? 64,
        ablations: new Set(options.off ?? []),
      }),
    );
    this.#changes = (options.changes?.of ?? []).map((words) => {
      return { transition: 'auto', changes: parseChanges(words) };
    });
    const alike = voters.length === ids.length && this.#changes.length === 0;
    this.#namings = (alike ? permutations(ids) : [ids]).map((to) => {
      const from = ids.map((slot) => to.indexOf(slot));
      return { to, from, nodes: [], mails: [], pasts: [] };
    });
    this.#network = new Network(options, this.#nodes, (node, mail) =>
      this.#local(node, INPUTS + mail, 0),
    );
    const { check } = options;
    this.#checks = (fault) =>
      check === undefined || check.some((name) => fault.startsWith(`${name}:`));
  }

  initial(): readonly string[] {
    const nodes = this.#configs.map((config, slot) =>
      this.#internNode(makeNode(slot, createRaft(config), createRaftDisk(), [])),
    );
    return [pack([...nodes, this.#internPast(NOTHING_YET), 0])];
  }

  /** The servers of a state without their messages, the same under every naming. */
  servers(state: string): readonly Node[] {
    let least = '';
    let found: Node[] = [];
    for (const { to } of this.#namings) {
      const renamed = this.#nodesOf(state).map((node) => renameNode(node, to));
      renamed.sort((a, b) => a.slot - b.slot);
      const text = renamed.map(nodeText).join();
      if (least !== '' && text >= least) continue;
      least = text;
      found = renamed;
    }
    return found;
  }

  violation(state: string): string | null {
    const past = this.#pasts.get(state.charCodeAt(this.#options.size));
    if (past.fault !== null) return past.fault;
    const nodes = this.#nodesOf(state);
    for (const fault of [durableFault(past, nodes, this.#members), matchingFault(nodes)]) {
      if (fault !== null && this.#checks(fault)) return fault;
    }
    return null;
  }

  /** The state itself: the same servers, past and messages under the same names. */
  text(state: string): string {
    return state;
  }

  /** Of all namings of the servers that put them in order of their looks, the least text. */
  key(state: string): string {
    if (this.#namings.length === 1) return state;
    let least = '';
    for (const naming of this.#namings) {
      if (!this.#isOrdered(state, naming.from)) continue;
      const renamed = this.#rename(state, naming);
      if (least === '' || renamed < least) least = renamed;
    }
    return least;
  }

  successors(state: string, visit: (move: number, next: string) => void): void {
    const { size, proposals, crashes, heartbeats = false, terms, snapshots = 0 } = this.#options;
    const used = state.charCodeAt(size + 1);
    for (let slot = 0; slot < size; slot += 1) {
      const { state: raft, writes } = this.#nodes.get(state.charCodeAt(slot));
      const leads = raft.role === 'leader';
      if (!leads && raft.term < terms) this.#move(state, slot, TIMEOUT, used, visit);
      if (leads && digit(used, 1) < proposals) this.#move(state, slot, PROPOSE, used + 1, visit);
      if (leads && heartbeats) this.#move(state, slot, HEARTBEAT, used, visit);
      if (digit(used, CRASHED_ONCE) < crashes) {
        this.#move(state, slot, CRASH, used + CRASHED_ONCE, visit);
      }
      if (leads && digit(used, CHANGED_ONCE) < (this.#options.changes?.count ?? 0)) {
        this.#changes.forEach((_, i) => {
          this.#move(state, slot, CHANGE + i, used + CHANGED_ONCE, visit);
        });
      }
      if (digit(used, TOOK_ONE) < snapshots && raft.commitIndex > (raft.snapshot?.index ?? 0)) {
        this.#move(state, slot, SNAPSHOT, used + TOOK_ONE, visit);
      }
      if (writes.length > 0) this.#move(state, slot, WRITE, used, visit);
    }
    for (let i = size + HEAD; i < state.length; i += 1) {
      const mail = state.charCodeAt(i);
      this.#move(state, this.#network.mails.get(mail).to, INPUTS + mail, used, visit);
    }
  }

  describe(move: number, next: string): string {
    const slot = move >>> 16;
    const input = move & 0xffff;
    const { state, log } = this.#nodes.get(next.charCodeAt(slot));
    const now = `${state.role} of term ${state.term}, log [${log.join(' ')}]`;
    const deed = input < INPUTS ? this.#deed(input) : this.#network.describe(input - INPUTS);
    return `n${slot} ${deed}; now ${now} committed to ${state.commitIndex}`;
  }

  #deed(input: number): string {
    if (input === SNAPSHOT) return 'takes a snapshot';
    const change = this.#options.changes?.of[input - CHANGE];
    return change === undefined ? (DEEDS[input] ?? '') : `is asked for the change ${change}`;
  }

  #nodesOf(state: string): Node[] {
    return this.#configs.map((_, slot) => this.#nodes.get(state.charCodeAt(slot)));
  }

  #move(
    state: string,
    slot: number,
    input: number,
    used: number,
    visit: (move: number, next: string) => void,
  ): void {
    const { size, crashes } = this.#options;
    const before = state.charCodeAt(slot);
    const local = this.#local(before, input, digit(used, 1));
    const mails = { state, from: size + HEAD, sends: local.sends };
    if (local.next === before && local.sends.every((mail) => isOld(mails, mail))) return;
    const was = state.charCodeAt(size);
    const past = local.quiet ? was : this.#remember(was, before, local.next, input === CRASH);
    const next: number[] = [];
    for (let i = 0; i < size; i += 1) next.push(i === slot ? local.next : state.charCodeAt(i));
    next.push(past, used);
    const moved = input === CRASH ? null : slot;
    this.#network.keepLive(next, mails, digit(used, CRASHED_ONCE) < crashes, moved);
    visit((slot << 16) | input, pack(next));
  }

  #remember(was: number, before: number, next: number, restarted: boolean): number {
    const key = ((was * 65_536 + before) * 65_536 + next) * 2 + (restarted ? 1 : 0);
    let past = this.#remembered.get(key);
    if (past === undefined) {
      const then = this.#pasts.get(was);
      const [a, b] = [this.#nodes.get(before), this.#nodes.get(next)];
      const now = remember(then, a, b, restarted, this.#checks);
      past = now === then ? was : this.#internPast(now);
      this.#remembered.set(key, past);
    }
    return past;
  }

  #local(number: number, input: number, proposed: number): Local {
    // A proposal's command is its number, and so part of the input.
    const key = input * 16 + (input === PROPOSE ? proposed : 0);
    const locals = (this.#locals[number] ??= new Map<number, Local>());
    let local = locals.get(key);
    if (local === undefined) {
      local = this.#compute(this.#nodes.get(number), input, proposed);
      locals.set(key, local);
    }
    return local;
  }

  #compute(node: Node, input: number, proposed: number): Local {
    const { slot } = node;
    const config = this.#configs[slot] as RaftConfig;
    const disk = cloneRaftDisk(node.disk);
    const writes = input === CRASH ? [] : node.writes.slice();
    const state = input === CRASH ? createRaft(config, readDisk(disk)) : cloneRaft(node.state);
    const sends = new Set<number>();
    const run = (each: RaftInput): void => {
      const effects: RaftEffect[] = [];
      step(config, state, each, 0, () => 0, effects);
      for (const effect of effects) {
        if (effect.type === 'persist') writes.push(deepFreeze(effect));
        if (effect.type !== 'send') continue;
        const message = deepFreeze(effect.message);
        sends.add(this.#network.intern({ from: slot, to: effect.to, message, stale: false }));
      }
    };
    const complete = (): void => {
      const write = writes.shift() as PersistEffect;
      applyPersist(disk, write);
      run({ type: 'persisted', upTo: write.ticket });
    };
    if (input === WRITE) complete();
    else if (input >= INPUTS) deliver(this.#network.mails.get(input - INPUTS), node, run);
    else if (input === TIMEOUT) run({ type: 'election-timeout' });
    else if (input === HEARTBEAT) run({ type: 'heartbeat-timeout' });
    else if (input === PROPOSE) {
      run({ type: 'propose', command: COMMANDS.charAt(proposed - 1), tag: 0 });
    } else if (input === SNAPSHOT) {
      const { commitIndex: index } = state;
      run({ type: 'snapshot-taken', index, state: deepFreeze(node.log.slice(0, index)) });
    } else if (input >= CHANGE && input < INPUTS) {
      const change = this.#changes[input - CHANGE] as MembersChange;
      run({ type: 'change-members', change, tag: 0 });
    }
    if (this.#options.instantDisk !== false) while (writes.length > 0) complete();
    normalise(state);
    const after = makeNode(slot, state, disk, writes);
    const quiet = isQuiet(node, after, input === CRASH, this.#checks);
    return { next: this.#internNode(after), sends: [...sends], quiet };
  }

  #internNode(node: Node): number {
    const number = this.#nodes.number(nodeText(node), () => node);
    this.#looks[number] ??= this.#lookNumbers.number(looksText(node), () => null);
    return number;
  }

  #internPast(past: Past): number {
    return this.#pasts.number(JSON.stringify(past), () => past);
  }

  #isOrdered(state: string, from: readonly number[]): boolean {
    let before = -1;
    for (const slot of from) {
      const looks = this.#looks[state.charCodeAt(slot)] as number;
      if (looks < before) return false;
      before = looks;
    }
    return true;
  }

  #rename(state: string, { to, nodes, mails, pasts }: Naming): string {
    const { size } = this.#options;
    const renamed: number[] = [];
    for (let slot = 0; slot < size; slot += 1) renamed.push(0);
    for (let slot = 0; slot < size; slot += 1) {
      const node = state.charCodeAt(slot);
      nodes[node] ??= this.#internNode(renameNode(this.#nodes.get(node), to));
      renamed[to[slot] as number] = nodes[node];
    }
    const was = state.charCodeAt(size);
    renamed.push((pasts[was] ??= this.#renamePast(was, to)), state.charCodeAt(size + 1));
    for (let i = size + HEAD; i < state.length; i += 1) {
      const mail = state.charCodeAt(i);
      insert(renamed, size + HEAD, (mails[mail] ??= this.#network.rename(mail, to)));
    }
    return pack(renamed);
  }

  #renamePast(number: number, to: readonly number[]): number {
    const past = this.#pasts.get(number);
    const elections = past.elections.map((won) => ({ ...won, slot: to[won.slot] as number }));
    elections.sort((a, b) => a.term - b.term || a.slot - b.slot);
    return this.#internPast({ ...past, elections });
  }
}

function deliver(
  { from, message, stale }: Mail,
  { state }: Node,
  run: (i: RaftInput) => void,
): void {
  // What stands for a stale request has nothing to say before it is stale.
  if (!stale || message.term < state.term) run({ type: 'message', from, message });
}

function pack(units: readonly number[]): string {
  return String.fromCharCode(...units);
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [items.slice()];
  return items.flatMap((first) =>
    permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
  );
}
