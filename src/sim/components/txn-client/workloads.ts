/**
 * What a transaction does next, given what it has read so far.
 *
 * Invariant: the rest of a transaction depends only on its draws and on what it has read in this
 * attempt, never on an attempt before.
 *
 * Sources: Elle's list-append and rw-register; Jepsen's bank; the doctors of Cahill (2008), 2.2
 */
import type { Statement, TxnResult, TxnValue } from '../../contracts/txn.ts';
import type { Stream } from '../../kernel/random.ts';
import { statementOf } from './config.ts';
import type { TxnClientConfig } from './config.ts';

/** What was decided at its beginning; the same in each attempt. */
export interface Purpose {
  readonly readOnly: boolean;
  /** Statements that are known from the beginning. */
  readonly fixed: readonly Statement[];
  /** Of bank: from, to, how much. Of on-call: who. */
  readonly numbers: readonly number[];
}

export type Next = Statement | 'commit' | 'abort';

interface Drawing {
  readonly stream: Stream;
  readonly unique: () => number;
  readonly worker: number;
}

const account = (i: number): string => `acct${i}`;
const ON_CALL = 'oncall/';
export const COUNTER = 'counter';
const PURPOSELESS: Purpose = Object.freeze({ readOnly: false, fixed: [], numbers: [] });

export function purposeOf(config: TxnClientConfig, drawing: Drawing): Purpose {
  switch (config.workload) {
    case 'list-append':
    case 'rw-register':
      return atRandom(config, drawing);
    case 'bank':
      return bank(config, drawing.stream);
    case 'on-call':
      return { ...PURPOSELESS, numbers: [drawing.worker] };
    case 'counter':
    case 'listed':
      return PURPOSELESS;
  }
}

function atRandom(config: TxnClientConfig, { stream, unique }: Drawing): Purpose {
  const { keys, statementsMax, readShare, workload } = config;
  const touches = 1 + stream.below(statementsMax);
  const fixed: Statement[] = [];
  for (let i = 0; i < touches; i++) {
    const key = `k${stream.below(keys)}`;
    const isRead = stream.chance(readShare);
    if (isRead) fixed.push({ do: 'read', key });
    else if (workload === 'list-append') fixed.push({ do: 'append', key, value: unique() });
    // A write that follows a read shows which version it replaced.
    else fixed.push({ do: 'read', key }, { do: 'write', key, value: unique() });
  }
  return { ...PURPOSELESS, fixed };
}

/** Another attempt writes other values: each is written once. */
export const withNewValues = (purpose: Purpose, unique: () => number): Purpose => ({
  ...purpose,
  fixed: purpose.fixed.map((statement) =>
    statement.do === 'append' || statement.do === 'write'
      ? { ...statement, value: unique() }
      : statement,
  ),
});

const TRANSFER_MAX = 10;

function bank({ keys, readShare }: TxnClientConfig, stream: Stream): Purpose {
  if (stream.chance(readShare)) {
    const fixed = Array.from(
      { length: keys },
      (_, i) => ({ do: 'read', key: account(i) }) as const,
    );
    return { readOnly: true, fixed, numbers: [] };
  }
  const from = stream.below(keys);
  const to = (from + 1 + stream.below(Math.max(1, keys - 1))) % keys;
  return { ...PURPOSELESS, numbers: [from, to, 1 + stream.below(TRANSFER_MAX)] };
}

export function nextOf(
  config: TxnClientConfig,
  purpose: Purpose,
  results: readonly TxnResult[],
  at: number,
): Next {
  const { fixed, readOnly } = purpose;
  switch (config.workload) {
    case 'list-append':
    case 'rw-register':
      return fixed[results.length] ?? 'commit';
    case 'bank':
      return readOnly ? (fixed[results.length] ?? 'commit') : transfer(purpose, results);
    case 'on-call':
      return onCall(purpose, results);
    case 'counter':
      return count(config, results);
    case 'listed': {
      const listed = config.transactions[at];
      const step = listed?.steps[results.length];
      if (step !== undefined) return statementOf(step);
      return listed?.abort === true ? 'abort' : 'commit';
    }
  }
}

const numberOf = (value: TxnValue | undefined): number => (typeof value === 'number' ? value : 0);

function transfer({ numbers }: Purpose, results: readonly TxnResult[]): Next {
  const [from = 0, to = 0, amount = 0] = numbers;
  const [there, here] = results.map(({ value }) => numberOf(value));
  const steps: readonly Next[] = [
    { do: 'read', key: account(from) },
    { do: 'read', key: account(to) },
    { do: 'write', key: account(from), value: numberOf(there) - amount },
    { do: 'write', key: account(to), value: numberOf(here) + amount },
  ];
  return steps[results.length] ?? 'commit';
}

/** Goes off call where two or more are on; comes back where it is off. */
function onCall({ numbers }: Purpose, results: readonly TxnResult[]): Next {
  const [seen] = results;
  if (seen === undefined) return { do: 'scan', prefix: ON_CALL };
  if (results.length > 1) return 'commit';
  const key = `${ON_CALL}${numbers[0] ?? 0}`;
  const on = (seen.rows ?? []).filter(({ value }) => value === 1);
  const isOn = on.some((row) => row.key === key);
  if (!isOn) return { do: 'write', key, value: 1 };
  return on.length > 1 ? { do: 'write', key, value: 0 } : 'commit';
}

function count({ atomicAdd, forUpdate }: TxnClientConfig, results: readonly TxnResult[]): Next {
  const [first] = results;
  if (atomicAdd) return first === undefined ? { do: 'add', key: COUNTER, by: 1 } : 'commit';
  if (first === undefined) return { do: forUpdate ? 'read-for-update' : 'read', key: COUNTER };
  if (results.length > 1) return 'commit';
  return { do: 'write', key: COUNTER, value: numberOf(first.value) + 1 };
}

/** What a committed transaction saw that cannot be, where its workload knows. */
export function wrongIn(
  config: TxnClientConfig,
  purpose: Purpose,
  results: readonly TxnResult[],
): string | null {
  if (config.workload === 'bank' && purpose.readOnly) {
    const total = results.reduce((sum, { value }) => sum + numberOf(value), 0);
    const expected = config.keys * config.initial;
    return total === expected ? null : `the accounts add up to ${total}, not ${expected}`;
  }
  if (config.workload !== 'on-call') return null;
  const on = (results[0]?.rows ?? []).filter(({ value }) => value === 1).length;
  return on === 0 ? 'nobody is on call' : null;
}
