/** Which consumer group a check is about: there must be one of that name, or one at all. */
import { ScenarioError } from '../kernel/errors.ts';
import type { PlannedRun } from './check.ts';

/** By component: the setting that names the group of its members. */
type Members = { readonly [component: string]: string };

export function checkGroupId(
  groupId: string,
  path: string,
  { groups }: PlannedRun,
  members: Members,
): void {
  const ids = new Set<string>();
  for (const { behaviour, config } of groups) {
    const setting = members[behaviour.component];
    const own = setting === undefined ? '' : (config as { [name: string]: string })[setting];
    if (own !== undefined && own !== '') ids.add(own);
  }
  const known = [...ids].map((id) => `"${id}"`).join(', ');
  if (ids.size === 0) {
    const which = Object.keys(members).join(' or ');
    throw new ScenarioError(`No ${which} of this plan is in a group: it would say nothing.`, {
      path,
      hint: `Give one a ${Object.values(members).join(' or ')}, or leave the check out.`,
    });
  }
  if (groupId !== '' && !ids.has(groupId)) {
    throw new ScenarioError(`Nobody is in the group "${groupId}".`, {
      path: `${path}/groupId`,
      hint: `There is ${known}.`,
    });
  }
  if (groupId === '' && ids.size > 1) {
    throw new ScenarioError(`There are ${ids.size} groups: which is meant is not said.`, {
      path: `${path}/groupId`,
      hint: `Name one of ${known}.`,
    });
  }
}
