/** A client that leads while it holds its lock: for how long, and how its time ends. */
import type { GroupPlan, Plan } from 'faultline';
import { makeRegistry } from 'faultline';
import { describe, expect, it } from 'vitest';
import type { LockClientState } from '../../../../src/sim/components/lock-client/lock-client.ts';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Bench } from '../support/bench.ts';

const groups = (config: object, checkTokens = true): readonly GroupPlan[] => [
  { name: 'locks', component: 'lock-service', count: 1, config: { ttlMs: 1_000 } },
  { name: 'store', component: 'fenced-storage', count: 1, config: { checkTokens } },
  {
    name: 'c',
    component: 'lock-client',
    count: 2,
    links: { locks: 'locks', storage: 'store' },
    config: { lead: true, workMs: 50, retryMs: 20, timeoutMs: 200, ...config },
  },
];
const bench = (config: object = {}, checkTokens = true): Bench =>
  new Bench({ groups: groups(config, checkTokens), components: [] });
const stateOf = (b: Bench, name: string) => b.node(name).state as LockClientState;
/** Who holds the lock by his own account. */
const holders = (b: Bench): readonly string[] =>
  ['c1', 'c2'].filter((name) => stateOf(b, name).token !== 0);

describe('a client that leads', () => {
  it('keeps the lock and writes again and again', () => {
    const b = bench().ms(20_000);
    expect(b.told('lock.granted').length).toBe(1);
    const [leader] = holders(b);
    // A read and a write of two milliseconds each, a millisecond of disk, and the work.
    expect(stateOf(b, leader!).counts.done).toBe(Math.floor(20_000 / 55));
    expect(b.told('lock.released')).toEqual([]);
  });

  it('gives it back after each write if it does not lead', () => {
    const b = bench({ lead: false }).ms(20_000);
    expect(b.told('lock.granted').length).toBeGreaterThan(50);
  });

  it('is followed by another one when its lease is over', () => {
    const b = bench().ms(5_000);
    const [leader] = holders(b);
    b.inject('gone', { type: 'crash', target: leader! }).ms(7_000);
    const [, second] = b.told('lock.granted');
    expect(second!.atMicros).toBeGreaterThan(5_000_000 + 660_000);
    expect(second!.atMicros).toBeLessThan(5_000_000 + 1_200_000);
  });

  it('that is cut off from the locks goes on until the storage refuses it', () => {
    const b = bench().ms(5_000);
    const [leader] = holders(b);
    b.inject('cut', { type: 'cut-link', a: leader!, b: 'locks' }).ms(9_000);
    expect(b.told('fencing.refused').length).toBe(1);
    expect(stateOf(b, leader!).counts.refused).toBe(1);
    expect(holders(b).length).toBe(1);
  });

  it('or, where it looks at its own clock, stops by itself', () => {
    const b = bench({ checkLease: true }, false).ms(5_000);
    const [leader] = holders(b);
    b.inject('cut', { type: 'cut-link', a: leader!, b: 'locks' }).ms(9_000);
    expect(b.told('lock.lost', leader).length).toBe(1);
    expect(holders(b)).toEqual(['c1', 'c2'].filter((name) => name !== leader));
  });

  it('is not told how often it takes the lock', () => {
    const plan = (config: object): Plan => ({
      title: '',
      summary: '',
      durationMs: 10_000,
      network: {},
      groups: groups(config),
      faults: [],
      checks: [],
      story: [],
    });
    const opened = (config: object) => () => checkPlan(plan(config), makeRegistry());
    expect(opened({ rounds: 3 })).toThrow(/rounds changes nothing: whoever leads/);
    expect(opened({ rounds: 3, lead: false })).not.toThrow();
  });
});
