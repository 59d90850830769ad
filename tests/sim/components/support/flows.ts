/** The laws of the places of a node, as a test asks for them. */
import type { Flow } from 'faultline';
import { lawBroken } from '../../../../src/sim/check/conservation.ts';
import type { SimNode } from '../../../../src/sim/node/node.ts';

export function flowNamed({ behaviour, state }: SimNode, name: string): Flow {
  const flow = behaviour.flows?.(state).find((one) => one.name === name);
  if (flow === undefined) throw new Error(`there is no flow ${name}`);
  return flow;
}

/** What is wrong with a place, or null. */
export const brokenAt = (node: SimNode, name: string): string | null =>
  lawBroken(flowNamed(node, name));
