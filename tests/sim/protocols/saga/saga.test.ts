/** Sagas step by step: which steps and compensations come in which order, and what rules carry. */
import { describe, expect, it } from 'vitest';
import { isOver, startOrchestrator, step } from '../../../../src/sim/protocols/saga/orchestrate.ts';
import type {
  Progress,
  SagaConfig,
  SagaEffect,
  SagaInput,
  StepAnswer,
} from '../../../../src/sim/protocols/saga/orchestrate.ts';
import { decide } from '../../../../src/sim/protocols/saga/participate.ts';
import type { StepRow } from '../../../../src/sim/protocols/saga/participate.ts';
import { orchestratorRules, participantRules } from '../../../../src/sim/protocols/saga/rules.ts';

/** An orchestrator by hand: whatever it asks is answered by a function, and disks are prompt. */
class Orchestrator {
  readonly disk = new Map<number, Progress>();
  readonly asked: string[] = [];
  readonly config: SagaConfig;
  state;
  crashBefore: string | null = null;

  constructor(settings: Partial<SagaConfig> = {}, off: readonly string[] = []) {
    const rules = orchestratorRules(off);
    this.config = { steps: 4, pivot: 3, triesMax: 3, rules, ...settings };
    this.state = startOrchestrator([], rules);
  }

  feed(input: SagaInput): SagaEffect[] {
    const effects: SagaEffect[] = [];
    step(this.config, this.state, input, effects);
    return effects;
  }

  /** Performs what it wants until it wants nothing more, or it crashes. */
  run(first: SagaInput, answer: (call: string, time: number) => StepAnswer): void {
    const todo = this.feed(first);
    for (let effect = todo.shift(); effect !== undefined; effect = todo.shift()) {
      if (effect.type === 'persist') {
        this.disk.set(effect.progress.saga, effect.progress);
        todo.push(...this.feed({ type: 'durable', progress: effect.progress }));
      } else if (effect.type === 'retry') {
        todo.push(...this.feed({ type: 'retry', saga: effect.saga }));
      } else if (effect.type === 'ask') {
        const { progress, isUndo } = effect;
        const call = `${isUndo ? 'C' : 'T'}${progress.step}`;
        if (call === this.crashBefore) return;
        this.asked.push(call);
        const time = this.asked.filter((one) => one === call).length;
        const { saga, step: at } = progress;
        const said = answer(call, time);
        todo.push(...this.feed({ type: 'answered', saga, step: at, isUndo, answer: said }));
      }
    }
  }

  get end(): string {
    const saga = this.state.sagas.get(1);
    return saga === undefined ? 'forgotten' : saga.progress.phase;
  }
}

const begin: SagaInput = { type: 'begin', saga: 1, isDoomed: false };
const all = (): StepAnswer => 'done';
const refusing =
  (refused: string) =>
  (call: string): StepAnswer =>
    call === refused ? 'refused' : 'done';
const silent =
  (mute: string, times = Infinity) =>
  (call: string, time: number): StepAnswer =>
    call === mute && time <= times ? 'unknown' : 'done';

describe('a saga', () => {
  it('is T1..Tn', () => {
    const one = new Orchestrator();
    one.run(begin, all);
    expect(one.asked).toEqual(['T1', 'T2', 'T3', 'T4']);
    expect(one.end).toBe('done');
  });

  it.each([
    ['T1', ['T1']],
    ['T2', ['T1', 'T2', 'C1']],
    ['T3', ['T1', 'T2', 'T3', 'C2', 'C1']],
  ])('or, where %s is refused, %j', (refused, asked) => {
    const one = new Orchestrator();
    one.run(begin, refusing(refused));
    expect(one.asked).toEqual(asked);
    expect(one.end).toBe('compensated');
  });

  it('goes back in the order of its steps without the rule', () => {
    const one = new Orchestrator({}, ['saga.reverse-order']);
    one.run(begin, refusing('T3'));
    expect(one.asked).toEqual(['T1', 'T2', 'T3', 'C1', 'C2']);
  });

  it('gives a step before the pivot up, and compensates it as well', () => {
    const one = new Orchestrator();
    one.run(begin, silent('T2'));
    expect(one.asked).toEqual(['T1', 'T2', 'T2', 'T2', 'C2', 'C1']);
    expect(one.end).toBe('compensated');
  });

  it('tries a compensation until it is answered', () => {
    const one = new Orchestrator();
    one.run(begin, (call, time) => (call === 'T3' ? 'refused' : silent('C2', 5)(call, time)));
    expect(one.asked.filter((call) => call === 'C2')).toHaveLength(6);
    expect(one.end).toBe('compensated');
  });

  it.each(['T3', 'T4'])('never gives %s up, and does without the rule', (mute) => {
    const patient = new Orchestrator();
    patient.run(begin, silent(mute, 9));
    expect(patient.asked.filter((call) => call === mute)).toHaveLength(10);
    expect(patient.end).toBe('done');
    const hasty = new Orchestrator({}, ['saga.retry-after-pivot']);
    hasty.run(begin, silent(mute, 9));
    expect(hasty.asked.slice(-2)).toEqual(['C2', 'C1']);
    // The pivot has no compensation, and may have been done.
    expect(hasty.asked).not.toContain('C3');
  });

  it('goes on after a crash at any point, and is forgotten without the log', () => {
    for (const refused of ['none', 'T3']) {
      for (const at of ['T1', 'T2', 'T3', 'T4', 'C2', 'C1']) {
        const one = new Orchestrator();
        one.crashBefore = at;
        one.run(begin, refusing(refused));
        one.crashBefore = null;
        const isUnderWay = [...one.disk.values()].some((progress) => !isOver(progress));
        const without = startOrchestrator(
          one.disk.values(),
          orchestratorRules(['saga.durable-log']),
        );
        expect(without.sagas.size).toBe(isUnderWay ? 0 : 1);
        one.state = startOrchestrator(one.disk.values(), one.config.rules);
        one.run({ type: 'resume' }, refusing(refused));
        expect(one.end, `${refused}, crash before ${at}`).toBe(
          refused === 'none' ? 'done' : 'compensated',
        );
      }
    }
  });

  it('begins once, and takes no answer for another', () => {
    const one = new Orchestrator();
    one.run(begin, all);
    expect(one.feed(begin)).toEqual([{ type: 'accepted', saga: 1 }]);
    const stale = { type: 'answered', saga: 1, step: 2, isUndo: false, answer: 'done' } as const;
    expect(one.feed(stale)).toEqual([]);
  });
});

describe('a participant', () => {
  const asking = (off: readonly string[], undos: readonly boolean[]): readonly unknown[] => {
    const state = { rows: new Map<string, StepRow>() };
    const rules = participantRules(off);
    const said = undos.map((isUndo) => decide(rules, state, { saga: 1, step: 2, isUndo }).isDone);
    return [...said, state.rows.get('1/2')?.times];
  };

  it('does a step once, and not without the rule', () => {
    expect(asking([], [false, false])).toEqual([true, true, 1]);
    expect(asking(['saga.idempotent-steps'], [false, false])).toEqual([true, true, 2]);
  });

  it('takes it back once', () => {
    expect(asking([], [false, true, true])).toEqual([true, true, true, 0]);
  });

  it('refuses what comes after its compensation, and not without the rule', () => {
    expect(asking([], [true, false])).toEqual([true, false, 0]);
    expect(asking([], [false, true, false])).toEqual([true, true, false, 0]);
    expect(asking(['saga.remember-undone'], [true, false])).toEqual([true, true, 1]);
  });
});
