/** What the list of events says: of nodes, of the plan's faults and of what people did. */
import { describe, expect, it } from 'vitest';
import type { Deed } from '../../src/viz/state/acts.ts';
import type { Happening } from '../../src/viz/state/happenings.ts';
import { actsHere, foldLines, happeningsOf } from '../../src/viz/state/happenings.ts';
import { engine } from '../../src/viz/worker/engine.ts';
import { harness } from './support/harness.ts';

function opened(link = '#s=cap/cp-partition') {
  const page = harness(engine);
  page.controller.start();
  page.controller.open({ from: 'link', link });
  page.settle();
  return page;
}
type Page = ReturnType<typeof opened>;

const told = ({ controller }: Page): Happening[] => {
  const { ledger, spec, run, scene } = controller.state;
  return happeningsOf({
    feed: ledger.feed,
    faults: ledger.faults,
    acts: spec!.interventions,
    linked: run!.spec.interventions,
    nodes: scene!.nodes,
  });
};
const marked = (page: Page): string[] =>
  told(page).flatMap((one) =>
    one.mark === null ? [] : [`${(one.micros / 1e6).toFixed(1)} ${one.mark}: ${one.text}`],
  );
function act(page: Page, seconds: number, name: string, ...acts: Deed['acts']): void {
  page.controller.scrubTo(seconds * 1e6);
  page.settle();
  page.controller.act({ name, acts });
  page.settle();
}

describe('what happened', () => {
  const page = opened();
  act(page, 1, 'cut', {
    do: 'inject',
    id: 'you-1',
    fault: { type: 'partition', groups: [['n1', 'a1']] },
  });
  act(page, 1.1, 'mend', { do: 'undo', id: 'you-1' });
  act(page, 1.2, 'crash', { do: 'inject', id: 'you-2', fault: { type: 'crash', target: 'n3' } });
  act(page, 1.3, 'restart', { do: 'undo', id: 'you-2' });
  const loss = { type: 'loss', probability: 0.2 } as const;
  act(page, 1.4, 'loss', { do: 'inject', id: 'you-3', fault: loss });
  const slow = { type: 'latency', factor: 2 } as const;
  act(page, 1.5, 'latency', { do: 'inject', id: 'you-4', fault: slow });
  act(page, 1.6, 'link', {
    do: 'inject',
    id: 'you-5',
    fault: { type: 'cut-link', a: 'n1', b: 'n2' },
  });
  act(page, 1.7, 'heal', { do: 'heal-all' });
  const { link } = page.controller.state;
  page.controller.scrubTo(8e6);
  page.settle();

  const sentences = (who: string, verb: (word: string) => string) => [
    `1.0 act: ${who} ${verb('cut')} n1, a1 off from the others`,
    `1.1 act: ${who} ${verb('heal')} the cut: n1, a1 | n2, n3, n4, n5, a2, a3, b1, b2, b3`,
    `1.2 act: ${who} ${verb('crash')} n3`,
    `1.3 act: ${who} ${verb('restart')} n3`,
    `1.4 act: ${who} ${verb('bring')} loss: 20 % of packets lost`,
    `1.5 act: ${who} ${verb('bring')} latency: links 2 times as slow`,
    `1.6 act: ${who} ${verb('cut')} the link n1 - n2`,
    `1.7 act: ${who} ${verb('heal')} everything`,
    '3.0 fault: The plan cuts n1, n2, a1, a2, a3 off from the others',
    "7.5 fault: The plan's partition ends",
  ];

  it('names every act and every fault of the plan in a sentence', () => {
    expect(marked(page)).toEqual(sentences('You', (word) => word));
  });

  it('does not say "you" to somebody else who opens the link', () => {
    const other = opened(link);
    other.controller.scrubTo(8e6);
    other.settle();
    const verb = (word: string) => (word === 'crash' ? 'crashes' : `${word}s`);
    expect(marked(other)).toEqual(sentences('Somebody', verb));
    const { spec, run } = other.controller.state;
    expect(actsHere(spec!.interventions, run!.spec.interventions)).toBe(0);
    act(other, 8.5, 'heal', { do: 'heal-all' });
    const { spec: now } = other.controller.state;
    expect(actsHere(now!.interventions, run!.spec.interventions)).toBe(1);
  });

  it('keeps the order of the run', () => {
    const events = told(page).map((one) => one.event);
    expect(events).toEqual(events.toSorted((a, b) => a - b));
  });

  it('folds lines of one kind in a row', () => {
    const lines = foldLines(told(page));
    const asks = lines.filter((line) => line.text.includes('asks whether') && line.times > 1);
    expect(asks.length).toBeGreaterThan(0);
    expect(asks[0]!.text).toMatch(/^n\d, n\d: hears no leader and asks whether it could win term/);
    expect(asks[0]!.sinceMicros).toBeLessThan(asks[0]!.micros);
    const all = lines.reduce((sum, line) => sum + line.times, 0);
    expect(all).toBe(told(page).length);
    lines.forEach((line, i) => {
      if (line.kind !== '') expect(lines[i + 1]?.kind).not.toBe(line.kind);
    });
  });
});

describe('what slows a node', () => {
  it.each([
    ['slow-cpu', 'The plan slows the processor of app1', "The plan's slow cpu of app1 ends"],
    ['slow-disk', 'The plan slows the disk of app1', "The plan's slow disk of app1 ends"],
    ['fsync-off', 'The plan turns fsync of app1 off', "The plan's fsync off of app1 ends"],
    ['clock-jump', 'The plan sets the clock of app1', "The plan's clock jump of app1 ends"],
  ])('is told in a sentence: %s', (type, started, ended) => {
    const fault = { id: 'f', type, label: `${type} app1`, by: 'plan', nodes: [0] } as const;
    const span = {
      ...{ micros: 1, event: 1, until: { micros: 2, event: 2 } },
      fault: { ...fault, islands: [], cutLinks: [] },
    };
    const nodes = [{ index: 0, name: 'app1' }];
    const lines = happeningsOf({ feed: [], faults: [span], acts: [], linked: [], nodes });
    expect(lines.map(({ text }) => text)).toEqual([started, ended]);
  });
});

describe('folding', () => {
  const said = (event: number, text: string, kind = `t ${text.replace(/^\S+ /, '')}`) => ({
    micros: event * 1_000,
    event,
    mark: null,
    kind,
    text,
  });

  it('counts, says since when, and names each node once', () => {
    const lines = foldLines([
      said(1, 'n1 asks'),
      said(2, 'n1 asks'),
      said(3, 'n2 leads'),
      said(4, 'n1 asks'),
      said(5, 'n3 asks'),
      said(6, 'n1 asks'),
    ]);
    expect(lines.map(({ text, times, sinceMicros }) => [text, times, sinceMicros])).toEqual([
      ['n1, n3: asks', 3, 4_000],
      ['n2 leads', 1, 3_000],
      ['n1 asks', 2, 1_000],
    ]);
  });

  it('never folds acts', () => {
    expect(foldLines([said(1, 'You crash n1', ''), said(1, 'You crash n1', '')])).toHaveLength(2);
  });
});
