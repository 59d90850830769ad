/** Node's own sampling profiler, around one piece of work. */
import { Session as Inspector } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector';

const SAMPLING_MICROS = 200;

export async function profileOf(work: () => void): Promise<Profiler.Profile> {
  const inspector = new Inspector();
  inspector.connect();
  await inspector.post('Profiler.enable');
  await inspector.post('Profiler.setSamplingInterval', { interval: SAMPLING_MICROS });
  await inspector.post('Profiler.start');
  work();
  const { profile } = await inspector.post('Profiler.stop');
  inspector.disconnect();
  return profile;
}

/**
 * The share of the samples that fell on each floor of the simulator, the largest first. Collecting
 * garbage, and what no source says, is `engine`: V8 itself.
 */
export function byFloor({ nodes }: Profiler.Profile): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let total = 0;
  for (const { callFrame, hitCount = 0 } of nodes) {
    if (callFrame.functionName === '(idle)') continue;
    const floor = /\/src\/sim\/([a-z]+)\//.exec(callFrame.url)?.[1] ?? 'engine';
    counts.set(floor, (counts.get(floor) ?? 0) + hitCount);
    total += hitCount;
  }
  const shares = [...counts].map(([floor, count]) => [floor, count / total] as const);
  return new Map(shares.sort((a, b) => b[1] - a[1]));
}
