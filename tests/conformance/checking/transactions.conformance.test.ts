/**
 * Transaction histories with published anomalies: verdict and rulesOut equal, every anomaly that is
 * published found (folded: an item variant is its plain class; "nothing to order" is a marker).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkTransactions } from 'faultline';
import type { Ask, Assumptions, MicroOp, TxnOp, Workload } from 'faultline';

interface CaseOp {
  readonly process: number;
  readonly call?: number;
  readonly ret?: number | null;
  readonly type: 'ok' | 'fail' | 'info';
  readonly txn: readonly MicroOp[];
}
interface CaseCheck {
  readonly ask: Ask;
  readonly assume?: Assumptions;
  readonly verdict: 'valid' | 'invalid' | 'unknown';
  readonly found: readonly string[];
  readonly rulesOut: readonly string[];
}
interface Case {
  readonly id: string;
  readonly timed: boolean;
  readonly ops: readonly CaseOp[];
  readonly checks: readonly CaseCheck[];
}

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';
const VERDICTS = { pass: 'valid', fail: 'invalid', unknown: 'unknown' } as const;
const MARKERS = ['empty-transaction-graph', 'cycle-search-timeout'];

function casesOf(name: string): readonly Case[] {
  const text = readFileSync(join(folder, name), 'utf8');
  return (JSON.parse(text) as { readonly cases: readonly Case[] }).cases;
}

function opsOf({ ops, timed }: Case): TxnOp[] {
  return ops.map((op, id) => ({
    id,
    process: op.process,
    f: 'txn',
    input: op.txn.map((micro): MicroOp => (micro[0] === 'r' ? ['r', micro[1]] : micro)),
    ...(op.type === 'ok' ? { output: op.txn } : {}),
    outcome: op.type === 'info' ? 'unknown' : op.type,
    call: timed ? (op.call ?? 0) : id * 2,
    ret: timed ? (op.ret ?? Infinity) : op.type === 'info' ? Infinity : id * 2 + 1,
  }));
}

/** G-single-item is G-single and G2-item is G2: nothing here is about predicates. */
const folded = (types: readonly string[]): string[] =>
  types.filter((type) => !MARKERS.includes(type)).map((type) => type.replace('-item', ''));

function run(file: string, workload: Workload, least: number): void {
  const cases = casesOf(file);
  it(`${file} is whole`, () => expect(cases.length).toBeGreaterThanOrEqual(least));
  for (const entry of cases) {
    for (const { ask, assume, verdict, found, rulesOut } of entry.checks) {
      const asked = [...(ask.anomalies ?? []), ...(ask.models ?? [])].join(', ');
      it(`${entry.id}, ${asked}${assume ? `, ${JSON.stringify(assume)}` : ''}`, () => {
        const result = checkTransactions(opsOf(entry), {
          workload,
          ask,
          timed: entry.timed,
          ...(assume === undefined ? {} : { assume }),
        });
        expect(VERDICTS[result.verdict]).toBe(verdict);
        expect([...result.rulesOut]).toEqual([...rulesOut].sort());
        expect(folded(result.found)).toEqual(expect.arrayContaining(folded(found)));
        if (verdict === 'invalid') expect(result.because.length).toBeGreaterThan(0);
      });
    }
  }
}

describe('transactions over lists', () => {
  run('txn_list_append_cases.json', 'list-append', 12);
});

describe('transactions over registers', () => {
  run('txn_rw_register_cases.json', 'rw-register', 5);
});
