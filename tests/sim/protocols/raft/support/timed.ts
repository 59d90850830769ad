/** A cluster with a clock: every message takes the same time, every timer fires when it is due. */
import type { RaftInput, RaftTimer } from '../../../../../src/sim/protocols/raft/effects.ts';
import type { RaftAblation } from '../../../../../src/sim/protocols/raft/rules.ts';
import { Cluster } from './cluster.ts';
import { Prng } from './prng.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly id: number;
  readonly input: RaftInput;
  /** Null for a message. */
  readonly timer: RaftTimer | null;
}

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
  const cluster = new Cluster({
    ids,
    random: new Prng(options.seed).word,
    preVote: false,
    preVoteLease: false,
    checkQuorum: false,
    ablations: new Set(options.off ?? []),
  });
  const latencyMicros = options.latencyMicros ?? LATENCY_MICROS;
  const due: Due[] = [];
  let order = 0;
  cluster.observers.push({
    onStep({ id }, _input, effects) {
      for (const effect of effects) {
        const stale = (timer: RaftTimer): void => {
          const at = due.findIndex((each) => each.id === id && each.timer === timer);
          if (at >= 0) due.splice(at, 1);
        };
        if (effect.type === 'set-timer') {
          stale(effect.timer);
          const input: RaftInput = { type: `${effect.timer}-timeout` };
          order += 1;
          due.push({ at: cluster.now + effect.afterMicros, order, id, input, timer: effect.timer });
        } else if (effect.type === 'cancel-timer') stale(effect.timer);
      }
    },
  });
  cluster.start();
  while (cluster.leaders().length === 0) {
    for (const { from, to, message } of cluster.network.splice(0)) {
      order += 1;
      const input: RaftInput = { type: 'message', from, message };
      due.push({ at: cluster.now + latencyMicros, order, id: to, input, timer: null });
    }
    due.sort((a, b) => a.at - b.at || a.order - b.order);
    const next = due.shift();
    if (next === undefined || next.at > options.limitMicros) return Infinity;
    cluster.now = next.at;
    cluster.step(next.id, next.input);
  }
  return cluster.now;
}
