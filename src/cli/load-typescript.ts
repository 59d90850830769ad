/**
 * Loads a scenario file in TypeScript or JavaScript from anywhere on the disk.
 *
 * The loader is imported only when such a file is named. `faultline` in the file means the copy
 * that is running, so that the file's errors, schemas and registries are the program's own; this
 * holds in the workers of a sweep as well, which load the file again.
 */
import * as faultline from '../sim/index.ts';
import type { AnyScenario } from '../sim/index.ts';

const { ScenarioError } = faultline;

/** `path` is absolute; `shown` is how the user wrote it. */
export async function loadTypeScript(path: string, shown: string): Promise<AnyScenario> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(path, {
    virtualModules: { faultline },
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
    plan: (params) => {
      try {
        return scenario.plan(params);
      } catch (error) {
        if (error instanceof ScenarioError) throw error;
        throw new ScenarioError(`The plan of ${shown} cannot be built: ${firstLine(error)}.`, {
          path: placeIn(error, path),
        });
      }
    },
  };
}

/** `file.ts:12:5` from the stack of an error, or from its message; '' when there is none. */
export function placeIn(error: unknown, path: string): string {
  const text = error instanceof Error ? `${error.stack ?? ''}\n${error.message}` : String(error);
  const at = text.indexOf(`${path}:`);
  const position = at < 0 ? null : /^:(\d+)(?::(\d+))?/.exec(text.slice(at + path.length));
  if (position === null) return '';
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return `${name}:${position[1]}${position[2] === undefined ? '' : `:${position[2]}`}`;
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n').find((one) => one.trim() !== '') ?? 'it throws';
  return line.trim().replace(/[.:]$/, '');
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
