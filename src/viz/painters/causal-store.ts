/**
 * A datacentre of a causal store: below it the newest keys with the versions that it shows; at its
 * right envelopes, the writes that have arrived and wait for what they depend on.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawEnvelope } from './glyphs/envelope.ts';
import { drawKeyLine } from './key-line.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawStation, footOf } from './station.ts';

type CausalStoreView = ViewOf<'causal-store'>;
type KeyView = CausalStoreView['keys'][number];
type HeldView = CausalStoreView['held'][number];

/** More have no room below a node, or beside it. */
const KEYS_MAX = 2;
const ENVELOPES_MAX = 4;
const STEP = 11;

function draw(brush: Brush, node: NodeFrame, view: CausalStoreView | null): void {
  drawStation(brush, node, { outline: 'circle', share: null });
  if (view === null) return;
  drawHeld(brush, view.held);
  if (brush.near) drawKeys(brush, view.keys);
}

function drawHeld(brush: Brush, held: readonly HeldView[]): void {
  const [first] = held;
  if (first === undefined) return;
  const { over, radius, tokens } = brush;
  const x = radius + 12;
  const shown = Math.min(held.length, ENVELOPES_MAX);
  const top = -((shown - 1) * STEP) / 2;
  for (let i = 0; i < shown; i++) drawEnvelope(over, tokens, { x, y: top + i * STEP });
  if (!brush.near) return;
  const more = held.length > 1 ? ` and ${held.length - 1} more` : '';
  brush.label(`${waitOf(first)}${more}`, x - 6, top + shown * STEP + 3, {
    size: 11,
    colour: tokens.muted,
    align: 'left',
    plate: { fill: tokens.stage },
  });
}

function drawKeys(brush: Brush, keys: readonly KeyView[]): void {
  const top = footOf(brush) + 4;
  keys.slice(0, KEYS_MAX).forEach(({ key, value, version }, place) => {
    const values = [{ text: value ?? 'nothing', standsOut: false }];
    drawKeyLine(brush, { top, place }, { key, values, note: version });
  });
}

const waitOf = ({ key, waitsFor }: HeldView): string => `${key} waits for ${waitsFor}`;

function describe({ keys, held, unsent }: CausalStoreView): string {
  const [newest] = keys;
  return [
    'datacentre of a causal store',
    ...(newest === undefined ? [] : [`${newest.key}: ${newest.value ?? 'nothing'}`]),
    ...(held.length === 0 ? [] : [`holds back ${held.map(waitOf).join(', ')}`]),
    ...(unsent === 0 ? [] : [`${unsent} of its writes not applied everywhere`]),
  ].join('; ');
}

const details = ({ fields, keys, held }: CausalStoreView): readonly Detail[] => [
  { kind: 'fields', fields },
  {
    kind: 'table',
    title: 'Newest keys',
    head: ['Key', 'Value', 'Version'],
    rows: keys.map(({ key, value, version }) => [key, value ?? 'nothing (deleted)', version]),
    empty: 'Nothing is held here.',
  },
  {
    kind: 'table',
    title: 'Writes held back',
    head: ['Key', 'Value', 'From', 'Waits for'],
    rows: held.map(({ key, value, from, waitsFor }) => [key, value, from, waitsFor]),
    empty: 'No write waits for another.',
  },
];

export const causalStore = definePainter<CausalStoreView>({
  component: 'causal-store',
  draw,
  details,
  badgeOf: () => 'CS',
  describe,
  legend: [
    {
      mark: { shape: 'circle', badge: 'CS' },
      text: 'Datacentre of a causal store. Below it its newest keys: value, whose write, stamp.',
    },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) => drawEnvelope(pen, tokens, { x: 0, y: 0 }),
      },
      text: 'Envelope: a write that has arrived and is held back until its cause is there.',
    },
  ],
});
