/**
 * What readers of a log of changes make of it: by key the last value, as a table is built from a
 * compacted topic. A tombstone takes its key out of the table.
 *
 * Invariant: compared with what the log itself makes, a key is missing (there, and not in the
 * table), resurrected (gone, and still in the table), or stale (another value).
 *
 * Source: Apache Kafka, Log Compaction (what guarantees it provides); KIP-534
 */
import type { RecordBatch, RecordValue } from '../../contracts/record-batch.ts';
import { offsetIn } from '../../contracts/record-batch.ts';

export type Table = ReadonlyMap<string, RecordValue>;

/** Records of a batch at offsets from `from` up to, not including, `to`. */
export function fold(
  table: Map<string, RecordValue>,
  batch: RecordBatch,
  from = 0,
  to = Infinity,
): void {
  if (batch.marker !== null) return;
  batch.records.forEach(({ key, value }, i) => {
    const offset = offsetIn(batch, i);
    if (key === null || offset < from || offset >= to) return;
    if (value === null) table.delete(key);
    else table.set(key, value);
  });
}

interface TableFaults {
  readonly missing: readonly string[];
  readonly resurrected: readonly string[];
  readonly stale: readonly string[];
}

export function faultsOf(seen: Table, there: Table): TableFaults {
  const missing = [...there.keys()].filter((key) => !seen.has(key));
  const resurrected = [...seen.keys()].filter((key) => !there.has(key));
  const stale = [...seen.keys()].filter(
    (key) => there.has(key) && there.get(key) !== seen.get(key),
  );
  return { missing, resurrected, stale };
}

interface Life {
  readonly life: number;
  /** By partition. */
  readonly tables: Map<number, Map<string, RecordValue>>;
}

export type TablesImage = readonly (readonly [
  number,
  number,
  readonly (readonly [number, readonly (readonly [string, RecordValue])[]])[],
])[];

/** The tables of readers, by node: a process that ends takes its tables with it. */
export class LogTables {
  #lives = new Map<number, Life>();

  read(node: number, life: number, partition: number, ...run: [RecordBatch, number, number]): void {
    let known = this.#lives.get(node);
    if (known?.life !== life) {
      known = { life, tables: new Map() };
      this.#lives.set(node, known);
    }
    let table = known.tables.get(partition);
    if (table === undefined) known.tables.set(partition, (table = new Map()));
    fold(table, ...run);
  }

  of(node: number, life: number, partition: number): Table {
    const known = this.#lives.get(node);
    return (known?.life === life ? known.tables.get(partition) : undefined) ?? new Map();
  }

  save(): TablesImage {
    return [...this.#lives].map(([node, { life, tables }]) => [
      node,
      life,
      [...tables].map(([partition, table]) => [partition, [...table]] as const),
    ]);
  }

  restore(image: TablesImage): void {
    this.#lives = new Map(
      image.map(([node, life, tables]) => [
        node,
        { life, tables: new Map(tables.map(([partition, table]) => [partition, new Map(table)])) },
      ]),
    );
  }
}
