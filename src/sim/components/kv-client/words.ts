/** The words for operations: in a history, and for people. */
import { operandOf } from '../../contracts/kv.ts';
import type { Asked } from './asked.ts';
import type { OperationResult } from './operation.ts';
import type { Ended, Running } from './state.ts';
import type { KvClientView } from './view.ts';

/** The names under which a history records operations: those of the `kv` contract. */
const NAMES = { 'kv.get': 'get', 'kv.put': 'put', 'kv.cas': 'cas' } as const;

/** All that `nameOf` may say. */
export const KV_CLIENT_OPERATIONS: readonly string[] = Object.freeze([
  'get',
  'put',
  'cas',
  'get-all',
  'increment',
  'add',
  'remove',
  'assign',
]);

export function nameOf({ request, all }: Pick<Running, 'request' | 'all'>): string {
  if (request.type === 'kv.update') return request.update.do;
  return all === true ? 'get-all' : NAMES[request.type];
}

export function inputOf(request: Asked): unknown {
  if (request.type === 'kv.get') return null;
  if (request.type === 'kv.put') return request.value;
  if (request.type === 'kv.update') return operandOf(request);
  return { expected: request.expected, value: request.value };
}

/** What a read of all values found: siblings, one value, or none. */
export function allValues({
  outcome,
  siblings,
  output,
}: OperationResult): readonly unknown[] | null {
  if (outcome !== 'ok') return null;
  return siblings ?? (output === null ? [] : [output]);
}

function labelOf(request: Asked): string {
  const { key } = request;
  switch (request.type) {
    case 'kv.get':
      return `read ${key}`;
    case 'kv.put':
      return request.value === null ? `delete ${key}` : `${key} = ${String(request.value)}`;
    case 'kv.cas':
      return `${key}: ${String(request.expected)} to ${String(request.value)}`;
    case 'kv.update':
      return `${request.update.do} ${String(operandOf(request))} in ${key}`;
  }
}

/** The latest first. */
export const shown = (recent: readonly Ended[]): KvClientView['recent'] =>
  recent.toReversed().map(({ request, outcome }) => ({ label: labelOf(request), outcome }));
