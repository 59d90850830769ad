/** Request paths on the map: layers from those who ask to what they ask in the end. */
import { describe, expect, it } from 'vitest';
import type { GroupPlan } from '../../src/sim/index.ts';
import { layerNumbers } from '../../src/viz/layout/layers.ts';
import { layoutOf, screenOf } from '../../src/viz/layout/layout.ts';
import type { MapLayout, Member, Place } from '../../src/viz/layout/map.ts';
import { fit } from '../../src/viz/layout/viewport.ts';
import { painterOf } from '../../src/viz/painters/index.ts';

const inRow = (component: string): boolean => painterOf(component).standsInRow;

const path: GroupPlan[] = [
  // In no order: links say who stands where.
  { name: 'db', component: 'database', count: 2 },
  { name: 'users', component: 'http-client', count: 6, links: { target: 'lb' } },
  { name: 'stock', component: 'service', count: 2, links: { db: 'db' } },
  { name: 'lb', component: 'load-balancer', count: 2, links: { backends: 'shop' } },
  { name: 'shop', component: 'service', count: 3, links: { stock: 'stock', db: 'db' } },
];

function membersOf(groups: readonly GroupPlan[]): Member[] {
  let index = 0;
  return groups.flatMap((group) =>
    Array.from({ length: group.count }, () => ({ index: index++, group: group.name })),
  );
}

const WIDE = { aspect: 1.3, small: false };
const NARROW = { aspect: 0.6, small: false };

const laid = (groups: readonly GroupPlan[], screen = WIDE): MapLayout =>
  layoutOf(groups, membersOf(groups), screen, inRow);

function placesOf(layout: MapLayout, groups: readonly GroupPlan[], name: string): Place[] {
  const members = membersOf(groups).filter(({ group }) => group === name);
  return members.map(({ index }) => layout.places.get(index)!);
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('the layer of a group', () => {
  it('is one further than the last of those that call it', () => {
    expect(Object.fromEntries(layerNumbers(path))).toEqual({
      users: 0,
      lb: 1,
      shop: 2,
      stock: 3,
      db: 4,
    });
  });

  it('is found where groups call themselves or each other in a circle', () => {
    const circle: GroupPlan[] = [
      { name: 'a', component: 'service', count: 1, links: { next: 'b', own: 'a' } },
      { name: 'b', component: 'service', count: 1, links: { next: 'c' } },
      { name: 'c', component: 'service', count: 1, links: { next: 'a' } },
    ];
    expect([...layerNumbers(circle).values()]).toEqual([0, 1, 2]);
    expect(laid(circle).places.size).toBe(3);
  });
});

describe('a request path', () => {
  const order = ['users', 'lb', 'shop', 'stock', 'db'];

  it.each([
    ['left to right on a wide screen', WIDE, 'x'],
    ['from top to bottom on a narrow one', NARROW, 'y'],
  ] as const)('goes %s', (_, screen, axis) => {
    const layout = laid(path, screen);
    const means = order.map((name) =>
      meanOf(placesOf(layout, path, name).map((place) => place[axis])),
    );
    expect([...means].sort((a, b) => a - b)).toEqual(means);
    const shop = placesOf(layout, path, 'shop').map((place) => place[axis]);
    expect(new Set(shop).size).toBe(1);
  });

  it.each([0.55, 0.8, 1, 1.3, 2])('keeps nodes and their room apart, aspect %s', (aspect) => {
    for (const small of [true, false]) {
      for (const count of [1, 2, 3, 5, 9, 30]) {
        const groups = path.map((group) => (group.name === 'shop' ? { ...group, count } : group));
        const layout = laid(groups, { aspect, small });
        const places = [...layout.places.values()];
        const clients = placesOf(layout, groups, 'users');
        for (const place of places) {
          expect(place.x - place.radius - 20).toBeGreaterThanOrEqual(0);
          expect(place.y - place.radius).toBeGreaterThanOrEqual(0);
          expect(place.x + place.radius + 20).toBeLessThanOrEqual(layout.width);
          expect(place.y + place.radius).toBeLessThanOrEqual(layout.height);
        }
        for (const a of places) {
          for (const b of places) {
            if (a.index >= b.index) continue;
            const room = clients.includes(a) || clients.includes(b) ? 44 : 128;
            const apart = Math.abs(a.x - b.x) >= room || Math.abs(a.y - b.y) >= room;
            expect(apart, `${count} services: ${a.index} and ${b.index}`).toBe(true);
          }
        }
        for (const box of layout.boxes) {
          const inside = places.filter(
            (place) =>
              place.x > box.x &&
              place.x < box.x + box.width &&
              place.y > box.y &&
              place.y < box.y + box.height,
          );
          expect(inside).toEqual(clients);
        }
      }
    }
  });

  it('keeps a few equals in one line where the screen has room for them', () => {
    for (const [width, height] of [
      [760, 640],
      [768, 430],
    ] as const) {
      const shop = placesOf(laid(path, screenOf({ width, height })), path, 'shop');
      expect(new Set(shop.map(({ x }) => x)).size).toBe(1);
    }
  });

  it('can be made out on a phone', () => {
    const size = { width: 390, height: 330 };
    const { scale } = fit(laid(path, screenOf(size)), size);
    expect(scale).toBeGreaterThan(0.3);
  });

  it('has no links among equals, and is the same for the same plan', () => {
    const layout = laid(path);
    expect(layout.links.filter(({ inner }) => inner)).toEqual([]);
    expect(layout.links).toHaveLength(6 * 2 + 2 * 3 + 3 * 2 + 3 * 2 + 2 * 2);
    const again = laid(structuredClone(path));
    expect([...again.places]).toEqual([...layout.places]);
    for (const { x, y } of layout.places.values())
      expect([(x * 16) % 1, (y * 16) % 1]).toEqual([0, 0]);
  });

  it('draws only callers as a box', () => {
    const alone: GroupPlan = { name: 'alone', component: 'service', count: 1 };
    expect(laid([...path, alone]).boxes.map(({ name }) => name)).toEqual(['users']);
  });

  it('leaves groups of peers in their ring', () => {
    const peers: GroupPlan[] = [
      { name: 'n', component: 'raft-kv', count: 5 },
      { name: 'a', component: 'kv-client', count: 2, links: { servers: 'n' } },
    ];
    const members = membersOf(peers);
    expect(laid(peers)).toEqual(layoutOf(peers, members, WIDE));
    expect(laid(peers).links.filter(({ inner }) => inner)).toHaveLength(10);
  });
});
