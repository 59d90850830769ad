/**
 * Loads a scenario file in TypeScript or JavaScript from anywhere on the disk.
 *
 * The loader is imported only when such a file is named. `faultline` in the file means the copy
 * that is running, so that the file's errors, schemas and registries are the program's own; this
 * holds in the workers of a sweep as well, which load the file again.
 */
import * as faultline from '../sim/index.ts';
import type { AnyScenario } from '../sim/index.ts';

const { didYouMean, ScenarioError } = faultline;

/** `path` is absolute; `shown` is how the user wrote it. */
export async function loadTypeScript(path: string, shown: string): Promise<AnyScenario> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(path, {
    virtualModules: { faultline: strict(path) },
    // The file may have changed since the last run; reading it again is cheap.
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
  });
  let loaded: unknown;
  try {
    loaded = await jiti.import(path);
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    throw new ScenarioError(`${shown} cannot be loaded: ${firstLine(error)}.`, {
      path: placeIn(error, path),
    });
  }
  return guarded(scenarioOf(loaded, shown), shown, path);
}

/** What a loader asks of every module, without anybody having written it. */
const ASKED_OF_ALL = new Set(['then', 'default', '__esModule', 'toJSON']);

/** An import that we do not export is `undefined` to the loader: here it is said by its name. */
function strict(path: string): typeof faultline {
  return new Proxy(faultline, {
    get(exports, name) {
      if (typeof name === 'symbol' || name in exports || ASKED_OF_ALL.has(name)) {
        return Reflect.get(exports, name) as unknown;
      }
      throw new ScenarioError(`"faultline" has no export "${name}".`, {
        path: placeIn(new Error(), path),
        hint: didYouMean(name, Object.keys(exports)),
      });
    },
  });
}

function scenarioOf(loaded: unknown, shown: string): AnyScenario {
  const exported = isRecord(loaded) ? loaded['default'] : undefined;
  if (exported === undefined) {
    throw new ScenarioError(`${shown} has no default export.`, {
      hint: 'End it with: export default defineScenario({ ... }).',
    });
  }
  const complete =
    isRecord(exported) &&
    typeof exported['id'] === 'string' &&
    typeof exported['plan'] === 'function' &&
    Array.isArray(exported['variants']) &&
    isRecord(exported['params']) &&
    isRecord(exported['params']['properties']);
  if (!complete) {
    throw new ScenarioError(`The default export of ${shown} is not a scenario.`, {
      hint: "Make it with defineScenario({ ... }) from 'faultline'.",
    });
  }
  return exported as unknown as AnyScenario;
}

/** What the file's own code throws while it builds the plan is the file's mistake. */
function guarded(scenario: AnyScenario, shown: string, path: string): AnyScenario {
  return {
    ...scenario,
    plan: (params, ablations) => {
      try {
        return scenario.plan(params, ablations);
      } catch (error) {
        if (error instanceof ScenarioError) throw error;
        throw new ScenarioError(`The plan of ${shown} cannot be built: ${firstLine(error)}.`, {
          path: placeIn(error, path),
        });
      }
    },
  };
}

/**
 * `file.ts:12` from the stack of an error, or `file.ts:12:5` from the message of a parser; '' when
 * there is none. The loader keeps lines but not columns, so those of a stack are not the file's.
 */
export function placeIn(error: unknown, path: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const parsed = positionIn(message, path);
  const position = parsed ?? positionIn(stack, path)?.replace(/:\d+$/, '');
  if (position === undefined) return '';
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return `${name}:${position}`;
}

/** `12:5` after the path. */
function positionIn(text: string, path: string): string | undefined {
  const at = text.indexOf(`${path}:`);
  return at < 0 ? undefined : /^:(\d+:\d+)/.exec(text.slice(at + path.length))?.[1];
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n').find((one) => one.trim() !== '') ?? 'it throws';
  return line.trim().replace(/[.:]$/, '');
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
