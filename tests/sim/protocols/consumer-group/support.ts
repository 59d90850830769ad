/** A coordinator with a clock that a test turns, and a log that takes what it writes at once. */
import type { GroupJoined, GroupRequest, GroupSynced, LogRecord, Message } from 'faultline';
import { groupMachine, groupRules } from '../../../../src/sim/protocols/consumer-group/index.ts';
import type { Group, GroupsState } from '../../../../src/sim/protocols/consumer-group/index.ts';
import type {
  GroupConsumerHeartbeat,
  GroupConsumerHeartbeatReply,
} from '../../../../src/sim/contracts/group.ts';
import type {
  AppendError,
  MachineEffect,
  MachineInput,
} from '../../../../src/sim/protocols/coordinator-machine.ts';

const config = (ablations: readonly string[]) => ({
  initialRebalanceDelayMs: 3_000,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5_000,
  consumerAssignors: ['uniform', 'range'],
  rules: groupRules(ablations),
});

export class Coordinator {
  readonly answers = new Map<number, Message>();
  readonly facts: string[] = [];
  readonly log: (LogRecord & { readonly producerId: number | null })[] = [];
  readonly timers = new Map<string, number>();
  /** What becomes of what it writes; undefined: it waits. */
  fate: AppendError | null | undefined = null;
  partitions: readonly number[] = [0, 1];
  state: GroupsState;
  readonly #machine;
  #nowMs = 0;
  #next = 0;
  #ids = 0;

  constructor(ablations: readonly string[] = []) {
    this.#machine = groupMachine(config(ablations));
    this.state = this.#machine.create();
  }

  get group(): Group {
    return this.state.groups.get('g') as Group;
  }

  /** Another broker becomes the coordinator: it knows what the log says. */
  failOver(): void {
    this.timers.clear();
    this.state = this.#machine.create();
    for (const [baseOffset, { producerId, ...record }] of this.log.entries()) {
      const isTransactional = producerId !== null;
      const batch = { baseOffset, marker: null, producerId, isTransactional, records: [record] };
      this.#machine.replay(this.state, batch as never);
    }
    this.feed({ type: 'loaded' });
  }

  feed(input: MachineInput<GroupRequest>): void {
    const out: MachineEffect[] = [];
    const at = {
      nowMicros: this.#nowMs * 1_000,
      unique: () => (this.#ids += 1),
      leaderOf: () => -1,
      partitionOfGroup: () => -1,
      partitionsOf: () => this.partitions,
    };
    this.#machine.step(this.state, input, at, out);
    for (const effect of out) {
      if (effect.type === 'reply') this.answers.set(effect.tag, effect.answer);
      else if (effect.type === 'told') this.facts.push(effect.fact.type);
      else if (effect.type === 'cancel-timer') this.timers.delete(effect.timer);
      else if (effect.type === 'set-timer') {
        this.timers.set(effect.timer, this.#nowMs + effect.afterMicros / 1_000);
      } else if (effect.type === 'append' && this.fate !== undefined) {
        const producerId = effect.producer?.producerId ?? null;
        if (this.fate === null) {
          this.log.push(...effect.records.map((one) => ({ ...one, producerId })));
        }
        this.feed({ type: 'appended', ticket: effect.ticket, error: this.fate });
      }
    }
  }

  ms(duration: number): this {
    const end = this.#nowMs + duration;
    for (;;) {
      const due = [...this.timers].filter(([, at]) => at <= end).sort((a, b) => a[1] - b[1])[0];
      if (due === undefined) break;
      this.timers.delete(due[0]);
      this.#nowMs = due[1];
      this.feed({ type: 'timer', timer: due[0] });
    }
    this.#nowMs = end;
    return this;
  }

  /** The tag of the request: `answers` has what comes of it. */
  send(request: GroupRequest): number {
    const tag = this.#next++;
    this.feed({ type: 'request', tag, request });
    return tag;
  }

  ask(request: GroupRequest): Message & { readonly error: string | null } {
    return this.answers.get(this.send(request)) as Message & { readonly error: string | null };
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
