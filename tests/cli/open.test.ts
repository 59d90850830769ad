import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { fileFor, packageRoot, serveFolder } from '../../src/cli/site.ts';
import { decodeLink } from '../../src/sim/index.ts';
import { NUMBERS_TS, outsideFolder, SCENARIO_TS, SCENARIO_YAML } from './support/files.ts';
import { cli, fakeHost, oneSentence } from './support/host.ts';

const outside = outsideFolder();
outside.write('numbers.ts', NUMBERS_TS);
outside.write('crash.ts', SCENARIO_TS);
outside.write('crash.yaml', SCENARIO_YAML);
outside.write(
  'parts.ts',
  SCENARIO_TS.replace('defineScenario({', 'defineScenario({ registers: { predicates: [] },'),
);

/** Opens, looks at the page, and ends it as Ctrl-C does. */
async function open(...words: readonly string[]) {
  const host = fakeHost(['open', ...words], { cwd: outside.path });
  const ended = runCli(host);
  while (!host.out().includes('\n') && host.err() === '') {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const address = host.out().trim();
  const page = await (await fetch(address)).text();
  host.interrupt();
  return { address, page, code: await ended };
}

describe('open', () => {
  it('serves the page with a scenario file as a document, until Ctrl-C', async () => {
    const { address, page, code } = await open('crash.ts', '--seed', '7', '--param', 'nodes=5');
    expect(page).toContain('<html');
    const { spec } = decodeLink(address);
    expect(spec.seed).toBe(7);
    const plan = 'document' in spec.scenario ? spec.scenario.document : null;
    expect(plan?.groups[0]).toMatchObject({ name: 'n', count: 5 });
    expect(code).toBe(130);
    await expect(fetch(address)).rejects.toThrow();
  });

  it('refuses a port on which somebody else answers', async () => {
    const other = createServer((_, response) => response.end('somebody else'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const said = await cli(['open', 'crash.yaml', '--port', String(port)], { cwd: outside.path });
    other.close();
    const sentence = `Port ${port} is in use. Choose another with --port, or leave it out.`;
    expect(oneSentence(said)).toContain(sentence);
    expect(said.code).toBe(3);
  });

  it('refuses a file whose parts no page can load', async () => {
    const said = await cli(['open', 'parts.ts'], { cwd: outside.path });
    expect(oneSentence(said)).toMatch(/parts of its own/);
    expect(said.code).toBe(3);
  });
});

describe('a static site', () => {
  it('is served with types, and nothing outside of it', async () => {
    outside.write('index.html', '<html>hello</html>');
    outside.write('app.js', 'let x;');
    const site = await serveFolder(outside.path, 0);
    const index = await fetch(site.url);
    expect(await index.text()).toBe('<html>hello</html>');
    expect(index.headers.get('content-type')).toContain('text/html');
    const script = await fetch(`${site.url}app.js?v=1`);
    expect(script.headers.get('content-type')).toContain('text/javascript');
    expect((await fetch(`${site.url}missing.js`)).status).toBe(404);
    expect((await fetch(site.url, { method: 'POST' })).status).toBe(405);
    await expect(serveFolder(outside.path, Number(new URL(site.url).port))).rejects.toThrow(
      /in use\.$/,
    );
    await site.close();
  });

  it.each(['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/%00', '/%zz'])(
    'does not follow %s',
    (address) => {
      const folder = join(packageRoot(), 'src');
      expect(existsSync(join(folder, '..', 'package.json'))).toBe(true);
      expect(fileFor(folder, address)).toBeNull();
    },
  );
});
