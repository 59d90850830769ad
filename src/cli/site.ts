/**
 * Serves the visualiser on this machine: from its sources where they are (the repository), else the
 * built site that the package carries.
 */
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { createServer as createProbe } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize, sep } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ScenarioError } from '../sim/index.ts';

export interface Site {
  /** With a slash at the end. */
  readonly url: string;
  /** Rejects when the server ends by itself. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';

/** The folder of our package.json: above the sources, and above the built files as well. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isPackage(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the package of Faultline has no package.json');
    folder = parent;
  }
  return folder;
}

function isPackage(file: string): boolean {
  if (!existsSync(file)) return false;
  const { name } = JSON.parse(readFileSync(file, 'utf8')) as { readonly name?: string };
  return name === 'faultline';
}

/** `port` 0 takes a free one. */
export async function serveSite(port: number): Promise<Site> {
  const root = packageRoot();
  if (existsSync(join(root, 'vite.config.ts'))) return serveSources(root, port);
  const folder = join(root, 'dist/site');
  if (existsSync(join(folder, 'index.html'))) return serveFolder(folder, port);
  throw new Error(`the package of Faultline carries no site in ${folder}`);
}

/** The development server of the repository, as a process of its own. */
async function serveSources(root: string, wanted: number): Promise<Site> {
  // Tried here first: on a busy port somebody else would answer before Vite says that it cannot.
  const port = await bindable(wanted);
  const require = createRequire(join(root, 'package.json'));
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');
  const words = [
    vite,
    '--host',
    HOST,
    '--port',
    String(port),
    '--strictPort',
    '--logLevel',
    'warn',
  ];
  const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  // Whatever ends this process ends the server as well: nobody else knows of it.
  const end = () => child.kill();
  process.once('exit', end);
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://${HOST}:${port}/`;
  const alive = () => child.exitCode === null && child.signalCode === null;
  // Whoever answers is ours only while ours lives.
  while (!(await answers(url)) && alive());
  if (!alive()) {
    if (/already in use/.test(said)) throw portTaken(port);
    throw new Error(`the development server did not start: ${said.trim()}`);
  }
  let closing = false;
  const failed = ended.then(() => {
    if (closing) return new Promise<never>(() => undefined);
    throw new Error(`the development server ended: ${said.trim()}`);
  });
  failed.catch(() => undefined);
  return {
    url,
    failed,
    async close() {
      closing = true;
      process.off('exit', end);
      child.kill();
      await ended;
    },
  };
}

const RETRY_MILLIS = 50;

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer();
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS));
    return false;
  }
}

/** The port itself, or a free one for 0; throws when nobody can listen there. */
function bindable(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createProbe();
    probe.once('error', (error: NodeJS.ErrnoException) => reject(portRefused(wanted, error)));
    probe.listen(wanted, HOST, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted;
      probe.close(() => resolve(port));
    });
  });
}

function portRefused(port: number, error: NodeJS.ErrnoException): Error {
  if (error.code === 'EADDRINUSE') return portTaken(port);
  if (error.code !== 'EACCES') return error;
  return new ScenarioError(`Port ${port} is not allowed to you.`, { hint: OTHER_PORT });
}

const OTHER_PORT = 'Choose another with --port, or leave it out.';

const portTaken = (port: number): ScenarioError =>
  new ScenarioError(`Port ${port} is in use.`, { hint: OTHER_PORT });

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.woff2', 'font/woff2'],
  ['.wasm', 'application/wasm'],
]);

/** A folder of static files. */
export function serveFolder(folder: string, port: number): Promise<Site> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405).end();
      return;
    }
    sendFile(response, folder, request.url ?? '/');
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portRefused(port, error)));
    server.listen(port, HOST, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      resolve({
        url: `http://${HOST}:${taken}/`,
        failed: new Promise<never>(() => undefined),
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}

function sendFile(response: ServerResponse, folder: string, address: string): void {
  const file = fileFor(folder, address);
  if (file === null) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    return;
  }
  response.writeHead(200, {
    'content-type': TYPES.get(extname(file)) ?? 'application/octet-stream',
    'cache-control': 'no-cache',
  });
  createReadStream(file).pipe(response);
}

/** A file inside the folder, or null: no address leads out of it. */
export function fileFor(folder: string, address: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(address.replace(/[?#].*$/s, ''));
  } catch {
    return null;
  }
  if (path.includes('\0')) return null;
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path));
  const inside = file.startsWith(normalize(folder + sep));
  return inside && statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : null;
}
