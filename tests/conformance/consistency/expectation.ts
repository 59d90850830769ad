/** One expected outcome of a published table: the run that shows it, and what its checks say. */
import type { Plan } from 'faultline';

export type CheckPlan = Plan['checks'][number];
export type FaultPlan = Plan['faults'][number];

/** A question that the scenario does not ask itself, and the answer. */
export type Question = Omit<CheckPlan, 'id'> & { readonly told: string | RegExp };

export interface Run {
  /** What is to be seen here. */
  readonly says: string;
  readonly scenario: string;
  readonly variant: string;
  /** In place of those of the scenario. */
  readonly faults?: readonly FaultPlan[];
  /** By check: how its verdict and its words begin, or a pattern of both. */
  readonly told?: { readonly [check: string]: string | RegExp };
  readonly asks?: readonly Question[];
}

export interface Row {
  readonly number: number;
  readonly title: string;
  readonly runs: readonly Run[];
  /** What the table expects and no run shows. */
  readonly lacks?: string;
}

/** Nothing that was acknowledged is lost. */
export const NONE_LOST: Question = { use: 'acknowledged', told: /^pass .* 0 lost;/ };

export const lost = (count: number): Question => ({
  use: 'acknowledged',
  args: { atLeast: count, atMost: count },
  told: new RegExp(`^pass .* ${count} lost;`),
});

/** So many facts in a window, exactly. */
export const facts = (
  fact: string,
  count: number,
  window: { readonly fromMs?: number; readonly untilMs?: number } = {},
): Question => ({
  use: 'fact-count',
  args: { fact, atLeast: count, atMost: count, ...window },
  told: count === 1 ? 'pass once' : `pass ${count} times`,
});

interface Asked {
  readonly clients: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Of the operations of a name that these clients asked in a window, not one was answered. */
export const noneServed = (operation: 'get' | 'put', asked: Asked): Question => ({
  use: 'slo',
  args: { metric: 'ok-count', operation, atMost: 0, ...asked },
  told: 'pass ok-count 0',
});
export const allServed = (operation: 'get' | 'put', asked: Asked): Question => ({
  use: 'slo',
  args: { metric: 'success-share', operation, atLeast: 1, operationsMin: 3, ...asked },
  told: 'pass success-share 1',
});
