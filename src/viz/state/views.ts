/** Narrows a node's view to the component that made it: the one place that trusts its name. */
import type { KvClientView, NodeFrame, RaftKvView, View } from '../../sim/index.ts';

export const isRaftView = (view: View | null): view is RaftKvView =>
  view !== null && view.component === 'raft-kv';

export const isClientView = (view: View | null): view is KvClientView =>
  view !== null && view.component === 'kv-client';

/** "n3, leader of term 2, 14 entries, up": what a screen reader says of a node. */
export function describeNode(node: NodeFrame): string {
  const parts = [node.name];
  if (node.status === 'down') parts.push('crashed');
  if (node.status === 'paused') parts.push('paused');
  if (isRaftView(node.view)) {
    parts.push(`${node.view.role} in term ${node.view.term}`);
    parts.push(`log to ${node.view.lastIndex}, committed to ${node.view.commitIndex}`);
  } else if (isClientView(node.view)) {
    const { ok, fail, unknown } = node.view;
    parts.push(`client: ${ok} ok, ${fail} failed, ${unknown} unknown`);
  } else {
    parts.push(node.component);
    if (node.roles.length > 0) parts.push(node.roles.join(', '));
  }
  return parts.join(', ');
}
