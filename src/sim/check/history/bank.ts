/**
 * A bank judged by its reads: transfers move money and make none, so every read of all accounts has
 * the same total.
 *
 * Operations: `read` (output: account and balance, in pairs); everything else is a transfer and not
 * looked at. Linear time.
 * Invariant: the total is given, or that of the first read, and then it is said so.
 *
 * Source: the `bank` test of Jepsen (snapshot isolation already forbids a wrong total).
 */
import type { Op } from '../../observe/history.ts';
import { actorOf, returnTime, showValue } from './result.ts';
import type { Result, Value } from './result.ts';

export type Balances = readonly (readonly [account: string, balance: Value])[];

export interface BankOptions {
  /** Default: what the first read adds up to. */
  readonly total?: number;
  readonly negativeAllowed?: boolean;
  /** Default: whatever is read. */
  readonly accounts?: readonly string[];
}

export interface BankResult extends Result {
  readonly total: number;
  readonly reads: number;
  /** Ids of reads with another total, a missing or unknown account, or a forbidden balance. */
  readonly wrong: readonly number[];
  readonly because: readonly string[];
}

export function checkBank(ops: readonly Op[], options: BankOptions = {}): BankResult {
  let { total } = options;
  const isGiven = total !== undefined;
  const wrong: number[] = [];
  const because: string[] = [];
  let reads = 0;
  for (const op of [...ops].sort((a, b) => a.call - b.call || a.id - b.id)) {
    if (op.f !== 'read' || op.outcome !== 'ok' || op.output === undefined) continue;
    reads++;
    const balances = op.output as Balances;
    const sum = balances.reduce((so, [, balance]) => so + Number(balance), 0);
    total ??= sum;
    const why = flawOf(balances, sum, total, options);
    if (why === undefined) continue;
    wrong.push(op.id);
    because.push(`${actorOf(op)} read at ${returnTime(op)}: ${why}.`);
  }
  if (!isGiven && because.length > 0)
    because.push(`The total is that of the first read, ${total}.`);
  return {
    verdict: reads === 0 ? 'unknown' : wrong.length > 0 ? 'fail' : 'pass',
    check: 'bank',
    steps: ops.length,
    ...(reads === 0 ? { reason: 'no read of the accounts completed' } : {}),
    total: total ?? 0,
    reads,
    wrong,
    because,
  };
}

function flawOf(
  balances: Balances,
  sum: number,
  total: number,
  { negativeAllowed, accounts }: BankOptions,
): string | undefined {
  const unknown = balances.find(([account]) => accounts?.includes(account) === false);
  if (unknown !== undefined) return `there is no account ${unknown[0]}`;
  const missing = accounts?.find((name) => !balances.some(([account]) => account === name));
  if (missing !== undefined) return `the account ${missing} is missing`;
  const empty = balances.find(([, balance]) => typeof balance !== 'number');
  if (empty !== undefined) return `the account ${empty[0]} holds ${showValue(empty[1])}`;
  if (sum !== total) return `the accounts add up to ${sum}, not ${total}`;
  const negative = balances.find(([, balance]) => Number(balance) < 0);
  if (negative === undefined || negativeAllowed === true) return undefined;
  return `the account ${negative[0]} holds ${showValue(negative[1])}`;
}
