import { describe, expect, it } from 'vitest';
import * as parse from '../../src/cli/parse.ts';
import { ScenarioError } from '../../src/sim/index.ts';

const refuses = (read: () => unknown, sentence: RegExp) => {
  expect(read).toThrow(ScenarioError);
  expect(read).toThrow(sentence);
};

describe('parseSeeds', () => {
  it('reads a range and a single seed', () => {
    expect(parse.parseSeeds('1..1000')).toEqual({ first: 1, last: 1_000 });
    expect(parse.parseSeeds('7')).toEqual({ first: 7, last: 7 });
    expect(parse.parseSeeds('0..0')).toEqual({ first: 0, last: 0 });
  });
  it('says what is wrong', () => {
    for (const text of ['', 'a', '1-5', '1..', '..5', '-1..5', '1.5..2', '1..99999999999999999']) {
      refuses(() => parse.parseSeeds(text), /must be A\.\.B/);
    }
    refuses(() => parse.parseSeeds('9..3'), /ends before it begins/);
    refuses(() => parse.parseSeeds('1..99999999'), /more than/);
  });
});

describe('parseShard', () => {
  it('counts from 1', () => {
    expect(parse.parseShard('1/4')).toEqual({ index: 1, count: 4 });
    expect(parse.parseShard('4/4')).toEqual({ index: 4, count: 4 });
    for (const text of ['0/4', '5/4', '1', '1/0', 'a/b', '1/4/2']) {
      refuses(() => parse.parseShard(text), /I\/N/);
    }
  });
});

describe('parseUntil', () => {
  it('wants a unit', () => {
    expect(parse.parseUntil('5s')).toBe(5_000_000);
    expect(parse.parseUntil('300ms')).toBe(300_000);
    expect(parse.parseUntil('1.5 s')).toBe(1_500_000);
    expect(parse.parseUntil('20us')).toBe(20);
    expect(parse.parseUntil('2min')).toBe(120_000_000);
    for (const text of ['5', '5 parsecs', '-5s', '']) {
      refuses(() => parse.parseUntil(text), /time with its unit/);
    }
    for (const text of ['0s', '0.0ms', '0.4us']) {
      refuses(() => parse.parseUntil(text), /must be more than 0, 1us at least, not "0/);
    }
  });
});

describe('parseWhole', () => {
  it('keeps to safe integers', () => {
    expect(parse.parseWhole('9007199254740991', '--seed')).toBe(Number.MAX_SAFE_INTEGER);
    for (const text of ['9007199254740992', '-1', '1.5', '1e3', 'seven', '']) {
      refuses(() => parse.parseWhole(text, '--seed'), /--seed must be a whole number/);
    }
    refuses(() => parse.parseWhole('0', '--jobs', 1), /from 1/);
  });
});

describe('parsePair', () => {
  it('splits at the first sign', () => {
    expect(parse.parsePair('a=b=c')).toEqual(['a', 'b=c']);
    expect(parse.parsePair('a=')).toEqual(['a', '']);
    refuses(() => parse.parsePair('a'), /name=value/);
    refuses(() => parse.parsePair('=b'), /name=value/);
  });
});

describe('readParameter', () => {
  it('reads by the schema', () => {
    expect(parse.readParameter('n', '5', { type: 'integer' })).toBe(5);
    expect(parse.readParameter('n', '-0.5', { type: 'number' })).toBe(-0.5);
    expect(parse.readParameter('t', '2s', { type: 'number', unit: 'ms' })).toBe(2_000);
    expect(parse.readParameter('t', '150', { type: 'number', unit: 'ms' })).toBe(150);
    expect(parse.readParameter('b', 'on', { type: 'boolean' })).toBe(true);
    expect(parse.readParameter('b', 'false', { type: 'boolean' })).toBe(false);
    expect(parse.readParameter('s', '5', { type: 'string' })).toBe('5');
    expect(parse.readParameter('e', '2', { enum: [1, 2] })).toBe(2);
    expect(parse.readParameter('o', '{"a":1}', { type: 'object' })).toEqual({ a: 1 });
  });
  it('refuses what the schema does not take', () => {
    refuses(() => parse.readParameter('n', 'five', { type: 'integer' }), /n is a number/);
    refuses(() => parse.readParameter('n', '0x10', { type: 'integer' }), /n is a number/);
    refuses(() => parse.readParameter('t', '2 parsecs', { type: 'number', unit: 'ms' }), /time/);
    refuses(() => parse.readParameter('b', 'maybe', { type: 'boolean' }), /true or false/);
    refuses(() => parse.readParameter('e', 'quik', { enum: ['quick'] }), /cannot be "quik"/);
    refuses(() => parse.readParameter('o', '{', { type: 'object' }), /JSON/);
  });
});
