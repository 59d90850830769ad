/** The rules of consumer groups that can be switched off, to see what each is for. */

export type GroupAblation =
  | 'group.generation-check'
  | 'group.join-barrier'
  | 'group.revoke-before-assign'
  | 'group.stable-offsets';

export interface GroupRule {
  readonly id: GroupAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const GROUP_RULES: readonly GroupRule[] = [
  {
    id: 'group.generation-check',
    rule: 'Whoever is no member of the generation that the group is in may not commit for it.',
    breaks: 'A member that was thrown out takes back what its successor has committed.',
    source: 'Apache Kafka, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID',
  },
  {
    id: 'group.join-barrier',
    rule: 'Partitions are dealt anew when all members have come back, or had time to.',
    breaks:
      'A partition is read by two members: one has not heard yet that it is not its any more.',
    source: 'Apache Kafka, DelayedJoin',
  },
  {
    id: 'group.revoke-before-assign',
    rule: 'A partition goes to its next owner once the last one has said that it gave it up.',
    breaks:
      'A partition is read by two members: one has not heard yet that it is not its any more.',
    source: 'KIP-848; Apache Kafka 4.0, CurrentAssignmentBuilder',
  },
  {
    id: 'group.stable-offsets',
    rule: 'Who asks where to begin waits while a transaction that is open has offsets of that.',
    breaks: 'Exactly once: the next owner does again what such a transaction then commits.',
    source: 'KIP-447, UNSTABLE_OFFSET_COMMIT',
  },
];

export interface GroupRules {
  readonly generationCheck: boolean;
  readonly joinBarrier: boolean;
  readonly revokeBeforeAssign: boolean;
  readonly stableOffsets: boolean;
}

export const groupRules = (ablations: readonly string[]): GroupRules =>
  Object.freeze({
    generationCheck: !ablations.includes('group.generation-check'),
    joinBarrier: !ablations.includes('group.join-barrier'),
    revokeBeforeAssign: !ablations.includes('group.revoke-before-assign'),
    stableOffsets: !ablations.includes('group.stable-offsets'),
  });
