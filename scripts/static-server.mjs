/**
 * Serves one folder on 127.0.0.1, on a free port and under a sub-path: a site that works there
 * works under any address. For tests only; it knows no ranges, caches or compression.
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/**
 * @param {object} options
 * @param {string} options.folder
 * @param {string} [options.under] the sub-path, with a slash at both ends
 * @param {(path: string, body: string) => void} [options.onPost] what pages post under the sub-path
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export function serve({ folder, under = '/some/sub-path/', onPost }) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (!path.startsWith(under)) return end(response, 404);
    const inside = path.slice(under.length);
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        onPost?.(inside, body);
        end(response, onPost === undefined ? 405 : 204);
      });
      return;
    }
    sendFile(response, folder, inside);
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      resolve({
        url: `http://127.0.0.1:${port}${under}`,
        close: () =>
          new Promise((done) => {
            server.closeAllConnections();
            server.close(() => done());
          }),
      });
    });
  });
}

function end(
  /** @type {import('node:http').ServerResponse} */ response,
  /** @type {number} */ code,
) {
  response.writeHead(code).end();
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {string} folder
 * @param {string} inside
 */
function sendFile(response, folder, inside) {
  const file = normalize(join(folder, inside === '' ? 'index.html' : inside));
  if (!file.startsWith(normalize(folder + sep))) return end(response, 404);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) return end(response, 404);
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': stat.size,
    'cache-control': 'no-store',
  });
  createReadStream(file).pipe(response);
}
