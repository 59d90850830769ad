/**
 * Who owns the partitions of consumer groups, by what members and coordinators tell.
 *
 * Invariant: a generation gives a partition to one member; and nobody is given a partition that
 * another one still has, unless that one has left, is down, or was taken out of the group and has
 * not heard of it yet. Who was taken out before it heard what it was given owns nothing by that: a
 * paused member wakes so, and what it does in a generation that is over its coordinator refuses.
 *
 * Source: KIP-62, KIP-848: a generation, or epoch, has one owner, not an instant
 */
import type { NodeIndex } from '../../node/behaviour.ts';

/** A fact of a member, or of its coordinator, as far as it matters here. */
export type OwnerFact =
  | {
      readonly type: 'consumer.assigned';
      readonly generation: number;
      readonly member: string;
      readonly partitions: readonly number[];
    }
  | {
      readonly type: 'consumer.revoked' | 'consumer.lost';
      readonly partitions: readonly number[];
    }
  | { readonly type: 'consumer.left' }
  | {
      readonly type: 'group.member-removed';
      readonly member: string;
      readonly generation: number;
    };

interface Owner {
  readonly node: NodeIndex;
  /** Which start of the node that was. */
  readonly life: number;
  readonly member: string;
  /** Whether it is no member any more, and need not know it. */
  isOut: boolean;
}

export interface SharedPartition {
  readonly partition: number;
  readonly to: NodeIndex;
  readonly also: NodeIndex;
  readonly generation: number;
  /** Both by one generation; otherwise one after the other. */
  readonly isSame: boolean;
}

export type GroupOwnersImage = readonly [
  readonly (readonly [number, Owner])[],
  readonly (readonly [string, NodeIndex])[],
  readonly (readonly [string, number])[],
];

export class GroupOwners {
  /** By partition: who reads it. */
  readonly #owners = new Map<number, Owner>();
  /** By generation and partition: to whom it was given. */
  readonly #given = new Map<string, NodeIndex>();
  /** By member that was taken out: the last generation that it was in. */
  readonly #removed = new Map<string, number>();
  /** Which start of a node this is; -1: it is down. */
  readonly #lifeOf: (node: NodeIndex) => number;

  constructor(lifeOf: (node: NodeIndex) => number) {
    this.#lifeOf = lifeOf;
  }

  onFact(node: NodeIndex, fact: OwnerFact): readonly SharedPartition[] {
    switch (fact.type) {
      case 'consumer.assigned':
        return this.#assigned(node, fact);
      case 'consumer.revoked':
      case 'consumer.lost':
        for (const partition of fact.partitions) {
          if (this.#owners.get(partition)?.node === node) this.#owners.delete(partition);
        }
        return [];
      case 'consumer.left':
        for (const owner of this.#owners.values()) if (owner.node === node) owner.isOut = true;
        return [];
      case 'group.member-removed':
        this.#removed.set(fact.member, fact.generation);
        for (const owner of this.#owners.values()) {
          if (owner.member === fact.member) owner.isOut = true;
        }
        return [];
    }
  }

  #assigned(
    node: NodeIndex,
    fact: Extract<OwnerFact, { readonly type: 'consumer.assigned' }>,
  ): readonly SharedPartition[] {
    const { generation, member, partitions } = fact;
    const found: SharedPartition[] = [];
    for (const [partition, owner] of this.#owners) {
      if (owner.node === node && !partitions.includes(partition)) this.#owners.delete(partition);
    }
    const isOut = generation <= (this.#removed.get(member) ?? -1);
    for (const partition of partitions) {
      const key = `${generation} ${partition}`;
      const twin = this.#given.get(key) ?? node;
      const owner = this.#owners.get(partition);
      const shared = { partition, to: node, generation };
      if (twin !== node) found.push({ ...shared, also: twin, isSame: true });
      else if (!isOut && owner !== undefined && owner.node !== node && this.#holds(owner)) {
        found.push({ ...shared, also: owner.node, isSame: false });
      }
      this.#given.set(key, node);
      if (isOut) continue;
      this.#owners.set(partition, { node, life: this.#lifeOf(node), member, isOut: false });
    }
    return found;
  }

  #holds({ isOut, node, life }: Owner): boolean {
    return !isOut && this.#lifeOf(node) === life;
  }

  save(): GroupOwnersImage {
    const owners = [...this.#owners].map(([at, owner]) => [at, { ...owner }] as const);
    return [owners, [...this.#given], [...this.#removed]];
  }

  restore([owners, given, removed]: GroupOwnersImage): void {
    this.#owners.clear();
    this.#given.clear();
    this.#removed.clear();
    for (const [member, generation] of removed) this.#removed.set(member, generation);
    for (const [partition, owner] of owners) this.#owners.set(partition, { ...owner });
    for (const [key, node] of given) this.#given.set(key, node);
  }
}
