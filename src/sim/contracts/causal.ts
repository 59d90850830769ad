/**
 * The conversation between the datacentres of a causal store: writes, and how far they are applied.
 *
 * Messages are plain, immutable data: a write is shared by messages, stores and checkpoints.
 * Source: Lloyd, Freedman, Kaminsky & Andersen, "Don't Settle for Eventual" (SOSP 2011), 4.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';
import type { ActorCounts } from './crdt.ts';
import type { KvValue } from './kv.ts';
import type { PeerId } from './raft.ts';

/** A write as its origin made it; a null value deletes. */
export interface CausalWrite {
  readonly origin: PeerId;
  /** Which write of its origin it is: 1, 2, ... */
  readonly count: number;
  /** With the origin its version: the later one of two wins. */
  readonly lamport: number;
  readonly key: string;
  readonly value: KvValue;
  /** Its nearest dependencies: up to which write of each origin its client had seen. */
  readonly dependencies: ActorCounts;
}

export interface CausalReplicate {
  readonly type: 'causal.replicate';
  /** In the order in which their origin, the sender, made them. */
  readonly writes: readonly CausalWrite[];
}
export interface CausalApplied {
  readonly type: 'causal.applied';
  /** All writes of the receiver up to this one are applied at the sender, and on its disk. */
  readonly count: number;
}

export type CausalMessage = CausalReplicate | CausalApplied;

const mix = (a: number, b: number): number => (Math.imul(a, 0x9e3779b1) ^ b) | 0;

function digestOfWrite(write: CausalWrite): number {
  const { value } = write;
  const content = typeof value === 'number' ? value | 0 : value === null ? -1 : hashText(value);
  let h = mix(mix(write.count, write.lamport), mix(hashText(write.key), content));
  for (const [origin, count] of write.dependencies) h = mix(h, mix(origin, count));
  return h;
}

const say = ({ key, value }: CausalWrite): string =>
  value === null ? `${key} deleted` : `${key} = ${String(value)}`;

export const causalReplication = defineContract<CausalMessage>({
  name: 'causal',
  about: 'The datacentres of a causal store send each other their writes with what they depend on.',
  source: 'Lloyd et al., COPS (SOSP 2011), 4.3',
  messages: {
    'causal.replicate': {
      role: 'notice',
      flight: 'replication',
      digest: ({ writes }) => writes.reduce((h, write) => mix(h, digestOfWrite(write)), 1),
      label: ({ writes }) =>
        writes.length === 1 && writes[0] !== undefined
          ? say(writes[0])
          : `${writes.length} writes again`,
    },
    'causal.applied': {
      role: 'notice',
      flight: 'acknowledgement',
      digest: ({ count }) => count,
      label: ({ count }) => `applied up to ${count}`,
    },
  },
  errors: [],
});
