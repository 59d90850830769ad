/**
 * Whether a transaction that reads the same twice sees the same: the cut of the database that it
 * has seen once does not change under it.
 *
 * Source: Bailis et al., Highly Available Transactions (VLDB 2014), 5.1.1 and appendix A: item cut
 * isolation forbids item-many-preceders (IMP), predicate cut isolation predicate-many-preceders
 * (PMP) as well. Differs: judged by values, so a write of an equal value is not seen.
 */
import { Type, field } from '../contracts/schema.ts';
import type { Op } from '../observe/history.ts';
import { plural } from '../kernel/plural.ts';
import { clientsField, defineHistoryCheck } from './client-history.ts';
import type { Judged } from './client-history.ts';

interface Args {
  readonly clients: string;
  readonly level: 'item' | 'predicate';
}

/** As a client of reports tells it. */
interface Reading {
  readonly what: 'item' | 'rows';
  readonly key: string;
  readonly value: unknown;
}

export const cutIsolation = defineHistoryCheck<Args>({
  use: 'cut-isolation',
  about: 'What a transaction reads twice is the same both times.',
  args: Type.Object(
    {
      level: field.choice(['item', 'predicate'], {
        about: 'Of single items; or also of the rows that a question finds.',
        default: 'predicate',
        source: 'HAT 5.1.1',
      }),
      clients: clientsField(),
    },
    { additionalProperties: false },
  ),
  operations: ['report'],
  judge: (ops, { level }) => judge(ops, level),
});

function judge(ops: readonly Op[], level: Args['level']): Judged {
  const base = { check: 'cut-isolation', steps: ops.length };
  const done = ops.filter(({ outcome }) => outcome === 'ok');
  const broken = done.flatMap((op) => {
    const why = changeIn(op, level);
    return why === undefined ? [] : [{ op, why }];
  });
  const [first] = broken;
  if (first === undefined) {
    if (done.length === 0) return { ...base, verdict: 'unknown', reason: 'no report was made' };
    return { ...base, verdict: 'pass', reason: plural(done.length, 'report') };
  }
  const because = [first.why, `So it is in ${broken.length} of ${done.length} reports.`];
  const { id } = first.op;
  const explanation = { culprit: id, statesBefore: [], maximalPaths: [], window: [id], because };
  return { ...base, verdict: 'fail', because, explanation };
}

/** The first that was not the same again, in words. */
function changeIn({ client = 'somebody', output }: Op, level: Args['level']): string | undefined {
  const before = new Map<string, unknown>();
  for (const { what, key, value } of output as readonly Reading[]) {
    if (what === 'rows' && level === 'item') continue;
    const name = `${what} ${key}`;
    const then = before.get(name);
    if (!before.has(name)) before.set(name, value);
    else if (what === 'item' && then !== value) {
      return `item-many-preceders: ${client} read ${key}: ${String(then)}, then ${String(value)}.`;
    } else if (what === 'rows') {
      const change = changeOf(then as readonly unknown[], value as readonly unknown[]);
      if (change !== '') return `predicate-many-preceders: ${client} asked for ${key}: ${change}.`;
    }
  }
  return undefined;
}

const ROWS_SHOWN = 6;

/** Rows have no order; empty: they are the same. */
function changeOf(then: readonly unknown[], now: readonly unknown[]): string {
  const [old, found] = [new Set(then), new Set(now)];
  const came = now.filter((row) => !old.has(row));
  const went = then.filter((row) => !found.has(row));
  if (came.length + went.length === 0) return '';
  return [
    `${plural(then.length, 'row')}, then ${now.length}`,
    ...(came.length === 0 ? [] : [`new are ${shown(came)}`]),
    ...(went.length === 0 ? [] : [`gone are ${shown(went)}`]),
  ].join('; ');
}

function shown(rows: readonly unknown[]): string {
  const more = rows.length > ROWS_SHOWN ? ` and ${rows.length - ROWS_SHOWN} more` : '';
  return `${rows.slice(0, ROWS_SHOWN).map(String).join(', ')}${more}`;
}
