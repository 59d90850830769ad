/**
 * Where everything stands on the map: a pure function of the groups and their members.
 *
 * Groups that are called by others stand in the middle, as rings; groups that only call stand at
 * the sides, as boxes. Where equals that do not talk to each other are called, all stand in layers.
 * No forces and no drawing of lots: the same plan gives the same picture, and coordinates are
 * rounded so that no engine's cosine shows.
 */
import type { GroupPlan } from '../../sim/index.ts';
import { layeredOf } from './layers.ts';
import { NODE_RADIUS, boxSize, linksOf, placeBox, round } from './map.ts';
import type { GroupBox, MapLayout, Member, Place, Placed, Screen, Size } from './map.ts';

/** Where the callers stand: beside the servers, in the upper corners, or above and below. */
type Sides = 'beside' | 'corners' | 'ends';

const HEIGHT = { roomy: 600, small: 470 } as const;
const TALL_WIDTH = 540;
/** A world that is too small for its nodes grows, step by step. */
const GROWTH: readonly number[] = [1, 1.15, 1.3, 1.5, 1.75, 2, 2.4];
const GAP = 4;
const SMALL_PIXELS = 520;

export const screenOf = (size: Size): Screen => ({
  aspect: Math.min(2, Math.max(0.55, Math.round((size.width / size.height) * 20) / 20)),
  small: size.height < SMALL_PIXELS,
});

export function layoutOf(
  groups: readonly GroupPlan[],
  members: readonly Member[],
  screen: Screen,
  standsInRow: (component: string) => boolean = () => false,
): MapLayout {
  const { aspect, small } = screen;
  const placed = groups.map((group) => ({
    group,
    members: members.filter((member) => member.group === group.name),
  }));
  const called = new Set(groups.flatMap((group) => Object.values(group.links ?? {})));
  const isCaller = ({ group }: Placed) => called.size > 0 && !called.has(group.name);
  const callers = placed.filter(isCaller);
  const cores = placed.filter((entry) => !isCaller(entry));
  if (cores.some(({ group }) => standsInRow(group.component))) {
    // Who neither calls nor is called is no client: it stands by itself.
    const clients = callers.filter(({ group }) => Object.keys(group.links ?? {}).length > 0);
    return layeredOf(placed, clients, screen, standsInRow);
  }
  const wide = aspect >= 0.95;
  const attempts: readonly Sides[] = !wide ? ['ends'] : small ? ['corners', 'beside'] : ['beside'];
  const links = linksOf(placed, cores);
  let layout: MapLayout | null = null;
  for (const growth of GROWTH) {
    const height = growth * (small ? HEIGHT.small : HEIGHT.roomy);
    const size = wide
      ? { width: round(height * aspect), height: round(height) }
      : { width: round(growth * TALL_WIDTH), height: round((growth * TALL_WIDTH) / aspect) };
    for (const sides of attempts) {
      const places = new Map<number, Place>();
      const boxes = placeCallers(callers, size, sides, places);
      const area = sides === 'corners' ? innerOf(size, [], sides) : innerOf(size, boxes, sides);
      placeCores(cores, area, wide, places);
      layout = { ...size, places, boxes, links };
      if (!isCrowded(layout, cores)) return layout;
    }
  }
  return layout!;
}

/** Whether a server with its log lies on a box or on another server. */
function isCrowded({ boxes, places }: MapLayout, cores: readonly Placed[]): boolean {
  const servers = cores.flatMap(({ members }) => members.map(({ index }) => places.get(index)!));
  return servers.some((a, i) => {
    const onBox = boxes.some(
      (box) =>
        a.x + LOG_WIDTH / 2 + GAP > box.x &&
        a.x - LOG_WIDTH / 2 - GAP < box.x + box.width &&
        a.y + a.radius + LOG_ROOM + GAP > box.y &&
        a.y - a.radius - GAP < box.y + box.height,
    );
    return onBox || servers.slice(i + 1).some((b) => overlap(a, b));
  });
}

const overlap = (a: Place, b: Place): boolean =>
  Math.abs(a.x - b.x) < LOG_WIDTH + GAP && Math.abs(a.y - b.y) < 2 * NODE_RADIUS + LOG_ROOM + GAP;

interface Area extends Size {
  readonly x: number;
  readonly y: number;
}

/** What the boxes at the edges leave free; below each node its log needs room. */
function innerOf(size: Size, boxes: readonly GroupBox[], sides: Sides): Area {
  const wide = sides !== 'ends';
  // A server's log is wider than the server: it needs this room, or no growth helps.
  const gap = LOG_WIDTH / 2 - NODE_RADIUS + GAP + 2;
  // Above the topmost node there is room for the name of its side.
  let [x0, y0, x1, y1] = [gap, NAME_ROOM, size.width - gap, size.height - gap];
  for (const box of boxes) {
    if (wide && box.x < size.width / 2) x0 = Math.max(x0, box.x + box.width + gap);
    else if (wide) x1 = Math.min(x1, box.x - gap);
    else if (box.y < size.height / 2) y0 = Math.max(y0, box.y + box.height + gap);
    else y1 = Math.min(y1, box.y - gap);
  }
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

const LOG_ROOM = 46;
const NAME_ROOM = 42;
const LOG_WIDTH = 136;

/** Rings side by side, or one above the other. */
function placeCores(
  cores: readonly Placed[],
  area: Area,
  wide: boolean,
  places: Map<number, Place>,
): void {
  const width = wide ? area.width / cores.length : area.width;
  const height = wide ? area.height : area.height / cores.length;
  cores.forEach(({ members }, i) => {
    const x = area.x + (wide ? (i + 0.5) * width : width / 2);
    const top = area.y + (wide ? 0 : i * height);
    const ring = members.length > 1 ? 1 : 0;
    const rx = ring * Math.max(70, Math.min(width / 2 - NODE_RADIUS, height * 0.62));
    const ry = ring * Math.max(70, Math.min((height - LOG_ROOM) / 2 - NODE_RADIUS, width * 0.62));
    // A ring of five is not as deep as it is high: it is moved so that it stands in the middle.
    const rise = members.map((_, place) => -Math.cos((place / members.length) * 2 * Math.PI));
    const depth = rise.length === 0 ? 0 : Math.max(...rise) + Math.min(...rise);
    const y = top + (height - LOG_ROOM) / 2 - (depth / 2) * ry;
    members.forEach((member, place) => {
      const angle = ((place / members.length) * 2 - 0.5) * Math.PI;
      places.set(member.index, {
        index: member.index,
        x: round(x + rx * Math.cos(angle)),
        y: round(y + ry * Math.sin(angle)),
        radius: NODE_RADIUS,
      });
    });
  });
}

const columnsOf = (shown: number, sides: Sides): number =>
  sides === 'beside' ? Math.ceil(shown / 5) : Math.min(shown, sides === 'corners' ? 3 : 6);

/** Boxes on one side and the other in turn. */
function placeCallers(
  callers: readonly Placed[],
  size: Size,
  sides: Sides,
  places: Map<number, Place>,
): GroupBox[] {
  const wide = sides !== 'ends';
  const both: [Placed[], Placed[]] = [[], []];
  callers.forEach((entry, i) => both[i % 2 === 0 ? 0 : 1].push(entry));
  return both.flatMap((entries, sideNumber) =>
    entries.map((entry, i) => {
      const box = boxSize(entry.members.length, (shown) => columnsOf(shown, sides));
      const along = (i + 0.5) / entries.length;
      const edge = 8;
      const near = sideNumber === 0;
      const x = wide
        ? near
          ? edge
          : size.width - edge - box.width
        : size.width * along - box.width / 2;
      const y =
        sides === 'corners'
          ? edge + i * (box.height + edge)
          : wide
            ? size.height * (0.04 + 0.88 * along) - box.height / 2
            : near
              ? edge
              : size.height - edge - box.height;
      return placeBox(entry, { x, y }, box, places);
    }),
  );
}
