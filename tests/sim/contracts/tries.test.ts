/** The words for tries: one of three kinds, by number and mark. */
import { describe, expect, it } from 'vitest';
import { http } from '../../../src/sim/contracts/http.ts';
import type { HttpRequest } from '../../../src/sim/contracts/http.ts';
import { FIRST_TRY, flightOfTry, tryMark, tryWords } from '../../../src/sim/contracts/tries.ts';
import { request } from '../components/support/traffic-bench.ts';

describe('a try', () => {
  it('is a first one, a retry or a hedge, and says its number from 1', () => {
    expect(tryMark(1, false)).toBe(FIRST_TRY);
    const said = (number: number, isHedge: boolean) => {
      const mark = tryMark(number, isHedge);
      return [flightOfTry(mark), tryWords(mark)];
    };
    expect(said(1, false)).toEqual(['request', '']);
    expect(said(2, false)).toEqual(['retry', ', try 2 (retry)']);
    expect(said(3, true)).toEqual(['hedge', ', try 3 (hedge)']);
  });

  it('over HTTP is told by the message, whoever passes it on', () => {
    const spec = http.messages['http.request'];
    const said = (fields: Partial<HttpRequest>) => {
      const message = request(fields);
      const { flight } = spec;
      return [typeof flight === 'function' ? flight(message) : flight, spec.label(message)];
    };
    expect(said({})).toEqual(['request', 'GET /item of 1']);
    expect(said({ attempt: 1 })).toEqual(['retry', 'GET /item of 1, try 2 (retry)']);
    expect(said({ attempt: 1, hedge: true })).toEqual(['hedge', 'GET /item of 1, try 2 (hedge)']);
    expect(said({ attempt: 2, hedge: false })).toEqual(['retry', 'GET /item of 1, try 3 (retry)']);
  });
});
