/**
 * R + W > N without any failure: never stale after a completed write, and yet not linearizable.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { clientsOf } from '../quorum-parts.ts';
import { ABD, CASSANDRA_GUARANTEES, DYNAMO } from '../sources.ts';

const params = {
  r: field.count({ about: 'R: replicas that a read waits for.', default: 2, min: 1, max: 3 }),
  w: field.count({ about: 'W: replicas that a write waits for.', default: 2, min: 1, max: 3 }),
  readRepair: field.choice(['off', 'async', 'blocking'], {
    about:
      'Whether a read writes back what it found to replicas that were behind: not, after it has ' +
      'answered, or before.',
    default: 'off',
    source: 'Cassandra 4 read_repair; Attiya, Bar-Noy & Dolev (1995)',
  }),
  slowestWriteMs: field.millis({
    about: 'How long a write may take to a replica; each takes any time up to it.',
    default: 60,
    min: 20,
    max: 200,
  }),
};

type Params = Static<TObject<typeof params>>;

const STOP_MS = 7_000;
const DURATION_MS = 8_500;

function groups(p: Params): readonly GroupPlan[] {
  const clients = (name: string, count: number, readShare: number, thinkMs: number): GroupPlan =>
    clientsOf(name, count, {
      routing: 'random',
      keys: 1,
      readShare,
      thinkMs,
      tryTimeoutMs: 2_000,
      deadlineMs: 2_000,
      stopMs: STOP_MS,
    });
  return [
    {
      name: 'n',
      component: 'quorum-store',
      count: 3,
      config: {
        r: p.r,
        w: p.w,
        readRepair: p.readRepair,
        legs: { write: { kind: 'uniform', minMs: 0, maxMs: p.slowestWriteMs } },
      },
    },
    clients('writer', 1, 0, 80),
    clients('reader', 6, 1, 20),
  ];
}

function checks(): readonly CheckPlan[] {
  return [
    {
      id: 'never-stale',
      use: 'staleness',
      about: 'No read misses a write that was acknowledged before the read began.',
    },
    {
      id: 'no-going-back',
      use: 'session',
      args: { guarantee: 'monotonic-reads' },
      about: 'No client that has read a value reads an older one of that key later.',
    },
    {
      id: 'linearizable',
      use: 'linearizable',
      about: 'There might as well be one copy: once anybody has seen a value, everybody does.',
    },
    {
      id: 'writes-overlap-reads',
      use: 'slo',
      args: { metric: 'ok-count', clients: 'reader', atLeast: 200 },
      about: 'There are enough reads for some to fall into the middle of a write.',
    },
    {
      id: 'all-is-answered',
      use: 'slo',
      args: { metric: 'success-share', atLeast: 1 },
      about: 'Nothing fails: whatever is seen here needs no fault.',
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  const overlaps = p.r + p.w > 3;
  return [
    {
      title: 'Quorums that overlap',
      at: { ms: 500 },
      text:
        `Three replicas. A write waits for ${p.w}, a read for ${p.r}. ` +
        (overlaps
          ? `${p.r} + ${p.w} is more than 3: whoever reads after a write has ended meets at ` +
            'least ' +
            'one replica that has it.'
          : `${p.r} + ${p.w} is not more than 3: a read may ask only replicas that the write has ` +
            'not reached.'),
      focus: ['n'],
    },
    {
      title: 'The middle of a write',
      at: { ms: 1_500 },
      text:
        'A write takes a few hundredths of a second to reach all copies. For that long some have ' +
        'the new value and some the old.',
      predict: {
        question:
          'While the write is under way one client reads the new value. Another begins to read ' +
          'after that. May it still get the old one?',
        options: [
          'No: the new value has been seen, so it is there.',
          'Yes: its read may ask only replicas that do not have it yet.',
          'Only if a node fails.',
        ],
        answer: p.readRepair === 'blocking' && overlaps ? 0 : 1,
        because:
          p.readRepair === 'blocking' && overlaps
            ? 'The first reader did not answer before it had written the new value back to the ' +
              'replicas that were behind. So a quorum has it, and every later read meets it.'
            : 'Overlap helps only once the write has ended. Until then one replica may have it: ' +
              'the first reader met that one, the second did not. To one who watches both it ' +
              'looks ' +
              'as if the value had gone backwards.',
      },
      focus: ['reader', 'n'],
      check: 'linearizable',
    },
    {
      title: overlaps ? 'What overlap does promise' : 'Without overlap',
      at: { ms: 4_000 },
      text: overlaps
        ? 'Once a write has been acknowledged nobody misses it. That is a "regular" register: ' +
          'fresh ' +
          'after each write, undecided during it.'
        : 'Reads miss writes that were acknowledged long before: about as often as the replica ' +
          'that answers first is one of those that are late.',
      focus: ['n'],
      check: 'never-stale',
    },
    {
      title: 'The missing half',
      at: { ms: 6_000 },
      text: overlaps
        ? 'Write-back by readers turns it into an "atomic" register, as if there were one copy. ' +
          'It costs a second round for those reads that find a write half done.'
        : 'Write-back by readers would not help here: what one of them writes back, the next one ' +
          'may not ask. Overlap first, and then the second round.',
      focus: ['reader'],
      check: 'linearizable',
    },
  ];
}

function plan(p: Params): Plan {
  return {
    title: 'R + W > N',
    summary:
      'Two of three replicas answer each read and each write, and nothing fails. Is that the ' +
      'same ' +
      'as one copy?',
    durationMs: DURATION_MS,
    network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
    groups: groups(p),
    faults: [],
    checks: checks(),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/quorum-overlap',
  title: 'R + W > N is not one copy',
  summary:
    'Quorums that overlap never miss a completed write, but while one is under way a value ' +
    'may be ' +
    'seen and then not seen. Readers that write back what they found close the gap.',
  tier: 'calm',
  sources: [ABD, DYNAMO, CASSANDRA_GUARANTEES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'R = W = 2, no write-back: fresh after each write, but not linearizable.',
      expect: { linearizable: { breaks: {} }, 'no-going-back': { breaks: {} } },
    },
    {
      name: 'write-back',
      about: 'Blocking read repair, the second round of ABD: linearizable.',
      params: { readRepair: 'blocking' },
    },
    {
      name: 'no-overlap',
      about: 'R = W = 1: even completed writes are missed.',
      params: { r: 1, w: 1 },
      expect: {
        'never-stale': { breaks: {} },
        'no-going-back': { breaks: {} },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'write-all',
      about: 'W = 3, R = 1: overlap as well, and the same gap while a write is under way.',
      params: { r: 1, w: 3 },
      expect: { linearizable: { breaks: {} }, 'no-going-back': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Make writes spread faster: the gap is there for as long as they take.',
    'Wait for all three in every read (R = 3, W = 1): does the gap close without write-back?',
    'Crash a node by hand in the middle of a write and look who remembers it.',
  ],
  leavesOut: [
    'Clocks that disagree: which of two writes is the later one is decided by perfect clocks here.',
    'Digests: all replicas are asked for the value itself.',
  ],
});
