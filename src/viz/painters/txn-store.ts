/**
 * A shard of a transactional store: below it rows with their versions and locks; at its left who
 * waits; around it the votes of the commit that it coordinates; at its right how many transactions
 * it has voted for without knowing their fate.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Detail } from './detail.ts';
import { drawLock } from './glyphs/lock.ts';
import { drawQuorumArc } from './glyphs/quorum-arc.ts';
import { drawKeyLine } from './key-line.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { QUEUE_LEGEND, drawQueue, drawStation, footOf, smallPrint } from './station.ts';

type TxnStoreView = ViewOf<'txn-store'>;
type Row = TxnStoreView['rows'][number];
type Lock = TxnStoreView['locks'][number];
type Commit = TxnStoreView['coordinating'][number];

/** More have no room below a node. */
const ROWS_MAX = 2;
const ROW_ROOM = 18;
const ARC = 7;
/** The tank of those that wait is full from here on. */
const WAITING_MAX = 32;

function draw(brush: Brush, node: NodeFrame, view: TxnStoreView | null): void {
  drawStation(brush, node, { outline: 'cylinder', share: null, nameY: brush.near ? -9 : -4 });
  if (view === null) return;
  const { over, radius, tokens, near } = brush;
  const commit = view.coordinating.at(-1);
  if (commit !== undefined) {
    const { answered, word } = gatheredOf(commit);
    const got = answered.filter((one) => one).length;
    drawQuorumArc(over, tokens, { answered, needed: answered.length }, radius + ARC);
    const text = `${word} ${got} of ${answered.length}`;
    const room = radius * 1.7;
    if (near) brush.label(text, 0, 9, { size: 10, colour: tokens.text, room });
  }
  if (view.waiting > 0) drawQueue(brush, view.waiting, WAITING_MAX);
  drawDoubt(brush, view.inDoubt.length);
  if (near) drawRows(brush, view);
}

/** What a coordinator gathers at its present phase, and in one word. */
function gatheredOf({ phase, shards }: Commit): { answered: boolean[]; word: string } {
  if (phase === 'telling') return { answered: shards.map(({ isTold }) => isTold), word: 'told' };
  return { answered: shards.map(({ vote }) => vote === 'yes'), word: 'yes' };
}

/** A padlock with a question mark, and how many: they keep their locks until somebody tells. */
function drawDoubt(brush: Brush, count: number): void {
  if (count === 0) return;
  const { over, radius, tokens } = brush;
  drawLock(over, tokens, { x: radius + 9, y: -4 });
  const plate = { fill: tokens.stage, edge: tokens.warning };
  const options = { size: 11, colour: tokens.text, bold: true, plate };
  brush.label(`${count}?`, radius + 10, 17, options);
}

/** A scan locks all that it could have found. */
const covers = ({ on, isPrefix }: Lock, { key }: Row): boolean =>
  isPrefix ? key.startsWith(on) : key === on;

/** Those that are locked or not committed are what goes on; else the first. */
function shownOf({ rows, locks }: TxnStoreView): readonly Row[] {
  const isBusy = (row: Row) => !row.isCommitted || locks.some((lock) => covers(lock, row));
  return [...rows.filter(isBusy), ...rows.filter((row) => !isBusy(row))].slice(0, ROWS_MAX);
}

/** What is written and not committed has a star. */
const valueOf = ({ value, isCommitted }: Row): string =>
  `${value === null ? 'nothing' : String(value)}${isCommitted ? '' : '*'}`;

function drawRows(brush: Brush, view: TxnStoreView): void {
  const top = footOf(brush) + 4;
  const shown = shownOf(view);
  shown.forEach((row, place) => {
    const note = noteOf(view, row);
    const values = [{ text: valueOf(row), standsOut: !row.isCommitted }];
    const line = { key: row.key, values, ...(note === '' ? {} : { note }) };
    drawKeyLine(brush, { top, place }, line);
  });
  smallPrint(brush, [countsOf(view)], top + shown.length * ROW_ROOM - 2);
}

/** "3 versions", or who holds it and how many want it: that matters more. */
function noteOf({ locks }: TxnStoreView, row: Row): string {
  const here = locks.filter((lock) => covers(lock, row));
  const held = here.filter(({ isWaiting }) => !isWaiting);
  const wait = here.length - held.length;
  const exclusive = held.find(({ mode }) => mode === 'exclusive');
  if (held.length > 0) {
    const readers = new Set(held.map(({ txn }) => txn)).size;
    const by = exclusive === undefined ? `read by ${readers}` : `held by ${exclusive.txn}`;
    return wait === 0 ? by : `${by}, ${wait} wait`;
  }
  return row.versions > 1 ? `${row.versions} versions` : '';
}

const countsOf = ({ committed, aborted }: TxnStoreView): string =>
  `${committed} committed, ${aborted} aborted`;

function describe(view: TxnStoreView): string {
  const commit = view.coordinating.at(-1);
  const locked = view.locks.filter(({ isWaiting }) => !isWaiting).length;
  return [
    'shard of a transactional store',
    countsOf(view),
    ...(commit === undefined ? [] : [`coordinates transaction ${commit.txn}: ${saidOf(commit)}`]),
    ...(locked === 0 ? [] : [`${locked} locks held`]),
    ...(view.waiting === 0 ? [] : [`${view.waiting} wait`]),
    ...(view.inDoubt.length === 0 ? [] : [`${view.inDoubt.length} in doubt`]),
  ].join('; ');
}

function saidOf(commit: Commit): string {
  const { answered, word } = gatheredOf(commit);
  return `${commit.phase}, ${word} ${answered.filter((one) => one).length} of ${answered.length}`;
}

const details = (view: TxnStoreView): readonly Detail[] => [
  { kind: 'fields', fields: view.fields },
  {
    kind: 'table',
    title: 'Rows',
    head: ['Row', 'Value', 'Versions', 'Written by'],
    rows: view.rows.map((row) => [
      row.key,
      row.value === null ? 'nothing' : String(row.value),
      row.versions,
      `${row.writer ?? 'nobody'}${row.isCommitted ? '' : ', not committed'}`,
    ]),
    empty: 'There is no row here.',
  },
  {
    kind: 'table',
    title: 'Locks',
    head: ['On', 'Transaction', 'Mode', 'State'],
    rows: view.locks.map(({ on, isPrefix, txn, mode, isWaiting }) => [
      isPrefix ? `${on}*` : on,
      txn,
      mode,
      isWaiting ? 'waits' : 'held',
    ]),
    empty: 'Nothing is locked.',
  },
  {
    kind: 'table',
    title: 'Commits that it coordinates',
    head: ['Transaction', 'Phase', 'Shards'],
    rows: view.coordinating.map((one) => [one.txn, one.phase, shardsOf(one)]),
    empty: 'None is under way.',
  },
  {
    kind: 'table',
    title: 'Voted here, fate unknown',
    head: ['Transaction', 'Phase', 'Coordinator'],
    rows: view.inDoubt.map(({ txn, phase, coordinator }) => [txn, phase, coordinator]),
    empty: 'It waits for nobody.',
  },
];

const shardsOf = ({ phase, shards }: Commit): string =>
  shards
    .map(({ name, vote, isTold }) => {
      if (phase === 'telling') return `${name} ${isTold ? 'knows' : 'not told yet'}`;
      return `${name} ${vote ?? 'has not voted'}`;
    })
    .join(', ');

export const txnStore = definePainter<TxnStoreView>({
  component: 'txn-store',
  draw,
  details,
  badgeOf: () => 'TX',
  describe,
  legend: [
    {
      mark: { shape: 'cylinder', badge: 'TX' },
      text: 'Shard of a transactional store. Below it rows; a star: written, not committed.',
    },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) =>
          drawQuorumArc(pen, tokens, { answered: [true, false, false], needed: 3 }, 9),
      },
      text: 'Arc above a coordinator: who of the shards has voted yes, then who knows the fate.',
    },
    {
      mark: { shape: 'glyph', draw: (pen, tokens) => drawLock(pen, tokens, { x: 0, y: -1 }) },
      text: 'Padlock: it has voted yes to so many transactions, and does not know their fate.',
    },
    QUEUE_LEGEND,
  ],
});
