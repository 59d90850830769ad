/** Painters of the request path over frames of a real run: what they draw, say and explain. */
import { describe, expect, it } from 'vitest';
import type { NodeFrame } from '../../src/sim/index.ts';
import { describeNode, painterOf } from '../../src/viz/painters/index.ts';
import { OUTLINES, SHAPES } from '../../src/viz/theme/shapes.ts';
import { TOKENS } from '../../src/viz/theme/tokens.ts';
import { drawn, paper } from './support/paper.ts';
import { shopAt, shopPlan } from './support/shop.ts';

const moments = shopAt([500_000, 1_500_000, 3_500_000, 4_500_000, 7_500_000]);
const frames = moments.flat();
const COMPONENTS = [...new Set(shopPlan.groups.map(({ component }) => component))];

const of = (component: string, nodes: readonly NodeFrame[] = frames): NodeFrame[] =>
  nodes.filter((node) => node.component === component && node.view !== null);

const withView = (node: NodeFrame, changed: object): NodeFrame => ({
  ...node,
  view: { ...node.view!, ...changed },
});

const RADIUS_OF_CLIENTS = 22;
const radiusOf = ({ component }: NodeFrame) =>
  component === 'http-client' ? RADIUS_OF_CLIENTS : 34;

describe.each(COMPONENTS)('the painter of %s', (component) => {
  const painter = painterOf(component);

  it('draws every frame of a run in every state, near and far, in both themes', () => {
    const some = of(component);
    expect(some.length).toBeGreaterThan(0);
    for (const node of some) {
      for (const status of ['up', 'paused', 'down'] as const) {
        const shown = { ...node, status, view: status === 'down' ? null : node.view };
        for (const near of [true, false]) {
          for (const theme of ['dark', 'light'] as const) {
            const { texts, calls } = drawn(shown, { near, theme, radius: radiusOf(node) });
            expect(texts).toContain(node.name);
            const numbers = calls.flatMap(({ given }) => given.flat());
            expect(numbers.filter((n) => typeof n === 'number' && !isFinite(n))).toEqual([]);
          }
        }
      }
    }
  });

  it('keeps its texts apart from each other and in the room of its node', () => {
    for (const node of of(component)) {
      const { labels } = drawn(node, { radius: radiusOf(node) });
      labels.forEach((a, i) => {
        expect(Math.abs(a.y), a.text).toBeLessThanOrEqual(34 + 56);
        for (const b of labels.slice(i + 1)) {
          const apart = Math.abs(a.y - b.y) >= 13 || Math.abs(a.x - b.x) >= 30;
          expect(apart, `${node.name}: "${a.text}" and "${b.text}"`).toBe(true);
        }
      });
    }
  });

  it('says less from afar', () => {
    const node = of(component).at(-1)!;
    const radius = radiusOf(node);
    const near = drawn(node, { radius }).texts;
    const far = drawn(node, { near: false, radius }).texts;
    expect(far.length).toBeLessThan(near.length);
    expect(far).toContain(node.name);
  });

  it('says it in words, lists it and explains it', () => {
    for (const node of of(component)) {
      const said = describeNode(node);
      expect(said.startsWith(`${node.name}, `)).toBe(true);
      expect(said).not.toMatch(/undefined|NaN|null|\[object/);
      expect(JSON.stringify(painter.details(node))).not.toMatch(/undefined|NaN/);
      const hint = painter.hint(node);
      if (component !== 'http-client') expect(hint.startsWith(`${node.badge}. `)).toBe(true);
    }
    expect(painter.legend.length).toBeGreaterThan(1);
    for (const { text, mark } of painter.legend) {
      expect(text).toMatch(/^[A-Z].*\.$/);
      if (mark.shape !== 'glyph') continue;
      const { graphics, calls } = paper();
      mark.draw(graphics, TOKENS.light);
      expect(calls.length).toBeGreaterThan(1);
      for (const { name, given } of calls) {
        if (name !== 'moveTo' && name !== 'lineTo') continue;
        for (const n of given) expect(Math.abs(Number(n)), text).toBeLessThanOrEqual(14);
      }
    }
  });

  it('has no two sentences for one mark', () => {
    const texts = painter.legend.map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe('a service', () => {
  const busy = of('service', moments[2])[0]!;
  const calm = of('service', moments[0])[0]!;

  it('shows a queue as a tank, and a full one with a lid', () => {
    const tall = (node: NodeFrame) =>
      drawn(node).calls.filter(({ name, given }) => name === 'roundRect' && given[0] === -51);
    const heights = (waiting: number) =>
      tall(withView(calm, { waiting })).map(({ given }) => Number(given[3]));
    expect(heights(0)).toHaveLength(2);
    const [some, more] = [heights(1), heights(8)].map((list) => list[1]!);
    expect(some).toBeGreaterThan(0);
    expect(more).toBeGreaterThan(some!);
    const lids = (waiting: number) =>
      drawn(withView(calm, { waiting })).calls.filter(
        ({ name, given }) => name === 'stroke' && JSON.stringify(given).includes('"width":3'),
      ).length;
    expect(lids(16) - lids(15)).toBe(1);
  });

  it('fills with its busy cores, and shows each of few', () => {
    const level = (count: number, busyCores: number) =>
      drawn({ ...calm, cores: { count, busy: busyCores, waiting: 0 } }).calls;
    const polygons = (busyCores: number) =>
      level(4, busyCores).filter(({ name }) => name === 'poly').length;
    expect(polygons(0)).toBe(0);
    expect(polygons(3)).toBe(1);
    const squares = (count: number) =>
      level(count, 0).filter(({ name, given }) => name === 'roundRect' && Number(given[4]) === 1);
    expect(squares(4)).toHaveLength(4);
    expect(squares(64).length).toBeLessThan(3);
  });

  it('shows the slots of its pool', () => {
    const [up] = (busy.view as unknown as { upstreams: object[] }).upstreams;
    const discs = (pool: object | null) =>
      drawn(withView(busy, { upstreams: [{ ...up, breaker: null, pool }] })).calls.filter(
        ({ name }) => name === 'circle',
      ).length;
    expect(discs(null)).toBe(0);
    expect(discs({ max: 6, busy: 2, idle: 1 })).toBe(6);
  });

  it('shows the places of its bulkhead, those that are taken filled', () => {
    const [up] = (busy.view as unknown as { upstreams: object[] }).upstreams;
    const framed = (bulkhead: object | null) =>
      withView(busy, { upstreams: [{ ...up, breaker: null, pool: null, bulkhead }] });
    const squares = (bulkhead: object | null) =>
      drawn(framed(bulkhead)).calls.filter(({ name }) => name === 'roundRect').length;
    expect(squares({ max: 8, busy: 3 }) - squares(null)).toBe(8);
    expect(describeNode(framed({ max: 8, busy: 3 }))).toMatch(/3 of 8 places taken/);
  });

  it('says who waits for whom, and in what state its breaker is', () => {
    expect(describeNode(busy)).toMatch(/service: \d+ of 8 under way, \d+ waiting/);
    expect(describeNode(busy)).toMatch(/calls to db: breaker (closed|open|half-open), \d of 4/);
    expect(frames.some((node) => /\d+ wait for db/.test(drawn(node).texts.join()))).toBe(true);
  });
});

describe('a circuit breaker', () => {
  it('is a switch whose lever tells its state, whatever its colour', () => {
    const [client] = of('http-client');
    const { upstream } = client!.view as unknown as { upstream: object };
    const lever = (state: string) =>
      drawn(withView(client!, { upstream: { ...upstream, breaker: state } }))
        .calls.filter(({ name }) => name === 'moveTo' || name === 'lineTo')
        .map(({ given }) => given.join());
    const levers = ['closed', 'open', 'half-open'].map((state) => lever(state).join(' '));
    expect(new Set(levers).size).toBe(3);
  });

  it('opens in this run, at a service or at a client', () => {
    expect(frames.some((node) => describeNode(node).includes('breaker open'))).toBe(true);
  });
});

describe('a balancer', () => {
  const balancer = of('load-balancer', moments[2])[0]!;
  const backends = (balancer.view as unknown as { backends: object[] }).backends;
  const arcs = (changed: readonly object[]) =>
    drawn(withView(balancer, { backends: changed })).calls.filter(({ name }) => name === 'arc');

  it('has an arc for each backend, as long as its share', () => {
    const even = backends.map((one) => ({ ...one, healthy: true, ejected: false, sent: 10 }));
    const spans = (of: readonly object[]) =>
      arcs(of).map(({ given }) => Number(given[4]) - Number(given[3]));
    const equal = spans(even);
    expect(equal).toHaveLength(3);
    expect(Math.max(...equal) - Math.min(...equal)).toBeLessThan(1e-9);
    const [first, second] = spans([{ ...even[0], sent: 80 }, ...even.slice(1)]);
    expect(first! / second!).toBeGreaterThan(3);
  });

  it('tells who is ejected and who is down by the shape of the arc', () => {
    const well = backends.map((one) => ({ ...one, healthy: true, ejected: false, sent: 10 }));
    const [first, ...others] = well;
    expect(arcs([{ ...first, ejected: true }, ...others]).length).toBeGreaterThan(8);
    const crossed = (of: readonly object[]) =>
      drawn(withView(balancer, { backends: of })).calls.filter(({ name }) => name === 'lineTo');
    const down = [{ ...first, healthy: false }, ...others];
    expect(crossed(down).length - crossed(well).length).toBe(2);
    expect(describeNode(withView(balancer, { backends: down }))).toContain('shop1 unhealthy');
  });

  it('sees the crash of a backend in this run', () => {
    expect(describeNode(balancer)).toContain('2 of 3 backends well, shop2 unhealthy');
    expect(drawn(balancer).texts).toContain('2 of 3 well');
  });
});

describe('a database', () => {
  it('fills with connections and says who waits', () => {
    const [db] = of('database', moments[2]);
    expect(describeNode(db!)).toMatch(/database: \d+ of \d+ connections, \d+ wait for a core/);
    const locked = withView(db!, { lockWaits: 7 });
    expect(drawn(locked).texts).toContain('7');
    const replica = withView(db!, { isReplica: true, lag: 12 });
    expect(drawn(replica).texts).toContain('replica, 12 behind');
  });
});

describe('a cache', () => {
  const [cache] = of('cache', moments[4]);

  it('fills with objects, and no further', () => {
    const tops = (size: number) =>
      drawn(withView(cache!, { size, capacity: 100, newest: [] }))
        .calls.filter(({ name }) => name === 'poly')
        .slice(1, -1)
        .map(({ given }) => Math.min(...(given[0] as number[]).filter((_, i) => i % 2 === 1)));
    expect(tops(0)).toEqual([]);
    const [[half], [full]] = [tops(50), tops(100)] as [number[], number[]];
    expect(half!).toBeCloseTo(0, 6);
    expect(full!).toBeLessThan(-25);
  });

  it('shows each of its newest accesses by a shape of its own', () => {
    const shapes = ['hit', 'miss', 'stale', 'wait', 'evict'].map((access) => {
      const { calls } = drawn(withView(cache!, { newest: [access], size: 0 }));
      return calls.map(({ name }) => name).join();
    });
    expect(new Set(shapes).size).toBe(5);
  });

  it('throws out and misses in this run, and says so', () => {
    expect(describeNode(cache!)).toMatch(/cache: 20 of 20 objects, hit ratio \d+(\.\d+)? %/);
    expect(drawn(cache!).texts.join()).toMatch(/\d+ evicted/);
  });
});

describe('a rate limiter', () => {
  const [limiter] = of('rate-limiter', moments[4]);

  const courseOf = (level: number | null) => (level === null ? [] : [{ atMicros: 0, level }]);

  it('has a bucket that fills while nothing happens at its node', () => {
    const course = [
      { atMicros: 1_000, level: 1 },
      { atMicros: 3_000, level: 0 },
    ];
    const shown = withView(limiter!, { course, marks: [] });
    const painter = painterOf('rate-limiter');
    const water = (micros: number) =>
      drawn(shown, { micros })
        .calls.filter(({ name, given }) => name === 'poly' && (given[0] as number[]).length === 8)
        .map(({ given }) => (given[0] as number[])[1]!);
    expect(water(1_000)).toEqual([]);
    const [half] = water(2_000);
    const [full] = water(3_000);
    expect(half! - full!).toBeCloseTo(13);
    expect(water(9_000)).toEqual([full]);
    // It is drawn again when its level has moved, and not before.
    const phases = [1_000, 2_000, 2_001, 3_000, 9_000].map((at) => painter.phaseOf(shown, at));
    expect(new Set(phases).size).toBe(3);
    expect(phases[1]).toBe(phases[2]);
    expect(phases[3]).toBe(phases[4]);
  });

  it('has a bucket that drains, and is crossed when it is empty', () => {
    const water = (level: number | null) =>
      drawn(withView(limiter!, { course: courseOf(level), marks: [] }))
        .calls.filter(({ name, given }) => name === 'poly' && (given[0] as number[]).length === 8)
        .map(({ given }) => (given[0] as number[])[1]!);
    expect(water(null)).toEqual([]);
    const bows = (level: number | null) =>
      drawn(withView(limiter!, { course: courseOf(level), marks: [] })).calls.filter(
        ({ name }) => name === 'arc',
      );
    expect(bows(null).length - bows(1).length).toBe(1);
    const [[full], [low]] = [water(0), water(0.75)] as [number[], number[]];
    expect(low!).toBeGreaterThan(full!);
    expect(water(1)).toEqual([]);
    const lines = (level: number) =>
      drawn(withView(limiter!, { course: courseOf(level), marks: [] })).calls.filter(
        ({ name }) => name === 'lineTo',
      );
    expect(lines(1).length).toBeGreaterThan(lines(0.5).length);
  });

  it('marks each decision: a disc let in, a cross refused', () => {
    const marks = (admitted: boolean) =>
      drawn(withView(limiter!, { marks: [{ atMicros: 1, admitted }] }));
    const circles = ({ calls }: ReturnType<typeof drawn>) =>
      calls.filter(({ name }) => name === 'circle').length;
    expect(circles(marks(true)) - circles(marks(false))).toBe(1);
    expect(describeNode(limiter!)).toMatch(
      /rate limiter: .* may still pass, \d+ admitted, \d+ refused/,
    );
    expect(frames.some((node) => /in, [1-9]\d* refused/.test(drawn(node).texts.join()))).toBe(true);
  });

  it('says when its store is lost', () => {
    expect(drawn(withView(limiter!, { isStoreLost: true })).texts).toContain('store lost');
  });
});

describe('a client of a service', () => {
  const [client] = of('http-client', moments[4]);
  const painter = painterOf('http-client');

  it('is a client: its tally is counted, and it is busy while something is under way', () => {
    const tally = painter.tallyOf(client!)!;
    expect(tally.ok).toBeGreaterThan(100);
    expect(painter.isBusy(withView(client!, { inFlight: 1 }))).toBe(true);
    expect(painter.isBusy(withView(client!, { inFlight: 0 }))).toBe(false);
  });

  const worn = (tries: { readonly retries: number; readonly hedges: number }) =>
    drawn(withView(client!, tries), { radius: 22 })
      .calls.filter(({ name }) => name === 'poly')
      .map(({ given }) => (given[0] as number[]).length);

  it('wears the shape of retries once it has tried again, of hedges once it has hedged', () => {
    const [bow, arrows] = [SHAPES.retry, SHAPES.hedge].map((shape) => OUTLINES[shape]!.length);
    expect(worn({ retries: 0, hedges: 0 })).toEqual([]);
    expect(worn({ retries: 1, hedges: 0 })).toEqual([bow]);
    expect(worn({ retries: 0, hedges: 1 })).toEqual([arrows]);
    expect(worn({ retries: 2, hedges: 3 })).toEqual([bow, arrows]);
    expect(bow).not.toBe(arrows);
  });

  it('says how many of each there were, in its words and in the inspector', () => {
    const both = withView(client!, { retries: 2, hedges: 1 });
    expect(describeNode(both)).toContain('unknown, 2 retries, 1 hedge');
    expect(describeNode(withView(client!, { retries: 0, hedges: 0 }))).not.toMatch(/retr|hedge/);
    const [fields, table] = painter.details(both);
    const counted = fields!.kind === 'fields' ? fields!.fields : [];
    expect(counted).toContainEqual({ label: 'Retries', value: 2 });
    expect(counted).toContainEqual({ label: 'Hedges', value: 1 });
    expect(table).toMatchObject({ head: expect.arrayContaining(['Retries', 'Hedges']) as unknown });
  });

  it('explains both marks, as does the balancer that wears them', () => {
    for (const component of ['http-client', 'load-balancer']) {
      const texts = painterOf(component).legend.map(({ text }) => text);
      expect(texts.filter((text) => /^Bow tie.* a retry: a try after one/.test(text))).toHaveLength(
        1,
      );
      expect(texts.filter((text) => /^Two arrowheads.* a hedge: a try/.test(text))).toHaveLength(1);
    }
  });
});
