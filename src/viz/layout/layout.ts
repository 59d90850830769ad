/**
 * Where everything stands on the map: a pure function of the groups and their members.
 *
 * Groups that are called by others stand in the middle, as rings; groups that only call stand at
 * the sides, as boxes. No forces and no drawing of lots: the same plan gives the same picture, and
 * coordinates are rounded so that no engine's cosine shows.
 */
import type { GroupPlan } from '../../sim/index.ts';
import type { Point } from './geometry.ts';

export type Shape = 'wide' | 'tall';

/** What the layout needs to know of a node. */
export interface Member {
  readonly index: number;
  readonly group: string;
}

export interface Place extends Point {
  readonly index: number;
  readonly radius: number;
}

export interface GroupBox {
  readonly name: string;
  readonly component: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Members that have no place of their own, because there are too many. */
  readonly folded: number;
}

export interface MapLink {
  readonly a: number;
  readonly b: number;
  /** Between members of one group: always drawn. The others appear when something flies. */
  readonly inner: boolean;
}

export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<number, Place>;
  readonly boxes: readonly GroupBox[];
  readonly links: readonly MapLink[];
}

export const NODE_RADIUS = 34;
export const CLIENT_RADIUS = 22;
const CELL = 58;
const BOX_PADDING = 16;
const BOX_TITLE = 30;
const BOX_FOOT = 22;
/** Beyond so many, members of a box share the last places. */
const BOX_MEMBERS_MAX = 24;
const INNER_LINKS_MEMBERS_MAX = 12;

const round = (x: number): number => Math.round(x * 16) / 16;

interface Placed {
  readonly group: GroupPlan;
  readonly members: readonly Member[];
}

export function layoutOf(
  groups: readonly GroupPlan[],
  members: readonly Member[],
  shape: Shape,
): MapLayout {
  const placed = groups.map((group) => ({
    group,
    members: members.filter((member) => member.group === group.name),
  }));
  const called = new Set(groups.flatMap((group) => Object.values(group.links ?? {})));
  const isCaller = ({ group }: Placed) => called.size > 0 && !called.has(group.name);
  const callers = placed.filter(isCaller);
  const cores = placed.filter((entry) => !isCaller(entry));
  const size = shape === 'wide' ? { width: 1_120, height: 680 } : { width: 640, height: 900 };
  const places = new Map<number, Place>();
  placeCores(cores, size, shape, places);
  const boxes = placeCallers(callers, size, shape, places);
  return { ...size, places, boxes, links: linksOf(placed, callers) };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Rings side by side, or one above the other. */
function placeCores(
  cores: readonly Placed[],
  size: Size,
  shape: Shape,
  places: Map<number, Place>,
): void {
  const wide = shape === 'wide';
  cores.forEach(({ members }, i) => {
    const share = (i + 0.5) / cores.length;
    const centre = wide
      ? { x: size.width * (0.22 + 0.56 * share), y: size.height * 0.485 }
      : { x: size.width * 0.5, y: size.height * (0.16 + 0.62 * share) };
    const room = (wide ? size.height * 0.355 : size.width * 0.355) / Math.sqrt(cores.length);
    const radius = members.length === 1 ? 0 : Math.max(90, room);
    members.forEach((member, place) => {
      const angle = ((place / members.length) * 2 - 0.5) * Math.PI;
      places.set(member.index, {
        index: member.index,
        x: round(centre.x + radius * (wide ? 1.14 : 1) * Math.cos(angle)),
        y: round(centre.y + radius * Math.sin(angle)),
        radius: NODE_RADIUS,
      });
    });
  });
}

/** Boxes left and right in turn; on a tall map above and below. */
function placeCallers(
  callers: readonly Placed[],
  size: Size,
  shape: Shape,
  places: Map<number, Place>,
): GroupBox[] {
  const wide = shape === 'wide';
  const sides: [Placed[], Placed[]] = [[], []];
  callers.forEach((entry, i) => sides[i % 2 === 0 ? 0 : 1].push(entry));
  return sides.flatMap((entries, sideNumber) =>
    entries.map((entry, i) => {
      const box = boxSize(entry.members.length, wide);
      const along = (i + 0.5) / entries.length;
      const edge = 14;
      const x = wide
        ? sideNumber === 0
          ? edge
          : size.width - edge - box.width
        : size.width * along - box.width / 2;
      const y = wide
        ? size.height * (0.06 + 0.86 * along) - box.height / 2
        : sideNumber === 0
          ? edge
          : size.height - edge - box.height;
      placeMembers(entry, { x, y }, box, places);
      return {
        name: entry.group.name,
        component: entry.group.component,
        x: round(x),
        y: round(y),
        width: round(box.width),
        height: round(box.height),
        folded: Math.max(0, entry.members.length - BOX_MEMBERS_MAX),
      };
    }),
  );
}

interface BoxSize extends Size {
  readonly columns: number;
}

function boxSize(count: number, wide: boolean): BoxSize {
  const shown = Math.max(1, Math.min(count, BOX_MEMBERS_MAX));
  const columns = wide ? Math.min(shown, shown > 8 ? 3 : 2) : Math.min(shown, 4);
  const rows = Math.ceil(shown / columns);
  return {
    columns,
    width: Math.max(132, columns * CELL + 2 * BOX_PADDING),
    height: rows * CELL + BOX_PADDING + BOX_TITLE + BOX_FOOT,
  };
}

function placeMembers(entry: Placed, at: Point, box: BoxSize, places: Map<number, Place>): void {
  const rows = Math.ceil(Math.min(entry.members.length, BOX_MEMBERS_MAX) / box.columns);
  entry.members.forEach((member, i) => {
    const cell = Math.min(i, BOX_MEMBERS_MAX - 1);
    const row = Math.floor(cell / box.columns);
    const inRow =
      row === rows - 1
        ? Math.min(entry.members.length, BOX_MEMBERS_MAX) - row * box.columns
        : box.columns;
    const left = (box.width - inRow * CELL) / 2;
    places.set(member.index, {
      index: member.index,
      x: round(at.x + left + ((cell % box.columns) + 0.5) * CELL),
      y: round(at.y + BOX_TITLE + (row + 0.5) * CELL),
      radius: CLIENT_RADIUS,
    });
  });
}

function linksOf(placed: readonly Placed[], callers: readonly Placed[]): MapLink[] {
  const links: MapLink[] = [];
  for (const entry of placed) {
    const { members } = entry;
    if (!callers.includes(entry) && members.length <= INNER_LINKS_MEMBERS_MAX) {
      members.forEach((a, i) => {
        for (const b of members.slice(i + 1)) links.push({ a: a.index, b: b.index, inner: true });
      });
    }
    for (const target of new Set(Object.values(entry.group.links ?? {}))) {
      const others = placed.find(({ group }) => group.name === target)?.members ?? [];
      for (const a of members) {
        for (const b of others) links.push({ a: a.index, b: b.index, inner: false });
      }
    }
  }
  return links;
}
