/** The clients of queues: what they hold, and how what they did ended. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame, ViewOf } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { nodesAt, pageOf } from './support/moments.ts';
import { drawn } from './support/paper.ts';

const of = (nodes: readonly NodeFrame[], component: string): NodeFrame =>
  nodes.find((node) => node.component === component)!;

const pill = nodesAt('#s=messaging/poison-pill', 9_000_000);

describe('the painters of clients of queues', () => {
  it('keep what they say in the box: a neighbour stands right below', () => {
    for (const component of ['queue-producer', 'queue-consumer']) {
      const { labels } = drawn(of(pill, component), { radius: 22 });
      for (const { y } of labels) expect(Math.abs(y)).toBeLessThanOrEqual(22);
    }
  });

  it('count what a consumer holds, and say when it is not connected', () => {
    const consumer = of(pill, 'queue-consumer');
    expect(describeNode(consumer)).toMatch(/consumer: works on 1, holds 0 more, \d+ done/);
    expect(drawn(consumer).texts).toContain('1');
    const view = { ...consumer.view!, isConnected: false };
    expect(drawn({ ...consumer, view }).texts).toContain('off');
  });

  it('tell how messages of a producer ended', () => {
    const producer = of(pill, 'queue-producer');
    expect(painterOf('queue-producer').tallyOf(producer)).toMatchObject({ fail: 0, unknown: 0 });
    expect(describeNode(producer)).toMatch(/producer: \d+ not confirmed yet, \d+ confirmed/);
  });

  it('say whether a worker works or asks', () => {
    const poller = of(nodesAt('#s=messaging/visibility-timeout', 3_000_000), 'queue-poller');
    expect(describeNode(poller)).toMatch(/worker: (works|asks), \d+ done/);
    expect(drawn(poller).texts.join()).toMatch(/works|asks/);
  });
});

describe('the painters of queues', () => {
  it('stack what is ready, held and dead, and say the numbers', () => {
    const broker = of(pill, 'queue-broker');
    const view = { ...(broker.view as ViewOf<'queue-broker'>), ready: 7, unacked: 2, dead: 1 };
    const words = '7 ready, 2 unacked, 1 dead';
    expect(describeNode({ ...broker, view })).toContain(`broker of queues: ${words}`);
    expect(drawn({ ...broker, view }).texts).toContain(words);
    const lender = of(nodesAt('#s=messaging/visibility-timeout', 3_000_000), 'visibility-queue');
    expect(describeNode(lender)).toMatch(/queue that lends: \d+ ready, \d+ in flight, 0 dead/);
  });

  it('list who is bound to which exchange, and count what nobody is bound for', () => {
    const broker = of(nodesAt('#s=messaging/pub-sub&v=2&p.type=topic', 4_000_000), 'queue-broker');
    expect(describeNode(broker)).toMatch(/, \d+ unroutable/);
    const tables = painterOf('queue-broker').details(broker);
    expect(JSON.stringify(tables)).toContain('["events","topic","stock","order.#","yes"]');
    expect(JSON.stringify(tables)).toContain('["events","topic","audit","#","not yet"]');
  });

  it('have a reign of their own on the tape: the term in which they lead a quorum queue', () => {
    const { mayLead, termOf } = painterOf('queue-broker');
    const at = pageOf('#s=messaging/quorum-queue&v=2&p.queueType=quorum');
    const terms = [2_000_000, 8_000_000].map((micros) =>
      at(micros)
        .filter(({ roles }) => roles.includes('leader'))
        .map((node) => [node.name, mayLead(node), termOf(node)].join()),
    );
    expect(terms).toEqual([['q1,true,1'], ['q2,true,2']]);
    expect(pill.some((node) => painterOf(node.component).mayLead(node))).toBe(false);
  });

  it('crown whoever leads a quorum queue', () => {
    const broker = of(pill, 'queue-broker');
    const view = broker.view as ViewOf<'queue-broker'>;
    const queues = view.queues.map((one) => ({ ...one, leads: true }));
    const leader = { ...broker, view: { ...view, queues } };
    expect(describeNode(leader)).toContain('; leads work, dead');
    const shapes = (node: NodeFrame): number => drawn(node).calls.length;
    expect(shapes(leader)).toBeGreaterThan(shapes(broker));
  });
});
