/**
 * `npx tsx bench/profile.ts [--events N] [--top N] [--lines FUNCTION]`
 *
 * Where the time of the Raft benchmark goes: the functions with the most samples of their own, and
 * on request the lines of one of them. The engine is warmed up first.
 */
import { parseArgs } from 'node:util';
import type { Profiler } from 'node:inspector';
import { profileOf } from './profiler.ts';
import { RAFT_EVENTS, raftSession } from './raft-run.ts';

const WARM_UP_EVENTS = 300_000;

const { values: flags } = parseArgs({
  options: {
    events: { type: 'string', default: String(RAFT_EVENTS) },
    top: { type: 'string', default: '40' },
    lines: { type: 'string' },
  },
});

/** Samples by function, most first. */
function bySelfTime(profile: Profiler.Profile): [name: string, samples: number][] {
  const counts = new Map<string, number>();
  for (const { callFrame, hitCount = 0 } of profile.nodes) {
    const file = callFrame.url.split('/').slice(-2).join('/');
    const name = `${callFrame.functionName || '(anonymous)'} ${file}:${callFrame.lineNumber + 1}`;
    counts.set(name, (counts.get(name) ?? 0) + hitCount);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function linesOf(profile: Profiler.Profile, functionName: string): [line: string, n: number][] {
  const counts = new Map<string, number>();
  for (const { callFrame, positionTicks = [] } of profile.nodes) {
    if (callFrame.functionName !== functionName) continue;
    for (const { line, ticks } of positionTicks) {
      const name = `${callFrame.url.split('/').at(-1)}:${line}`;
      counts.set(name, (counts.get(name) ?? 0) + ticks);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

raftSession(1).advance({ events: WARM_UP_EVENTS });
const session = raftSession(1);
const profile = await profileOf(() => session.advance({ events: Number(flags.events) }));

const total = profile.samples?.length ?? 1;
const rows = flags.lines === undefined ? bySelfTime(profile) : linesOf(profile, flags.lines);
for (const [name, samples] of rows.slice(0, Number(flags.top))) {
  const share = ((100 * samples) / total).toFixed(1).padStart(5);
  process.stdout.write(`${share} %  ${name}\n`);
}
