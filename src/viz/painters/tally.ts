/** How the operations of several clients ended, together. */
import type { NodeFrame } from '../../sim/index.ts';
import { painterOf } from './index.ts';
import type { Outcome, Tally } from './painter.ts';

/** Null where none of the nodes is a client. */
export function tallyOfAll(nodes: readonly NodeFrame[]): Tally | null {
  const tallies = nodes.flatMap((node) => painterOf(node.component).tallyOf(node) ?? []);
  if (tallies.length === 0) return null;
  const sum = (outcome: Outcome) => tallies.reduce((total, tally) => total + tally[outcome], 0);
  return { ok: sum('ok'), fail: sum('fail'), unknown: sum('unknown') };
}
