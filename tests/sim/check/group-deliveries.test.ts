/** The account of a consumer group, and whether a partition has two owners. */
import { describe, expect, it } from 'vitest';
import type { LogReader } from '../../../src/sim/traffic/log-reader/state.ts';
import { GroupAccount } from '../../../src/sim/check/history/group-account.ts';
import { GroupOwners } from '../../../src/sim/check/history/group-owners.ts';
import type { OwnerFact } from '../../../src/sim/check/history/group-owners.ts';
import { Cluster } from '../components/log-broker/support.ts';

const span = (from: number, to: number) => ({ partition: 0, from, to });
const committed = (offset: number) => new Map([[0, offset]]);

describe('the account of a group', () => {
  const account = (...worked: readonly (readonly [number, number])[]): GroupAccount => {
    const made = new GroupAccount();
    made.given(span(2, 10));
    for (const [from, to] of worked) made.worked(span(from, to));
    return made;
  };
  const all = () => true;

  it('counts what was given and not worked on, below what is committed', () => {
    expect(account([2, 5]).lost(committed(8), all)).toEqual([span(5, 8)]);
    expect(account([2, 5]).lost(committed(5), all)).toEqual([]);
    expect(account([2, 5], [7, 10]).lost(committed(10), all)).toEqual([span(5, 7)]);
  });
  it('counts work beyond the first', () => {
    expect(account([2, 5], [4, 10], [4, 5]).totals()).toMatchObject({ worked: 8, repeated: 2 });
  });
  it('asks of offsets that nobody was given whether there is a record', () => {
    const isOwed = (_partition: number, offset: number) => offset !== 11;
    expect(account([2, 10]).lost(committed(13), isOwed)).toEqual([span(10, 11), span(12, 13)]);
  });
  it('does not ask for what comes before the first record that anybody was given', () => {
    expect(account([2, 10]).lost(committed(10), all)).toEqual([]);
    expect(new GroupAccount().lost(committed(10), all)).toEqual([]);
  });
  it('is the same after it was saved and restored', () => {
    const restored = new GroupAccount();
    restored.restore(account([2, 5], [2, 3]).save());
    expect(restored.totals()).toEqual({ given: 8, worked: 3, repeated: 1 });
  });
});

const removed = (member: string, generation: number): OwnerFact => ({
  type: 'group.member-removed',
  member,
  generation,
});

describe('owners', () => {
  function owners(lives = [1, 1]) {
    const made = new GroupOwners((node) => lives[node] ?? -1);
    const assigned = (node: number, generation: number, ...partitions: number[]) =>
      made.onFact(node, { type: 'consumer.assigned', generation, member: `m${node}`, partitions });
    const says = (node: number, fact: OwnerFact) => made.onFact(node, fact);
    return { assigned, says, lives };
  }

  it('are two where a generation gives a partition twice, whoever has given it up', () => {
    const { assigned, says } = owners();
    assigned(0, 1, 0, 1);
    says(0, { type: 'consumer.revoked', partitions: [0, 1] });
    expect(assigned(1, 1, 1)).toMatchObject([{ partition: 1, to: 1, also: 0, isSame: true }]);
  });
  it('are two where one is given what another one has not given up', () => {
    const { assigned } = owners();
    assigned(0, 1, 0, 1);
    expect(assigned(1, 2, 1)).toMatchObject([{ partition: 1, to: 1, also: 0, isSame: false }]);
  });
  it.each<[string, (o: ReturnType<typeof owners>) => void]>([
    ['has revoked it', ({ says }) => says(0, { type: 'consumer.revoked', partitions: [1] })],
    ['has lost it', ({ says }) => says(0, { type: 'consumer.lost', partitions: [1] })],
    ['has left', ({ says }) => says(0, { type: 'consumer.left' })],
    ['was taken out', ({ says }) => says(7, removed('m0', 1))],
    ['is down', ({ lives }) => (lives[0] = -1)],
    ['was started anew', ({ lives }) => (lives[0] = 2)],
    ['has another assignment', ({ assigned }) => assigned(0, 2, 0)],
  ])('are one where the other one %s', (_why, does) => {
    const all = owners();
    all.assigned(0, 1, 0, 1);
    does(all);
    expect(all.assigned(1, 2, 1)).toEqual([]);
  });
});

describe('a member that hears what it was given after it was taken out', () => {
  function owners() {
    const made = new GroupOwners(() => 1);
    const assigned = (node: number, generation: number, ...partitions: number[]) =>
      made.onFact(node, { type: 'consumer.assigned', generation, member: `m${node}`, partitions });
    made.onFact(7, removed('m1', 1));
    return { made, assigned };
  }

  it('owns nothing by that, and the owner stays the one that it is', () => {
    const { assigned } = owners();
    assigned(0, 2, 0, 1);
    expect(assigned(1, 1, 1)).toEqual([]);
    expect(assigned(2, 3, 1)).toMatchObject([{ partition: 1, to: 2, also: 0, isSame: false }]);
  });
  it('is a second owner where its generation gives the same to another one', () => {
    const { assigned } = owners();
    assigned(0, 1, 0, 1);
    expect(assigned(1, 1, 1)).toMatchObject([{ partition: 1, to: 1, also: 0, isSame: true }]);
  });
  it('is one again in a later generation, under the same name', () => {
    const { made, assigned } = owners();
    const restored = new GroupOwners(() => 1);
    assigned(0, 2, 1);
    restored.restore(made.save());
    expect(assigned(1, 3, 1)).toMatchObject([{ partition: 1, to: 1, also: 0, isSame: false }]);
    const late = {
      type: 'consumer.assigned',
      generation: 1,
      member: 'm1',
      partitions: [1],
    } as const;
    expect(restored.onFact(1, late)).toEqual([]);
  });
});

describe('a member that sleeps through its first assignment', () => {
  it('breaks nothing when it wakes', () => {
    const cluster = clusterOf({ consumer: { heartbeatIntervalMs: 2_000 } });
    const isSynced = (): boolean =>
      cluster.packets.filter(({ message }) => message.type === 'group.sync').length === 3;
    cluster.until(isSynced);
    const { injector } = cluster.parts;
    injector.inject('nap', { type: 'pause', target: 'c2' }, 'person');
    cluster.after(15_000);
    injector.undo('nap');
    const { findings } = standing(cluster);
    expect(cluster.facts.some(({ fact }) => fact.type === 'group.member-removed')).toBe(true);
    expect(findings).toEqual([]);
  });
});

const arrivals = { kind: 'constant', ratePerSecond: 100 };

interface Shape {
  readonly consumer?: object;
  readonly ablations?: readonly string[];
  readonly args?: object;
}
const clusterOf = ({ consumer = {}, ablations = [], args = {} }: Shape): Cluster =>
  new Cluster({
    topic: { partitions: 4 },
    config: { offsetsTopicNumPartitions: 1 },
    producer: { arrivals, startMs: 100, stopMs: 20_000 },
    consumer: { groupId: 'g', autoOffsetReset: 'earliest', sessionTimeoutMs: 6_000, ...consumer },
    consumers: 3,
    checks: [{ id: 'given', use: 'group-deliveries', args: { ...args } }],
    ablations,
  });

function standing(cluster: Cluster) {
  cluster.ms(45_000);
  cluster.observers.end(true);
  const [check] = cluster.observers.checks;
  return { ...check!.running.standing(true), findings: check!.findings.map(({ why }) => why) };
}

describe('the check of groups', () => {
  /** One comes late: the others have to give something up. */
  const late = (shape: Shape): Cluster => {
    const cluster = clusterOf(shape);
    cluster.crash('c3').ms(15_000).restart('c3');
    return cluster;
  };

  it.each(['range', 'cooperative-sticky'])('holds while members come and go: %s', (strategy) => {
    const consumer = { partitionAssignmentStrategy: [strategy] };
    const { verdict, text } = standing(late({ consumer, args: { repeated: 0 } }));
    expect([verdict, text]).toEqual(['pass', '1989 records worked on, 0 lost, 0 times again']);
  });

  it('breaks where the coordinator does not wait for all members', () => {
    const { verdict, findings } = standing(late({ ablations: ['group.join-barrier'] }));
    expect(verdict).toBe('fail');
    expect(findings.join()).toMatch(/gives partition \d to c\d, and c\d still has it/);
  });

  it('counts exactly what a crash loses, and what it lets be done again', () => {
    const crashed = (commitWhen: string, args: object): Cluster => {
      const consumer = { enableAutoCommit: false, commitWhen, processMs: 15, maxPollRecords: 50 };
      const cluster = clusterOf({ consumer, args });
      /** Some records of a poll are done, and more are not. */
      const isAtWork = (name: string): boolean => {
        const { membership } = cluster.node(name).state as LogReader;
        const { runs = [], run = 0 } = membership?.work ?? {};
        return run > 1 && runs.length > run + 1;
      };
      const worker = (): string | undefined => ['c1', 'c2', 'c3'].find(isAtWork);
      cluster.ms(2_000).until(() => worker() !== undefined);
      const name = worker() as string;
      cluster.crash(name).after(1_000).restart(name);
      return cluster;
    };
    const first = standing(crashed('before-work', { lost: null, repeated: 0 }));
    expect(first).toMatchObject({ verdict: 'pass', text: expect.stringMatching(/[1-9] lost/) });
    const after = standing(crashed('after-work', { repeated: null }));
    expect(after).toMatchObject({ verdict: 'pass', text: expect.stringMatching(/ 0 lost/) });
    expect(standing(crashed('before-work', {}))).toMatchObject({ verdict: 'fail' });
    expect(standing(crashed('after-work', { repeated: 0 }))).toMatchObject({ verdict: 'fail' });
  });

  it('does not ask for what compaction took before anybody read it', () => {
    const popularity = { kind: 'uniform', keys: 5 };
    const topic = { cleanupPolicy: 'compact', segmentMs: 1_000, deleteRetentionMs: 0 };
    const cluster = new Cluster({
      topic: { ...topic, minCleanableDirtyRatio: 0 },
      config: { offsetsTopicNumPartitions: 1, logCleanerBackoffMs: 1_000 },
      producer: { arrivals, startMs: 100, stopMs: 10_000, tombstoneShare: 0.5, popularity },
      consumer: { groupId: 'g', autoOffsetReset: 'earliest' },
      checks: [{ id: 'given', use: 'group-deliveries', args: {} }],
    });
    const { verdict, text } = standing(cluster);
    const { log } = cluster.replica(1).state;
    expect(log.toArray().some(({ remains }) => remains !== undefined)).toBe(true);
    expect([verdict, text]).toEqual(['pass', expect.stringMatching(/ 0 lost/)]);
  });
});
