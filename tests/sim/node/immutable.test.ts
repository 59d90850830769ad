/**
 * A message, a log entry and a stored value never change once sent, appended or stored. Here they
 * are deep-frozen the moment they leave: whoever changed one afterwards would throw, and a run with
 * everything frozen is the same run.
 */
import { describe, expect, it } from 'vitest';
import { LIMITS_DEFAULT, makeRegistry } from 'faultline';
import type { Plan, RunSpec } from 'faultline';
import { build } from '../../../src/sim/scenario/build.ts';
import { prepare } from '../../../src/sim/session/prepare.ts';
import { Run } from '../../../src/sim/session/run.ts';
import { SCENARIOS } from '../session/support/scenarios.ts';
import { CASES } from '../session/support/runs.ts';
import { STORMY_PLACES } from '../session/support/places.ts';

let frozen = 0;

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  frozen += 1;
  for (const part of Object.values(value)) deepFreeze(part);
}

function built(plan: Plan, spec: RunSpec): Run {
  const registry = makeRegistry();
  return new Run(build(plan, registry, spec), {
    durationMicros: Math.round(plan.durationMs * 1_000),
    limits: LIMITS_DEFAULT,
    interventions: spec.interventions,
  });
}

const places = [...CASES, ...STORMY_PLACES];

describe.each(places)('$name', ({ spec }) => {
  it('with everything frozen that was sent, written or told is the same run', () => {
    const { plan } = prepare(spec(1), SCENARIOS);
    const plain = built(plan, spec(1));
    plain.advance(Infinity, Infinity);

    const run = built(plan, spec(1));
    const { host } = run.parts;
    frozen = 0;
    host.taps.sent = (_from, _to, message) => deepFreeze(message);
    host.taps.fact = (_node, fact) => deepFreeze(fact);
    for (const { disk } of host.nodes) {
      if (disk === null) continue;
      const write = disk.write.bind(disk);
      disk.write = (record, nowMicros) => {
        deepFreeze((record as { readonly entries?: unknown }).entries ?? record);
        write(record, nowMicros);
      };
    }
    run.advance(Infinity, Infinity);
    expect(run.parts.kernel.hash.hex()).toBe(plain.parts.kernel.hash.hex());
    expect(frozen).toBeGreaterThan(run.eventNumber / 4);
  });
});

describe('the hook', () => {
  it('bites: a part that changes a message it sent throws', () => {
    const message = { type: 'x', list: [{ n: 1 }] };
    deepFreeze(message);
    expect(() => (message.list[0] = { n: 2 })).toThrow(TypeError);
    expect(() => void ((message.list[0] as { n: number }).n = 2)).toThrow(TypeError);
  });
});
