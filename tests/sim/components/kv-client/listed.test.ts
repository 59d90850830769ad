/** A client that is told what to do and when, and whom each kind of client asks first. */
import { describe, expect, it } from 'vitest';
import { ScenarioError, Session } from 'faultline';
import { planOf, specOf } from '../../../support/plans.ts';
import { done, valueOf } from '../support/bench.ts';
import { clientBench, completed, invoked } from './support/client.ts';

const listed = (operations: readonly object[], more: object = {}) => ({
  mode: 'listed',
  operations,
  ...more,
});

describe('a listed client', () => {
  it('begins each operation at its time, whatever has become of the others', () => {
    const bench = clientBench({
      script: () => null,
      config: listed([
        { atMs: 30, do: 'get', key: 'x' },
        { atMs: 10, do: 'put', key: 'x', value: 'one' },
        { atMs: 12, do: 'delete', key: 'y' },
      ]),
    }).ms(100);
    const told = bench.told('client.invoked').map(({ atMicros, fact }) => {
      const { f, key, input } = fact as never as Record<string, unknown>;
      return [atMicros / 1_000, f, key, input];
    });
    expect(told).toEqual([
      [10, 'put', 'x', 'one'],
      [12, 'put', 'y', null],
      [30, 'get', 'x', null],
    ]);
    // Each of them waits: they are of three logical clients.
    expect(new Set(invoked(bench).map(({ client }) => client)).size).toBe(3);
  });

  it('asks for all values where it is told to, and for changes of data types', () => {
    const bench = clientBench({
      script: ({ request }) => {
        if (request.type !== 'kv.get') return { reply: done() };
        const siblings = request.key === 'x' ? { siblings: [1, 2] } : {};
        return { reply: { ...valueOf(request.key === 'z' ? null : 2), ...siblings } };
      },
      config: listed([
        { atMs: 10, do: 'get-all', key: 'x' },
        { atMs: 20, do: 'get', key: 'x' },
        { atMs: 30, do: 'get-all', key: 'y' },
        { atMs: 40, do: 'get-all', key: 'z' },
        { atMs: 50, do: 'increment', key: 'n', value: -2 },
        { atMs: 60, do: 'add', key: 's', value: 'milk' },
        { atMs: 70, do: 'remove', key: 's', value: 'milk' },
        { atMs: 80, do: 'assign', key: 'r', value: 'it' },
      ]),
    }).ms(200);
    expect(completed(bench).map(({ f, output }) => [f, output])).toEqual([
      ['get-all', [1, 2]],
      ['get', 2],
      ['get-all', [2]],
      ['get-all', []],
      ['increment', true],
      ['add', true],
      ['remove', true],
      ['assign', true],
    ]);
    expect(bench.sent('kv.update').map(({ message }) => message)).toMatchObject([
      { key: 'n', update: { do: 'increment', by: -2 } },
      { key: 's', update: { do: 'add', element: 'milk' } },
      { key: 's', update: { do: 'remove', element: 'milk' } },
      { key: 'r', update: { do: 'assign', value: 'it' } },
    ]);
  });
});

describe('whom a client asks first', () => {
  const asked = (config: object) => {
    const bench = clientBench({
      servers: 3,
      // The second server never answers.
      script: ({ server }) => (server === 1 ? null : { reply: done() }),
      config: { tryTimeoutMs: 5, deadlineMs: 50, backoffMs: 1, readShare: 1, ...config },
    }).ms(400);
    return bench.sent('kv.get').map(({ to }) => to);
  };

  it('last: the server that answered last, after the first one failed', () => {
    const to = asked({ firstServer: 2 });
    expect(to[0]).toBe(1);
    expect(new Set(to.slice(1))).toEqual(new Set([2]));
  });

  it('home: its first server every time, and the next one where that fails', () => {
    const to = asked({ routing: 'home', firstServer: 2 });
    expect(to.slice(0, 4)).toEqual([1, 2, 1, 2]);
  });

  it('pinned: its first server and no other', () => {
    expect(new Set(asked({ routing: 'pinned', firstServer: 2 }))).toEqual(new Set([1]));
    expect(new Set(asked({ routing: 'pinned' }))).toEqual(new Set([0]));
  });

  it('random: any of them, about as often', () => {
    const bench = clientBench({
      servers: 3,
      script: () => ({ reply: done() }),
      config: { routing: 'random' },
    }).ms(2_000);
    const to = bench.sent('kv.get').map((message) => message.to);
    for (const server of [0, 1, 2]) {
      const share = to.filter((one) => one === server).length / to.length;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / to.length));
    }
  });
});

describe('settings of a client that say nothing', () => {
  const build = (config: object): void => {
    const plan = planOf({
      durationMs: 100,
      groups: [
        { name: 'n', component: 'quorum-store', count: 3 },
        {
          name: 'c',
          component: 'kv-client',
          count: 1,
          links: { servers: 'n' },
          config: { ...config },
        },
      ],
    });
    new Session(specOf(plan));
  };
  const get = { atMs: 1, do: 'get', key: 'x' };

  it.each<[object, RegExp]>([
    [listed([]), /no operations/],
    [{ operations: [get] }, /changes nothing/],
    [listed([{ ...get, value: 3 }]), /value changes nothing: get writes none/],
    [listed([{ ...get, do: 'put' }]), /put needs a value/],
    [listed([{ ...get, do: 'increment', value: 'x' }]), /increment needs a whole number/],
    [listed([{ ...get, do: 'add' }]), /add needs a value/],
    [{ firstServer: 4 }, /"n" has no member 4/],
  ])('%j is refused', (config, words) => {
    expect(() => build(config)).toThrow(ScenarioError);
    expect(() => build(config)).toThrow(words);
  });

  it('a sound list is not', () => {
    expect(() => build(listed([get]))).not.toThrow();
  });
});
