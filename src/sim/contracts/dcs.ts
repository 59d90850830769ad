/**
 * The conversation with the store in which a cluster keeps who its primary is: a leader key that
 * ends unless it is renewed, how far the primary was, and which standbys are synchronous.
 *
 * Source: Patroni, its DCS abstraction (get_cluster, touch_member, attempt_to_acquire_leader,
 * update_leader, write_sync_state, delete_leader) over etcd, Consul or ZooKeeper
 */
import { defineContract } from './contract.ts';
import type { PeerId } from './raft.ts';

/** A member says that it is there, and reads the cluster. */
export interface DcsTouch {
  readonly type: 'dcs.touch';
}
export interface DcsCluster {
  readonly type: 'dcs.cluster';
  /** Who holds the leader key; null: nobody. */
  readonly leader: PeerId | null;
  /** Of the newest lease: larger than that of every one before it. */
  readonly token: number;
  /** Where the primary's log ended when it last renewed. */
  readonly optime: number;
  /** Synchronous standbys: whoever is not among them may lack acknowledged writes. */
  readonly sync: readonly PeerId[];
  /** The primary whose synchronous standbys they are. */
  readonly syncLeader: PeerId | null;
}
/** Takes the leader key, unless somebody took it since the cluster was read. */
export interface DcsAcquire {
  readonly type: 'dcs.acquire';
  readonly lastToken: number;
}
export interface DcsRenew {
  readonly type: 'dcs.renew';
  readonly token: number;
  readonly optime: number;
  readonly sync: readonly PeerId[];
}
export interface DcsRelease {
  readonly type: 'dcs.release';
  readonly token: number;
}
export interface DcsGranted {
  readonly type: 'dcs.granted';
  readonly token: number;
  readonly ttlMicros: number;
}
export interface DcsReleased {
  readonly type: 'dcs.released';
}

export type DcsRequest = DcsTouch | DcsAcquire | DcsRenew | DcsRelease;
export type DcsReply = DcsCluster | DcsGranted | DcsReleased;
export type DcsMessage = DcsRequest | DcsReply;

const mix = (a: number, b: number): number => (Math.imul(a, 31) + b) | 0;
const ofList = (ids: readonly PeerId[]): number => ids.reduce(mix, ids.length);

export const dcs = defineContract<DcsMessage>({
  name: 'dcs',
  about: 'Members of a cluster agree on who its primary is, by a leader key with a lease.',
  source: 'Patroni, patroni/dcs (etcd, Consul, ZooKeeper)',
  messages: {
    'dcs.touch': {
      role: 'request',
      flight: 'heartbeat',
      digest: () => 1,
      label: () => 'who leads?',
    },
    'dcs.cluster': {
      role: 'reply',
      flight: 'response',
      digest: (m) => mix(mix(m.leader ?? -1, m.token), mix(m.optime, ofList(m.sync))),
      label: (m) => (m.leader === null ? 'nobody leads' : `token ${m.token} leads`),
    },
    'dcs.acquire': {
      role: 'request',
      flight: 'vote',
      digest: (m) => m.lastToken,
      label: (m) => `the leader key, after token ${m.lastToken}`,
    },
    'dcs.renew': {
      role: 'request',
      flight: 'heartbeat',
      digest: (m) => mix(mix(m.token, m.optime), ofList(m.sync)),
      label: (m) => `prolong the leader key, token ${m.token}`,
    },
    'dcs.release': {
      role: 'request',
      flight: 'control',
      digest: (m) => m.token,
      label: (m) => `give back the leader key, token ${m.token}`,
    },
    'dcs.granted': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.token,
      label: (m) => `leader key, token ${m.token}`,
    },
    'dcs.released': {
      role: 'reply',
      flight: 'response',
      digest: () => 0,
      label: () => 'given back',
    },
  },
  errors: [
    { code: 'lock-held', definite: true, means: 'another member holds the leader key' },
    { code: 'not-holder', definite: true, means: 'the lease with this token is over' },
    { code: 'outdated', definite: true, means: 'the leader key was taken since it was read' },
  ],
});
