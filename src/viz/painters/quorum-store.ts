/**
 * A node of a store without a leader: below it the newest keys with their values, siblings side by
 * side; around it who has answered the operation that it coordinates; at its right envelopes, the
 * writes that it keeps for others.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawEnvelope } from './glyphs/envelope.ts';
import { drawQuorumArc } from './glyphs/quorum-arc.ts';
import type { QuorumArc } from './glyphs/quorum-arc.ts';
import { drawKeyLine } from './key-line.ts';
import type { ValueBox } from './key-line.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawStation, footOf } from './station.ts';

type QuorumStoreView = ViewOf<'quorum-store'>;
type Operation = QuorumStoreView['ops'][number];
type KeyView = QuorumStoreView['keys'][number];

/** More have no room below a node, or beside it. */
const KEYS_MAX = 2;
const VALUES_MAX = 3;
const ENVELOPES_MAX = 4;

function draw(brush: Brush, node: NodeFrame, view: QuorumStoreView | null): void {
  drawStation(brush, node, { outline: 'circle', share: null });
  if (view === null) return;
  const op = newestOf(view);
  if (op !== null) {
    drawQuorumArc(brush.over, brush.tokens, arcOf(op), brush.radius + 7);
    if (brush.near) brush.label(shortOf(op), 0, 6, { size: 11, colour: brush.tokens.text });
  }
  drawHints(brush, view);
  if (brush.near) drawKeys(brush, view);
}

/** The operation under way that began last and has not what it needs, else any. */
function newestOf({ ops }: QuorumStoreView): Operation | null {
  const open = ops.filter((op) => answersOf(op) < op.needed);
  return open.at(-1) ?? ops.at(-1) ?? null;
}

/** Once there are enough, more of them change nothing. */
const answersOf = ({ replicas, needed }: Operation): number =>
  Math.min(needed, replicas.filter(({ answered }) => answered).length);

const arcOf = ({ replicas, needed }: Operation): QuorumArc => ({
  answered: replicas.map(({ answered }) => answered),
  needed,
});

/** "W 1 of 2": the letters of quorums. */
const shortOf = (op: Operation): string =>
  `${op.kind === 'read' ? 'R' : 'W'} ${answersOf(op)} of ${op.needed}`;

const hintsOf = ({ hints }: QuorumStoreView): number =>
  hints.reduce((sum, { count }) => sum + count, 0);

function drawHints(brush: Brush, view: QuorumStoreView): void {
  const kept = hintsOf(view);
  if (kept === 0) return;
  const { over, radius, tokens } = brush;
  const x = radius + 12;
  const shown = Math.min(kept, ENVELOPES_MAX);
  const top = -((shown - 1) * 11) / 2;
  for (let i = 0; i < shown; i++) drawEnvelope(over, tokens, { x, y: top + i * 11 });
  if (!brush.near) return;
  const whom = view.hints.map(({ target }) => target).join(', ');
  const text = `${kept} for ${whom}`;
  const plate = { fill: tokens.stage };
  const y = top + shown * 11 + 3;
  brush.label(text, x - 6, y, { size: 11, colour: tokens.muted, align: 'left', plate });
}

/** What a key holds, value by value; a tombstone and what a set has not are said in words. */
function boxesOf({ values }: KeyView): readonly ValueBox[] {
  if (values.length === 0) return [{ text: 'nothing', standsOut: false }];
  const standsOut = values.length > 1;
  const shown = values.slice(-VALUES_MAX).map((text) => ({ text, standsOut }));
  const more = values.length - VALUES_MAX;
  return more > 0 ? [{ text: `${more} more`, standsOut }, ...shown] : shown;
}

function drawKeys(brush: Brush, view: QuorumStoreView): void {
  const top = footOf(brush) + 4;
  view.keys.slice(0, KEYS_MAX).forEach((one, place) => {
    drawKeyLine(brush, { top, place }, { key: one.key, values: boxesOf(one) });
  });
}

const heldOf = ({ key, values }: KeyView): string =>
  `${key}: ${values.length === 0 ? 'nothing' : values.join(' beside ')}`;

function describe(view: QuorumStoreView): string {
  const op = newestOf(view);
  const kept = hintsOf(view);
  const [first] = view.keys;
  return [
    'store without a leader',
    ...(first === undefined ? [] : [heldOf(first)]),
    ...(view.siblings > 0 ? [`${view.siblings} keys with siblings`] : []),
    ...(op === null
      ? []
      : [`${op.kind} of ${op.key}, ${answersOf(op)} of ${op.needed} have answered`]),
    ...(kept === 0 ? [] : [`${kept} hints waiting`]),
    ...(view.down.length === 0 ? [] : [`takes ${view.down.join(', ')} for down`]),
  ].join('; ');
}

const details = (view: QuorumStoreView): readonly Detail[] => [
  { kind: 'fields', fields: view.fields },
  {
    kind: 'table',
    title: 'Newest keys',
    head: ['Key', 'Values'],
    rows: view.keys.map(({ key, values }) => [
      key,
      values.length === 0 ? 'nothing (deleted)' : values.join(' | '),
    ]),
    empty: 'Nothing is held here.',
  },
  {
    kind: 'table',
    title: 'Operations that it coordinates',
    head: ['What', 'Key', 'Needs', 'Answered', 'Waits for'],
    rows: view.ops.map((op) => {
      const names = (answered: boolean): string =>
        op.replicas
          .filter((one) => one.answered === answered)
          .map(({ name }) => name)
          .join(', ') || 'nobody';
      return [op.kind, op.key, op.needed, names(true), names(false)];
    }),
    empty: 'None is under way.',
  },
  {
    kind: 'table',
    title: 'Hints waiting',
    head: ['For', 'Writes'],
    rows: view.hints.map(({ target, count }) => [target, count]),
    empty: 'Nothing is kept for others.',
  },
];

export const quorumStore = definePainter<QuorumStoreView>({
  component: 'quorum-store',
  draw,
  details,
  badgeOf: () => 'QS',
  describe,
  legend: [
    {
      mark: { shape: 'circle', badge: 'QS' },
      text: 'Store without a leader. Below it its newest keys; siblings stand side by side.',
    },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) =>
          drawQuorumArc(pen, tokens, { answered: [true, false, false], needed: 2 }, 9),
      },
      text: 'Arc above it: who was asked, thick once it has answered; up to the stroke is enough.',
    },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) => drawEnvelope(pen, tokens, { x: 0, y: 0 }),
      },
      text: 'Envelope: a write that it keeps for a replica that missed it.',
    },
  ],
});
