/**
 * A member of a group that watches itself: the host of SWIM on one node.
 *
 * Invariants: those of `protocols/swim`. A member that restarts begins as one that knows nobody's
 * fate; it hears what is said of it with its first exchange of tables, and refutes it.
 *
 * Source: Das, Gupta, Motivala, SWIM (DSN 2002); hashicorp/memberlist
 */
import type { FactTable } from '../../contracts/facts.ts';
import { swim } from '../../contracts/swim.ts';
import type { SwimMessage, SwimStatus } from '../../contracts/swim.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { Context, NodeIndex, View } from '../../node/behaviour.ts';
import { amongSeveral } from '../../node/rule-needs.ts';
import { SWIM_RULES, swimRules } from '../../protocols/swim/rules.ts';
import { createSwim } from '../../protocols/swim/state.ts';
import type {
  SwimConfig,
  SwimEffect,
  SwimInput,
  SwimState,
  SwimTimer,
} from '../../protocols/swim/state.ts';
import { stepSwim } from '../../protocols/swim/step.ts';
import { swimMemberConfig } from './config.ts';
import type { SwimMemberConfig } from './config.ts';

type Ctx = Context<SwimMemberConfig>;

export interface SwimMemberState {
  readonly swim: SwimState;
  refutations: number;
}

export interface SwimMemberView extends View {
  readonly component: 'swim-member';
  readonly incarnation: number;
  /** Whom it holds for what, in the order in which it heard of them. */
  readonly members: readonly {
    readonly name: string;
    readonly status: SwimStatus;
    readonly incarnation: number;
  }[];
  readonly probing: string | null;
  /** 0 is good; it probes that many times slower, and once. */
  readonly health: number;
}

interface Of {
  readonly node: NodeIndex;
  readonly incarnation: number;
  /** By an own probe or timer, not by hearsay. */
  readonly isOwn: boolean;
}
export type SwimFact =
  | ({ readonly type: 'swim.alive' } & Of)
  | ({ readonly type: 'swim.suspect' } & Of)
  | ({ readonly type: 'swim.dead' } & Of)
  | { readonly type: 'swim.refuted'; readonly incarnation: number };

const hearsay = ({ isOwn }: Of): string => (isOwn ? '' : ', by hearsay');

const facts: FactTable<SwimFact> = {
  'swim.alive': {
    weight: 'minor',
    sentence: (f, nameOf) => `takes ${nameOf(f.node)} for alive again`,
  },
  'swim.suspect': {
    weight: 'minor',
    sentence: (f, nameOf) => `suspects ${nameOf(f.node)}${hearsay(f)}`,
  },
  'swim.dead': {
    weight: 'major',
    sentence: (f, nameOf) => `takes ${nameOf(f.node)} for dead${hearsay(f)}`,
  },
  'swim.refuted': {
    weight: 'major',
    sentence: (f) =>
      `hears that it is suspected and says that it lives: incarnation ${f.incarnation}`,
  },
};

/** A member that is taken for alive, suspect or dead: the fact that says so. */
const FACT_OF = { alive: 'swim.alive', suspect: 'swim.suspect', dead: 'swim.dead' } as const;

function configOf({ config: c, self, ablations }: Ctx): SwimConfig {
  return {
    self,
    probeIntervalMicros: ms(c.probeIntervalMs),
    probeTimeoutMicros: ms(c.probeTimeoutMs),
    indirectChecks: c.indirectChecks,
    suspicionMult: c.suspicionMult,
    suspicionMaxTimeoutMult: c.suspicionMaxTimeoutMult,
    retransmitMult: c.retransmitMult,
    gossipIntervalMicros: ms(c.gossipIntervalMs),
    gossipNodes: c.gossipNodes,
    gossipToTheDeadMicros: ms(c.gossipToTheDeadMs),
    pushPullMicros: ms(c.pushPullMs),
    awarenessMaxMultiplier: c.awarenessMaxMultiplier,
    updatesPerPacket: c.updatesPerPacket,
    stagger: c.stagger,
    rules: swimRules(ablations),
  };
}

function start(ctx: Ctx): SwimMemberState {
  const state: SwimMemberState = { swim: createSwim(), refutations: 0 };
  feed(state, ctx, { type: 'start', peers: ctx.members('peers') });
  return state;
}

function feed(state: SwimMemberState, ctx: Ctx, input: SwimInput): void {
  const effects: SwimEffect[] = [];
  stepSwim(configOf(ctx), state.swim, input, ctx.mono(), ctx.draws('swim'), effects);
  for (const effect of effects) perform(state, ctx, effect);
}

function perform(state: SwimMemberState, ctx: Ctx, effect: SwimEffect): void {
  switch (effect.type) {
    case 'send':
      return ctx.send<SwimMessage>(effect.to, effect.message);
    case 'set-timer':
      return ctx.setTimer(effect.timer, effect.key, micros(effect.afterMicros));
    case 'cancel-timer':
      return ctx.cancelTimer(effect.timer, effect.key);
    case 'changed': {
      const { node, incarnation, isOwn, status } = effect;
      return ctx.tell<SwimFact>({ type: FACT_OF[status], node, incarnation, isOwn });
    }
    case 'refuted':
      state.refutations += 1;
      return ctx.tell<SwimFact>({ type: 'swim.refuted', incarnation: effect.incarnation });
  }
}

const receive = (state: SwimMemberState, ctx: Ctx, message: SwimMessage, from: NodeIndex): void =>
  feed(state, ctx, { type: 'message', from, message });

const countOf = ({ swim: { peers } }: SwimMemberState, status: SwimStatus): number => {
  let count = 0;
  for (const peer of peers.values()) if (peer.status === status) count += 1;
  return count;
};

export const swimMember = defineBehaviour<
  SwimMemberState,
  SwimMemberConfig,
  SwimMessage,
  SwimMemberView,
  SwimFact
>({
  component: 'swim-member',
  about: 'Probes the other members of its group and spreads by gossip who is alive and who is not.',
  source: 'Das, Gupta, Motivala, SWIM (DSN 2002); hashicorp/memberlist',
  leavesOut: [
    'The second try over TCP, and the size of packets: updates are counted.',
    'Leaving on purpose: whoever goes is found to be dead.',
  ],
  badge: 'SW',
  serves: [swim],
  // Each keeps a line for every other.
  countMax: 500,
  links: {},
  config: swimMemberConfig,
  facts,
  rules: SWIM_RULES.map(({ id }) => id),
  ruleNeeds: [
    amongSeveral(['swim.suspicion', 'swim.refutation']),
    {
      rules: ['swim.indirect-probes', 'swim.round-robin'],
      acts: (_config, { count }) => count > 2,
      hint: 'Give the group more than two members.',
    },
    {
      rules: ['swim.indirect-probes'],
      acts: ({ indirectChecks }) => indirectChecks > 0,
      hint: 'Give indirectChecks more than 0.',
    },
  ],
  roleNames: {
    member: 'Takes all others for alive.',
    suspecting: 'Holds somebody for suspect.',
  },
  start,
  on: {
    'swim.ping': receive,
    'swim.ping-request': receive,
    'swim.ack': receive,
    'swim.nack': receive,
    'swim.gossip': receive,
    'swim.sync': receive,
  },
  onTimer: (state, ctx, kind, key) =>
    feed(state, ctx, { type: 'timer', timer: kind as SwimTimer, key }),
  onMembers: (state, ctx) => feed(state, ctx, { type: 'joined', peers: ctx.members('peers') }),
  gauges: [
    {
      title: 'Suspected',
      about: 'Members that it holds for suspect.',
      kind: 'level',
      of: (state) => countOf(state, 'suspect'),
    },
    {
      title: 'Dead',
      about: 'Members that it holds for dead.',
      kind: 'level',
      of: (state) => countOf(state, 'dead'),
    },
  ],
  roles: (state) => [state.swim.suspicions.size > 0 ? 'suspecting' : 'member'],
  view: (state, nameOf) => {
    const { incarnation, peers, probe, health } = state.swim;
    return {
      component: 'swim-member',
      incarnation,
      members: [...peers].map(([node, peer]) => ({
        name: nameOf(node),
        status: peer.status,
        incarnation: peer.incarnation,
      })),
      probing: probe === null ? null : nameOf(probe.target),
      health,
      fields: [
        { label: 'Incarnation', value: incarnation },
        { label: 'Alive', value: countOf(state, 'alive') },
        { label: 'Suspect', value: countOf(state, 'suspect') },
        { label: 'Dead', value: countOf(state, 'dead') },
        { label: 'Probes', value: probe === null ? null : nameOf(probe.target) },
        { label: 'Slower by', value: health },
      ],
    };
  },
});
