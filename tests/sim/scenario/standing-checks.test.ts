/** Checks that watch every run of a kind, whatever its plan asks for. */
import { describe, expect, it } from 'vitest';
import { Session, makeSpec, simulate } from 'faultline';
import type { CheckPlan, GroupPlan } from 'faultline';
import { scenarioOf } from '../../support/plans.ts';

const LOG: readonly GroupPlan[] = [
  { name: 'ctl', component: 'controller', count: 1 },
  {
    name: 'b',
    component: 'log-broker',
    count: 3,
    links: { controller: 'ctl' },
    config: { topics: [{ topic: 'orders', partitions: 1, replicationFactor: 3 }] },
  },
  {
    name: 'p',
    component: 'log-producer',
    count: 1,
    links: { brokers: 'b' },
    config: { arrivals: { kind: 'constant', ratePerSecond: 10 }, startMs: 2_000 },
  },
];
const reader = (config: { readonly groupId?: string } = {}): GroupPlan => ({
  name: 'c',
  component: 'log-consumer',
  count: 1,
  links: { brokers: 'b' },
  config,
});

const scenarioWith = (groups: readonly GroupPlan[], checks: readonly CheckPlan[] = []) =>
  scenarioOf({ durationMs: 5_000, groups, checks, faults: [] });

function planned(groups: readonly GroupPlan[], checks?: readonly CheckPlan[]) {
  const scenario = scenarioWith(groups, checks);
  const { plan } = new Session(makeSpec(scenario), { scenarios: [scenario] });
  return plan.checks.map(({ id, use, args }) => ({ id, use, args }));
}

describe('a run of a partitioned log', () => {
  it('is watched by its invariants and by the judge of histories, unasked', () => {
    const { checks, verdict } = simulate(scenarioWith([...LOG, reader()]), { seed: 1 });
    expect(checks.map(({ check }) => check)).toEqual(['replicated-log', 'log-history']);
    expect(verdict).toBe('pass');
  });

  it('is judged as the plan says where that names the check', () => {
    const own = { id: 'mine', use: 'log-history', args: { allow: ['duplicate'] } };
    const found = planned([...LOG, reader()], [own]);
    expect(found.map(({ id, use }) => [id, use])).toEqual([
      ['mine', 'log-history'],
      ['replicated-log', 'replicated-log'],
    ]);
    expect(found[0]?.args).toEqual(own.args);
  });

  it('leaves the name of a check to the plan', () => {
    const own = { id: 'replicated-log', use: 'records' };
    const ids = planned([...LOG, reader()], [own]).map(({ id }) => id);
    expect(ids).toContain('replicated-log-stands');
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('allows of a group what comes of its partitions being dealt anew', () => {
    const argsOf = (config: { readonly groupId?: string }) =>
      planned([...LOG, reader(config)]).find(({ use }) => use === 'log-history')?.args;
    expect(argsOf({ groupId: 'g' })).toMatchObject({ allow: ['poll-skip', 'nonmonotonic-poll'] });
    expect(argsOf({})).not.toHaveProperty('allow');
  });

  it('asks for no readers: without one nothing is said of a history', () => {
    expect(planned(LOG).map(({ use }) => use)).toEqual(['replicated-log']);
  });

  it('holds where nobody has read yet; a plan that asks is told that nothing is known', () => {
    const groups = [...LOG, reader({ groupId: 'g' })];
    const asked = [{ id: 'asked', use: 'log-history' }];
    const verdictOf = (checks: readonly CheckPlan[]) =>
      simulate(scenarioWith(groups, checks), { seed: 1, untilMs: 2_500 }).checks.find(
        ({ use }) => use === 'log-history',
      )?.verdict;
    expect([verdictOf([]), verdictOf(asked)]).toEqual(['pass', 'unknown']);
  });
});

it('a run without a log has no such check', () => {
  const groups = [{ name: 'n', component: 'raft-kv', count: 3 }];
  expect(planned(groups)).toEqual([]);
});
