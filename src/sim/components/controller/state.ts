/** What a controller remembers: the protocol's state, the metadata, and who waits for what. */
import type { PeerId } from '../../contracts/raft.ts';
import type { CallRef } from '../../node/behaviour.ts';
import type { RaftConfig } from '../../protocols/raft/config.ts';
import type { RaftEffect } from '../../protocols/raft/effects.ts';
import { cloneRaft } from '../../protocols/raft/state.ts';
import type { RaftState } from '../../protocols/raft/state.ts';
import type { HostedRaft } from '../raft-hosting.ts';
import { copyMetadata } from './machine.ts';
import type { ControllerCommand, Metadata } from './machine.ts';

/** Who is to be told what a command came to; nobody: the controller itself wanted it. */
export type Waiting =
  | { readonly for: 'nobody' }
  | { readonly for: 'register' | 'alter' | 'topics'; readonly call: CallRef }
  | {
      readonly for: 'heartbeat';
      readonly call: CallRef;
      readonly broker: PeerId;
      readonly wantsShutdown: boolean;
    };

/** The last word of a broker to the active controller. */
export interface Session {
  readonly brokerEpoch: number;
  readonly heardMicros: number;
  readonly metadataOffset: number;
}

export interface ControllerState extends HostedRaft {
  readonly config: RaftConfig;
  readonly raft: RaftState;
  readonly metadata: Metadata;
  /** It leads, and has applied all that was committed before it did. */
  isActive: boolean;
  nextTag: number;
  /** Commands between being handed to the protocol and its answer, by tag. */
  readonly proposing: Map<number, Waiting>;
  /** Accepted commands by log index. */
  readonly deciding: Map<number, { readonly waiting: Waiting; readonly term: number }>;
  /** Commands to hand to the protocol when the step under way is done. */
  todo: { readonly command: ControllerCommand; readonly waiting: Waiting }[];
  /** Of the active controller, by broker. */
  readonly sessions: Map<PeerId, Session>;
  /** Brokers that wait for metadata, by tag: oldest first. */
  readonly polls: Map<number, { readonly call: CallRef; readonly offset: number }>;
  isCreationDue: boolean;
  /** The index up to which a snapshot is to be taken; -1 but within an event. */
  snapshotDue: number;
  effects: readonly RaftEffect[];
}

export function copyState(state: ControllerState): ControllerState {
  return {
    ...state,
    raft: cloneRaft(state.raft),
    metadata: copyMetadata(state.metadata),
    proposing: new Map(state.proposing),
    deciding: new Map(state.deciding),
    todo: state.todo.slice(),
    sessions: new Map(state.sessions),
    polls: new Map(state.polls),
    effects: [],
  };
}

/** Everything that tells two controllers apart, without what is fixed at the start. */
export function plainState({ config: _c, effects: _e, raft, ...rest }: ControllerState): unknown {
  const { log, ...more } = raft;
  return { ...rest, raft: { ...more, log: log.toArray(), from: log.compactedIndex } };
}
