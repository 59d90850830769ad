/** Data that contains itself has no canonical form and no end: it is refused beforehand. */
import { ScenarioError } from '../kernel/errors.ts';

/** Deeper than any plan that makes sense, far from the end of any stack. */
const DEPTH_MAX = 100;

/** Every object has them already; the schema library passes over those that a person writes. */
const RESERVED: readonly string[] = ['constructor', '__proto__', 'prototype'];

/** Throws for the first name, at any depth, that no setting can have. */
export function checkReserved(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    const place = path === '' ? name : `${path}/${name}`;
    if (RESERVED.includes(name)) {
      throw new ScenarioError(`There is no setting "${name}".`, {
        path: place,
        hint: 'Take it away: nothing can be called so.',
      });
    }
    checkReserved(part, place);
  }
}

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
