/**
 * The safety of Raft, watched after every step of every server: the five properties of the paper
 * and the invariants that imply them. Findings name the invariant, the terms and the indexes.
 */
import { Type, field } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { plural } from '../kernel/plural.ts';
import type { QueueBrokerConfig } from '../components/queue-broker/config.ts';
import { queueBroker } from '../components/queue-broker/queue-broker.ts';
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
  /** By part. */
  readonly images: readonly (RaftInvariantsImage | undefined)[];
  readonly told: readonly (number | undefined)[];
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
  check({ group }, path, run) {
    checkServers('raft-safety', { group, path }, run);
    const watched = run.groups.find(({ name }) => name === group);
    if (watched?.behaviour !== queueBroker) return;
    const { queues } = watched.config as QueueBrokerConfig;
    if (queues.some(({ queueType }) => queueType === 'quorum')) return;
    throw new ScenarioError(
      `"${group}" keeps classic queues only: it would hold whatever happens.`,
      {
        path: `${path}/group`,
        hint: 'Give one of its queues queueType: quorum, or leave the check out.',
      },
    );
  },
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
    // Nodes may belong to several groups of Raft with each other, one for each queue.
    const parts: (RaftInvariants | undefined)[] = [];
    const partOf = (part: number): RaftInvariants =>
      (parts[part] ??= new RaftInvariants(ids, (node) => env.world.node(node).name));
    const told: (number | undefined)[] = [];
    const tell = (part: number): void => {
      const { findings } = partOf(part);
      for (const finding of findings.slice(told[part] ?? 0)) {
        env.report({
          why: `${finding.invariant}: ${finding.why}`,
          evidence: [env.world.event],
          nodes: [finding.node],
        });
      }
      told[part] = findings.length;
    };
    const toldInAll = (): number => told.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    return {
      components: [],
      facts: [],
      probes: [RAFT_STEP, RAFT_START],
      onProbe(node, channel, payload) {
        if (!isWatched(node)) return;
        const state = payload as HostedRaft;
        const part = state.part ?? 0;
        const invariants = partOf(part);
        if (channel === RAFT_START) invariants.onRestart(node, state.raft);
        else invariants.onEffects(node, state.raft, state.effects);
        if (invariants.findings.length > (told[part] ?? 0)) tell(part);
      },
      standing: (ended) =>
        toldInAll() > 0
          ? { verdict: 'fail', text: plural(toldInAll(), 'violation') }
          : { verdict: 'pass', text: ended ? 'held' : 'holds now' },
      save: () => ({ images: parts.map((one) => one?.save()), told: told.slice() }),
      restore(saved) {
        parts.length = 0;
        saved.images.forEach((image, part) => {
          if (image !== undefined) partOf(part).restore(image);
        });
        told.splice(0, told.length, ...saved.told);
      },
    };
  },
});
