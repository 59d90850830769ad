/**
 * The experiments of the dissertation's chapter 9 on servers that run the protocol: when is there
 * a leader, and does the first round of an election split?
 *
 * Plain Raft, as measured there: no PreVote, no CheckQuorum. Times are milliseconds.
 */
import type { PersistEffect, RaftInput } from '../../../../src/sim/protocols/raft/effects.ts';
import { Prng } from '../../../sim/protocols/raft/support/prng.ts';
import { TimedCluster } from '../../../sim/protocols/raft/support/timed.ts';

export interface Span {
  readonly minMs: number;
  readonly maxMs: number;
}

/** `U(30,40)`, `150-300`. */
export function spanOf(text: string): Span {
  const [min, max] = (/(\d+)[,-](\d+)/.exec(text) ?? []).slice(1).map(Number);
  if (min === undefined || max === undefined) throw new Error(`no range in "${text}"`);
  return { minMs: min, maxMs: max };
}

const PLAIN = { preVote: false, preVoteLease: false, checkQuorum: false };
const GIVEN_UP_MS = 3_600_000;

const uniform = (prng: Prng, { minMs, maxMs }: Span): number =>
  Math.round(1_000 * (minMs + (maxMs - minMs) * (prng.word() / 0x1_0000_0000)));

const numbered = (size: number): number[] => Array.from({ length: size }, (_, i) => i + 1);

/** A generator for each purpose, so that one draw more of one does not shift the other. */
const generators = (seed: number): [Prng, Prng, Prng] => [
  new Prng(3 * seed),
  new Prng(3 * seed + 1),
  new Prng(3 * seed + 2),
];

const timeouts = ({ minMs, maxMs }: Span) => ({
  electionTimeoutMinMicros: 1_000 * minMs,
  electionTimeoutMaxMicros: 1_000 * maxMs,
  heartbeatMicros: 500 * minMs,
});

export interface FreshStart {
  readonly servers: number;
  readonly up: number;
  readonly oneWay: Span;
  readonly timeout: Span;
}

/** From timers that all start at once to the first leader, and the term that it leads. */
export function freshElection(setup: FreshStart, seed: number): { ms: number; term: number } {
  const { servers, up, oneWay, timeout } = setup;
  const [draws, delays] = generators(seed);
  const timed = new TimedCluster(
    { ids: numbered(servers), random: draws.word, ...PLAIN, ...timeouts(timeout) },
    { latencyMicros: () => uniform(delays, oneWay) },
  );
  const { cluster } = timed;
  for (let id = up + 1; id <= servers; id += 1) cluster.crash(id);
  for (let id = 1; id <= up; id += 1) cluster.step(id, { type: 'start' });
  const elected = timed.until(() => cluster.leaders().length > 0, 1_000 * GIVEN_UP_MS);
  if (!elected) throw new Error(`seed ${seed}: nobody was elected within an hour`);
  return { ms: cluster.now / 1_000, term: cluster.state(cluster.leaders()[0] as number).term };
}

export interface Failover {
  readonly timeout: Span;
  readonly servers: number;
  readonly electable: number;
  readonly oneWay: Span;
  /** Of a vote that is given, before it is sent. */
  readonly voteWrite: Span;
}

const givesVote = ({ votedFor }: PersistEffect, input: RaftInput): boolean =>
  input.type === 'message' && input.message.type === 'raft.vote' && votedFor === input.from;

/**
 * From the crash of the leader, uniformly within the interval after a heartbeat that reaches
 * everybody at once, to the first message of the next leader at the last of the other servers.
 */
export function failover(setup: Failover, seed: number, limitMs = GIVEN_UP_MS): number {
  const { timeout, servers, electable, oneWay, voteWrite } = setup;
  const [draws, delays, others] = generators(seed);
  const timed = new TimedCluster(
    { ids: numbered(servers), random: draws.word, ...PLAIN, ...timeouts(timeout) },
    {
      latencyMicros: () => uniform(delays, oneWay),
      writeMicros: (write, input) => (givesVote(write, input) ? uniform(others, voteWrite) : 0),
    },
  );
  const { cluster } = timed;
  const leader = 1;
  const message = { type: 'raft.heartbeat', term: 1, commit: 0, round: 0 } as const;
  for (const id of numbered(servers)) {
    cluster.seed(id, 1, id <= leader + electable ? [1, 1] : [1], leader);
    if (id !== leader) cluster.step(id, { type: 'message', from: leader, message });
  }
  cluster.crash(leader);
  cluster.network.length = 0;
  const crashMs = uniform(others, { minMs: 0, maxMs: timeout.minMs / 2 }) / 1_000;
  const follow = (): boolean => {
    const [next] = cluster.leaders();
    if (next === undefined) return false;
    const { term } = cluster.state(next);
    return cluster.servers.every(({ id, state }) => {
      return state === null || id === next || (state.term === term && state.leader === next);
    });
  };
  return timed.until(follow, 1_000 * limitMs) ? cluster.now / 1_000 - crashMs : Infinity;
}

/** Linear between the two nearest. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (at - below);
}
