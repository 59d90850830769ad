/** What is counted when all is over, against exact numbers. */
import { describe, expect, it } from 'vitest';
import type { CheckEnv } from '../../../src/sim/check/check.ts';
import { countedAtEnd } from '../../../src/sim/check/exact-counts.ts';
import type { Count } from '../../../src/sim/check/exact-counts.ts';

type Kind = 'lost' | 'again';
type Args = { readonly [kind in Kind]: number | null };

const findings = (count: number) => Array.from({ length: count }, () => ({ why: 'x', ops: [] }));

function judged(args: Args, count: Partial<Count<Kind>> | string) {
  const told: string[] = [];
  const env = { report: ({ why }: { why: string }) => told.push(why) } as unknown as CheckEnv;
  const all = typeof count === 'string' ? count : { lost: [], again: [], words: 'w', ...count };
  const check = countedAtEnd<Kind>(['lost', 'again'], args, env, () => all, { again: 'twice' });
  const before = check.standing(false);
  check.onEnd();
  return { before, ...check.standing(true), told, image: check.save() };
}

describe('countedAtEnd', () => {
  it('knows nothing before the end, and then what was counted', () => {
    const { before, verdict, text, told, image } = judged(
      { lost: 2, again: 0 },
      { lost: findings(2) },
    );
    expect(before).toEqual({ verdict: 'unknown', text: 'judged at the end' });
    expect([verdict, text, told]).toEqual(['pass', 'w', []]);
    expect(image).toEqual(['pass', 'w']);
  });

  it('tells each kind of which there are more, by what it is called', () => {
    const { verdict, told } = judged(
      { lost: null, again: 1 },
      { lost: findings(3), again: findings(2) },
    );
    expect(verdict).toBe('fail');
    expect(told).toEqual(['1 of 2 twice: x', '2 of 2 twice: x']);
  });

  it('fails where there are fewer', () => {
    const { verdict, told } = judged({ lost: 3, again: null }, { lost: findings(2) });
    expect([verdict, told]).toEqual(['fail', ['2 lost, where 3 were expected.']]);
  });

  it('fails for what can never be, and tells the first of many', () => {
    const { verdict, told } = judged({ lost: null, again: null }, { never: findings(30) });
    expect([verdict, told.length]).toEqual(['fail', 20]);
  });

  it('does not know where nothing could be counted', () => {
    const { verdict, text, told } = judged({ lost: 0, again: 0 }, 'a broker is down');
    expect([verdict, text, told]).toEqual(['unknown', 'a broker is down', []]);
  });
});
