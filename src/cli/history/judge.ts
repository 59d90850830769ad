/** Which question is asked of the operations of an object, and the checker that answers it. */
import {
  checkCausal,
  checkLinearizable,
  checkPram,
  checkSequential,
  checkSession,
  DEFAULT_BUDGET,
} from '../../sim/index.ts';
import type { Assumptions, HistoryResult, HistoryValue, Model, Op } from '../../sim/index.ts';

/** What came out, with what a reader may want beside the verdict. */
export interface Judgement extends HistoryResult {
  readonly because?: readonly string[];
  /** What a reader should know beside the verdict. */
  readonly notes?: readonly string[];
  readonly found?: readonly string[];
  readonly also?: readonly string[];
  readonly rulesOut?: readonly string[];
}

export interface JudgeOptions {
  readonly level: string | undefined;
  readonly steps: number;
  readonly initial: HistoryValue | undefined;
  readonly initialMap: readonly (readonly [string, HistoryValue])[];
  readonly failedCasObserved: boolean;
  /** False: a read of nil has an unknown result. */
  readonly nilIsValue: boolean;
  readonly assume: Assumptions;
  readonly total: number | undefined;
  readonly negativeAllowed: boolean;
}

export function judgeObject(
  ops: readonly Op[],
  model: Model<unknown>,
  { level = 'linearizable', steps, initial = null }: JudgeOptions,
): Judgement {
  const budget = { ...DEFAULT_BUDGET, steps };
  switch (level) {
    case 'sequential':
      return checkSequential(ops, model, budget);
    case 'causal':
    case 'convergent':
    case 'memory':
      return checkCausal(ops, { level, initial });
    case 'pram':
      return checkPram(ops, { initial });
    case 'session':
      return checkSession(ops, { initial });
    default:
      return checkLinearizable(ops, model, budget);
  }
}
