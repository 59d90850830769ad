/** Consistency of what clients saw, as checks of a run: each holds, breaks, and says why. */
import { describe, expect, it } from 'vitest';
import { causal } from '../../../src/sim/check/causal.ts';
import type { CheckDefinition } from '../../../src/sim/check/check.ts';
import { sequential } from '../../../src/sim/check/sequential.ts';
import { session } from '../../../src/sim/check/session.ts';
import { staleness } from '../../../src/sim/check/staleness.ts';
import { Stage } from './support/check-env.ts';

type Step = readonly [client: string, f: 'get' | 'put' | 'cas', key: string, value: unknown];

/** One operation after the other, ten microseconds each. */
function stageOf(check: CheckDefinition, steps: readonly Step[], args: object = {}): Stage {
  const stage = new Stage(check, args);
  steps.forEach(([client, f, key, value], at) => {
    const input = f === 'get' ? null : value;
    const id = stage.history.invoke({ client, f, key, input }, at * 2, at * 20, 0);
    const output = f === 'get' ? value : true;
    stage.history.complete(id, 'ok', output, at * 2 + 1, at * 20 + 10);
  });
  return stage;
}

const FRESH: readonly Step[] = [
  ['a', 'put', 'x', 1],
  ['b', 'get', 'x', 1],
  ['b', 'put', 'y', 2],
  ['c', 'get', 'y', 2],
  ['c', 'get', 'x', 1],
];
/** c sees the answer and not the question. */
const BACKWARDS: readonly Step[] = [...FRESH.slice(0, 4), ['c', 'get', 'x', null]];
/** a does not see what it wrote. */
const FORGOTTEN: readonly Step[] = [
  ['a', 'put', 'x', 1],
  ['a', 'get', 'x', null],
];
/** b is behind, and nobody could tell it so. */
const BEHIND: readonly Step[] = [
  ['a', 'put', 'x', 1],
  ['b', 'get', 'x', null],
];

const broken: readonly [CheckDefinition, readonly Step[], RegExp][] = [
  [sequential, BACKWARDS, /No one order of these 5 operations .* this cannot be next/],
  [causal, BACKWARDS, /^c read x = nothing, although what it knew held the newer 1\. b read x = 1/],
  [session, FORGOTTEN, /^read-your-writes: a read x = nothing/],
  [staleness, BEHIND, /^b read x = nothing .* and missed 1 newer version,/],
];

describe('consistency of what clients saw', () => {
  it.each(broken)('$use holds, and breaks with a reason and its events', (check, steps, why) => {
    expect(stageOf(check, FRESH).end().verdict).toBe('pass');
    const stage = stageOf(check, steps).end();
    expect(stage.verdict).toBe('fail');
    expect(stage.told).toHaveLength(1);
    const [finding] = stage.told;
    expect(finding?.why).toMatch(why);
    expect(finding?.evidence?.length).toBeGreaterThan(0);
    expect(finding?.evidence).toEqual([...(finding?.evidence ?? [])].sort((a, b) => a - b));
  });

  it.each(broken)('$use is unknown while the run goes on and where nothing was seen', (check) => {
    const stage = stageOf(check, FRESH);
    expect(stage.now).toBe('unknown');
    expect(stageOf(check, []).end().verdict).toBe('unknown');
  });

  it('what is only behind is sequential, causal and no broken session', () => {
    for (const check of [sequential, causal, session]) {
      expect(stageOf(check, BEHIND).end().verdict, check.use).toBe('pass');
    }
  });

  it('a guarantee that is not asked for is not judged', () => {
    const asked = { guarantee: 'monotonic-reads' };
    expect(stageOf(session, FORGOTTEN, asked).end().verdict).toBe('pass');
  });

  it('staleness has bounds in versions and in time', () => {
    expect(stageOf(staleness, BEHIND, { versions: 1 }).end().verdict).toBe('pass');
    expect(stageOf(staleness, BEHIND, { olderThanMs: 1 }).end().verdict).toBe('pass');
  });

  it('staleness as a share of the reads has bounds on both sides', () => {
    const half: readonly Step[] = [...BEHIND, ['c', 'get', 'x', 1]];
    const share = (args: object) => stageOf(staleness, half, args).end();
    expect(share({ shareAtMost: 0.5 }).verdict).toBe('pass');
    expect(share({ shareAtLeast: 0.5, shareAtMost: 0.5 }).check.standing(true).text).toBe(
      '1 of 2 reads were stale: 0.500',
    );
    expect(share({ shareAtMost: 0.4 }).whys).toEqual([
      '1 of 2 reads were stale: 0.500, not at least 0 and at most 0.4.',
    ]);
    expect(share({ shareAtLeast: 0.6 }).verdict).toBe('fail');
    // One version behind is not more than one.
    expect(share({ shareAtMost: 0, versions: 1 }).verdict).toBe('pass');
    expect(stageOf(staleness, [], { shareAtMost: 1 }).end().verdict).toBe('unknown');
  });

  it('a cas that took effect is a write', () => {
    const set: Step = ['a', 'cas', 'x', { expected: null, value: 1 }];
    expect(stageOf(causal, [set, ['b', 'get', 'x', 1]]).end().verdict).toBe('pass');
    const stage = stageOf(session, [set, ['a', 'get', 'x', null]]).end();
    expect(stage.verdict).toBe('fail');
  });

  it('a convergent store is asked for more than a causal one', () => {
    const split: readonly Step[] = [
      ['a', 'put', 'x', 1],
      ['b', 'put', 'x', 2],
      ['a', 'get', 'x', 2],
      ['b', 'get', 'x', 1],
    ];
    expect(stageOf(causal, split).end().verdict).toBe('pass');
    expect(stageOf(causal, split, { level: 'convergent' }).end().verdict).toBe('fail');
  });
});
