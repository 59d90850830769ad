/**
 * Faults of a document that change nothing: whose numbers are those of a sound machine, that name
 * more members than there are, or stand between nodes that never talk. Plans of code may have them:
 * there a parameter at its end means "none".
 */
import type { Fault } from '../faults/fault.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { GroupPlan, Plan } from './plan.ts';
import type { Registry } from './registry.ts';

const vain = (why: string, path: string, hint: string): ScenarioError =>
  new ScenarioError(`The fault changes nothing: ${why}.`, { path, hint });

export function checkEffect(fault: Fault, path: string): void {
  const found = idleOf(fault);
  if (found === null) return;
  const [at, why, hint] = found;
  throw vain(why, `${path}${at === '' ? '' : `/${at}`}`, `${hint}, or leave the fault out.`);
}

/** The part, why it changes nothing, and what would. */
function idleOf(fault: Fault): readonly [at: string, why: string, hint: string] | null {
  switch (fault.type) {
    case 'loss':
    case 'duplicate':
    case 'reorder':
      if (fault.probability > 0) return null;
      return ['probability', 'its probability is 0', 'Give a probability above 0'];
    case 'latency':
      if ((fault.factor ?? 1) !== 1 || fault.extra !== undefined) return null;
      return ['', 'packets take once as long, and nothing more', 'Give another factor, or extra'];
    case 'slow-disk':
      if ((fault.factor ?? 1) !== 1 || (fault.extraMs ?? 0) > 0) return null;
      return ['', 'an fsync takes once as long, and nothing more', 'Give a factor, or extraMs'];
    case 'slow-cpu':
      return fault.factor === 1
        ? ['factor', 'once as long is as long', 'Give another factor']
        : null;
    default:
      return null;
  }
}

/** At any depth: no selection has more members of a group than there are. */
export function checkMembers(value: unknown, path: string, plan: Plan): void {
  if (typeof value !== 'object' || value === null) return;
  const { first, of, size, group } = value as {
    readonly first?: unknown;
    readonly of?: unknown;
    readonly size?: unknown;
    readonly group?: unknown;
  };
  checkCount(first, of, `${path}/first`, plan);
  checkCount(size, group, `${path}/size`, plan);
  for (const [name, part] of Object.entries(value)) checkMembers(part, `${path}/${name}`, plan);
}

function checkCount(wanted: unknown, name: unknown, path: string, plan: Plan): void {
  const found = plan.groups.find((group) => group.name === name);
  if (found === undefined || typeof wanted !== 'number' || wanted <= found.count) return;
  const { count } = found;
  throw new ScenarioError(`"${found.name}" has ${count} members, and not ${wanted}.`, {
    path,
    hint: `Give ${count} at most.`,
  });
}

/** Only of two ends that are a group or a node each, and known to talk over their links alone. */
export function checkTalk(fault: Fault, path: string, plan: Plan, registry: Registry): void {
  const ends = endsOf(fault);
  if (ends === null) return;
  const [one, other] = ends.map((end) => groupOf(end, plan));
  if (one === undefined || other === undefined || one === other) return;
  const isLinked = (a: GroupPlan, b: GroupPlan): boolean =>
    Object.values(a.links ?? {}).includes(b.name);
  if (isLinked(one, other) || isLinked(other, one)) return;
  // Who is on the path of requests learns of nobody else.
  const isBound = ({ component }: GroupPlan): boolean => {
    const { usage, routing } = registry.components.get(component) ?? {};
    return usage !== undefined || routing !== undefined;
  };
  if (!isBound(one) && !isBound(other)) return;
  throw vain(
    `"${one.name}" and "${other.name}" never talk to each other`,
    path,
    'Neither has a link to the other: name two that have.',
  );
}

function endsOf(fault: Fault): readonly unknown[] | null {
  switch (fault.type) {
    case 'cut-link':
      return [fault.a, fault.b];
    case 'one-way':
    case 'loss':
    case 'latency':
    case 'duplicate':
    case 'reorder':
      return [fault.from, fault.to];
    default:
      return null;
  }
}

/** The group of which a selector names all, or one node. */
function groupOf(selector: unknown, { groups }: Plan): GroupPlan | undefined {
  if (typeof selector !== 'string') return undefined;
  const name = selector.replace(/\/?\d+(\/\d+)?$/, '');
  return groups.find((group) => group.name === name);
}
