/** The state of a Multi-Paxos key-value server: the protocol's, the machine's, and who waits. */
import type { PaxosConfig } from '../../protocols/multi-paxos/config.ts';
import type { PaxosEffect } from '../../protocols/multi-paxos/effects.ts';
import { clonePaxos } from '../../protocols/multi-paxos/state.ts';
import type { PaxosState } from '../../protocols/multi-paxos/state.ts';
import { copyMachine } from '../kv-machine.ts';
import type { SessionRules } from '../kv-machine.ts';
import type { Serving } from '../kv-serving.ts';

export interface PaxosKvState extends Serving {
  readonly config: PaxosConfig;
  readonly sessionRules: SessionRules;
  readonly paxos: PaxosState;
  /** Tags of accepted proposals, by slot. */
  readonly writes: Map<number, number>;
  /** The effects of the step under way or, between steps, of the last one. */
  effects: readonly PaxosEffect[];
}

export function copyState(state: PaxosKvState): PaxosKvState {
  return {
    config: state.config,
    sessionRules: state.sessionRules,
    paxos: clonePaxos(state.paxos),
    ...copyMachine(state),
    nextTag: state.nextTag,
    proposing: new Map(state.proposing),
    writes: new Map(state.writes),
    reads: new Map(state.reads),
    effects: [],
  };
}

/** Everything that tells two servers apart, without what is fixed at the start. */
export function plainState(state: PaxosKvState): unknown {
  const { paxos, store, sessionMicros, nextTag, proposing, writes, reads } = state;
  const { accepted, ...rest } = paxos;
  const sessions = [...state.sessions].map(([id, { usedMicros, answers }]) => ({
    id,
    usedMicros,
    answers,
  }));
  return {
    paxos: { ...rest, accepted: accepted.slice(1, accepted.last) },
    store,
    sessions,
    sessionMicros,
    nextTag,
    proposing,
    writes,
    reads,
  };
}
