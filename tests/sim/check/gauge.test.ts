/** Numbers of components within bounds: of every member, of one, and of one beside the others. */
import { defineScenario, simulate } from 'faultline';
import { describe, expect, it } from 'vitest';

/** Forty requests, of which three weights of four go to the first of two services. */
const check = (args: object) =>
  defineScenario({
    id: 'test/gauge',
    title: 'Three to one',
    summary: 'Two services, one with three times the weight.',
    tier: 'calm',
    sources: [{ title: 'nginx' }],
    params: {},
    variants: [{ name: 'default', about: 'As it is.' }],
    thingsToTry: [],
    leavesOut: [],
    plan: () => ({
      title: 'Three to one',
      summary: '',
      durationMs: 5_000,
      network: { latency: { kind: 'constant', ms: 1 } },
      groups: [
        {
          name: 'client',
          component: 'http-client',
          count: 1,
          links: { target: 'app' },
          config: {
            arrivals: { kind: 'constant', ratePerSecond: 10 },
            stopMs: 4_050,
            call: { balance: { policy: 'smooth-weighted-round-robin', weights: [3, 1] } },
          },
        },
        { name: 'app', component: 'service', count: 2 },
      ],
      faults: [],
      checks: [
        {
          id: 'it',
          use: 'gauge',
          args: { group: 'app', gauge: 'Answered', measure: 'total', ...args },
        },
      ],
      story: [],
    }),
  });
const judged = (args: object) => simulate(check(args)).checks[0];

describe('a gauge check', () => {
  it('looks at every member, at one, at all together, and at one beside the others', () => {
    expect(judged({})?.why).toBe('Answered 30, 10');
    expect(judged({ member: 2 })?.why).toBe('Answered 10');
    expect(judged({ across: 'sum' })?.why).toBe('Answered 40');
    expect(judged({ across: 'imbalance' })?.why).toBe('Answered 1.5');
    expect(judged({ across: 'part', member: 1 })?.why).toBe('Answered 0.75');
  });

  it('breaks outside its bounds', () => {
    expect(judged({ member: 2, atLeast: 10, atMost: 10 })?.result).toBe('pass');
    expect(judged({ member: 1, atMost: 10 })?.result).toBe('fail');
    expect(judged({ across: 'part', member: 2, atLeast: 0.26 })?.result).toBe('fail');
  });

  it('refuses a member that is not there', () => {
    expect(() => judged({ member: 3 })).toThrow('"app" has no member 3.');
    expect(() => judged({ across: 'part' })).toThrow('"app" has no member 0.');
  });
});
