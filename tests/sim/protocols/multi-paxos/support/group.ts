/**
 * A Multi-Paxos group without a simulator around it: servers, their disks, a bag of messages.
 *
 * Nothing happens by itself. The test delivers, drops, completes writes, fires timers, crashes and
 * restarts. A crash loses everything but the completed writes. The invariants watch every step.
 * A group can be copied, so that an exploration can go on from it in several ways.
 */
import type { PaxosMessage } from '../../../../../src/sim/contracts/multi-paxos.ts';
import { createPaxosConfig } from '../../../../../src/sim/protocols/multi-paxos/config.ts';
import type {
  PaxosConfig,
  PaxosOptions,
} from '../../../../../src/sim/protocols/multi-paxos/config.ts';
import type {
  PaxosEffect,
  PaxosInput,
  PaxosPersist,
} from '../../../../../src/sim/protocols/multi-paxos/effects.ts';
import { PaxosInvariants } from '../../../../../src/sim/protocols/multi-paxos/invariants.ts';
import {
  applyPersist,
  clonePaxos,
  clonePaxosDisk,
  createPaxos,
  createPaxosDisk,
} from '../../../../../src/sim/protocols/multi-paxos/state.ts';
import type { PaxosDisk, PaxosState } from '../../../../../src/sim/protocols/multi-paxos/state.ts';
import { step } from '../../../../../src/sim/protocols/multi-paxos/step.ts';
import { Servers, deepFreeze } from '../../support/servers.ts';
import type { Packet } from '../../support/servers.ts';

export type PaxosInvariantName = PaxosInvariants['findings'][number]['invariant'];

export type Envelope = Packet<PaxosMessage>;

export interface Server {
  readonly id: number;
  readonly config: PaxosConfig;
  /** Null while crashed. */
  state: PaxosState | null;
  disk: PaxosDisk;
  /** Writes handed to the disk and not complete, oldest first. */
  writes: PaxosPersist[];
}

export interface GroupOptions extends Partial<Omit<PaxosOptions, 'id' | 'peers'>> {
  readonly size: number;
  /** Complete every write at once. Default true. */
  readonly instantDisk?: boolean;
  /** Messages of these kinds are lost. */
  readonly without?: readonly PaxosMessage['type'][];
}

export class Group extends Servers<PaxosMessage, PaxosState, Server> {
  readonly servers: Server[];
  readonly invariants: PaxosInvariants;
  /** What the last steps told their host, but for messages, writes and timers. */
  told: PaxosEffect[] = [];
  readonly #options: GroupOptions;
  readonly #random: () => number;

  constructor(options: GroupOptions, random: () => number = () => 0x8000_0000, like?: Group) {
    super();
    this.#options = options;
    this.#random = random;
    if (like !== undefined) {
      this.servers = like.servers.map(copyServer);
      this.network = like.network.slice();
      this.invariants = new PaxosInvariants(
        like.servers.map(({ id }) => id),
        like.server(1).config.phase2Quorum,
      );
      this.invariants.restore(like.invariants.save());
      return;
    }
    const { size, instantDisk: _instant, without: _without, ...rest } = options;
    const ids = Array.from({ length: size }, (_, i) => i + 1);
    this.servers = ids.map((id) => {
      const config = createPaxosConfig({ id, peers: ids, ...rest });
      const disk = createPaxosDisk();
      return { id, config, state: createPaxos(config, disk), disk, writes: [] };
    });
    this.invariants = new PaxosInvariants(ids, this.server(1).config.phase2Quorum);
  }

  copy(): Group {
    return new Group(this.#options, this.#random, this);
  }

  step(id: number, input: PaxosInput): readonly PaxosEffect[] {
    const server = this.server(id);
    const state = this.state(id);
    const effects: PaxosEffect[] = [];
    step(server.config, state, input, this.#random, effects);
    this.invariants.onEffects(id, state, effects);
    for (const effect of effects) this.#perform(server, deepFreeze(effect));
    if (this.#options.instantDisk !== false) this.completeWrites(id);
    return effects;
  }

  #perform(server: Server, effect: PaxosEffect): void {
    switch (effect.type) {
      case 'send':
        if (this.#options.without?.includes(effect.message.type) === true) return;
        this.network.push({ from: server.id, to: effect.to, message: effect.message });
        return;
      case 'persist':
        server.writes.push(effect);
        return;
      case 'set-timer':
      case 'cancel-timer':
        return;
      default:
        this.told.push(effect);
    }
  }

  completeWrites(id: number): void {
    const server = this.server(id);
    const last = server.writes.at(-1);
    if (last === undefined) return;
    for (const write of server.writes.splice(0)) applyPersist(server.disk, write);
    this.step(id, { type: 'persisted', upTo: last.ticket });
  }

  /** Writes under way are lost. */
  crash(id: number): void {
    const server = this.server(id);
    server.writes = [];
    server.state = null;
  }

  restart(id: number): void {
    const server = this.server(id);
    server.state = createPaxos(server.config, server.disk);
    this.invariants.onRestart(id, server.state);
    this.step(id, { type: 'start' });
  }

  propose(id: number, command: string, tag = 0): readonly PaxosEffect[] {
    return this.step(id, { type: 'propose', command, tag });
  }

  /** The commands that a server has applied. */
  applied(id: number): (string | null)[] {
    const { accepted, chosen } = this.state(id);
    return accepted.slice(1, chosen).map(({ command }) => command as string | null);
  }
}

const copyServer = (server: Server): Server => ({
  ...server,
  state: server.state === null ? null : clonePaxos(server.state),
  disk: clonePaxosDisk(server.disk),
  writes: server.writes.slice(),
});

/** Only messages between these servers arrive. */
export const only =
  (...ids: readonly number[]) =>
  ({ from, to }: Envelope): boolean =>
    !(ids.includes(from) && ids.includes(to));
