/** A document that says which scenario built it is judged as the scenario's own run is. */
import { describe, expect, it } from 'vitest';
import { decodeLink, encodeLink, makeSpec, ScenarioError, Session, sourceOf } from 'faultline';
import type { DocumentSource, Report, RunSpec } from 'faultline';
import { catalogue } from '../../../scenarios/index.ts';
import { pack } from '../../../src/sim/session/packed.ts';

const scenario = catalogue.find(({ id }) => id === 'consensus/leader-failover')!;
const spec = makeSpec(scenario, { seed: 3, variant: 'forgetful', untilMs: 1_000 });
const original = new Session(spec, { scenarios: catalogue });

/** The same run without the scenario: nothing but its plan is known. */
function asDocument(from?: DocumentSource, change: Partial<RunSpec> = {}): RunSpec {
  const { planOverride: _applied, ...rest } = spec;
  const document = { document: original.plan, ...(from === undefined ? {} : { from }) };
  return { ...rest, scenario: document, params: {}, ...change };
}
const verdictOf = ({ check }: { readonly check: string }, report: Report) =>
  report.checks.find((one) => one.check === check)?.verdict;
const runOf = (one: RunSpec) => new Session(one).run();
const safety = { check: 'raft-safety' };
const from = sourceOf(scenario.id, original);

describe('a document that knows where it is from', () => {
  const wanted = original.run();

  it('is the same run, judged the same', () => {
    expect(verdictOf(safety, wanted)).toBe('pass');
    const report = runOf(asDocument(from));
    expect(report.traceHash).toBe(wanted.traceHash);
    const { scenario: id, title, variant, verdict, checks, findings } = wanted;
    expect(report).toMatchObject({ scenario: id, title, variant, verdict, checks, findings });
  });

  it('is so after a link as well', () => {
    const { spec: read } = decodeLink(encodeLink(asDocument(from)));
    expect(read).toEqual(asDocument(from));
    expect(runOf(read).checks).toEqual(wanted.checks);
  });

  it('must hold in everything when nothing is said of it', () => {
    const report = runOf(asDocument());
    expect(report).toMatchObject({ variant: null, scenario: original.plan.title });
    expect(verdictOf(safety, report)).toBe('fail');
    expect(runOf(asDocument({ id: scenario.id })).variant).toBeNull();
  });

  it('is no variant any more once somebody changed the run', () => {
    const act = { do: 'heal-all' } as const;
    const changes: readonly Partial<RunSpec>[] = [
      { interventions: [{ micros: 500_000, afterEventNumber: 0, act }] },
      { ablations: [] },
      { planOverride: { faults: [] } },
    ];
    for (const change of changes) {
      const session = new Session(asDocument(from, change));
      expect(session.variant, JSON.stringify(change)).toBeNull();
    }
    expect(new Session(asDocument(from, { seed: 9 })).variant?.name).toBe('forgetful');
  });

  it('refuses words about checks that it has not, and what is no source', () => {
    const expecting = (expect_: object) => asDocument({ id: 'x', variant: expect_ as never });
    expect(() => runOf(expecting({ name: 'v', expect: { 'raft-safty': 'holds' } }))).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('raft-safty'),
        hint: expect.stringContaining('raft-safety'),
      }),
    );
    expect(() => runOf(expecting({ name: 'v', expect: { 'raft-safety': 'maybe' } }))).toThrow(
      ScenarioError,
    );
    expect(() => runOf(expecting({}))).toThrow(ScenarioError);
    const stray = `#x=${pack({ from: { id: 'x' } } as object)}`;
    expect(() => decodeLink(stray)).toThrow(/holds none/);
    const wrong = `#x=${pack({ document: original.plan, from: { id: 7 } } as object)}`;
    expect(() => decodeLink(wrong)).toThrow(/no part of a run/);
  });
});
