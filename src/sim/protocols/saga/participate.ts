/**
 * A participant of sagas: it does steps and takes them back, each once.
 *
 * Invariants (with all rules): a step of a saga stands once or not at all; after it was taken back
 * it never stands again.
 *
 * Source: Richardson, Microservices Patterns, section 4.3; Apache Seata, TCC mode
 */
import type { ParticipantRules } from './rules.ts';

export interface StepRow {
  readonly saga: number;
  readonly step: number;
  /** How often it stands: at most once, with all rules. */
  readonly times: number;
  readonly isUndone: boolean;
}

export interface ParticipantState {
  /** By saga and step. */
  readonly rows: Map<string, StepRow>;
}

export interface StepRequest {
  readonly saga: number;
  readonly step: number;
  readonly isUndo: boolean;
}

/** What is to be written, null: nothing; whether it is answered as done. */
export interface Decision {
  readonly row: StepRow | null;
  readonly isDone: boolean;
  /** How many more steps stand afterwards. */
  readonly change: -1 | 0 | 1;
}

export const keyOf = ({ saga, step }: { readonly saga: number; readonly step: number }): string =>
  `${saga}/${step}`;

const NOTHING: Decision = Object.freeze({ row: null, isDone: true, change: 0 });

/** Decides, and keeps in memory what is then to be written. */
export function decide(
  rules: ParticipantRules,
  { rows }: ParticipantState,
  { saga, step, isUndo }: StepRequest,
): Decision {
  const key = keyOf({ saga, step });
  const known = rows.get(key);
  const times = known?.times ?? 0;
  const isUndone = known?.isUndone ?? false;
  if (!isUndo && isUndone && rules.rememberUndone) {
    return { row: null, isDone: false, change: 0 };
  }
  if (!isUndo && times > 0 && rules.idempotentSteps) return NOTHING;
  if (isUndo && isUndone && times === 0) return NOTHING;
  const row: StepRow = {
    saga,
    step,
    times: isUndo ? Math.max(0, times - 1) : times + 1,
    isUndone: isUndo || isUndone,
  };
  rows.set(key, row);
  return { row, isDone: true, change: !isUndo ? 1 : times > 0 ? -1 : 0 };
}
