/** A store of events, who writes and who reads: crashes at any moment, and what is refused. */
import { describe, expect, it } from 'vitest';
import { makeRegistry } from 'faultline';
import type { GroupPlan, Plan } from 'faultline';
import { checkPlan } from '../../../../src/sim/scenario/check-plan.ts';
import { Bench } from '../support/bench.ts';

interface Words {
  readonly [name: string]: unknown;
}
const disk = { fsync: { kind: 'constant', ms: 2 } } as const;
const checks = [
  { id: 'streams', use: 'event-streams' },
  { id: 'rows', use: 'projections', args: { behind: 0 } },
];

const groupsOf = (client: Words, service: Words = {}): readonly GroupPlan[] => [
  {
    name: 'c',
    component: 'account-client',
    count: 2,
    links: { service: 's', projection: 'p' },
    config: {
      arrivals: { kind: 'replay', timesMs: Array.from({ length: 30 }, (_, k) => 20 + 30 * k) },
      amounts: [100, -70],
      accounts: 2,
      timeoutMs: 200,
      retries: 20,
      retryMs: 20,
      ...client,
    },
  },
  {
    name: 's',
    component: 'command-service',
    count: 2,
    links: { store: 'e' },
    config: { timeoutMs: 30, snapshotEvery: 4, snapshotMs: 15, ...service },
  },
  { name: 'e', component: 'event-store', count: 1, disk },
  { name: 'p', component: 'projection', count: 1, disk, links: { store: 'e' } },
];

class Bank extends Bench {
  constructor(client: Words = {}, ablations: readonly string[] = []) {
    super({ groups: groupsOf(client), components: [], checks, ablations });
  }

  accounts(): readonly { readonly verdict: string; readonly text: string }[] {
    return this.observers.checks.map(({ running }) => {
      running.onEnd?.(true);
      return running.standing(true);
    });
  }
}

const crash = (target: string) => ({ type: 'crash', target, machineUp: true }) as const;
const verdicts = (bank: Bank): string[] => bank.accounts().map(({ verdict }) => verdict);

describe('a bank of events', () => {
  it('in calm times keeps each command once, and has a row of each event', () => {
    const bank = new Bank().ms(5_000);
    const [streams, rows] = bank.accounts();
    expect(streams).toMatchObject({ verdict: 'pass' });
    expect(rows?.text).toMatch(/^(\d+) events, \1 rows; 0 missing, 0 repeated/);
    expect(bank.told('events.conflict').length).toBeGreaterThan(10);
    expect(bank.told('events.snapshot-kept').length).toBeGreaterThan(5);
  });

  it('does so whenever one of its processes ends', () => {
    for (let atMs = 21; atMs < 900; atMs += 43.7) {
      for (const victim of ['e', 'p', 's1']) {
        const bank = new Bank().ms(atMs).inject('down', crash(victim)).after(40).undo('down');
        const accounts = bank.ms(8_000).accounts();
        const text = accounts.map((one) => one.text).join('; ');
        const found = accounts.map(({ verdict }) => verdict);
        expect(found, `${victim} crashed at ${atMs} ms: ${text}`).toEqual(['pass', 'pass']);
      }
    }
  });

  it('judges nothing while somebody is down', () => {
    expect(verdicts(new Bank().ms(500).inject('down', crash('e')))).toEqual(['unknown', 'unknown']);
    expect(verdicts(new Bank().ms(3_000).inject('down', crash('p')))).toEqual(['pass', 'unknown']);
  });

  it('without expected revisions overdraws accounts', () => {
    const both = { amounts: [100, -150], accounts: 1 };
    const textOf = (off: readonly string[]) => new Bank(both, off).ms(5_000).accounts()[0]?.text;
    expect(textOf([])).toMatch(/ 0 decided on an old state, 0 overdrawn$/);
    const open = textOf(['events.expected-version']);
    expect(open).toMatch(/ [1-9]\d* decided on an old state, [1-9]\d* overdrawn$/);
  });

  it('shows a client its own change only where it says which', () => {
    const stale = (reads: string) =>
      new Bank({ reads }).ms(5_000).told('account.read-stale').length;
    expect(stale('with-token')).toBe(0);
    expect(stale('at-once')).toBeGreaterThan(20);
    expect(stale('never')).toBe(0);
  });

  it('refuses a command that is always overtaken', () => {
    const groups = groupsOf({ amounts: [10] }, { conflictsMax: 0 });
    const bank = new Bench({ groups, components: [], checks: [] }).ms(3_000);
    const refused = bank
      .told<{ type: 'client.completed'; error?: string }>('client.completed')
      .filter(({ fact }) => fact.error === 'too-many-conflicts');
    expect(refused).toHaveLength(bank.told('events.conflict').length);
    expect(refused.length).toBeGreaterThan(10);
  });

  it.each([
    [{ readAfterMs: 5 }, {}, 'readAfterMs changes nothing'],
    [{ retries: 0, retryMs: 5 }, {}, 'retryMs changes nothing'],
    [{}, { snapshotEvery: 0 }, 'snapshotMs changes nothing'],
  ])('refuses %j %j', (client, service, why) => {
    const plan: Plan = {
      title: 'Bank',
      summary: 'A bank.',
      durationMs: 1_000,
      network: {},
      groups: groupsOf(client, service),
      faults: [],
      checks,
      story: [],
    };
    expect(() => checkPlan(plan, makeRegistry())).toThrow(why);
  });

  it('refuses clients that read where there is nobody to ask', () => {
    const [client, ...rest] = groupsOf({ reads: 'at-once' });
    if (client === undefined) throw new Error('there is no client');
    const groups = [{ ...client, links: { service: 's' } }, ...rest];
    const plan: Plan = {
      title: 'Bank',
      summary: 'A bank.',
      durationMs: 1_000,
      network: {},
      groups,
      faults: [],
      checks,
      story: [],
    };
    expect(() => checkPlan(plan, makeRegistry())).toThrow('nobody whom it could ask');
  });
});
