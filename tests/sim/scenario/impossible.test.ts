/**
 * A topology that cannot work is refused before the run, with the place and a hint: as a document
 * that a person wrote, and as a plan that a file with code built.
 */
import { describe, expect, it } from 'vitest';
import { ScenarioError, makeRegistry, planFromDocument } from 'faultline';
import type { Plan } from 'faultline';
import { checkPlan } from '../../../src/sim/scenario/check-plan.ts';
import { MISTAKES, sound } from '../../support/impossible/index.ts';

function refusal(look: () => unknown): ScenarioError {
  try {
    look();
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('nobody complained');
}

describe('a topology', () => {
  it('that works is taken', () => {
    expect(() => checkPlan(planFromDocument(sound()), makeRegistry())).not.toThrow();
  });

  it('has a name of its own for each mistake', () => {
    const names = MISTAKES.map(({ what }) => what);
    expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([]);
  });

  it.each(MISTAKES.map((one) => [one.what, one] as const))(
    'with %s is refused',
    (_what, { spoil, path, says, hint }) => {
      const document = sound();
      spoil(document);
      for (const look of [
        () => planFromDocument(document),
        () => checkPlan(document as unknown as Plan, makeRegistry()),
      ]) {
        const error = refusal(look);
        expect(error.message).toMatch(says);
        expect(error.path).toBe(path);
        expect(error.hint).toMatch(hint);
      }
    },
  );
});

describe('quorums that need not meet', () => {
  const group = (component: string, config: object) => {
    const groups = [{ name: 'n', component, count: 4, config }];
    return { ...sound(), groups, checks: [] } as unknown as Plan;
  };
  it.each([
    ['paxos-kv', { phase1Quorum: 2, phase2Quorum: 2 }, 'phase1Quorum', 'paxos.'],
    ['paxos-kv', { phase2Quorum: 1 }, 'phase2Quorum', 'paxos.'],
    ['raft-kv', { electionQuorum: 3, replicationQuorum: 1 }, 'electionQuorum', 'raft.'],
    ['raft-kv', { replicationQuorum: 1 }, 'replicationQuorum', 'raft.'],
  ])('of %s are refused before the run, unless that rule is off: %j', (...row) => {
    const [component, config, setting, protocol] = row;
    const plan = group(component, config);
    const rule = `${protocol}quorum-intersection`;
    const error = refusal(() => checkPlan(plan, makeRegistry()));
    expect(error.message).toMatch(/need not meet/);
    expect(error.path).toBe(`groups/n/config/${setting}`);
    expect(error.hint).toContain(rule);
    expect(() => checkPlan(plan, makeRegistry(), [rule])).not.toThrow();
    // Whoever only reads a document does not know yet what its run switches off.
    expect(() => planFromDocument(plan)).not.toThrow();
  });
});

describe('the path of an error', () => {
  const pathOf = (spoil: (document: ReturnType<typeof sound>) => void): string => {
    const document = sound();
    spoil(document);
    return refusal(() => planFromDocument(document)).path;
  };

  it('names groups and checks, also where a schema found it', () => {
    expect(pathOf((d) => (d['groups'][4].count = 0))).toBe('groups/app/count');
    expect(pathOf((d) => (d['groups'][4].confg = {}))).toBe('groups/app/confg');
    expect(pathOf((d) => (d['checks'][0].use = 5))).toBe('checks/law/use');
  });

  it('counts those that have no name of their own', () => {
    expect(pathOf((d) => delete d['groups'][4].name)).toBe('groups/4');
    const twice = pathOf((d) => Object.assign(d['groups'][4], { name: 'db', count: 0 }));
    expect(twice).toBe('groups/4/count');
  });
});
