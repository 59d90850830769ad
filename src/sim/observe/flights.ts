/** Collects flights into growing columns and hands them out as transferable copies. */
import type { MessageTable, Message, FlightKind } from '../contracts/contract.ts';
import { FIRST_TRY, flightOfTry, tryWords } from '../contracts/tries.ts';
import type { TryMark } from '../contracts/tries.ts';
import { FATE_CUT, FATE_LOST } from '../network/network.ts';
import { FLIGHT_FATES, FLIGHT_KINDS } from './frame.ts';
import type { FlightColumns } from './frame.ts';

const fateIndex = (name: (typeof FLIGHT_FATES)[number]): number => FLIGHT_FATES.indexOf(name);
const LOST = fateIndex('lost');
const CUT = fateIndex('cut');
const DELIVERED = fateIndex('delivered');

export class FlightLog {
  readonly #table: MessageTable;
  #rows: number[] = [];
  #labels: string[] = [];
  #nextId = 0;

  constructor(table: MessageTable) {
    this.#table = table;
  }

  get nextId(): number {
    return this.#nextId;
  }

  add(
    event: number,
    from: number,
    to: number,
    message: Message,
    sentMicros: number,
    dueMicros: number,
    fate: number,
    mark: TryMark,
  ): void {
    const entry = this.#table.get(message.type);
    const told = entry === undefined ? 'response' : kindOf(entry.spec.flight, message);
    const words = wordsOf(this.#table, message);
    // A message that says itself that it is no first try has the words for it, too.
    const isAgain = told === 'request' && mark !== FIRST_TRY;
    const kind = isAgain ? flightOfTry(mark) : told;
    const label = isAgain ? words + tryWords(mark) : words;
    const ends = fate === FATE_LOST ? LOST : fate === FATE_CUT ? CUT : DELIVERED;
    this.#rows.push(
      this.#nextId++,
      event,
      from,
      to,
      FLIGHT_KINDS.indexOf(kind),
      ends,
      sentMicros,
      dueMicros,
    );
    this.#labels.push(label);
  }

  /** Everything since the last call. */
  take(): FlightColumns {
    const rows = this.#rows;
    const count = rows.length / ROW;
    const column = (offset: number): Float64Array => {
      const values = new Float64Array(count);
      for (let i = 0; i < count; i++) values[i] = rows[i * ROW + offset] as number;
      return values;
    };
    const columns: FlightColumns = {
      count,
      id: column(0),
      event: column(1),
      from: Uint16Array.from(column(2)),
      to: Uint16Array.from(column(3)),
      kind: Uint8Array.from(column(4)),
      fate: Uint8Array.from(column(5)),
      sentMicros: column(6),
      dueMicros: column(7),
      label: this.#labels,
    };
    this.#rows = [];
    this.#labels = [];
    return columns;
  }

  rewind(nextId: number): void {
    this.#rows = [];
    this.#labels = [];
    this.#nextId = nextId;
  }
}

/** Numbers per row. */
const ROW = 8;

function kindOf(flight: FlightKind | ((m: Message) => FlightKind), message: Message): FlightKind {
  return typeof flight === 'function' ? flight(message) : flight;
}

/** What a message says, in a few words: one without a contract is the error of a call. */
export function wordsOf(table: MessageTable, message: Message): string {
  const entry = table.get(message.type);
  if (entry !== undefined) return entry.spec.label(message);
  const { code } = message as { readonly code?: string };
  return code === undefined ? message.type : `refused: ${code}`;
}
