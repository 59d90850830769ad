/**
 * The classic protocol of consumer groups, sentence by sentence.
 *
 * Source: KIP-394; Apache Kafka, GroupMetadataManager
 */
import { describe, expect, it } from 'vitest';
import { Coordinator } from './support.ts';

describe('joining', () => {
  it('a new member gets an id first, and joins with it', () => {
    const at = new Coordinator();
    const first = at.joined(at.join(''));
    expect(first).toMatchObject({ error: 'MEMBER_ID_REQUIRED', memberId: 'c-1' });
    expect(at.group.members.size).toBe(0);
    at.join('c-1');
    expect([...at.group.members.keys()]).toEqual(['c-1']);
  });

  it('an id that was not given out is refused', () => {
    const at = new Coordinator();
    expect(at.joined(at.join('me'))).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
  });

  it('a session that is too short or too long is refused', () => {
    const at = new Coordinator();
    const error = 'INVALID_SESSION_TIMEOUT';
    expect(at.joined(at.join('', { sessionTimeoutMs: 5_999 }))).toMatchObject({ error });
    expect(at.joined(at.join('', { sessionTimeoutMs: 1_800_001 }))).toMatchObject({ error });
  });

  it('a strategy that the others do not know is refused', () => {
    const at = new Coordinator();
    at.enter();
    const refused = at.joined(at.join('', { protocols: ['sticky'] }));
    expect(refused).toMatchObject({ error: 'INCONSISTENT_GROUP_PROTOCOL' });
  });

  it('the first rebalance waits for more members, and on while some come', () => {
    const at = new Coordinator();
    const a = at.enter();
    at.ms(2_900);
    const b = at.enter();
    at.ms(200);
    expect(at.joined(a.tag)).toBeUndefined();
    at.ms(3_000);
    expect(at.joined(a.tag)).toMatchObject({ error: null, generation: 1 });
    expect(at.joined(b.tag)).toMatchObject({ error: null, generation: 1 });
  });

  it('the first who came leads: it alone is told who the members are', () => {
    const at = new Coordinator();
    const a = at.enter();
    const b = at.enter();
    at.ms(6_000);
    expect(at.joined(a.tag)?.leader).toBe(a.id);
    expect(at.joined(a.tag)?.members.map(({ memberId }) => memberId)).toEqual([a.id, b.id]);
    expect(at.joined(b.tag)?.members).toEqual([]);
  });

  it('what all support is chosen by the votes of their first choices', () => {
    const at = new Coordinator();
    const a = at.enter({ protocols: ['range', 'cooperative-sticky'] });
    at.enter({ protocols: ['cooperative-sticky', 'sticky', 'range'] });
    at.enter({ protocols: ['cooperative-sticky', 'range'] });
    at.ms(9_000);
    expect(at.joined(a.tag)?.protocol).toBe('cooperative-sticky');
  });
});

describe('a rebalance', () => {
  it('waits until all have come back', () => {
    const at = new Coordinator();
    const [a, b] = at.stable();
    const c = at.enter();
    const back = at.join(a);
    expect(at.joined(back)).toBeUndefined();
    at.join(b);
    for (const tag of [c.tag, back]) expect(at.joined(tag)).toMatchObject({ generation: 2 });
  });

  it('or until the longest rebalance timeout is over: who is away then is out', () => {
    const at = new Coordinator();
    const [a, b] = at.stable();
    at.enter();
    const back = at.join(a);
    for (let i = 0; i < 11; i++) {
      at.ms(5_000);
      expect(at.beat(b)).toBe('REBALANCE_IN_PROGRESS');
    }
    at.ms(5_000);
    expect(at.joined(back)).toMatchObject({ error: null, generation: 2 });
    expect([...at.group.members.keys()]).not.toContain(b);
    expect(at.beat(b)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('with the barrier off begins without those who have not heard of it', () => {
    const at = new Coordinator(['group.join-barrier']);
    const [a] = at.stable();
    const back = at.join(a, { subscription: { topics: ['t', 'u'], owned: [], generation: 1 } });
    expect(at.joined(back)).toMatchObject({ error: null, generation: 2 });
    expect(at.group.members.size).toBe(2);
  });

  it('is not begun by a follower that asks again, but is by the leader', () => {
    const at = new Coordinator();
    const [a, b] = at.stable();
    expect(at.joined(at.join(b))).toMatchObject({ error: null, generation: 1 });
    expect(at.group.phase).toBe('Stable');
    at.join(a);
    expect(at.group.phase).toBe('PreparingRebalance');
  });
});

describe('syncing', () => {
  it('each hears what is its when the leader’s assignment is replicated', () => {
    const at = new Coordinator();
    const [a, b] = [at.enter().id, at.enter().id];
    at.ms(6_000);
    at.fate = undefined;
    const mine = at.sync(b);
    at.sync(a, [
      [a, [0]],
      [b, [1]],
    ]);
    expect(at.synced(mine)).toBeUndefined();
    at.feed({ type: 'appended', ticket: 0, error: null });
    expect(at.synced(mine)).toMatchObject({ error: null, partitions: [1] });
    expect(at.group.phase).toBe('Stable');
  });

  it('the group rebalances once more if that could not be written', () => {
    const at = new Coordinator();
    const a = at.enter().id;
    at.ms(6_000);
    at.fate = 'NOT_ENOUGH_REPLICAS';
    const mine = at.sync(a, [[a, [0]]]);
    expect(at.synced(mine)).toMatchObject({ error: 'COORDINATOR_NOT_AVAILABLE' });
    expect(at.group.phase).toBe('PreparingRebalance');
  });

  it('another generation is refused', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    expect(at.synced(at.sync(a, [], { generation: 0 }))).toMatchObject({
      error: 'ILLEGAL_GENERATION',
    });
  });

  it('who does not ask in time is out', () => {
    const at = new Coordinator();
    const long = { sessionTimeoutMs: 90_000 };
    const [a, b] = [at.enter(long).id, at.enter(long).id];
    at.ms(6_000);
    at.sync(b);
    at.ms(59_000);
    expect(at.group.members.has(a)).toBe(true);
    at.ms(1_001);
    expect([...at.group.members.keys()]).toEqual([b]);
  });
});

describe('life and death', () => {
  it('a member that is silent for its session is out, and the others rebalance', () => {
    const at = new Coordinator();
    const [a, b] = at.stable();
    at.ms(9_000);
    expect(at.beat(a)).toBeNull();
    at.ms(1_001);
    expect([...at.group.members.keys()]).toEqual([a]);
    expect(at.beat(a)).toBe('REBALANCE_IN_PROGRESS');
    expect(at.beat(b)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('one that leaves is out at once', () => {
    const at = new Coordinator();
    const [a, b] = at.stable();
    at.ask({ type: 'group.leave', group: 'g', memberId: b, groupInstanceId: null });
    expect([...at.group.members.keys()]).toEqual([a]);
    expect(at.group.phase).toBe('PreparingRebalance');
  });

  it('when the last one has gone the group is empty, in a generation of its own', () => {
    const at = new Coordinator();
    at.stable();
    at.ms(20_000).ms(60_000);
    expect(at.group).toMatchObject({ phase: 'Empty', generation: 2 });
  });

  it('the next coordinator knows members and generation, and gives each a whole session', () => {
    const at = new Coordinator();
    const [a, b] = at.stable();
    at.ms(9_000);
    at.failOver();
    expect(at.group).toMatchObject({ phase: 'Stable', generation: 1 });
    at.ms(9_000);
    expect([at.beat(a), at.beat(b)]).toEqual([null, null]);
    expect(at.synced(at.sync(b))).toMatchObject({ partitions: [1] });
  });
});

describe('commits', () => {
  it('of a member in its generation count once they are replicated', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    at.fate = undefined;
    const offsets = [{ partition: 0, offset: 7, leaderEpoch: 0 }];
    const tag = at.send({ type: 'group.commit', ...at.member(a), offsets });
    expect([at.answers.has(tag), at.committed()]).toEqual([false, undefined]);
    at.feed({ type: 'appended', ticket: 1, error: null });
    expect([at.answers.get(tag), at.committed()]).toEqual([
      { type: 'group.committed', error: null },
      7,
    ]);
  });

  it('of another generation, and of strangers, are refused', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    expect(at.commit(a, 7, { generation: 0 })).toBe('ILLEGAL_GENERATION');
    expect(at.commit('x', 7)).toBe('UNKNOWN_MEMBER_ID');
    expect(at.committed()).toBeUndefined();
  });

  it('without that check a member of yesterday takes back what its successor has committed', () => {
    const run = (ablations: readonly string[]) => {
      const at = new Coordinator(ablations);
      const [a, b] = at.stable();
      const { generation } = at.group;
      for (let i = 0; i < 2; i++) {
        at.ms(9_000);
        at.beat(b);
      }
      at.join(b);
      at.sync(b, [[b, [0, 1]]]);
      expect(at.commit(b, 20)).toBeNull();
      at.commit(a, 10, { generation });
      return at.committed();
    };
    expect(run([])).toBe(20);
    expect(run(['group.generation-check'])).toBe(10);
  });

  it('of whoever is in no group are taken while the group is empty', () => {
    const at = new Coordinator();
    at.join('');
    expect(at.commit('', 3, { generation: -1 })).toBeNull();
    at.stable();
    expect(at.commit('', 4, { generation: -1 })).toBe('UNKNOWN_MEMBER_ID');
  });

  it('are refused while members have not heard what is theirs', () => {
    const at = new Coordinator();
    const a = at.enter().id;
    at.ms(6_000);
    expect(at.commit(a, 7)).toBe('REBALANCE_IN_PROGRESS');
  });

  it('outlive the coordinator', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    at.commit(a, 7);
    at.failOver();
    expect(at.committed()).toBe(7);
  });
});

describe('offsets in a transaction', () => {
  it('count when it commits', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    at.commit(a, 3);
    expect(at.commitOpen(a, 7)).toBeNull();
    expect(at.committed()).toBe(3);
    at.feed({ type: 'marker', producerId: 9, marker: 'commit' });
    expect(at.committed()).toBe(7);
  });

  it('are forgotten when it aborts', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    at.commit(a, 3);
    at.commitOpen(a, 7);
    at.feed({ type: 'marker', producerId: 9, marker: 'abort' });
    expect(at.committed()).toBe(3);
  });

  it('are of no transaction but their own', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    at.commitOpen(a, 7);
    at.feed({ type: 'marker', producerId: 8, marker: 'commit' });
    expect(at.committed()).toBeUndefined();
  });

  it('let those wait who read committed records (KIP-447)', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    at.commitOpen(a, 7);
    expect(at.stableOffsets()).toMatchObject({ error: 'UNSTABLE_OFFSET_COMMIT' });
    expect(at.facts).toContain('group.offsets-unstable');
    at.feed({ type: 'marker', producerId: 9, marker: 'commit' });
    expect(at.stableOffsets()).toMatchObject({ error: null, offsets: [{ offset: 7 }] });
  });

  it('let nobody wait without that rule', () => {
    const at = new Coordinator(['group.stable-offsets']);
    at.commitOpen(at.stable()[0], 7);
    expect(at.stableOffsets()).toMatchObject({ error: null, offsets: [{ offset: -1 }] });
  });

  it.each(['this', 'another'])('do not take back a later commit; %s coordinator', (which) => {
    const at = new Coordinator();
    const [a] = at.stable();
    at.commitOpen(a, 7);
    at.commit(a, 12);
    at.commitOpen(a, 15, { producerId: 8 });
    if (which === 'another') at.failOver();
    at.feed({ type: 'marker', producerId: 9, marker: 'commit' });
    expect(at.committed()).toBe(12);
    at.feed({ type: 'marker', producerId: 8, marker: 'commit' });
    expect(at.committed()).toBe(15);
  });

  it('of two transactions the one that was written later counts', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    at.commitOpen(a, 7);
    at.commitOpen(a, 12, { producerId: 8 });
    for (const producerId of [8, 9]) at.feed({ type: 'marker', producerId, marker: 'commit' });
    expect(at.committed()).toBe(12);
  });

  it('are refused of a member of another generation (KIP-447)', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    expect(at.commitOpen(a, 7, { generation: 9 })).toBe('ILLEGAL_GENERATION');
    expect(at.commitOpen('nobody', 7)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('another coordinator knows that they are open', () => {
    const at = new Coordinator();
    const [a] = at.stable();
    at.commitOpen(a, 7);
    at.failOver();
    expect(at.stableOffsets()).toMatchObject({ error: 'UNSTABLE_OFFSET_COMMIT' });
    at.feed({ type: 'marker', producerId: 9, marker: 'commit' });
    expect(at.committed()).toBe(7);
  });
});
