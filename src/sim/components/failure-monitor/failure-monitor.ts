/**
 * Watches members by their heartbeats, each with a detector of its own, and says whom it suspects.
 *
 * Invariants: a member is suspected only at a look, and only while its detector says so; it is
 * trusted again with its next heartbeat. Nobody is suspected before the first heartbeat. A member
 * that has restarted is a new one: what was seen of its earlier life is forgotten, and a late
 * heartbeat of that life says nothing.
 *
 * Differs: in Akka a member is trusted again at the next look, here with its next heartbeat, as in
 * Cassandra.
 *
 * Sources: Chandra and Toueg (1996); Hayashibara et al., The phi accrual failure detector (2004);
 * Akka Cluster (a reaper looks at intervals; a restarted member is a new one); Cassandra Gossiper
 */
import type { FactTable } from '../../contracts/facts.ts';
import { heartbeat } from '../../contracts/heartbeat.ts';
import type { Heartbeat } from '../../contracts/heartbeat.ts';
import { invariant } from '../../kernel/errors.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { Context, NameOf, NodeIndex, Sight, View } from '../../node/behaviour.ts';
import { DETECTOR_RULES, FAILURE_DETECTORS } from '../../policies/detectors/index.ts';
import type {
  DetectorState,
  FailureDetector,
  FailureDetectorName,
} from '../../policies/detectors/index.ts';
import { failureMonitorConfig, settingsOf } from './config.ts';
import type { FailureMonitorConfig } from './config.ts';

type Ctx = Context<FailureMonitorConfig>;

interface WatchedMember {
  life: number;
  detector: DetectorState;
  heard: number;
  isSuspected: boolean;
  /** By its detector, as of the last look or heartbeat. */
  level: number;
}

export interface FailureMonitorState {
  readonly members: Map<NodeIndex, WatchedMember>;
  suspicions: number;
}

export interface FailureMonitorView extends View {
  readonly component: 'failure-monitor';
  readonly detector: FailureDetectorName;
  /** The level from which on it suspects: phi, or 1 of a timeout. */
  readonly threshold: number;
  /** In the order in which it heard of them. */
  readonly members: readonly {
    readonly name: string;
    readonly isSuspected: boolean;
    readonly level: number;
    readonly silentMicros: number;
    readonly heard: number;
  }[];
}

interface OfMember {
  readonly node: NodeIndex;
}
export type DetectorFact =
  | ({ readonly type: 'detector.watching' } & OfMember)
  | ({
      readonly type: 'detector.suspected';
      readonly silentMicros: number;
      readonly level: number;
    } & OfMember)
  | ({ readonly type: 'detector.trusted'; readonly silentMicros: number } & OfMember);

const inSeconds = (micros: number): string => `${Math.round(micros / 10_000) / 100} s`;

const facts: FactTable<DetectorFact> = {
  'detector.watching': {
    weight: 'minor',
    sentence: (f, nameOf) => `hears of ${nameOf(f.node)} and watches it from now on`,
  },
  'detector.suspected': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `suspects ${nameOf(f.node)} after ${inSeconds(f.silentMicros)} of silence`,
  },
  'detector.trusted': {
    weight: 'major',
    sentence: (f, nameOf) =>
      `hears from ${nameOf(f.node)} after ${inSeconds(f.silentMicros)} and trusts it again`,
  },
};

function detectorOf({ detector }: FailureMonitorConfig): FailureDetector<DetectorState> {
  const found = FAILURE_DETECTORS.find(({ name }) => name === detector);
  invariant(found !== undefined, 'the schema lists the detectors');
  return found;
}

const thresholdOf = ({ detector, threshold }: FailureMonitorConfig): number =>
  detector === 'timeout' ? 1 : threshold;

const silenceOf = ({ detector }: WatchedMember, nowMicros: number): number =>
  detector.heardMicros === null ? 0 : Math.max(0, nowMicros - detector.heardMicros);

function start(ctx: Ctx): FailureMonitorState {
  ctx.setTimer('look', 0, ms(ctx.config.checkIntervalMs));
  return { members: new Map(), suspicions: 0 };
}

function onBeat(state: FailureMonitorState, ctx: Ctx, { life }: Heartbeat, from: NodeIndex): void {
  const detector = detectorOf(ctx.config);
  const settings = settingsOf(ctx.config, ctx.ablations);
  const now = ctx.mono();
  let member = state.members.get(from);
  if (member !== undefined && life < member.life) return;
  const silentMicros = member === undefined ? 0 : silenceOf(member, now);
  if (member === undefined || life > member.life) {
    const isSuspected = member?.isSuspected ?? false;
    member = { life, detector: detector.start(settings), heard: 0, isSuspected, level: 0 };
    state.members.set(from, member);
    ctx.tell<DetectorFact>({ type: 'detector.watching', node: from });
  }
  detector.heard(member.detector, settings, now);
  member.heard += 1;
  member.level = detector.level(member.detector, settings, now);
  if (!member.isSuspected) return;
  member.isSuspected = false;
  ctx.tell<DetectorFact>({ type: 'detector.trusted', node: from, silentMicros });
}

function look(state: FailureMonitorState, ctx: Ctx): void {
  const detector = detectorOf(ctx.config);
  const settings = settingsOf(ctx.config, ctx.ablations);
  const now = ctx.mono();
  for (const [node, member] of state.members) {
    const level = detector.level(member.detector, settings, now);
    member.level = level;
    if (member.isSuspected || !detector.isSuspect(member.detector, settings, now)) continue;
    member.isSuspected = true;
    state.suspicions += 1;
    const silentMicros = silenceOf(member, now);
    ctx.tell<DetectorFact>({ type: 'detector.suspected', node, silentMicros, level });
  }
  ctx.setTimer('look', 0, ms(ctx.config.checkIntervalMs));
}

const suspectedIn = ({ members }: FailureMonitorState): number =>
  [...members.values()].filter(({ isSuspected }) => isSuspected).length;

/** Four times the usual threshold. Of one that has crashed it grows on: a chart would be flat. */
const PHI_SHOWN_MAX = 32;

const highestIn = ({ members }: FailureMonitorState): number => {
  let highest = 0;
  for (const { level } of members.values()) highest = Math.max(highest, level);
  return highest;
};

const shownIn = (state: FailureMonitorState): number => Math.min(highestIn(state), PHI_SHOWN_MAX);

function viewOf(
  state: FailureMonitorState,
  nameOf: NameOf,
  { config, monoMicros }: Sight<FailureMonitorConfig>,
): FailureMonitorView {
  const detector = detectorOf(config);
  const settings = settingsOf(config, []);
  const members = [...state.members].map(([node, member]) => ({
    name: nameOf(node),
    isSuspected: member.isSuspected,
    level: detector.level(member.detector, settings, monoMicros),
    silentMicros: silenceOf(member, monoMicros),
    heard: member.heard,
  }));
  return {
    component: 'failure-monitor',
    detector: config.detector,
    threshold: thresholdOf(config),
    members,
    fields: [
      { label: 'Detector', value: config.detector },
      { label: 'Threshold', value: thresholdOf(config) },
      { label: 'Members', value: members.length },
      { label: 'Suspected', value: suspectedIn(state) },
      { label: 'Suspicions', value: state.suspicions },
    ],
  };
}

export const failureMonitor = defineBehaviour<
  FailureMonitorState,
  FailureMonitorConfig,
  Heartbeat,
  FailureMonitorView,
  DetectorFact
>({
  component: 'failure-monitor',
  about: 'Watches members by their heartbeats and suspects those that are silent for too long.',
  source:
    'Chandra and Toueg (1996); Hayashibara et al. (SRDS 2004); Akka Cluster; Apache Cassandra',
  leavesOut: [
    'Members that it never heard of: they are not suspected.',
    'What is done about a suspicion: nobody is expelled, downed or replaced.',
    'What monitors tell each other: each judges by what it has heard itself.',
  ],
  badge: 'FD',
  serves: [heartbeat],
  links: {},
  config: failureMonitorConfig,
  facts,
  rules: DETECTOR_RULES.map(({ id }) => id),
  ruleNeeds: [
    {
      rules: ['detectors.skip-failures'],
      acts: ({ detector }) => detector !== 'timeout',
      hint: 'Write another detector than timeout: that one remembers no intervals.',
    },
  ],
  roleNames: {
    trusting: 'Suspects nobody.',
    suspecting: 'Suspects somebody.',
  },
  start,
  on: { 'heartbeat.beat': onBeat },
  onTimer: look,
  gauges: [
    {
      title: 'Suspected',
      about: 'Members that it suspects.',
      kind: 'level',
      of: suspectedIn,
    },
    {
      title: 'Phi',
      about:
        `The highest level of all members at its last look, shown up to ${PHI_SHOWN_MAX}: while ` +
        'a member says nothing it grows on. Of a timeout the part that is over.',
      kind: 'level',
      of: shownIn,
    },
    {
      title: 'Suspicions',
      about: 'How often it began to suspect somebody.',
      kind: 'count',
      of: ({ suspicions }) => suspicions,
    },
  ],
  roles: (state) => [suspectedIn(state) > 0 ? 'suspecting' : 'trusting'],
  view: viewOf,
});
