/**
 * "I am there", at regular intervals, to whoever watches. What is not said is the message.
 *
 * Source: Chandra and Toueg, Unreliable Failure Detectors (1996); Akka Cluster heartbeats
 */
import { defineContract } from './contract.ts';

export interface Heartbeat {
  readonly type: 'heartbeat.beat';
  /** Which life of the sender's process this is, so that a restart is told from a silence. */
  readonly life: number;
  /** Counted within that life, from 1. */
  readonly sequence: number;
}

export const heartbeat = defineContract<Heartbeat>({
  name: 'heartbeat',
  about: 'A member says at regular intervals that it is there.',
  source: 'Chandra and Toueg (1996); Akka Cluster heartbeats; Cassandra generation and version',
  messages: {
    'heartbeat.beat': {
      role: 'notice',
      flight: 'heartbeat',
      digest: (m) => Math.imul(m.life, 31) ^ m.sequence,
      label: (m) => `beat ${m.sequence}`,
    },
  },
  errors: [],
});
