/** The rules of Redis Sentinel that can be switched off, to see what each is for. */

export type SentinelAblation =
  | 'sentinel.majority'
  | 'sentinel.vote-once'
  | 'sentinel.persist-vote'
  | 'sentinel.config-epoch'
  | 'sentinel.skip-stale'
  | 'sentinel.most-advanced'
  | 'sentinel.convert-returning';

export interface SentinelRule {
  readonly id: SentinelAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const SENTINEL_RULES: readonly SentinelRule[] = [
  {
    id: 'sentinel.majority',
    rule: 'A failover needs the votes of the majority of all sentinels, however small the quorum.',
    breaks: 'With a quorum of one, each side of a cut promotes a server of its own.',
    source: 'Redis Sentinel documentation: Sentinels, quorum and majority',
  },
  {
    id: 'sentinel.vote-once',
    rule: 'A sentinel votes once in an epoch.',
    breaks: 'One leader in an epoch: two sentinels promote a server each.',
    source: 'sentinel.c, sentinelVoteLeader: leader_epoch < req_epoch',
  },
  {
    id: 'sentinel.persist-vote',
    rule: 'A vote is on disk before anybody is told of it.',
    breaks: 'One leader in an epoch: a sentinel that was restarted votes again.',
    source: 'sentinel.c, sentinelVoteLeader: sentinelFlushConfig before it returns',
  },
  {
    id: 'sentinel.config-epoch',
    rule: 'A sentinel takes over the configuration of another only if it is newer than its own.',
    breaks: 'One that was cut off brings the old primary back, and writes since then are lost.',
    source: 'Redis Sentinel documentation: configuration propagation',
  },
  {
    id: 'sentinel.skip-stale',
    rule: 'A replica that has been disconnected from the primary for too long is not promoted.',
    breaks: 'All that was written since it was cut off is lost.',
    source: 'Redis Sentinel documentation: replica selection; 10 * down-after-milliseconds',
  },
  {
    id: 'sentinel.most-advanced',
    rule: 'Of replicas with the same priority the one with the most of the log is promoted.',
    breaks: 'Writes that another replica has are lost.',
    source: 'Redis Sentinel documentation: replica selection, replication offset processed',
  },
  {
    id: 'sentinel.convert-returning',
    rule: 'An old primary that comes back is told to follow the new one.',
    breaks: 'Two primaries for ever, each with its clients.',
    source: 'sentinel.c, sentinelRefreshInstanceInfo: +convert-to-slave',
  },
];

export interface SentinelRules {
  readonly majority: boolean;
  readonly voteOnce: boolean;
  readonly persistVote: boolean;
  readonly configEpoch: boolean;
  readonly skipStale: boolean;
  readonly mostAdvanced: boolean;
  readonly convertReturning: boolean;
}

export function sentinelRules(ablations: readonly string[]): SentinelRules {
  const holds = (rule: SentinelAblation): boolean => !ablations.includes(rule);
  return Object.freeze({
    majority: holds('sentinel.majority'),
    voteOnce: holds('sentinel.vote-once'),
    persistVote: holds('sentinel.persist-vote'),
    configEpoch: holds('sentinel.config-epoch'),
    skipStale: holds('sentinel.skip-stale'),
    mostAdvanced: holds('sentinel.most-advanced'),
    convertReturning: holds('sentinel.convert-returning'),
  });
}
