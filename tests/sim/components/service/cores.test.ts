/**
 * The queue before the cores of a service. What only works is nowhere else: those at work and those
 * that wait for a core are together those inside, at every moment, so the laws that are held for
 * the requests of each run (nobody lost, Little) are those of this queue, too.
 */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import { SCHEDULINGS } from '../../../../src/sim/node/scheduling/index.ts';
import { brokenAt, flowNamed } from '../support/flows.ts';
import { TrafficBench, request } from '../support/traffic-bench.ts';

const REQUESTS = 300;
/** There and back. */
const WAY_MS = 2;
const CASES = SCHEDULINGS.flatMap((scheduling) =>
  [1, 3].map((cores) => [scheduling, cores] as const),
);

describe('the queue before the cores', () => {
  it.each(CASES)('under %s with %i cores is whom the laws count', (scheduling, cores) => {
    const bench = new TrafficBench({
      groups: [
        {
          name: 's',
          component: 'service',
          count: 1,
          cores,
          scheduling,
          config: { steps: [{ do: 'work', time: { kind: 'exponential', meanMs: 2 * cores } }] },
        },
        { name: 'a', component: 'caller', count: 1, links: { servers: 's' } },
      ],
      seed: 3,
    });
    const node = bench.node('s1');
    const draw = new StreamBank(3).stream('arrivals');
    let [atMs, waited] = [10, 0];
    const asked: (readonly [tag: number, ms: number])[] = [];
    for (let i = 0; i < REQUESTS; i++) {
      // Somewhat more than it can do: a queue builds up, and is served at the end.
      atMs += Math.ceil(3_600 * draw.open01()) / 1_000;
      const tag = bench.requestAt(atMs, request({ seed: i, priority: i % 3 }));
      asked.push([tag, atMs]);
      const { busy, waiting } = node.context.cores;
      expect(busy).toBe(Math.min(cores, busy + waiting));
      expect(busy + waiting).toBe(flowNamed(node, 'requests').inside);
      expect(brokenAt(node, 'requests')).toBeNull();
      waited = Math.max(waited, waiting);
    }
    expect(waited).toBeGreaterThan(5);
    bench.ms(20_000);
    expect(asked.every(([tag]) => bench.code(tag) === 'ok')).toBe(true);
    expect(node.context.cores).toMatchObject({ busy: 0, waiting: 0 });
    // Little: the area under the number inside is the time between arrival and answer of them all.
    const spentMs = asked.reduce((sum, [tag, ms]) => sum + bench.at(tag)! - ms - WAY_MS, 0);
    expect(flowNamed(node, 'requests').areaMicros).toBeCloseTo(spentMs * 1_000, 3);
    expect(brokenAt(node, 'requests')).toBeNull();
  });
});
