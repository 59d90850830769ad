/** stream_cases.json: windows, watermarks, and which records are late. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  NO_TIME,
  WINDOW_ASSIGNERS,
  WINDOW_RULES,
  addToPanes,
  advancePanes,
  boundedWatermark,
  collectAll,
  combinedWatermark,
  latestOf,
  startPanes,
} from '../../../src/sim/policies/windows/index.ts';
import type {
  PaneRules,
  WindowResult,
  WindowSettings,
} from '../../../src/sim/policies/windows/index.ts';

type Values = readonly number[];
type Pair = readonly [number, number];
interface Sized extends Partial<WindowSettings> {
  readonly assigner: string;
}
interface Cases {
  readonly assign: readonly (Sized & { readonly ts: number; readonly windows: readonly Pair[] })[];
  readonly flink: readonly {
    readonly id: string;
    readonly size: number;
    readonly delay: number;
    readonly lateness: number;
    readonly ts: readonly number[];
    readonly watermarks: readonly number[];
    readonly fires: readonly {
      readonly atTs: number;
      readonly window: Pair;
      readonly values: readonly number[];
      readonly update: boolean;
    }[];
    readonly dropped: readonly number[];
  }[];
  readonly combined: readonly {
    readonly id: string;
    readonly inputs: readonly (readonly [number, boolean])[];
    readonly before: number;
    readonly watermark: number;
  }[];
  readonly kafkaStreams: readonly (Sized & {
    readonly id: string;
    readonly grace: number;
    readonly ts: readonly number[];
    readonly late: readonly number[];
  })[];
}

const FILE = 'stream_cases.json';
// Written down here first: another folder of cases need not have it.
const folders = [process.env['CONFORMANCE_DIR'] ?? '', 'tests/conformance/data'];
const folder = folders.find((each) => existsSync(join(each, FILE)))!;
const cases = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Cases;

function rulesOf(given: Sized, rule: string, lateness: number): PaneRules<number, Values> {
  const { size = 1, advance = size, gap = 1, offset = 0 } = given;
  return {
    assigner: WINDOW_ASSIGNERS.find(({ name }) => name === given.assigner)!,
    settings: { size, advance, gap, offset },
    rule: WINDOW_RULES.find(({ name }) => name === rule)!,
    lateness,
    aggregate: collectAll(),
  };
}

describe('a record belongs to', () => {
  it.each(cases.assign)('$windows: $assigner $size $advance at $ts', (given) => {
    const { assigner, settings } = rulesOf(given, 'flink', 0);
    const windows = assigner.windowsOf(given.ts, settings).map(({ start, end }) => [start, end]);
    expect(windows).toEqual(given.windows);
  });
});

describe('Flink', () => {
  it.each(cases.flink)('$id: $ts', (given) => {
    const rules = rulesOf({ assigner: 'tumbling', size: given.size }, 'flink', given.lateness);
    const panes = startPanes<Values>();
    const watermarks: number[] = [];
    const fires: unknown[] = [];
    const dropped: number[] = [];
    const told = (atTs: number, results: readonly WindowResult<Values>[]) => {
      for (const { window, total: values, isUpdate: update } of results) {
        fires.push({ atTs, window: [window.start, window.end], values, update });
      }
    };
    let latest = NO_TIME;
    for (const at of given.ts) {
      const added = addToPanes(rules, panes, { key: 'k', at, value: at });
      if (added.isDropped) dropped.push(at);
      told(at, added.results);
      latest = latestOf(latest, at);
      watermarks.push(boundedWatermark(latest, given.delay));
      told(at, advancePanes(rules, panes, watermarks.at(-1)!));
    }
    expect({ watermarks, fires, dropped }).toEqual({
      watermarks: given.watermarks,
      fires: given.fires,
      dropped: given.dropped,
    });
  });

  it.each(cases.combined)('takes of several inputs $id', ({ inputs, before, watermark }) => {
    const given = inputs.map(([each, isIdle]) => ({ watermark: each, isIdle }));
    expect(combinedWatermark(given, before)).toBe(watermark);
  });
});

describe.each(['kafka-streams-update', 'kafka-streams-close'])('%s', (rule) => {
  it.each(cases.kafkaStreams)('drops what is late: $id', (given) => {
    const rules = rulesOf(given, rule, given.grace);
    const panes = startPanes<Values>();
    const late: number[] = [];
    let streamTime = NO_TIME;
    for (const at of given.ts) {
      streamTime = latestOf(streamTime, at);
      advancePanes(rules, panes, streamTime);
      if (addToPanes(rules, panes, { key: 'k', at, value: at }).isDropped) late.push(at);
    }
    expect(late).toEqual(given.late);
  });
});
