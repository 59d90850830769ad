/** Small transaction histories with published verdicts per isolation level: every one, exactly. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkIsolation, ISOLATION_LEVELS } from 'faultline';
import type { IsolationLevel, SessionTxn } from 'faultline';

interface Case {
  readonly id: string;
  readonly sessions: readonly (readonly SessionTxn[])[];
  readonly expect: Readonly<Partial<Record<IsolationLevel, boolean>>>;
}

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const { cases } = JSON.parse(readFileSync(join(folder, 'txn_isolation_cases.json'), 'utf8')) as {
  readonly cases: readonly Case[];
};

describe('isolation levels of small histories', () => {
  it('are all here', () => expect(cases.length).toBeGreaterThanOrEqual(10));
  for (const entry of cases) {
    it(`${entry.id}: ${JSON.stringify(entry.expect)}`, () => {
      for (const level of ISOLATION_LEVELS) {
        const expected = entry.expect[level];
        if (expected === undefined) continue;
        const result = checkIsolation(entry.sessions, level);
        expect(result.verdict, level).toBe(expected ? 'pass' : 'fail');
        if (!expected) expect(result.because.length, level).toBeGreaterThan(0);
      }
    });
    it(`${entry.id}: a level that holds holds below, too`, () => {
      const verdicts = ISOLATION_LEVELS.map(
        (level) => checkIsolation(entry.sessions, level).verdict === 'pass',
      );
      expect(verdicts).toEqual([...verdicts].sort((a, b) => Number(b) - Number(a)));
    });
  }
});
