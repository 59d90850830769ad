/**
 * Reads a scenario document: YAML, of which JSON is a part. What is wrong is said with its line.
 */
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { planFromDocument, ScenarioError } from '../sim/index.ts';
import type { Plan } from '../sim/index.ts';

/** `shown` is the file as the user wrote it. */
export function loadDocument(text: string, shown: string): Plan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw new ScenarioError(
      `${shown}:${line}:${col} is not valid YAML: ${lowered(broken.message)}.`,
    );
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ScenarioError(`${shown} is not valid YAML: ${lowered(why)}.`);
  }
  try {
    return planFromDocument(data);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const { message, path, hint } = error;
    throw new ScenarioError(`${placeOf(document, lines, path, shown)}: ${message}`, { path, hint });
  }
}

/** `file:line:column` of the last part of the path that is in the document. */
function placeOf(document: Document, lines: LineCounter, path: string, shown: string): string {
  let at: unknown = null;
  const keys: (string | number)[] = [];
  for (const key of path === '' ? [] : path.split('/')) {
    keys.push(/^\d+$/.test(key) ? Number(key) : key);
    const found: unknown = document.getIn(keys, true);
    if (found === undefined) break;
    at = found;
  }
  if (!isNode(at) || !at.range) return shown;
  const { line, col } = lines.linePos(at.range[0]);
  return `${shown}:${line}:${col}`;
}

function lowered(message: string): string {
  const line = message.split('\n')[0]!.trim().replace(/[.:]$/, '');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
