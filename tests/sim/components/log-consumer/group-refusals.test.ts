/** What members of a group and their brokers cannot be told, or not together. */
import { makeRegistry } from 'faultline';
import type { GroupPlan } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { checkRules } from '../../../../src/sim/scenario/check-rules.ts';

const groupOf = (more: object = {}) => ({
  groupId: 'g',
  sessionTimeoutMs: 6_000,
  heartbeatIntervalMs: 1_000,
  ...more,
});

describe('settings that would change nothing', () => {
  interface Asked {
    readonly consumer?: object;
    readonly broker?: object;
    readonly brokers?: number;
    readonly off?: readonly string[];
  }
  function refusal({ consumer = {}, broker = {}, brokers = 3, off = [] }: Asked): unknown {
    const links = { brokers: 'b' };
    const toController = { links: { controller: 'ctl' }, config: broker as object as never };
    const config = consumer as object as never;
    const groups: GroupPlan[] = [
      { name: 'ctl', component: 'controller', count: 1 },
      { name: 'b', component: 'log-broker', count: brokers, ...toController },
      { name: 'p', component: 'log-producer', count: 1, links },
      { name: 'c', component: 'log-consumer', count: 2, links, config },
    ];
    const network = { latency: { kind: 'constant', ms: 1 } } as const;
    const rest = { durationMs: 10_000, network, faults: [], checks: [], story: [] };
    const plan = { title: 'T', summary: '', groups, ...rest };
    const registry = makeRegistry();
    try {
      checkPlan(plan, registry, off);
      checkRules(off, plan, registry);
      return null;
    } catch (error) {
      return error;
    }
  }
  const at = (path: string) => ({ path: expect.stringMatching(new RegExp(`${path}$`)) });

  it('are not those of a group that is one', () => {
    expect(refusal({ consumer: groupOf({ groupInstanceId: 's' }) })).toBeNull();
  });

  it('are refused where there is no group', () => {
    const refused = at('config/heartbeatIntervalMs');
    expect(refusal({ consumer: { heartbeatIntervalMs: 1_000 } })).toMatchObject(refused);
  });

  it('are refused beside others that take their place', () => {
    for (const [settings, place] of [
      [{ partitions: [0] }, 'partitions'],
      [{ commitWhen: 'before-work' }, 'commitWhen'],
      [{ enableAutoCommit: false, autoCommitIntervalMs: 1_000 }, 'autoCommitIntervalMs'],
      [{ heartbeatIntervalMs: 6_000 }, 'heartbeatIntervalMs'],
    ] as const) {
      const refused = at(`config/${place}`);
      expect(refusal({ consumer: groupOf(settings) })).toMatchObject(refused);
    }
  });

  const topics = [
    { topic: 't', partitions: 2, replicationFactor: 3 },
    { topic: 't-dlt', partitions: 2, replicationFactor: 3 },
    { topic: 'small', partitions: 1, replicationFactor: 3 },
  ];
  const DLT = { deadLetterTopic: 't-dlt' };
  it.each([
    [{ backOffIntervalMs: 100, backOffMaxAttempts: 0 }, 'backOffIntervalMs'],
    [{ ...DLT, backOffMaxAttempts: -1 }, 'deadLetterTopic'],
    [{ ...DLT, errorHandler: 'container-stopping' }, 'deadLetterTopic'],
    [{ errorHandler: 'container-stopping', backOffMaxAttempts: 3 }, 'backOffMaxAttempts'],
    [{ restartMs: 100 }, 'restartMs'],
    [{ deliveryTimeoutMs: 60_000 }, 'deliveryTimeoutMs'],
    [{ ...DLT, deliveryTimeoutMs: 1_000 }, 'deliveryTimeoutMs'],
    [{ deadLetterTopic: 'nowhere' }, 'deadLetterTopic'],
    [{ deadLetterTopic: 't' }, 'deadLetterTopic'],
    [{ deadLetterTopic: 'small' }, 'deadLetterTopic'],
  ])('of records that fail are refused: %j', (settings, place) => {
    const broker = { topics };
    expect(refusal({ broker, consumer: groupOf(DLT) })).toBeNull();
    const refused = at(`groups/c/config/${place}`);
    expect(refusal({ broker, consumer: groupOf(settings) })).toMatchObject(refused);
    const alone = refusal({ broker, consumer: settings });
    expect(alone).toMatchObject(at('groups/c/config/\\w+'));
  });

  it.each([
    ['offsetsTopicNumPartitions', 4],
    ['offsetsTopicReplicationFactor', 1],
    ['offsetsCommitTimeoutMs', 2_000],
    ['groupInitialRebalanceDelayMs', 0],
    ['groupMinSessionTimeoutMs', 1_000],
    ['groupMaxSessionTimeoutMs', 60_000],
  ])('%s is refused of brokers whose consumers are in no group', (name, value) => {
    const broker = { [name]: value };
    expect(refusal({ broker })).toMatchObject(at(`groups/b/config/${name}`));
    expect(refusal({ broker, consumer: groupOf() })).toBeNull();
  });

  it.each(['group.generation-check', 'group.join-barrier'])(
    '%s cannot be switched off without a group',
    (rule) => {
      expect(refusal({ off: [rule] })).toMatchObject({ path: 'ablations' });
      expect(refusal({ off: [rule], consumer: groupOf() })).toBeNull();
    },
  );

  it('a group where the brokers are too few for its coordinator is refused', () => {
    expect(refusal({ brokers: 2 })).toBeNull();
    const refused = at('groups/c/config/groupId');
    expect(refusal({ brokers: 2, consumer: groupOf() })).toMatchObject(refused);
    const broker = { offsetsTopicReplicationFactor: 2 };
    expect(refusal({ brokers: 2, broker, consumer: groupOf() })).toBeNull();
  });

  it('a session that the brokers would not take is refused', () => {
    const refused = at('groups/c/config/sessionTimeoutMs');
    const short = groupOf({ sessionTimeoutMs: 3_000 });
    expect(refusal({ consumer: short })).toMatchObject(refused);
    expect(refusal({ broker: { groupMinSessionTimeoutMs: 3_000 }, consumer: short })).toBeNull();
    const broker = { groupMaxSessionTimeoutMs: 5_000, groupMinSessionTimeoutMs: 1_000 };
    expect(refusal({ broker, consumer: groupOf() })).toMatchObject(refused);
  });
});
