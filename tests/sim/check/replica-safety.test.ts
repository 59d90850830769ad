/** One primary at a time and logs that agree: as a check of a run, with and without its rules. */
import { describe, expect, it } from 'vitest';
import { simulate } from 'faultline';
import { scenarioOf } from '../../support/plans.ts';

const scenario = scenarioOf({
  durationMs: 110_000,
  groups: [
    { name: 'n', component: 'sql-node', count: 3, links: { dcs: 'd' } },
    { name: 'd', component: 'dcs', count: 1 },
    {
      name: 'c',
      component: 'kv-client',
      count: 1,
      links: { servers: 'n' },
      config: { thinkMs: 200 },
    },
  ],
  faults: [
    {
      id: 'cut',
      fault: { type: 'partition', groups: [['n1', 'c1']] },
      atMs: 15_000,
      forMs: 50_000,
    },
  ],
  checks: [{ id: 'safe', use: 'replica-safety', args: { group: 'n' } }],
});

const judge = (...ablations: string[]) => {
  const report = simulate(scenario, { seed: 2, ablations });
  return report.findings.map(({ why }) => why);
};

describe('replica-safety', () => {
  it('holds where a primary gives way before its key ends', () => {
    expect(judge()).toEqual([]);
  });

  it('sees two primaries, once', () => {
    expect(judge('replica.lease-fencing')).toEqual([
      expect.stringMatching(/^one-primary: n1 and n\d are primary at once\.$/),
    ]);
  });

  it('sees logs that have parted and go on', () => {
    expect(judge('replica.rewind')).toEqual([
      expect.stringMatching(/^prefix: n1 and n\d hold different records at \d+/),
    ]);
  });
});
