/**
 * A Raft server: its outline is its role, its number the term; below it the tail of the log, one
 * cell per entry, coloured by term, filled once committed.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawName } from './name.ts';
import type { Outline } from './outline.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';

type RaftKvView = ViewOf<'raft-kv'>;

type Role = RaftKvView['role'];

const OUTLINE: { readonly [R in Role]: Outline } = {
  leader: 'star',
  candidate: 'hexagon',
  'pre-candidate': 'octagon',
  follower: 'circle',
};

const BADGE: { readonly [R in Role]: string } = {
  leader: 'LE',
  candidate: 'CA',
  'pre-candidate': 'PC',
  follower: 'FO',
};

const CELL_WIDTH = 11;
const CELL_HEIGHT = 13;

function draw(brush: Brush, node: NodeFrame, view: RaftKvView | null): void {
  const { shape, over, radius, tokens } = brush;
  const role = view?.role ?? 'follower';
  const down = node.status === 'down';
  trace(shape, OUTLINE[role], radius).fill({ color: tokens.node });
  if (view !== null) {
    // The term's colour, faintly: who is of one term is seen at a glance.
    trace(shape, OUTLINE[role], radius).fill({ color: termColour(tokens, view.term), alpha: 0.16 });
  }
  trace(shape, OUTLINE[role], radius).stroke({
    width: role === 'leader' ? 4 : 2.5,
    color: down ? tokens.fault : role === 'leader' ? tokens.leader : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  const ink = { size: 17, outline: OUTLINE[role] };
  if (view === null) {
    drawName(brush, node.name, { ...ink, y: -4 });
    brush.label(down ? 'down' : '', 0, 13, { size: 11, colour: tokens.fail, bold: true });
    return;
  }
  drawName(brush, node.name, { ...ink, y: -13 });
  brush.label(`term ${view.term}`, 0, 3, { size: 11, colour: tokens.text });
  drawBadge(brush, BADGE[role], role === 'leader');
  drawVotes(brush, view);
  drawLog(over, brush, view);
}

/** Votes of a candidate's round, as dots on its upper rim: filled for yes, a cross for no. */
function drawVotes(brush: Brush, view: RaftKvView): void {
  if (view.role !== 'candidate' && view.role !== 'pre-candidate') return;
  const { over, radius, tokens } = brush;
  view.votes.forEach((vote, i) => {
    const angle = (-0.5 + (i - (view.votes.length - 1) / 2) * 0.13) * Math.PI;
    const x = Math.cos(angle) * (radius - 1);
    const y = Math.sin(angle) * (radius - 1);
    if (vote.granted) {
      over.circle(x, y, 4.5).fill({ color: tokens.flights.vote });
      over.circle(x, y, 4.5).stroke({ width: 1, color: tokens.stage });
    } else {
      over.circle(x, y, 5).fill({ color: tokens.stage });
      over
        .moveTo(x - 3, y - 3)
        .lineTo(x + 3, y + 3)
        .moveTo(x + 3, y - 3)
        .lineTo(x - 3, y + 3);
      over.stroke({ width: 1.8, color: tokens.flights.vote });
    }
  });
}

function drawLog(over: Brush['over'], brush: Brush, view: RaftKvView): void {
  const { radius, tokens } = brush;
  const top = radius + 13;
  const cells = view.log;
  if (cells.length === 0) {
    brush.label('empty log', 0, top + 7, {
      size: 11,
      colour: tokens.muted,
      plate: { fill: tokens.stage },
    });
    return;
  }
  const width = cells.length * CELL_WIDTH;
  over.rect(-width / 2 - 2, top - 2, width + 4, CELL_HEIGHT + 4).fill({ color: tokens.stage });
  cells.forEach((cell, i) => {
    const x = -width / 2 + i * CELL_WIDTH;
    const colour = termColour(tokens, cell.term);
    over.rect(x + 1, top, CELL_WIDTH - 2, CELL_HEIGHT);
    if (cell.committed) {
      over.fill({ color: colour }).rect(x + 1, top, CELL_WIDTH - 2, CELL_HEIGHT);
      over.stroke({ width: 1, color: tokens.nodeEdge, alignment: 1 });
    } else {
      over.stroke({ width: 1, color: tokens.nodeEdge, alignment: 1 });
      // Hollow; the term's colour stands on its floor, and not on disk yet: not even that.
      if (cell.durable) {
        over.rect(x + 2, top + CELL_HEIGHT - 5, CELL_WIDTH - 4, 4).fill({ color: colour });
      }
    }
  });
  const last = cells[cells.length - 1]!;
  const text = `${view.commitIndex} of ${last.index}`;
  brush.label(text, 0, top + CELL_HEIGHT + 11, {
    size: 11,
    colour: tokens.muted,
    plate: { fill: tokens.stage },
  });
}

/** Why a leader's newest entries are not committed: who of the group has them. */
function waitingOf({ role, commitIndex, lastIndex, peers }: RaftKvView): string {
  if (role !== 'leader' || commitIndex >= lastIndex) return '';
  const first = commitIndex + 1;
  const has = 1 + peers.filter(({ match }) => match >= first).length;
  const entries =
    first === lastIndex ? `entry ${first} waits` : `entries ${first} to ${lastIndex} wait`;
  return `: ${entries} for a majority, ${first} is on ${has} of ${peers.length + 1}`;
}

function details(view: RaftKvView): readonly Detail[] {
  const parts: Detail[] = [
    {
      kind: 'fields',
      fields: [
        { label: 'Term', value: view.term, word: 'term' },
        { label: 'Voted for', value: view.votedFor },
        { label: 'Leader it knows', value: view.leader },
        {
          label: 'Committed',
          value: `${view.commitIndex} of ${view.lastIndex}${waitingOf(view)}`,
          word: 'committed',
        },
        { label: 'Applied', value: view.lastApplied },
      ],
    },
    {
      kind: 'table',
      title: 'Log, newest last',
      word: 'log',
      head: ['Index', 'Term', 'Command', 'State'],
      rows: view.log.map((cell) => [
        cell.index,
        { term: cell.term },
        cell.label,
        cell.committed ? 'committed' : cell.durable ? 'on disk' : 'in memory',
      ]),
      empty: 'The log is empty.',
    },
  ];
  if (view.peers.length > 0) {
    parts.push({
      kind: 'table',
      title: 'Followers, as this leader sees them',
      head: ['Peer', 'Has up to', 'Next', 'Mode'],
      rows: view.peers.map((peer) => [peer.name, peer.match, peer.next, peer.mode]),
    });
  }
  if (view.store.length > 0) {
    const fields = view.store.map(({ key, value }) => ({ label: key, value }));
    parts.push({ kind: 'fields', title: 'Store', fields });
  }
  return parts;
}

export const raftKv = definePainter<RaftKvView>({
  component: 'raft-kv',
  draw,
  details,
  // A leader waits for nobody: its timer only tells when it counts its followers.
  timerOf: (view) => (view.role === 'leader' ? null : 'election'),
  termOf: (view) => view.term,
  badgeOf: (view) => BADGE[view.role],
  describe: (view) =>
    `${view.role} in term ${view.term}, ` +
    `log to ${view.lastIndex}, committed to ${view.commitIndex}${waitingOf(view)}`,
  legend: [
    {
      mark: { shape: 'star', badge: 'LE', strong: true },
      text: 'Leader: the rim has teeth. Writes go through it.',
    },
    { mark: { shape: 'circle', badge: 'FO' }, text: 'Follower: copies what the leader sends.' },
    {
      mark: { shape: 'hexagon', badge: 'CA' },
      text: 'Candidate: asks for votes; dots on its rim are yes, crosses no.',
    },
    {
      mark: { shape: 'octagon', badge: 'PC' },
      text: 'Pre-candidate: asks whether it would be voted for.',
    },
    {
      mark: { shape: 'arc' },
      text: 'Arc: what is left until the server stands for election.',
    },
    {
      mark: { shape: 'cell', filled: true },
      text: 'Committed entry of the log: it will never be lost. Its colour is its term.',
    },
    { mark: { shape: 'cell', filled: false }, text: 'Entry that is not committed yet.' },
  ],
});
