/**
 * A projection: rows that follow from the events of a store, and a checkpoint that says how far.
 *
 * Invariant (with all rules): at any moment the rows on disk are those of the events up to the
 * checkpoint on disk, each once.
 *
 * Source: KurrentDB (EventStoreDB), Catch-up subscriptions; Young, CQRS Documents (2010)
 */
import type { StoredEvent } from '../../contracts/event-store.ts';
import type { ProjectionRules } from './rules.ts';

/** A line of a statement: the same event twice is two lines. */
export interface Line {
  readonly position: number;
  readonly account: string;
  readonly amount: number;
}

export interface ProjectionRows {
  /** The position of the last event that is done. */
  checkpoint: number;
  readonly lines: Line[];
  readonly balances: Map<string, number>;
}

/** A transaction. */
export interface ProjectionRecord {
  readonly lines: readonly Line[];
  /** Null: it stays where it is. */
  readonly checkpoint: number | null;
}

export const emptyRows = (): ProjectionRows => ({ checkpoint: 0, lines: [], balances: new Map() });

export const copyOf = ({ checkpoint, lines, balances }: ProjectionRows): ProjectionRows => ({
  checkpoint,
  lines: lines.slice(),
  balances: new Map(balances),
});

export function applyRows(rows: ProjectionRows, { lines, checkpoint }: ProjectionRecord): void {
  for (const line of lines) {
    rows.lines.push(line);
    rows.balances.set(line.account, (rows.balances.get(line.account) ?? 0) + line.amount);
  }
  if (checkpoint !== null) rows.checkpoint = checkpoint;
}

const NO_LINES: readonly Line[] = Object.freeze([]);

/** The transactions of a page of events, one after the other; the page is not empty. */
export function transactionsOf(
  { oneTransaction, rowsFirst }: ProjectionRules,
  page: readonly StoredEvent[],
): readonly ProjectionRecord[] {
  const lines = page.map(({ position, stream, amount }) => ({ position, account: stream, amount }));
  const checkpoint = page.at(-1)?.position ?? null;
  const rows: ProjectionRecord = { lines, checkpoint: null };
  const mark: ProjectionRecord = { lines: NO_LINES, checkpoint };
  if (!rowsFirst) return [mark, rows];
  return oneTransaction ? [{ lines, checkpoint }] : [rows, mark];
}
