/** Panes by hand: sessions that grow together, results and their corrections, order of results. */
import { describe, expect, it } from 'vitest';
import {
  WINDOW_ASSIGNERS,
  WINDOW_RULES,
  addToPanes,
  advancePanes,
  collectAll,
  countAll,
  startPanes,
  sumAll,
} from '../../../../src/sim/policies/windows/index.ts';
import type { PaneRules, WindowResult } from '../../../../src/sim/policies/windows/index.ts';
import { forSeeds } from '../../../support/seeds.ts';

type Values = readonly number[];

function rulesOf(assigner: string, rule: string, lateness: number): PaneRules<number, Values> {
  return {
    assigner: WINDOW_ASSIGNERS.find(({ name }) => name === assigner)!,
    settings: { size: 10, advance: 5, gap: 5, offset: 0 },
    rule: WINDOW_RULES.find(({ name }) => name === rule)!,
    lateness,
    aggregate: collectAll(),
  };
}

/** "1 4 w8 9": records at 1, 4 and 9, and the clock at 8 in between; a key before a colon. */
function play(rules: PaneRules<number, Values>, story: string): string[] {
  const panes = startPanes<Values>();
  const told: string[] = [];
  const tell = (results: readonly WindowResult<Values>[]) => {
    for (const { key, window, total, isUpdate } of results) {
      told.push(`${isUpdate ? 'again ' : ''}${key}[${window.start},${window.end}) ${total.join()}`);
    }
  };
  for (const word of story.split(' ')) {
    if (word.startsWith('w')) {
      tell(advancePanes(rules, panes, Number(word.slice(1))));
      continue;
    }
    const [key = '', at = ''] = word.includes(':') ? word.split(':') : ['k', word];
    const added = addToPanes(rules, panes, { key, at: Number(at), value: Number(at) });
    tell(added.results);
    if (added.isDropped) told.push(`lost ${word}`);
  }
  return told;
}

describe('sessions', () => {
  const flink = rulesOf('session', 'flink', 0);

  it('end when nothing has come for the gap', () => {
    expect(play(flink, '1 4 w8 w9 20 w99')).toEqual(['k[1,9) 1,4', 'k[20,25) 20']);
  });

  it('grow together when a record falls between them, keys apart', () => {
    expect(play(flink, '1 11 a:3 6 w15 w99')).toEqual(['a[3,8) 3', 'k[1,16) 1,11,6']);
  });

  it('take a late record while the whole is open, which alone would be late', () => {
    expect(play(flink, '10 w7 5 w99')).toEqual(['k[5,15) 10,5']);
    expect(play(flink, '10 w9 4 w99')).toEqual(['lost 4', 'k[10,15) 10']);
  });

  it('of Kafka Streams give a result for each record, the gap being part of them', () => {
    const rules = rulesOf('session', 'kafka-streams-update', 0);
    expect(play(rules, '1 6 w11 5 w12 6')).toEqual([
      'k[1,6) 1',
      'again k[1,11) 1,6',
      'again k[1,11) 1,6,5',
      'lost 6',
    ]);
  });
});

describe('results', () => {
  it('of windows that close together come in the order of ends, starts and keys', () => {
    const rules = rulesOf('hopping', 'flink', 0);
    expect(play(rules, 'b:6 a:6 a:2 w99')).toEqual([
      'a[-5,5) 2',
      'a[0,10) 6,2',
      'b[0,10) 6',
      'a[5,15) 6',
      'b[5,15) 6',
    ]);
  });

  it('of Flink are given again for each record within the lateness, once for each', () => {
    const rules = rulesOf('tumbling', 'flink', 5);
    expect(play(rules, '1 w9 2 3 w13 4 w14 5')).toEqual([
      'k[0,10) 1',
      'again k[0,10) 1,2',
      'again k[0,10) 1,2,3',
      'again k[0,10) 1,2,3,4',
      'lost 5',
    ]);
  });

  it('at the close are given once', () => {
    const rules = rulesOf('tumbling', 'kafka-streams-close', 3);
    expect(play(rules, '1 w12 2 w13 3 w99')).toEqual(['k[0,10) 1,2', 'lost 3']);
  });

  it('never come twice for one clock, which does not go back', () => {
    const rules = rulesOf('tumbling', 'flink', 5);
    expect(play(rules, '1 w9 w9 w8 w10')).toEqual(['k[0,10) 1']);
  });
});

describe('aggregates', () => {
  it.each([
    ['counts', countAll, 4],
    ['sums', sumAll, 30],
  ])('of sessions that become one are merged: %s', (_name, aggregate, total) => {
    const rules = { ...rulesOf('session', 'flink', 0), aggregate };
    const panes = startPanes<number>();
    for (const at of [1, 11, 12, 6]) addToPanes(rules, panes, { key: 'k', at, value: at });
    const [result, ...more] = advancePanes(rules, panes, 99);
    expect(result).toMatchObject({ window: { start: 1, end: 17 }, total });
    expect(more).toEqual([]);
  });
});

describe('in random streams', () => {
  it('a closing window holds exactly what came before it closed', () => {
    forSeeds(50, import.meta.url, (_seed, random) => {
      const lateness = random.int(4);
      const rules = rulesOf('hopping', 'kafka-streams-close', lateness);
      const panes = startPanes<Values>();
      const expected = new Map<string, number[]>();
      const closed = new Map<string, readonly number[]>();
      let clock = 0;
      for (let value = 0; value < 60; value++) {
        const at = Math.max(0, clock + random.between(-15, 3));
        clock = Math.max(clock, at);
        for (const { window, total } of advancePanes(rules, panes, clock)) {
          closed.set(`${window.start}`, total);
        }
        addToPanes(rules, panes, { key: 'k', at, value });
        for (let start = Math.floor(at / 5) * 5; start > at - 10; start -= 5) {
          if (start + 10 + lateness <= clock) continue;
          expected.set(`${start}`, [...(expected.get(`${start}`) ?? []), value]);
        }
      }
      for (const { window, total } of advancePanes(rules, panes, 10_000)) {
        closed.set(`${window.start}`, total);
      }
      const byKey = (a: [string, unknown], b: [string, unknown]) => Number(a[0]) - Number(b[0]);
      expect([...closed].sort(byKey)).toEqual([...expected].sort(byKey));
    });
  });
});
