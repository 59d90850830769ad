/**
 * The safety of Raft, watched after every step of every server: the five properties of the paper
 * and the invariants that imply them. Findings name the invariant, the terms and the indexes.
 */
import { Type, field } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { RAFT_START, RAFT_STEP } from '../components/raft-hosting.ts';
import type { HostedRaft } from '../components/raft-hosting.ts';
import { RaftInvariants } from '../protocols/raft/invariants.ts';
import type { RaftInvariantsImage } from '../protocols/raft/invariants.ts';
import { defineCheck } from './check.ts';
import { checkServers } from './told.ts';

interface Args {
  readonly group: string;
}

interface Image {
  readonly image: RaftInvariantsImage;
  readonly told: number;
}

export const raftSafety = defineCheck<Args, Image>({
  use: 'raft-safety',
  about:
    'Election safety, leader append-only, log matching, leader completeness and state machine ' +
    'safety hold after every step, and terms and commit indexes only grow.',
  args: Type.Object(
    { group: field.text({ about: 'The group of servers.', default: 'n', names: 'group' }) },
    { additionalProperties: false },
  ),
  check: ({ group }, path, run) => checkServers('raft-safety', { group, path }, run),
  create(args, env) {
    const members = env.world.group(args.group);
    if (members.length === 0) {
      throw new ScenarioError(
        `Check "${env.id}" watches a group "${args.group}" without members.`,
        {
          path: `checks/${env.id}/args/group`,
        },
      );
    }
    const ids = members.map((node) => node.index);
    const watched: boolean[] = [];
    for (const id of ids) watched[id] = true;
    // A server that joins later belongs to the group, too.
    const isWatched = (node: number): boolean =>
      (watched[node] ??= env.world.node(node).group === args.group);
    const invariants = new RaftInvariants(ids, (node) => env.world.node(node).name);
    let told = 0;
    const tell = (): void => {
      for (; told < invariants.findings.length; told++) {
        const finding = invariants.findings[told];
        if (finding === undefined) return;
        env.report({
          why: `${finding.invariant}: ${finding.why}`,
          evidence: [env.world.event],
          nodes: [finding.node],
        });
      }
    };
    return {
      components: [],
      facts: [],
      probes: [RAFT_STEP, RAFT_START],
      onProbe(node, channel, payload) {
        if (!isWatched(node)) return;
        const state = payload as HostedRaft;
        if (channel === RAFT_START) invariants.onRestart(node, state.raft);
        else invariants.onEffects(node, state.raft, state.effects);
        if (invariants.findings.length > told) tell();
      },
      standing: (ended) =>
        told > 0
          ? { verdict: 'fail', text: `${told} violations` }
          : { verdict: 'pass', text: ended ? 'held' : 'holds now' },
      save: () => ({ image: invariants.save(), told }),
      restore(saved) {
        invariants.restore(saved.image);
        ({ told } = saved);
      },
    };
  },
});
