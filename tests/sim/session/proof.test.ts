/** The proof of a finding names the messages that made it so, and those that would not have. */
import { describe, expect, it } from 'vitest';
import { Session, proofOf, simulate } from 'faultline';
import type { AnyScenario, Proof } from 'faultline';
import cpPartition from '../../../scenarios/cap/cp-partition.ts';
import quorumOverlap from '../../../scenarios/cap/quorum-overlap.ts';
import splitBrain from '../../../scenarios/storage/split-brain.ts';

function proven(
  scenario: AnyScenario,
  variant: string,
  check: string,
  ablations?: string[],
): Proof {
  const report = simulate(scenario, { seed: 1, variant, ...(ablations && { ablations }) });
  const finding = report.findings.find((one) => one.check === check);
  return proofOf(finding ?? null, report.spec, [scenario]);
}

const shown = ({ steps }: Proof) =>
  steps.map(({ title, messages }) => [title, ...messages.map(({ text }) => text)]);

describe('a stale read', () => {
  const proof = proven(cpPartition, 'local-reads', 'linearizable');

  it('is answered by one node alone, and the cut kept the write from it', () => {
    const steps = shown(proof);
    expect(steps[0]).toEqual([
      expect.stringMatching(/^how \S+ get of k\d was answered$/),
      expect.stringMatching(/^a\d sends n2: get k\d$/),
      expect.stringMatching(/^n2 sends a\d: value \d+$/),
    ]);
    const would = steps.find(([title]) => /^how n2 would have been told/.test(title!))!;
    expect(would[1]).toMatch(/^b\d sends n\d: put k\d = \d+$/);
    expect(would.at(-1)).toMatch(/^n\d sends n2: .*: cut \(n1, n2, .* \| .* cut apart\)$/);
  });

  it('what was missing is marked, and only that', () => {
    for (const { messages } of proof.steps) {
      for (const { text, isMissing } of messages) expect(isMissing).toBe(/: cut \(/.test(text));
    }
    expect(proof.steps.flatMap(({ messages }) => messages).some((one) => one.isMissing)).toBe(true);
  });
});

describe('a lost write', () => {
  it('comes with the copies that were sent of it, and with what stopped them', () => {
    const steps = shown(proven(splitBrain, 'default', 'nothing-lost'));
    expect(steps).toEqual([
      [
        expect.stringMatching(/ put of a-\d+ was answered$/),
        expect.stringMatching(/^a1 sends n1: put a-\d+ = \d+$/),
        'n1 sends a1: done',
      ],
      [
        'what it sent and nobody heard',
        expect.stringMatching(/^n1 sends n2: record .*: cut \(n1, a1 \| n2, n3, .* cut apart\)$/),
        expect.stringMatching(/^n1 sends n3: record .*: cut \(n1, a1 \| n2, n3, .* cut apart\)$/),
      ],
    ]);
  });
});

describe('a planted bug without any fault', () => {
  it('is the two that were asked, and no word that the write was told to either', () => {
    const report = simulate(quorumOverlap, {
      variant: 'write-back',
      ablations: ['quorum.read-repair-writeback'],
      planOverride: { checks: [{ id: 'pram', use: 'pram' }], story: [] },
    });
    const steps = shown(proofOf(report.findings[0]!, report.spec, [quorumOverlap]));
    expect(steps[0]).toEqual([
      expect.stringMatching(/^how reader.* get of k0 was answered$/),
      expect.stringMatching(/^reader\d sends n\d: get k0$/),
      expect.stringMatching(/^n\d sends n\d: what is k0\?$/),
      expect.stringMatching(/^n\d sends n\d: holds nothing$/),
      expect.stringMatching(/^n\d sends reader\d: value nothing$/),
    ]);
    const write = steps.find(([title]) => title!.includes('put of k0'))!;
    // Of the write itself nothing had been sent on: one who held it asked for something else.
    expect(write[0]).toMatch(/^how n\d can have known of writer\S+ put of k0$/);
    expect(write.at(-1)).toMatch(/what is k0\?$/);
    expect(steps.flat().join()).not.toMatch(/: cut|: lost/);
  });
});

describe('asking what led to what', () => {
  it('changes nothing in the run', () => {
    const { spec, traceHash } = simulate(splitBrain, { seed: 1 });
    const observe = { causesFromEvent: 0 };
    const watched = new Session(spec, { scenarios: [splitBrain], observe });
    expect(watched.run().traceHash).toBe(traceHash);
    const { events, packets } = watched.observers.causes!;
    expect(events).toHaveLength(watched.eventNumber);
    // Each packet that was handled was sent before, and is the one that its event handled.
    const handled = packets.filter(({ handledIn }) => handledIn > 0);
    expect(handled.length).toBeGreaterThan(1_000);
    for (const { event, handledIn, to, dueMicros } of handled) {
      expect(handledIn).toBeGreaterThan(event);
      expect(events[handledIn - 1]).toMatchObject({ node: to, micros: dueMicros });
    }
  });
});
