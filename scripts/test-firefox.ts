/**
 * `npm run test:firefox`: the same run in Node and in Firefox. A page of the built site runs every
 * catalogue scenario in each of its variants and posts the hashes; this process runs the same and
 * compares. The last line counts runs: "N passed, N failed".
 */
import { catalogue } from '../scenarios/index.ts';
import { simulate } from '../src/sim/index.ts';
import { withFirefox } from './firefox.mjs';
import { freshSite } from './site.mjs';
import { serve } from './static-server.mjs';

const SEED = 7;
const TIMEOUT_MS = Number(process.env['FAULTLINE_FIREFOX_TIMEOUT_MS'] ?? 900_000);

interface Hashes {
  readonly id: string;
  readonly variant: string;
  readonly seed: number;
  readonly traceHash: string;
  readonly stateHash: string;
}

function runInNode(): Hashes[] {
  return catalogue.flatMap((scenario) =>
    scenario.variants.map((variant) => {
      const { traceHash, stateHash } = simulate(scenario, { seed: SEED, variant: variant.name });
      return { id: scenario.id, variant: variant.name, seed: SEED, traceHash, stateHash };
    }),
  );
}

async function runInFirefox(): Promise<Hashes[]> {
  let answer: (body: string) => void = () => undefined;
  const posted = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const server = await serve({ folder: freshSite(), onPost: (_path, body) => answer(body) });
  const post = encodeURIComponent(`${server.url}hashes`);
  try {
    const page = `${server.url}determinism.html?seed=${SEED}&post=${post}`;
    const body: unknown = JSON.parse(await withFirefox(page, TIMEOUT_MS, posted));
    if (!Array.isArray(body)) throw new Error(`The page reports: ${JSON.stringify(body)}`);
    return body as Hashes[];
  } finally {
    await server.close();
  }
}

const key = (run: Hashes) => `${run.id} (${run.variant}, seed ${run.seed})`;
const text = (run: Hashes | undefined) =>
  run === undefined ? 'did not run it' : `trace ${run.traceHash}, state ${run.stateHash}`;

/** The lines that describe what differs; empty when every run is the same in both. */
function differences(node: readonly Hashes[], firefox: readonly Hashes[]): string[] {
  const byKey = new Map(firefox.map((run) => [key(run), run]));
  const lines = node.flatMap((run) => {
    const other = byKey.get(key(run));
    byKey.delete(key(run));
    return text(run) === text(other)
      ? []
      : [`${key(run)}\n    Node:    ${text(run)}\n    Firefox: ${text(other)}`];
  });
  return [...lines, ...[...byKey.values()].map((run) => `${key(run)}: ran in Firefox only`)];
}

const node = runInNode();
const firefox = await runInFirefox();
const different = differences(node, firefox);
for (const line of different) console.log(`✗ ${line}`);
if (node.length === 0) console.log('✗ The catalogue is empty: nothing was compared.');
const failed = node.length === 0 ? 1 : different.length;
console.log(`${node.length - Math.min(different.length, node.length)} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
