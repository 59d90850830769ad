/**
 * Who leads a failover: the quorum finds the primary down, and the majority of all sentinels votes
 * for one of them.
 *
 * Invariant: a sentinel votes once in an epoch, and says so only when that is on its disk; so at
 * most one is elected in an epoch.
 *
 * Source: sentinel.c: sentinelCheckObjectivelyDown, sentinelAskMasterStateToOtherSentinels,
 * sentinelVoteLeader, sentinelGetLeader
 */
import type { PeerId } from '../../contracts/raft.ts';
import type { SentinelIsDown, SentinelIsDownReply } from '../../contracts/sentinel.ts';
import type { SentinelConfig, SentinelStep } from './state.ts';
import { flush } from './state.ts';

/** What others have answered counts for so many periods of asking. */
const PERIODS_VALID = 5;
/** Sentinels that could begin at one time are spread over a second. */
const DESYNC_MICROS = 1_000_000;

export const desync = ({ draw }: SentinelStep): number => Math.round(draw() * DESYNC_MICROS);

/** O_DOWN: so many as the quorum asks for hold the primary for down, itself among them. */
export function judgeObjectively(at: SentinelStep): void {
  const { config, state, monoMicros, out } = at;
  const { primary: server } = state;
  let agreed = 0;
  if (state.servers.get(server)?.isDown === true) {
    agreed = 1;
    for (const { isDown } of state.colleagues.values()) if (isDown) agreed += 1;
  }
  const isDown = agreed >= config.quorum;
  if (isDown === state.isObjectivelyDown) return;
  state.isObjectivelyDown = isDown;
  if (!isDown) return void out.push({ type: 'told', fact: { type: 'sentinel.o-up', server } });
  state.oDownSinceMicros = monoMicros;
  const { quorum } = config;
  out.push({ type: 'told', fact: { type: 'sentinel.o-down', server, agreed, quorum } });
}

/** Asks the others whether they hold the primary for down; a candidate wants their votes, too. */
export function askColleagues(at: SentinelStep, isForced: boolean): void {
  const { config, state, monoMicros, out } = at;
  const isDown = state.servers.get(state.primary)?.isDown === true;
  for (const [to, colleague] of state.colleagues) {
    const { repliedMicros, askedMicros } = colleague;
    const validMicros = PERIODS_VALID * config.askPeriodMicros;
    if (repliedMicros !== null && monoMicros - repliedMicros > validMicros) {
      colleague.isDown = false;
      colleague.leader = null;
    }
    if (!isDown) continue;
    const isEarly = askedMicros !== null && monoMicros - askedMicros < config.askPeriodMicros;
    if (!isForced && isEarly) continue;
    colleague.askedMicros = monoMicros;
    const { primary, currentEpoch: epoch } = state;
    const candidate = state.failover === null ? null : config.id;
    out.push({
      type: 'ask-peer',
      to,
      request: { type: 'sentinel.is-down', primary, epoch, candidate },
    });
  }
}

export function onAsked(at: SentinelStep, tag: number, request: SentinelIsDown): void {
  const { config, state, out } = at;
  const isMine = request.primary === state.primary;
  const isDown =
    isMine && state.tiltSinceMicros === null && state.servers.get(request.primary)?.isDown === true;
  const isVote = isMine && request.candidate !== null;
  const hasChanged = isVote && vote(at, request.epoch, request.candidate!);
  const reply: SentinelIsDownReply = {
    type: 'sentinel.is-down-reply',
    isDown,
    leader: isVote ? state.leader : null,
    leaderEpoch: isVote ? state.leaderEpoch : 0,
  };
  const answer = { type: 'answer', tag, reply } as const;
  // Asked once more, it may still wait for its disk.
  const mustWait = isVote && (hasChanged || state.voteOnDisk < state.leaderEpoch);
  if (mustWait && config.rules.persistVote) flush(at, answer);
  else out.push(answer);
}

/** True: this vote is new. A vote of that epoch, or a later one, is not taken back. */
export function vote(at: SentinelStep, epoch: number, candidate: PeerId): boolean {
  const { config, state, monoMicros, out } = at;
  if (epoch > state.currentEpoch) state.currentEpoch = epoch;
  const isFree = state.leaderEpoch < epoch || !config.rules.voteOnce;
  if (!isFree || state.currentEpoch > epoch) return false;
  if (state.leader === candidate && state.leaderEpoch === epoch) return false;
  state.leader = candidate;
  state.leaderEpoch = epoch;
  out.push({ type: 'told', fact: { type: 'sentinel.voted', leader: candidate, epoch } });
  // Whoever gave its vote away leaves the other time to do it.
  if (candidate !== config.id) state.failoverStartMicros = monoMicros + desync(at);
  return true;
}

export function onAnswered(
  { state, monoMicros }: SentinelStep,
  peer: PeerId,
  { isDown, leader, leaderEpoch }: SentinelIsDownReply,
): void {
  const colleague = state.colleagues.get(peer);
  if (colleague === undefined) return;
  colleague.repliedMicros = monoMicros;
  colleague.isDown = isDown;
  if (leader === null) return;
  colleague.leader = leader;
  colleague.leaderEpoch = leaderEpoch;
}

/** How many votes it needs: the majority of all that there are, and never fewer than the quorum. */
export function votesNeeded({ peers, quorum, rules }: SentinelConfig): number {
  const majority = Math.floor(peers.length / 2) + 1;
  return rules.majority ? Math.max(majority, quorum) : quorum;
}

/** Its votes if it leads the failover of this epoch, else null. */
export function votesOfLeader(at: SentinelStep, epoch: number): number | null {
  const { config, state } = at;
  const votes = new Map<PeerId, number>();
  for (const { leader, leaderEpoch } of state.colleagues.values()) {
    if (leader === null || leaderEpoch !== state.currentEpoch) continue;
    votes.set(leader, (votes.get(leader) ?? 0) + 1);
  }
  let winner: PeerId | null = null;
  for (const [candidate, count] of votes) {
    if (winner === null || count > (votes.get(winner) ?? 0)) winner = candidate;
  }
  // Nobody has any: it may as well be this one.
  if (vote(at, epoch, winner ?? config.id)) flush(at);
  const isCounted = state.voteOnDisk >= state.leaderEpoch || !config.rules.persistVote;
  if (state.leader !== null && state.leaderEpoch === epoch && isCounted) {
    votes.set(state.leader, (votes.get(state.leader) ?? 0) + 1);
  }
  const own = votes.get(config.id) ?? 0;
  return own >= votesNeeded(config) ? own : null;
}
