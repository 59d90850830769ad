/**
 * tlc_anchors.json: what TLC found in specifications of Kafka's replication, by our `step`.
 *
 * TLC was run with two replicas. Of three, the numbers are what this explorer finds: a change of
 * the specification or of `step` shows there. `npm run conformance -- --long` adds wider bounds.
 */
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

const LONG = process.env['FAULTLINE_LONG'] === '1';

interface Wide {
  readonly spec: Specification;
  readonly records: number;
  readonly epochs: number;
  readonly states: number;
}
const BOTH = ['WeakIsr', 'StrongIsr'];

function ofThree(spec: Specification, records: number, epochs: number, invariants = BOTH) {
  const sizes = { LogSize: records, MaxRecords: records, MaxLeaderEpoch: epochs - 1 };
  const model = new KafkaSpecification(spec, { replicas: 3, ...sizes }, invariants);
  return explore(model, { order: 'breadth-first' });
}

describe('three replicas', () => {
  const hold: readonly Wide[] = [
    { spec: 'Kip320', records: 1, epochs: 1, states: 271 },
    { spec: 'Kip320', records: 1, epochs: 2, states: 6_787 },
    { spec: 'Kip320FirstTry', records: 1, epochs: 2, states: 9_661 },
  ];
  const wider: readonly Wide[] = [
    { spec: 'Kip320', records: 2, epochs: 2, states: 39_619 },
    { spec: 'Kip320', records: 1, epochs: 3, states: 97_531 },
    { spec: 'Kip320FirstTry', records: 2, epochs: 2, states: 59_092 },
  ];

  it.each(LONG ? [...hold, ...wider] : hold)(
    '$spec with $records records in $epochs epochs: all of its $states states hold',
    ({ spec, records, epochs, states }) => {
      const { counterexample, limit, ...found } = ofThree(spec, records, epochs);
      expect([counterexample?.steps ?? null, limit, found.states]).toEqual([null, null, states]);
    },
    600_000,
  );

  it('show what two do not: who has less than was committed joins a leader that begins', () => {
    const { counterexample } = ofThree('Kip279', 1, 2);
    expect(counterexample?.violation).toBe('StrongIsr');
    expect(counterexample?.steps).toHaveLength(11);
    // 0 had committed the record with 2, and 1 has nothing. KIP-320 waits for the epoch's start.
    expect(counterexample?.steps.slice(-3)).toEqual([
      '0 commits 0',
      '2 leads in epoch 1',
      '2 makes the ISR [0, 1, 2]',
    ]);
    expect(ofThree('Kip279', 1, 2, ['WeakIsr'])).toMatchObject({
      counterexample: null,
      states: 9_841,
    });
  });
});
