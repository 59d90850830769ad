/**
 * Names of queues and exchanges in the settings of those who use them, against those of the broker
 * that they are linked to. Whoever has no queues by name asks for none.
 */
import { changesNothing } from '../contracts/needs.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { nearestAndAll } from '../kernel/nearest.ts';
import type { LinkedGroup } from '../node/behaviour.ts';

export interface NamedQueues {
  readonly queues: readonly { readonly name: string }[];
  readonly exchanges?: readonly { readonly name: string; readonly type: string }[];
}

/** Null: it keeps none by name, or is another plan's to know. */
export const queuesOf = (broker: LinkedGroup | undefined): NamedQueues | null =>
  (broker?.config as Partial<NamedQueues> | undefined)?.queues === undefined
    ? null
    : (broker?.config as NamedQueues);

/** `path` is where it is named. */
export function checkQueueName(name: string, broker: LinkedGroup | undefined, path: string): void {
  if (name === '' || broker === undefined) return;
  const known = queuesOf(broker);
  if (known === null) {
    const why = `a ${broker.component} has one queue`;
    throw changesNothing('queue', why, path, 'Leave it out.');
  }
  checkName('queue', name, known.queues, broker, path);
}

export function checkName(
  noun: string,
  name: string,
  known: readonly { readonly name: string }[],
  { group }: LinkedGroup,
  path: string,
): void {
  const names = known.map((one) => one.name);
  if (names.includes(name)) return;
  throw new ScenarioError(`"${group}" has no ${noun} "${name}".`, {
    path,
    hint: nearestAndAll(name, names),
  });
}
