/**
 * The promises of primary-replica replication, looked at whenever a server changes its part and
 * when the run is over: one primary, and logs that agree as far as both go.
 *
 * Each invariant is reported once, with the servers that show it.
 */
import { sqlNode } from '../components/sql-node/sql-node.ts';
import { Type, field } from '../contracts/schema.ts';
import type { ReplicaFact } from '../protocols/primary-replica/effects.ts';
import { violations } from '../protocols/primary-replica/invariants.ts';
import type { Server, Violation } from '../protocols/primary-replica/invariants.ts';
import { stateOf } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { defineCheck } from './check.ts';
import { checkServers } from './told.ts';

interface Args {
  readonly group: string;
}

/** After these a server plays another part, or holds another log. */
const CHANGES: readonly ReplicaFact['type'][] = Object.freeze([
  'replica.promoted',
  'replica.resumed',
  'replica.demoted',
  'replica.following',
  'replica.rewound',
]);

function serversOf(world: World, group: string): Server[] {
  const servers: Server[] = [];
  for (const node of group === '' ? world.nodes : world.group(group)) {
    const state = stateOf(sqlNode, node);
    if (state !== null) servers.push({ id: node.index, state: state.replica });
  }
  return servers;
}

function sentence({ invariant, lsn }: Violation, names: readonly string[]): string {
  switch (invariant) {
    case 'one-primary':
      return `${names.join(' and ')} are primary at once.`;
    case 'prefix':
      return `${names.join(' and ')} hold different records at ${lsn}, and go on as one store.`;
    case 'applied-on-disk':
      return `${names.join()} has applied record ${lsn}, which is not on its disk.`;
  }
}

export const replicaSafety = defineCheck<Args, readonly string[], ReplicaFact>({
  use: 'replica-safety',
  about: 'One server takes writes at a time, and the logs of all agree as far as they follow it.',
  args: Type.Object(
    {
      group: field.text({
        about: 'The group of servers; empty: all.',
        default: '',
        names: 'group',
      }),
    },
    { additionalProperties: false },
  ),
  check: ({ group }, path, run) => checkServers('replica-safety', { group, path }, run),
  create({ group }, env) {
    let broken: string[] = [];
    const look = (): void => {
      for (const violation of violations(serversOf(env.world, group))) {
        if (broken.includes(violation.invariant)) continue;
        broken.push(violation.invariant);
        const names = violation.servers.map((id) => env.world.node(id).name);
        env.report({
          why: `${violation.invariant}: ${sentence(violation, names)}`,
          evidence: [env.world.event],
          nodes: violation.servers,
        });
      }
    };
    return {
      components: [],
      facts: CHANGES,
      probes: [],
      onFact: look,
      onEnd: look,
      standing: () =>
        broken.length > 0
          ? { verdict: 'fail', text: `broken: ${broken.join(', ')}` }
          : { verdict: 'pass', text: 'one primary, and logs that agree' },
      save: () => [...broken],
      restore(image) {
        broken = [...image];
      },
    };
  },
});
