/**
 * What sentinels say to each other, and what clients ask them.
 *
 * Source: Redis Sentinel: SENTINEL is-master-down-by-addr, the hello message of __sentinel__:hello,
 * SENTINEL get-master-addr-by-name
 */
import { defineContract } from './contract.ts';
import type { PeerId } from './raft.ts';

/** Do you hold this primary for down? With a candidate: and would you vote for it? */
export interface SentinelIsDown {
  readonly type: 'sentinel.is-down';
  readonly primary: PeerId;
  readonly epoch: number;
  readonly candidate: PeerId | null;
}
export interface SentinelIsDownReply {
  readonly type: 'sentinel.is-down-reply';
  readonly isDown: boolean;
  /** For whom it has voted, and in which epoch; null: it was not asked to, or has not. */
  readonly leader: PeerId | null;
  readonly leaderEpoch: number;
}
/** Everybody tells everybody what it holds for the configuration. */
export interface SentinelHello {
  readonly type: 'sentinel.hello';
  readonly currentEpoch: number;
  readonly configEpoch: number;
  readonly primary: PeerId;
}
export interface SentinelGetPrimary {
  readonly type: 'sentinel.get-primary';
}
export interface SentinelPrimary {
  readonly type: 'sentinel.primary';
  readonly primary: PeerId;
}

export type SentinelMessage =
  SentinelIsDown | SentinelIsDownReply | SentinelHello | SentinelGetPrimary | SentinelPrimary;

const mix = (a: number, b: number): number => (Math.imul(a, 31) + b) | 0;

export const sentinel = defineContract<SentinelMessage>({
  name: 'sentinel',
  about: 'Sentinels agree that a primary is down and who replaces it; clients ask who is primary.',
  source: 'Redis Sentinel documentation; sentinel.c',
  messages: {
    'sentinel.is-down': {
      role: 'request',
      flight: 'vote',
      digest: (m) => mix(mix(m.primary, m.epoch), m.candidate ?? -1),
      label: (m) => (m.candidate === null ? 'is it down?' : `vote for me in ${m.epoch}`),
    },
    'sentinel.is-down-reply': {
      role: 'reply',
      flight: 'vote',
      digest: (m) => mix(mix(m.isDown ? 1 : 0, m.leader ?? -1), m.leaderEpoch),
      label: (m) => {
        const down = m.isDown ? 'down' : 'not down';
        return m.leader === null ? down : `${down}; voted in ${m.leaderEpoch}`;
      },
    },
    'sentinel.hello': {
      role: 'notice',
      flight: 'control',
      digest: (m) => mix(mix(m.currentEpoch, m.configEpoch), m.primary),
      label: (m) => `configuration ${m.configEpoch}`,
    },
    'sentinel.get-primary': {
      role: 'request',
      flight: 'request',
      digest: () => 1,
      label: () => 'who is primary?',
    },
    'sentinel.primary': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.primary,
      label: () => 'this one is primary',
    },
  },
  errors: [],
});
