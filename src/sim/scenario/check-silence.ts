/**
 * A run in which nobody ever asks passes every check, and shows nothing. Who says in so many words
 * that one client asks nothing compares with others that do; that they never come to it is a slip.
 */
import { validate } from '../contracts/validate.ts';
import { ScenarioError } from '../kernel/errors.ts';
import type { AnyBehaviour } from '../node/behaviour.ts';
import type { Silence } from '../node/silence.ts';
import type { Plan } from './plan.ts';
import type { Registry } from './registry.ts';

export function checkSilence(plan: Plan, registry: Registry): void {
  const said: { readonly path: string; readonly silence: Silence }[] = [];
  let asks = false;
  for (const { name, component, config = {} } of plan.groups) {
    const path = `groups/${name}/config`;
    const behaviour = registry.components.get(component) as AnyBehaviour;
    const whole = validate(behaviour.config, config, path);
    const silence = behaviour.silence?.(whole, plan.durationMs) ?? null;
    if (silence === null) asks ||= 'client.invoked' in behaviour.facts;
    else if (!silence.isSaid) throw neverAsks(`"${name}" never`, path, silence);
    else said.push({ path, silence });
  }
  const [first] = said;
  if (asks || first === undefined) return;
  throw neverAsks('Nobody', first.path, first.silence);
}

const neverAsks = (who: string, path: string, { at, why, hint }: Silence): ScenarioError =>
  new ScenarioError(`${who} asks anything: ${why}.`, { path: `${path}/${at}`, hint });
