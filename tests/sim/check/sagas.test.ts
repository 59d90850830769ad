/** The account of sagas, on small cases: each has one thing planted in it. */
import { describe, expect, it } from 'vitest';
import { accountOf, noteStep } from '../../../src/sim/check/sagas.ts';
import type { SagaPhase } from '../../../src/sim/protocols/saga/orchestrate.ts';
import { orchestratorRules } from '../../../src/sim/protocols/saga/rules.ts';

type SagaParticipantFact = Parameters<typeof noteStep>[1];
type Row = readonly [saga: number, step: number, times: number];

const STEPS = 3;

/** An orchestrator that knows these sagas, those of `writing` not yet on disk. */
function leads(sagas: readonly (readonly [number, SagaPhase])[], writing: readonly number[] = []) {
  const known = sagas.map(([saga, phase]) => {
    const progress = { saga, isDoomed: false, phase, step: 1, from: 0 };
    return [saga, { progress, tries: 0, isWriting: writing.includes(saga) }] as const;
  });
  return {
    config: { steps: STEPS, pivot: 2, triesMax: 3, rules: orchestratorRules([]) },
    orchestrator: { sagas: new Map(known) },
  };
}

function does(rows: readonly Row[]) {
  const kept = rows.map(
    ([saga, step, times]) =>
      [`${saga}/${step}`, { saga, step, times, isUndone: times === 0 }] as const,
  );
  return { steps: { rows: new Map(kept) } };
}

const numbers = ({ halfDone, repeated, underWay, sagas }: ReturnType<typeof accountOf>) => ({
  halfDone: halfDone.length,
  repeated: repeated.length,
  underWay: underWay.length,
  sagas,
});

describe('what sagas leave behind', () => {
  it('is nothing to say where each is whole or not there', () => {
    const rows: readonly Row[] = [
      [1, 1, 1],
      [1, 2, 1],
      [1, 3, 1],
      [2, 1, 0],
    ];
    const ended = leads([
      [1, 'done'],
      [2, 'compensated'],
    ]);
    const account = accountOf([ended], [does(rows)]);
    expect(numbers(account)).toEqual({ halfDone: 0, repeated: 0, underWay: 0, sagas: 2 });
  });

  it('finds one that is half done, over all participants', () => {
    const account = accountOf(
      [leads([[1, 'done']])],
      [does([[1, 1, 1]]), does([[1, 3, 1]]), does([[1, 2, 0]])],
    );
    expect(account.halfDone.map(({ why }) => why)).toEqual(['Of saga 1 only step 1, 3 stands.']);
  });

  it('finds one that no orchestrator knows any more', () => {
    expect(numbers(accountOf([leads([])], [does([[7, 1, 1]])]))).toEqual({
      halfDone: 1,
      repeated: 0,
      underWay: 0,
      sagas: 1,
    });
  });

  it('does not take one for half done that is under way', () => {
    for (const ongoing of [leads([[1, 'forward']]), leads([[1, 'backward']])]) {
      const found = numbers(accountOf([ongoing], [does([[1, 1, 1]])]));
      expect(found).toEqual({ halfDone: 0, repeated: 0, underWay: 1, sagas: 1 });
    }
    const ending = leads([[1, 'compensated']], [1]);
    expect(numbers(accountOf([ending], [does([[1, 1, 1]])])).halfDone).toBe(0);
  });

  it('counts each time that a step stands beside the first', () => {
    const rows: readonly Row[] = [
      [1, 1, 3],
      [1, 2, 1],
      [1, 3, 2],
    ];
    const { repeated, halfDone } = accountOf([leads([[1, 'done']])], [does(rows)]);
    expect(repeated.map(({ why }) => why)).toEqual([
      'Step 1 of saga 1 stands 2 times.',
      'Step 1 of saga 1 stands 3 times.',
      'Step 3 of saga 1 stands 2 times.',
    ]);
    expect(halfDone).toEqual([]);
  });
});

describe('the order in which steps of a saga stand', () => {
  const done = (saga: number, step: number, times = 1): SagaParticipantFact => ({
    type: 'saga.step-done',
    saga,
    step,
    times,
  });
  const undone = (saga: number, step: number, times = 0): SagaParticipantFact => ({
    type: 'saga.step-undone',
    saga,
    step,
    times,
    visibleMs: 1,
  });
  const disorderOf = (...told: readonly SagaParticipantFact[]): number => {
    const standing = new Map<number, Set<number>>();
    return told.filter((fact) => noteStep(standing, fact) !== null).length;
  };

  it.each([
    ['forwards', [done(1, 1), done(1, 2), done(1, 3)], 0],
    ['back in reverse', [done(1, 1), done(1, 2), undone(1, 2), undone(1, 1)], 0],
    ['a step without the one before it', [done(1, 1), done(1, 3)], 1],
    ['the first taken back first', [done(1, 1), done(1, 2), undone(1, 1), undone(1, 2)], 1],
    ['a step that was done behind the taking back', [done(1, 1), undone(1, 1), done(1, 2)], 1],
    ['sagas beside each other', [done(1, 1), done(2, 1), done(1, 2), undone(2, 1)], 0],
    ['a repetition, which is counted elsewhere', [done(1, 1), done(1, 2), done(1, 1, 2)], 0],
    ['one of two taken back', [done(1, 1), done(1, 1, 2), done(1, 2), undone(1, 1, 1)], 0],
  ] as const)('%s', (_what, told, count) => {
    expect(disorderOf(...told)).toBe(count);
  });
});
