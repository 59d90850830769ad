/**
 * The consumer protocol of groups, sentence by sentence.
 *
 * Source: KIP-848; Apache Kafka 4.0, GroupMetadataManager, CurrentAssignmentBuilder
 */
import { describe, expect, it } from 'vitest';
import { phaseOf } from '../../../../src/sim/protocols/consumer-group/index.ts';
import { Coordinator } from './support.ts';

const at = (ablations: readonly string[] = []) => {
  const made = new Coordinator(ablations);
  made.partitions = [0, 1, 2, 3];
  return made;
};
const memberOf = ({ group }: Coordinator, id: string) => group.consumer?.members.get(id);
const phaseIn = ({ group }: Coordinator) => phaseOf(group.consumer!);

/** One that came first and has all partitions, and one that waits for half of them. */
function two(ablations: readonly string[] = []) {
  const coordinator = at(ablations);
  coordinator.consumerBeat('a', 0);
  const b = coordinator.consumerBeat('b', 0);
  return { coordinator, b };
}

describe('one heartbeat', () => {
  it('joins: the first member is told its epoch, and to have all', () => {
    const answer = at().consumerBeat('a', 0);
    expect(answer).toMatchObject({ error: null, memberEpoch: 1, assignment: [0, 1, 2, 3] });
    expect(answer.heartbeatIntervalMs).toBe(5_000);
  });

  it('says nothing of an assignment that is as it was', () => {
    const coordinator = at();
    coordinator.consumerBeat('a', 0);
    expect(coordinator.consumerBeat('a', 1).assignment).toBeNull();
  });

  it('leaves: the group enters a new epoch, and deals at the next heartbeat', () => {
    const { coordinator } = two();
    coordinator.consumerBeat('b', -1);
    expect(phaseIn(coordinator)).toBe('Assigning');
    coordinator.consumerBeat('a', 1);
    expect(memberOf(coordinator, 'a')).toMatchObject({ epoch: 3, assigned: [0, 1, 2, 3] });
    expect(phaseIn(coordinator)).toBe('Stable');
    coordinator.consumerBeat('a', -1);
    expect(phaseIn(coordinator)).toBe('Empty');
  });
});

describe('what moves', () => {
  it('is handed over when the member before has said that it has given it up', () => {
    const { coordinator, b } = two();
    expect(b).toMatchObject({ memberEpoch: 2, assignment: [] });
    expect(memberOf(coordinator, 'b')).toMatchObject({ state: 'unreleased' });
    expect(phaseIn(coordinator)).toBe('Reconciling');

    const told = coordinator.consumerBeat('a', 1);
    expect(told, 'it keeps its epoch until it has given up').toMatchObject({ memberEpoch: 1 });
    expect(told.assignment).toHaveLength(2);
    expect(coordinator.consumerBeat('b', 2).assignment, 'not yet').toBeNull();

    const kept = told.assignment as readonly number[];
    expect(coordinator.consumerBeat('a', 1, { owned: kept })).toMatchObject({ memberEpoch: 2 });
    const given = coordinator.consumerBeat('b', 2).assignment as readonly number[];
    expect([...kept, ...given].sort((x, y) => x - y)).toEqual([0, 1, 2, 3]);
    expect(phaseIn(coordinator)).toBe('Stable');
  });

  it('with group.revoke-before-assign off is handed over while another one has it', () => {
    const { coordinator, b } = two(['group.revoke-before-assign']);
    expect(b.assignment).toHaveLength(2);
    const a = memberOf(coordinator, 'a')?.assigned ?? [];
    expect(a.filter((one) => b.assignment?.includes(one))).toHaveLength(2);
  });

  it('must be given up within max.poll.interval.ms, or the member is out', () => {
    const { coordinator } = two();
    coordinator.consumerBeat('a', 1);
    for (let i = 0; i < 3; i += 1) {
      coordinator.ms(25_000);
      coordinator.consumerBeat('a', 1);
      coordinator.consumerBeat('b', memberOf(coordinator, 'b')?.epoch ?? 0);
    }
    expect(memberOf(coordinator, 'a')).toBeUndefined();
    expect(memberOf(coordinator, 'b')?.assigned).toEqual([0, 1, 2, 3]);
  });
});

describe('epochs', () => {
  it('that are not the member’s fence it', () => {
    const coordinator = at();
    coordinator.consumerBeat('a', 0);
    expect(coordinator.consumerBeat('a', 2)).toMatchObject({ error: 'FENCED_MEMBER_EPOCH' });
    expect(coordinator.consumerBeat('x', 1)).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
  });

  it('may be the one before, if the answer was lost and it has nothing else', () => {
    const { coordinator } = two();
    coordinator.consumerBeat('b', -1);
    coordinator.consumerBeat('a', 1);
    const owned = [0, 1, 2, 3];
    expect(coordinator.consumerBeat('a', 1)).toMatchObject({ error: 'FENCED_MEMBER_EPOCH' });
    expect(coordinator.consumerBeat('a', 1, { owned })).toMatchObject({ memberEpoch: 3 });
  });

  it('are named by whoever commits', () => {
    const { coordinator } = two();
    const commit = (memberId: string, generation: number) =>
      coordinator.commit(memberId, 7, { generation });
    expect(commit('a', 1)).toBeNull();
    expect(commit('b', 1)).toBe('STALE_MEMBER_EPOCH');
    expect(commit('x', 1)).toBe('UNKNOWN_MEMBER_ID');
    expect(commit('', -1), 'of none').toBe('UNKNOWN_MEMBER_ID');
    coordinator.consumerBeat('a', -1);
    coordinator.consumerBeat('b', -1);
    expect(commit('', -1), 'the group is empty').toBeNull();
  });

  it('with group.generation-check off are asked of nobody', () => {
    const { coordinator } = two(['group.generation-check']);
    expect(coordinator.commit('x', 7, { generation: 9 })).toBeNull();
  });
});

describe('silence', () => {
  it('of a whole session takes a member out: group.consumer.session.timeout.ms', () => {
    const coordinator = at();
    coordinator.consumerBeat('a', 0);
    coordinator.ms(44_999);
    expect(memberOf(coordinator, 'a')).toBeDefined();
    coordinator.ms(1);
    expect(memberOf(coordinator, 'a')).toBeUndefined();
    expect(coordinator.facts).toContain('group.empty');
  });
});

describe('a static member', () => {
  const named = { groupInstanceId: 'i' };

  it('that is away for a while has its place kept, and a new process takes it', () => {
    const coordinator = at();
    coordinator.consumerBeat('a', 0, named);
    coordinator.consumerBeat('a', -2, named);
    coordinator.ms(10_000);
    const back = coordinator.consumerBeat('b', 0, named);
    expect(back).toMatchObject({ error: null, memberEpoch: 1, assignment: [0, 1, 2, 3] });
    expect([...(coordinator.group.consumer?.members.keys() ?? [])]).toEqual(['b']);
    expect(coordinator.facts.filter((fact) => fact === 'group.rebalancing')).toHaveLength(1);
  });

  it('that is away has given up what it had to: others need not wait for it', () => {
    const coordinator = at();
    coordinator.consumerBeat('a', 0, named);
    coordinator.consumerBeat('b', 0);
    const kept = coordinator.consumerBeat('a', 1, named).assignment as readonly number[];
    expect(coordinator.consumerBeat('b', 2).assignment, 'not yet').toBeNull();
    coordinator.consumerBeat('a', -2, named);
    const given = coordinator.consumerBeat('b', 2).assignment as readonly number[];
    expect([...kept, ...given].sort((x, y) => x - y)).toEqual([0, 1, 2, 3]);
    coordinator.ms(40_000);
    const back = coordinator.consumerBeat('c', 0, named);
    expect(back, 'with what it was left').toMatchObject({ memberEpoch: 2, assignment: kept });
    expect(phaseIn(coordinator)).toBe('Stable');
  });

  it('that is away for longer than it had to give up something is no member late', () => {
    const coordinator = at();
    coordinator.consumerBeat('a', 0, { ...named, rebalanceTimeoutMs: 10_000 });
    coordinator.consumerBeat('b', 0);
    coordinator.consumerBeat('a', 1, named);
    coordinator.consumerBeat('a', -2, named);
    coordinator.ms(40_000);
    expect(memberOf(coordinator, 'a')).toMatchObject({ epoch: -2 });
  });

  it('that never said so holds its name for a session', () => {
    const coordinator = at();
    coordinator.consumerBeat('a', 0, named);
    expect(coordinator.consumerBeat('b', 0, named).error).toBe('UNRELEASED_INSTANCE_ID');
    coordinator.ms(45_000);
    expect(coordinator.consumerBeat('b', 0, named).error).toBeNull();
    expect(coordinator.consumerBeat('a', 1, named).error).toBe('FENCED_INSTANCE_ID');
  });
});

describe('assignors', () => {
  it('are the one that most members ask for, by default the first that there is', () => {
    const [range, own] = [at(), at()];
    for (const id of ['a', 'b']) range.consumerBeat(id, 0, { serverAssignor: 'range' });
    expect(range.group.consumer?.target.get('a')).toEqual([0, 1]);
    for (const id of ['a', 'b']) own.consumerBeat(id, 0);
    expect(own.group.consumer?.target.get('a')).toHaveLength(2);
  });
  it('that the coordinator does not know are refused', () => {
    const answer = at().consumerBeat('a', 0, { serverAssignor: 'mine' });
    expect(answer.error).toBe('UNSUPPORTED_ASSIGNOR');
  });
});

describe('the two protocols', () => {
  it('do not meet in one group while it has members', () => {
    const [consumer, classic] = [at(), at()];
    consumer.consumerBeat('a', 0);
    expect(consumer.joined(consumer.join(''))).toMatchObject({
      error: 'INCONSISTENT_GROUP_PROTOCOL',
    });
    classic.enter();
    expect(classic.consumerBeat('a', 0).error).toBe('GROUP_ID_NOT_FOUND');
  });
});

describe('another coordinator', () => {
  it('knows members, epochs and what is promised to whom', () => {
    const { coordinator } = two();
    coordinator.consumerBeat('a', 1);
    const before = coordinator.group.consumer;
    coordinator.failOver();
    expect(coordinator.group.consumer).toEqual(before);
    expect(coordinator.group.consumer).not.toBe(before);
    coordinator.ms(45_000);
    expect(phaseIn(coordinator), 'all have a session from then on').toBe('Empty');
  });

  it('is not answered for before it is written', () => {
    const coordinator = at();
    coordinator.fate = undefined;
    expect(coordinator.ask(coordinator.consumerRequest('a', 0))).toBeUndefined();
    coordinator.fate = 'NOT_LEADER_OR_FOLLOWER';
    expect(coordinator.consumerBeat('b', 0).error).toBe('NOT_COORDINATOR');
  });
});
