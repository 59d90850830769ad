/**
 * A request path on the map: each group one layer further than the last of those that call it,
 * left to right, or from top to bottom on a narrow screen. A pure function, as the other layout.
 *
 * Invariant: no two nodes lie on each other, whatever the number of groups and members: the world
 * grows with them.
 */
import type { GroupPlan } from '../../sim/index.ts';
import { NODE_RADIUS, boxSize, linksOf, placeBox, round } from './map.ts';
import type { BoxSize, GroupBox, MapLayout, Place, Placed, Screen, Size } from './map.ts';

/** What a node needs with its tank, its switches and the small print below it. */
const CELL: Size = { width: 142, height: 134 };
/** Small print lies below a node: its middle is so far above that of its cell. */
const RISE = 24;
const MARGIN = { side: 12, top: 34, foot: 8 } as const;
const GAP = 18;
const HEIGHT_MIN = { roomy: 560, small: 430 } as const;
/** A fold costs as much as a map that is larger by this share. */
const FOLD = 0.12;
/** Clients are small: so many stand in one line anyway. */
const BOX_LINE_MIN = 4;
/** On a small screen letters are large. */
const BOX_WIDTH_MIN = { roomy: 136, small: 170 } as const;
/** More nodes than these never stand in one line. */
const LINE_MAX = 16;

/** The layer of each group: callers first. Links that lead back count for nothing. */
export function layerNumbers(groups: readonly GroupPlan[]): ReadonlyMap<string, number> {
  const layers = new Map<string, number>(groups.map(({ name }) => [name, 0]));
  const open = new Set<string>();
  const visit = (group: GroupPlan, layer: number): void => {
    // Once deeper it is visited again, for those it calls.
    if (open.has(group.name) || (layer > 0 && layer <= layers.get(group.name)!)) return;
    layers.set(group.name, layer);
    open.add(group.name);
    for (const target of new Set(Object.values(group.links ?? {}))) {
      const next = groups.find(({ name }) => name === target);
      if (next !== undefined) visit(next, layer + 1);
    }
    open.delete(group.name);
  };
  const called = new Set(groups.flatMap((group) => calledBy(group)));
  const first = groups.filter(({ name }) => !called.has(name));
  for (const group of first.length > 0 ? first : groups.slice(0, 1)) visit(group, 0);
  return layers;
}

const calledBy = (group: GroupPlan): string[] =>
  Object.values(group.links ?? {}).filter((target) => target !== group.name);

/** A group as it stands: a box of callers, or lines of nodes. */
interface Block extends Size {
  readonly entry: Placed;
  readonly box: BoxSize | null;
  readonly columns: number;
}

export function layeredOf(
  placed: readonly Placed[],
  callers: readonly Placed[],
  { aspect, small }: Screen,
  standsInRow: (component: string) => boolean,
): MapLayout {
  const wide = aspect >= 0.95;
  const layers = inLayers(placed);
  let best: { readonly layers: readonly (readonly Block[])[]; readonly size: Size } | null = null;
  let bestCost = Infinity;
  for (let line = 1; line <= LINE_MAX; line++) {
    const blocks = layers.map((layer) =>
      layer.map((entry) =>
        callers.includes(entry) ? boxOf(entry, line, wide, small) : blockOf(entry, line, wide),
      ),
    );
    const size = worldOf(blocks, aspect, wide, small);
    const cost = size.height * (1 + FOLD * sum(blocks.flat().map((block) => foldsOf(block, wide))));
    if (cost < bestCost - 1e-6) {
      best = { layers: blocks, size };
      bestCost = cost;
    }
  }
  const places = new Map<number, Place>();
  const boxes = placeLayers(best!.layers, best!.size, wide, places);
  const peers = placed.filter(
    (entry) => !callers.includes(entry) && !standsInRow(entry.group.component),
  );
  const size = { width: round(best!.size.width), height: round(best!.size.height) };
  return { ...size, places, boxes, links: linksOf(placed, peers) };
}

/** Layers in turn; within one, groups stand beside those that call them. */
function inLayers(placed: readonly Placed[]): Placed[][] {
  const numbers = layerNumbers(placed.map(({ group }) => group));
  const layers: Placed[][] = [];
  for (const entry of placed) (layers[numbers.get(entry.group.name)!] ??= []).push(entry);
  const filled = layers.filter((layer) => layer.length > 0);
  const position = new Map<string, number>();
  for (const layer of filled) {
    const wish = ({ group }: Placed): number => {
      const by = placed.filter((other) => calledBy(other.group).includes(group.name));
      const at = by.flatMap((other) => position.get(other.group.name) ?? []);
      return at.length === 0 ? 0.5 : at.reduce((sum, x) => sum + x, 0) / at.length;
    };
    const wishes = new Map(layer.map((entry) => [entry, wish(entry)]));
    layer.sort((a, b) => wishes.get(a)! - wishes.get(b)! || placed.indexOf(a) - placed.indexOf(b));
    layer.forEach(({ group }, i) => position.set(group.name, (i + 0.5) / layer.length));
  }
  return filled;
}

const columnsOf = (count: number, line: number, wide: boolean): number =>
  wide ? Math.ceil(count / line) : Math.min(count, line);

/** At most `line` nodes stand beside each other across the path. */
function blockOf(entry: Placed, line: number, wide: boolean): Block {
  const count = Math.max(1, entry.members.length);
  const columns = columnsOf(count, line, wide);
  const rows = Math.ceil(count / columns);
  return { entry, box: null, columns, width: columns * CELL.width, height: rows * CELL.height };
}

function boxOf(entry: Placed, line: number, wide: boolean, small: boolean): Block {
  const most = Math.max(line, BOX_LINE_MIN);
  const widthMin = small ? BOX_WIDTH_MIN.small : BOX_WIDTH_MIN.roomy;
  const box = boxSize(entry.members.length, (shown) => columnsOf(shown, most, wide), widthMin);
  return { entry, box, columns: box.columns, width: box.width, height: box.height };
}

/** How often a group's line is folded: one that is not is read at a glance. */
function foldsOf({ entry, box, columns }: Block, wide: boolean): number {
  if (box !== null) return 0;
  return (wide ? columns : Math.ceil(entry.members.length / columns)) - 1;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** The least world of that shape in which the layers have room. */
function worldOf(
  layers: readonly (readonly Block[])[],
  aspect: number,
  wide: boolean,
  small: boolean,
): Size {
  const thick = (side: 'width' | 'height'): number =>
    sum(layers.map((layer) => Math.max(...layer.map((block) => block[side])))) +
    GAP * (layers.length - 1);
  const long = (side: 'width' | 'height'): number =>
    Math.max(
      ...layers.map((layer) => sum(layer.map((block) => block[side])) + GAP * (layer.length - 1)),
    );
  const width = (wide ? thick('width') : long('width')) + 2 * MARGIN.side;
  const height = (wide ? long('height') : thick('height')) + MARGIN.top + MARGIN.foot;
  const least = small ? HEIGHT_MIN.small : HEIGHT_MIN.roomy;
  const tall = Math.max(height, width / aspect, wide ? least : 0);
  return { width: tall * aspect, height: tall };
}

/** What room is left over is shared out between the layers, and between the groups of a layer. */
function placeLayers(
  layers: readonly (readonly Block[])[],
  size: Size,
  wide: boolean,
  places: Map<number, Place>,
): GroupBox[] {
  const [along, across] = wide ? (['width', 'height'] as const) : (['height', 'width'] as const);
  const start = { width: MARGIN.side, height: MARGIN.top };
  const room = {
    width: size.width - 2 * MARGIN.side,
    height: size.height - MARGIN.top - MARGIN.foot,
  };
  const thickness = layers.map((layer) => Math.max(...layer.map((block) => block[along])));
  const spare = (room[along] - sum(thickness)) / layers.length;
  const boxes: GroupBox[] = [];
  let from = start[along];
  layers.forEach((layer, i) => {
    const middle = from + spare / 2 + thickness[i]! / 2;
    from += spare + thickness[i]!;
    const left = (room[across] - sum(layer.map((block) => block[across]))) / layer.length;
    let side = start[across];
    for (const block of layer) {
      const beside = side + left / 2 + block[across] / 2;
      side += left + block[across];
      const [x, y] = wide ? [middle, beside] : [beside, middle];
      const corner = { x: x - block.width / 2, y: y - block.height / 2 };
      if (block.box !== null) boxes.push(placeBox(block.entry, corner, block.box, places));
      else placeNodes(block, corner, places);
    }
  });
  return boxes;
}

/** Line by line; the last one stands in the middle. */
function placeNodes(
  { entry: { members }, columns }: Block,
  corner: { readonly x: number; readonly y: number },
  places: Map<number, Place>,
): void {
  members.forEach(({ index }, i) => {
    const row = Math.floor(i / columns);
    const inRow = Math.min(columns, members.length - row * columns);
    const inset = ((columns - inRow) * CELL.width) / 2;
    places.set(index, {
      index,
      x: round(corner.x + inset + ((i % columns) + 0.5) * CELL.width),
      y: round(corner.y + (row + 0.5) * CELL.height - RISE),
      radius: NODE_RADIUS,
    });
  });
}
