/** What a server of a replicated store tells: who leads, who follows, and what was lost. */
import type { FactTable } from '../../contracts/facts.ts';
import type { DemoteReason, ReplicaFact } from '../../protocols/primary-replica/effects.ts';
import { plural } from '../../kernel/plural.ts';

export type SqlNodeFact = ReplicaFact;

const REASONS: { readonly [reason in DemoteReason]: string } = {
  'no-dcs': 'it cannot reach the store of its leader key, which may end',
  'lost-key': 'its leader key is over',
  watchdog: 'its leader key is about to end, and was not renewed',
  'other-leader': 'another server leads',
  operator: 'it was told to',
};

type Rewound = Extract<ReplicaFact, { readonly type: 'replica.rewound' }>;

function lossOf({ dropped, acknowledged, writes }: Rewound): string {
  const named = writes.map(({ key, value }) => `${key} = ${String(value)}`).join(', ');
  if (acknowledged === 0) return 'none of which was acknowledged';
  const more = (acknowledged ?? dropped) > writes.length ? ', ...' : '';
  const which = named === '' ? '' : ` (${named}${more})`;
  if (acknowledged === null) return `acknowledged or not, it cannot tell${which}`;
  return `${acknowledged} of them acknowledged and now lost${which}`;
}

type NotCandidate = Extract<ReplicaFact, { readonly type: 'replica.not-candidate' }>;

function whyNot({ why, behind }: NotCandidate): string {
  switch (why) {
    case 'lag':
      return `${behind} records behind is more than maximum_lag_on_failover`;
    case 'not-sync':
      return 'it is no synchronous standby';
    case 'behind':
      return `another standby has ${plural(behind, 'record')} more`;
    case 'primary-alive':
      return 'the primary can be reached';
  }
}

export const sqlNodeFacts: FactTable<SqlNodeFact> = {
  'replica.promoted': {
    weight: 'major',
    sentence: (f) =>
      `becomes primary of timeline ${f.timeline} at record ${f.lsn}` +
      (f.token > 0 ? `, with token ${f.token}` : ''),
  },
  'replica.resumed': {
    weight: 'major',
    sentence: (f) => `goes on as primary of timeline ${f.timeline} at record ${f.lsn}`,
  },
  'replica.demoted': {
    weight: 'major',
    sentence: (f) =>
      `is primary no more: ${REASONS[f.reason]}` +
      (f.pending > 0 ? `; ${plural(f.pending, 'write')} end unknown` : ''),
  },
  'replica.following': {
    weight: 'minor',
    sentence: (f, nameOf) => `follows ${nameOf(f.primary)} from record ${f.lsn} on`,
  },
  'replica.rewound': {
    weight: 'major',
    sentence: (f) =>
      `rewinds to record ${f.at} and drops ${plural(f.dropped, 'write')}, ${lossOf(f)}`,
  },
  'replica.stuck': {
    weight: 'major',
    sentence: (f) =>
      `cannot follow: its log left the primary's after record ${f.at}, and goes on for ` +
      plural(f.ahead, 'record'),
  },
  'replica.semi-sync-off': {
    weight: 'major',
    sentence: (f) =>
      `stops waiting for replicas, and answers ${plural(f.waiting, 'write')} that waited`,
  },
  'replica.semi-sync-on': {
    weight: 'major',
    sentence: () => 'waits for replicas again: enough of them have caught up',
  },
  'replica.sync-standbys': {
    weight: 'major',
    sentence: (f, nameOf) =>
      f.standbys.length === 0
        ? 'has no synchronous standby any more'
        : `waits for ${f.standbys.map(nameOf).join(' and ')}`,
  },
  'replica.not-candidate': {
    weight: 'minor',
    sentence: (f) => `does not take over: ${whyNot(f)}`,
  },
  'replica.released': {
    weight: 'major',
    sentence: (f) => `gives up the leader key of token ${f.token}: it recovers for too long`,
  },
};
