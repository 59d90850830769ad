/** Calls that go in a circle are refused before the run, with the link that closes it. */
import { describe, expect, it } from 'vitest';
import { makeRegistry } from 'faultline';
import type { GroupPlan, Plan } from 'faultline';
import { checkPlan } from '../../../src/sim/scenario/check-plan.ts';

/** Services by name, and whom each links to; clients ask the first. */
function plan(links: { readonly [name: string]: readonly string[] }): Plan {
  const groups = Object.entries(links).map(([name, targets]): GroupPlan => {
    const own = Object.fromEntries(targets.map((target) => [target, target]));
    const steps = targets.map((to) => ({ do: 'call', to }));
    return { name, component: 'service', count: 1, links: own, config: { steps } };
  });
  const target = (groups[0] as GroupPlan).name;
  const users = { name: 'users', component: 'http-client', count: 1, links: { target } };
  return {
    title: 'Services',
    summary: '',
    durationMs: 100,
    network: { latency: { kind: 'constant', ms: 1 } },
    groups: [users, ...groups],
    faults: [],
    checks: [],
    story: [],
  };
}
const check = (links: { readonly [name: string]: readonly string[] }) => () =>
  checkPlan(plan(links), makeRegistry());

describe('calls', () => {
  it('may meet again without going in a circle', () => {
    expect(check({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] })).not.toThrow();
  });

  it('in a circle are told with the way round and the link', () => {
    expect(check({ front: ['a'], a: ['b'], b: ['c'], c: ['a'] })).toThrow(
      expect.objectContaining({
        message: 'Calls go in a circle: a calls b calls c calls a.',
        path: 'groups/c/links/a',
        hint: 'A request would never end. Take one of the links away.',
      }) as Error,
    );
  });

  it('to oneself are a circle, too', () => {
    expect(check({ a: ['a'] })).toThrow('Calls go in a circle: a calls a.');
  });
});

describe('a plan', () => {
  it('without one of its lists is told which', () => {
    for (const name of ['groups', 'faults', 'checks', 'story']) {
      const { [name]: _, ...rest } = { ...plan({ a: [] }) } as Record<string, unknown>;
      expect(() => checkPlan(rest as unknown as Plan, makeRegistry())).toThrow(
        expect.objectContaining({
          message: `A plan needs ${name}: a list, which may be empty.`,
          path: name,
        }) as Error,
      );
    }
  });
});
