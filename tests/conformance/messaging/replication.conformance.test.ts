/** tlc_anchors.json: what TLC found in specifications of Kafka's replication, by our `step`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/sim/protocols/explore.ts';
import { KafkaSpecification } from '../../sim/protocols/partition-log/support/specification.ts';
import type {
  Bounds,
  Specification,
} from '../../sim/protocols/partition-log/support/specification.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
interface Run extends Bounds {
  readonly spec: Specification;
  readonly invariants: readonly string[];
  readonly violated: string | null;
  readonly shortestTraceSteps?: number;
  readonly distinctStates?: number;
}
const { runs } = JSON.parse(readFileSync(join(folder, 'tlc_anchors.json'), 'utf8')) as {
  readonly runs: readonly Run[];
};

describe('the specifications of replication, explored', () => {
  it.each(runs)('$spec, $invariants, up to epoch $MaxLeaderEpoch: as TLC found', (run) => {
    const model = new KafkaSpecification(run.spec, run, run.invariants);
    const found = explore(model, { order: 'breadth-first' });
    const { counterexample } = found;
    expect(counterexample?.violation ?? null).toBe(run.violated);
    if (run.violated !== null) {
      expect(counterexample!.steps, counterexample!.steps.join('\n')).toHaveLength(
        run.shortestTraceSteps!,
      );
    } else expect(found.states).toBe(run.distinctStates);
  });
});
