/** Ids that clients were given: how many came again, and which are not in the order of time. */
import { describe, expect, it } from 'vitest';
import type { CheckDefinition } from '../../../src/sim/check/check.ts';
import { idsInOrder } from '../../../src/sim/check/ids-in-order.ts';
import { uniqueIds } from '../../../src/sim/check/unique-ids.ts';
import { idClient } from '../../../src/sim/components/id-client/id-client.ts';
import { Stage } from './support/check-env.ts';

/** When it is asked for, when it is answered, in milliseconds; null: it is refused. */
type Step = readonly [asked: number, answered: number, id: string | null];

function stageOf(check: CheckDefinition, steps: readonly Step[], args: object = {}): Stage {
  const stage = new Stage(check, args);
  const events = steps.flatMap(([asked, answered, id], step) => [
    { at: asked, step, id, isAsked: true },
    { at: answered, step, id, isAsked: false },
  ]);
  events.sort((a, b) => a.at - b.at || a.step - b.step);
  const opened = new Map<number, number>();
  events.forEach(({ at, step, id, isAsked }, position) => {
    const atMicros = at * 1_000;
    if (isAsked) {
      const base = { client: `c${step}`, f: 'generate', input: null };
      opened.set(step, stage.history.invoke(base, position, atMicros, 0));
    } else {
      const outcome = id === null ? 'fail' : 'ok';
      stage.history.complete(opened.get(step)!, outcome, id, position, atMicros);
    }
  });
  return stage;
}

const verdict = (check: CheckDefinition, steps: readonly Step[], args?: object) =>
  stageOf(check, steps, args).end().verdict;

const TWICE: readonly Step[] = [
  [0, 1, '7'],
  [2, 3, '8'],
  [4, 5, '7'],
  [6, 7, '7'],
  [8, 9, null],
];

describe('unique ids', () => {
  it('hold where none comes twice, however many are refused', () => {
    const steps: readonly Step[] = [...TWICE.slice(0, 2), [4, 5, null], [6, 7, null]];
    expect(verdict(uniqueIds, steps)).toBe('pass');
  });

  it('break with both who were given it, and the events that prove it', () => {
    const stage = stageOf(uniqueIds, TWICE).end();
    expect(stage.verdict).toBe('fail');
    expect(stage.whys).toEqual([
      '7 was given to c0 at 1 ms and to c2 at 5 ms. 2 ids in 4 answers: 2 came again.',
    ]);
    expect(stage.told[0]?.evidence).toEqual([0, 1, 4, 5]);
  });

  it('are counted exactly', () => {
    expect(verdict(uniqueIds, TWICE, { atLeast: 2, atMost: 2 })).toBe('pass');
    expect(verdict(uniqueIds, TWICE, { atMost: 1 })).toBe('fail');
    const few = stageOf(uniqueIds, TWICE, { atLeast: 3, atMost: null }).end();
    expect(few.verdict).toBe('fail');
    expect(stageOf(uniqueIds, TWICE.slice(0, 2), { atLeast: 1, atMost: 1 }).end().whys).toEqual([
      '2 ids in 2 answers: 0 came again.',
    ]);
  });

  it('are unknown where nobody was given one', () => {
    expect(verdict(uniqueIds, [])).toBe('unknown');
    expect(verdict(uniqueIds, TWICE.slice(4))).toBe('unknown');
    expect(stageOf(uniqueIds, TWICE).now).toBe('unknown');
  });

  it('want bounds that something can meet', () => {
    const path = 'checks/0/args';
    const asks = {
      name: 'c',
      count: 1,
      behaviour: idClient,
      asks: null,
      operations: idClient.operations ?? null,
      mayWrite: false,
      config: {},
    };
    const run = { durationMs: 1_000, healMs: null, groups: [asks], components: [idClient] };
    const checkArgs = (args: object) => () => uniqueIds.check?.(args as never, path, run);
    expect(checkArgs({ clients: '', atLeast: null, atMost: null })).toThrow(/sets no bound/);
    expect(checkArgs({ clients: '', atLeast: 0, atMost: null })).toThrow(/sets no bound/);
    expect(checkArgs({ clients: '', atLeast: 2, atMost: 1 })).toThrow(/at least 2 and at most 1/);
    expect(checkArgs({ clients: '', atLeast: null, atMost: 0 })).not.toThrow();
  });
});

describe('ids in order', () => {
  it('compares sizes of numbers, not texts', () => {
    expect(verdict(idsInOrder, [[0, 1, '9'], [2, 3, '10']])).toBe('pass'); // prettier-ignore
    expect(verdict(idsInOrder, [[0, 1, '10'], [2, 3, '9']])).toBe('fail'); // prettier-ignore
  });

  it('says nothing of ids that are asked for at the same time', () => {
    expect(verdict(idsInOrder, [[0, 3, '10'], [2, 4, '9']])).toBe('pass'); // prettier-ignore
    expect(verdict(idsInOrder, [[0, 3, null], [4, 5, '9']])).toBe('pass'); // prettier-ignore
  });

  it('finds one that is smaller than, or the same as, one given long before', () => {
    const steps: readonly Step[] = [
      [0, 1, '10'],
      [2, 3, '5'],
      [4, 5, '6'],
      [6, 7, '10'],
    ];
    const stage = stageOf(idsInOrder, steps).end();
    expect(stage.whys).toEqual([
      '5 was asked for after 10 was given, and is not larger. So are 3 of 4 ids.',
    ]);
    expect(stage.told[0]?.evidence).toEqual([0, 1, 2, 3]);
  });

  it('lets those be that are asked for within the slack', () => {
    const steps: readonly Step[] = [
      [0, 1, '10'],
      [4, 5, '9'],
    ];
    expect(verdict(idsInOrder, steps, { slackMs: 4 })).toBe('pass');
    expect(verdict(idsInOrder, steps, { slackMs: 3 })).toBe('fail');
    expect(verdict(idsInOrder, [])).toBe('unknown');
  });
});
