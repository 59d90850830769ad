/** The account of orders and effects, on small cases. */
import { describe, expect, it } from 'vitest';
import { accountOf } from '../../../src/sim/check/effects.ts';

const orders = new Map([
  [10, 1],
  [11, 2],
  [12, 3],
]);
const done = (...values: number[]) => values.map((value) => ({ value, group: 'a' }));
const none: ReadonlySet<number> = new Set();
const valuesOf = (found: readonly { readonly value: number }[]): number[] =>
  found.map(({ value }) => value);

describe('orders and effects', () => {
  it('finds nothing where each has its effect in order', () => {
    const account = accountOf(orders, none, [done(10, 11, 12)]);
    expect(account.words).toBe(
      '3 orders: 3 had their effect, 0 on their way, 0 lost; ' +
        '0 phantoms, 0 repeated, 0 out of order',
    );
  });

  it('tells what is lost from what is on its way', () => {
    const account = accountOf(orders, new Set([12]), [done(10)]);
    expect(valuesOf(account.lost)).toEqual([11]);
    expect(account.words).toContain('1 on their way');
  });

  it('finds effects of orders that are nowhere', () => {
    expect(valuesOf(accountOf(orders, none, [done(10, 99, 11, 12)]).phantom)).toEqual([99]);
    expect(accountOf(orders, new Set([99]), [done(10, 99, 11, 12)]).phantom).toEqual([]);
  });

  it('counts each effect beside the first, at whichever consumer', () => {
    const account = accountOf(orders, none, [done(10, 11, 11), done(12, 11)]);
    expect(valuesOf(account.repeated)).toEqual([11, 11]);
    expect(account.reordered).toEqual([]);
  });

  it('finds what was overtaken in its key', () => {
    expect(valuesOf(accountOf(orders, none, [done(11, 12, 10)]).reordered)).toEqual([10]);
    const other = [{ value: 12, group: 'b' }, ...done(10, 11)];
    expect(accountOf(orders, none, [other]).reordered).toEqual([]);
  });
});
