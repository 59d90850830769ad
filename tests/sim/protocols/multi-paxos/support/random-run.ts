/**
 * One random run of a group: everything that may happen, drawn from a seed, watched by the
 * invariants; and reads held against what had been acknowledged when they came.
 */
import type { PaxosFinding } from '../../../../../src/sim/protocols/multi-paxos/invariants.ts';
import type { PaxosAblation } from '../../../../../src/sim/protocols/multi-paxos/rules.ts';
import { Prng } from '../../raft/support/prng.ts';
import { Group } from './group.ts';
import type { PaxosInvariantName } from './group.ts';

export interface RandomRunOptions {
  readonly seed: number;
  readonly steps: number;
  readonly size?: number;
  readonly phase1Quorum?: number;
  readonly phase2Quorum?: number;
  readonly off?: readonly PaxosAblation[];
}

export interface RandomRun {
  readonly findings: readonly PaxosFinding[];
  /** Reads answered from before a write that was acknowledged when the read came. */
  readonly staleReads: number;
  readonly chosen: number;
  readonly elections: number;
  readonly reads: number;
  readonly restarts: number;
}

export function randomRun(options: RandomRunOptions): RandomRun {
  const { seed, steps, off = [], size = 3, phase1Quorum, phase2Quorum } = options;
  const random = new Prng(seed);
  const share = (): number => random.word() / 0x1_0000_0000;
  const group = new Group(
    {
      size,
      instantDisk: false,
      ...(phase1Quorum === undefined ? {} : { phase1Quorum }),
      ...(phase2Quorum === undefined ? {} : { phase2Quorum }),
      ablations: new Set(off),
    },
    random.word,
  );
  const asked = new Map<number, number>();
  let acknowledged = 0;
  let elections = 0;
  let restarts = 0;
  let reads = 0;
  let staleReads = 0;
  let tag = 0;
  const look = (): void => {
    for (const effect of group.told.splice(0)) {
      if (effect.type === 'role' && effect.role === 'leader') elections += 1;
      if (effect.type === 'read-ready') {
        reads += 1;
        if (effect.slot < (asked.get(effect.tag) ?? 0)) staleReads += 1;
      }
    }
    // Whoever leads has acknowledged what it has applied.
    for (const id of group.leaders()) {
      acknowledged = Math.max(acknowledged, group.state(id).chosen);
    }
  };
  const act = (): void => {
    const dice = share();
    const id = 1 + random.below(size);
    const up = group.server(id).state !== null;
    if (dice < 0.62 && group.network.length > 0) {
      // Mostly the oldest ones, so that something gets done.
      const at = random.below(
        share() < 0.7 ? Math.min(4, group.network.length) : group.network.length,
      );
      if (share() < 0.12) group.network.splice(at, 1);
      else group.deliver(at, share() < 0.05);
    } else if (dice < 0.8) {
      if (up) group.completeWrites(id);
    } else if (dice < 0.82) {
      if (up) group.campaign(id);
    } else if (dice < 0.85) {
      if (up) group.step(id, { type: 'ping-timeout' });
    } else if (dice < 0.97) {
      const [leader] = share() < 0.5 ? group.leaders() : group.leaders().toReversed();
      if (leader === undefined) return;
      tag += 1;
      if (share() < 0.6) group.propose(leader, `c${tag}`, tag);
      else {
        asked.set(tag, acknowledged);
        group.step(leader, { type: 'read', tag });
      }
    } else if (up) {
      group.crash(id);
    } else {
      restarts += 1;
      group.restart(id);
    }
  };
  for (let at = 0; at < steps; at += 1) {
    act();
    look();
    const down = group.servers.filter(({ state }) => state === null);
    if (down.length > size >> 1 && down[0] !== undefined) group.restart(down[0].id);
  }
  const { findings } = group.invariants;
  return { findings, staleReads, chosen: group.invariants.chosenSlots, elections, reads, restarts };
}

/** The first seed of a run in which an invariant breaks; null where none does. */
export function firstSeed(
  violates: PaxosInvariantName,
  seedsMax: number,
  options: Omit<RandomRunOptions, 'seed'>,
): number | null {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { findings } = randomRun({ ...options, seed });
    if (findings.some(({ invariant }) => invariant === violates)) return seed;
  }
  return null;
}
