/** vectors.json phi_accrual: the levels, by the formula and by a detector that listened. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { phiOfNormal } from '../../../src/sim/policies/detectors/index.ts';
import { phiExponential } from '../../../src/sim/policies/detectors/phi-exponential.ts';
import { phiNormal } from '../../../src/sim/policies/detectors/phi-normal.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
interface Vectors {
  readonly phi_accrual: {
    readonly source: string;
    readonly tolerance: number;
    readonly rows: readonly (readonly [silenceMs: number, phi: number])[];
  };
}
const { phi_accrual: table } = JSON.parse(
  readFileSync(join(folder, 'vectors.json'), 'utf8'),
) as Vectors;

const MEAN_MS = 1_000;
const DEVIATION_MS = 100;

describe(`phi accrual (${table.source})`, () => {
  it.each(table.rows)('a silence of %d ms is phi %d', (silenceMs, phi) => {
    const measured = phiOfNormal(silenceMs, MEAN_MS, DEVIATION_MS);
    expect(Math.abs(measured - phi)).toBeLessThanOrEqual(table.tolerance);
  });

  it.each(table.rows)('by a detector that listened: %d ms is phi %d', (silenceMs, phi) => {
    const settings = { ...phiNormal.defaults, acceptablePauseMicros: 0 };
    const state = phiNormal.start(settings);
    let now = 0;
    phiNormal.heard(state, settings, now);
    // Intervals of mean 1000 ms and deviation 100 ms push the first guess out of the window.
    for (let i = 0; i < settings.windowSize; i++) {
      now += (MEAN_MS + (i % 2 === 0 ? DEVIATION_MS : -DEVIATION_MS)) * 1_000;
      phiNormal.heard(state, settings, now);
    }
    const measured = phiNormal.level(state, settings, now + silenceMs * 1_000);
    expect(Math.abs(measured - phi)).toBeLessThanOrEqual(table.tolerance);
  });

  it('of an exponential distribution is 8 at 18.42 mean intervals', () => {
    const settings = phiExponential.defaults;
    const state = phiExponential.start(settings);
    for (let i = 0; i <= settings.windowSize; i++) {
      phiExponential.heard(state, settings, i * MEAN_MS * 1_000);
    }
    const last = settings.windowSize * MEAN_MS * 1_000;
    const silence = 18.42 * MEAN_MS * 1_000;
    expect(phiExponential.level(state, settings, last + silence)).toBeCloseTo(8, 2);
  });
});
