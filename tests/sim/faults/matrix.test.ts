/**
 * Each fault in each scenario: it changes something that can be measured, unless the scenario's row
 * in tests/scenarios/proofs says why it cannot. A fault that is not noticed, strikes
 * nobody, or has probability 0 leaves the run as it is, to the last event.
 */
import { describe, expect, it } from 'vitest';
import { FAULTS, simulate } from 'faultline';
import type { AnyScenario, Fault, FaultEntry, FaultType, Report } from 'faultline';
import { catalogue } from '../../../scenarios/index.ts';
import { PROOFS, proofOf } from '../../scenarios/proofs/index.ts';
import type { Notices } from '../../scenarios/proofs/proof.ts';
import { metronomes } from './support/metronome.ts';

/** What a run shows of a fault. */
type Measure = (report: Report) => number;
const fact =
  (type: string): Measure =>
  (report) =>
    report.metrics.facts.find((f) => f.type === type)?.count ?? 0;
const lost: Measure = (report) => report.metrics.messagesLost;
const hash: Measure = (report) => parseInt(report.traceHash.slice(0, 12), 16);
const slowness: Measure = (report) => report.metrics.latencyMicros.mean;

interface Row {
  /** Strikes for sure, whatever group there is. */
  readonly fault: (group: string) => Fault;
  /** The same, but nobody is hit or nothing changes. */
  readonly harmless: (group: string) => readonly Fault[];
  readonly shows: Measure;
  /** Of clients: a measure that has no meaning where there are none. */
  readonly clientsOnly?: boolean;
  readonly grows?: boolean;
}

const first = (group: string) => ({ first: 1, of: group });
const MATRIX: { readonly [type in FaultType]: Row } = {
  crash: {
    fault: (g) => ({ type: 'crash', target: first(g) }),
    harmless: () => [{ type: 'crash', target: [] }],
    shows: fact('node.crashed'),
    grows: true,
  },
  terminate: {
    fault: (g) => ({ type: 'terminate', target: first(g), graceMs: 300 }),
    harmless: () => [{ type: 'terminate', target: [] }],
    shows: fact('node.exited'),
    grows: true,
  },
  pause: {
    fault: (g) => ({ type: 'pause', target: first(g) }),
    harmless: () => [{ type: 'pause', target: [] }],
    shows: fact('node.paused'),
    grows: true,
  },
  partition: {
    fault: (g) => ({ type: 'partition', groups: [first(g)] }),
    // Nobody is named; or everybody is on one island.
    harmless: () => [
      { type: 'partition', groups: [[]] },
      { type: 'partition', groups: ['all'] },
    ],
    shows: lost,
    grows: true,
  },
  'one-way': {
    fault: (g) => ({ type: 'one-way', from: g, to: first(g) }),
    harmless: (g) => [
      { type: 'one-way', from: [], to: [] },
      { type: 'one-way', from: g, to: [] },
    ],
    shows: lost,
    grows: true,
  },
  'cut-link': {
    fault: (g) => ({ type: 'cut-link', a: first(g), b: g }),
    harmless: (g) => [{ type: 'cut-link', a: first(g), b: [] }],
    shows: lost,
    grows: true,
  },
  loss: {
    fault: (g) => ({ type: 'loss', to: g, probability: 0.3, burst: 0.6 }),
    harmless: () => [
      { type: 'loss', probability: 0 },
      { type: 'loss', to: [], probability: 1 },
    ],
    shows: lost,
    grows: true,
  },
  latency: {
    fault: (g) => ({ type: 'latency', from: g, extra: { kind: 'constant', ms: 10 } }),
    harmless: () => [
      { type: 'latency', factor: 1 },
      { type: 'latency', to: [], factor: 5 },
    ],
    shows: slowness,
    clientsOnly: true,
    grows: true,
  },
  duplicate: {
    fault: (g) => ({ type: 'duplicate', to: g, probability: 0.5 }),
    harmless: () => [
      { type: 'duplicate', probability: 0 },
      { type: 'duplicate', from: [], probability: 1 },
    ],
    shows: (report) => report.events / report.metrics.messagesSent,
    grows: true,
  },
  reorder: {
    fault: (g) => ({ type: 'reorder', to: g, probability: 0.5, by: { kind: 'constant', ms: 5 } }),
    harmless: () => [
      { type: 'reorder', probability: 0, by: { kind: 'constant', ms: 5 } },
      { type: 'reorder', to: [], probability: 1, by: { kind: 'constant', ms: 5 } },
    ],
    shows: hash,
  },
  'clock-jump': {
    fault: (g) => ({ type: 'clock-jump', target: first(g), byMs: 250 }),
    harmless: (g) => [
      { type: 'clock-jump', target: [], byMs: 250 },
      { type: 'clock-jump', target: g, byMs: 0 },
    ],
    shows: hash,
  },
  'clock-drift': {
    fault: (g) => ({ type: 'clock-drift', target: g, ppm: 100_000 }),
    harmless: (g) => [
      { type: 'clock-drift', target: [], ppm: 1_000 },
      { type: 'clock-drift', target: g, ppm: 0 },
    ],
    shows: hash,
  },
  'slow-disk': {
    fault: (g) => ({ type: 'slow-disk', target: g, factor: 3, extraMs: 8 }),
    harmless: (g) => [
      { type: 'slow-disk', target: [], factor: 9 },
      { type: 'slow-disk', target: g, factor: 1 },
    ],
    shows: slowness,
    clientsOnly: true,
    grows: true,
  },
  'fsync-off': {
    fault: (g) => ({ type: 'fsync-off', target: g }),
    harmless: () => [{ type: 'fsync-off', target: [] }],
    shows: hash,
  },
  'slow-cpu': {
    fault: (g) => ({ type: 'slow-cpu', target: g, factor: 3 }),
    harmless: (g) => [
      { type: 'slow-cpu', target: [], factor: 9 },
      { type: 'slow-cpu', target: g, factor: 1 },
    ],
    shows: hash,
  },
};

interface Subject {
  readonly scenario: AnyScenario;
  readonly notices: Notices;
}
/** The metronomes notice every fault, so each is seen to show somewhere. */
const SUBJECTS: readonly Subject[] = [
  {
    scenario: metronomes as unknown as AnyScenario,
    notices: { group: 'm', unnoticed: {}, clients: false },
  },
  ...catalogue.map((scenario) => ({ scenario, notices: proofOf(scenario.id).notices })),
];
const UNTIL_MS = 1_600;

/**
 * The beginning of the scenario's own system under this fault plan and no other: the plan itself
 * keeps its length, since a load may be planned for later.
 */
function run(scenario: AnyScenario, faults: readonly FaultEntry[]): Report {
  const planOverride = { healAtMs: 1_500, faults, checks: [], story: [] };
  return simulate(scenario, { seed: 7, untilMs: UNTIL_MS, planOverride });
}
const strike = (fault: Fault): FaultEntry => ({ id: 'it', atMs: 500, forMs: 700, fault });

describe('the matrix', () => {
  it('has a row for every fault of the catalogue', () => {
    expect(Object.keys(MATRIX).sort()).toEqual(FAULTS.map((f) => f.type).sort());
  });

  it('has a row for every scenario, and says where one is missing', () => {
    expect([...Object.keys(PROOFS)].sort()).toEqual(catalogue.map(({ id }) => id).sort());
    expect(() => proofOf('mine/new')).toThrow(/mine\/new has no proof: add/);
  });
});

describe.each(SUBJECTS.map((s) => [s.scenario.id, s] as const))('%s', (_id, at) => {
  const { group, unnoticed, clients = true } = at.notices;
  const calm = run(at.scenario, []);

  it.each(Object.entries(MATRIX))('%s shows, unless the row says why not', (type, row) => {
    const struck = run(at.scenario, [strike(row.fault(group))]);
    const reason = unnoticed[type as FaultType];
    if (reason !== undefined) {
      expect(reason).toMatch(/^[A-Z].*\.$/);
      expect(struck.traceHash, `said to be unnoticed: ${reason}`).toBe(calm.traceHash);
      // A clock keeps the time that it lost or won while it drifted, whether anybody looks or not.
      if (type === 'clock-drift') return;
      expect(struck.stateHash, `said to be unnoticed: ${reason}`).toBe(calm.stateHash);
      return;
    }
    const missing =
      `${type} changes nothing in ${at.scenario.id}: say why in ` +
      'tests/scenarios/proofs (a group of one has no links to itself), or let the ' +
      'row of the matrix strike harder';
    expect(struck.traceHash, missing).not.toBe(calm.traceHash);
    if (row.clientsOnly === true && !clients) return;
    const [with_, without] = [row.shows(struck), row.shows(calm)];
    if (row.grows === true) expect(with_).toBeGreaterThan(without);
    else expect(with_).not.toBe(without);
  });

  it.each(Object.entries(MATRIX))('%s of nobody changes nothing', (_type, row) => {
    for (const fault of row.harmless(group)) {
      const report = run(at.scenario, [strike(fault)]);
      expect(report.traceHash, JSON.stringify(fault)).toBe(calm.traceHash);
      expect(report.stateHash, JSON.stringify(fault)).toBe(calm.stateHash);
    }
  });

  it('has no fault left after the heal phase', () => {
    const all = Object.entries(MATRIX).map(([id, row]) => ({
      id,
      atMs: 500,
      fault: row.fault(group),
    }));
    const report = run(at.scenario, all);
    const count = (type: string) => fact(type)(report);
    const ends = count('node.crashed') + count('node.exited');
    expect(count('node.started')).toBe(fact('node.started')(calm) + ends);
    expect(report.ended).toBe('limit: simulated time');
  });
});
