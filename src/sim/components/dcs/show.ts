/** The picture of the store of a cluster's leader key. */
import { ms } from '../../kernel/time.ts';
import type { NameOf, Sight } from '../../node/behaviour.ts';
import { LEADER_KEY, leaderOf } from './state.ts';
import type { DcsState } from './state.ts';
import type { DcsView } from './view.ts';

export function viewOf(
  state: DcsState,
  nameOf: NameOf,
  { config, nowMicros, monoMicros }: Sight<{ readonly ttlMs: number }>,
): DcsView {
  const leader = leaderOf(state, monoMicros);
  const lease = state.leases.leases.get(LEADER_KEY);
  const leftMicros = leader === null || lease === undefined ? 0 : lease.endsMicros - monoMicros;
  const { optime, sync } = state.status;
  const token = state.leases.lastToken;
  const name = leader === null ? null : nameOf(leader);
  const standbys = sync.map(nameOf);
  return {
    component: 'dcs',
    leader: name,
    token,
    lease:
      leader === null
        ? null
        : { endsAtMicros: nowMicros + leftMicros, ttlMicros: ms(config.ttlMs) },
    optime,
    sync: standbys,
    fields: [
      { label: 'Leader', value: name },
      { label: 'Token', value: token },
      { label: 'Key ends in', value: Math.round(leftMicros / 1_000), unit: 'ms' },
      { label: 'Primary was at', value: optime },
      { label: 'Synchronous', value: standbys.length === 0 ? null : standbys.join(', ') },
    ],
  };
}
