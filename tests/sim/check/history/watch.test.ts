/** Watches of a log: what a stream may be, and each way in which it breaks. */
import { describe, expect, it } from 'vitest';
import { checkWatch } from 'faultline';
import type { Op, WatchEvent } from 'faultline';

interface Told {
  readonly client: string;
  readonly after?: number;
  readonly events: readonly WatchEvent[];
}

function historyOf(written: readonly WatchEvent[], told: readonly Told[]): Op[] {
  const base = { outcome: 'ok', callMicros: 0, retMicros: 1_000 } as const;
  let id = 0;
  const at = () => ({ id, process: id, call: 2 * id, ret: 2 * id++ + 1 });
  return [
    ...written.map(([revision, value]): Op => {
      const op = { f: 'append', client: 'writer', input: value, output: revision };
      return { ...base, ...op, ...at() };
    }),
    ...told.map(({ client, after, events }): Op => {
      const op = { f: 'watch', client, input: after ?? null, output: events };
      return { ...base, ...op, ...at() };
    }),
  ];
}

const LOG: readonly WatchEvent[] = [
  [1, 'a'],
  [2, 'b'],
  [5, 'c'],
];
const [A, B, C] = LOG as readonly [WatchEvent, WatchEvent, WatchEvent];
const kinds = (...told: readonly Told[]) =>
  checkWatch(historyOf(LOG, told)).violations.map(({ kind }) => kind);

describe('watches', () => {
  it('a stream may end early, begin late, and go on where it was cut', () => {
    const whole = checkWatch(historyOf(LOG, [{ client: 'w', after: 0, events: LOG }]));
    expect(whole).toMatchObject({ verdict: 'pass', events: 3, because: [] });
    expect(kinds({ client: 'w', after: 0, events: [A] })).toEqual([]);
    expect(kinds({ client: 'w', after: 1, events: [B, C] })).toEqual([]);
    expect(kinds({ client: 'w', events: [B, C] })).toEqual([]);
    const cut = { client: 'w', after: 0, events: [A] };
    expect(kinds(cut, { client: 'w', after: 1, events: [B, C] })).toEqual([]);
    // Revision 3 and 4 were of something else: they are no events of this log.
    expect(kinds({ client: 'w', after: 2, events: [C] })).toEqual([]);
  });

  it('what was refused is unwritten, also where nothing else was written', () => {
    const told = { client: 'w', after: 0, events: [A] };
    const refused = historyOf([A], [told]).map((op): Op => {
      const { output: _, ...asked } = op;
      return op.f === 'append' ? { ...asked, outcome: 'fail' } : op;
    });
    expect(checkWatch(refused)).toMatchObject({
      verdict: 'fail',
      violations: [{ kind: 'unwritten', revision: 1 }],
    });
    // A watch alone says nothing about who wrote.
    expect(checkWatch(historyOf([], [told])).verdict).toBe('pass');
  });

  it('an event that is lost when the watch is made anew is a gap', () => {
    const result = checkWatch(
      historyOf(LOG, [
        { client: 'w', after: 0, events: [A] },
        { client: 'w', after: 2, events: [C] },
      ]),
    );
    expect(result.verdict).toBe('fail');
    expect(result.violations).toMatchObject([{ kind: 'gap', op: 4, revision: 2 }]);
    expect(result.because).toEqual([
      'gap: w was told "c" as revision 5 at 0.001 s, after revision 1, and never of "b" as ' +
        'revision 2, which writer knows.',
    ]);
    expect(result.explanation?.window).toEqual([4]);
  });

  it('what follows from another watcher alone is a gap, too', () => {
    const told = [
      { client: 'v', after: 0, events: LOG },
      { client: 'w', after: 0, events: [B, C] },
    ];
    const result = checkWatch(historyOf([], told));
    expect(result.violations).toMatchObject([{ kind: 'gap', revision: 1 }]);
  });

  it.each<readonly [string, readonly WatchEvent[], readonly string[]]>([
    ['an event comes again', [A, B, B, C], ['duplicate']],
    ['all of them come again after a cut', [A, B, C, A, B, C], Array(3).fill('duplicate')],
    ['an older one comes later', [A, C, B], ['gap', 'step-back']],
    ['the first one is left out', [B, C], ['gap']],
    ['another value', [A, [2, 'c'], C], ['divergent']],
    ['a value of nobody', [A, [2, 'x']], ['divergent', 'unwritten']],
  ])('%s', (_, events, expected) => {
    expect(kinds({ client: 'w', after: 0, events })).toEqual(expected);
  });

  it('each watcher has a stream of its own', () => {
    expect(
      kinds({ client: 'v', after: 0, events: LOG }, { client: 'w', after: 0, events: LOG }),
    ).toEqual([]);
  });

  it('a write of unknown fate may be told of, and need not', () => {
    const [write, ...rest] = historyOf([[1, 'a']], [{ client: 'w', events: [[1, 'a']] }]);
    const open = { ...(write as Op), outcome: 'unknown', ret: Infinity, output: undefined } as Op;
    expect(checkWatch([open, ...rest]).verdict).toBe('pass');
    expect(checkWatch([open]).verdict).toBe('unknown');
  });
});
