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

/** What a group of clients got done of late, in a word or two. */
export interface Pace {
  readonly text: string;
  readonly tone: 'going' | 'stalled' | 'quiet' | 'done';
}

/**
 * Null where nobody knows: too early, or the nodes are no clients. Clients that have nothing under
 * way and wait for no timer have simply finished.
 */
export function paceOf(
  nodes: readonly NodeFrame[],
  before: readonly NodeFrame[],
  micros: number,
  ended: boolean,
): Pace | null {
  const now = tallyOfAll(nodes);
  const then = tallyOfAll(before);
  if (now === null || then === null || micros <= 0) return null;
  const idle = nodes.every(
    (node) =>
      node.status !== 'up' || (node.timers.length === 0 && !painterOf(node.component).isBusy(node)),
  );
  const up = nodes.some((node) => node.status === 'up');
  if (ended || (idle && up)) return { text: 'done', tone: 'done' };
  const perSecond = Math.round(((now.ok - then.ok) * 1e6) / micros);
  if (perSecond > 0) return { text: `${perSecond} ok/s`, tone: 'going' };
  // Who asks rarely has not stalled: nothing is under way, and nothing has failed.
  const inVain = now.fail + now.unknown > then.fail + then.unknown;
  const asks = nodes.some((node) => painterOf(node.component).isBusy(node));
  if (!inVain && !asks && up) return { text: 'asks nothing now', tone: 'quiet' };
  return { text: 'stalled', tone: 'stalled' };
}
