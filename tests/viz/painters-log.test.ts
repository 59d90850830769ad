/** The painters of a partitioned log: what is committed, who leads, who is behind. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame, View, ViewOf } from '../../src/sim/index.ts';
import { TOKENS } from '../../src/viz/theme/tokens.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { nodesAt } from './support/moments.ts';
import { drawn, saying } from './support/paper.ts';

/** Any node that runs, as if it were of this component and called b1. */
const up = nodesAt('#s=cap/causal', 0).find(({ status }) => status === 'up')!;
const some: NodeFrame = { ...up, name: 'b1' };
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

const of = (changes: Partial<typeof replica>): NodeFrame =>
  broker({ replicas: [{ ...replica, ...changes }] });

interface Box {
  readonly colour: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Boxes with square corners, as cells are made of, in the order in which they were drawn. */
const boxes = (frame: NodeFrame, micros = 0): Box[] => {
  const { calls } = drawn(frame, { micros });
  return calls.flatMap(({ name, given }, i) => {
    const [x, y, width, , corner] = given as readonly number[];
    const ink = calls[i + 1]?.given[0] as { readonly color: string };
    return name === 'roundRect' && corner === 0
      ? [{ colour: ink.color, x: x!, y: y!, width: width! }]
      : [];
  });
};

/** Cells that fall, of which each is filled and then outlined. */
const falling = (frame: NodeFrame, micros: number) =>
  drawn(frame, { micros }).calls.flatMap(({ name, given }, i, { [i + 1]: next }) => {
    const ink = next?.given[0] as { readonly color: string } | undefined;
    const isIt = name === 'roundRect' && next?.name === 'fill' && ink?.color === fault;
    return isIt ? [{ x: given[0] as number, y: given[1] as number }] : [];
  });

const { fault, stage, pass, fail } = TOKENS.dark;

const strokes = (frame: NodeFrame, colour: string): number =>
  drawn(frame).calls.filter(
    ({ name, given }) =>
      name === 'stroke' && (given[0] as { readonly color: string }).color === colour,
  ).length;

describe('the painter of brokers', () => {
  it('draws a cell for each record, by epoch: filled below the high watermark, else hollow', () => {
    const whole = boxes(of({ highWatermark: 6 }));
    // An edge, and in it the colour.
    expect(whole).toHaveLength(2 * 6);
    const inner = whole.filter((_, i) => i % 2 === 1).map(({ colour }) => colour);
    expect(new Set(inner.slice(0, 3)).size).toBe(1);
    expect(new Set(inner.slice(3)).size).toBe(1);
    expect(inner[3]).not.toBe(inner[0]);
    const hollow = boxes(of({ highWatermark: 0 }));
    expect(hollow).toHaveLength(3 * 6);
    // The rim of what may be lost is of its epoch, too.
    expect(hollow.filter((_, i) => i % 3 === 1).map(({ colour }) => colour)).toEqual(inner);
    expect(new Set(hollow.filter((_, i) => i % 3 === 2).map((box) => box.colour))).toEqual(
      new Set([stage]),
    );
  });

  it('says beside a strip whether it is in the ISR, near and afar, and not by colour alone', () => {
    const follower = (isr: readonly string[]): NodeFrame =>
      of({ isLeader: false, leader: 'b2', isr });
    const [inside, outside] = [follower(['b1', 'b2']), follower(['b2'])];
    // Two bars in one stroke; the one that crosses them out is another.
    expect([strokes(inside, pass), strokes(inside, fail)]).toEqual([1, 0]);
    expect([strokes(outside, pass), strokes(outside, fail)]).toEqual([0, 2]);
    expect([strokes(of({}), pass), strokes(of({}), fail)]).toEqual([0, 0]);
    const afar = (frame: NodeFrame): string => JSON.stringify(drawn(frame, { near: false }).calls);
    expect(afar(inside)).not.toBe(afar(outside));
    expect(describeNode(inside)).toMatch(/follows b2, in the ISR, committed/);
    expect(describeNode(outside)).toMatch(/follows b2, not in the ISR, committed/);
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
    // A marker is no cell.
    const cells = (markers: typeof replica.markers): number =>
      boxes(of({ ...ended, markers })).length;
    expect(cells([]) - cells([{ offset: 4, marker: 'commit' }])).toBe(2);
  });

  it('lets what is truncated fall, by simulated time alone', () => {
    const frame = of({ cut: { to: 6, dropped: 3, atMicros: 5_000_000 } });
    const counts = [4_999_999, 5_000_000, 5_500_000, 6_000_000].map(
      (micros) => falling(frame, micros).length,
    );
    expect(counts).toEqual([0, 3, 3, 0]);
    expect(falling(frame, 5_500_000)[0]!.y).toBeGreaterThan(falling(frame, 5_000_000)[0]!.y);
    const { phaseOf } = painterOf('log-broker');
    const phases = [4_999_999, 5_000_000, 5_500_000, 6_000_000].map((at) => phaseOf(frame, at));
    expect(phases).toEqual([0, 12, 6, 0]);
    expect(drawn(frame, { micros: 5_000_000 }).texts).toContain('orders-0: 4 of 6, ISR 2, −3');
    expect(drawn(frame, { micros: 6_000_000 }).texts).toContain('orders-0: 4 of 6, ISR 2');
  });

  it('keeps what falls within the strip of its broker, and beside what is left', () => {
    const long = { logEnd: 160, highWatermark: 160, lastStable: 160 };
    const frame = of({ ...long, cut: { to: 160, dropped: 20, atMicros: 0 } });
    const width = (micros: number): readonly [number, number] => {
      const all = [...boxes(frame, micros), ...falling(frame, micros)].map(({ x }) => x);
      return [Math.min(...all), Math.max(...all)];
    };
    const [[left, right], [leftAtRest, rightAtRest]] = [width(0), width(2_000_000)];
    expect(left).toBe(leftAtRest);
    expect(right).toBeLessThanOrEqual(rightAtRest);
    // The newest that are left, and then the first of those that fall.
    const lastLeft = Math.max(...boxes(frame, 0).map(({ x }) => x));
    expect(falling(frame, 0)).toHaveLength(4);
    expect(Math.min(...falling(frame, 0).map(({ x }) => x))).toBeGreaterThan(lastLeft);
  });

  it('draws nothing that fell over what has taken its place, and an arrow to a cut before', () => {
    const arrows = (frame: NodeFrame): number =>
      drawn(frame).calls.filter(
        ({ name, given }, i, calls) =>
          name === 'poly' &&
          (given[0] as readonly number[]).length === 6 &&
          (calls[i + 1]?.given[0] as { readonly color: string }).color === fault,
      ).length;
    const cut = { to: 100, dropped: 20, atMicros: 0 };
    const long = { logEnd: 160, highWatermark: 160, lastStable: 160 };
    const far = of({ ...long, cut });
    expect(falling(far, 0)).toEqual([]);
    expect(arrows(far)).toBe(1);
    const near = of({ ...long, cut: { ...cut, to: 158, dropped: 2 } });
    expect(arrows(near)).toBe(0);
    // They come out from below those cells: the cells are drawn later.
    const order = drawn(near).calls.map(({ name, given }) => {
      const ink = given[0] as { readonly color?: string } | undefined;
      return name === 'fill' ? ink?.color : '';
    });
    expect(falling(near, 0)).toHaveLength(2);
    expect(order.lastIndexOf(fault)).toBeLessThan(order.lastIndexOf(TOKENS.dark.nodeEdge));
  });

  it('shows two partitions, and how many more there are', () => {
    const replicas = [0, 1, 2, 3].map((i) => ({ ...replica, name: `orders-${i}`, partition: i }));
    const { texts } = drawn(broker({ replicas }));
    expect(texts.filter((text) => text.startsWith('orders-'))).toHaveLength(2);
    expect(texts).toContain('and 2 more');
    expect(drawn(broker({ replicas }), { near: false }).texts).toEqual(
      expect.arrayContaining(['4 of 6 · 4 of 6', '+2 more']),
    );
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
