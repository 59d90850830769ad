import { describe, expect, it } from 'vitest';
import type { GaugeReport, OperationTotal, Report } from '../../src/sim/index.ts';
import { paintFor } from '../../src/cli/paint.ts';
import { progressLine } from '../../src/cli/progress.ts';
import { escapeXml, junitReport } from '../../src/cli/report/junit.ts';
import { textReport } from '../../src/cli/report/text.ts';
import { fakeHost } from './support/host.ts';
import { check, failing, reportWith } from './support/report.ts';
import { elementsOf } from './support/xml.ts';

const paintOf = (terminal: boolean, env: Record<string, string> = {}) => {
  const host = fakeHost([], { terminal, env });
  return paintFor(host.stdout, host.env);
};
const plain = paintOf(false);

const gauges: readonly GaugeReport[] = [
  {
    title: 'Queue',
    group: 'pod',
    kind: 'level',
    unit: '',
    last: 0,
    mean: 1.2345,
    max: 12_345.6,
    checks: [],
  },
  {
    title: 'Reads',
    group: 'db',
    kind: 'count',
    unit: '',
    last: 20,
    mean: 100 / 3,
    max: 50,
    checks: [],
  },
  {
    title: 'Memory',
    group: 'pod',
    kind: 'level',
    unit: 'MiB',
    last: 64,
    mean: 64,
    max: 65,
    checks: [],
  },
  {
    title: 'Hit ratio',
    group: 'pod',
    kind: 'share',
    unit: '',
    last: null,
    mean: 0.6155,
    max: 1,
    checks: ['cold', 'warm'],
  },
  {
    title: 'Utilisation',
    group: 'db',
    kind: 'level',
    unit: '',
    last: 0.25,
    mean: 0.0001,
    max: 1,
    checks: [],
  },
];
const total = (operation: string, ok: number): OperationTotal => ({
  operation,
  ok,
  fail: 2,
  unknown: 3,
  latencyMicros: { p50: 2_100, p95: 3_000, p99: 4_000, max: 15_000_000, mean: 2_500 },
  histogram: [],
});
const withGauges = (of: readonly GaugeReport[]): Report => {
  const report = reportWith();
  return { ...report, metrics: { ...report.metrics, gauges: of } };
};

describe('textReport', () => {
  it('shows the verdict, each check against its expectation, and how to repeat it', () => {
    const text = textReport(reportWith(), plain);
    expect(text).toMatchInlineSnapshot(`
      "PASS  cap/cp-partition · A partition cuts the leader off
        setting    seed 7, variant default
                   nodes=5

        ✓  linearizable  expected: holds  got: holds
        ✓  recovers      expected: holds  got: holds

        clients    1,203 operations: 1,100 ok, 3 fail, 100 unknown; 12 retries; 1 late reply
        latency    p50 2.1 ms · p95 3.2 ms · p99 9 ms · max 15 ms, of answered requests
        errors     no-leader 3 · timeout 100
        network    32,233 messages, 120 lost
        facts      raft.elected 3

        run        45,331 events, 20 s simulated
        hashes     trace 0123456789abcdef · state fedcba9876543210
        repeat     faultline run cap/cp-partition --seed 7
        watch      http://localhost:5173/#s=cap/cp-partition&seed=7&v=1
      "
    `);
  });

  it('shows the first finding with its why', () => {
    const text = textReport(failing, plain);
    expect(text).toMatchInlineSnapshot(`
      "FAIL  cap/cp-partition · A partition cuts the leader off
        setting    seed 7, variant default
                   nodes=5

        ✗  linearizable  expected: holds  got: breaks
        ?  recovers      expected: holds  got: unknown
        ✓  elects        expected: holds  got: holds

        linearizable at 3.12 s (event 12,034)
          c2 read x = 1 & "2" <after> x = 2 was acknowledged.
          Proved by events 12,001, 12,034.

        recovers
          the run was cut short

        clients    1,203 operations: 1,100 ok, 3 fail, 100 unknown; 12 retries; 1 late reply
        latency    p50 2.1 ms · p95 3.2 ms · p99 9 ms · max 15 ms, of answered requests
        errors     no-leader 3 · timeout 100
        network    32,233 messages, 120 lost
        facts      raft.elected 3

        run        45,331 events, 20 s simulated
        hashes     trace 0123456789abcdef · state fedcba9876543210
        repeat     faultline run cap/cp-partition --seed 7
        watch      http://localhost:5173/#s=cap/cp-partition&seed=7&v=1
      "
    `);
  });

  it('counts retries and hedges apart, and names neither where there is none', () => {
    const clients = (retries: number, hedges: number) => {
      const { metrics } = reportWith();
      const text = textReport(reportWith({ metrics: { ...metrics, retries, hedges } }), plain);
      return text.split('\n').find((line) => line.includes('operations:'));
    };
    expect(clients(12, 3)).toContain('100 unknown; 12 retries; 3 hedges; 1 late reply');
    expect(clients(0, 1)).toContain('100 unknown; 1 hedge; 1 late reply');
    expect(clients(1, 0)).toContain('100 unknown; 1 retry; 1 late reply');
    expect(clients(0, 0)).toContain('100 unknown; 1 late reply');
  });

  it('shows an expected break as expected', () => {
    const report = reportWith({
      checks: [check('safe', { result: 'fail', expected: 'breaks', why: 'As expected: gone.' })],
      findings: [
        {
          check: 'safe',
          verdict: 'pass',
          expected: true,
          atMicros: 5,
          event: 1,
          why: 'gone.',
          evidence: [],
        },
      ],
      modified: ['raft.current-term-commit'],
    });
    const text = textReport(report, plain);
    expect(text).toContain('got: breaks, as expected');
    expect(text).toContain('safe at 5 µs, as expected');
    expect(text).toContain('raft.current-term-commit switched off');
  });

  it('shows a run with further rules off against its variant', () => {
    const breaks = { expected: 'breaks', result: 'fail' } as const;
    const report = reportWith({
      modified: ['raft.dedupe', 'raft.persist-vote'],
      beyondVariant: ['raft.persist-vote'],
      checks: [check('a', { result: 'fail', verdict: 'fail' }), check('b', breaks)],
    });
    const lines = textReport(report, plain).split('\n').slice(3, 8);
    expect(lines).toEqual([
      '  modified   raft.dedupe, raft.persist-vote switched off',
      '  compared   with the variant default, which has raft.persist-vote on',
      '',
      '  ✗  a  expected with the rules on: holds   now: breaks',
      '  ✓  b  expected with the rules on: breaks  now: breaks, as expected',
    ]);
  });

  it('names the limit that ended a run', () => {
    const report = reportWith({ verdict: 'unknown', ended: 'limit: events' });
    expect(textReport(report, plain)).toContain('ended by limit: events');
  });

  it('says why a limit ended a run where time stood still', () => {
    const endedHint = 'Time stands still: c1 (http-client) went on.';
    const text = textReport(reportWith({ ended: 'limit: events', endedHint }), plain);
    expect(text).toMatch(/ended by limit: events\n    Time stands still: c1/);
  });

  it('shows the numbers of the components, those that checks are about first', () => {
    const text = textReport(withGauges(gauges), plain);
    const at = text.indexOf('  gauges');
    expect(text.slice(at, text.indexOf('\n\n', at))).toMatchInlineSnapshot(`
      "  gauges     group  number, of one member  last    mean     max  check
                   pod    Hit ratio                 -  61.6 %   100 %  cold, warm
                   pod    Queue                     0    1.23  12,346
                   db     Reads per second         20    33.3      50
                   pod    Memory, MiB              64      64      65
                   db     Utilisation            25 %  0.01 %   100 %
                   last and mean are means over the members of the group, max the highest of any
                   last and max are means over a window, as in the charts of the page"
    `);
  });

  it('shows each operation where there is more than one', () => {
    const order = total('POST /order', 0);
    const metrics = (byOperation: readonly OperationTotal[]) =>
      textReport(reportWith({ metrics: { ...reportWith().metrics, byOperation } }), plain);
    expect(metrics([order])).not.toContain('POST /order');
    const text = metrics([total('GET /browse', 1_234), order]);
    expect(text.split('\n').slice(9, 12)).toEqual([
      '  each       operation       ok  fail  unknown     p50   p95   p99   max',
      '             GET /browse  1,234     2        3  2.1 ms  3 ms  4 ms  15 s',
      '             POST /order      0     2        3       -     -     -     -',
    ]);
    const many = Array.from({ length: 14 }, (_, i) => total(`${'x'.repeat(60)}${i}`, i));
    expect(metrics(many)).toContain('and 2 more: --json has all');
    expect(metrics(many)).not.toContain('x'.repeat(33));
  });

  it('has no table where there are no numbers, or only zeros that nobody asks for', () => {
    const idle = gauges.slice(0, 1).map((one) => ({ ...one, last: 0, mean: 0, max: 0 }));
    for (const none of [[], idle])
      expect(textReport(withGauges(none), plain)).not.toMatch(/gauges/);
    const asked = idle.map((one) => ({ ...one, checks: ['few'] }));
    expect(textReport(withGauges(asked), plain)).toMatch(/gauges/);
  });

  it('shows the share of a cache that never hits: it was asked', () => {
    const ratio = { ...gauges.find(({ kind }) => kind === 'share')!, checks: [] };
    const text = textReport(withGauges([{ ...ratio, last: 0, mean: 0, max: 0 }]), plain);
    expect(text).toMatch(/Hit ratio +0 % +0 % +0 %/);
  });

  it('names what stayed at 0 in a group that was busy, and nothing of an idle one', () => {
    const idle = { last: 0, mean: 0, max: 0, checks: [] };
    const zero = (group: string, title: string) => ({ ...gauges[0]!, group, title, ...idle });
    const all = [gauges[2]!, zero('pod', 'Queue'), zero('pod', 'Refused'), zero('spare', 'Queue')];
    const text = textReport(withGauges(all), plain);
    expect(text).toContain('0 all along in pod: Queue, Refused\n');
    expect(text).not.toContain('spare');
    const many = Array.from({ length: 30 }, (_, i) => zero('pod', `Something ${i}`));
    const wide = textReport(withGauges([gauges[2]!, ...many]), plain);
    expect(wide).toContain('Something 29');
    expect(Math.max(...wide.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('cuts a long table, and says where the rest is', () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ ...gauges[0]!, title: `Number ${i}` }));
    const text = textReport(withGauges(many), plain);
    expect(text).toContain('Number 23');
    expect(text).not.toContain('Number 24');
    expect(text).toContain('and 6 more numbers: --json has all');
  });

  it('has no line that is wider than 100 letters, whatever it has to show', () => {
    const long = { group: 'g'.repeat(40), title: 'T'.repeat(60), checks: ['check'.repeat(9), 'b'] };
    const text = textReport(withGauges(gauges.map((one) => ({ ...one, ...long }))), plain);
    const lines = text.split('\n').filter((line) => !line.includes('http'));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('has no line that is wider than 100 letters', () => {
    const why = 'word '.repeat(60);
    const [first] = failing.findings;
    const proof = {
      events: [{ event: 7, atMicros: 1, sentences: [why] }],
      steps: [{ title: 'how', messages: [{ event: 7, atMicros: 1, text: why, isMissing: true }] }],
    };
    const text = textReport({ ...failing, findings: [{ ...first!, why }] }, plain, proof);
    const lines = text.split('\n').filter((line) => !line.includes('http'));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe('colour', () => {
  const coloured = (terminal: boolean, env: Record<string, string> = {}) =>
    textReport(failing, paintOf(terminal, env)).includes('\u001b[');

  it('is for terminals only, and NO_COLOR turns it off', () => {
    expect(coloured(true)).toBe(true);
    expect(coloured(false)).toBe(false);
    expect(coloured(true, { NO_COLOR: '1' })).toBe(false);
    expect(coloured(true, { TERM: 'dumb' })).toBe(false);
    expect(coloured(false, { FORCE_COLOR: '1' })).toBe(true);
    expect(coloured(false, { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  });

  it('changes nothing but colour', () => {
    const stripped = textReport(failing, paintOf(true)).replace(/\u001b\[[0-9;]*m/g, '');
    expect(stripped).toBe(textReport(failing, plain));
  });
});

describe('junitReport', () => {
  it('has one test case per check, with failure and skipped as they are', () => {
    const elements = elementsOf(junitReport(failing));
    const named = (name: string) => elements.filter((element) => element.name === name);
    expect(named('testsuite')[0]?.attributes).toMatchObject({
      name: 'cap/cp-partition seed 7',
      tests: '3',
      failures: '1',
      skipped: '1',
      errors: '0',
    });
    expect(named('testcase').map((element) => element.attributes['name'])).toEqual([
      'linearizable',
      'recovers',
      'elects',
    ]);
    expect(named('failure')[0]?.text).toContain('c2 read x = 1 & "2" <after> x = 2');
    expect(named('failure')[0]?.text).toContain(failing.repro.command);
    expect(named('skipped')[0]?.attributes['message']).toBe('the run was cut short');
    expect(named('property').map((element) => element.attributes['name'])).toContain('traceHash');
  });

  it('is well-formed whatever a why says', () => {
    const why = 'a\u0000b\u001bc <![CDATA[ ]]> & \ud800 \ufffe "quote\' \r\n end';
    const report = reportWith({
      checks: [check('x<y', { verdict: 'fail', result: 'fail', why })],
      params: { text: '<&>"' },
    });
    const xml = junitReport(report);
    expect(elementsOf(xml).find((one) => one.name === 'failure')?.text).toContain(
      '<![CDATA[ ]]> &',
    );
    expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
  });

  it('keeps astral letters', () => {
    expect(escapeXml('😀')).toBe('😀');
    expect(escapeXml('a\ud83d')).toBe('a\ufffd');
  });
});

describe('progressLine', () => {
  it('shows share, rates, time left and what failed', () => {
    const state = {
      done: 50,
      total: 200,
      fail: 2,
      unknown: 0,
      events: 1_000_000,
      elapsedMillis: 5_000,
    };
    expect(progressLine(state, plain)).toBe(
      '██████░░░░░░░░░░░░░░░░░░ 50/200 · 10 seeds/s · 200 k events/s · 15 s left · 2 fail',
    );
  });

  it('promises nothing before the first run is done', () => {
    const none = { done: 0, total: 5, fail: 0, unknown: 0, events: 0, elapsedMillis: 0 };
    expect(progressLine(none, plain)).not.toContain('left');
  });
});
