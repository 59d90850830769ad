/**
 * Runs every scenario of the catalogue in every variant, in this browser, and says the hashes:
 * on the page, as `window.__hashes`, and with `?post=URL` to whoever compares them with Node's.
 */
import { catalogue } from '../../scenarios/index.ts';
import { simulate } from '../sim/index.ts';
import type { AnyScenario } from '../sim/index.ts';

interface RunHashes {
  readonly id: string;
  readonly variant: string;
  readonly seed: number;
  readonly traceHash: string;
  readonly stateHash: string;
}

declare global {
  interface Window {
    /** Set when all is done: the hashes, or why there are none. */
    __hashes?: readonly RunHashes[] | { readonly error: string };
  }
}

function hashesOf(scenario: AnyScenario, seed: number): RunHashes[] {
  return scenario.variants.map(({ name }) => {
    const { traceHash, stateHash } = simulate(scenario, { seed, variant: name });
    return { id: scenario.id, variant: name, seed, traceHash, stateHash };
  });
}

/** Between two scenarios the page may breathe, so that a browser does not call it stuck. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

async function runAll(seed: number): Promise<readonly RunHashes[]> {
  const all: RunHashes[] = [];
  for (const scenario of catalogue) {
    all.push(...hashesOf(scenario, seed));
    say(`${scenario.id} done`, all);
    await breathe();
  }
  return all;
}

function say(status: string, hashes: unknown): void {
  document.querySelector('#status')!.textContent = status;
  document.querySelector('#hashes')!.textContent = JSON.stringify(hashes, null, 2);
}

async function main(): Promise<void> {
  const query = new URLSearchParams(location.search);
  const seed = Number(query.get('seed') ?? 1);
  let result: NonNullable<Window['__hashes']>;
  try {
    result = await runAll(seed);
    say(`All done: ${result.length} runs.`, result);
  } catch (error) {
    result = { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    say('A run failed.', result);
  }
  window.__hashes = result;
  const post = query.get('post');
  if (post === null) return;
  await fetch(post, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(result),
  });
}

void main();
