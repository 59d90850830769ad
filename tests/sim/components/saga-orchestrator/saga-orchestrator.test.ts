/** Sagas over several participants on a bench: crashes at any moment, and what is refused. */
import { describe, expect, it } from 'vitest';
import { makeRegistry } from 'faultline';
import type { GroupPlan, Plan } from 'faultline';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Bench } from '../support/bench.ts';

interface Words {
  readonly [name: string]: unknown;
}
const disk = { fsync: { kind: 'constant', ms: 2 } } as const;
const checks = [{ id: 'sagas', use: 'sagas', args: { underWay: 0 } }];

const groupsOf = (orchestrator: Words): readonly GroupPlan[] => [
  {
    name: 'p',
    component: 'queue-producer',
    count: 1,
    links: { queue: 'o' },
    config: { arrivals: { kind: 'constant', ratePerSecond: 20 }, messagesMax: 20, poisonEvery: 4 },
  },
  {
    name: 'o',
    component: 'saga-orchestrator',
    count: 1,
    disk,
    links: { participants: 's' },
    config: { timeoutMs: 30, retryMs: 20, ...orchestrator },
  },
  { name: 's', component: 'saga-participant', count: 4, disk },
];

class Bookings extends Bench {
  constructor(orchestrator: Words = {}, ablations: readonly string[] = []) {
    super({ groups: groupsOf(orchestrator), components: [], checks, ablations });
  }
}

const crash = (target: string) => ({ type: 'crash', target, machineUp: true }) as const;

describe('an orchestrator and its participants', () => {
  it('in calm times end each saga whole, or with nothing', () => {
    const bookings = new Bookings().ms(5_000);
    expect(bookings.account()).toEqual({
      verdict: 'pass',
      text: '20 sagas: 0 half done, 0 repeated, 0 out of order, 0 under way',
    });
    expect(bookings.told('saga.turned')).toHaveLength(5);
    // Two steps of each were seen by whoever looked.
    expect(bookings.told('saga.step-undone')).toHaveLength(10);
  });

  it('do so whenever one of them ends', () => {
    for (let atMs = 60; atMs < 1_000; atMs += 53.7) {
      const one = new Bookings().ms(atMs).inject('o', crash('o')).inject('s', crash('s2'));
      const { text, verdict } = one.after(40).undo('o').after(60).undo('s').ms(8_000).account();
      expect(verdict, `crashed at ${atMs} ms: ${text}`).toBe('pass');
    }
  });

  it('judge nothing while somebody is down', () => {
    const bookings = new Bookings().ms(500).inject('down', crash('s3'));
    expect(bookings.account()).toEqual({ verdict: 'unknown', text: 's3 is down in the end' });
  });

  it('say what is still under way', () => {
    const bookings = new Bookings().ms(500).inject('cut', { type: 'cut-link', a: 'o', b: 's4' });
    const { text, verdict } = bookings.ms(3_000).account();
    expect(verdict).toBe('fail');
    expect(text).toMatch(/0 half done, .*, [1-9]\d* under way$/);
  });

  it.each([
    [{ pivot: 5 }, 'The pivot is step 5, and there are 4'],
    [{ refusedStep: 4 }, 'Step 4 cannot be refused: it is behind the pivot'],
    [{ pivot: 1, refusedStep: 1, triesMax: 2 }, 'triesMax changes nothing'],
  ])('refuse %j', (settings, why) => {
    const plan: Plan = {
      title: 'Bookings',
      summary: 'Bookings.',
      durationMs: 1_000,
      network: {},
      groups: groupsOf(settings),
      faults: [],
      checks,
      story: [],
    };
    expect(() => checkPlan(plan, makeRegistry())).toThrow(why);
  });
});
