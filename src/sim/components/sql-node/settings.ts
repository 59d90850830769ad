/** From the settings of a plan to those of the protocol, and what is wrong with some. */
import { ScenarioError } from '../../kernel/errors.ts';
import { ms } from '../../kernel/time.ts';
import type { Context, GroupSettings } from '../../node/behaviour.ts';
import { checkDistribution } from '../../policies/distribution-schema.ts';
import type { ReplicaConfig } from '../../protocols/primary-replica/config.ts';
import { replicaRules } from '../../protocols/primary-replica/rules.ts';
import type { SqlNodeConfig } from './config.ts';

export function protocolConfig(ctx: Context<SqlNodeConfig>): ReplicaConfig {
  const c = ctx.config;
  return {
    id: ctx.self,
    life: ctx.life,
    peers: ctx.members('peers'),
    hasDcs: ctx.links.includes('dcs'),
    replication: c.replication,
    synchronousCommit: c.synchronousCommit,
    walWriterDelayMicros: ms(c.walWriterDelayMs),
    synchronousMethod: c.synchronousMethod,
    synchronousCount: c.synchronousCount,
    walSenderTimeoutMicros: ms(c.walSenderTimeoutMs),
    statusIntervalMicros: ms(c.walReceiverStatusIntervalMs),
    minReplicasToWrite: c.minReplicasToWrite,
    minReplicasMaxLagMicros: ms(c.minReplicasMaxLagMs),
    semiSyncTimeoutMicros: ms(c.rplSemiSyncSourceTimeoutMs),
    semiSyncWaitCount: c.rplSemiSyncSourceWaitForReplicaCount,
    semiSyncWaitPoint: c.rplSemiSyncSourceWaitPoint,
    semiSyncWaitNoReplica: c.rplSemiSyncSourceWaitNoReplica,
    hotStandby: c.hotStandby,
    minApplyDelayMicros: ms(c.recoveryMinApplyDelayMs),
    tokenPolicy: c.tokenPolicy,
    tokenTimeoutMicros: ms(c.tokenTimeoutMs),
    loopWaitMicros: ms(c.loopWaitMs),
    retryTimeoutMicros: ms(c.retryTimeoutMs),
    maximumLag: Math.floor(c.maximumLagOnFailoverBytes / c.walRecordBytes),
    primaryStartTimeoutMicros: ms(c.primaryStartTimeoutMs),
    synchronousMode: c.synchronousMode,
    synchronousModeStrict: c.synchronousModeStrict,
    synchronousNodeCount: c.synchronousNodeCount,
    usePgRewind: c.usePgRewind,
    watchdog: c.watchdogMode === 'automatic',
    watchdogMarginMicros: ms(c.watchdogSafetyMarginMs),
    healthTimeoutMicros: ms(c.healthTimeoutMs),
    crashRecoveryMicros: ms(c.crashRecoveryMs),
    rewindMicros: ms(c.rewindMs),
    rules: replicaRules(ctx.ablations),
  };
}

export function checkSettings(c: SqlNodeConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  checkDistribution(c.replayTime, `${path}/replayTime`, 0);
  checkStandbys(c, group, path);
  checkRedis(c, group, path);
  const linked = group.links.get('dcs');
  if (c.synchronousMode && (linked === undefined || c.replication !== 'synchronous')) {
    throw new ScenarioError('synchronousMode is for synchronous replication with a dcs.', {
      path: `${path}/synchronousMode`,
      hint: 'Set replication to synchronous and link a group of the component dcs.',
    });
  }
  if (linked !== undefined) checkTimes(c, linked.config as { readonly ttlMs: number }, path);
}

/** What bounds the loss of a primary that is cut off, and whom sentinels would promote. */
function checkRedis(c: SqlNodeConfig, group: GroupSettings, path: string): void {
  const replicas = group.count - 1;
  if (c.minReplicasToWrite > replicas) {
    throw new ScenarioError(
      `minReplicasToWrite is ${c.minReplicasToWrite}, but the group has ${replicas} replicas.`,
      { path: `${path}/minReplicasToWrite`, hint: 'Raise the count of the group, or lower it.' },
    );
  }
  const slow = c.minReplicasToWrite > 0 && c.minReplicasMaxLagMs <= c.walReceiverStatusIntervalMs;
  if (slow) {
    throw new ScenarioError(
      `A replica is heard each ${c.walReceiverStatusIntervalMs} ms: with minReplicasMaxLagMs of ` +
        `${c.minReplicasMaxLagMs} ms writes would be refused without need.`,
      {
        path: `${path}/minReplicasMaxLagMs`,
        hint: 'Raise it, or lower walReceiverStatusIntervalMs.',
      },
    );
  }
  if (c.replicaPriorities.length <= group.count) return;
  throw new ScenarioError(`replicaPriorities names ${c.replicaPriorities.length} servers.`, {
    path: `${path}/replicaPriorities`,
    hint: `The group has ${group.count}.`,
  });
}

function checkStandbys(c: SqlNodeConfig, group: GroupSettings, path: string): void {
  const standbys = group.count - 1;
  const asked = [
    { setting: 'synchronousCount', count: c.synchronousCount, mode: 'synchronous' },
    {
      setting: 'rplSemiSyncSourceWaitForReplicaCount',
      count: c.rplSemiSyncSourceWaitForReplicaCount,
      mode: 'semi-synchronous',
    },
  ];
  for (const { setting, count, mode } of asked) {
    if (c.replication !== mode || count <= standbys) continue;
    throw new ScenarioError(`${setting} is ${count}, but the group has ${standbys} standbys.`, {
      path: `${path}/${setting}`,
      hint: 'Raise the count of the group, or lower it.',
    });
  }
}

/** What keeps a primary from being one for longer than its key lasts. */
function checkTimes(c: SqlNodeConfig, { ttlMs }: { readonly ttlMs: number }, path: string): void {
  const needed = c.loopWaitMs + 2 * c.retryTimeoutMs;
  if (needed > ttlMs) {
    throw new ScenarioError(
      `loopWaitMs + 2 * retryTimeoutMs is ${needed} ms, more than ttlMs of the dcs, ${ttlMs} ms.`,
      {
        path: `${path}/loopWaitMs`,
        hint: 'Patroni asks for loop_wait + 2 * retry_timeout <= ttl.',
      },
    );
  }
  if (c.watchdogMode === 'automatic' && ttlMs - c.watchdogSafetyMarginMs <= c.loopWaitMs) {
    throw new ScenarioError(
      `The watchdog would strike before the key is renewed: watchdogSafetyMarginMs is ` +
        `${c.watchdogSafetyMarginMs} ms of ${ttlMs} ms.`,
      { path: `${path}/watchdogSafetyMarginMs`, hint: 'Lower it, or switch the watchdog off.' },
    );
  }
}
