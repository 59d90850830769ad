/**
 * What must hold between what the controller has written down of a partition and what its leader
 * goes by, looked at whenever either has changed.
 *
 *  - isr-superset: whom the controller may elect, the leader's high watermark waits for. It need
 *    not while the ISR is smaller than min.insync.replicas: then the high watermark stands still.
 *  - valid-isr-elr: ISR and ELR are replicas, and have nobody in common; who leads is in sync;
 *    somebody is eligible only while the ISR is too small; and as long as nobody has come back
 *    without its disk, both together are as many as min.insync.replicas.
 *
 * Source: Vanlightly, kafka-tlaplus: ReplicationQuorumSuperset, ValidControllerIsrAndElr,
 * MinIsrRecoveryQuorum; KIP-497, KIP-966
 */
import type { BrokerId } from './config.ts';
import type { PartitionRegistration } from './registration.ts';

export interface WatchedRegistration {
  readonly partition: number;
  readonly name: string;
  readonly registration: PartitionRegistration;
  readonly minInsyncReplicas: number;
  readonly hasElr: boolean;
  /** A broker has come back without what it had written last, and this is what follows. */
  readonly isAfterUnclean: boolean;
}

export type IsrInvariant = 'isr-superset' | 'valid-isr-elr';

export interface IsrViolation {
  readonly invariant: IsrInvariant;
  /** Of the partition. */
  readonly name: string;
  readonly why: string;
  readonly nodes: readonly BrokerId[];
}

interface Leading {
  readonly leaderEpoch: number;
  readonly leader: BrokerId;
  readonly maximalIsr: readonly BrokerId[];
}

/** Replaced, never changed: images share them. */
interface Watched {
  readonly registered: WatchedRegistration | null;
  /** By whom the newest leader goes. */
  readonly leading: Leading | null;
  /** ISR and ELR together were enough after the last change. */
  readonly isWhole: boolean;
}

export type IsrInvariantsImage = readonly (readonly [number, Watched])[];

const NOTHING: Watched = Object.freeze({ registered: null, leading: null, isWhole: false });

export class IsrInvariants {
  readonly #partitions = new Map<number, Watched>();
  readonly #nameOf: (node: BrokerId) => string;
  readonly #report: (violation: IsrViolation) => void;

  constructor(nameOf: (node: BrokerId) => string, report: (violation: IsrViolation) => void) {
    this.#nameOf = nameOf;
    this.#report = report;
  }

  /** Each controller tells of each change; the first to tell is heard. */
  onRegistered(registered: WatchedRegistration): void {
    const { partition, registration, minInsyncReplicas, isAfterUnclean } = registered;
    const before = this.#partitions.get(partition) ?? NOTHING;
    const known = before.registered?.registration.partitionEpoch ?? -1;
    if (registration.partitionEpoch <= known) return;
    const { isr, elr, isRecovering } = registration;
    const least = Math.min(minInsyncReplicas, registration.replicas.length);
    const isEnough = isr.length + elr.length >= least;
    const isHurt = isRecovering || isAfterUnclean;
    const wrong = wrongIn(registered, before.isWhole && !isEnough && !isHurt);
    if (wrong !== null) this.#tell('valid-isr-elr', registered, wrong, []);
    const at = { ...before, registered, isWhole: isEnough };
    this.#partitions.set(partition, at);
    this.#compare(at);
  }

  /** `maximalIsr`: whom its high watermark waits for. The same list means that nothing changed. */
  onLeader(partition: number, leading: Leading): void {
    const before = this.#partitions.get(partition) ?? NOTHING;
    if ((before.leading?.leaderEpoch ?? -1) > leading.leaderEpoch) return;
    const at = { ...before, leading };
    this.#partitions.set(partition, at);
    this.#compare(at);
  }

  /** Nothing is said of a leader that the controller has deposed, or that has not heard yet. */
  #compare({ registered, leading }: Watched): void {
    if (registered === null || leading === null) return;
    const { registration, minInsyncReplicas } = registered;
    const { leaderEpoch, isr } = registration;
    if (leading.leaderEpoch !== leaderEpoch || isr.length < minInsyncReplicas) return;
    const missing = isr.filter((id) => !leading.maximalIsr.includes(id));
    if (missing.length === 0) return;
    const names = missing.map((id) => this.#nameOf(id)).join(' and ');
    const leader = this.#nameOf(leading.leader);
    const why =
      `${leader} does not wait for ${names} any more, which the controller has in the ISR of ` +
      `${registered.name} and may elect.`;
    this.#tell('isr-superset', registered, why, [leading.leader, ...missing]);
  }

  #tell(
    invariant: IsrInvariant,
    { name }: WatchedRegistration,
    why: string,
    nodes: readonly BrokerId[],
  ): void {
    this.#report({ invariant, name, why, nodes });
  }

  save(): IsrInvariantsImage {
    return [...this.#partitions];
  }

  restore(image: IsrInvariantsImage): void {
    this.#partitions.clear();
    for (const [partition, at] of image) this.#partitions.set(partition, at);
  }
}

/** One sentence, or null. */
function wrongIn(watched: WatchedRegistration, isLeft: boolean): string | null {
  const { name, registration, minInsyncReplicas, hasElr } = watched;
  const { replicas, leader, isr, elr, lastKnownElr } = registration;
  const stranger = [...isr, ...elr, ...lastKnownElr].some((id) => !replicas.includes(id));
  if (stranger) return `The ISR or the ELR of ${name} has somebody who is no replica of it.`;
  if (elr.some((id) => isr.includes(id)))
    return `Somebody is in the ISR of ${name} and in its ELR.`;
  if (leader >= 0 && !isr.includes(leader)) return `Who leads ${name} is not in its ISR.`;
  if (elr.length > 0 && (!hasElr || isr.length >= minInsyncReplicas)) {
    return `${name} has an ELR of ${elr.length}, with an ISR of ${isr.length}.`;
  }
  if (hasElr && isLeft) {
    const both = isr.length + elr.length;
    return `ISR and ELR of ${name} are ${both} together, where ${minInsyncReplicas} are needed.`;
  }
  return null;
}
