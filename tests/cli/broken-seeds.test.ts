import { describe, expect, it } from 'vitest';
import { brokenError, brokenSeed } from '../../src/cli/broken-seeds.ts';
import { BrokenRun, tell } from '../../src/cli/errors.ts';
import { InvariantError, ScenarioError } from '../../src/sim/index.ts';
import { fakeHost } from './support/host.ts';

const theirs = (seed: number) =>
  brokenSeed(seed, new ScenarioError('x.ts throws.', { path: 'x.ts:3' }), `run x --seed ${seed}`);
const ours = (seed: number) => {
  const command = `run x --seed ${seed}`;
  return brokenSeed(seed, new BrokenRun(new InvariantError('slots leak'), command), command);
};

function told(...seeds: Parameters<typeof brokenError>[0]) {
  const host = fakeHost([]);
  return { code: tell(brokenError(seeds), host), text: host.err() };
}

describe('seeds whose run threw', () => {
  it('are told by the first of them, whoever was done first', () => {
    const { code, text } = told(theirs(9), theirs(4), theirs(7));
    expect(code).toBe(3);
    expect(text).toBe(
      'error: Seed 4: x.ts throws (at x.ts:3). 2 more seeds threw as well. ' +
        'Repeat it with: run x --seed 4\n',
    );
  });

  it('are ours as soon as one of them is ours', () => {
    const { code, text } = told(theirs(4), ours(8), ours(6));
    expect(code).toBe(70);
    expect(text).toContain('slots leak');
    expect(text).toContain('This command repeats it: run x --seed 6\n');
  });

  it('are no error where there are none, or where a shard told them', () => {
    expect(brokenError([])).toBeNull();
    expect(brokenError([{ ...theirs(4), error: null }])).toBeNull();
  });
});
