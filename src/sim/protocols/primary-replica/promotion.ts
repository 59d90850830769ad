/**
 * How a standby becomes primary: it applies all that it has received, begins a timeline of its own
 * and takes writes once that is on its disk.
 *
 * Source: PostgreSQL 17, 26.3 (failover) and 25.3.6 (timelines)
 */
import { beginPrimary } from './primary.ts';
import { closeSession } from './standby.ts';
import type { Step } from './state.ts';
import { disarm, sync } from './state.ts';
import { currentTimeline } from './wal.ts';

export function beginPromotion(at: Step): void {
  closeSession(at);
  at.state.role = 'promoting';
  goOnPromoting(at);
}

/** Called whenever more of the log is on disk or applied. */
export function goOnPromoting(at: Step): void {
  const { config, state, out } = at;
  if (state.role !== 'promoting' || state.syncs.some(({ promotes }) => promotes)) return;
  const end = state.wal.length;
  if (config.rules.replayBeforePromote && (state.flushed < end || state.applied < end)) return;
  state.replay.splice(0);
  disarm(at, 'replay');
  // Without the rule what was not applied never is: readers will not find it.
  state.applied = end;
  const timeline = currentTimeline(state.history) + 1;
  const start = Object.freeze({ timeline, by: config.id, from: end });
  state.history = Object.freeze([...state.history, start]);
  out.push({ type: 'persist', record: { type: 'history', history: state.history } });
  sync(at, end, true);
}

export function onPromoted(at: Step): void {
  const { state, out } = at;
  if (state.role !== 'promoting') return;
  beginPrimary(at);
  const { token } = state.keeper;
  const timeline = currentTimeline(state.history);
  out.push({
    type: 'told',
    fact: { type: 'replica.promoted', timeline, lsn: state.wal.length, token },
  });
}
