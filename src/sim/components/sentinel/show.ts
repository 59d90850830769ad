/** The picture of a sentinel. */
import type { NameOf, Sight } from '../../node/behaviour.ts';
import { currentPrimary } from '../../protocols/sentinel/state.ts';
import type { SentinelState } from '../../protocols/sentinel/state.ts';
import { votesNeeded } from '../../protocols/sentinel/election.ts';
import type { SentinelNodeState } from './state.ts';
import type { SentinelView, WatchedView } from './view.ts';

/** Who has voted for it in the epoch of its failover. */
function votesFor({ colleagues, failover, leader, leaderEpoch }: SentinelState, self: number) {
  if (failover === null) return [];
  const voters: number[] = [];
  if (leader === self && leaderEpoch === failover.epoch) voters.push(self);
  for (const [peer, one] of colleagues) {
    if (one.leader === self && one.leaderEpoch === failover.epoch) voters.push(peer);
  }
  return voters;
}

export function viewOf(
  { config, sentinel: state }: SentinelNodeState,
  nameOf: NameOf,
  { monoMicros }: Sight,
): SentinelView {
  const { currentEpoch, configEpoch, failover, leader, leaderEpoch } = state;
  const primary = nameOf(currentPrimary(state));
  const servers: readonly WatchedView[] = [...state.servers].map(([server, watched]) => ({
    name: nameOf(server),
    isPrimary: server === currentPrimary(state),
    isDown: watched.isDown,
    silentMicros:
      watched.unansweredMicros === null ? 0 : Math.max(0, monoMicros - watched.unansweredMicros),
    role: watched.info?.role ?? null,
    offset: watched.info?.offset ?? null,
  }));
  const hasVoted = leader !== null && leaderEpoch === currentEpoch;
  const vote = hasVoted ? nameOf(leader) : null;
  const down = servers.filter(({ isDown }) => isDown).map(({ name }) => name);
  const promoted = failover?.promoted ?? null;
  return {
    component: 'sentinel',
    primary,
    servers,
    isObjectivelyDown: state.isObjectivelyDown,
    currentEpoch,
    configEpoch,
    vote,
    votes: votesFor(state, config.id).map(nameOf),
    votesNeeded: votesNeeded(config),
    phase: failover?.phase ?? null,
    promoted: promoted === null ? null : nameOf(promoted),
    isTilted: state.tiltSinceMicros !== null,
    fields: [
      { label: 'Primary', value: primary },
      { label: 'Epoch', value: currentEpoch },
      { label: 'Configuration', value: configEpoch },
      { label: 'Subjectively down', value: down.length === 0 ? null : down.join(', ') },
      { label: 'Objectively down', value: state.isObjectivelyDown },
      { label: 'Votes for', value: vote },
      { label: 'Failover', value: failover?.phase ?? null },
      { label: 'TILT', value: state.tiltSinceMicros !== null },
    ],
  };
}
