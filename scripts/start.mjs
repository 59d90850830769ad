/**
 * `npm start`: serves the visualiser from its sources, prints its address and, on a person's
 * terminal, opens it in their browser. `npm start -- --port 8080 --no-open cap/cp-partition`.
 */
import { createServer } from 'vite';
import { root } from './stages.mjs';

const DEFAULT_SCENARIO = 'cap/cp-partition';
const DEFAULT_PORT = 5173;

/** @returns {{ scenario: string, port: number, open: boolean }} */
function readArguments(/** @type {readonly string[]} */ args) {
  let scenario = DEFAULT_SCENARIO;
  let port = Number(process.env['PORT'] ?? DEFAULT_PORT);
  let open = wantsBrowser();
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--no-open') open = false;
    else if (word === '--port') port = Number(args[++i]);
    else if (word.startsWith('-')) fail(`Unknown option ${word}. There are --port N, --no-open.`);
    else scenario = word;
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) fail('--port needs a number to 65535.');
  return { scenario, port, open };
}

/** Nobody looks at a browser that CI, a pipe or a machine without a display opens. */
function wantsBrowser() {
  if (!process.stdout.isTTY || process.env['CI'] !== undefined) return false;
  if (process.platform !== 'linux') return true;
  return (process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']) !== undefined;
}

/** @returns {never} */
function fail(/** @type {string} */ sentence) {
  console.error(sentence);
  process.exit(3);
}

const { scenario, port, open } = readArguments(process.argv.slice(2));
const place = `/#s=${scenario}`;
const server = await createServer({
  configFile: `${root}vite.config.ts`,
  server: { port, host: '127.0.0.1', open: open ? place : false },
});
await server.listen();
const base = server.resolvedUrls?.local[0] ?? `http://127.0.0.1:${port}/`;
console.log(`Faultline is running: ${base.replace(/\/$/, '')}${place}`);
console.log('Stop it with Ctrl+C.');
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => void server.close().finally(() => process.exit(0)));
}
