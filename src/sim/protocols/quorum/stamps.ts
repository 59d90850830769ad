/**
 * What a coordinator stamps a write with, where the last write wins.
 *
 * Invariant: the stamps of one life of a node rise strictly. A physical clock makes them as
 * Cassandra's coordinators do: the wall clock, or one more than the last. A hybrid clock also takes
 * in each stamp that the node is shown, on its disk too: a write that follows what its coordinator
 * has seen has the later stamp, however far behind its wall clock is.
 *
 * Source: Kulkarni et al., Logical Physical Clocks (OPODIS 2014); Cassandra, ClientState.
 *
 * Differs: a hybrid clock here refuses no stamp that is too far ahead (CockroachDB max-offset), and
 * hears only what is in cells: clients and other messages carry no stamp.
 */
import type { QuorumCell } from '../../contracts/quorum.ts';
import { hybridReceive, hybridTick } from '../../policies/clocks/hybrid.ts';
import type { HybridTime } from '../../policies/clocks/hybrid.ts';
import type { Step } from './state.ts';

/** The stamp of the next write; `c` orders those that share `l`, and is 0 of a physical clock. */
export function nextStamp({ config, state, wallMicros }: Step): HybridTime {
  const { lastStamp: l, lastCount: c = 0 } = state;
  if (config.clock === 'physical') {
    state.lastStamp = Math.max(l + 1, wallMicros);
    return { l: state.lastStamp, c: 0 };
  }
  const stamp = hybridTick({ l, c }, wallMicros);
  ({ l: state.lastStamp, c: state.lastCount } = stamp);
  return stamp;
}

/** A node with a hybrid clock is shown what another has stamped, or an earlier life of its own. */
export function hearStamps({ config, state, wallMicros }: Step, cell: QuorumCell | null): void {
  if (config.clock === 'physical' || cell === null) return;
  for (const { wallMicros: l, count: c } of cell.versions) {
    const own = { l: state.lastStamp, c: state.lastCount ?? 0 };
    const heard = hybridReceive(own, { l, c }, wallMicros);
    ({ l: state.lastStamp, c: state.lastCount } = heard);
  }
}
