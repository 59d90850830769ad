/** Transactions that cannot be judged together are refused before the run. */
import { describe, expect, it } from 'vitest';
import { Session, makeSpec } from 'faultline';
import type { CheckPlan, GroupPlan, Plan } from 'faultline';
import { catalogue } from '../../../scenarios/index.ts';

const scenario = catalogue.find(({ id }) => id === 'distributed-transactions/lost-update')!;

const client = (name: string, config: object, count = 1): GroupPlan => ({
  name,
  component: 'txn-client',
  count,
  links: { store: 's' },
  config: { ...config },
});
const does = (...steps: readonly string[]) => ({
  workload: 'listed',
  transactions: steps.map((step, i) => {
    const [deed, key, value] = step.split(' ');
    const what = { do: deed, key, ...(value === undefined ? {} : { value: Number(value) }) };
    return { atMs: 10 * i, steps: [what] };
  }),
});

const opened =
  (clients: readonly GroupPlan[], args: CheckPlan['args'] = {}, use = 'transactions') =>
  () => {
    const document: Plan = {
      title: 'Transactions',
      summary: '',
      durationMs: 1_000,
      network: {},
      groups: [{ name: 's', component: 'txn-store', count: 1 }, ...clients],
      faults: [],
      checks: [{ id: 't', use, args, about: '' }],
      story: [],
    };
    return new Session({ ...makeSpec(scenario), scenario: { document }, params: {} });
  };

describe('transactions of a plan', () => {
  const lists = client('a', { workload: 'list-append' });
  const registers = client('b', { workload: 'rw-register' });

  it('are lists or registers, unless one group is judged alone', () => {
    const both = /not judged together: "a" appends, "b" writes\./;
    expect(opened([lists, registers])).toThrow(both);
    expect(opened([client('a', does('append x 1')), client('b', does('add y 1'))])).toThrow(both);
    expect(opened([lists, registers], { clients: 'b' })).not.toThrow();
    expect(opened([lists, client('c', does('read x'))])).not.toThrow();
  });

  it('of one group append or write', () => {
    const mixed = client('a', does('append x 1', 'write y 2'));
    expect(opened([mixed])).toThrow(/"a" appends, and writes as well\./);
    expect(opened([client('a', does('append x 1', 'read y'))])).not.toThrow();
  });

  it('append each value of a key once', () => {
    expect(opened([client('a', does('append x 1', 'append x 1'))])).toThrow(
      'More than once "a" appends 1 to x.',
    );
    expect(opened([client('a', does('append x 1'), 2)])).toThrow(
      'Each of the 2 of "a" appends 1 to x.',
    );
    const [one, other] = [client('a', does('append x 1')), client('b', does('append x 1'))];
    expect(opened([one, other])).toThrow('As "a" does, "b" appends 1 to x.');
    expect(opened([client('a', does('append x 1', 'append y 1', 'append x 2'))])).not.toThrow();
  });
});
