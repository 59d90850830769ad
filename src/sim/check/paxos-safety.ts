/**
 * The safety of Multi-Paxos, watched after every step of every server: one value per ballot and
 * slot, one value chosen per slot, and everywhere the same applied. Findings name the invariant,
 * the ballots and the slots.
 */
import { Type, field } from '../contracts/schema.ts';
import { ScenarioError } from '../kernel/errors.ts';
import { plural } from '../kernel/plural.ts';
import { PAXOS_START, PAXOS_STEP } from '../components/paxos-kv/paxos-kv.ts';
import type { PaxosKvState } from '../components/paxos-kv/state.ts';
import { PaxosInvariants } from '../protocols/multi-paxos/invariants.ts';
import type { PaxosInvariantsImage } from '../protocols/multi-paxos/invariants.ts';
import { defineCheck } from './check.ts';
import { checkServers } from './told.ts';

interface Args {
  readonly group: string;
}

interface Image {
  /** Null before the first server has started. */
  readonly image: PaxosInvariantsImage | null;
  readonly phase2Quorum: number;
  readonly told: number;
}

export const paxosSafety = defineCheck<Args, Image>({
  use: 'paxos-safety',
  about:
    'In a ballot one value is proposed for a slot, one value is chosen for a slot, all servers ' +
    'apply it there, and what a server promised or accepted outlives its crash.',
  args: Type.Object(
    { group: field.text({ about: 'The group of servers.', default: 'n', names: 'group' }) },
    { additionalProperties: false },
  ),
  check: ({ group }, path, run) => checkServers('paxos-safety', { group, path }, run),
  create(args, env) {
    const ids = env.world.group(args.group).map((node) => node.index);
    if (ids.length === 0) {
      throw new ScenarioError(
        `Check "${env.id}" watches a group "${args.group}" without members.`,
        { path: `checks/${env.id}/args/group` },
      );
    }
    let invariants: PaxosInvariants | null = null;
    let phase2Quorum = 0;
    let told = 0;
    const make = (quorum: number): PaxosInvariants => {
      phase2Quorum = quorum;
      return new PaxosInvariants(ids, quorum, (node) => env.world.node(node).name);
    };
    const tell = (findings: PaxosInvariants['findings']): void => {
      for (const finding of findings.slice(told)) {
        const why = `${finding.invariant}: ${finding.why}`;
        env.report({ why, evidence: [env.world.event], nodes: [finding.node] });
      }
      told = findings.length;
    };
    return {
      components: [],
      facts: [],
      probes: [PAXOS_STEP, PAXOS_START],
      onProbe(node, channel, payload) {
        if (!ids.includes(node)) return;
        const { config, paxos, effects } = payload as PaxosKvState;
        invariants ??= make(config.phase2Quorum);
        if (channel === PAXOS_START) invariants.onRestart(node, paxos);
        else invariants.onEffects(node, paxos, effects);
        if (invariants.findings.length > told) tell(invariants.findings);
      },
      standing: (ended) =>
        told > 0
          ? { verdict: 'fail', text: plural(told, 'violation') }
          : { verdict: 'pass', text: ended ? 'held' : 'holds now' },
      save: () => ({ image: invariants?.save() ?? null, phase2Quorum, told }),
      restore(saved) {
        invariants = saved.image === null ? null : make(saved.phase2Quorum);
        if (saved.image !== null) invariants?.restore(saved.image);
        ({ told } = saved);
      },
    };
  },
});
