/**
 * What a command is about: a scenario of the catalogue, a scenario file, or a document.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { catalogue } from '../../scenarios/index.ts';
import { didYouMean, ScenarioError } from '../sim/index.ts';
import type { AnyScenario, Plan } from '../sim/index.ts';
import type { Host } from './host.ts';
import { loadDocument, placeInDocument } from './load-document.ts';
import { loadTypeScript } from './load-typescript.ts';

export interface Subject {
  /** As the user named it; a command that repeats the run names it so. */
  readonly target: string;
  /** False for a document out of a link: nothing that `run` could be given has its name. */
  readonly named: boolean;
  /** Null for a document. */
  readonly scenario: AnyScenario | null;
  readonly document: Plan | null;
  /** Where a session finds the scenario that a specification names. */
  readonly scenarios: readonly AnyScenario[];
  /** The absolute path of a file with code, which a worker must load again. */
  readonly file: string | null;
  /** Of a file without code: `file:line:column` of a place in its plan. */
  readonly placeOf?: (path: string) => string;
}

const CODE = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];
const DOCUMENTS = ['.yaml', '.yml', '.json'];

export async function loadSubject(target: string, host: Host): Promise<Subject> {
  if (!looksLikeFile(target)) {
    const scenario = catalogue.find((one) => one.id === target);
    if (scenario === undefined) {
      if (target !== '' && isFolder(resolve(host.cwd, target))) throw folderNamed(target, host);
      throw unknownScenario(target);
    }
    return { target, named: true, scenario, document: null, scenarios: catalogue, file: null };
  }
  const path = findFile(target, host);
  if (CODE.includes(extname(path))) return loadFile(path, target);
  const text = readText(path, target);
  return {
    target,
    named: true,
    scenario: null,
    document: loadDocument(text, target, (file) => readText(resolve(dirname(path), file), file)),
    scenarios: catalogue,
    file: null,
    placeOf: (at) => placeInDocument(text, target, at),
  };
}

/** A file with code; its scenario comes before one of the catalogue with the same id. */
export async function loadFile(path: string, target: string): Promise<Subject> {
  const scenario = await loadTypeScript(path, target);
  const scenarios = [scenario, ...catalogue];
  return { target, named: true, scenario, document: null, scenarios, file: path };
}

export function unknownScenario(id: string): ScenarioError {
  return new ScenarioError(`There is no scenario "${id}".`, {
    hint: didYouMean(
      id,
      catalogue.map((one) => one.id),
    ),
  });
}

function looksLikeFile(target: string): boolean {
  return (
    /^(\.{0,2}[/\\]|[A-Za-z]:[/\\]|~\/)/.test(target) ||
    [...CODE, ...DOCUMENTS].includes(extname(target).toLowerCase())
  );
}

/** The absolute path of a scenario file that exists. */
export function findFile(target: string, host: Host): string {
  const path = resolve(host.cwd, target);
  if (isFolder(path)) throw folderNamed(target, host);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw missingFile(target, path);
  if ([...CODE, ...DOCUMENTS].includes(extname(path).toLowerCase())) return path;
  throw new ScenarioError(`${target} is no scenario file.`, {
    hint: `Its name must end in one of ${[...CODE, ...DOCUMENTS].join(' ')}.`,
  });
}

function missingFile(target: string, path: string): ScenarioError {
  let names: string[] = [];
  try {
    names = readdirSync(dirname(path)).sort((a, b) => (a < b ? -1 : 1));
  } catch {
    return new ScenarioError(`There is no file ${target}, and no folder that it could be in.`);
  }
  const files = names.filter((name) => [...CODE, ...DOCUMENTS].includes(extname(name)));
  return new ScenarioError(`There is no file ${target}.`, {
    hint: didYouMean(basename(path), files),
  });
}

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const NAMES_SHOWN = 5;

/** The files in it that could be meant are named. */
function folderNamed(target: string, host: Host): ScenarioError {
  const inside = readdirSync(resolve(host.cwd, target)).sort((a, b) => (a < b ? -1 : 1));
  const names = inside.filter((name) => [...CODE, ...DOCUMENTS].includes(extname(name)));
  const shown = names.slice(0, NAMES_SHOWN).map((name) => join(target, name));
  const more = names.length - shown.length;
  const list = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return new ScenarioError(`${target} is a folder; name a scenario file in it.`, {
    hint: names.length === 0 ? 'It holds none.' : `There is ${list}.`,
  });
}

/** A file that is read as it is; `otherwise` says what else the text is not. */
export function readText(path: string, shown: string, otherwise = ''): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an unknown error';
    if (code === 'EISDIR') throw new ScenarioError(`${shown} is a folder; name a file in it.`);
    if (code === 'ENOENT') throw new ScenarioError(`There is no file ${shown}${otherwise}.`);
    throw new ScenarioError(`${shown} cannot be read (${code}).`);
  }
}
