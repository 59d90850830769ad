/**
 * The model of a key-value store for its operations: texts where something is appended, else any
 * value.
 *
 * Invariant: what a key holds that nobody wrote does not depend on other operations: the empty
 * text, if --initial does not say otherwise. Where nil was read and nobody wrote it, it must say.
 *
 * Source: the kv model of porcupine, in which a missing key is the empty text.
 */
import { appendKvModel, kvModel, ScenarioError } from '../../sim/index.ts';
import type { CasInput, HistoryValue, Model, Op } from '../../sim/index.ts';
import type { JudgeOptions } from './judge.ts';

export function kvOf(
  { initial, failedCasObserved }: JudgeOptions,
  ops: readonly Op[],
): Model<never, never, never> {
  if (ops.some(({ f }) => f === 'append')) {
    if (initial !== undefined && typeof initial !== 'string') {
      throw new ScenarioError(`--initial is a text where texts are appended, not ${initial}.`);
    }
    return appendKvModel(initial) as Model<unknown> as Model<never, never, never>;
  }
  if (initial === undefined) refuseNilOfNobody(ops);
  const model = kvModel({ initial: initial === undefined ? '' : initial, failedCasObserved });
  return model as Model<unknown> as Model<never, never, never>;
}

function refuseNilOfNobody(ops: readonly Op[]): void {
  const found = ops.find((op) => op.outcome === 'ok' && foundBy(op) === null);
  if (found === undefined || ops.some((op) => writtenBy(op) === null)) return;
  throw new ScenarioError(`${found.f} found nil, which nobody wrote.`, {
    path: `history/${found.id}`,
    hint: 'A key that nobody wrote holds ""; where it holds nil, say --initial nil.',
  });
}

const foundBy = ({ f, input, output }: Op): HistoryValue | undefined =>
  f === 'get'
    ? (output as HistoryValue | undefined)
    : f === 'cas'
      ? (input as CasInput).expected
      : undefined;

const writtenBy = ({ f, input }: Op): HistoryValue | undefined =>
  f === 'put' ? (input as HistoryValue) : f === 'cas' ? (input as CasInput).value : undefined;
