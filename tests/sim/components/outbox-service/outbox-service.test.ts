/** A service with an outbox, a consumer with an inbox: crashes, and what is refused. */
import { describe, expect, it } from 'vitest';
import { makeRegistry } from 'faultline';
import type { GroupPlan, Plan } from 'faultline';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { checkRules } from '../../../../src/sim/scenario/check-rules.ts';
import { Bench } from '../support/bench.ts';

interface Words {
  readonly [name: string]: unknown;
}

const disk = { fsync: { kind: 'constant', ms: 2 } } as const;
const checks = [{ id: 'account', use: 'effects' }];

const groupsOf = (service: Words): readonly GroupPlan[] => [
  {
    name: 's',
    component: 'outbox-service',
    count: 1,
    disk,
    links: { broker: 'q' },
    config: service,
  },
  { name: 'q', component: 'queue-broker', count: 1, disk },
  { name: 'c', component: 'inbox-consumer', count: 1, disk, links: { queue: 'q' } },
  {
    name: 'p',
    component: 'queue-producer',
    count: 1,
    links: { queue: 's' },
    config: { arrivals: { kind: 'constant', ratePerSecond: 20 }, messagesMax: 30 },
  },
];

/** Throws for what is refused before a run. */
const check = (service: Words, off: readonly string[]): void => {
  const plan: Plan = {
    title: 'Shop',
    summary: 'A shop.',
    durationMs: 1_000,
    network: {},
    groups: groupsOf(service),
    faults: [],
    checks,
    story: [],
  };
  checkPlan(plan, makeRegistry());
  checkRules(off, plan, makeRegistry());
};

class Shop extends Bench {
  constructor(service: Words = {}, ablations: readonly string[] = []) {
    super({ groups: groupsOf(service), components: [], checks, ablations });
  }
}

const crash = (target: string) => ({ type: 'crash', target, machineUp: true }) as const;

describe('a service with an outbox', () => {
  it('in calm times has each order its effect', () => {
    const { verdict, text } = new Shop().ms(5_000).account();
    expect(verdict).toBe('pass');
    expect(text).toContain('30 orders: 30 had their effect, 0 on their way, 0 lost');
  });

  it('counts what is in the outbox or a queue as on its way', () => {
    const shop = new Shop().inject('cut', { type: 'cut-link', a: 's', b: 'q' }).ms(2_500);
    expect(shop.account().text).toContain('30 orders: 0 had their effect, 30 on their way, 0 lost');
    expect(shop.undo('cut').ms(6_000).account().text).toContain('30 had their effect');
  });

  it('does not judge where somebody is down', () => {
    const shop = new Shop().ms(1_000).inject('down', crash('c'));
    expect(shop.account()).toEqual({ verdict: 'unknown', text: 'c1 is down in the end' });
  });

  it('keeps each effect to one, whenever service and consumer end', () => {
    for (let atMs = 100; atMs < 1_000; atMs += 37.3) {
      const shop = new Shop({ pollMs: 5 }).ms(atMs).inject('a', crash('s')).inject('b', crash('c'));
      const { verdict } = shop.after(20).undo('a').after(15).undo('b').ms(8_000).account();
      expect(verdict, `crashed at ${atMs} ms`).toBe('pass');
    }
  });

  it('tells of a dual write that the broker did not take', () => {
    const shop = new Shop({ publish: 'after-commit', timeoutMs: 50 });
    shop.ms(1_000).inject('cut', { type: 'cut-link', a: 's', b: 'q' }).after(100).undo('cut');
    const lost = shop.ms(5_000).told('outbox.not-published').length;
    expect(lost).toBeGreaterThan(0);
    expect(shop.account().text).toContain(`${lost} lost`);
  });

  it.each([
    [{ gapMs: 5 }, [], 'gapMs changes nothing: publish is outbox'],
    [{ publish: 'after-commit', pollMs: 5 }, [], 'pollMs changes nothing'],
    [{ publish: 'before-commit', retryMs: 5 }, [], 'retryMs changes nothing'],
    [{ publish: 'after-commit' }, ['outbox.key-order'], 'outbox.key-order'],
  ])('refuses %j without %j', (service, off, why) => {
    expect(() => check(service, off)).toThrow(why);
  });
});
