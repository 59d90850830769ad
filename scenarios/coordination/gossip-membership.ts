/**
 * Members that watch one another by gossip: one dies and is found, others are only slow, and say
 * in time that they live. What each rule of SWIM is for shows when it is switched off.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { MEMBERLIST, SWIM } from '../sources.ts';

const NO_SUSPICION = 'swim.suspicion';
const NO_REFUTATION = 'swim.refutation';
const NO_INDIRECT = 'swim.indirect-probes';

const params = {
  members: field.count({ about: 'Members of the group.', default: 12, min: 6, max: 20 }),
  trouble: field.choice(['pause', 'bad-link'], {
    about: 'What befalls those that live: three stop for a while, or two cannot reach each other.',
    default: 'pause',
  }),
  pauseMs: field.millis({
    about: 'For how long the slow members stop.',
    default: 4_000,
    min: 3_500,
    max: 4_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const DEAD = 'm3';
/** On one machine: with three of them somebody is probed for sure. */
const SLOW = ['m4', 'm5', 'm6'];
const CRASH_MS = 2_000;
const TROUBLE_MS = 18_000;
const LINK_MS = 14_000;
const END_MS = 36_000;

/** What becomes of those that live. */
type Ending = 'refuted' | 'wrongly-dead' | 'unsuspected' | 'suspected';

function endingOf(p: Params, off: readonly string[]): Ending {
  if (p.trouble === 'pause') {
    return off.includes(NO_SUSPICION) || off.includes(NO_REFUTATION) ? 'wrongly-dead' : 'refuted';
  }
  if (!off.includes(NO_INDIRECT)) return 'unsuspected';
  return off.includes(NO_SUSPICION) || off.includes(NO_REFUTATION) ? 'wrongly-dead' : 'suspected';
}

function trouble(p: Params): FaultEntry {
  if (p.trouble === 'pause') {
    const fault = { type: 'pause', target: SLOW } as const;
    return { id: 'slow', fault, atMs: TROUBLE_MS, forMs: p.pauseMs };
  }
  const fault = { type: 'cut-link', a: 'm1', b: 'm2' } as const;
  return { id: 'bad-link', fault, atMs: TROUBLE_MS, forMs: LINK_MS };
}

function checks(p: Params): readonly CheckPlan[] {
  const others = p.members - 1;
  const found: CheckPlan = {
    id: 'the-dead-are-found',
    use: 'fact-count',
    args: { fact: 'swim.dead', atLeast: others, atMost: others, untilMs: TROUBLE_MS },
    about: `Each of the ${others} others takes the crashed member for dead, once.`,
  };
  const alive: CheckPlan = {
    id: 'nobody-is-buried-alive',
    use: 'fact-count',
    args: { fact: 'swim.dead', atMost: 0, fromMs: TROUBLE_MS },
    about: 'Nobody who lives is taken for dead.',
  };
  const quiet: CheckPlan = {
    id: 'a-link-is-no-member',
    use: 'fact-count',
    args: { fact: 'swim.suspect', atMost: 0, fromMs: TROUBLE_MS },
    about: 'One bad link makes nobody suspect: others reach both of its ends.',
  };
  return p.trouble === 'pause' ? [found, alive] : [found, alive, quiet];
}

const OPTIONS = [
  'Whoever of them is probed is taken for dead.',
  'Whoever is probed is suspected, hears of it when it is back, and says that it lives.',
  'Nothing: four seconds are not enough for anybody to notice.',
] as const;

const LINK_OPTIONS = [
  'They take each other for dead, and tell everybody.',
  'Nothing: they ask others to ask, and get their answer that way.',
  'They suspect each other again and again, and each says every time that it lives.',
] as const;

const BECAUSE: Readonly<Record<Ending, string>> = {
  refuted:
    'Whoever probes them in these four seconds gets no answer, nor do those that are asked to ' +
    'try. But a suspicion runs for more than four seconds before it becomes a verdict, and they ' +
    'use what is left of it: each says, with a larger number, that it lives.',
  'wrongly-dead':
    'Without the time between doubt and verdict, or without the right to answer, one missed ' +
    'probe is enough, and gossip spreads a mistake as quickly as a fact.',
  unsuspected:
    'A probe that gets no answer is not a verdict: three others are asked to probe, and they get ' +
    'their answer over their own links. What is broken is one link, and nobody is taken for it.',
  suspected:
    'Each end sees the other silent and tells so. Nobody is buried, since both answer for ' +
    'themselves; but the group is busy with a quarrel that is about one cable.',
};

const ANSWERS: Readonly<Record<Ending, number>> = {
  'wrongly-dead': 0,
  refuted: 1,
  unsuspected: 1,
  suspected: 2,
};

function story(p: Params, ending: Ending): readonly StoryStep[] {
  const isPause = p.trouble === 'pause';
  return [
    {
      title: 'Everybody watches somebody',
      at: { ms: 1_500 },
      text:
        `${p.members} members, and nobody in charge. Once a second each of them probes one ` +
        'other, in turn, and tells with every message what is new. That costs a member the same ' +
        'in a group of ten and in one of a thousand.',
      focus: ['m'],
    },
    {
      title: 'One dies',
      at: { ms: CRASH_MS + 10 },
      text:
        `${DEAD} crashes. Somebody probes it within a second or two, gets no answer, asks three ` +
        'others to try, and suspects it. Gossip tells everybody, and as nobody hears otherwise, ' +
        'suspicion becomes certainty.',
      focus: [DEAD],
      check: 'the-dead-are-found',
    },
    {
      title: isPause ? 'Three are only slow' : 'Two cannot reach each other',
      at: { ms: TROUBLE_MS + 10 },
      text: isPause
        ? `A machine with ${SLOW.join(', ')} on it stops for ${p.pauseMs / 1_000} s and then ` +
          'goes on as if nothing had been. Seen from outside they look exactly as the dead one did.'
        : `The link between m1 and m2 is cut for ${LINK_MS / 1_000} s. All others reach both.`,
      focus: isPause ? SLOW : ['m1', 'm2'],
      predict: {
        question: isPause
          ? 'What becomes of those three?'
          : 'What do m1 and m2 think of each other?',
        options: [...(isPause ? OPTIONS : LINK_OPTIONS)],
        answer: ANSWERS[ending],
        because: BECAUSE[ending],
      },
    },
    {
      title: 'What the group believes',
      at: { ms: END_MS - 3_000 },
      text: {
        refuted: `All three are alive for everybody, under new numbers. Only ${DEAD} is dead.`,
        'wrongly-dead':
          'Somebody who lives was taken for dead. A detector that is quick and never mistaken ' +
          'cannot be had; one can choose where its mistakes go.',
        unsuspected: 'Nobody has noticed anything but the two ends of the link.',
        suspected:
          'The two ends have suspected each other more than once. Asking others first costs a ' +
          'few messages, and saves all of that.',
      }[ending],
      focus: ['m'],
      check: 'nobody-is-buried-alive',
    },
  ];
}

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Who is still there?',
  summary:
    p.trouble === 'pause'
      ? 'One member dies, three others only stop for a while.'
      : 'One member dies, and later one link between two others.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: [{ name: 'm', component: 'swim-member', count: p.members }],
  faults: [{ id: 'dies', fault: { type: 'crash', target: DEAD }, atMs: CRASH_MS }, trouble(p)],
  checks: checks(p),
  story: story(p, endingOf(p, ablations)),
});

const BURIED = { 'nobody-is-buried-alive': { breaks: {} } } as const;

export default defineScenario({
  id: 'coordination/gossip-membership',
  title: 'Who is still there?',
  summary:
    'Members watch one another by gossip (SWIM). One dies and is found; others are slow, or have ' +
    'one bad link, and must not be taken for dead.',
  tier: 'hostile',
  sources: [SWIM, MEMBERLIST],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Members that stop for four seconds are suspected, and refute it.',
    },
    {
      name: 'no-suspicion',
      about: 'No answer means dead at once: slow members are buried alive.',
      ablations: [NO_SUSPICION],
      expect: BURIED,
    },
    {
      name: 'no-refutation',
      about: 'Whoever is suspected has no say: slow members are buried alive.',
      ablations: [NO_REFUTATION],
      expect: BURIED,
    },
    {
      name: 'bad-link',
      about: 'Others probe for both ends of a link that is cut: nobody is suspected.',
      params: { trouble: 'bad-link' },
    },
    {
      name: 'bad-link-alone',
      about: 'Nobody is asked to probe as well: both ends suspect each other.',
      params: { trouble: 'bad-link' },
      ablations: [NO_INDIRECT],
      expect: { 'a-link-is-no-member': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Double the members: does it take longer until the first one notices the crash?',
    'Pause a member for ten seconds, by hand: what do the others tell it when it is back?',
    'Cut the group in two halves: whom does each half believe to be alive?',
  ],
  leavesOut: [
    'Joining and leaving on purpose.',
    'What is done with the news: a membership is what others build upon.',
  ],
});
