/**
 * The page. Its root is src/viz, every HTML file there is an entry, and all addresses are relative,
 * so that the built site works under any sub-path.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const pages = readdirSync(here('src/viz')).filter((file) => file.endsWith('.html'));

const JSX = { runtime: 'automatic', importSource: 'preact' } as const;

export default defineConfig({
  root: here('src/viz'),
  base: './',
  publicDir: here('public'),
  cacheDir: here('node_modules/.vite'),
  resolve: {
    alias: [{ find: /^faultline$/, replacement: here('src/sim/index.ts') }],
    // rxjs keeps its modern build under this name; the other one carries helpers for old engines.
    conditions: ['es2015', ...defaultClientConditions],
  },
  oxc: { jsx: JSX },
  worker: { format: 'es' },
  build: {
    outDir: here('dist/site'),
    emptyOutDir: true,
    target: 'es2023',
    rolldownOptions: {
      input: pages.map((page) => here(`src/viz/${page}`)),
      // Modules of the simulator do nothing on import, so the page, which uses its types and two
      // lists, does not carry the engine: that is the worker's.
      treeshake: { moduleSideEffects: (id) => !id.includes('/src/sim/') },
    },
  },
  // Scenarios and the simulator lie outside the root of the page.
  server: { fs: { allow: [here('.')] } },
  // Loaded lazily: named here so that the first visit does not reload the page half-way.
  optimizeDeps: {
    include: ['pixi.js', 'uplot'],
    rolldownOptions: { transform: { jsx: JSX } },
  },
});
