/** The tree of calls of one request: every moment of it, whatever else goes on. */
import { describe, expect, it } from 'vitest';
import {
  Session,
  askedIn,
  opsThrough,
  slowestOf,
  spanBar,
  spanRows,
  spanTree,
  spansEnd,
} from 'faultline';
import type { Asked, GroupPlan, Plan, RunSpec, SessionOptions } from 'faultline';
import type { Span, SpanRecord } from 'faultline';
import { specOf } from '../../support/plans.ts';

const CLIENT: GroupPlan = {
  name: 'shop',
  component: 'http-client',
  count: 1,
  links: { target: 'lb' },
  config: { arrivals: { kind: 'constant', ratePerSecond: 100 } },
};
const LB: GroupPlan = {
  name: 'lb',
  component: 'load-balancer',
  count: 1,
  links: { backends: 'pod' },
  config: {},
};

const planOf = (...groups: readonly GroupPlan[]): Plan => ({
  title: 'Traced',
  summary: '',
  durationMs: 400,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups,
  faults: [],
  checks: [],
  story: [],
});

/** Requests come every 10 ms and take 17, so that several are always under way. */
const LOOKS_ASIDE = planOf(
  CLIENT,
  LB,
  {
    name: 'pod',
    component: 'service',
    count: 2,
    links: { cache: 'cache', db: 'db' },
    config: {
      steps: [
        { do: 'work', time: { kind: 'constant', ms: 2 } },
        { do: 'cached', in: 'cache', miss: [{ do: 'query', to: 'db' }] },
      ],
    },
  },
  { name: 'cache', component: 'cache', count: 1, config: { capacity: 1_000 } },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: 4,
    config: { read: { time: { kind: 'constant', ms: 5 } } },
  },
);

const SPANS: SessionOptions = { observe: { spans: true } };

function open(plan: Plan, options: SessionOptions = SPANS): Session {
  const spec: RunSpec = specOf(plan);
  return new Session(spec, options);
}

/** "shop1>lb1 request 0 1 16 17 200": who, which kind, and the moments in ms since the request. */
function linesOf(session: Session, span: Span, beganMicros = span.startMicros): string[] {
  const nameOf = (node: number): string => session.world.node(node).name;
  const at = (micros: number | null): string =>
    micros === null ? '-' : String((micros - beganMicros) / 1_000);
  const { from, to, kind, startMicros, receivedMicros, answeredMicros, endMicros } = span;
  const moments = [startMicros, receivedMicros, answeredMicros, endMicros].map(at).join(' ');
  const line = `${nameOf(from)}>${nameOf(to)} ${kind} ${moments} ${span.result}`;
  return [line, ...span.children.flatMap((one) => linesOf(session, one, beganMicros))];
}

const traceOf = (session: Session, asked: Asked | undefined): Span =>
  session.trace(asked!.op) as Span;

describe('the tree of a request', () => {
  it('has every hop with its exact times', () => {
    const session = open(LOOKS_ASIDE);
    session.advance();
    const asked = session.asked();
    expect(asked.length).toBeGreaterThan(30);
    // Whatever is under way beside it, a request for an object that is not cached yet:
    const missed = asked
      .filter(({ tookMicros }) => tookMicros === 17_000)
      .map((one) => linesOf(session, traceOf(session, one)));
    expect(missed.length).toBeGreaterThan(10);
    for (const lines of missed) {
      expect(lines.map((line) => line.replaceAll(/pod[12]/g, 'pod'))).toEqual([
        'shop1>shop1 request 0 - - 17 ok',
        'shop1>lb1 request 0 1 16 17 200',
        'lb1>pod request 1 2 15 16 200',
        'pod>cache1 request 4 5 5 6 miss',
        'pod>db1 request 6 7 12 13 version 0',
        'pod>cache1 request 13 14 14 15 done',
      ]);
    }
    expect(new Set(missed.map((lines) => lines[2]))).toHaveLength(2);
  });

  it('says what has not ended, and what was given up', () => {
    const slow: GroupPlan = {
      name: 'pod',
      component: 'service',
      count: 2,
      config: { steps: [{ do: 'wait', time: { kind: 'constant', ms: 50 } }] },
    };
    const hedging: GroupPlan = {
      ...LB,
      config: { call: { timeoutMs: 500, hedge: { afterMs: 20 } } },
    };
    const session = open(planOf(CLIENT, hedging, slow));
    session.advance();
    const asked = session.asked();
    const [first] = asked;
    expect(linesOf(session, traceOf(session, first)).slice(1)).toEqual([
      'shop1>lb1 request 0 1 53 54 200',
      'lb1>pod1 request 1 2 52 53 200',
      'lb1>pod2 hedge 21 22 72 53 given up',
    ]);
    const last = traceOf(session, asked.at(-1));
    expect(last).toMatchObject({ endMicros: null, outcome: 'open', result: 'not ended' });
    expect(asked.at(-1)!.tookMicros).toBeNull();
  });

  it('has the tries of a client that works through a script', () => {
    const store: GroupPlan = { name: 'n', component: 'raft-kv', count: 3 };
    const client: GroupPlan = {
      name: 'c',
      component: 'kv-client',
      count: 1,
      links: { servers: 'n' },
      config: { workers: 2, readShare: 0, thinkMs: 5 },
    };
    const session = open({ ...planOf(store, client), durationMs: 1_500 });
    session.advance();
    const tries = session.asked().map((one) => traceOf(session, one).children);
    expect(tries.length).toBeGreaterThan(20);
    expect(tries.every((all) => all.length > 0)).toBe(true);
    // Before there is a leader all are asked in turn; whoever answers later is asked at once.
    expect(tries[0]!.map(({ kind }) => kind).slice(0, 2)).toEqual(['request', 'retry']);
    expect(tries[0]![0]).toMatchObject({ outcome: 'fail' });
    expect(tries.at(-2)).toMatchObject([{ kind: 'request', outcome: 'ok' }]);
  });

  it('is the same again after going back and forth', () => {
    const session = open(LOOKS_ASIDE, { ...SPANS, checkpoints: true });
    session.advance();
    const whole = session.asked().map(({ op }) => session.trace(op));
    session.seek({ micros: 150_000 });
    expect(session.asked().length).toBeLessThan(whole.length);
    session.advance();
    expect(session.asked().map(({ op }) => session.trace(op))).toEqual(whole);
    session.seek({ micros: 150_000 });
    session.seek({ micros: 400_000 });
    expect(session.asked().map(({ op }) => session.trace(op))).toEqual(whole);
  });

  it('changes nothing in the run', () => {
    const watched = open(LOOKS_ASIDE);
    const alone = open(LOOKS_ASIDE, {});
    watched.advance();
    alone.advance();
    expect([watched.traceHash, watched.stateHash()]).toEqual([alone.traceHash, alone.stateHash()]);
    expect(() => alone.asked()).toThrow('records no spans');
    expect(watched.trace(-5)).toBeNull();
  });
});

describe('a log by hand', () => {
  type Call = Extract<SpanRecord, { what: 'received' }>['call'];
  const call = (number: number): Call => number as Call;
  const opened = (micros: number, number: number, behalf: number | null): SpanRecord => ({
    micros,
    what: 'opened',
    call: call(number),
    from: 1,
    to: 2,
    name: `call ${number}`,
    kind: 'request',
    behalf:
      behalf === null
        ? null
        : behalf < 0
          ? { of: 'operation', op: -behalf }
          : { of: 'call', call: call(behalf) },
  });
  const LOG: readonly SpanRecord[] = [
    { micros: 0, what: 'invoked', op: 1, node: 0, name: 'a' },
    { micros: 0, what: 'invoked', op: 2, node: 0, name: 'b' },
    opened(0, 10, -1),
    opened(0, 20, -2),
    opened(1, 11, 10),
    opened(1, 30, null),
    opened(2, 21, 20),
    { micros: 3, what: 'received', call: call(11) },
    { micros: 4, what: 'received', call: call(11) },
    { micros: 5, what: 'answered', call: call(11), words: 'first' },
    { micros: 6, what: 'answered', call: call(11), words: 'second' },
    { micros: 7, what: 'ended', call: call(11), outcome: 'ok', code: '' },
    { micros: 8, what: 'ended', call: call(10), outcome: 'unknown', code: 'timeout' },
    { micros: 8, what: 'completed', op: 1, outcome: 'unknown', code: 'timeout' },
  ];

  it('keeps the calls of one operation apart from all others', () => {
    const names = (span: Span | null): unknown =>
      span === null ? null : [span.name, ...span.children.map(names)];
    expect(names(spanTree(LOG, 1))).toEqual(['a', ['call 10', ['call 11']]]);
    expect(names(spanTree(LOG, 2))).toEqual(['b', ['call 20', ['call 21']]]);
    expect(spanTree(LOG, 3)).toBeNull();
  });

  it('takes the first of what comes twice', () => {
    const inner = spanTree(LOG, 1)?.children[0]?.children[0];
    expect(inner).toMatchObject({ receivedMicros: 3, answeredMicros: 5, result: 'first' });
  });

  it('knows who asked, and how long it took', () => {
    expect(askedIn(LOG)).toEqual([
      { op: 1, number: 1, atMicros: 0, tookMicros: 8 },
      { op: 2, number: 2, atMicros: 0, tookMicros: null },
    ]);
  });

  it('knows in which operations a node had a part, as client or far down', () => {
    expect([...opsThrough(LOG, 0)]).toEqual([1, 2]);
    expect([...opsThrough(LOG, 2)]).toEqual([1, 2]);
    const elsewhere: SpanRecord = { ...opened(9, 31, 11), to: 7 } as SpanRecord;
    expect([...opsThrough([...LOG, elsewhere], 7)]).toEqual([1]);
    expect([...opsThrough(LOG, 7)]).toEqual([]);
  });

  it('finds those that took longest, and none that is open', () => {
    const asked = [5, 9, null, 9, 7].map((tookMicros, at): Asked => ({
      op: 10 + at,
      number: at + 1,
      atMicros: at,
      tookMicros,
    }));
    expect(slowestOf(asked, 3).map(({ number }) => number)).toEqual([2, 4, 5]);
    expect(slowestOf(asked, 9)).toHaveLength(4);
  });

  it('is rows with bars: while the other side had it, as far as its caller waited', () => {
    const rows = spanRows(spanTree(LOG, 1)!);
    expect(rows.map(({ span, lasts }) => [span.name, lasts])).toEqual([
      ['a', []],
      ['call 10', [true]],
      ['call 11', [true, true]],
    ]);
    expect(spansEnd(rows, 99)).toBe(8);
    const bars = rows.map(({ span }) => spanBar(span, 8));
    expect(bars.map(({ fromMicros, toMicros }) => [fromMicros, toMicros])).toEqual([
      [0, 8],
      [0, 8],
      [1, 7],
    ]);
    expect(bars[1]!.there).toBeNull();
    expect(bars[2]!.there).toEqual({ fromMicros: 3, toMicros: 5 });
    const open = rows[2]!.span;
    expect(spanBar({ ...open, answeredMicros: null, endMicros: null }, 20).there).toEqual({
      fromMicros: 3,
      toMicros: 20,
    });
    expect(spanBar({ ...open, endMicros: 2 }, 20).there).toBeNull();
  });
});
