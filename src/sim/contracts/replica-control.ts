/**
 * What somebody outside may ask and tell a server of a replicated store: whether it is there, what
 * part it plays, and whom to follow.
 *
 * Source: Redis PING, INFO replication and REPLICAOF, as Redis Sentinel uses them
 */
import { defineContract } from './contract.ts';
import type { PeerId } from './raft.ts';

export interface ControlPing {
  readonly type: 'control.ping';
}
/** Any answer will do, that it still recovers too: LOADING is a valid reply. */
export interface ControlPong {
  readonly type: 'control.pong';
}
export interface ControlInfo {
  readonly type: 'control.info';
}
export interface ControlInfoReply {
  readonly type: 'control.info-reply';
  readonly role: 'primary' | 'replica';
  /** Whom it follows. */
  readonly upstream: PeerId | null;
  /** For how long it has not heard its primary; 0 while the link is up (master_link_down_since). */
  readonly linkDownMicros: number;
  /** Where its log ends (slave_repl_offset). */
  readonly offset: number;
  /** The smaller the sooner it is promoted; 0: never (replica-priority). */
  readonly priority: number;
}
/** REPLICAOF: `primary` null is NO ONE, which promotes. */
export interface ControlFollow {
  readonly type: 'control.follow';
  readonly primary: PeerId | null;
}
/** It was heard; whether it did it, its next INFO tells. */
export interface ControlDone {
  readonly type: 'control.done';
}

export type ControlRequest = ControlPing | ControlInfo | ControlFollow;
export type ControlReply = ControlPong | ControlInfoReply | ControlDone;
export type ReplicaControlMessage = ControlRequest | ControlReply;

const mix = (a: number, b: number): number => (Math.imul(a, 31) + b) | 0;

export const replicaControl = defineContract<ReplicaControlMessage>({
  name: 'replica-control',
  about: 'Somebody outside asks a server of a replicated store what it is, and tells it to change.',
  source: 'Redis PING, INFO replication, REPLICAOF',
  messages: {
    'control.ping': {
      role: 'request',
      flight: 'heartbeat',
      digest: () => 1,
      label: () => 'ping',
    },
    'control.pong': { role: 'reply', flight: 'heartbeat', digest: () => 2, label: () => 'pong' },
    'control.info': {
      role: 'request',
      flight: 'heartbeat',
      digest: () => 3,
      label: () => 'what are you?',
    },
    'control.info-reply': {
      role: 'reply',
      flight: 'heartbeat',
      digest: (m) =>
        mix(
          mix(m.role === 'primary' ? 1 : 0, m.upstream ?? -1),
          mix(m.offset, mix(m.linkDownMicros | 0, m.priority)),
        ),
      label: (m) => `${m.role}, at ${m.offset}`,
    },
    'control.follow': {
      role: 'request',
      flight: 'control',
      digest: (m) => m.primary ?? -1,
      label: (m) => (m.primary === null ? 'be primary' : 'follow another'),
    },
    'control.done': { role: 'reply', flight: 'control', digest: () => 4, label: () => 'heard' },
  },
  errors: [
    {
      code: 'keeper-decides',
      definite: true,
      means: 'the server has a keeper of its own, which alone decides whom it follows',
    },
  ],
});
