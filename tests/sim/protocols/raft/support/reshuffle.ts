/**
 * Random runs of four servers whose leaders each remove another server as soon as they lead: the
 * smallest setting in which changes of two leaders meet. Bounds: 4 servers, 60 actions, elections
 * of servers 1 and 2 only, one removal for each leader, no crash, messages in any order.
 */
import { RaftInvariants } from '../../../../../src/sim/protocols/raft/invariants.ts';
import type { RaftInvariantName } from '../../../../../src/sim/protocols/raft/invariant-list.ts';
import type { RaftFinding } from '../../../../../src/sim/protocols/raft/invariants.ts';
import type { RaftAblation } from '../../../../../src/sim/protocols/raft/rules.ts';
import { Cluster } from './cluster.ts';
import { Prng } from './prng.ts';

const ACTIONS = 60;

export function reshuffle(
  seed: number,
  off: readonly RaftAblation[],
  ignore: readonly RaftInvariantName[] = [],
): { readonly findings: readonly RaftFinding[]; readonly removals: number } {
  const prng = new Prng(seed);
  const ids = [1, 2, 3, 4];
  const plain = { preVote: false, preVoteLease: false, checkQuorum: false, eagerCommit: false };
  const cluster = new Cluster({ ids, ...plain, ablations: new Set(off) });
  const invariants = new RaftInvariants(ids);
  let removals = 0;
  cluster.observers.push({
    onStep({ id, state }, _input, effects) {
      if (state !== null) invariants.onEffects(id, state, effects);
      for (const { type } of effects) if (type === 'configuration') removals += 1;
    },
  });
  cluster.start();
  const asked = new Set<string>();
  for (let i = 0; i < ACTIONS; i += 1) {
    const draw = prng.below(100);
    const id = 1 + prng.below(2);
    const { role, term } = cluster.state(id);
    const turn = `${id} in ${term}`;
    if (draw < 8 && role !== 'leader') cluster.campaign(id);
    else if (role === 'leader' && !asked.has(turn) && draw < 50) {
      asked.add(turn);
      const others = ids.filter((each) => each !== id);
      cluster.change(id, `r${others[prng.below(others.length)] ?? 0}`);
    } else if (cluster.network.length > 0) {
      // Mostly one of the newest, so that a candidate hears its answers.
      const recent = prng.chance(0.8)
        ? Math.min(4, cluster.network.length)
        : cluster.network.length;
      const at = cluster.network.length - 1 - prng.below(recent);
      if (draw > 80) cluster.network.splice(at, 1);
      else cluster.deliver(at);
    }
    const found = invariants.findings.filter(({ invariant }) => !ignore.includes(invariant));
    if (found.length > 0) return { findings: found, removals };
  }
  return { findings: [], removals };
}
