/** Datacentres of a causal store in a run: who answers, what waits, what a crash leaves. */
import { describe, expect, it } from 'vitest';
import { Session } from 'faultline';
import type { DiskPlan, GroupPlan } from 'faultline';
import type { CausalStoreState } from '../../../../src/sim/components/causal-store/state.ts';
import { planOf, specOf } from '../../../support/plans.ts';
import { Bench } from '../support/bench.ts';
import { KvBench } from '../support/kv-bench.ts';

class Datacentres extends KvBench {
  constructor(disk: DiskPlan = {}, ablations: readonly string[] = []) {
    super({
      groups: [
        {
          name: 'n',
          component: 'causal-store',
          count: 3,
          config: { resendMs: 100 },
          disk: { fsync: { kind: 'constant', ms: 1 }, ...disk },
        },
        { name: 'a', component: 'asker', count: 1, links: { servers: 'n' } },
      ],
      ablations,
    });
    this.ms(0);
  }

  state(name: string): CausalStoreState {
    return this.node(name).state as CausalStoreState;
  }
}

const put = (
  key: string,
  value: string,
  dependencies: readonly (readonly [number, number])[] = [],
) => ({ type: 'kv.put', key, value, dependencies }) as const;

describe('a causal store', () => {
  it('answers alone, and tells the others', () => {
    const bench = new Datacentres();
    const done = bench.get('n1', put('x', 'one'));
    const self = bench.state('n1').config.id;
    expect(done).toEqual({ type: 'kv.done', applied: true, dependencies: [[self, 1]] });
    bench.after(10);
    for (const name of ['n1', 'n2', 'n3']) expect(bench.read(name, 'x')).toBe('one');
    expect(bench.get('n2', { type: 'kv.get', key: 'x' })).toEqual({
      type: 'kv.value',
      value: 'one',
      dependencies: [[self, 1]],
    });
  });

  it('serves each side of a cut, and both agree after it', () => {
    const bench = new Datacentres();
    bench.inject('cut', {
      type: 'partition',
      groups: [
        ['n1', 'a1'],
        ['n2', 'n3'],
      ],
    });
    expect(bench.get('n1', put('x', 'one'))).toMatchObject({ applied: true });
    bench.after(500);
    expect(bench.state('n2').store.cells.size).toBe(0);
    bench.undo('cut');
    bench.after(500);
    expect(bench.read('n3', 'x')).toBe('one');
    expect(bench.state('n1').store.outbox).toEqual([]);
  });

  it('shows nothing before what it depends on', () => {
    const bench = new Datacentres();
    bench.inject('slow', {
      type: 'latency',
      from: 'n1',
      to: 'n3',
      extra: { kind: 'constant', ms: 60 },
    });
    bench.get('n1', put('question', 'where?'));
    bench.after(5);
    bench.get('n2', put('answer', 'here', [[bench.state('n1').config.id, 1]]));
    bench.after(5);
    expect(bench.read('n3', 'answer')).toBeNull();
    const [held] = bench.state('n3').store.held;
    expect(held?.write).toMatchObject({ key: 'answer', value: 'here' });
    bench.after(80);
    expect(bench.read('n3', 'answer')).toBe('here');
    expect(bench.read('n3', 'question')).toBe('where?');
  });

  it('keeps what it answered across a crash, and sends what others lack', () => {
    const bench = new Datacentres({ tornTail: true });
    bench.inject('cut', {
      type: 'partition',
      groups: [
        ['n1', 'a1'],
        ['n2', 'n3'],
      ],
    });
    bench.get('n1', put('x', 'one'));
    bench.inject('down', { type: 'crash', target: 'n1' });
    bench.undo('cut');
    bench.after(50);
    bench.undo('down');
    bench.after(50);
    expect(bench.read('n1', 'x')).toBe('one');
    expect(bench.read('n2', 'x')).toBe('one');
  });

  it('refuses a write of somebody who has seen more, and whatever needs an agreement', () => {
    const bench = new Datacentres();
    expect(bench.get('n2', put('x', 'one', [[bench.state('n1').config.id, 7]]))).toBe(
      'replica-behind',
    );
    const cas = { type: 'kv.cas', key: 'x', expected: null, value: 'two' } as const;
    expect(bench.get('n1', cas)).toBe('not-supported');
  });
});

describe('a client that carries what it has seen', () => {
  const groups = (component: string): readonly GroupPlan[] => [
    { name: 'n', component, count: 3 },
    {
      name: 'c',
      component: 'kv-client',
      count: 1,
      links: { servers: 'n' },
      config: { dependencies: true, routing: 'pinned' },
    },
  ];

  it('names it in its writes: of each datacentre the last that it saw', () => {
    const bench = new Bench({ groups: groups('causal-store') });
    bench.ms(1_000);
    const puts = bench.packets.filter(({ message }) => message.type === 'kv.put');
    expect(puts.length).toBeGreaterThan(5);
    const named = puts.map(({ message }) => (message as ReturnType<typeof put>).dependencies);
    expect(named[0]).toEqual([]);
    named.slice(1).forEach((one, i) => {
      expect(one).toEqual([[bench.node('n1').identity.index, i + 1]]);
    });
  });

  it('is refused where no server asks for it', () => {
    const opened = (component: string) => () =>
      new Session(specOf(planOf({ durationMs: 100, groups: groups(component) })));
    expect(opened('causal-store')).not.toThrow();
    expect(opened('quorum-store')).toThrow(/dependencies changes nothing/);
  });
});
