/**
 * Reads a scenario document: YAML, of which JSON is a part. What is wrong is said with its line.
 */
import { isNode, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, ErrorCode, YAMLSeq } from 'yaml';
import { planFromDocument, ScenarioError } from '../sim/index.ts';
import type { Plan } from '../sim/index.ts';
import { readRecordedArrivals } from './recorded-arrivals.ts';

/** What the parser says too briefly, or to programmers. */
const PLAIN: readonly (readonly [ErrorCode, string])[] = [
  ['DUPLICATE_KEY', 'this key is there twice in one set'],
  ['MULTIPLE_DOCS', 'a second document begins here, and a file holds one'],
  ['TAB_AS_INDENT', 'tabs are not allowed as indentation, use spaces'],
];

/** More than anybody writes by hand, and read in a moment. */
const CHARACTERS_MAX = 1_000_000;

/** `shown` is the file as the user wrote it; `read` gives the text of a file beside it. */
export function loadDocument(
  text: string,
  shown: string,
  read: (file: string) => string = noFiles,
): Plan {
  if (text.length > CHARACTERS_MAX) {
    const most = CHARACTERS_MAX.toLocaleString('en');
    throw new ScenarioError(`${shown} is too long: a document may have ${most} characters.`, {
      hint: 'A TypeScript scenario can build a large plan in a few lines.',
    });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    const why = PLAIN.find(([code]) => code === broken.code)?.[1] ?? lowered(broken.message);
    throw new ScenarioError(`${shown}:${line}:${col} is not valid YAML: ${why}.`);
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ScenarioError(`${shown} is not valid YAML: ${lowered((error as Error).message)}.`);
  }
  try {
    readRecordedArrivals(data, read);
    return planFromDocument(data);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const { message, path, hint } = error;
    throw new ScenarioError(`${placeOf(document, lines, path, shown)}: ${message}`, { path, hint });
  }
}

/** Where in a document it is, for what is found wrong only once it is known how it shall run. */
export function placeInDocument(text: string, shown: string, path: string): string {
  const lines = new LineCounter();
  return placeOf(parseDocument(text, { lineCounter: lines }), lines, path, shown);
}

function noFiles(file: string): never {
  throw new ScenarioError(`${file} cannot be read from here.`);
}

/** `file:line:column` of the last part of the path that is in the document. */
function placeOf(document: Document, lines: LineCounter, path: string, shown: string): string {
  let at: unknown = null;
  const keys: (string | number)[] = [];
  for (const key of path === '' ? [] : path.split('/')) {
    keys.push(isSeq(document.getIn(keys, true)) ? indexOf(document, keys, key) : key);
    const found: unknown = document.getIn(keys, true);
    if (found === undefined) break;
    at = found;
  }
  if (!isNode(at) || !at.range) return shown;
  const { line, col } = lines.linePos(at.range[0]);
  return `${shown}:${line}:${col}`;
}

/** Groups are named by their name and checks by their id: the index in their list. */
function indexOf(document: Document, list: readonly (string | number)[], key: string): number {
  if (/^\d+$/.test(key)) return Number(key);
  const { items } = document.getIn(list, true) as YAMLSeq;
  return items.findIndex((_, i) =>
    ['name', 'id'].some((field) => document.getIn([...list, i, field]) === key),
  );
}

function lowered(message: string): string {
  if (/call stack/i.test(message)) return 'it is nested too deep';
  const line = message.split('\n')[0]!.trim().replace(/[.:]$/, '');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
