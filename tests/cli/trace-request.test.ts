/** `trace`: one request of a run, hop by hop. */
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { COMPONENTS } from '../../src/sim/components/index.ts';
import { cli } from './support/host.ts';

const ID = 'product-service/batch-reads';
const ONE = [ID, '--variant', 'one-object', '--until', '6s'];

interface Told {
  readonly from: string;
  readonly to: string;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly children: readonly Told[];
}

describe('trace', () => {
  it('draws the request as a tree', async () => {
    const { code, out, err } = await cli(['trace', ...ONE, '--request', '1']);
    expect([code, err]).toEqual([0, '']);
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^Request 1 of \d+, begun at [\d.]+ m?s of the run$/);
    const shape = lines
      .slice(3, 5)
      .map((line) => line.replace(/ {2,}.*$/, '').replaceAll(/\d+/g, 'N'));
    expect(shape).toEqual(['shopN: GET /products of kN', '└ shopN → podN: GET /products of N']);
    // The children of a span are further to the right.
    expect(out).toMatch(/\n {2}├ pod\d → cache1: get \d+ +\+2\.5 ms +1 ms +0 µs .*miss\n/);
    expect(out).toMatch(/\n {2}└ pod\d → db1: read row \d+ .*version 0\n/);
  });

  it('gives a program the same with whole microseconds', async () => {
    const { out } = await cli(['trace', ...ONE, '--json']);
    const told = JSON.parse(out) as { scenario: unknown; request: number; span: Told };
    expect(told.scenario).toEqual({ id: ID });
    const [hop] = told.span.children;
    expect(hop).toMatchObject({ from: 'shop1', startMicros: told.span.startMicros });
    expect(hop!.endMicros).toBe(told.span.endMicros);
    for (const child of hop!.children) {
      expect(child.from).toBe(hop!.to);
      expect(child.startMicros).toBeGreaterThanOrEqual(hop!.startMicros + 500);
      expect(child.endMicros).toBeLessThanOrEqual(hop!.endMicros - 500);
    }
    const again = await cli(['trace', ...ONE, '--json', '--request', String(told.request)]);
    expect(again.out).toBe(out);
  });

  it('names on its page who tells for which request it calls', () => {
    const page = commands.find(({ name }) => name === 'trace')?.details?.join(' ') ?? '';
    const [, named = ''] = /Known are the calls of ([^;]+);/.exec(page) ?? [];
    const known = Object.entries(COMPONENTS).filter(([, each]) => each.onBehalf !== undefined);
    expect(named.split(/, | and /).sort()).toEqual(known.map(([name]) => name).sort());
  });

  it('refuses a request that there is not', async () => {
    const many = await cli(['trace', ...ONE, '--request', '99999']);
    expect(many.code).not.toBe(0);
    expect(many.err).toContain('There is no request 99,999 in this run.');
    expect(many.err).toMatch(/It has \d+; the first is 1\./);
    const none = await cli(['trace', ...ONE, '--request', 'last']);
    expect(none.err).toContain('--request must be a whole number from 1');
    const early = await cli(['trace', ID, '--until', '1ms']);
    expect(early.err).toContain('No request of this run has ended');
  });
});
