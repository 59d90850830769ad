/** What brokers and their clients cannot be told together is refused before the run. */
import { makeRegistry } from 'faultline';
import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';

interface Settings {
  readonly broker?: object;
  readonly topic?: object;
  readonly producer?: object;
  readonly consumer?: object;
}

function refusalOf({ broker, topic, producer, consumer }: Settings): unknown {
  const topics = [{ topic: 'orders', partitions: 3, replicationFactor: 3, ...topic }];
  const links = { brokers: 'b' };
  const groups = [
    { name: 'ctl', component: 'controller', count: 1 },
    {
      name: 'b',
      component: 'log-broker',
      count: 3,
      links: { controller: 'ctl' },
      config: { topics, ...broker },
    },
    { name: 'p', component: 'log-producer', count: 1, links, config: producer ?? {} },
    { name: 'c', component: 'log-consumer', count: 1, links, config: consumer ?? {} },
  ];
  const plan = { title: 't', summary: '', durationMs: 1_000, network: {}, groups };
  try {
    checkPlan({ ...plan, faults: [], checks: [], story: [] } as never, makeRegistry());
    return null;
  } catch (error) {
    return error;
  }
}
const at = (path: string, hint: RegExp = /./) => ({ path, hint: expect.stringMatching(hint) });

describe('a topic that brokers do not have', () => {
  it.each(['producer', 'consumer'] as const)('is refused of a %s, with the nearest', (kind) => {
    expect(refusalOf({ [kind]: { topic: 'orders' } })).toBeNull();
    const refused = at(`groups/${kind[0]}/config/topic`, /Did you mean orders\?/);
    expect(refusalOf({ [kind]: { topic: 'order' } })).toMatchObject(refused);
  });

  it('has no partitions, either', () => {
    expect(refusalOf({ consumer: { partitions: [0, 2] } })).toBeNull();
    const refused = at('groups/c/config/partitions/1', /0 to 2/);
    expect(refusalOf({ consumer: { partitions: [0, 3] } })).toMatchObject(refused);
  });
});

describe('coordinators of transactions', () => {
  const producer = { transactionalId: 'x' };

  it('are refused where the brokers are too few', () => {
    const broker = { transactionStateLogReplicationFactor: 4 };
    const refused = at('groups/p/config/transactionalId', /Raise the count of "b"/);
    expect(refusalOf({ producer, broker })).toMatchObject(refused);
    expect(refusalOf({ producer, broker: { transactionStateLogReplicationFactor: 3 } })).toBeNull();
  });

  it('are there with one replica, too, which is all that can be in sync', () => {
    const broker = { transactionStateLogReplicationFactor: 1 };
    expect(refusalOf({ producer, broker })).toBeNull();
  });
});

describe('the name of a topic', () => {
  const long = 'x'.repeat(249);
  it.each(['a', 'A.b_c-9', '...', '_mine', long])('may be %s', (topic) => {
    expect(refusalOf({ topic: { topic } })).toBeNull();
  });
  it.each([
    ...['', '.', '..', 'a b/c', 'ä', 'a\nb', `${long}x`],
    ...['__consumer_offsets', '__transaction_state'],
  ])('may not be %j', (topic) => {
    const path = 'groups/b/config/topics/0/topic';
    expect(refusalOf({ topic: { topic } })).toMatchObject({ path });
  });
});
