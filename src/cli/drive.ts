/**
 * Drives a session to its end in slices, so that Ctrl-C is heard and marks are taken. The slices
 * do not change the run: many small advances are the same run as one big one.
 */
import type { Session } from '../sim/index.ts';
import { blame } from './errors.ts';
import type { Host } from './host.ts';
import type { Mark } from './marks.ts';
import type { Subject } from './subject.ts';

export interface Watch {
  /** The event after which to stop next; null to go on to the end. */
  next(): number | null;
  /** Stands after that event, or at the end. */
  at(mark: Mark): void;
  /** Called after each slice: drains what was observed. */
  slice?(): void;
}

/** Between two looks at the world outside: some thousandths of a second of work. */
const SLICE_EVENTS = 4_000;

export async function drive(
  session: Session,
  watch: Watch,
  host: Host,
  repeat: () => { readonly subject: Subject; readonly command: string },
): Promise<'done' | 'interrupted'> {
  let interrupted = false;
  const release = host.onInterrupt(() => (interrupted = true));
  try {
    while (session.ended === null && !interrupted) {
      advance(session, watch);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } catch (error) {
    const { subject, command } = repeat();
    throw blame(error, subject, command);
  } finally {
    release();
  }
  return session.ended === null ? 'interrupted' : 'done';
}

function advance(session: Session, watch: Watch): void {
  const stop = session.eventNumber + SLICE_EVENTS;
  while (session.ended === null && session.eventNumber < stop) {
    const next = watch.next();
    const target = next === null ? stop : Math.min(next, stop);
    session.advance({ events: target - session.eventNumber });
    if (session.eventNumber === next) watch.at(markOf(session));
  }
  watch.slice?.();
}

export function markOf(session: Session): Mark {
  return {
    event: session.eventNumber,
    atMicros: session.nowMicros,
    traceHash: session.traceHash,
  };
}
