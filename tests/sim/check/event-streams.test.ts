/** The accounts of streams and of rows, on small cases: each has one thing planted in it. */
import { describe, expect, it } from 'vitest';
import { streamAccount } from '../../../src/sim/check/event-streams.ts';
import { rowsAccount } from '../../../src/sim/check/projections.ts';
import type { StoredEvent } from '../../../src/sim/contracts/event-store.ts';

const event = (position: number, more: Partial<StoredEvent> = {}): StoredEvent => ({
  id: 10 + position,
  stream: 'a',
  amount: 10,
  revision: position - 1,
  decidedOn: position - 2,
  position,
  ...more,
});

const THREE = [event(1), event(2), event(3)];
const DONE = [11, 12, 13];

const whys = (found: readonly { readonly why: string }[]): string[] => found.map(({ why }) => why);

describe('streams of events', () => {
  it('have nothing to say where each command has its event', () => {
    expect(streamAccount(THREE, DONE).words).toBe(
      '3 events of 1 stream, 3 commands done; ' +
        '0 lost, 0 repeated, 0 decided on an old state, 0 overdrawn',
    );
  });

  it('find a command that was done and has no event', () => {
    expect(whys(streamAccount(THREE, [...DONE, 99]).lost)).toEqual([
      'Command 99 was done, and has no event.',
    ]);
    // One that nobody was told of is no loss, and no surprise.
    expect(streamAccount(THREE, [11]).lost).toEqual([]);
  });

  it('count each event beside the first of a command', () => {
    const again = [event(1), event(2, { id: 11 }), event(3, { id: 11 })];
    expect(streamAccount(again, [11]).repeated).toHaveLength(2);
  });

  it('find what was decided on an old state, in its own stream', () => {
    const two = [event(1), event(2, { stream: 'b', revision: 0, decidedOn: -1 }), event(3)];
    expect(whys(streamAccount(two, []).stale)).toEqual([]);
    const old = [event(1), event(2), event(3, { decidedOn: 0 })];
    expect(whys(streamAccount(old, []).stale)).toEqual([
      'Revision 2 of a was decided on revision 0.',
    ]);
  });

  it('count how often an account goes below 0, not how long it is there', () => {
    const taken = [-20, -5, 30, -10].map((amount, i) => event(i + 1, { amount }));
    expect(whys(streamAccount(taken, []).overdrawn)).toEqual([
      'Revision 0 of a takes 20 of 0.',
      'Revision 3 of a takes 10 of 5.',
    ]);
  });
});

const rows = (positions: readonly number[], checkpoint: number, balance: number) => ({
  checkpoint,
  lines: positions.map((position) => ({ position, account: 'a', amount: 10 })),
  balances: new Map([['a', balance]]),
});

describe('rows of a projection', () => {
  it('are right where each event up to the checkpoint has one', () => {
    expect(rowsAccount(THREE, [rows([1, 2, 3], 3, 30)]).words).toBe(
      '3 events, 3 rows; 0 missing, 0 repeated, 0 balances wrong, 0 behind',
    );
  });

  it('are behind, which is not missing', () => {
    const found = rowsAccount(THREE, [rows([1, 2], 2, 20)]);
    expect([found.behind.length, found.missing.length, found.wrong.length]).toEqual([1, 0, 0]);
  });

  it('are missing', () => {
    const found = rowsAccount(THREE, [rows([1, 3], 3, 20)]);
    expect(whys(found.missing)).toEqual(['The event at 2 has no row.']);
    expect(whys(found.wrong)).toEqual(['The balance of a is 20; its events make 30.']);
  });

  it('are repeated', () => {
    const found = rowsAccount(THREE, [rows([1, 2, 2, 2, 3], 3, 50)]);
    expect(found.repeated).toHaveLength(2);
    expect(found.wrong).toHaveLength(1);
  });

  it('are judged for each projection', () => {
    const found = rowsAccount(THREE, [rows([1, 2, 3], 3, 30), rows([1], 3, 30)]);
    expect([found.missing.length, found.wrong.length]).toEqual([2, 0]);
  });

  it('of an account that has no event are wrong', () => {
    const found = rowsAccount([], [rows([7], 0, 10)]);
    expect(whys(found.wrong)).toEqual(['The balance of a is 10; its events make 0.']);
  });
});
