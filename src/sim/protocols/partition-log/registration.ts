/**
 * What the controller knows of a partition, and how it changes: who is in sync, who may lead, who
 * does. Pure: a registration and a wish in, the next registration out.
 *
 * Eligible leader replicas (ELR, KIP-966) have left the ISR while it was smaller than
 * min.insync.replicas: the high watermark stood still since, so they still have all that is
 * committed, and one of them may lead when the ISR is empty.
 *
 * Source: Apache Kafka, PartitionChangeBuilder, PartitionRegistration; KIP-966, KIP-497
 * Leaves out: reassignment, directories, the leader epoch that a shrink took before 3.6
 */
import type { BrokerId } from './config.ts';

export interface PartitionRegistration {
  /** In the order of preference. */
  readonly replicas: readonly BrokerId[];
  /** -1: nobody leads. */
  readonly leader: BrokerId;
  readonly isr: readonly BrokerId[];
  readonly elr: readonly BrokerId[];
  /** Members since the ISR became too small that may have lost records since. */
  readonly lastKnownElr: readonly BrokerId[];
  /** Rises with each election. */
  readonly leaderEpoch: number;
  /** Rises with each change. */
  readonly partitionEpoch: number;
  /** The leader was not in sync when it was elected (LeaderRecoveryState RECOVERING). */
  readonly isRecovering: boolean;
}

/** preferred: the first replica if it can; online: any that can; unclean: any that lives. */
export type Election = 'preferred' | 'online' | 'unclean';

export interface ControlConfig {
  /** min.insync.replicas of the topic. */
  readonly minInsyncReplicas: number;
  /** eligible.leader.replicas.version >= 1: the default of new clusters since 4.1. */
  readonly hasElr: boolean;
  /** Whether a partition without ISR and ELR waits for the leader that it had last. */
  readonly usesLastKnownLeader: boolean;
}

export interface Wish {
  /** Without it: the ISR stays. */
  readonly isr?: readonly BrokerId[];
  /** Members that came back without what they had written last. */
  readonly uncleanShutdown?: readonly BrokerId[];
  readonly election: Election;
  /** Whether a broker is up, and not fenced. */
  readonly isAcceptable: (id: BrokerId) => boolean;
}

interface Target {
  readonly isr: readonly BrokerId[];
  readonly elr: readonly BrokerId[];
  readonly lastKnownElr: readonly BrokerId[];
}

/** The registration as it is then, or the same one when nothing changes. */
export function change(
  now: PartitionRegistration,
  wish: Wish,
  config: ControlConfig,
): PartitionRegistration {
  const target = targetOf(now, wish, config);
  const { leader, isUnclean } = elect(now, target, wish, config);
  const isNew = leader !== now.leader;
  const next = { ...settled(now, target, leader, isNew && isUnclean, config), leader };
  const isRecovering = isNew ? isUnclean : now.isRecovering;
  const isSame =
    !isNew &&
    isEqual(next.isr, now.isr) &&
    isEqual(next.elr, now.elr) &&
    isEqual(next.lastKnownElr, now.lastKnownElr);
  if (isSame) return now;
  return Object.freeze({
    replicas: now.replicas,
    ...next,
    isRecovering,
    leaderEpoch: now.leaderEpoch + (isNew ? 1 : 0),
    partitionEpoch: now.partitionEpoch + 1,
  });
}

/** Below min.insync.replicas, whoever leaves the ISR in good order stays eligible. */
function targetOf(now: PartitionRegistration, wish: Wish, config: ControlConfig): Target {
  const isr = wish.isr ?? now.isr;
  if (!config.hasElr || isr.length >= config.minInsyncReplicas) {
    return { isr, elr: [], lastKnownElr: [] };
  }
  const unclean = wish.uncleanShutdown ?? [];
  const members = union(now.elr, now.isr);
  const elr = members.filter((id) => !isr.includes(id) && !unclean.includes(id));
  const known = union(members, now.lastKnownElr);
  const lastKnownElr = known.filter((id) => !isr.includes(id) && !elr.includes(id));
  return { isr, elr, lastKnownElr };
}

function elect(
  now: PartitionRegistration,
  target: Target,
  { election, isAcceptable }: Wish,
  config: ControlConfig,
): { readonly leader: BrokerId; readonly isUnclean: boolean } {
  const isValid = (id: BrokerId): boolean => {
    const isEligible = target.isr.length === 0 && target.elr.includes(id);
    return (target.isr.includes(id) || isEligible) && isAcceptable(id);
  };
  const clean = (leader: BrokerId) => ({ leader, isUnclean: false });
  const [preferred] = now.replicas;
  if (election === 'preferred' && preferred !== undefined && isValid(preferred)) {
    return clean(preferred);
  }
  if (isValid(now.leader)) return clean(now.leader);
  const online = now.replicas.find(isValid);
  if (online !== undefined) return clean(online);
  const last = lastKnownLeader(now, target, config);
  if (last !== undefined && isAcceptable(last)) return { leader: last, isUnclean: true };
  const living = election === 'unclean' ? now.replicas.find(isAcceptable) : undefined;
  return living === undefined ? clean(-1) : { leader: living, isUnclean: true };
}

function lastKnownLeader(
  { lastKnownElr }: PartitionRegistration,
  target: Target,
  config: ControlConfig,
): BrokerId | undefined {
  if (!config.hasElr || !config.usesLastKnownLeader) return undefined;
  if (target.isr.length > 0 || target.elr.length > 0) return undefined;
  return lastKnownElr.length === 1 ? lastKnownElr[0] : undefined;
}

/** An eligible leader is the ISR, and an unclean one, too; without ELR an ISR is never empty. */
function settled(
  now: PartitionRegistration,
  target: Target,
  leader: BrokerId,
  isUnclean: boolean,
  config: ControlConfig,
): Target {
  if (isUnclean) return { isr: [leader], elr: [], lastKnownElr: [] };
  const isEligible = leader !== now.leader && target.elr.includes(leader);
  const isr = isEligible ? [leader] : target.isr;
  const elr = isEligible ? target.elr.filter((id) => id !== leader) : target.elr;
  if (isr.length === 0 && !config.hasElr) return { ...target, isr: now.isr };
  if (!config.usesLastKnownLeader) return { isr, elr, lastKnownElr: target.lastKnownElr };
  return { isr, elr, lastKnownElr: knownLeader(now, isr, leader) };
}

/** The place of the last known ELR holds the last leader while there is none. */
function knownLeader(
  now: PartitionRegistration,
  isr: readonly BrokerId[],
  leader: BrokerId,
): readonly BrokerId[] {
  if (leader >= 0) return [];
  const becomesEmpty = isr.length === 0 && now.leader >= 0;
  return becomesEmpty ? [now.leader] : now.lastKnownElr;
}

/** The broker is fenced, or shuts down: it leaves the ISR, and somebody else leads. */
export function withoutBroker(
  now: PartitionRegistration,
  broker: BrokerId,
  wish: Omit<Wish, 'isr'>,
  config: ControlConfig,
): PartitionRegistration {
  const isr = now.isr.filter((id) => id !== broker);
  const isAcceptable = (id: BrokerId): boolean => id !== broker && wish.isAcceptable(id);
  return change(now, { ...wish, isr, isAcceptable }, config);
}

export type AlterError =
  | 'FENCED_LEADER_EPOCH'
  | 'INVALID_REQUEST'
  | 'INVALID_UPDATE_VERSION'
  | 'INELIGIBLE_REPLICA'
  | 'NOT_CONTROLLER';

export interface AlterRequest {
  readonly broker: BrokerId;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly BrokerId[];
}

/** Why the controller refuses a leader's ISR; null: it takes it (KIP-497). */
export function refusalOf(
  now: PartitionRegistration,
  request: AlterRequest,
  isAcceptable: (id: BrokerId) => boolean,
): AlterError | null {
  // Who knows more than this controller has another one by now.
  if (request.leaderEpoch > now.leaderEpoch) return 'NOT_CONTROLLER';
  if (request.partitionEpoch > now.partitionEpoch) return 'NOT_CONTROLLER';
  if (request.leaderEpoch < now.leaderEpoch) return 'FENCED_LEADER_EPOCH';
  if (request.broker !== now.leader) return 'INVALID_REQUEST';
  if (request.partitionEpoch < now.partitionEpoch) return 'INVALID_UPDATE_VERSION';
  if (!request.isr.includes(now.leader)) return 'INVALID_REQUEST';
  if (request.isr.some((id) => !now.replicas.includes(id))) return 'INVALID_REQUEST';
  return request.isr.every(isAcceptable) ? null : 'INELIGIBLE_REPLICA';
}

const isEqual = (a: readonly BrokerId[], b: readonly BrokerId[]): boolean =>
  a.length === b.length && a.every((id, at) => id === b[at]);

const union = (a: readonly BrokerId[], b: readonly BrokerId[]): readonly BrokerId[] => [
  ...a,
  ...b.filter((id) => !a.includes(id)),
];
