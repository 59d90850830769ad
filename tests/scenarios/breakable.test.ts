/**
 * Every check of every scenario can break: for each there is a run in which it does, and one in
 * which it holds. A check that no row names fails here, so that none is only decoration.
 */
import { describe, expect, it } from 'vitest';
import { Session, makeSpec, simulate } from 'faultline';
import type { Act, AnyScenario, Fault, Intervention, RunOptions } from 'faultline';
import 'faultline/vitest';
import { catalogue } from '../../scenarios/index.ts';

/** Somebody acts at a time of the run, before its events of that time. */
const act = (ms: number, what: Act): Intervention => ({
  micros: ms * 1_000,
  afterEventNumber: 0,
  act: what,
});
const inject = (ms: number, fault: Fault): Intervention =>
  act(ms, { do: 'inject', id: `by-hand-${ms}`, fault });

const leader = { role: 'leader', group: 'n' } as const;
const nothingHappens: RunOptions = { planOverride: { faults: [] } };
const crashAt = (ms: number, ...target: string[]): RunOptions => ({
  interventions: [inject(ms, { type: 'crash', target })],
});
const answersBeforeDisk: RunOptions = { ablations: ['raft.persist-before-reply'] };
/** A leader is cut off with two clients, does not notice, and reads without asking anybody. */
const staleReads: RunOptions = {
  ablations: ['raft.read-index-round'],
  planOverride: {
    groups: [
      { name: 'n', component: 'raft-kv', count: 5, config: { checkQuorum: false } },
      {
        name: 'c',
        component: 'kv-client',
        count: 4,
        links: { servers: 'n' },
        config: { tryTimeoutMs: 120 },
      },
    ],
    faults: [{ atMs: 2_000, fault: { type: 'partition', groups: [[leader, 'c1', 'c2']] } }],
  },
};

/** By scenario and check: a run in which the check breaks. */
const BREAKS: { readonly [scenario: string]: { readonly [check: string]: RunOptions } } = {
  'cap/cp-partition': {
    'raft-safety': answersBeforeDisk,
    linearizable: { variant: 'local-reads' },
    'leader-was-cut-off': nothingHappens,
    'majority-elects': nothingHappens,
    'minority-stalls': { variant: 'local-reads' },
    // The large side loses all servers but one.
    'majority-serves': {
      interventions: [
        inject(4_500, { type: 'crash', target: { except: leader, from: 'n' } }),
        inject(4_600, { type: 'partition', groups: [['b', 'n5']] }),
      ],
    },
    'logs-agree': crashAt(7_500, 'n3'),
  },
  'consensus/leader-failover': {
    'raft-safety': { variant: 'forgetful' },
    linearizable: staleReads,
    'leader-was-lost': nothingHappens,
    'another-leads': {
      interventions: [
        inject(2_990, { type: 'crash', target: { first: 2, of: { except: leader, from: 'n' } } }),
      ],
    },
    'served-without-it': {
      interventions: [inject(5_000, { type: 'loss', probability: 0.2 })],
    },
    'a-hiccup': { variant: 'patient' },
    'logs-agree': crashAt(7_000, 'n3'),
    // A pause so short that nobody misses the leader.
    'two-leaders-meet': {
      params: { how: 'pause' },
      planOverride: {
        faults: [{ atMs: 3_000, forMs: 20, fault: { type: 'pause', target: leader } }],
      },
    },
  },
  'consensus/split-vote': {
    'raft-safety': answersBeforeDisk,
    linearizable: { params: { timeoutSpreadMs: 150 }, ...staleReads },
    'a-leader-is-chosen': { variant: 'no-randomness' },
    'soon-settled': { variant: 'default' },
    'clients-are-served': { variant: 'no-randomness' },
    // One server alone has nobody to split a vote with.
    'votes-split': {
      params: { nodes: 3 },
      planOverride: { healAtMs: 60_000 },
      ...crashAt(1, 'n2', 'n3'),
    },
  },
  'consensus/flapping-link': {
    'raft-safety': answersBeforeDisk,
    linearizable: staleReads,
    'link-flapped': nothingHappens,
    'term-stays': { variant: 'no-pre-vote' },
    'leader-stays': { variant: 'no-pre-vote' },
    'clients-unhurt': { variant: 'no-pre-vote' },
    'logs-agree': crashAt(12_000, 'n3'),
  },
};

const SEED = 1;

/** The checks of a scenario, over all its variants, with one variant that has each. */
function checksOf(scenario: AnyScenario): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name } of scenario.variants) {
    const { plan } = new Session(makeSpec(scenario, { variant: name }), { scenarios: catalogue });
    for (const check of plan.checks) if (!found.has(check.id)) found.set(check.id, name);
  }
  return found;
}

describe.each(catalogue.map((scenario) => [scenario.id, scenario] as const))(
  '%s',
  (id, scenario) => {
    const rows = BREAKS[id] ?? {};
    const checks = checksOf(scenario);

    it('has a row for every check, and no other', () => {
      expect(Object.keys(rows).sort()).toEqual([...checks.keys()].sort());
    });

    it.each([...checks.keys()])('%s breaks', (check) => {
      const options = rows[check];
      if (options === undefined) throw new Error(`Name a run in which ${check} breaks.`);
      expect(simulate(scenario, { seed: SEED, ...options })).toBreak(check);
    });

    it('has a variant in which each of them holds', () => {
      const held = scenario.variants.flatMap(({ name }) => {
        const report = simulate(scenario, { seed: SEED, variant: name });
        return report.checks.filter((one) => one.result === 'pass').map((one) => one.check);
      });
      expect([...new Set(held)].sort()).toEqual([...checks.keys()].sort());
    });
  },
);
