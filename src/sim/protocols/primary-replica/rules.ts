/** The rules of primary-replica replication that can be switched off, to see what each is for. */

export type ReplicaAblation =
  | 'replica.lease-fencing'
  | 'replica.wait-for-standbys'
  | 'replica.flush-before-send'
  | 'replica.flush-before-acknowledge'
  | 'replica.rewind'
  | 'replica.most-advanced'
  | 'replica.sync-candidates'
  | 'replica.replay-before-promote';

export interface ReplicaRule {
  readonly id: ReplicaAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const REPLICA_RULES: readonly ReplicaRule[] = [
  {
    id: 'replica.lease-fencing',
    rule: 'A primary that cannot renew its leader key stops taking writes before the key ends.',
    breaks: 'Two primaries at once, until the old one hears of the new: its writes are lost then.',
    source: 'Patroni: demotes itself without the DCS; watchdog. Redis Sentinel has no such lease',
  },
  {
    id: 'replica.wait-for-standbys',
    rule: 'A write is answered only after the standbys that were asked for have acknowledged it.',
    breaks: 'Durability of synchronous replication: a failover loses acknowledged writes.',
    source: 'PostgreSQL synchronous_standby_names; MySQL semi-synchronous replication',
  },
  {
    id: 'replica.flush-before-send',
    rule: 'A primary sends only what is on its own disk.',
    breaks: 'After a crash of the primary a standby holds records that the primary does not.',
    source: 'PostgreSQL, walsender.c: WAL is sent up to the flush position',
  },
  {
    id: 'replica.flush-before-acknowledge',
    rule: 'A standby says that it has flushed a record only once it is on its disk.',
    breaks: 'Durability: a standby that crashed with the primary comes back without the write.',
    source: 'PostgreSQL synchronous_commit = on; MySQL: relay log written and flushed',
  },
  {
    id: 'replica.rewind',
    rule: "A server whose log has left the primary's drops its tail before it follows.",
    breaks: 'Prefix property: two servers hold different records at one LSN for ever.',
    source: 'PostgreSQL pg_rewind; Patroni use_pg_rewind',
  },
  {
    id: 'replica.most-advanced',
    rule: 'Of the standbys that can be reached, only one with the longest log becomes primary.',
    breaks: 'Durability: with ANY k an acknowledged write is on another standby, and is lost.',
    source: 'Patroni, _is_healthiest_node',
  },
  {
    id: 'replica.sync-candidates',
    rule: 'With synchronous_mode only a standby that the DCS names as synchronous is promoted.',
    breaks: 'Durability: a standby that lacks acknowledged writes becomes primary.',
    source: 'Patroni synchronous_mode',
  },
  {
    id: 'replica.replay-before-promote',
    rule: 'A standby applies all that it has received before it takes writes.',
    breaks: 'Acknowledged writes are in the log of the new primary, and its readers miss them.',
    source: 'PostgreSQL 26.3 (failover): recovery ends after all available WAL is replayed',
  },
];

export interface ReplicaRules {
  readonly leaseFencing: boolean;
  readonly waitForStandbys: boolean;
  readonly flushBeforeSend: boolean;
  readonly flushBeforeAcknowledge: boolean;
  readonly rewind: boolean;
  readonly mostAdvanced: boolean;
  readonly syncCandidates: boolean;
  readonly replayBeforePromote: boolean;
}

export function replicaRules(ablations: readonly string[]): ReplicaRules {
  const holds = (rule: ReplicaAblation): boolean => !ablations.includes(rule);
  return Object.freeze({
    leaseFencing: holds('replica.lease-fencing'),
    waitForStandbys: holds('replica.wait-for-standbys'),
    flushBeforeSend: holds('replica.flush-before-send'),
    flushBeforeAcknowledge: holds('replica.flush-before-acknowledge'),
    rewind: holds('replica.rewind'),
    mostAdvanced: holds('replica.most-advanced'),
    syncCandidates: holds('replica.sync-candidates'),
    replayBeforePromote: holds('replica.replay-before-promote'),
  });
}
