/** Where clients ask for more than one thing: what became of each, and how long it took. */
import type { OperationTotal } from '../../sim/index.ts';
import { formatCount, formatMicros } from '../format.ts';
import { columns, cut } from './lines.ts';
import type { Cell } from './lines.ts';

const NAME_MAX = 32;
/** A table that is read at a glance; `--json` has all. */
const ROWS_MAX = 12;

export function operationLines(operations: readonly OperationTotal[]): readonly string[] {
  if (operations.length < 2) return [];
  const shown = operations.slice(0, ROWS_MAX);
  const rest = operations.length - shown.length;
  const more = rest > 0 ? [`and ${rest} more: --json has all`] : [];
  return [...columns([HEAD, ...shown.map(row)]), ...more];
}

const right = (text: string): Cell => ({ text, side: 'right' });

const HEAD: readonly Cell[] = [
  { text: 'operation' },
  ...['ok', 'fail', 'unknown', 'p50', 'p95', 'p99', 'max'].map(right),
];

function row({ operation, ok, fail, unknown, latencyMicros }: OperationTotal): readonly Cell[] {
  const { p50, p95, p99, max } = latencyMicros;
  const times = [p50, p95, p99, max].map((micros) => (ok === 0 ? '-' : formatMicros(micros)));
  return [
    { text: cut(operation, NAME_MAX) },
    ...[...[ok, fail, unknown].map(formatCount), ...times].map(right),
  ];
}
