/**
 * Nobody gets lost in a queue: for each place that requests go through, whoever arrived has left or
 * is inside, and the time that all spent there is the area under the number inside (Little's law,
 * as an identity of sums). Judged whenever a fault begins or ends, and at the end.
 */
import { Type } from '../contracts/schema.ts';
import type { Flow } from '../node/behaviour.ts';
import type { World, WorldNode } from '../world/world.ts';
import { InvariantError } from '../kernel/errors.ts';
import { plural } from '../kernel/plural.ts';
import { defineCheck } from './check.ts';

const NO_ARGS = Type.Object({}, { additionalProperties: false });

interface ConservationImage {
  readonly isBroken: boolean;
  readonly flows: number;
  readonly passed: number;
}

/**
 * Held at the end of every run, whatever its plan checks: in a component of the catalogue a broken
 * law is a mistake of ours, and no result of such a run means anything.
 */
export function holdLaws(world: World): void {
  for (const node of world.nodes) {
    for (const flow of flowsOf(node)) {
      const why = lawBroken(flow);
      if (why !== null) throw new InvariantError(`${node.name}, ${why}`);
    }
  }
}

/** What is wrong with a flow, in one sentence, or null. */
export function lawBroken(flow: Flow): string | null {
  const { name, arrived, left, inside } = flow;
  if (arrived !== left + inside) {
    return `${name}: ${arrived} arrived, but ${left} left and ${inside} are inside.`;
  }
  // Who left with a wrong time of arrival is missed by the sums below, in which it cancels out.
  const { arrivalsInsideMicros: sum, changedMicros, areaMicros } = flow;
  const latest = inside * changedMicros;
  const rounding = roundingOf(Math.max(latest, sum, areaMicros), arrived + left);
  if (sum < 0 || sum > latest + rounding) {
    return `${name}: the ${inside} inside cannot have arrived at ${sum} us, all together.`;
  }
  const spent = flow.sojournMicros + latest - sum;
  if (Math.abs(spent - areaMicros) > rounding) {
    return `${name}: together they spent ${spent} us there, but the area is ${areaMicros} us.`;
  }
  return null;
}

/** Sums are exact up to 2^53 us, 285 years; beyond, each of the steps may have been rounded. */
const roundingOf = (largest: number, steps: number): number =>
  largest <= Number.MAX_SAFE_INTEGER ? 0 : largest * HALF_A_DIGIT * steps;
const HALF_A_DIGIT = Number.EPSILON / 2;

export const conservation = defineCheck<Record<string, never>, ConservationImage>({
  use: 'conservation',
  about: "Each request ends exactly once, and Little's law holds on every queue.",
  args: NO_ARGS,
  create(_args, env) {
    let isBroken = false;
    let flows = 0;
    let passed = 0;
    const look = (world: World): void => {
      if (isBroken) return;
      flows = 0;
      passed = 0;
      for (const node of world.nodes) {
        for (const flow of flowsOf(node)) {
          flows += 1;
          passed += flow.arrived;
          const why = lawBroken(flow);
          if (why === null) continue;
          isBroken = true;
          env.report({ why: `${node.name}, ${why}`, nodes: [node.index] });
          return;
        }
      }
    };
    return {
      components: [],
      facts: [],
      probes: [],
      onFault: () => look(env.world),
      onEnd: () => look(env.world),
      standing() {
        if (isBroken) return { verdict: 'fail', text: 'somebody got lost' };
        if (passed === 0) return { verdict: 'unknown', text: 'nothing went through a queue' };
        return { verdict: 'pass', text: `${passed} passed ${plural(flows, 'place')}` };
      },
      save: () => ({ isBroken, flows, passed }),
      restore(image) {
        ({ isBroken, flows, passed } = image);
      },
    };
  },
});

const flowsOf = ({ behaviour, state }: WorldNode): readonly Flow[] =>
  state === null ? [] : (behaviour.flows?.(state) ?? []);
