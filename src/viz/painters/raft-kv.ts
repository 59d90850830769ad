/**
 * A Raft server: its outline is its role, its number the term; below it the tail of the log, one
 * cell per entry, coloured by term, filled once committed.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawLogStrip } from './log-strip.ts';
import type { LogCell } from './log-strip.ts';
import { drawSilent, drawTitle } from './name.ts';
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

function draw(brush: Brush, node: NodeFrame, view: RaftKvView | null): void {
  const { shape, radius, tokens } = brush;
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
  if (view === null) return drawSilent(brush, node.name, down, OUTLINE[role]);
  drawTitle(brush, node.name, `term ${view.term}`, OUTLINE[role]);
  drawBadge(brush, BADGE[role], role === 'leader');
  drawVotes(brush, view);
  drawLog(brush, view);
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

function drawLog(brush: Brush, view: RaftKvView): void {
  const { tokens } = brush;
  const cells: readonly LogCell[] = view.log.map(({ term, committed, durable }) => ({
    colour: termColour(tokens, term),
    fill: committed ? 'whole' : durable ? 'floor' : 'none',
  }));
  const last = view.log.at(-1)?.index ?? 0;
  drawLogStrip(brush, cells, `${view.commitIndex} of ${last}`);
}

/** Why a leader's newest entries are not committed: who of the group has them. */
function waitingOf({ role, commitIndex, lastIndex, peers }: RaftKvView): string {
  if (role !== 'leader' || commitIndex >= lastIndex) return '';
  const first = commitIndex + 1;
  const has = 1 + peers.filter(({ match }) => match >= first).length;
  const entries =
    first === lastIndex ? `entry ${first} waits` : `entries ${first} to ${lastIndex} wait`;
  return `: ${entries} for a quorum, ${first} is on ${has} of ${peers.length + 1}`;
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
  needsMajority: true,
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
