/** Registers in a history that has more than those: what is judged, and what is told to be left. */
import { describe, expect, it } from 'vitest';
import { causal } from '../../../src/sim/check/causal.ts';
import type { CheckDefinition } from '../../../src/sim/check/check.ts';
import { linearizable } from '../../../src/sim/check/linearizable.ts';
import { pram } from '../../../src/sim/check/pram.ts';
import { sequential } from '../../../src/sim/check/sequential.ts';
import { session } from '../../../src/sim/check/session.ts';
import { staleness } from '../../../src/sim/check/staleness.ts';
import { Stage } from './support/check-env.ts';

type Step = readonly [client: string, f: string, key: string, value: unknown];

/** One operation after the other, ten microseconds each; of a get the value is what it saw. */
function judge(check: CheckDefinition, steps: readonly Step[]): Stage {
  const stage = new Stage(check);
  steps.forEach(([client, f, key, value], at) => {
    const isRead = f.startsWith('get');
    const input = isRead ? null : value;
    const id = stage.history.invoke({ client, f, key, input }, at * 2, at * 20, 0);
    stage.history.complete(id, 'ok', isRead ? value : true, at * 2 + 1, at * 20 + 10);
  });
  return stage.end();
}
const textOf = (stage: Stage): string => stage.check.standing(true).text;

const CHECKS = [causal, pram, session, staleness];

describe('a register that was deleted', () => {
  it.each(CHECKS)('is judged by $use: what was read before the delete comes back', (check) => {
    const steps: Step[] = [
      ['a', 'put', 'x', 1],
      ['a', 'put', 'x', null],
      ['a', 'get', 'x', 1],
    ];
    const stage = judge(check, steps);
    expect(stage.verdict).toBe('fail');
  });

  it.each(CHECKS)('and that was empty holds in $use, which says what it leaves out', (check) => {
    const steps: Step[] = [
      ['a', 'put', 'x', 1],
      ['a', 'get', 'x', 1],
      ['a', 'put', 'x', null],
      ['a', 'get', 'x', null],
    ];
    const stage = judge(check, steps);
    expect(stage.verdict).toBe('pass');
    expect(textOf(stage)).toBe(
      check === staleness
        ? '4 operations'
        : '3 operations; left out: 1 read that may have seen one of several writes',
    );
  });

  it.each(CHECKS)('later was not deleted yet: $use still finds the forgotten write', (check) => {
    const steps: Step[] = [
      ['a', 'put', 'x', 1],
      ['a', 'get', 'x', null],
      ['a', 'put', 'x', null],
    ];
    expect(judge(check, steps).verdict).toBe('fail');
  });
});

describe('a value that was written twice', () => {
  it.each(CHECKS)('is told apart by $use where it was read before the second time', (check) => {
    const twice: Step[] = [
      ['a', 'put', 'x', 5],
      ['a', 'put', 'x', 6],
      ['a', 'get', 'x', 5],
      ['a', 'put', 'x', 5],
    ];
    expect(judge(check, twice).verdict).toBe('fail');
    // Read afterwards, it may be either.
    const after = [...twice.slice(0, 2), twice[3]!, twice[2]!];
    expect(judge(check, after).verdict).toBe('pass');
  });
});

describe('a store with counters and sets', () => {
  const counter: Step[] = [
    ['a', 'increment', 'n', 2],
    ['b', 'increment', 'n', 3],
    ['a', 'get', 'n', 5],
  ];
  const set: Step[] = [
    ['a', 'add', 's', 1],
    ['b', 'add', 's', 2],
    ['a', 'remove', 's', 1],
    ['a', 'get', 's', 2],
    ['b', 'get-all', 's', [2]],
    ['b', 'remove', 's', 2],
    ['b', 'get', 's', null],
  ];
  const assigned: Step[] = [
    ['a', 'put', 'x', 1],
    ['a', 'assign', 'x', 7],
    ['a', 'get', 'x', 7],
  ];

  it.each([linearizable, sequential])('is judged by $use as what it is', (check) => {
    for (const steps of [counter, set, assigned, [...counter, ...set]]) {
      expect(judge(check, steps).verdict).toBe('pass');
    }
    // An increment that is lost, an element that is, one that comes back, one that nobody added.
    const wrong: readonly Step[] = [
      ['a', 'get', 'n', 3],
      ['b', 'get-all', 's', [2]],
      ['b', 'get', 's', 1],
      ['b', 'get-all', 's', []],
      ['a', 'get', 'x', 1],
    ];
    const before: readonly Step[][] = [counter, set, set, set.slice(0, 3), assigned];
    before.forEach((steps, i) => {
      expect(judge(check, [...steps, wrong[i]!]).verdict, String(i)).toBe('fail');
    });
  });
});

describe('a key that is changed relative to what it held', () => {
  it.each(CHECKS)('is no register for $use, which says so', (check) => {
    const counter: Step[] = [
      ['a', 'increment', 'n', 1],
      ['a', 'get', 'n', 1],
    ];
    const alone = judge(check, counter);
    expect(alone.verdict).toBe('unknown');
    expect(textOf(alone)).toMatch(
      /nothing to judge, left out: 2 of keys with increment, which are/,
    );
    const beside = judge(check, [...counter, ['a', 'put', 'x', 1], ['a', 'get', 'x', 1]]);
    expect(beside.verdict).toBe('pass');
    expect(textOf(beside)).toMatch(/^2 operations; left out: 2 of keys with increment/);
    const broken = judge(check, [...counter, ['a', 'put', 'x', 1], ['a', 'get', 'x', null]]);
    expect(broken.verdict).toBe('fail');
  });

  it.each(CHECKS)('is a register for $use where it is assigned', (check) => {
    const steps: Step[] = [
      ['a', 'put', 'x', 1],
      ['a', 'assign', 'x', 7],
      ['a', 'get', 'x', 7],
    ];
    expect(judge(check, steps).verdict).toBe('pass');
    expect(judge(check, [...steps, ['a', 'get', 'x', 1]]).verdict).toBe('fail');
  });
});
