/** A client that reads everything twice: what it asks again, of whom, and what it is refused. */
import { describe, expect, it } from 'vitest';
import { Session, makeSpec } from 'faultline';
import type { Plan } from 'faultline';
import { catalogue } from '../../../../scenarios/index.ts';
import { Bench, valueOf } from '../support/bench.ts';
import type { Script } from '../support/partners.ts';
import { completed, invoked } from '../kv-client/support/client.ts';

/** Each request is answered with its number; rows are two. */
const counting: Script = ({ nth, request }) => ({
  reply:
    request.key === 'all' ? { type: 'kv.value', value: nth, siblings: [nth, -1] } : valueOf(nth),
});

const bench = (config: object, script: Script = counting, servers = 1): Bench =>
  new Bench({
    groups: [
      { name: 's', component: 'scripted-store', count: servers },
      { name: 'rows', component: 'scripted-store', count: 1 },
      {
        name: 'c',
        component: 'report-client',
        count: 1,
        links: { items: 's', rows: 'rows' },
        config: { items: ['x'], questions: ['all'], everyMs: 1_000, stopMs: 500, ...config },
      },
    ],
    script,
    seed: 1,
  }).ms(3_000);

const read = (config: object): unknown => completed(bench(config))[0]?.output;
const [item, rows] = ['item', 'rows'] as const;

describe('a report', () => {
  it('reads everything twice, and keeps nothing unless it is told to', () => {
    expect(read({})).toEqual([
      { what: item, key: 'x', value: 0 },
      { what: rows, key: 'all', value: [0, -1] },
      { what: item, key: 'x', value: 1 },
      { what: rows, key: 'all', value: [1, -1] },
    ]);
  });

  it('with a copy of its items asks for rows only again', () => {
    expect(read({ keeps: 'items' })).toEqual([
      { what: item, key: 'x', value: 0 },
      { what: rows, key: 'all', value: [0, -1] },
      { what: item, key: 'x', value: 0 },
      { what: rows, key: 'all', value: [1, -1] },
    ]);
  });

  it('with a copy of its answers asks nobody a second time', () => {
    const run = bench({ keeps: 'answers' });
    const [first] = completed(run);
    const output = first?.output as readonly unknown[];
    expect(output.slice(2)).toEqual(output.slice(0, 2));
    expect([run.asked('s1').length, run.asked('rows1').length]).toEqual([1, 1]);
  });

  it('forgets what it kept when it is over', () => {
    const run = bench({ keeps: 'answers', stopMs: 1_500 });
    expect(completed(run).map(({ output }) => (output as { value: unknown }[])[0]?.value)).toEqual([
      0, 1,
    ]);
  });

  it('waits in between', () => {
    const run = bench({ gapMs: 300 });
    const [first, again] = run.asked('s1').map(({ micros }) => micros);
    expect(again! - first!).toBeGreaterThan(300_000);
  });

  it('begins at its times, whether the one before is over or not', () => {
    const run = bench({ everyMs: 100, gapMs: 250 });
    const micros = run.told('client.invoked').map(({ atMicros }) => atMicros);
    expect(micros).toEqual([0, 100_000, 200_000, 300_000, 400_000]);
    expect(invoked(run).map(({ client }) => client.split('#')[1])).toEqual([
      '0',
      '1',
      '2',
      '0',
      '1',
    ]);
  });

  it('asks another server each time, and the next one where there is no answer', () => {
    const silent: Script = (asked) => (asked.server === 0 ? null : counting(asked));
    const run = bench({ tryTimeoutMs: 50 }, silent, 3);
    expect(completed(run)[0]).toMatchObject({ outcome: 'ok', retries: 1 });
    expect(['s1', 's2', 's3'].map((name) => run.asked(name).length)).toEqual([1, 2, 0]);
  });

  it('fails where nobody answers', () => {
    const run = bench({ tryTimeoutMs: 50 }, () => null, 2);
    expect(completed(run)).toMatchObject([
      { outcome: 'fail', error: 'timeout', output: null, retries: 1 },
    ]);
  });
});

describe('a report is refused', () => {
  const scenario = catalogue.find(({ id }) => id === 'cap/read-twice')!;
  const store = (conflicts: string) => ({
    component: 'quorum-store',
    count: 1,
    config: { replicationFactor: 1, conflicts },
  });
  const opened =
    (config: { readonly [name: string]: unknown }, ...roles: readonly ('items' | 'rows')[]) =>
    () => {
      const links = Object.fromEntries(roles.map((role) => [role, role]));
      const client = { name: 'c', component: 'report-client', count: 1, links, config };
      const document: Plan = {
        title: 'Reports',
        network: {},
        summary: '',
        durationMs: 1_000,
        groups: [
          { name: 'items', ...store('last-write-wins') },
          { name: 'rows', ...store('or-set') },
          client,
        ],
        checks: [],
        faults: [],
        story: [],
      };
      return new Session({ ...makeSpec(scenario), scenario: { document }, params: {} });
    };

  it('that reads nothing', () => {
    expect(opened({}, 'items')).toThrow('A report reads nothing.');
    expect(opened({ items: ['x'] }, 'items')).not.toThrow();
  });

  it('whose questions nobody answers, or that has no questions for who would', () => {
    expect(opened({ questions: ['all'] }, 'items')).toThrow('Nobody answers the questions.');
    const idle = opened({ items: ['x'] }, 'items', 'rows');
    expect(idle).toThrow('rows changes nothing: it asks no questions.');
  });

  it('that keeps items, and reads none', () => {
    const config = { questions: ['all'], keeps: 'items' };
    expect(opened(config, 'items', 'rows')).toThrow('keeps changes nothing: it reads no items.');
  });
});
