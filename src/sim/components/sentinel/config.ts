/** What a sentinel may be told: the settings of sentinel.conf, and those of SENTINEL DEBUG. */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export const sentinelConfig = Type.Object(
  {
    quorum: field.count({
      about: 'How many sentinels must hold the primary for down before a failover is tried.',
      default: 2,
      min: 1,
      max: 99,
      source: 'sentinel monitor mymaster 127.0.0.1 6379 2',
    }),
    downAfterMs: field.millis({
      about: 'A server that has not answered for so long is subjectively down (S_DOWN).',
      default: 30_000,
      min: 1,
      max: DAY_MS,
      source: 'sentinel down-after-milliseconds: 30 s',
    }),
    failoverTimeoutMs: field.millis({
      about:
        'How long a failover may wait for the promotion, and for the other replicas; after twice ' +
        'that another is tried; a replica that follows the wrong one is corrected after it.',
      default: 180_000,
      min: 1,
      max: DAY_MS,
      source: 'sentinel failover-timeout: 180 s',
    }),
    parallelSyncs: field.count({
      about: 'How many replicas at a time are told to follow the new primary.',
      default: 1,
      min: 1,
      max: 98,
      source: 'sentinel parallel-syncs: 1',
    }),
    pingPeriodMs: field.millis({
      about: 'How often a server is pinged.',
      default: 1_000,
      min: 1,
      max: HOUR_MS,
      source: 'SENTINEL DEBUG ping-period: 1 s',
    }),
    infoPeriodMs: field.millis({
      about: 'How often a server is asked what it is; a replica once a ping while in doubt.',
      default: 10_000,
      min: 1,
      max: HOUR_MS,
      source: 'SENTINEL DEBUG info-period: 10 s',
    }),
    askPeriodMs: field.millis({
      about: 'How often other sentinels are asked whether a primary is down.',
      default: 1_000,
      min: 1,
      max: HOUR_MS,
      source: 'SENTINEL DEBUG ask-period: 1 s',
    }),
    publishPeriodMs: field.millis({
      about: 'How often it tells the others of its configuration.',
      default: 2_000,
      min: 1,
      max: HOUR_MS,
      source: 'SENTINEL DEBUG publish-period: 2 s',
    }),
    electionTimeoutMs: field.millis({
      about: 'How long it waits for votes; failoverTimeoutMs, if that is shorter.',
      default: 10_000,
      min: 1,
      max: HOUR_MS,
      source: 'SENTINEL DEBUG election-timeout: 10 s',
    }),
    slaveReconfTimeoutMs: field.millis({
      about: 'A replica that does not follow the new primary by then is told again.',
      default: 10_000,
      min: 1,
      max: HOUR_MS,
      source: 'SENTINEL DEBUG slave-reconf-timeout: 10 s',
    }),
    tiltTriggerMs: field.millis({
      about: 'If so much time passes between two looks, or less than none, it trusts nothing.',
      default: 2_000,
      min: 200,
      max: HOUR_MS,
      source: 'SENTINEL DEBUG tilt-trigger: 2 s',
    }),
    tiltPeriodMs: field.millis({
      about: 'For how long: it goes on watching, and does not act (TILT).',
      default: 30_000,
      min: 1,
      max: HOUR_MS,
      source: 'SENTINEL DEBUG tilt-period: 30 s',
    }),
  },
  { additionalProperties: false },
);

export type SentinelConfig = Static<typeof sentinelConfig>;

export function checkSentinel(config: SentinelConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  if (config.quorum > group.count) {
    throw new ScenarioError(`quorum is ${config.quorum}, but there are ${group.count} sentinels.`, {
      path: `${path}/quorum`,
      hint: 'Nothing would ever be objectively down. Lower it, or raise the count of the group.',
    });
  }
  const servers = group.links.get('servers');
  if (servers === undefined) return;
  const linksPath = `${group.path}/links/servers`;
  if (servers.roles.includes('dcs')) {
    throw new ScenarioError(`"${servers.group}" has keepers, which decide who is primary.`, {
      path: linksPath,
      hint: 'Leave out its link to the dcs, or the sentinels.',
    });
  }
  if (servers.count < 2) {
    throw new ScenarioError(`"${servers.group}" has no replica that could be promoted.`, {
      path: linksPath,
      hint: 'Raise its count.',
    });
  }
  if (config.parallelSyncs > 1 && config.parallelSyncs > servers.count - 2) {
    throw new ScenarioError(
      `parallelSyncs is ${config.parallelSyncs}; beside the old primary and the new one there ` +
        `are ${servers.count - 2} servers.`,
      { path: `${path}/parallelSyncs`, hint: 'Lower it: it would change nothing.' },
    );
  }
}
