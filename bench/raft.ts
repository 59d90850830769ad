/** What an event of a whole simulated system costs, with everything on that a scenario has on. */
import { cpuNanos, goal, median } from './benchmark.ts';
import type { Benchmark, Row } from './benchmark.ts';
import { longestLog, RAFT_EVENTS, raftSession } from './raft-run.ts';

const LOG_ENTRIES_MIN = 10_000;

export const raft: Benchmark = {
  name: 'raft',
  summary: '5 servers, 20 clients, 1 % loss, a crash every 5 s; all invariants and the history on',
  run({ rounds, progress }) {
    const faults: string[] = [];
    const hashes = new Set<string>();
    const micros: number[] = [];
    let entries = 0;
    let operations = 0;
    let simulatedSeconds = 0;
    // The first run warms the engine up and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const session = raftSession(1);
      const before = cpuNanos();
      session.advance({ events: RAFT_EVENTS });
      const spent = (cpuNanos() - before) / 1_000 / session.eventNumber;
      progress(`raft: round ${round} of ${rounds}, ${spent.toFixed(2)} us per event`);
      if (round > 0) micros.push(spent);
      hashes.add(session.traceHash);
      entries = longestLog(session);
      operations = session.observers.history.length;
      simulatedSeconds = Math.round(session.nowMicros / 1_000_000);
      const { verdict, text } = session.observers.checks[0]!.running.standing(true);
      if (verdict !== 'pass') faults.push(`raft: the safety of Raft broke: ${text}.`);
    }
    if (hashes.size > 1) faults.push(`raft: ${hashes.size} different runs of one seed.`);
    if (entries < LOG_ENTRIES_MIN) faults.push(`raft: the longest log has ${entries} entries.`);
    const values: Row['values'] = {
      microsPerEvent: median(micros),
      microsMin: Math.min(...micros),
      logEntries: entries,
      operations,
      simulatedSeconds,
      traceHash: [...hashes].join(),
    };
    const label = `${RAFT_EVENTS / 1_000_000} M`;
    return { rows: [{ label, values, goals: goal(values, 'microsPerEvent', 1.6) }], faults };
  },
};
