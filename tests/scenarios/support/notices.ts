/**
 * What each scenario of the catalogue notices of the faults: the group that they strike, and those
 * that change nothing in it, each with its reason. tests/sim/faults/matrix.test.ts holds every row
 * in both directions: a fault that is not listed must show, one that is listed must leave the run
 * as it is to the last event.
 */
import type { FaultType } from 'faultline';

export interface Notices {
  /** Whom the faults strike: the servers that the scenario is about. */
  readonly group: string;
  /** Faults that this scenario cannot notice, and why. */
  readonly unnoticed: { readonly [type in FaultType]?: string };
  /** False where nobody measures a latency: a slow answer then shows in the hashes only. */
  readonly clients?: boolean;
}

/** Raft servers that count time by timers and whose steps cost no processor time. */
const RAFT: Notices = {
  group: 'n',
  unnoticed: {
    'clock-jump': 'Raft waits by timers; neither a server nor a client reads a wall clock.',
    'slow-cpu': 'A step of raft-kv and of kv-client occupies no core.',
  },
};

const NOTICES: readonly (readonly [scenario: string, notices: Notices])[] = [
  ['cap/cp-partition', RAFT],
  ['consensus/leader-failover', RAFT],
  ['consensus/split-vote', RAFT],
  ['consensus/flapping-link', RAFT],
];

export const noticedScenarios = NOTICES.map(([scenario]) => scenario);

/** The row of a scenario; a scenario without one is told where to add it. */
export function noticesOf(scenario: string): Notices {
  const row = NOTICES.find(([id]) => id === scenario);
  if (row !== undefined) return row[1];
  throw new Error(
    `${scenario} has no row in tests/scenarios/support/notices.ts: add one with the group that ` +
      'faults strike and the faults that it cannot notice, each with its reason.',
  );
}
