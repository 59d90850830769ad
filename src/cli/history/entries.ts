/**
 * A log as a list of entries: who invoked what, and how it ended, each with its line.
 *
 * Invariants
 *  - Every process is a client, by number or by name, but the one that is called nemesis; nothing
 *    is skipped silently but what is counted in `skipped`.
 *  - Where no entry says whose it is, all are of one process, as Jepsen has it; where some do, the
 *    others are refused.
 *
 * Sources: the histories of Jepsen and Knossos (EDN), of elle-cli (JSON), and the register logs of
 * porcupine's test data ("INFO jepsen.util - 0 :invoke :read nil").
 */
import { didYouMean, ScenarioError } from '../../sim/index.ts';
import type { Form } from './edn.ts';
import { isLarge, readForms } from './edn.ts';

export type Format = 'edn' | 'json' | 'log';
export const FORMATS: readonly Format[] = ['edn', 'json', 'log'];

export const ENTRY_TYPES = ['invoke', 'ok', 'fail', 'info'] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

export interface Entry {
  readonly line: number;
  readonly process: string;
  /** Its process has a name, not a number: it may be something else than a client. */
  readonly isNamed: boolean;
  readonly type: EntryType;
  readonly f: string;
  readonly value: Form;
  readonly key?: string;
}

export interface Log {
  readonly format: Format;
  readonly entries: readonly Entry[];
  /** Lines or entries that are no client's: of a nemesis, of another logger. */
  readonly skipped: number;
  /** No entry says whose it is: all are of one process. */
  readonly isNameless: boolean;
}

/** The one process of a log whose entries name none. */
const NAMELESS = 'nil';
const NIL: Form = { kind: 'nil', line: 0, value: null };

/** JSON writes its maps with quoted keys; EDN with keywords. */
export function formatOf(text: string): Format {
  if (/jepsen\.util\s*[-:]/.test(text)) return 'log';
  return /^[\s\uFEFF]*\[?\s*\{\s*"/.test(text) ? 'json' : 'edn';
}

export function readLog(text: string, file: string, format: Format): Log {
  if (format === 'log') return readUtilLog(text, file);
  if (format === 'json') refuseBrokenJson(text, file);
  const forms = readForms(text, file, format);
  const [first] = forms;
  const maps = forms.length === 1 && first?.kind === 'list' ? (first.items ?? []) : forms;
  const fields = maps.map((form) => fieldsOf(mapOf(form, file)));
  const isNameless = fields.length > 0 && !fields.some((each) => processOf(each) !== undefined);
  const entries: Entry[] = [];
  let skipped = 0;
  maps.forEach((form, at) => {
    const entry = entryOf(form, fields[at] ?? new Map(), isNameless, file);
    if (entry === undefined) skipped += 1;
    else entries.push(entry);
  });
  return { format, entries, skipped, isNameless };
}

/** The reader is kinder than JSON is: what JSON itself refuses is refused with JSON's words. */
function refuseBrokenJson(text: string, file: string): void {
  if (parses(text)) return;
  const lines = text.split('\n');
  // One value a line is the other common way.
  const bad = lines.findIndex((line) => line.trim() !== '' && !parses(line));
  if (bad < 0) return;
  throw new ScenarioError(`${file}, line ${bad + 1}: this is no JSON.`, {
    hint: 'A JSON history is one list of entries, or one entry a line.',
  });
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function mapOf(form: Form, file: string): Form {
  const map = untagged(form);
  if (map.kind === 'map') return map;
  throw new ScenarioError(
    `${file}, line ${form.line}: an entry is a map like {:process 0, :type :ok, :f :read}.`,
  );
}

/** Undefined: missing, or nil. */
function processOf(fields: ReadonlyMap<string, Form>): Form | undefined {
  const process = fields.get('process');
  return process?.kind === 'nil' ? undefined : process;
}

/** Undefined: an entry of something that is no client. */
function entryOf(
  form: Form,
  fields: ReadonlyMap<string, Form>,
  isNameless: boolean,
  file: string,
): Entry | undefined {
  const at = `${file}, line ${form.line}`;
  const process = processOf(fields);
  if (process === undefined && !isNameless) {
    throw new ScenarioError(`${at}: the entry has no :process.`, {
      hint: 'Other entries have one; without it nobody knows what this one belongs to.',
    });
  }
  if (process !== undefined && isNemesis(String(process.value))) return undefined;
  const type = textOf(fields.get('type'));
  const f = textOf(fields.get('f')) ?? 'txn';
  const key = fields.get('key');
  if (type === undefined) throw new ScenarioError(`${at}: the entry has no :type.`);
  return {
    line: form.line,
    process: process === undefined ? NAMELESS : showForm(process),
    isNamed: process !== undefined && process.kind !== 'number' && !isLarge(process),
    type: typeNamed(type, at),
    f,
    value: fields.get('value') ?? { ...NIL, line: form.line },
    ...(key === undefined || key.kind === 'nil' ? {} : { key: showForm(key) }),
  };
}

/** The thread of Jepsen that breaks things. */
const isNemesis = (name: string): boolean => /^:?nemesis$/.test(name);

/** What to do about a name that turns out to be no client's. */
export function hintOfName(process: string, isNamed: boolean): string {
  return isNamed ? `If ${process} is no client, call it nemesis: its entries are left out.` : '';
}

const UTIL_LINE = /jepsen\.util\s*[-:]\s*(\S+)\s+:(\S+)\s+:(\S+)(?:\s+(.*))?$/;

function readUtilLog(text: string, file: string): Log {
  const entries: Entry[] = [];
  let skipped = 0;
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const match = UTIL_LINE.exec(raw.trimEnd());
    if (match === null || isNemesis(match[1] ?? '')) {
      if (raw.trim() !== '') skipped += 1;
      return;
    }
    const [, process = '', type = '', f = '', rest = 'nil'] = match;
    const [value] = readForms(rest, `${file}, line ${line}`, 'edn');
    const at = `${file}, line ${line}`;
    entries.push({
      line,
      process,
      isNamed: !/^\d+$/.test(process),
      type: typeNamed(type, at),
      f,
      value: value === undefined ? { ...NIL, line } : { ...value, line },
    });
  });
  return { format: 'log', entries, skipped, isNameless: false };
}

function typeNamed(type: string, at: string): EntryType {
  const known = ENTRY_TYPES.find((name) => name === type);
  if (known !== undefined) return known;
  throw new ScenarioError(`${at}: there is no type "${type}".`, {
    hint: didYouMean(type, ENTRY_TYPES),
  });
}

export function untagged(form: Form): Form {
  return form.kind === 'tagged' && form.items?.[0] !== undefined ? untagged(form.items[0]) : form;
}

/** The fields of a map by the names of their keys; the last of equal ones counts. */
function fieldsOf(map: Form): Map<string, Form> {
  const fields = new Map<string, Form>();
  const items = map.items ?? [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    const name = textOf(items[at]);
    const value = items[at + 1];
    if (name !== undefined && value !== undefined) fields.set(name, value);
  }
  return fields;
}

function textOf(form: Form | undefined): string | undefined {
  if (form === undefined || form.kind === 'nil') return undefined;
  return form.value === undefined ? undefined : String(form.value);
}

/** A text that would be read as something else, was it not in quotes. */
const NEEDS_QUOTES = /^$|^[+-]?\d|^#|^(nil|true|false)$|[\s,;()[\]{}"]/;

/** A value as a short text, 1 and "1" apart: keys of objects, words of messages. */
export function showForm(form: Form): string {
  const { kind, items = [], value } = form;
  if (kind === 'list') return `[${items.map(showForm).join(' ')}]`;
  if (kind === 'map') return `{${items.map(showForm).join(' ')}}`;
  if (kind === 'tagged') return `#${form.tag ?? ''} ${items.map(showForm).join(' ')}`;
  if (kind === 'number' && !Number.isFinite(value)) {
    return `##${String(value).replace('inity', '')}`;
  }
  if ((kind === 'string' || kind === 'keyword') && NEEDS_QUOTES.test(String(value))) {
    return JSON.stringify(value);
  }
  return value === null ? 'nil' : String(value);
}
