import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import 'faultline/vitest';
import { check, failing, reportWith } from './support/report.ts';

const messageOf = (assert: () => void): string => {
  try {
    assert();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('the matcher passed');
};

describe('toPass', () => {
  it('takes the verdict of a report', () => {
    expect(reportWith()).toPass();
    expect(failing).not.toPass();
  });

  it('says what broke and how to repeat it', () => {
    const message = messageOf(() => expect(failing).toPass());
    expect(message).toContain('expected the verdict pass, got fail');
    expect(message).toContain('✗ linearizable');
    expect(message).toContain('c2 read x = 1');
    expect(message).toContain(failing.repro.command);
    expect(message).toContain(failing.repro.link);
  });

  it('refuses what is no report', () => {
    expect(() => expect(5).toPass()).toThrow(/report of a run/);
    expect(() => expect(null).toPass()).toThrow(/report of a run/);
  });
});

describe('toHaveVerdict', () => {
  it('takes any verdict', () => {
    expect(failing).toHaveVerdict('fail');
    expect(reportWith({ verdict: 'unknown' })).toHaveVerdict('unknown');
    expect(messageOf(() => expect(failing).not.toHaveVerdict('fail'))).toContain('another verdict');
  });
});

describe('toBreak', () => {
  it('looks at the check itself, whatever is expected of it', () => {
    expect(failing).toBreak('linearizable');
    expect(failing).toBreak('linearizable', 'was acknowledged');
    expect(failing).not.toBreak('elects');
    expect(failing).not.toBreak('linearizable', 'something else');
    const lesson = reportWith({
      checks: [check('safe', { result: 'fail', expected: 'breaks', verdict: 'pass' })],
    });
    expect(lesson).toPass();
    expect(lesson).toBreak('safe');
  });

  it('does not let a misspelt check pass', () => {
    expect(() => expect(failing).not.toBreak('linearisable')).toThrow(/no check "linearisable"/);
  });
});

describe('the types', () => {
  it('know the matchers', () => {
    // @ts-expect-error a verdict is one of three words
    expect(() => expect(reportWith()).toHaveVerdict('good')).toThrow();
    // @ts-expect-error a check has a name
    expect(() => expect(reportWith()).toBreak()).toThrow();
  });
});

describe('the main entry', () => {
  it('has no test dependency', () => {
    const entry = readFileSync(new URL('../../src/sim/index.ts', import.meta.url), 'utf8');
    expect(entry).not.toContain('vitest');
  });
});
