/** A coordinator of one group, and what its members say to it. */
import type { GroupJoined, GroupRequest, GroupSynced, Message } from 'faultline';
import { groupMachine, groupRules } from '../../../../src/sim/protocols/consumer-group/index.ts';
import type { Group, GroupsState } from '../../../../src/sim/protocols/consumer-group/index.ts';
import type {
  GroupConsumerHeartbeat,
  GroupConsumerHeartbeatReply,
} from '../../../../src/sim/contracts/group.ts';
import { Shard } from '../support/shard.ts';

const config = (ablations: readonly string[]) => ({
  initialRebalanceDelayMs: 3_000,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5_000,
  consumerAssignors: ['uniform', 'range'],
  rules: groupRules(ablations),
});

export class Coordinator extends Shard<GroupsState, GroupRequest> {
  partitions: readonly number[] = [0, 1];

  constructor(ablations: readonly string[] = []) {
    super(groupMachine(config(ablations)), 0);
  }

  protected world() {
    return {
      leaderOf: () => -1,
      partitionOfGroup: () => -1,
      partitionsOf: () => this.partitions,
    };
  }

  protected asks(): void {
    throw new Error('a coordinator of groups asks nobody');
  }

  get group(): Group {
    return this.state.groups.get('g') as Group;
  }

  join(memberId: string, more: object = {}): number {
    return this.send({
      type: 'group.join',
      group: 'g',
      memberId,
      groupInstanceId: null,
      clientId: 'c',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocols: ['range'],
      subscription: { topics: ['t'], owned: [], generation: -1, rack: null },
      ...more,
    });
  }

  joined(tag: number): GroupJoined | undefined {
    return this.answers.get(tag) as GroupJoined | undefined;
  }

  /** A new dynamic member gets an id and joins with it. */
  enter(more: object = {}): { readonly id: string; readonly tag: number } {
    const id = this.joined(this.join('', more))?.memberId ?? '';
    return { id, tag: this.join(id, more) };
  }

  sync(
    memberId: string,
    assignments: readonly [string, readonly number[]][] = [],
    more = {},
  ): number {
    return this.send({
      type: 'group.sync',
      ...this.member(memberId),
      assignments: assignments.map(([id, partitions]) => ({ memberId: id, partitions })),
      ...more,
    });
  }

  synced(tag: number): GroupSynced | undefined {
    return this.answers.get(tag) as GroupSynced | undefined;
  }

  member(memberId: string) {
    const { generation } = this.group;
    return { group: 'g', generation, memberId, groupInstanceId: null };
  }

  beat(memberId: string, more: object = {}): string | null {
    return this.ask({ type: 'group.heartbeat', ...this.member(memberId), ...more }).error;
  }

  consumerRequest(memberId: string, memberEpoch: number, more: object = {}) {
    return {
      type: 'group.consumer-heartbeat',
      group: 'g',
      memberId,
      memberEpoch,
      groupInstanceId: null,
      rebalanceTimeoutMs: 60_000,
      topics: ['t'],
      serverAssignor: null,
      owned: memberEpoch === 0 ? [] : null,
      ...more,
    } as const satisfies GroupConsumerHeartbeat;
  }

  consumerBeat(memberId: string, memberEpoch: number, more: object = {}) {
    const answer = this.ask(this.consumerRequest(memberId, memberEpoch, more));
    return answer as unknown as GroupConsumerHeartbeatReply;
  }

  commit(memberId: string, offset: number, more: object = {}): string | null {
    const offsets = [{ partition: 0, offset, leaderEpoch: 0 }];
    return this.ask({ type: 'group.commit', ...this.member(memberId), offsets, ...more }).error;
  }

  /** In a transaction of producer 9. */
  commitOpen(memberId: string, offset: number, more: object = {}): string | null {
    const offsets = [{ partition: 0, offset, leaderEpoch: 0 }];
    const producer = { transactionalId: 'x', producerId: 9, producerEpoch: 0 };
    const who = { ...this.member(memberId), ...producer };
    return this.ask({ type: 'group.txn-commit', ...who, offsets, ...more }).error;
  }

  stableOffsets(): Message & { readonly error: string | null } {
    const what = { group: 'g', partitions: [0], requireStable: true };
    return this.ask({ type: 'group.fetch-offsets', ...what });
  }

  committed(): number | undefined {
    return this.group.offsets.get(0)?.offset;
  }

  /** Two members, each with a partition. */
  stable(): readonly [string, string] {
    const [a, b] = [this.enter().id, this.enter().id];
    this.ms(6_000);
    this.sync(b);
    this.sync(a, [
      [a, [0]],
      [b, [1]],
    ]);
    return [a, b];
  }
}
