/** What proves a finding, told by the run itself. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../scenarios/index.ts';
import { NO_PROOF, PROOF_EVENTS_MAX, proofOf, simulate } from '../../src/sim/index.ts';
import type { Proof } from '../../src/sim/index.ts';
import { cli } from './support/host.ts';

const ID = 'cap/cp-partition';
const report = simulate(
  catalogue.find(({ id }) => id === ID)!,
  {
    seed: 1,
    variant: 'local-reads',
    untilMs: 6_000,
  },
);
const finding = report.findings.find(({ check }) => check === 'linearizable')!;

describe('proofOf', () => {
  it('says when each event was and what happened in it', () => {
    const { events } = proofOf(finding, report.spec, catalogue);
    expect(events.map(({ event }) => event)).toEqual(finding.evidence);
    expect(events.length).toBeGreaterThan(1);
    for (const { atMicros, sentences } of events) {
      expect(atMicros).toBeGreaterThan(0);
      expect(atMicros).toBeLessThanOrEqual(finding.atMicros);
      expect(sentences[0]).toMatch(/ asks for | is answered after /);
    }
    // The last event is the one at which the check saw it.
    expect(events.at(-1)).toMatchObject({ event: finding.event, atMicros: finding.atMicros });
  });

  it('is a few events of many, and none of a finding without evidence', () => {
    const evidence = Array.from({ length: 50 }, (_, at) => at + 1);
    const { events } = proofOf({ ...finding, evidence }, report.spec, catalogue);
    expect(events).toHaveLength(PROOF_EVENTS_MAX);
    expect(proofOf({ ...finding, evidence: [] }, report.spec, catalogue)).toEqual(NO_PROOF);
    expect(proofOf(null, report.spec, catalogue)).toEqual(NO_PROOF);
  });

  it('gives the number alone where a second run would take too long', () => {
    const far = { ...finding, evidence: [1, 1e12] };
    const { events, steps } = proofOf(far, report.spec, catalogue);
    expect(events[0]).toEqual({ event: 1, atMicros: null, sentences: [] });
    expect(steps).toEqual([]);
  });
});

describe('run and replay', () => {
  it('print it under the finding', async () => {
    const words = ['run', ID, '--variant', 'local-reads', '--until', '6s'];
    const said = await cli(words);
    const line = /It is proved by\n +[\d,.]+ ms +event [\d,]+ +\w\S+ asks for /;
    expect(said.out).toMatch(line);
    expect(said.out).toMatch(/How \S+ get of k\d was answered\n.* sends n2: get k\d\n/);
    const json = await cli([...words, '--json']);
    const { proof } = JSON.parse(json.out) as { proof: Proof & { check: string; event: number } };
    const { check, event, ...chain } = proof;
    expect([check, event]).toEqual([finding.check, finding.event]);
    expect(chain).toEqual(proofOf(finding, report.spec, catalogue));
    const link = /watch +(\S+)/.exec(said.out)![1]!;
    expect((await cli(['replay', link])).out).toMatch(line);
  });
});
