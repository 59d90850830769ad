/**
 * A cluster with a clock: messages take a time, writes may, and every timer fires when it is due.
 * What is due at one moment happens in the order in which it was set in motion.
 */
import type {
  PersistEffect,
  RaftEffect,
  RaftInput,
  RaftTimer,
} from '../../../../../src/sim/protocols/raft/effects.ts';
import type { RaftAblation } from '../../../../../src/sim/protocols/raft/rules.ts';
import { Cluster } from './cluster.ts';
import type { ClusterOptions, Observer, Server } from './cluster.ts';
import { Prng } from './prng.ts';

interface Due {
  readonly at: number;
  readonly id: number;
  /** Null: the oldest write of the server is on its disk. */
  readonly input: RaftInput | null;
  /** Null unless it is a timer. */
  readonly timer: RaftTimer | null;
}

export interface Times {
  /** How long a message takes. */
  readonly latencyMicros: () => number;
  /**
   * How long the write takes that an input leads to; left out: no time. Nothing else waits for it
   * but the timers that the same input arms: they count from its end, as where a server notes that
   * it has voted once the vote is on disk (hashicorp/raft: setLastContact after persistVote).
   */
  readonly writeMicros?: (write: PersistEffect, input: RaftInput) => number;
}

export class TimedCluster implements Observer {
  readonly cluster: Cluster;
  readonly #times: Times;
  readonly #due: Due[] = [];
  /** By server: when its last write is complete. A disk does one after the other. */
  readonly #written = new Map<number, number>();

  constructor(options: ClusterOptions, times: Times) {
    this.cluster = new Cluster({ ...options, instantDisk: times.writeMicros === undefined });
    this.#times = times;
    this.cluster.observers.push(this);
  }

  onStep({ id }: Server, input: RaftInput, effects: readonly RaftEffect[]): void {
    const { now } = this.cluster;
    const { writeMicros } = this.#times;
    let takes = 0;
    for (const effect of effects) {
      if (effect.type === 'persist') takes += this.#write(id, writeMicros?.(effect, input));
    }
    for (const effect of effects) {
      if (effect.type === 'set-timer') {
        this.#cancel(id, effect.timer);
        const { timer, afterMicros } = effect;
        this.#due.push({ at: now + takes + afterMicros, id, input: timeout(timer), timer });
      } else if (effect.type === 'cancel-timer') this.#cancel(id, effect.timer);
    }
  }

  /** Returns how long it takes by itself; it may have to wait for others before it. */
  #write(id: number, takesMicros: number | undefined): number {
    if (takesMicros === undefined) return 0;
    const at = Math.max(this.cluster.now + takesMicros, this.#written.get(id) ?? 0);
    this.#written.set(id, at);
    this.#due.push({ at, id, input: null, timer: null });
    return takesMicros;
  }

  /** Goes on until it holds; false where the limit comes first. */
  until(holds: () => boolean, limitMicros: number): boolean {
    for (;;) {
      if (holds()) return true;
      this.#dispatch();
      const next = this.#next();
      if (next === null || next.at > limitMicros) return false;
      this.cluster.now = next.at;
      if (this.cluster.server(next.id).state === null) continue;
      if (next.input === null) this.cluster.completeWrites(next.id, 1);
      else this.cluster.step(next.id, next.input);
    }
  }

  #dispatch(): void {
    for (const { from, to, message } of this.cluster.network.splice(0)) {
      const at = this.cluster.now + this.#times.latencyMicros();
      this.#due.push({ at, id: to, input: { type: 'message', from, message }, timer: null });
    }
  }

  #cancel(id: number, timer: RaftTimer): void {
    const at = this.#due.findIndex((due) => due.id === id && due.timer === timer);
    if (at >= 0) this.#due.splice(at, 1);
  }

  /** The first of what is due; the list itself is in the order of setting in motion. */
  #next(): Due | null {
    let least = 0;
    for (let i = 1; i < this.#due.length; i += 1) {
      if ((this.#due[i] as Due).at < (this.#due[least] as Due).at) least = i;
    }
    return this.#due.splice(least, 1)[0] ?? null;
  }
}

const timeout = (timer: RaftTimer): RaftInput => ({ type: `${timer}-timeout` });

const LATENCY_MICROS = 5_000;

/** Microseconds from a common start until somebody leads; Infinity when the limit comes first. */
export function timeToLeader(options: {
  readonly seed: number;
  readonly limitMicros: number;
  readonly off?: readonly RaftAblation[];
  readonly size?: number;
  /** How long every message takes. */
  readonly latencyMicros?: number;
}): number {
  const ids = Array.from({ length: options.size ?? 5 }, (_, i) => i + 1);
  const random = new Prng(options.seed).word;
  const plain = { preVote: false, preVoteLease: false, checkQuorum: false };
  const ablations = new Set(options.off ?? []);
  const latencyMicros = options.latencyMicros ?? LATENCY_MICROS;
  const timed = new TimedCluster(
    { ids, random, ...plain, ablations },
    { latencyMicros: () => latencyMicros },
  );
  const { cluster } = timed;
  cluster.start();
  const elected = timed.until(() => cluster.leaders().length > 0, options.limitMicros);
  return elected ? cluster.now : Infinity;
}
