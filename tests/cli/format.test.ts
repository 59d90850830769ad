import { describe, expect, it } from 'vitest';
import * as format from '../../src/cli/format.ts';

describe('formatCount', () => {
  it('groups thousands', () => {
    const cases = [0, 7, 999, 1_000, 12_345, 1_234_567].map(format.formatCount);
    expect(cases).toEqual(['0', '7', '999', '1,000', '12,345', '1,234,567']);
  });
});

describe('formatMicros', () => {
  it('takes the unit that people would', () => {
    const cases = [0, 850, 2_100, 150_000, 3_120_000, 20_000_000, 125_000_000, 120_000_000];
    expect(cases.map(format.formatMicros)).toEqual([
      '0 µs',
      '850 µs',
      '2.1 ms',
      '150 ms',
      '3.12 s',
      '20 s',
      '2 min 5 s',
      '2 min',
    ]);
  });
});

describe('formatShort', () => {
  it('keeps two or three digits', () => {
    const cases = [0, 3.24, 42, 9_994, 12_345, 999_999, 1_234_567].map(format.formatShort);
    expect(cases).toEqual(['0', '3.2', '42', '9994', '12 k', '1 M', '1.2 M']);
  });
});

describe('wrap', () => {
  it('breaks at spaces and leaves long words whole', () => {
    expect(format.wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(format.wrap('a-very-long-word b', 5)).toEqual(['a-very-long-word', 'b']);
    expect(format.wrap('', 5)).toEqual([]);
  });
});

describe('shellWord', () => {
  it('quotes what a shell would read', () => {
    expect(format.shellWord('cap/cp-partition')).toBe('cap/cp-partition');
    expect(format.shellWord('#s=a&b=c')).toBe("'#s=a&b=c'");
    expect(format.shellWord("it's")).toBe(`'it'\\''s'`);
    expect(format.shellWord('')).toBe("''");
  });
});
