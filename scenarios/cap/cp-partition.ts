/**
 * A consistent store is cut in two, with its leader on the small side.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { clientsOf } from '../quorum-parts.ts';
import { RAFT_PAPER } from '../sources.ts';

const params = {
  nodes: field.count({ about: 'Servers in the group.', default: 5, min: 3, max: 9 }),
  cutAtMs: field.millis({
    about: 'When the network splits.',
    default: 3_000,
    min: 2_000,
    max: 4_000,
  }),
  healAtMs: field.millis({ about: 'When it heals.', default: 7_500, min: 7_000, max: 9_000 }),
  readMode: field.choice(['read-index', 'lease', 'local'], {
    about:
      'How the leader answers reads: after a round to a majority, while it holds a lease of one, ' +
      'or from its own state.',
    default: 'read-index',
  }),
  slowClockPercent: field.number({
    about:
      'How much slower the clock of the leader runs than those of the others. A lease allows for ' +
      'clocks of others that run 1.1 times as fast: for nine per cent.',
    default: 0,
    min: 0,
    max: 90,
    unit: '%',
    source: 'Dissertation 6.4.1',
  }),
  checkQuorum: field.flag({
    about: 'A leader that no majority answers steps down by itself.',
    default: true,
  }),
  lossPercent: field.number({
    about: 'Packets lost at random, in per cent.',
    default: 0,
    min: 0,
    max: 10,
    unit: '%',
  }),
};

type Params = Static<TObject<typeof params>>;

const DURATION_MS = 13_000;
/** From the healing to the last new operation: then the logs may come to rest. */
const QUIET_AFTER_MS = 2_000;
/** Operations that the old leader finished just before the cut have come home by then. */
const SETTLE_MS = 1_500;
/** Leases from before have ended by the time of the cut. */
const DRIFT_BEFORE_MS = 500;

/** Servers that stay with the leader: the most that are still a minority. */
const small = (p: Params): number => Math.floor((p.nodes - 1) / 2);

/**
 * The share of answered operations that the large side owes its clients. A client that loses one
 * packet waits for its timeout, then asks the next server in turn, which may be a cut-off one: so
 * each per cent of loss costs several per cent of the operations.
 */
const shareOwed = (p: Params): number => Math.max(0.02, 0.9 - 0.15 * p.lossPercent);

function groups(p: Params): readonly GroupPlan[] {
  const clients = (name: string): GroupPlan =>
    clientsOf(name, 3, {
      keys: 3,
      readShare: 0.6,
      thinkMs: 40,
      tryTimeoutMs: 120,
      stopMs: p.healAtMs + QUIET_AFTER_MS,
    });
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: p.nodes,
      config: { readMode: p.readMode, checkQuorum: p.checkQuorum },
      disk: { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
    },
    clients('a'),
    clients('b'),
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const whileCut = { fromMs: p.cutAtMs + SETTLE_MS, untilMs: p.healAtMs };
  return [
    { id: 'raft-safety', use: 'raft-safety', about: 'The promises of Raft hold throughout.' },
    {
      id: 'linearizable',
      use: 'linearizable',
      about: 'Clients on both sides see one store: no stale read, no lost write.',
    },
    {
      id: 'leader-was-cut-off',
      use: 'sometimes',
      args: { predicate: 'leader-in-minority' },
      about: 'The fault bit: a leader was left with a minority.',
    },
    {
      id: 'majority-elects',
      use: 'sometimes',
      args: { predicate: 'leader-in-majority-while-cut' },
      about: 'The larger side chose a leader of its own while the cut lasted.',
    },
    {
      id: 'minority-stalls',
      use: 'slo',
      args: { metric: 'ok-count', clients: 'a', atMost: 0, ...whileCut },
      about: 'Clients on the small side get nothing done: no answer is better than a wrong one.',
    },
    {
      id: 'majority-serves',
      use: 'slo',
      args: {
        metric: 'success-share',
        clients: 'b',
        atLeast: shareOwed(p),
        operationsMin: 10,
        ...whileCut,
      },
      about: 'Clients on the large side are served again soon after the election.',
    },
    {
      id: 'logs-agree',
      use: 'eventually',
      args: { predicate: 'logs-agree', withinMs: DURATION_MS - p.healAtMs },
      about: 'Once the network has healed and the clients rest, all logs are the same.',
    },
  ];
}

/** What the old leader does with reads, while it does not know of the new one. */
const READS: { readonly [mode in Params['readMode']]: (p: Params) => string } = {
  'read-index': () => '',
  lease: ({ slowClockPercent }) =>
    ' Reads it answers by itself until its lease is over. Nobody is elected before that, if its ' +
    `clock is not much slower than the others: it is ${slowClockPercent} % slower.`,
  local: () => ' Reads it answers from its own state, whoever leads meanwhile.',
};

/** What was read there, meanwhile. */
const READ: { readonly [mode in Params['readMode']]: string } = {
  'read-index': '',
  lease: ' Whether all that was read is true was up to one clock.',
  local: ' But what was read from the old leader meanwhile was old.',
};

function story(p: Params): readonly StoryStep[] {
  const majority = Math.floor(p.nodes / 2) + 1;
  return [
    {
      title: `One leader, ${p.nodes} logs`,
      at: { when: 'one-leader' },
      text:
        'Every write goes to the leader. It appends the write to its log and sends it to the ' +
        `others. The write counts as done when ${majority} of ${p.nodes} servers have it on disk.`,
      focus: [{ role: 'leader', group: 'n' }],
    },
    {
      title: 'The cut',
      at: { ms: p.cutAtMs },
      text:
        `The network splits. The leader is left in a group of ${small(p)} of ${p.nodes} servers. ` +
        `The clients "a" are on its side, the clients "b" on the other.${READS[p.readMode](p)}`,
      predict: {
        question: 'What happens to a write that a client on the small side sends now?',
        options: [
          'It succeeds: the leader is right there.',
          'It waits, and its fate stays unknown.',
          'It is refused at once.',
        ],
        answer: 1,
        because:
          `The old leader appends it and asks for copies, but only ${small(p)} of ${p.nodes} ` +
          'servers can have one. It can neither commit the entry nor promise that nobody ever ' +
          'will. So the client times out, and an honest client library reports "unknown".',
      },
      focus: [{ role: 'leader', group: 'n' }, 'a'],
      check: 'minority-stalls',
    },
    {
      title: 'A second leader',
      at: { when: 'leader-in-majority-while-cut' },
      text:
        `On the large side ${p.nodes - small(p)} servers hear no leader. One of them stands for ` +
        'election and wins a majority of all servers, not just of those it can see. For a moment ' +
        'two servers call themselves leader, but only the new one can commit anything.',
      focus: [{ role: 'leader', group: 'n' }, 'b'],
      check: 'majority-serves',
    },
    {
      title: 'Together again',
      at: { ms: p.healAtMs },
      text:
        'The old leader hears of the higher term and follows. Entries that it never committed ' +
        'are replaced by those of the new leader. Nothing that was acknowledged is lost; of the ' +
        `writes whose fate was unknown, some may turn out to have happened.${READ[p.readMode]}`,
      check: 'linearizable',
    },
  ];
}

/** One drift at most halves the speed of a clock, so there are two; they add up. */
function slowClock(p: Params): readonly FaultEntry[] {
  if (p.slowClockPercent === 0) return [];
  return ['slow-clock', 'slower-clock'].map((id) => ({
    id,
    atMs: p.cutAtMs - DRIFT_BEFORE_MS,
    fault: {
      type: 'clock-drift',
      target: { role: 'leader', group: 'n' },
      ppm: -5_000 * p.slowClockPercent,
    },
  }));
}

function plan(p: Params): Plan {
  return {
    title: 'A CP store, cut in two',
    summary:
      `${p.nodes} servers keep a key-value store in agreement by Raft. The network splits with ` +
      'the leader on the smaller side. Who may still read and write?',
    durationMs: DURATION_MS,
    network: {
      latency: { kind: 'uniform', minMs: 1, maxMs: 3 },
      lossProbability: p.lossPercent / 100,
    },
    groups: groups(p),
    faults: [
      ...slowClock(p),
      {
        id: 'cut',
        atMs: p.cutAtMs,
        fault: {
          type: 'partition',
          // The clients "a" are on the side of the leader, "b" on the other.
          groups: [
            [{ including: { role: 'leader', group: 'n' }, size: small(p), group: 'n' }, 'a'],
          ],
        },
      },
    ],
    healAtMs: p.healAtMs,
    checks: checks(p),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/cp-partition',
  title: 'A CP store, cut in two',
  summary:
    'Five Raft servers split 3/2 with the leader on the small side: writes stall there and go on ' +
    'on the other, and nothing that was acknowledged is lost.',
  tier: 'hostile',
  sources: [
    RAFT_PAPER,
    {
      title:
        'Gilbert & Lynch: Brewer’s Conjecture and the Feasibility of Consistent, Available, ' +
        'Partition-Tolerant Web Services (2002)',
    },
  ],
  params,
  plan,
  variants: [
    { name: 'default', about: 'Linearizable reads, and a leader that knows when it is alone.' },
    {
      name: 'lossy',
      about: 'The same with two per cent of all packets lost.',
      params: { lossPercent: 2 },
    },
    {
      name: 'local-reads',
      about:
        'The old leader answers reads from its own state and does not notice that it is alone: ' +
        'it goes on serving what the other side has long overwritten.',
      params: { readMode: 'local', checkQuorum: false },
      expect: {
        linearizable: { breaks: {} },
        'minority-stalls': { breaks: {} },
      },
    },
    {
      name: 'lease',
      about: 'Reads by a lease, on a clock that is slow, but not more than a lease allows for.',
      params: { readMode: 'lease', slowClockPercent: 9 },
    },
    {
      name: 'lease-drift',
      about:
        'The clock runs at a tenth of its speed: for a second the lease outlives the election of ' +
        'another leader, and reads are stale.',
      params: { readMode: 'lease', slowClockPercent: 90 },
      expect: { linearizable: { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Cut the leader off alone instead of with a neighbour.',
    'Heal the cut by hand before the election timeout has passed: nobody stands for election.',
    'Switch to local reads and look for the stale one.',
    'Switch CheckQuorum off: the old leader believes in itself for as long as the cut lasts.',
  ],
  leavesOut: [
    'Client sessions: a write that is retried could be applied twice, so none is.',
    'Connections: a client notices a cut only by its timeouts.',
  ],
});
