/**
 * A Multi-Paxos server: its outline is its role, its line the ballot that it has promised; below it
 * the newest slots, one cell each, coloured by the round in which they were accepted here, filled
 * once chosen. Above one that gathers a quorum: who has given it what it needs.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { termColour } from '../theme/tokens.ts';
import { drawBadge } from './badge.ts';
import type { Detail } from './detail.ts';
import { drawQuorumArc } from './glyphs/quorum-arc.ts';
import type { QuorumArc } from './glyphs/quorum-arc.ts';
import { drawLogStrip } from './log-strip.ts';
import type { LogCell } from './log-strip.ts';
import { drawSilent, drawTitle } from './name.ts';
import type { Outline } from './outline.ts';
import { drawStatus, trace } from './outline.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';

type PaxosKvView = ViewOf<'paxos-kv'>;
type Role = PaxosKvView['role'];

const OUTLINE: { readonly [R in Role]: Outline } = {
  leader: 'star',
  candidate: 'hexagon',
  follower: 'circle',
};

const BADGE: { readonly [R in Role]: string } = {
  leader: 'LD',
  candidate: 'PP',
  follower: 'AC',
};

const ARC = 7;

function draw(brush: Brush, node: NodeFrame, view: PaxosKvView | null): void {
  const { shape, over, radius, tokens } = brush;
  const role = view?.role ?? 'follower';
  const isDown = node.status === 'down';
  const leads = role === 'leader';
  trace(shape, OUTLINE[role], radius).fill({ color: tokens.node });
  if (view !== null && view.round > 0) {
    const color = termColour(tokens, view.round);
    trace(shape, OUTLINE[role], radius).fill({ color, alpha: 0.16 });
  }
  trace(shape, OUTLINE[role], radius).stroke({
    width: leads ? 4 : 2.5,
    color: isDown ? tokens.fault : leads ? tokens.leader : tokens.nodeEdge,
    alignment: 0.5,
  });
  drawStatus(shape, node.status, radius, tokens);
  if (view === null) return drawSilent(brush, node.name, isDown, OUTLINE[role]);
  drawTitle(brush, node.name, ballotOf(view), OUTLINE[role]);
  drawBadge(brush, BADGE[role], leads);
  const arc = arcOf(view);
  if (arc !== null) drawQuorumArc(over, tokens, arc, radius + ARC);
  drawSlotStrip(brush, view);
}

/** A ballot is a round and the server whose it is. */
const ballotOf = ({ round, owner }: PaxosKvView): string =>
  owner === null ? 'no ballot' : `${round}, ${owner}`;

/** The oldest slot for which a leader still gathers acceptances. */
const openOf = ({ role, slots }: PaxosKvView): PaxosKvView['slots'][number] | null =>
  role === 'leader' ? (slots.find(({ chosen, hasQuorum }) => !chosen && !hasQuorum) ?? null) : null;

/** Promises of a candidate, or acceptances of the slot that a leader waits for. */
function arcOf(view: PaxosKvView): QuorumArc | null {
  const open = openOf(view);
  if (view.role !== 'candidate' && open === null) return null;
  const got = open === null ? view.promises.length : open.acks;
  return {
    answered: Array.from({ length: view.servers }, (_, i) => i < got),
    needed: open === null ? view.phase1Quorum : view.phase2Quorum,
  };
}

function drawSlotStrip(brush: Brush, view: PaxosKvView): void {
  const cells: readonly LogCell[] = view.slots.map(({ round, chosen }) => ({
    colour: termColour(brush.tokens, round),
    // What has been accepted is on disk before anybody hears of it.
    fill: chosen ? 'whole' : 'floor',
  }));
  drawLogStrip(brush, cells, `${view.chosen} of ${view.lastSlot}`);
}

/** What it gathers, in words: '' where nothing is missing. */
function waitingOf(view: PaxosKvView): string {
  const { role, promises, phase1Quorum, phase2Quorum } = view;
  if (role === 'candidate') return `, ${promises.length} of ${phase1Quorum} promises`;
  const open = openOf(view);
  if (open === null) return '';
  return `, slot ${open.slot} is accepted by ${open.acks} of ${phase2Quorum}`;
}

function stateOf({ chosen, hasQuorum, acks }: PaxosKvView['slots'][number]): string {
  if (chosen) return 'chosen';
  if (hasQuorum) return 'chosen, waits for those before it';
  return acks > 0 ? `accepted by ${acks}` : 'accepted here';
}

function details(view: PaxosKvView): readonly Detail[] {
  const parts: Detail[] = [
    {
      kind: 'fields',
      fields: [
        { label: 'Promised ballot', value: ballotOf(view) },
        { label: 'Leader it knows', value: view.leader },
        { label: 'Promises that make a leader', value: `${view.phase1Quorum} of ${view.servers}` },
        { label: 'Acceptances that choose', value: `${view.phase2Quorum} of ${view.servers}` },
        { label: 'Chosen', value: `${view.chosen} of ${view.lastSlot}${waitingOf(view)}` },
        ...(view.role === 'candidate'
          ? [{ label: 'Promised by', value: view.promises.join(', ') || 'nobody' }]
          : []),
      ],
    },
    {
      kind: 'table',
      title: 'Slots, newest last',
      head: ['Slot', 'Round', 'Command', 'State'],
      rows: view.slots.map((cell) => [cell.slot, { term: cell.round }, cell.label, stateOf(cell)]),
      empty: 'Nothing was accepted here.',
    },
  ];
  if (view.store.length === 0) return parts;
  const fields = view.store.map(({ key, value }) => ({ label: key, value }));
  return [...parts, { kind: 'fields', title: 'Store', fields }];
}

export const paxosKv = definePainter<PaxosKvView>({
  component: 'paxos-kv',
  needsMajority: true,
  draw,
  details,
  // A leader waits for nobody: its timer only tells when it pings.
  timerOf: (view) => (view.role === 'leader' ? null : 'election'),
  termOf: (view) => view.round,
  badgeOf: (view) => BADGE[view.role],
  describe: (view) =>
    `${view.role}, ballot ${ballotOf(view)}, chosen to ${view.chosen}, ` +
    `accepted to ${view.lastSlot}${waitingOf(view)}`,
  legend: [
    {
      mark: { shape: 'star', badge: 'LD', strong: true },
      text: 'Leader: a quorum has promised it its ballot; it has values accepted.',
    },
    {
      mark: { shape: 'hexagon', badge: 'PP' },
      text: 'Preparing: asks for promises of a new ballot.',
    },
    {
      mark: { shape: 'circle', badge: 'AC' },
      text: 'Acceptor. Below its name the ballot that it has promised: a round, and whose it is.',
    },
    { mark: { shape: 'arc' }, text: 'Arc: what is left until the server tries to lead.' },
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) =>
          drawQuorumArc(pen, tokens, { answered: [true, false, false], needed: 2 }, 9),
      },
      text: 'Pieces above it: who has promised or accepted, thick; up to the stroke is enough.',
    },
    {
      mark: { shape: 'cell', filled: true },
      text: 'Slot whose value is chosen: it will never change. Its colour is its round.',
    },
    { mark: { shape: 'cell', filled: false }, text: 'Slot that is accepted here, not chosen yet.' },
  ],
});
