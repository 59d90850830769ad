/** What goes into a step of a sentinel and what comes out of it. */
import type { PeerId } from '../../contracts/raft.ts';
import type { ControlInfoReply, ControlRequest } from '../../contracts/replica-control.ts';
import type {
  SentinelGetPrimary,
  SentinelHello,
  SentinelIsDown,
  SentinelIsDownReply,
  SentinelPrimary,
} from '../../contracts/sentinel.ts';

/** What is on disk. */
export interface SentinelDisk {
  currentEpoch: number;
  configEpoch: number;
  /** Null: the first of the servers. */
  primary: PeerId | null;
  leader: PeerId | null;
  leaderEpoch: number;
}

export type SentinelInput =
  | { readonly type: 'start' }
  | { readonly type: 'tick' }
  | { readonly type: 'pong'; readonly server: PeerId }
  | { readonly type: 'info'; readonly server: PeerId; readonly info: ControlInfoReply }
  | { readonly type: 'asked'; readonly tag: number; readonly request: SentinelIsDown }
  | { readonly type: 'asked-primary'; readonly tag: number; readonly request: SentinelGetPrimary }
  | { readonly type: 'answered'; readonly peer: PeerId; readonly reply: SentinelIsDownReply }
  | { readonly type: 'hello'; readonly from: PeerId; readonly hello: SentinelHello }
  | { readonly type: 'persisted'; readonly upTo: number };

export type SentinelFact =
  | { readonly type: 'sentinel.s-down'; readonly server: PeerId }
  | { readonly type: 'sentinel.s-up'; readonly server: PeerId }
  | {
      readonly type: 'sentinel.o-down';
      readonly server: PeerId;
      readonly agreed: number;
      readonly quorum: number;
    }
  | { readonly type: 'sentinel.o-up'; readonly server: PeerId }
  | { readonly type: 'sentinel.try-failover'; readonly epoch: number }
  | { readonly type: 'sentinel.voted'; readonly leader: PeerId; readonly epoch: number }
  | { readonly type: 'sentinel.elected'; readonly epoch: number; readonly votes: number }
  | {
      readonly type: 'sentinel.aborted';
      readonly why: 'not-elected' | 'no-good-replica' | 'replica-timeout';
      readonly epoch: number;
    }
  | {
      readonly type: 'sentinel.selected';
      readonly server: PeerId;
      readonly epoch: number;
      readonly offset: number;
    }
  | { readonly type: 'sentinel.promoted'; readonly server: PeerId; readonly epoch: number }
  | { readonly type: 'sentinel.reconfigured'; readonly server: PeerId; readonly primary: PeerId }
  | {
      readonly type: 'sentinel.switched';
      readonly from: PeerId;
      readonly to: PeerId;
      readonly epoch: number;
      /** Who told it; null: its own failover is over. */
      readonly by: PeerId | null;
    }
  | {
      readonly type: 'sentinel.converted';
      readonly server: PeerId;
      readonly primary: PeerId;
      /** It took itself for primary, or followed another. */
      readonly from: 'primary' | 'replica';
    }
  | { readonly type: 'sentinel.tilt'; readonly jumpMillis: number }
  | { readonly type: 'sentinel.tilt-over' };

/** The host performs them in this order. */
export type SentinelEffect =
  /** To a server; what it answers comes as `pong` or `info`. */
  | { readonly type: 'ask-server'; readonly to: PeerId; readonly request: ControlRequest }
  | { readonly type: 'ask-peer'; readonly to: PeerId; readonly request: SentinelIsDown }
  | { readonly type: 'send'; readonly to: PeerId; readonly message: SentinelHello }
  | {
      readonly type: 'answer';
      readonly tag: number;
      readonly reply: SentinelIsDownReply | SentinelPrimary;
    }
  | { readonly type: 'persist'; readonly ticket: number; readonly disk: SentinelDisk }
  | { readonly type: 'set-timer'; readonly afterMicros: number }
  | { readonly type: 'told'; readonly fact: SentinelFact };
