/** The painters of a partitioned log: what is committed, who leads, who is behind. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame, View, ViewOf } from '../../src/sim/index.ts';
import { TOKENS } from '../../src/viz/theme/tokens.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { nodesAt } from './support/moments.ts';
import { drawn, saying } from './support/paper.ts';

/** Any node that runs, as if it were of this component. */
const some = nodesAt('#s=cap/causal', 0).find(({ status }) => status === 'up')!;
const node = (component: string, view: View): NodeFrame => saying({ ...some, component }, view);

type Broker = ViewOf<'log-broker'>;
const replica: Broker['replicas'][number] = {
  partition: 0,
  name: 'orders-0',
  isLeader: true,
  leader: 'b1',
  leaderEpoch: 1,
  logStart: 0,
  highWatermark: 4,
  logEnd: 6,
  isr: ['b1', 'b2'],
  epochs: [
    { epoch: 0, startOffset: 0 },
    { epoch: 1, startOffset: 3 },
  ],
  lastStable: 4,
  markers: [],
  open: [],
  cut: null,
};
const broker = (changes: Partial<Broker> = {}): NodeFrame =>
  node('log-broker', {
    component: 'log-broker',
    isRegistered: true,
    isFenced: false,
    replicas: [replica],
    fields: [],
    ...changes,
  } as Broker);

/** Fills and their colours, in the order in which they were drawn. */
const fills = (frame: NodeFrame): string[] =>
  drawn(frame).calls.flatMap(({ name, given }) =>
    name === 'fill' ? [(given[0] as { readonly color: string }).color] : [],
  );

describe('the painter of brokers', () => {
  it('draws a cell for each record, filled below the high watermark, by epoch', () => {
    const colours = fills(broker());
    const cells = colours.slice(-4);
    expect(new Set(cells.slice(0, 3)).size).toBe(1);
    expect(cells[3]).not.toBe(cells[0]);
    const none = fills(broker({ replicas: [{ ...replica, highWatermark: 0 }] }));
    expect(colours.length - none.length).toBe(4);
  });

  it('says who leads, how far it is certain, and how many are in sync', () => {
    expect(drawn(broker()).texts).toContain('orders-0: 4 of 6, ISR 2');
    expect(drawn(broker()).texts).toContain('leads 1');
    expect(describeNode(broker())).toMatch(/leader, committed to 4 of 6/);
    const follower = { ...replica, isLeader: false };
    expect(drawn(broker({ replicas: [follower] })).texts).toContain('follows');
    expect(describeNode(broker({ replicas: [follower] }))).toMatch(/follows b1/);
  });

  it('has a reign of its own on the tape: the epoch in which it leads', () => {
    expect(painterOf('log-broker').termOf(broker())).toBe(1);
    const follower = { ...replica, isLeader: false };
    expect(painterOf('log-broker').termOf(broker({ replicas: [follower] }))).toBe(0);
  });

  it('says so where the controller does not count on it', () => {
    expect(drawn(broker({ isFenced: true })).texts).toContain('fenced');
    expect(drawn(broker({ isRegistered: false })).texts).toContain('unknown');
  });

  it('marks ends of transactions, frames what is open, and shows where readers are held', () => {
    const open = { ...replica, lastStable: 2, highWatermark: 6, open: [2, 3] };
    const ended = { ...open, lastStable: 6, open: [], markers: [{ offset: 4, marker: 'commit' }] };
    const warnings = (one: object): number =>
      drawn(broker({ replicas: [{ ...replica, ...one } as typeof replica] })).calls.filter(
        ({ name, given }) =>
          (name === 'fill' || name === 'stroke') &&
          (given[0] as { readonly color: string }).color === TOKENS.dark.warning,
      ).length;
    // Two frames and the wedge.
    expect(warnings(open)).toBe(3);
    expect(warnings(ended)).toBe(0);
    expect(fills(broker({ replicas: [open] })).length).toBeGreaterThan(0);
    expect(drawn(broker({ replicas: [open] })).texts).toContain('orders-0: LSO 2, 6, ISR 2');
    expect(describeNode(broker({ replicas: [open] }))).toMatch(/committed to 6 of 6, stable to 2/);
    const cells = (one: object): number =>
      fills(broker({ replicas: [{ ...replica, ...one } as typeof replica] })).length;
    // A marker is no cell.
    expect(cells({ ...ended, markers: [] }) - cells(ended)).toBe(1);
  });

  it('lets what is truncated fall, by simulated time alone', () => {
    const cut = { to: 6, dropped: 3, atMicros: 5_000_000 };
    const frame = broker({ replicas: [{ ...replica, cut }] });
    const falls = (micros: number): number =>
      drawn(frame, { micros }).calls.filter(({ name }) => name === 'roundRect').length;
    const { phaseOf } = painterOf('log-broker');
    const rest = falls(4_999_999);
    expect([5_000_000, 5_500_000].map((micros) => falls(micros) - rest)).toEqual([6, 6]);
    expect(falls(6_000_000)).toBe(rest);
    const phases = [4_999_999, 5_000_000, 5_500_000, 6_000_000].map((at) => phaseOf(frame, at));
    expect(phases).toEqual([0, 12, 6, 0]);
  });

  it('shows two partitions, and how many more there are', () => {
    const replicas = [0, 1, 2, 3].map((i) => ({ ...replica, name: `orders-${i}`, partition: i }));
    const { texts } = drawn(broker({ replicas }));
    expect(texts.filter((text) => text.startsWith('orders-'))).toHaveLength(2);
    expect(texts).toContain('and 2 more');
    expect(JSON.stringify(painterOf('log-broker').details(broker({ replicas })))).toMatch(
      /"orders-3","leader",\{"term":1\},0,4,4,6,"b1, b2"/,
    );
  });
});

describe('the painter of controllers', () => {
  const view: ViewOf<'controller'> = {
    component: 'controller',
    role: 'leader',
    isActive: true,
    term: 3,
    metadataOffset: 9,
    brokers: [
      { name: 'b1', brokerEpoch: 1, state: 'fenced' },
      { name: 'b2', brokerEpoch: 2, state: 'active' },
    ],
    partitions: [
      {
        name: 'orders-0',
        leader: null,
        preferred: 'b1',
        isr: ['b1'],
        elr: [],
        replicas: ['b1', 'b2'],
        leaderEpoch: 1,
        partitionEpoch: 2,
        isRecovering: false,
      },
    ],
    fields: [],
  };

  it('says who lives and what nobody leads, where it is active', () => {
    const active = node('controller', view);
    const said = ['1 of 2 brokers', '1 of 1 partitions offline'];
    expect(drawn(active).texts).toEqual(expect.arrayContaining(['epoch 3', 'AC', ...said]));
    expect(describeNode(active)).toMatch(/active controller of epoch 3, 1 of 2 brokers/);
    const idle = node('controller', { ...view, role: 'follower', isActive: false } as View);
    expect(drawn(idle).texts).not.toEqual(expect.arrayContaining(said));
    expect(describeNode(idle)).toMatch(/controller, follower in epoch 3/);
  });
});

describe('the painters of producers and consumers', () => {
  it('draw what is under way and how far behind it is', () => {
    const producer = node('log-producer', {
      component: 'log-producer',
      waiting: 7,
      ok: 5,
      fail: 1,
      unknown: 2,
      retries: 0,
      fields: [],
    } as ViewOf<'log-producer'>);
    expect(drawn(producer).texts).toContain('7');
    expect(painterOf('log-producer').tallyOf(producer)).toEqual({ ok: 5, fail: 1, unknown: 2 });
    const consumer = node('log-consumer', {
      component: 'log-consumer',
      member: null,
      records: 40,
      lag: 12,
      tracks: [{ partition: 0, position: 40, highWatermark: 52 }],
      failing: null,
      fields: [],
    } as ViewOf<'log-consumer'>);
    expect(drawn(consumer).texts).toContain('12');
    expect(describeNode(consumer)).toMatch(/40 records read, 12 behind/);
    expect(JSON.stringify(painterOf('log-consumer').details(consumer))).toContain('[0,40,52,12]');
  });

  it('draw what a member of a group reads, and a pause while its group rebalances', () => {
    type Failing = ViewOf<'log-consumer'>['failing'];
    const member = (isRebalancing: boolean, partitions: number, failing: Failing = null) =>
      node('log-consumer', {
        component: 'log-consumer',
        member: { generation: 3, isRebalancing },
        records: 40,
        lag: 0,
        tracks: Array.from({ length: partitions }, (_, partition) => ({
          partition,
          position: partition === 1 ? -1 : 40,
          highWatermark: 40,
        })),
        failing,
        fields: [],
      } as ViewOf<'log-consumer'>);
    const still = drawn(member(false, 5));
    expect(still.texts).toContain('0:40 1:… +3');
    expect(drawn(member(false, 0)).texts).toContain('no partition');
    expect(fills(member(true, 5)).length - fills(member(false, 5)).length).toBe(3);
    expect(describeNode(member(true, 1))).toMatch(/; its group rebalances/);
    expect(describeNode(member(false, 1))).toMatch(/; 1 partition of generation 3/);
    const failing = member(false, 5, { partition: 0, offset: 40, attempts: 3 });
    expect(drawn(failing).texts).toContain('0:40 ×3');
    expect(describeNode(failing)).toMatch(/; cannot work on 0:40 ×3/);
  });

  it('draw what a processor has written and not committed, until it has', () => {
    const processor = (pending: number, isRebalancing = false): NodeFrame =>
      node('log-processor', {
        component: 'log-processor',
        lag: 3,
        outputs: 17,
        tracks: [{ partition: 0, position: 20, highWatermark: 23 }],
        member: { generation: 1, isRebalancing },
        pending,
        isCommitting: pending > 8,
        committed: 2,
        aborted: 1,
        fields: [],
      } as ViewOf<'log-processor'>);
    expect(drawn(processor(0)).texts).toEqual(expect.arrayContaining(['3', '0:20']));
    expect(fills(processor(4)).length).toBeGreaterThan(fills(processor(0)).length);
    expect(describeNode(processor(4))).toMatch(/17 records written, 3 behind, 4 not committed$/);
    expect(describeNode(processor(9))).toMatch(/; commits/);
    expect(describeNode(processor(0, true))).toMatch(/; its group rebalances/);
    expect(JSON.stringify(painterOf('log-processor').details(processor(0)))).toContain(
      '[0,20,23,3]',
    );
  });
});
