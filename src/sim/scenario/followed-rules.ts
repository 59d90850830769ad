/**
 * The rules of a registry and those that its components follow: a rule that no component follows
 * could never be switched off; one that is not told, neither.
 */
import { ScenarioError } from '../kernel/errors.ts';
import { didYouMean } from '../kernel/nearest.ts';
import type { AnyBehaviour } from '../node/behaviour.ts';
import type { Rule } from './rule.ts';

export function checkFollowed(registry: {
  readonly components: ReadonlyMap<string, AnyBehaviour>;
  readonly rules: ReadonlyMap<string, Rule>;
}): void {
  const followed = new Set<string>();
  for (const { component, rules = [] } of registry.components.values()) {
    for (const rule of rules) {
      followed.add(rule);
      if (registry.rules.has(rule)) continue;
      throw new ScenarioError(`${component} follows a rule "${rule}" that is not registered.`, {
        path: 'registers/rules',
        hint: didYouMean(rule, [...registry.rules.keys()]),
      });
    }
  }
  for (const rule of registry.rules.keys()) {
    if (followed.has(rule)) continue;
    throw new ScenarioError(`No component follows the rule "${rule}".`, {
      path: 'registers/rules',
      hint: 'Name it in `rules` of the behaviour that asks for it.',
    });
  }
}
