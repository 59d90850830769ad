import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeLink, ENGINE } from '../../src/sim/index.ts';
import type { RunSpec } from '../../src/sim/index.ts';
import { cli } from './support/host.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Json {
  readonly spec: RunSpec;
  readonly traceHash: string;
  readonly stateHash: string;
  readonly events: number;
  readonly marks: readonly { readonly event: number; readonly traceHash: string }[];
  readonly repro: { readonly link: string };
}

let report: Json;
beforeAll(async () => {
  const words = ['run', 'cap/cp-partition', '--seed', '4', '--until', '4s', '--json'];
  report = JSON.parse((await cli(words)).out) as Json;
});

function file(name: string, value: unknown): string {
  writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
  return name;
}
const replay = (...words: readonly string[]) => cli(['replay', ...words], { cwd: folder });
const otherHash = 'ffffffffffffffff';

describe('replay', () => {
  it('says same run for a report', async () => {
    const said = await replay(file('report.json', report));
    expect(said.out).toContain(`same run: trace hash ${report.traceHash}`);
    // The run was cut short, so its own verdict is unknown.
    expect(said.code).toBe(2);
  });

  it('says same run for a link, whole or in part, and for a file that holds one', async () => {
    const fragment = report.repro.link.slice(report.repro.link.indexOf('#'));
    for (const link of [report.repro.link, fragment, file('link.txt', `${report.repro.link}\n`)]) {
      expect((await replay(link)).out).toContain('same run');
    }
  });

  it('repeats what a person did to the run', async () => {
    const micros = 1_000_000;
    const spec: RunSpec = {
      ...report.spec,
      interventions: [
        {
          micros,
          afterEventNumber: 0,
          act: { do: 'inject', id: 'mine', fault: { type: 'crash', target: 'n1' } },
        },
      ],
    };
    const first = await replay(file('spec.json', spec), '--json');
    const json = JSON.parse(first.out) as Json;
    expect(json.traceHash).not.toBe(report.traceHash);
    const again = await replay(encodeLink(spec, { traceHash: json.traceHash }));
    expect(again.out).toContain('same run');
    expect(again.out).toContain("repeat     faultline replay '");
  });

  it('does not claim sameness where nothing was said of the run', async () => {
    const said = await replay(encodeLink(report.spec));
    expect(said.out).toContain('nothing to compare with');
  });

  it('says where a run diverged: our bug under the same engine', async () => {
    const marks = report.marks.map((mark, at) =>
      at < 3 ? mark : { ...mark, traceHash: otherHash },
    );
    const said = await replay(file('diverged.json', { ...report, marks, traceHash: otherHash }));
    expect(said.code).toBe(70);
    const [before, after] = [report.marks[2]!.event, report.marks[3]!.event];
    const words = (event: number) => event.toLocaleString('en');
    expect(said.out).toContain(`between event ${words(before)} and event ${words(after)}`);
  });

  it('compares the end as well', async () => {
    const wrong = [{ traceHash: otherHash }, { stateHash: otherHash }, { events: 1 }];
    for (const change of wrong) {
      const said = await replay(file('end.json', { ...report, ...change }));
      expect(said.code, JSON.stringify(change)).toBe(70);
      expect(said.out).toContain('different run');
    }
    const link = encodeLink(report.spec, { traceHash: otherHash });
    expect((await replay(link)).code).toBe(70);
  });

  it('runs a link from another engine version, and says so', async () => {
    const spec = { ...report.spec, engine: ENGINE + 1 };
    const same = await replay(encodeLink(spec, { traceHash: report.traceHash }));
    expect(same.err).toContain(`engine version ${ENGINE + 1} and this is version ${ENGINE}`);
    expect(same.err).toContain('anyway');
    expect(same.code).toBe(2);
    const other = await replay(encodeLink(spec, { traceHash: otherHash }));
    expect(other.code).toBe(1);
  });

  it('gives JSON with the divergence', async () => {
    const changed = { ...report, traceHash: otherHash, marks: [] };
    const said = await replay(file('json.json', changed), '--json');
    expect(JSON.parse(said.out)).toMatchObject({
      same: false,
      divergence: { afterEvent: 0 },
      traceHash: report.traceHash,
    });
  });
});
