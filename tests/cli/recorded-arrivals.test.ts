/** Arrivals that were recorded in a CSV file beside a document. */
import { describe, expect, it } from 'vitest';
import { ScenarioError } from 'faultline';
import { loadDocument } from '../../src/cli/load-document.ts';

const document = (arrivals: string) => `
title: A recorded day
summary: ''
durationMs: 10000
network: { latency: { kind: constant, ms: 1 } }
groups:
  - name: app
    component: service
    count: 1
    config: { steps: [{ do: work, time: { kind: constant, ms: 1 } }] }
  - name: c
    component: http-client
    count: 1
    links: { target: app }
    config:
      arrivals: ${arrivals}
faults: []
checks: []
story: []
`;
const load = (arrivals: string, text: string) =>
  loadDocument(document(arrivals), 'day.yaml', () => text).groups[1]?.config?.['arrivals'];
const refusal = (arrivals: string, text: string): ScenarioError => {
  try {
    load(arrivals, text);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
  }
  throw new Error('it was taken');
};

describe('recorded arrivals', () => {
  it('are the times of the first column, counted from the first', () => {
    const times = load('{ kind: replay, file: log.csv }', '1000\n1250\n1250.5\n');
    expect(times).toEqual({ kind: 'replay', timesMs: [0, 250, 250.5] });
  });

  it('may stand in a column by its name, and in another unit', () => {
    const text = 'path,time\n/a,2\n"/b,c",2.5\n\n/d,3\n';
    const arrivals = '{ kind: replay, file: log.csv, column: time, unit: s, loopMs: 5000 }';
    expect(load(arrivals, text)).toEqual({
      kind: 'replay',
      timesMs: [0, 500, 1_000],
      loopMs: 5_000,
    });
  });

  it('say what is wrong, and where', () => {
    const file = '{ kind: replay, file: log.csv }';
    expect(refusal(file, 'time\n1\nsoon\n').message).toMatch(/log\.csv:3 has no time: "soon"\./);
    expect(refusal(file, 'time\n1\n\n\nsoon\n').message).toMatch(/log\.csv:5 has no time/);
    const back = refusal(file, 'time\n1\n\n3\n3\n2\n');
    expect(back.message).toMatch(/log\.csv:6 goes back in time: 2 after 3\./);
    expect(back.hint).toMatch(/Sort the file/);
    expect(refusal(file, '').message).toMatch(/log\.csv has no times\./);
    expect(refusal(file, 'a,b\n1\n').message).toMatch(/log\.csv is not valid CSV/);
    const column = refusal('{ kind: replay, file: log.csv, column: tiem }', 'time\n1\n');
    expect(column.message).toMatch(/log\.csv has no column "tiem"\./);
    expect(column.hint).toMatch(/time/);
    expect(refusal('{ kind: replay, file: log.csv, unit: min }', '1').hint).toMatch(/ms/);
    expect(refusal('{ kind: replay, file: log.csv, colum: a }', '1').hint).toMatch(/column/);
  });

  it('in a file that nobody can read are refused', () => {
    expect(() => loadDocument(document('{ kind: replay, file: log.csv }'), 'day.yaml')).toThrow(
      'log.csv cannot be read from here.',
    );
  });
});
