/**
 * The conversation between the members of a SWIM group. Every message carries gossip: what its
 * sender has lately learned of the members.
 *
 * Source: Das, Gupta, Motivala, SWIM (DSN 2002); hashicorp/memberlist (nack, sync, gossip apart
 * from probes)
 */
import { defineContract } from './contract.ts';

export type SwimStatus = 'alive' | 'suspect' | 'dead';

/** What is said of a member. A larger incarnation, which only the member itself gives, wins. */
export interface SwimUpdate {
  readonly node: number;
  readonly status: SwimStatus;
  readonly incarnation: number;
  /** Who says so: suspicions of several members count for more. */
  readonly by: number;
}

type Gossip = readonly SwimUpdate[];

export interface SwimPing {
  readonly type: 'swim.ping';
  readonly seq: number;
  readonly gossip: Gossip;
}
/** Asks another member to ping the target, since the own ping was not answered. */
export interface SwimPingRequest {
  readonly type: 'swim.ping-request';
  readonly seq: number;
  readonly target: number;
  readonly gossip: Gossip;
}
export interface SwimAck {
  readonly type: 'swim.ack';
  readonly seq: number;
  readonly gossip: Gossip;
}
/** From whoever was asked to ping: the target did not answer me either, but I am there. */
export interface SwimNack {
  readonly type: 'swim.nack';
  readonly seq: number;
  readonly gossip: Gossip;
}
export interface SwimGossip {
  readonly type: 'swim.gossip';
  readonly gossip: Gossip;
}
/** The whole table; whoever is asked answers with its own. */
export interface SwimSync {
  readonly type: 'swim.sync';
  readonly isAnswer: boolean;
  readonly gossip: Gossip;
}

export type SwimMessage = SwimPing | SwimPingRequest | SwimAck | SwimNack | SwimGossip | SwimSync;

const STATUS_DIGEST = { alive: 1, suspect: 2, dead: 3 } as const;

function digestOf(gossip: Gossip, seq: number): number {
  let digest = seq;
  for (const { node, status, incarnation } of gossip) {
    digest = Math.imul(digest, 31) ^ (node * 4 + STATUS_DIGEST[status]);
    digest = Math.imul(digest, 31) ^ incarnation;
  }
  return digest | 0;
}

const withNews = (text: string, gossip: Gossip): string =>
  gossip.length === 0 ? text : `${text}, ${gossip.length} news`;

export const swim = defineContract<SwimMessage>({
  name: 'swim',
  about: 'Members probe one another and spread by gossip who is alive, suspected and dead.',
  source: 'SWIM (DSN 2002); hashicorp/memberlist',
  messages: {
    'swim.ping': {
      role: 'notice',
      flight: 'heartbeat',
      digest: (m) => digestOf(m.gossip, m.seq),
      label: (m) => withNews('ping', m.gossip),
    },
    'swim.ping-request': {
      role: 'notice',
      flight: 'request',
      digest: (m) => digestOf(m.gossip, Math.imul(m.seq, 31) ^ m.target),
      label: (m) => withNews('ping for me', m.gossip),
    },
    'swim.ack': {
      role: 'notice',
      flight: 'acknowledgement',
      digest: (m) => digestOf(m.gossip, m.seq),
      label: (m) => withNews('here', m.gossip),
    },
    'swim.nack': {
      role: 'notice',
      flight: 'response',
      digest: (m) => digestOf(m.gossip, m.seq),
      label: (m) => withNews('no answer', m.gossip),
    },
    'swim.gossip': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => digestOf(m.gossip, 0),
      label: (m) => `${m.gossip.length} news`,
    },
    'swim.sync': {
      role: 'notice',
      flight: 'control',
      digest: (m) => digestOf(m.gossip, m.isAnswer ? 1 : 2),
      label: (m) => (m.isAnswer ? 'my whole table, too' : 'my whole table'),
    },
  },
  errors: [],
});
