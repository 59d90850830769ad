/**
 * Recorded arrivals in a file of their own: where a document says
 * `arrivals: { kind: replay, file: log.csv, column: time, unit: s }`, the file beside it is read
 * and becomes a list of times. So the plan holds the times themselves, and its links open anywhere.
 */
import { parse } from 'csv-parse/sync';
import { didYouMean, ScenarioError } from '../sim/index.ts';

const UNITS: { readonly [unit: string]: number } = { us: 0.001, ms: 1, s: 1_000 };
const WORDS = ['kind', 'file', 'column', 'unit', 'loopMs'];
/** More than a plan may hold. */
const ROWS_MAX = 1_000_000;

/** A row, and in which line of the file it ends. */
interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

type Record_ = { [name: string]: unknown };

/** Replaces recorded arrivals in the groups of a document, in place. `read` gives a file's text. */
export function readRecordedArrivals(document: unknown, read: (file: string) => string): void {
  const { groups } = (document ?? {}) as { readonly groups?: unknown };
  if (!Array.isArray(groups)) return;
  for (const group of groups as (Record_ | null)[]) {
    const config = group?.['config'] as Record_ | null | undefined;
    const arrivals = config?.['arrivals'] as Record_ | null | undefined;
    if (arrivals?.['kind'] !== 'replay' || arrivals['file'] === undefined) continue;
    const path = `groups/${String(group?.['name'])}/config/arrivals`;
    config!['arrivals'] = replayOf(arrivals, read, path);
  }
}

function replayOf(arrivals: Record_, read: (file: string) => string, path: string): Record_ {
  const stranger = Object.keys(arrivals).find((name) => !WORDS.includes(name));
  if (stranger !== undefined) {
    throw new ScenarioError(`Recorded arrivals have no part "${stranger}".`, {
      path: `${path}/${stranger}`,
      hint: didYouMean(stranger, WORDS),
    });
  }
  const file = String(arrivals['file']);
  const unit = String(arrivals['unit'] ?? 'ms');
  const factor = UNITS[unit];
  if (factor === undefined) {
    throw new ScenarioError(`There is no unit "${unit}" of recorded times.`, {
      path: `${path}/unit`,
      hint: didYouMean(unit, Object.keys(UNITS)),
    });
  }
  const column = arrivals['column'] === undefined ? null : String(arrivals['column']);
  const times = timesIn(read(file), file, column, path).map((time) => time * factor);
  const [first = 0] = times;
  const timesMs = times.map((time) => time - first);
  const { loopMs } = arrivals;
  return { kind: 'replay', timesMs, ...(loopMs === undefined ? {} : { loopMs }) };
}

function timesIn(text: string, file: string, column: string | null, path: string): number[] {
  let rows: readonly Row[];
  try {
    const options = { skip_empty_lines: true, trim: true, bom: true, to: ROWS_MAX + 1, info: true };
    rows = parse(text, options) as unknown as readonly Row[];
  } catch (error) {
    throw new ScenarioError(`${file} is not valid CSV: ${(error as Error).message}.`, {
      path: `${path}/file`,
    });
  }
  const first = rows[0]?.record ?? [];
  const hasHead = first.some((cell) => Number.isNaN(Number(cell)));
  const head = hasHead ? first : [];
  const at = column === null ? 0 : head.indexOf(column);
  if (at < 0) {
    throw new ScenarioError(`${file} has no column "${column}".`, {
      path: `${path}/column`,
      hint: head.length === 0 ? 'Its first line names no columns.' : didYouMean(column!, head),
    });
  }
  const body = hasHead ? rows.slice(1) : rows;
  if (body.length === 0 || body.length > ROWS_MAX) {
    const how = body.length === 0 ? 'no times' : `more than ${ROWS_MAX} rows`;
    throw new ScenarioError(`${file} has ${how}.`, { path: `${path}/file` });
  }
  let latest = 0;
  return body.map(({ record, info: { lines } }) => {
    const time = Number(record[at]);
    if (record[at] === '' || !(time >= 0 && time < Infinity)) {
      throw new ScenarioError(`${file}:${lines} has no time: "${record[at] ?? ''}".`, {
        path: `${path}/file`,
        hint: 'A time is a number, 0 or more.',
      });
    }
    if (time < latest) {
      throw new ScenarioError(`${file}:${lines} goes back in time: ${time} after ${latest}.`, {
        path: `${path}/file`,
        hint: 'Sort the file by its times, or name the column that they are in.',
      });
    }
    latest = time;
    return time;
  });
}
