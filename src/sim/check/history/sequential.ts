/**
 * Sequential consistency: one order of all operations that keeps the order of each process, not
 * real time.
 *
 * Invariant: never partitioned: sequential consistency of each key does not give that of the whole.
 *
 * Source: Lamport 1979
 */
import type { Op } from '../../observe/history.ts';
import { DEFAULT_BUDGET } from '../linearizable/check.ts';
import type { Model } from '../linearizable/model.ts';
import { counts } from '../linearizable/problem.ts';
import { plural } from '../../kernel/plural.ts';
import { explainDisorder } from './disorder.ts';
import { searchFrontiers } from './frontier-search.ts';
import type { Budget, Result } from './result.ts';

export function checkSequential<S, I, O>(
  all: readonly Op<I, O>[],
  model: Model<S, I, O>,
  budget: Budget = DEFAULT_BUDGET,
): Result {
  const check = 'sequential';
  const ops = all.filter((op) => counts(op, model));
  const { verdict, steps, order } = searchFrontiers(ops, model, budget.steps);
  if (verdict === 'pass') return { verdict, check, steps, witness: order.map(({ id }) => id) };
  if (verdict === 'fail')
    return { verdict, check, steps, explanation: explainDisorder(ops, model) };
  const processes = new Set(ops.map(({ process }) => process)).size;
  const size = `${plural(ops.length, 'operation')} of ${plural(processes, 'process', 'processes')}`;
  const came = `${order.length} of them were put in order`;
  const reason = `the budget of ${budget.steps} steps ended (${size}; ${came})`;
  return { verdict, check, steps, reason };
}
