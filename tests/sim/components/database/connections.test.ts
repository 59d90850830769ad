import { describe, expect, it } from 'vitest';
import type { GroupPlan } from 'faultline';
import type { DatabaseView } from '../../../../src/sim/components/database/view.ts';
import { AskBench } from '../support/ask-bench.ts';
import { db } from './support.ts';

const CONNECT = { type: 'sql.connect', life: 0 };
const CLOSE = { type: 'sql.close', life: 0 };
const connections = (b: AskBench) => b.view<DatabaseView>('db1').connections;

describe('connections', () => {
  it('are counted, and refused beyond max_connections, surely without effect', () => {
    const b = new AskBench({ groups: [db({ maxConnections: 2 })] });
    const ends = [1, 2, 3, 4].map(() => b.ask('db1', CONNECT));
    b.to(10);
    expect(ends.map((tag) => b.reply(tag))).toEqual([
      { type: 'sql.connected' },
      { type: 'sql.connected' },
      'too-many-connections',
      'too-many-connections',
    ]);
    expect(b.end(ends[2] as number)?.result.outcome).toBe('fail');
    expect(connections(b)).toBe(2);
    // One fact for each time that it is full, not for each refusal.
    expect(b.told('database.full')).toEqual([{ type: 'database.full', connections: 2 }]);
    b.send('db1', CLOSE);
    b.after(5);
    expect(connections(b)).toBe(1);
    expect(b.answer('db1', CONNECT)).toEqual({ type: 'sql.connected' });
  });

  it('are 100 by default', () => {
    const b = new AskBench({ groups: [db()] });
    expect(b.view<DatabaseView>('db1').maxConnections).toBe(100);
  });

  it('do not fall below none when one is closed that a restart has cut already', () => {
    const b = new AskBench({ groups: [db()] });
    b.answer('db1', CONNECT);
    b.crash('db1').after(5);
    b.restart('db1').after(5);
    expect(connections(b)).toBe(0);
    b.send('db1', CLOSE);
    b.after(5);
    expect(connections(b)).toBe(0);
  });

  it('come and go with the pool of a service', () => {
    const app: GroupPlan = {
      name: 'app',
      component: 'service',
      count: 1,
      links: { db: 'db' },
      config: {
        steps: [{ do: 'query', to: 'db' }],
        upstreams: [{ to: 'db', pool: { maxOpen: 3, maxIdle: 1 } }],
      },
    };
    const b = new AskBench({ groups: [db({}, { cores: 4 }), app] });
    const ask = (key: number) =>
      b.ask('app1', {
        type: 'http.request',
        route: 'r',
        write: false,
        key,
        seed: key,
        session: 0,
        connection: 0,
        priority: 0,
        attempt: 0,
      } as never);
    const tags = [1, 2, 3, 4, 5].map(ask);
    b.to(3.5);
    expect(connections(b)).toBe(3);
    b.to(100);
    expect(tags.map((tag) => b.end(tag)?.result.outcome)).toEqual(Array(5).fill('ok'));
    expect(connections(b)).toBe(1);
  });
});
