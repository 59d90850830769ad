import { describe, expect, it } from 'vitest';
import type { GroupPlan } from '../../src/sim/index.ts';
import { between, sidesTogether } from '../../src/viz/layout/arrange.ts';
import { betweenEdges, resample, segmentsCross, zigzag } from '../../src/viz/layout/geometry.ts';
import { islandsOf, nearness, pathsOf } from '../../src/viz/layout/islands.ts';
import { strokeOf } from '../../src/viz/layout/knife.ts';
import { layoutOf, screenOf } from '../../src/viz/layout/layout.ts';
import {
  LETTER_PIXELS_MIN,
  LETTER_WIDTH,
  fittedName,
  fittedSize,
  letterSize,
  shortName,
} from '../../src/viz/layout/letters.ts';
import type { Member } from '../../src/viz/layout/map.ts';
import {
  fit,
  keepInSight,
  pan,
  pinch,
  SCALE_MAX,
  SCALE_MIN,
  toScreen,
  toWorld,
  wheelFactor,
  zoomAt,
} from '../../src/viz/layout/viewport.ts';

const groups: GroupPlan[] = [
  { name: 'n', component: 'raft-kv', count: 5 },
  { name: 'a', component: 'kv-client', count: 3, links: { servers: 'n' } },
  { name: 'b', component: 'kv-client', count: 3, links: { servers: 'n' } },
];

const ROOMY = { aspect: 1.2, small: false };

function membersOf(of: readonly GroupPlan[]): Member[] {
  let index = 0;
  return of.flatMap((group) =>
    Array.from({ length: group.count }, () => ({ index: index++, group: group.name })),
  );
}

describe('the layout', () => {
  it.each([0.55, 0.8, 1, 1.4, 2])('keeps nodes apart and on the map, aspect %s', (aspect) => {
    for (const [count, small] of [1, 2, 3, 5, 7, 9].flatMap(
      (n) =>
        [
          [n, true],
          [n, false],
        ] as const,
    )) {
      const plan = [{ ...groups[0]!, count }, ...groups.slice(1)];
      const layout = layoutOf(plan, membersOf(plan), { aspect, small });
      const places = [...layout.places.values()];
      expect(places).toHaveLength(count + 6);
      for (const place of places) {
        expect(place.x - place.radius).toBeGreaterThanOrEqual(0);
        expect(place.y - place.radius).toBeGreaterThanOrEqual(0);
        expect(place.x + place.radius).toBeLessThanOrEqual(layout.width);
        expect(place.y + place.radius).toBeLessThanOrEqual(layout.height);
      }
      for (const a of places) {
        for (const b of places) {
          if (a.index >= b.index) continue;
          const gap = Math.hypot(a.x - b.x, a.y - b.y) - a.radius - b.radius;
          expect(gap, `${count} servers: ${a.index} and ${b.index}`).toBeGreaterThan(4);
        }
      }
    }
  });

  it('is the same for the same plan, to the last bit', () => {
    const once = layoutOf(groups, membersOf(groups), ROOMY);
    const again = layoutOf(structuredClone(groups), membersOf(groups), ROOMY);
    expect([...again.places]).toEqual([...once.places]);
    for (const place of once.places.values()) {
      // Rounded to a sixteenth, so that no engine's cosine shows.
      expect((place.x * 16) % 1).toBe(0);
      expect((place.y * 16) % 1).toBe(0);
    }
  });

  it('draws callers as groups and links only between those who talk', () => {
    const layout = layoutOf(groups, membersOf(groups), ROOMY);
    expect(layout.boxes.map((box) => box.name)).toEqual(['a', 'b']);
    expect(layout.links.filter((link) => link.inner)).toHaveLength(10);
    expect(layout.links.filter((link) => !link.inner)).toHaveLength(30);
  });
});

describe('islands', () => {
  const ring = [...layoutOf(groups, membersOf(groups), ROOMY).places.values()].slice(0, 5);
  const holds = (outline: readonly { x: number; y: number }[], p: { x: number; y: number }) => {
    let inside = false;
    outline.forEach((a, i) => {
      const b = outline[(i + 1) % outline.length]!;
      if (a.y > p.y !== b.y > p.y && p.x < ((b.x - a.x) * (p.y - a.y)) / (b.y - a.y) + a.x) {
        inside = !inside;
      }
    });
    return inside;
  };

  it.each([
    [
      [0, 1],
      [2, 3, 4],
    ],
    [[0], [1, 2, 3, 4]],
    [
      [0, 2],
      [1, 3, 4],
    ],
  ])('hold their own nodes and no others: %j | %j', (one, two) => {
    const sides = [one, two].map((side) => side.map((i) => ring[i]!));
    const { islands, cuts } = islandsOf(sides);
    const paths = pathsOf(sides);
    islands.forEach((island, i) => {
      for (const [j, side] of sides.entries()) {
        for (const node of side) {
          const inside = island.outlines.filter((outline) => holds(outline, node)).length % 2 === 1;
          expect(inside).toBe(i === j);
        }
      }
    });
    expect(cuts.length).toBeGreaterThan(0);
    // The cut is as far from one side as from the other.
    for (const point of cuts.flat()) {
      const near = sides.map((side) => nearness(side, paths[sides.indexOf(side)]!, point));
      expect(Math.abs(near[0]! - near[1]!)).toBeLessThan(12);
    }
  });
});

describe('the sides of a cut', () => {
  const layout = layoutOf(groups, membersOf(groups), ROOMY);
  const ring = [0, 1, 2, 3, 4];
  const islands = [
    [0, 2, 5, 6, 7],
    [1, 3, 4, 8, 9, 10],
  ] as const;
  const split = sidesTogether(layout, [ring], islands);

  const movedBy = (sides: readonly (readonly number[])[]) => {
    const { places } = sidesTogether(layout, [ring], sides);
    return ring.filter((index) => {
      const [from, to] = [layout.places.get(index)!, places.get(index)!];
      return from.x !== to.x || from.y !== to.y;
    });
  };

  it('stand together on the places there are, and as few move as can be', () => {
    const spots = (of: typeof layout) =>
      ring.map((index) => `${of.places.get(index)!.x} ${of.places.get(index)!.y}`).sort();
    expect(spots(split)).toEqual(spots(layout));
    expect(movedBy(islands)).toHaveLength(2);
    for (let index = 5; index <= 10; index++) {
      expect(split.places.get(index)).toEqual(layout.places.get(index));
    }
  });

  it('leave everybody in place where one node is cut off, or a side is together already', () => {
    const all = [...layout.places.keys()];
    const others = (side: readonly number[]) => all.filter((index) => !side.includes(index));
    for (const index of ring) {
      expect(movedBy([[index], others([index])])).toEqual([]);
      expect(movedBy([[index, 5, 6, 7], others([index, 5, 6, 7])])).toEqual([]);
      const next = (index + 1) % ring.length;
      expect(movedBy([[index, next], others([index, next])])).toEqual([]);
    }
  });

  it('move to their own clients where these are cut apart, too', () => {
    const sides = [
      [0, 1, 5, 6, 7],
      [2, 3, 4, 8, 9, 10],
    ];
    expect(movedBy(sides)).toEqual([1, 4]);
    const after = sidesTogether(layout, [ring], sides);
    const middle = (of: readonly number[]) =>
      of.reduce((sum, index) => sum + after.places.get(index)!.x, 0) / of.length;
    expect(middle([0, 1])).toBeLessThan(middle([2, 3, 4]));
    expect(middle([5, 6, 7])).toBeLessThan(middle([8, 9, 10]));
  });

  it('move two nodes at the most where a pair is scattered', () => {
    for (const index of ring) {
      const pair = [index, (index + 2) % ring.length];
      const rest = ring.filter((other) => !pair.includes(other));
      const moved = movedBy([pair, rest]);
      expect(moved).toHaveLength(2);
      expect(moved.filter((other) => pair.includes(other))).toHaveLength(1);
    }
  });

  it('are whole: one outline each, and one line between them', () => {
    const sides = islands.map((island) =>
      island.filter((index) => index < 5).map((index) => split.places.get(index)!),
    );
    const drawn = islandsOf(sides);
    expect(drawn.islands.map((island) => island.outlines.length)).toEqual([1, 1]);
    expect(drawn.cuts).toHaveLength(1);
  });

  it('leave everybody in place where nothing is cut', () => {
    expect(sidesTogether(layout, [ring], [])).toBe(layout);
  });

  it('are reached by way of the places between', () => {
    const [goer] = movedBy(islands) as [number];
    const from = layout.places.get(goer)!;
    const to = split.places.get(goer)!;
    const half = between(layout, split, 0.5).places.get(goer)!;
    expect(half.x).toBeCloseTo((from.x + to.x) / 2, 6);
    expect(between(layout, split, 0).places.get(goer)!.y).toBe(from.y);
    expect(between(layout, split, 1)).toBe(split);
  });
});

describe('letters', () => {
  it.each([
    ['a phone', 390, 330],
    ['a tablet', 768, 430],
    ['a screen', 760, 640],
  ])('can be read on %s', (_, width, height) => {
    const size = { width, height };
    const layout = layoutOf(groups, membersOf(groups), screenOf(size));
    const { scale } = fit(layout, size);
    for (const letters of [11, 12, 13, 17]) {
      expect(letterSize(letters, scale) * scale).toBeGreaterThanOrEqual(LETTER_PIXELS_MIN - 1e-9);
    }
  });
});

describe('a name in its room', () => {
  it('has its size where it fits, and is smaller where it does not', () => {
    expect(fittedSize('app1', 16, 60, 1)).toEqual({ size: 16, fits: true });
    const long = fittedSize('balancer1', 16, 60, 1);
    expect(long.fits).toBe(true);
    expect(long.size).toBeLessThan(16);
    expect(long.size).toBeGreaterThanOrEqual(LETTER_PIXELS_MIN);
  });

  it('stays readable where it cannot fit, and says that it does not', () => {
    for (const scale of [0.62, 1, 2]) {
      const { size, fits } = fittedSize('a-very-long-name-12', 13, 40, scale);
      expect(fits).toBe(false);
      expect(size * scale).toBeGreaterThanOrEqual(LETTER_PIXELS_MIN - 1e-9);
    }
    // Seen from near there is room for it after all.
    expect(fittedSize('partner1', 13, 40, 2).fits).toBe(true);
    expect(fittedSize('partner1', 13, 40, 0.62).fits).toBe(false);
  });

  it('is its first letters and its number where the whole of it would stick out', () => {
    expect(fittedName('partner1', 13, 40, 2).text).toBe('partner1');
    // A little too wide: that is better than a name without its last letter.
    expect(fittedName('partner1', 13, 36, 1).text).toBe('partner1');
    expect(fittedName('partner1', 13, 36, 0.9).text).toBe('partn1');
    for (const name of ['gateway1', 'browser12', 'balancer1', 'a-very-long-name-12']) {
      for (const room of [39, 46]) {
        const { text, size } = fittedName(name, 13, room, 0.55);
        expect(name.startsWith(text.replace(/\d+$/, '')), text).toBe(true);
        expect(/\d+$/.exec(text)).toEqual(expect.objectContaining([/\d+$/.exec(name)![0]]));
        expect(size * 0.55).toBeGreaterThanOrEqual(LETTER_PIXELS_MIN - 1e-9);
        expect(text.length * LETTER_WIDTH * size, text).toBeLessThanOrEqual(room * 1.25);
      }
    }
    expect(shortName('db-eu-1', 4)).toBe('db1');
    expect(shortName('gateway1', 1)).toBe('g1');
    expect(shortName('balancer', 3)).toBe('bal');
  });
});

describe('the knife', () => {
  const layout = layoutOf(groups, membersOf(groups), ROOMY);
  const place = (index: number) => layout.places.get(index)!;

  it('cuts nothing when it slips or misses', () => {
    const { x, y } = place(0);
    expect(strokeOf(layout, { x, y }, { x: x + 5, y }).cuts).toBe('nothing');
    expect(strokeOf(layout, { x: 0, y: -40 }, { x: 300, y: -40 }).cuts).toBe('nothing');
  });

  it('cuts one link by a short stroke across it', () => {
    // Two servers and nobody else: one link.
    const two = [{ ...groups[0]!, count: 2 }];
    const small = layoutOf(two, membersOf(two), ROOMY);
    const [a, b] = [small.places.get(0)!, small.places.get(1)!];
    const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    const [nx, ny] = [a.y - b.y, b.x - a.x].map((v) => (v / Math.hypot(a.x - b.x, a.y - b.y)) * 30);
    const stroke = strokeOf(
      small,
      { x: middle.x - nx!, y: middle.y - ny! },
      { x: middle.x + nx!, y: middle.y + ny! },
    );
    expect(stroke).toMatchObject({ cuts: 'link', link: { a: 0, b: 1 } });
  });

  it('splits the network by a long stroke, nodes by their side of the line', () => {
    const x = (place(0).x + place(1).x) / 2;
    const stroke = strokeOf(layout, { x, y: 0 }, { x, y: layout.height });
    expect(stroke.cuts).toBe('network');
    if (stroke.cuts !== 'network') return;
    for (const [i, side] of stroke.sides.entries()) {
      for (const index of side) expect(place(index).x < x).toBe(i === 0);
    }
    expect(stroke.sides.flat().sort((a, b) => a - b)).toEqual(
      [...layout.places.keys()].sort((a, b) => a - b),
    );
  });
});

describe('geometry', () => {
  it('begins and ends a flight at the edges of its nodes', () => {
    const [a, b] = betweenEdges({ x: 0, y: 0 }, 10, { x: 100, y: 0 }, 20);
    expect([a, b]).toEqual([
      { x: 10, y: 0 },
      { x: 80, y: 0 },
    ]);
    const [c, d] = betweenEdges({ x: 0, y: 0 }, 10, { x: 12, y: 0 }, 10);
    expect(c).toEqual(d);
  });

  it('knows crossing from touching', () => {
    const p = (x: number, y: number) => ({ x, y });
    expect(segmentsCross(p(0, 0), p(10, 10), p(0, 10), p(10, 0))).toBe(true);
    expect(segmentsCross(p(0, 0), p(10, 10), p(10, 10), p(20, 0))).toBe(false);
  });

  it('walks a line in equal steps and leans left and right in turn', () => {
    const line = [
      { x: 0, y: 0 },
      { x: 100, y: 0 },
    ];
    expect(resample(line, 10)).toHaveLength(11);
    const teeth = zigzag(line, 10, 5);
    expect(teeth[0]).toEqual(line[0]);
    expect(teeth.slice(1, -1).map((p) => Math.sign(p.y))).toEqual([-1, 1, -1, 1, -1, 1, -1, 1, -1]);
  });
});

describe('the viewport', () => {
  const view = { x: 30, y: -12, scale: 0.8 };
  const at = { x: 220, y: 140 };

  it('maps to the screen and back', () => {
    const p = { x: 91, y: -7 };
    const back = toWorld(view, toScreen(view, p));
    expect(back.x).toBeCloseTo(p.x, 9);
    expect(back.y).toBeCloseTo(p.y, 9);
  });

  it('zooms about a point that stays where it is, within limits', () => {
    const before = toWorld(view, at);
    for (const factor of [1.3, 0.2, 40, 0.001]) {
      const next = zoomAt(view, at, factor);
      const after = toWorld(next, at);
      expect(after.x).toBeCloseTo(before.x, 6);
      expect(after.y).toBeCloseTo(before.y, 6);
      expect(next.scale).toBeGreaterThanOrEqual(SCALE_MIN);
      expect(next.scale).toBeLessThanOrEqual(SCALE_MAX);
    }
  });

  it('keeps under two fingers what was under them', () => {
    const before = [
      { x: 100, y: 100 },
      { x: 200, y: 100 },
    ] as const;
    const now = [
      { x: 90, y: 140 },
      { x: 240, y: 140 },
    ] as const;
    const next = pinch(view, before, now);
    for (const i of [0, 1] as const) {
      const world = toWorld(view, before[i]);
      const seen = toScreen(next, world);
      expect(seen.x).toBeCloseTo(now[i].x, 6);
      expect(seen.y).toBeCloseTo(now[i].y, 6);
    }
  });

  it('pans, fits and keeps the map in sight', () => {
    expect(pan(view, 5, 6)).toEqual({ x: 35, y: -6, scale: 0.8 });
    const world = { width: 1_000, height: 500 };
    const screen = { width: 600, height: 600 };
    const whole = fit(world, screen);
    expect(toScreen(whole, { x: 500, y: 250 })).toEqual({ x: 300, y: 300 });
    const lost = keepInSight(pan(whole, 9_999, 9_999), world, screen);
    expect(lost.x).toBeLessThan(screen.width);
    expect(lost.y).toBeLessThan(screen.height);
    expect(wheelFactor(100) * wheelFactor(-100)).toBeCloseTo(1, 12);
  });
});
