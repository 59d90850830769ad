/**
 * Where in a scenario file a mistake is that the engine found in its plan. With code: the file, and
 * the line where the group or check is named, if there is exactly one such line. A document: the
 * line of the setting.
 */
import { readFileSync } from 'node:fs';
import { ScenarioError } from '../sim/index.ts';
import { placeIn } from './load-typescript.ts';
import type { Subject } from './subject.ts';

/** Places in a plan: what is wrong with flags and parameters is not in the file. */
const IN_PLAN = /^(durationMs|healAtMs|network|groups|faults|checks|story|limits)\b/;

/** The same error, with the place before its message, as for a document. */
export function placed(error: ScenarioError, subject: Subject): ScenarioError {
  const { file, target } = subject;
  if (error.message.startsWith(target)) return error;
  if (file === null) return placedInDocument(error, subject);
  const thrown = placeIn(error, file);
  if (thrown === '' && !IN_PLAN.test(error.path)) return error;
  const line = thrown === '' ? lineOf(error.path, file) : thrown.slice(thrown.indexOf(':') + 1);
  const place = line === '' ? target : `${target}:${line}`;
  const { path, hint } = error;
  return new ScenarioError(`${place}: ${error.message}`, { path, hint });
}

/** Rules that are off decide about some settings: only the run knows them, no reader of a file. */
function placedInDocument(error: ScenarioError, { placeOf }: Subject): ScenarioError {
  const { path, hint } = error;
  if (placeOf === undefined || !IN_PLAN.test(path)) return error;
  return new ScenarioError(`${placeOf(path)}: ${error.message}`, { path, hint });
}

/** `name: 'app'` for `groups/app/...`, `id: 'served'` for `checks/served/...`. */
function lineOf(path: string, file: string): string {
  const [, list = '', name = ''] = /^(groups|checks)\/([^/]+)/.exec(path) ?? [];
  if (list === '') return '';
  const key = list === 'groups' ? 'name' : 'id';
  const wanted = ["'", '"', '`'].map((quote) => `${key}: ${quote}${name}${quote}`);
  const lines = readFileSync(file, 'utf8').split('\n');
  const found = lines.flatMap((text, i) => (wanted.some((one) => text.includes(one)) ? i + 1 : []));
  return found.length === 1 ? String(found[0]) : '';
}
