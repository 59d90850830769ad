/**
 * What happens to a cluster in a random run: everything drawn from one generator, so that a seed
 * is the whole story. Rates and habits are drawn per run: calm and wild runs both occur.
 *
 * Some faults wait for their moment, because that is when they hurt: a leader is cut off with one
 * other server just when it is elected, or crashes just when it has committed; a voter crashes just
 * when it has given its vote.
 */
import type { RaftEffect, RaftInput } from '../../../../../src/sim/protocols/raft/effects.ts';
import type { Cluster, Envelope, Observer, Server } from './cluster.ts';
import type { Prng } from './prng.ts';

export class Chaos implements Observer {
  crashes = 0;
  readonly #cluster: Cluster;
  readonly #prng: Prng;
  readonly #reads: { begin(tag: number): void };
  readonly #tornWrites: boolean;
  readonly #loss: number;
  readonly #crash: number;
  readonly #unrest: number;
  readonly #inOrder: boolean;
  readonly #partitions: boolean;
  readonly #ambush: boolean;
  /** Servers that hear only each other; nobody when there is no partition. */
  #island: readonly number[] = [];
  #doomed: number | null = null;

  constructor(
    cluster: Cluster,
    prng: Prng,
    reads: { begin(tag: number): void },
    tornWrites: boolean,
  ) {
    this.#cluster = cluster;
    this.#prng = prng;
    this.#reads = reads;
    this.#tornWrites = tornWrites;
    this.#loss = prng.chance(0.5) ? 0.02 : 0.15;
    this.#crash = prng.chance(0.3) ? 0 : 0.02;
    this.#unrest = prng.chance(0.5) ? 0.03 : 0.12;
    this.#inOrder = prng.chance(0.4);
    this.#partitions = prng.chance(0.5);
    this.#ambush = prng.chance(0.5);
  }

  /** One action; proposals and reads carry its number. */
  act(tag: number): void {
    const prng = this.#prng;
    if (prng.chance(0.02)) this.#redraw();
    const doomed = this.#doomed;
    this.#doomed = null;
    if (doomed !== null && this.#cluster.server(doomed).state !== null) this.#crashNow(doomed);
    const { id, state } = this.#pick();
    const draw = prng.word() / 0x1_0000_0000;
    if (draw < this.#crash) {
      if (state !== null) this.#crashNow(id);
    } else if (state === null) {
      if (prng.chance(0.2)) this.#cluster.restart(id);
    } else if (draw < this.#crash + this.#unrest) this.#campaign(id);
    else if (draw < 0.18) this.#cluster.step(id, { type: 'heartbeat-timeout' });
    else if (draw < 0.19) this.#cluster.step(id, { type: 'check-quorum-timeout' });
    else if (draw < 0.25) this.#cluster.step(id, { type: 'propose', command: `c${tag}`, tag });
    else if (draw < 0.29) {
      this.#reads.begin(tag);
      this.#cluster.step(id, { type: 'read', tag });
    } else if (draw < 0.38) this.#cluster.completeWrites(id, 1 + prng.below(2));
    else this.#deliver();
  }

  onStep(server: Server, _input: RaftInput, effects: readonly RaftEffect[]): void {
    if (!this.#ambush) return;
    const leads = server.state?.role === 'leader';
    for (const effect of effects) {
      if (effect.type === 'became-leader' && this.#prng.chance(0.3)) {
        this.#island = [server.id, this.#pick().id];
      } else if (effect.type === 'committed' && leads && this.#prng.chance(0.15)) {
        this.#doomed = server.id;
      } else if (effect.type === 'send' && effect.message.type === 'raft.vote-reply') {
        if (effect.message.granted && this.#prng.chance(0.2)) this.#doomed = server.id;
      }
    }
  }

  #pick(): Server {
    const { servers } = this.#cluster;
    return servers[this.#prng.below(servers.length)] as Server;
  }

  #redraw(): void {
    const everybody = this.#cluster.servers.map(({ id }) => id);
    const heal = !this.#partitions || this.#prng.chance(0.3);
    this.#island = heal ? [] : everybody.filter(() => this.#prng.chance(0.5));
  }

  #crashNow(id: number): void {
    this.crashes += 1;
    this.#cluster.crash(id, this.#tornWrites ? this.#prng.below(3) : 0);
    // A server that is back at once meets the messages of the term it crashed in.
    if (this.#prng.chance(0.6)) this.#cluster.restart(id);
  }

  #campaign(id: number): void {
    this.#cluster.campaign(id);
    const rival = this.#pick();
    if (this.#prng.chance(0.3) && rival.state !== null) this.#cluster.campaign(rival.id);
  }

  #deliver(): void {
    const { network } = this.#cluster;
    const prng = this.#prng;
    if (network.length === 0) return;
    // Old messages are rare but decisive: mostly one of the oldest few, now and then any.
    const recent = prng.chance(0.1) ? network.length : Math.min(network.length, 6);
    const at = prng.below(this.#inOrder ? 1 : recent);
    const { from, to } = network[at] as Envelope;
    const cut = this.#island.includes(from) !== this.#island.includes(to);
    if (cut || prng.chance(this.#loss)) network.splice(at, 1);
    else this.#cluster.deliver(at, prng.chance(0.03));
  }
}
