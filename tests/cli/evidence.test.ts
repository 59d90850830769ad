/** What proves a finding, told by the run itself. */
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../scenarios/index.ts';
import { proofOf, PROOF_LINES_MAX } from '../../src/cli/evidence.ts';
import { loadSubject } from '../../src/cli/subject.ts';
import { simulate } from '../../src/sim/index.ts';
import { cli, fakeHost } from './support/host.ts';

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
const subject = await loadSubject(ID, fakeHost([]));

describe('proofOf', () => {
  it('says when each event was and what happened in it', () => {
    const proof = proofOf(finding, report.spec, subject);
    expect(proof.map(({ event }) => event)).toEqual(finding.evidence);
    expect(proof.length).toBeGreaterThan(1);
    for (const { atMicros, sentences } of proof) {
      expect(atMicros).toBeGreaterThan(0);
      expect(atMicros).toBeLessThanOrEqual(finding.atMicros);
      expect(sentences[0]).toMatch(/ asks for | is answered after /);
    }
    // The last event is the one at which the check saw it.
    expect(proof.at(-1)).toMatchObject({ event: finding.event, atMicros: finding.atMicros });
  });

  it('is a few events of many, and none of a finding without evidence', () => {
    const evidence = Array.from({ length: 50 }, (_, at) => at + 1);
    const proof = proofOf({ ...finding, evidence }, report.spec, subject);
    expect(proof).toHaveLength(PROOF_LINES_MAX);
    expect(proofOf({ ...finding, evidence: [] }, report.spec, subject)).toEqual([]);
    expect(proofOf(null, report.spec, subject)).toEqual([]);
  });

  it('gives the number alone where a second run would take too long', () => {
    const far = { ...finding, evidence: [1, 1e12] };
    expect(proofOf(far, report.spec, subject)[0]).toEqual({
      event: 1,
      atMicros: null,
      sentences: [],
    });
  });
});

describe('run and replay', () => {
  it('print it under the finding', async () => {
    const words = ['run', ID, '--variant', 'local-reads', '--until', '6s'];
    const said = await cli(words);
    const line = /It is proved by\n +[\d,.]+ ms +event [\d,]+ +\w\S+ asks for /;
    expect(said.out).toMatch(line);
    const link = /watch +(\S+)/.exec(said.out)![1]!;
    expect((await cli(['replay', link])).out).toMatch(line);
  });
});
