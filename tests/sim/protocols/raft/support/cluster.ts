/**
 * A Raft cluster without a simulator around it: servers, their disks, a bag of messages.
 *
 * Nothing happens by itself. The test delivers, drops, completes writes, fires timers, crashes and
 * restarts. A crash loses everything but the completed writes. Whatever is sent or appended is
 * deep-frozen, so that a step that writes to it fails the test.
 */
import type {
  RaftEntry,
  RaftMessage,
  RaftSnapshot,
} from '../../../../../src/sim/contracts/raft.ts';
import { createRaftConfig } from '../../../../../src/sim/protocols/raft/config.ts';
import type { RaftConfig, RaftOptions } from '../../../../../src/sim/protocols/raft/config.ts';
import type {
  PersistEffect,
  RaftEffect,
  RaftInput,
  RaftTimer,
} from '../../../../../src/sim/protocols/raft/effects.ts';
import type {
  MemberChange,
  MembersChange,
} from '../../../../../src/sim/protocols/raft/members-change.ts';
import {
  applyPersist,
  createRaft,
  createRaftDisk,
  readDisk,
} from '../../../../../src/sim/protocols/raft/state.ts';
import type { RaftDisk, RaftState } from '../../../../../src/sim/protocols/raft/state.ts';
import { step } from '../../../../../src/sim/protocols/raft/step.ts';
import { Servers, deepFreeze } from '../../support/servers.ts';
import type { Packet } from '../../support/servers.ts';

export type Envelope = Packet<RaftMessage>;

export interface Server {
  readonly id: number;
  readonly config: RaftConfig;
  /** Null while crashed. */
  state: RaftState | null;
  disk: RaftDisk;
  /** Writes handed to the disk and not complete, oldest first. */
  writes: PersistEffect[];
  readonly timers: Map<RaftTimer, number>;
  /** The state machine: everything applied, in order. */
  machine: RaftEntry[];
}

/** Told of every step: the invariants, histories, logs of goldens. */
export interface Observer {
  onStep?(server: Server, input: RaftInput, effects: readonly RaftEffect[]): void;
  onCrash?(server: Server): void;
  onRestart?(server: Server): void;
}

export interface ClusterOptions extends Partial<Omit<RaftOptions, 'id'>> {
  readonly ids: readonly number[];
  /** Complete every write at once. Default true. */
  readonly instantDisk?: boolean;
  readonly random?: () => number;
}

export class Cluster extends Servers<RaftMessage, RaftState, Server> {
  readonly servers: Server[];
  readonly observers: Observer[] = [];
  now = 0;
  readonly #instantDisk: boolean;
  readonly #random: () => number;

  constructor(options: ClusterOptions) {
    super();
    const { ids, instantDisk = true, random = () => 0, voters = ids, ...rest } = options;
    const { learners = [] } = options;
    this.#instantDisk = instantDisk;
    this.#random = random;
    this.servers = ids.map((id) => {
      // Who joins later is built knowing nobody.
      const joins = !voters.includes(id) && !learners.includes(id);
      const members = joins ? { voters: [], learners: [] } : { voters, learners };
      const config = createRaftConfig({ id, ...rest, ...members });
      const disk = createRaftDisk();
      const timers = new Map<RaftTimer, number>();
      return { id, config, state: createRaft(config), disk, writes: [], timers, machine: [] };
    });
  }

  start(): void {
    for (const { id } of this.servers) this.step(id, { type: 'start' });
  }

  /** One step of one server; its effects are performed and returned. */
  step(id: number, input: RaftInput): readonly RaftEffect[] {
    const server = this.server(id);
    const state = this.state(id);
    const effects: RaftEffect[] = [];
    step(server.config, state, input, this.now, this.#random, effects);
    const taken = effects.flatMap((effect) => this.#perform(server, deepFreeze(effect)));
    for (const observer of this.observers) observer.onStep?.(server, input, effects);
    for (const each of taken) this.step(id, each);
    if (!this.#instantDisk || server.writes.length === 0) return effects;
    return [...effects, ...this.completeWrites(id)];
  }

  /** The oldest `count` writes of a server reach its disk. */
  completeWrites(id: number, count = Infinity): readonly RaftEffect[] {
    const server = this.server(id);
    const done = server.writes.splice(0, count);
    for (const write of done) applyPersist(server.disk, write);
    const last = done[done.length - 1];
    return last === undefined ? [] : this.step(id, { type: 'persisted', upTo: last.ticket });
  }

  /** Writes under way are lost, but for the first `torn` of them. */
  crash(id: number, torn = 0): void {
    const server = this.server(id);
    for (const write of server.writes.splice(0).slice(0, torn)) applyPersist(server.disk, write);
    server.state = null;
    server.timers.clear();
    for (const observer of this.observers) observer.onCrash?.(server);
  }

  restart(id: number): void {
    const server = this.server(id);
    server.state = createRaft(server.config, readDisk(server.disk));
    server.machine = machineOf(server.disk.snapshot);
    for (const observer of this.observers) observer.onRestart?.(server);
    this.step(id, { type: 'start' });
  }

  /** Asks a server to change the members: `v4 l2 r1`, as in the tables; nothing: leave. */
  change(id: number, changes: string, more: Partial<MembersChange> = {}): readonly RaftEffect[] {
    const change = { transition: 'auto', changes: parseChanges(changes), ...more } as const;
    return this.step(id, { type: 'change-members', change, tag: 1 });
  }

  /** Gives a server the durable state that a test starts from. */
  seed(
    id: number,
    term: number,
    logTerms: readonly number[],
    votedFor: number | null = null,
  ): void {
    const server = this.server(id);
    server.disk = createRaftDisk();
    const entries = logTerms.map((t, i) => ({ term: t, index: i + 1, command: `${t}.${i + 1}` }));
    applyPersist(server.disk, deepFreeze(seedWrite(term, votedFor, entries)));
    server.state = createRaft(server.config, readDisk(server.disk));
  }

  logTerms(id: number): number[] {
    const server = this.server(id);
    const log = server.state?.log ?? server.disk.log;
    return log.toArray().map((entry) => entry.term);
  }

  /** What the disks hold, for comparing. */
  disks(): { term: number; votedFor: number | null; log: readonly number[] }[] {
    return this.servers.map(({ disk: { term, votedFor, log } }) => {
      return { term, votedFor, log: log.toArray().map((entry) => entry.term) };
    });
  }

  /** Performs an effect; a snapshot that was taken for it comes back as an input. */
  #perform(server: Server, effect: RaftEffect): RaftInput[] {
    switch (effect.type) {
      case 'persist':
        server.writes.push(effect);
        return [];
      case 'set-timer':
        server.timers.set(effect.timer, effect.afterMicros);
        return [];
      case 'cancel-timer':
        server.timers.delete(effect.timer);
        return [];
      case 'send':
        this.network.push({ from: server.id, to: effect.to, message: effect.message });
        return [];
      case 'committed': {
        const applied = server.state?.log.slice(effect.from, effect.to) ?? [];
        server.machine = [...server.machine, ...applied];
        return [];
      }
      case 'restore-snapshot':
        server.machine = machineOf(effect.snapshot);
        return [];
      case 'take-snapshot': {
        const { index } = effect;
        const state = deepFreeze(server.machine.slice(0, index));
        return [{ type: 'snapshot-taken', index, state }];
      }
      default:
        return [];
    }
  }
}

const CHANGES = { v: 'add-voter', l: 'add-learner', r: 'remove' } as const;

export function parseChanges(text: string): MemberChange[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const type = CHANGES[word.charAt(0) as keyof typeof CHANGES];
      return { type, peer: Number(word.slice(1)) };
    });
}

/** The state machine that a snapshot of this cluster holds. */
export function machineOf(snapshot: RaftSnapshot | null): RaftEntry[] {
  return snapshot === null ? [] : [...(snapshot.state as readonly RaftEntry[])];
}

function seedWrite(
  term: number,
  votedFor: number | null,
  entries: PersistEffect['entries'],
): PersistEffect {
  return { type: 'persist', ticket: 0, term, votedFor, truncateFrom: null, entries };
}
