/** Data that contains itself has no canonical form and no end: it is refused beforehand. */
import { ScenarioError } from '../kernel/errors.ts';

/** Deeper than any plan that makes sense, far from the end of any stack. */
const DEPTH_MAX = 100;

export function checkDepth(value: unknown, path: string, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEPTH_MAX) {
    throw new ScenarioError(`It is nested more than ${DEPTH_MAX} deep, or contains itself.`, {
      path: path.split('/').slice(0, 4).join('/'),
      hint: 'A plan is plain data: write out what refers to itself.',
    });
  }
  for (const [name, part] of Object.entries(value)) {
    checkDepth(part, path === '' ? name : `${path}/${name}`, depth + 1);
  }
}
