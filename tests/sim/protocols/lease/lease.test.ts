/** Leases alone: one at a time by one clock, tokens that only grow, records before grants. */
import { describe, expect, it } from 'vitest';
import { mayPass, raised } from '../../../../src/sim/protocols/lease/fence.ts';
import {
  applyLeaseRecord,
  createLeaseDisk,
  createLeases,
  stepLeases,
} from '../../../../src/sim/protocols/lease/lease.ts';
import type {
  LeaseConfig,
  LeaseDisk,
  LeaseEffect,
  LeaseInput,
  LeaseState,
} from '../../../../src/sim/protocols/lease/lease.ts';
import { leaseRules } from '../../../../src/sim/protocols/lease/rules.ts';
import { forSeeds } from '../../../support/seeds.ts';

const TTL = 10_000;
const configOf = (...off: string[]): LeaseConfig => ({
  ttlMicros: TTL,
  firstToken: 32,
  rules: leaseRules(off),
});

class Table {
  readonly config: LeaseConfig;
  readonly disk: LeaseDisk = createLeaseDisk();
  state: LeaseState;
  now = 0;
  /** Tickets whose records are not on disk yet. */
  pending: (LeaseEffect & { readonly type: 'persist' })[] = [];

  constructor(...off: string[]) {
    this.config = configOf(...off);
    this.state = createLeases(this.config, this.disk, 0);
  }

  feed(input: LeaseInput): LeaseEffect[] {
    const effects: LeaseEffect[] = [];
    stepLeases(this.config, this.state, input, this.now, effects);
    for (const effect of effects) if (effect.type === 'persist') this.pending.push(effect);
    return effects;
  }

  /** Everything reaches the disk. */
  sync(): LeaseEffect[] {
    const last = this.pending.at(-1);
    for (const { record } of this.pending) applyLeaseRecord(this.disk, record);
    this.pending = [];
    return last === undefined ? [] : this.feed({ type: 'persisted', upTo: last.ticket });
  }

  crash(): void {
    this.pending = [];
    this.state = createLeases(this.config, this.disk, this.now);
  }

  acquire(lock = 'a'): LeaseEffect[] {
    return [...this.feed({ type: 'acquire', lock, tag: 1 }), ...this.sync()].filter(
      ({ type }) => type !== 'persist',
    );
  }
}

const granted = (token: number) => ({ type: 'granted', tag: 1, lock: 'a', token }) as const;

describe('a lease', () => {
  it('keeps others out until it is over, to the microsecond', () => {
    const table = new Table();
    expect(table.acquire()).toEqual([granted(33)]);
    table.now = TTL - 1;
    expect(table.acquire()).toEqual([{ type: 'refused', tag: 1, code: 'lock-held', forMicros: 1 }]);
    table.now = TTL;
    expect(table.acquire()).toEqual([{ type: 'expired', lock: 'a', token: 33 }, granted(34)]);
  });

  it('is prolonged by its holder alone, and never made shorter', () => {
    const table = new Table();
    table.acquire();
    table.now = 6_000;
    const renew = (token: number) =>
      table.feed({ type: 'renew', lock: 'a', token, tag: 2 }).map(({ type }) => type);
    expect(renew(32)).toEqual(['refused']);
    expect(renew(33)).toEqual(['renewed']);
    expect(table.state.leases.get('a')?.endsMicros).toBe(16_000);
    table.now = 1_000;
    expect(renew(33)).toEqual(['renewed']);
    expect(table.state.leases.get('a')?.endsMicros).toBe(16_000);
  });

  it('ends when it is given back by its holder, and no other', () => {
    const table = new Table();
    table.acquire();
    const release = (token: number) =>
      table.feed({ type: 'release', lock: 'a', token, tag: 2 }).at(-1)?.type;
    expect(release(7)).toBe('refused');
    expect(release(33)).toBe('released');
    expect(table.acquire()).toEqual([granted(34)]);
  });

  it('without owner-check is given back by whoever held it before', () => {
    const table = new Table('lock.owner-check');
    table.acquire();
    table.now = TTL;
    table.acquire();
    // The first holder is late: it frees the lock of the second.
    table.feed({ type: 'release', lock: 'a', token: 33, tag: 2 });
    expect(table.acquire()).toEqual([granted(35)]);
  });
});

describe('a crash of the service', () => {
  it('keeps what was granted: the lease runs for its whole time anew', () => {
    const table = new Table();
    table.acquire();
    table.now = 4_000;
    table.crash();
    table.now = 13_999;
    expect(table.acquire()[0]).toMatchObject({ code: 'lock-held' });
    table.now = 14_000;
    expect(table.acquire().at(-1)).toEqual(granted(34));
  });

  it('before the record is on disk: nobody was told', () => {
    const table = new Table();
    expect(table.feed({ type: 'acquire', lock: 'a', tag: 1 }).map(({ type }) => type)).toEqual([
      'persist',
    ]);
    table.crash();
    expect(table.acquire()).toEqual([granted(33)]);
  });

  it('without persist-before-grant gives one token twice', () => {
    const table = new Table('lock.persist-before-grant');
    expect(table.feed({ type: 'acquire', lock: 'a', tag: 1 }).at(-1)).toEqual(granted(33));
    table.crash();
    expect(table.feed({ type: 'acquire', lock: 'a', tag: 1 }).at(-1)).toEqual(granted(33));
  });
});

describe('leases under all kinds of inputs', () => {
  it('are granted with rising tokens, and never while another is in force', () => {
    forSeeds(150, import.meta.url, (_seed, random) => {
      const table = new Table();
      const last = new Map<string, { token: number; endsMicros: number }>();
      let newest = 0;
      for (let step = 0; step < 120; step++) {
        table.now += random.int(3_000);
        const lock = random.pick(['a', 'b']);
        const token = newest - random.int(3);
        const effects =
          random.int(10) === 0
            ? (table.crash(), [])
            : random.chance(40)
              ? table.sync()
              : table.feed(
                  random.chance(60)
                    ? { type: 'acquire', lock, tag: step }
                    : { type: random.pick(['renew', 'release']), lock, token, tag: step },
                );
        for (const effect of effects) {
          if (effect.type === 'released') last.delete(effect.lock);
          if (effect.type === 'renewed') {
            for (const lease of last.values()) {
              if (lease.token === effect.token) lease.endsMicros = table.now + TTL;
            }
          }
          if (effect.type !== 'granted') continue;
          expect(effect.token).toBeGreaterThan(newest);
          newest = effect.token;
          const before = last.get(effect.lock);
          if (before !== undefined) {
            // The new lease began when it was asked for, which is not after now.
            expect(table.now).toBeGreaterThanOrEqual(before.endsMicros);
          }
          last.set(effect.lock, { token: effect.token, endsMicros: table.now });
        }
      }
    });
  });
});

describe('the fence', () => {
  it('lets tokens pass that never fall', () => {
    const rules = leaseRules([]);
    let newest = 0;
    const passed = [33, 33, 34, 33, 36, 35, 36].filter((token) => {
      if (!mayPass(rules, newest, token)) return false;
      newest = raised(rules, newest, token, true);
      return true;
    });
    expect(passed).toEqual([33, 33, 34, 36, 36]);
  });

  it('is raised by reads, unless that rule is off', () => {
    expect(raised(leaseRules([]), 33, 34, false)).toBe(34);
    expect(raised(leaseRules(['lock.fence-reads']), 33, 34, false)).toBe(33);
    expect(raised(leaseRules(['lock.fence-reads']), 33, 34, true)).toBe(34);
  });

  it('is none without fencing', () => {
    expect(mayPass(leaseRules(['lock.fencing']), 34, 33)).toBe(true);
  });
});
