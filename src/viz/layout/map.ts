/**
 * What a map is made of: places of nodes, boxes of callers, links; and how a box is laid out,
 * wherever it stands.
 */
import type { GroupPlan } from '../../sim/index.ts';
import type { Point } from './geometry.ts';

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
  readonly members: readonly number[];
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
/** Below a node stands what it has to say: that and a ring around the next one fit between. */
const ROW = 70;
const BOX_PADDING = 16;
const BOX_TITLE = 30;
const BOX_FOOT = 42;
/** Beyond so many, members of a box share the last places. */
export const BOX_MEMBERS_MAX = 24;
const INNER_LINKS_MEMBERS_MAX = 12;

/** So that no engine's cosine shows. */
export const round = (x: number): number => Math.round(x * 16) / 16;

/** A group with its members, in their order. */
export interface Placed {
  readonly group: GroupPlan;
  readonly members: readonly Member[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Which picture fits the screen. */
export interface Screen {
  /** Width over height, in steps, so that a small change of the window moves nothing. */
  readonly aspect: number;
  /** A small screen gets a smaller world, so that its nodes are no smaller. */
  readonly small: boolean;
}

export interface BoxSize extends Size {
  readonly columns: number;
}

/** `columnsOf`: how many columns so many members stand in. Below them stands their tally. */
export function boxSize(
  count: number,
  columnsOf: (shown: number) => number,
  widthMin = 120,
): BoxSize {
  const shown = Math.max(1, Math.min(count, BOX_MEMBERS_MAX));
  const columns = columnsOf(shown);
  const rows = Math.ceil(shown / columns);
  return {
    columns,
    width: Math.max(widthMin, columns * CELL + 2 * BOX_PADDING),
    height: rows * ROW + BOX_PADDING + BOX_TITLE + BOX_FOOT,
  };
}

/** Puts the members of a box on the map, and says what box it is. */
export function placeBox(
  entry: Placed,
  at: Point,
  box: BoxSize,
  places: Map<number, Place>,
): GroupBox {
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
      y: round(at.y + BOX_TITLE + (row + 0.5) * ROW),
      radius: CLIENT_RADIUS,
    });
  });
  return {
    name: entry.group.name,
    component: entry.group.component,
    members: entry.members.map(({ index }) => index),
    x: round(at.x),
    y: round(at.y),
    width: round(box.width),
    height: round(box.height),
    folded: Math.max(0, entry.members.length - BOX_MEMBERS_MAX),
  };
}

/** `peers`: groups whose members talk to each other. */
export function linksOf(placed: readonly Placed[], peers: readonly Placed[]): MapLink[] {
  const links: MapLink[] = [];
  for (const entry of placed) {
    const { members } = entry;
    if (peers.includes(entry) && members.length <= INNER_LINKS_MEMBERS_MAX) {
      members.forEach((a, i) => {
        for (const b of members.slice(i + 1)) links.push({ a: a.index, b: b.index, inner: true });
      });
    }
    for (const target of new Set(Object.values(entry.group.links ?? {}))) {
      if (target === entry.group.name) continue;
      const others = placed.find(({ group }) => group.name === target)?.members ?? [];
      for (const a of members) {
        for (const b of others) links.push({ a: a.index, b: b.index, inner: false });
      }
    }
  }
  return links;
}
