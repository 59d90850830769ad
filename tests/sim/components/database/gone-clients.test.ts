/** Connections of clients that are gone: who frees them, and when. */
import { describe, expect, it } from 'vitest';
import type { Fault, GroupPlan } from 'faultline';
import type { DatabaseView } from '../../../../src/sim/components/database/view.ts';
import { AskBench } from '../support/ask-bench.ts';
import { constant, db } from './support.ts';

const POOL = 4;
const LIMIT = 10;
const app: GroupPlan = {
  name: 'app',
  component: 'service',
  count: 1,
  links: { db: 'db' },
  config: {
    steps: [{ do: 'query', to: 'db' }],
    upstreams: [{ to: 'db', timeoutMs: 100, pool: { maxOpen: POOL, maxIdle: POOL } }],
  },
};
const benchOf = (config: object = {}) =>
  new AskBench({ groups: [db({ maxConnections: LIMIT, ...config }, { cores: 8 }), app] });
const connections = (b: AskBench) => b.view<DatabaseView>('db1').connections;
const inject = (b: AskBench, fault: Fault) => b.inject('it', fault);
const undo = (b: AskBench) => b.undo('it');

/** So many requests at once, so that as many connections are opened. */
const ask = (b: AskBench) =>
  Array.from({ length: POOL }, (_, key) =>
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
    } as never),
  );

/** The client opens its connections, ends and comes back, and again; what its requests got. */
function loops(b: AskBench, end: Fault, times: number): string[] {
  const outcomes: string[] = [];
  for (let i = 0; i < times; i++) {
    const tags = ask(b);
    b.after(50);
    outcomes.push(...tags.map((tag) => b.end(tag)?.result.outcome ?? 'none'));
    inject(b, end);
    b.after(50);
    undo(b);
    b.after(10);
  }
  return outcomes;
}

describe('a client that crashes again and again', () => {
  it('leaves no connections behind where its machine stays', () => {
    const b = benchOf();
    const end: Fault = { type: 'crash', target: 'app1', machineUp: true };
    expect(loops(b, end, 20)).toEqual(Array(20 * POOL).fill('ok'));
    expect(connections(b)).toBe(0);
    expect(b.told('database.dropped')).toHaveLength(20);
  });

  it('leaves none where it is told to end, either', () => {
    const b = benchOf();
    const end: Fault = { type: 'terminate', target: 'app1' };
    expect(loops(b, end, 5)).toEqual(Array(5 * POOL).fill('ok'));
    expect(connections(b)).toBe(0);
  });

  it('uses all connections up where its machine is lost each time', () => {
    const b = benchOf();
    const outcomes = loops(b, { type: 'crash', target: 'app1' }, 4);
    // Ten are there: of the third life two find none, of the fourth all.
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(LIMIT);
    expect(connections(b)).toBe(LIMIT);
    expect(b.told('database.full')).toHaveLength(1);
  });

  it('gets them back when a keepalive finds that its machine knows nothing of them', () => {
    const b = benchOf({ tcpKeepalivesIdleMs: 1_000 });
    loops(b, { type: 'crash', target: 'app1' }, 2);
    expect(connections(b)).toBe(2 * POOL);
    // Opened at about 0 and 110 ms; asked 1 s later, refused a round trip after that.
    b.to(1_000);
    expect(connections(b)).toBe(2 * POOL);
    b.to(1_010);
    expect(connections(b)).toBe(POOL);
    b.to(1_120);
    expect(connections(b)).toBe(0);
  });
});

describe('a client whose machine is lost for good', () => {
  it('keeps its connections until so many keepalives went unanswered', () => {
    const keepalive = {
      tcpKeepalivesIdleMs: 1_000,
      tcpKeepalivesIntervalMs: 100,
      tcpKeepalivesCount: 3,
    };
    const b = benchOf(keepalive);
    ask(b);
    b.after(50);
    inject(b, { type: 'crash', target: 'app1' });
    b.to(1_300);
    expect(connections(b)).toBe(POOL);
    b.to(1_310);
    expect(connections(b)).toBe(0);
  });
});

describe('a client that is still there', () => {
  it('keeps its connections, however often it is asked', () => {
    const b = benchOf({ tcpKeepalivesIdleMs: 100 });
    ask(b);
    b.to(10_000);
    expect(connections(b)).toBe(POOL);
    expect(b.sent.filter(({ message }) => message.type === 'tcp.alive').length).toBeGreaterThan(90);
  });
});

describe('the notice of an earlier life', () => {
  it('takes nothing from the next one, however late it comes', () => {
    const slow = { latency: constant(1), links: [] };
    const b = new AskBench({ groups: [db({}, { cores: 8 }), app], network: slow });
    ask(b);
    b.after(50);
    b.parts.injector.inject(
      'late',
      { type: 'latency', from: 'app1', to: 'db1', extra: constant(500) },
      'person',
    );
    inject(b, { type: 'crash', target: 'app1', machineUp: true });
    b.parts.injector.undo('late');
    undo(b);
    b.after(1);
    ask(b);
    b.after(50);
    expect(connections(b)).toBe(2 * POOL);
    b.after(500);
    expect(connections(b)).toBe(POOL);
  });
});
