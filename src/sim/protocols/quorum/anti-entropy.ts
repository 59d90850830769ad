/**
 * Replicas compare what they hold, from the root of a Merkle tree downwards, and exchange only the
 * ranges that differ. Source: Dynamo 4.7; Riak active anti-entropy; Cassandra repair.
 *
 * Differs: a tree is built when a comparison begins, as Cassandra's validation does; Riak keeps
 * its trees up to date on disk.
 */
import type { QuorumRange, QuorumTree, QuorumTreeReply } from '../../contracts/quorum.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { isSameCell } from './cell.ts';
import { buildTree, cellsIn, firstLeaf } from './merkle.ts';
import { storeCell } from './replica.ts';
import { arm, isUp, send, tell } from './state.ts';
import type { Step } from './state.ts';

/** Nodes take turns within the interval, so that they do not all begin at one moment. */
export function startAntiEntropy(step: Step): void {
  const { antiEntropyMicros, peers, id } = step.config;
  if (antiEntropyMicros === 0 || peers.length < 2) return;
  const turn = (peers.indexOf(id) + 1) / peers.length;
  arm(step, 'anti-entropy', Math.max(1, Math.round(antiEntropyMicros * turn)));
}

/** Begins a comparison with the next peer that is up. */
export function compareWithNext(step: Step): void {
  const { config, state } = step;
  const others = config.peers.filter((peer) => peer !== config.id);
  arm(step, 'anti-entropy', config.antiEntropyMicros);
  for (let tries = 0; tries < others.length; tries++) {
    const peer = others[state.nextPeer++ % others.length]!;
    if (isUp(step, peer)) return compareWith(step, peer);
  }
}

export function compareWith(step: Step, peer: PeerId): void {
  const { state } = step;
  const session = state.nextId++;
  const tree = buildTree(step, peer);
  state.began.set(peer, Object.freeze({ session, tree }));
  send(step, peer, { type: 'quorum.tree', session, places: [1], hashes: [tree[1]!] });
}

export function onTree(step: Step, from: PeerId, message: QuorumTree): void {
  const { state } = step;
  const { session, places, hashes } = message;
  let known = state.answers.get(from);
  if (known?.session !== session) {
    known = Object.freeze({ session, tree: buildTree(step, from) });
    state.answers.set(from, known);
  }
  const { tree } = known;
  const differing = places.filter((place, i) => tree[place] !== hashes[i]);
  const isOver = differing.length === 0 || differing[0]! >= firstLeaf(step.config.merkleDepth);
  if (isOver) state.answers.delete(from);
  send(step, from, { type: 'quorum.tree-reply', session, differing });
}

export function onTreeReply(step: Step, from: PeerId, message: QuorumTreeReply): void {
  const { config, state } = step;
  const { session, differing } = message;
  const began = state.began.get(from);
  if (began?.session !== session) return;
  const first = differing[0];
  if (first === undefined) {
    state.began.delete(from);
    return;
  }
  if (first < firstLeaf(config.merkleDepth)) {
    const places = differing.flatMap((place) => [2 * place, 2 * place + 1]);
    const hashes = places.map((place) => began.tree[place]!);
    return send(step, from, { type: 'quorum.tree', session, places, hashes });
  }
  state.began.delete(from);
  const cells = cellsIn(step, from, differing);
  const message2 = { session, leaves: differing, cells, wantsReply: true };
  send(step, from, { type: 'quorum.range', ...message2 });
}

export function onRange(step: Step, from: PeerId, message: QuorumRange): void {
  const { state } = step;
  const { session, leaves, cells, wantsReply } = message;
  let keys = 0;
  for (const [key, cell] of cells) if (storeCell(step, key, cell)) keys += 1;
  state.synced += keys;
  if (keys > 0) tell(step, { type: 'quorum.synced', peer: from, keys });
  if (!wantsReply) return;
  const sent = new Map(cells);
  const news = cellsIn(step, from, leaves).filter(
    ([key, cell]) => !isSameCell(sent.get(key) ?? null, cell),
  );
  if (news.length === 0) return;
  send(step, from, { type: 'quorum.range', session, leaves, cells: news, wantsReply: false });
}
