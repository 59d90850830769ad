/** Who leads when brokers go and come back, and which ISR the controller takes. */
import { describe, expect, it } from 'vitest';
import { Cluster, topicOf } from './support.ts';

const others = (names: readonly string[], ...without: string[]): string[] =>
  names.filter((name) => !without.includes(name));

/** Runs until the session of a crashed broker is over. */
function lose(cluster: Cluster, name: string): Cluster {
  return cluster.crash(name).after(11_500);
}

describe('elections', () => {
  it('elects the first replica of the ISR that lives, in the order of preference', () => {
    const cluster = new Cluster().settle();
    const before = cluster.controllerView().partitions;
    lose(cluster, 'b1');
    for (const [at, { leader, isr, leaderEpoch, partitionEpoch }] of cluster
      .controllerView()
      .partitions.entries()) {
      const was = before[at]!;
      expect(leader).toBe(others(was.replicas, 'b1')[0]);
      expect([...isr].sort()).toEqual(['b2', 'b3']);
      expect(leaderEpoch).toBe(was.leader === 'b1' ? 1 : 0);
      expect(partitionEpoch).toBe(1);
    }
    // The same is what the brokers that go on know.
    for (const name of ['b2', 'b3']) {
      expect(cluster.known(name, 0)?.partitionEpoch).toBe(1);
      expect(cluster.known(name, 0)?.leader).toBe(cluster.index(cluster.partition(0).leader!));
    }
  });

  it('leaves a partition without a leader when its last replica in sync is gone', () => {
    const cluster = new Cluster({ topics: [topicOf(1)] }).settle();
    const { replicas } = cluster.partition(0);
    const [first, second, third] = replicas as [string, string, string];
    expect(cluster.alter(0, [first])).toMatchObject({ error: null, partitionEpoch: 1 });
    lose(cluster, first);
    expect(cluster.partition(0)).toMatchObject({ leader: null, isr: [first], leaderEpoch: 1 });
    expect(cluster.tells('controller.offline')).toHaveLength(1);
    expect(cluster.known(second, 0)).toMatchObject({ leader: -1 });
    cluster.restart(first).after(1_000);
    expect(cluster.partition(0)).toMatchObject({ leader: first, leaderEpoch: 2 });
    expect(cluster.tells('controller.elected-uncleanly')).toHaveLength(0);
    expect(third).not.toBe(first);
  });

  it('elects one that is behind where the topic allows it, and says so', () => {
    const topics = [topicOf(1, { uncleanLeaderElection: true })];
    const cluster = new Cluster({ topics }).settle();
    const [first, second] = cluster.partition(0).replicas as [string, string];
    cluster.alter(0, [first]);
    lose(cluster, first);
    expect(cluster.partition(0)).toMatchObject({
      leader: second,
      isr: [second],
      leaderEpoch: 1,
      isRecovering: true,
    });
    const told = cluster.tells('controller.elected-uncleanly').map(({ fact }) => fact);
    expect(told).toMatchObject([{ partition: 'orders-0', leader: cluster.index(second) }]);
    expect(cluster.tells('controller.offline')).toHaveLength(0);
  });

  it('gives each partition back to its preferred leader at every interval', () => {
    const config = { leaderImbalanceCheckIntervalMs: 40_000 };
    const cluster = new Cluster({ config }).settle();
    const [activeAt] = cluster.tells('controller.active');
    lose(cluster, 'b1').restart('b1').after(1_000);
    const isr = ['b1', 'b2', 'b3'];
    for (let at = 0; at < 6; at++) cluster.alter(at, isr);
    const preferring = () =>
      cluster.controllerView().partitions.filter(({ preferred }) => preferred === 'b1');
    expect(preferring().length).toBeGreaterThan(0);
    expect(preferring().every(({ leader }) => leader !== 'b1')).toBe(true);
    cluster.ms(activeAt!.atMicros / 1_000 + 39_990);
    expect(preferring().every(({ leader }) => leader !== 'b1')).toBe(true);
    cluster.after(30);
    expect(preferring().every(({ leader }) => leader === 'b1')).toBe(true);
  });

  it('gives back one of a dozen, too: no share of them is too small', () => {
    const config = { leaderImbalanceCheckIntervalMs: 40_000 };
    const cluster = new Cluster({ config, topics: [topicOf(36)] }).settle();
    const [activeAt] = cluster.tells('controller.active');
    lose(cluster, 'b1').restart('b1').after(1_000);
    const places = () => [...cluster.controllerView().partitions.entries()];
    const elsewhere = () => places().filter(([, { preferred, leader }]) => leader !== preferred);
    expect(elsewhere()).toHaveLength(12);
    const [[last] = [-1]] = elsewhere();
    const isr = ['b1', 'b2', 'b3'];
    for (const [at] of places()) if (at !== last) cluster.alter(at, isr);
    cluster.act(cluster.active(), 'elect-preferred-leaders');
    cluster.after(20);
    expect(elsewhere().map(([at]) => at)).toEqual([last]);
    cluster.alter(last, isr);
    expect(elsewhere()).toHaveLength(1);
    cluster.ms(activeAt!.atMicros / 1_000 + 40_020);
    expect(elsewhere()).toEqual([]);
  });

  it('leaves them where they are without it, until a person asks for it', () => {
    const config = { autoLeaderRebalanceEnable: false };
    const cluster = new Cluster({ config }).settle();
    lose(cluster, 'b1').restart('b1').after(1_000);
    for (let at = 0; at < 6; at++) cluster.alter(at, ['b1', 'b2', 'b3']);
    const led = () => cluster.controllerView().partitions.filter((p) => p.leader === p.preferred);
    cluster.after(310_000);
    expect(led().length).toBeLessThan(6);
    cluster.act(cluster.active(), 'elect-preferred-leaders');
    cluster.after(20);
    expect(led()).toHaveLength(6);
  });
});

describe('what an ISR is refused for', () => {
  it('names what is stale, and what is not eligible', () => {
    const cluster = new Cluster({ topics: [topicOf(1)], brokers: 4 }).settle();
    const { replicas } = cluster.partition(0);
    const [first, second, third] = replicas as [string, string, string];
    const stranger = ['b1', 'b2', 'b3', 'b4'].find((name) => !replicas.includes(name))!;
    expect(cluster.alter(0, [first, second])).toMatchObject({ error: null, partitionEpoch: 1 });
    const all = [first, second, third];
    const error = (over: object, isr = all) => cluster.alter(0, isr, over);
    expect(error({ partitionEpoch: 0 })).toMatchObject({ error: 'INVALID_UPDATE_VERSION' });
    expect(error({ partitionEpoch: 2 })).toMatchObject({ error: 'NOT_CONTROLLER' });
    expect(error({ leaderEpoch: -1 })).toMatchObject({ error: 'FENCED_LEADER_EPOCH' });
    expect(error({ leaderEpoch: 1 })).toMatchObject({ error: 'NOT_CONTROLLER' });
    expect(error({ from: second })).toMatchObject({ error: 'INVALID_REQUEST' });
    expect(error({}, [second, third])).toMatchObject({ error: 'INVALID_REQUEST' });
    expect(error({}, [first, stranger])).toMatchObject({ error: 'INVALID_REQUEST' });
    expect(error({ partition: 7 })).toMatchObject({ error: 'UNKNOWN_TOPIC_OR_PARTITION' });
    expect(error({ isrEpochs: [-1, -1, 1] })).toMatchObject({ error: 'INELIGIBLE_REPLICA' });
    expect(cluster.partition(0)).toMatchObject({ isr: [first, second], partitionEpoch: 1 });
    expect(error({})).toMatchObject({ error: null, partitionEpoch: 2, leaderEpoch: 0 });
    lose(cluster, third);
    expect(cluster.partition(0).isr).toEqual([first, second]);
    expect(error({})).toMatchObject({ error: 'INELIGIBLE_REPLICA' });
    const told = cluster.tells('controller.alter-refused').map(({ fact }) => fact.error);
    expect(told).toHaveLength(10);
  });
});

describe('the last replica standing (S7)', () => {
  /** The second, then the third leave the ISR; the first ends and comes back without its tail. */
  function story(eligibleLeaderReplicasVersion: number): Cluster {
    const cluster = new Cluster({
      topics: [topicOf(1)],
      config: { eligibleLeaderReplicasVersion },
      brokerConfig: { isUncleanAfterwards: true },
    }).settle();
    const [first, , third] = cluster.partition(0).replicas as [string, string, string];
    cluster.alter(0, [first, third]);
    cluster.alter(0, [first]);
    return cluster;
  }

  it('leads again without eligible leader replicas, whatever it has lost', () => {
    const cluster = story(0);
    const [first] = cluster.partition(0).replicas as [string];
    expect(cluster.partition(0)).toMatchObject({ isr: [first], elr: [] });
    lose(cluster, first).restart(first).after(1_000);
    expect(cluster.partition(0)).toMatchObject({ leader: first, isr: [first], leaderEpoch: 2 });
    expect(cluster.tells('controller.elected-uncleanly')).toHaveLength(0);
  });

  it('is not missed with them: the one that left last while the ISR was small leads', () => {
    const cluster = story(1);
    const [first, , third] = cluster.partition(0).replicas as [string, string, string];
    expect(cluster.partition(0)).toMatchObject({ leader: first, isr: [first], elr: [third] });
    lose(cluster, first);
    expect(cluster.partition(0)).toMatchObject({
      leader: third,
      isr: [third],
      elr: [first],
      leaderEpoch: 1,
      isRecovering: false,
    });
    cluster.restart(first).after(1_000);
    // It may lack what it had written last: it is not eligible any more.
    expect(cluster.partition(0)).toMatchObject({ leader: third, isr: [third], elr: [] });
    expect(cluster.tells('controller.elected-uncleanly')).toHaveLength(0);
    expect(cluster.tells('controller.offline')).toHaveLength(0);
  });
});
