/**
 * A topology that cannot work is refused before the run, with the place and a hint: as a document
 * that a person wrote, and as a plan that a file with code built.
 */
import { describe, expect, it } from 'vitest';
import { ScenarioError, makeRegistry, planFromDocument } from 'faultline';
import type { Plan } from 'faultline';
import { checkPlan } from '../../../src/sim/scenario/check-plan.ts';
import { MISTAKES, sound } from '../../support/impossible/index.ts';

function refusal(look: () => unknown): ScenarioError {
  try {
    look();
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('nobody complained');
}
/** Documents count groups, and plans name them; both find the same place. */
const byName = (path: string): string =>
  path.replace(/^groups\/(\d+)/, (_, i) => `groups/${String(sound()['groups'][Number(i)].name)}`);

describe('a topology', () => {
  it('that works is taken', () => {
    expect(() => checkPlan(planFromDocument(sound()), makeRegistry())).not.toThrow();
  });

  it('has a name of its own for each mistake', () => {
    const names = MISTAKES.map(({ what }) => what);
    expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual([]);
  });

  it.each(MISTAKES.map((one) => [one.what, one] as const))(
    'with %s is refused',
    (_what, { spoil, path, says, hint }) => {
      const document = sound();
      spoil(document);
      for (const look of [
        () => planFromDocument(document),
        () => checkPlan(document as unknown as Plan, makeRegistry()),
      ]) {
        const error = refusal(look);
        expect(error.message).toMatch(says);
        expect(byName(error.path)).toBe(path);
        expect(error.hint).toMatch(hint);
      }
    },
  );
});
