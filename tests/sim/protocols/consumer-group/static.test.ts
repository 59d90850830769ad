/**
 * Static members of the classic protocol: a name that outlives the process, for its session.
 *
 * Source: KIP-345, KIP-814; Apache Kafka, GroupMetadataManager
 */
import { describe, expect, it } from 'vitest';
import { Coordinator } from './support.ts';

describe('static members', () => {
  const one = { groupInstanceId: 'one', sessionTimeoutMs: 30_000 };
  const two = { groupInstanceId: 'two', sessionTimeoutMs: 30_000 };
  const start = (sessionTimeoutMs = 30_000) => {
    const at = new Coordinator();
    const tags = [one, two].map((who) => at.join('', { ...who, sessionTimeoutMs }));
    at.ms(6_000);
    const [a, b] = tags.map((tag) => at.joined(tag)?.memberId ?? '') as [string, string];
    at.sync(b, [], { groupInstanceId: 'two' });
    at.sync(
      a,
      [
        [a, [0]],
        [b, [1]],
      ],
      { groupInstanceId: 'one' },
    );
    return { at, a, b };
  };

  it('one that is back within its session has its partitions, and nobody rebalances', () => {
    const { at } = start();
    at.ms(20_000);
    const back = at.joined(at.join('', two));
    expect(back).toMatchObject({ error: null, generation: 1 });
    const more = { groupInstanceId: 'two' };
    expect(at.synced(at.sync(back?.memberId ?? '', [], more))?.partitions).toEqual([1]);
  });

  it('a leader that is back is told that its assignment stands', () => {
    const { at } = start();
    expect(at.joined(at.join('', one))).toMatchObject({ skipAssignment: true, generation: 1 });
  });

  it('whoever had its instance id before is fenced', () => {
    const { at, b } = start();
    at.join('', two);
    expect(at.beat(b, { groupInstanceId: 'two' })).toBe('FENCED_INSTANCE_ID');
    expect(at.commit(b, 5, { groupInstanceId: 'two' })).toBe('FENCED_INSTANCE_ID');
  });

  it('whoever waits in a join, or for its assignment, as another one takes its instance id', () => {
    const { at, a, b } = start();
    const waits = at.join(b, { ...two, subscription: { topics: [], owned: [], generation: 1 } });
    at.join('', two);
    expect(at.joined(waits)).toMatchObject({ error: 'FENCED_INSTANCE_ID' });
    const leads = at.joined(at.join(a, one));
    expect(leads).toMatchObject({ error: null, generation: 2 });
    const late = [...at.group.members.keys()].find((id) => id !== a) ?? '';
    const mine = at.sync(late, [], { groupInstanceId: 'two' });
    at.join('', two);
    expect(at.synced(mine)).toMatchObject({ error: 'FENCED_INSTANCE_ID' });
  });

  it('one that does not come back to a rebalance keeps its place for its session', () => {
    const { at, a, b } = start(90_000);
    const c = at.enter();
    const back = at.join(a, one);
    at.ms(60_001);
    const answer = at.joined(back);
    expect(answer).toMatchObject({ error: null, generation: 2 });
    expect(answer?.members.map(({ memberId }) => memberId)).toEqual([a, b, c.id]);
  });

  it('away for longer than its session, it is out', () => {
    const { at, a } = start();
    at.ms(29_000);
    at.beat(a, { groupInstanceId: 'one' });
    at.ms(1_001);
    expect([...at.group.members.keys()]).toEqual([a]);
  });
});
