/**
 * The outputs of a task: what it has made and the next task has not taken yet.
 *
 * Invariant: the elements of a channel are sent in their order; of each channel one batch is under
 * way, and it is sent again until it is taken.
 *
 * Source: Flink, ResultSubpartition and KeyGroupStreamPartitioner
 * Differs: a key belongs to a task by its hash alone, not by way of key groups.
 */
import type { InFlight, StreamElement } from '../../contracts/stream.ts';
import { hashText } from '../../kernel/trace-hash.ts';
import { hashInt } from '../../policies/hashing/hash-int.ts';

interface Output {
  /** The number of the first element in the queue. */
  first: number;
  queue: readonly StreamElement[];
  /** How many of them are under way. */
  sending: number;
}
export interface Outputs {
  readonly all: readonly Output[];
}

export function startOutputs(count: number, inFlight: InFlight): Outputs {
  const all = Array.from({ length: count }, (): Output => ({ first: 0, queue: [], sending: 0 }));
  for (const [place, elements] of inFlight) {
    const output = all[place];
    if (output !== undefined) output.queue = elements;
  }
  return { all };
}

const KEYS = 1;

const keyOf = (element: StreamElement): string | null => {
  if (element.kind === 'record' || element.kind === 'late') return element.event.key;
  return element.kind === 'row' ? element.row.key : null;
};

/** What belongs to a key goes to the task of that key, everything else to all. */
export function put(outputs: Outputs, element: StreamElement): void {
  const key = keyOf(element);
  const { all } = outputs;
  const only = key === null ? -1 : hashInt(hashText(key) >>> 0, KEYS) % Math.max(1, all.length);
  all.forEach((output, place) => {
    if (only >= 0 && place !== only) return;
    output.queue = [...output.queue, element];
  });
}

/** What is to be sent now over a channel; null: nothing, or something is under way. */
export function nextBatch(
  { all }: Outputs,
  place: number,
  max: number,
): { readonly first: number; readonly elements: readonly StreamElement[] } | null {
  const output = all[place];
  if (output === undefined || output.sending > 0 || output.queue.length === 0) return null;
  const elements = output.queue.slice(0, max);
  output.sending = elements.length;
  return { first: output.first, elements };
}

export function taken({ all }: Outputs, place: number, next: number): void {
  const output = all[place];
  if (output === undefined) return;
  output.sending = 0;
  if (next <= output.first) return;
  output.queue = output.queue.slice(next - output.first);
  output.first = next;
}

/** Nobody has said whether it was taken: it is sent again. */
export function notTaken({ all }: Outputs, place: number): void {
  const output = all[place];
  if (output !== undefined) output.sending = 0;
}

export const fullest = ({ all }: Outputs): number =>
  all.reduce((most, { queue }) => Math.max(most, queue.length), 0);

/** What has not left yet: the barrier of an unaligned checkpoint overtakes it. */
export const unsent = ({ all }: Outputs): InFlight =>
  all
    .map(({ queue, sending }, place) => [place, queue.slice(sending)] as const)
    .filter(([, queue]) => queue.length > 0);

/** The number of the first element behind a barrier that overtakes what has not left yet. */
export const barrierPlace = ({ all }: Outputs, place: number): number => {
  const output = all[place];
  return output === undefined ? 0 : output.first + output.sending;
};
