/**
 * A consistent store is cut in two, with its leader on the small side.
 */
import { defineScenario, field } from 'faultline';
import type { Plan } from 'faultline';

interface Params {
  readonly nodes: number;
  readonly cutAtMs: number;
  readonly healAtMs: number;
  readonly readMode: 'read-index' | 'local';
  readonly checkQuorum: boolean;
  readonly lossPercent: number;
}

const DURATION_MS = 12_000;

function plan(p: Params): Plan {
  const minority = Math.floor((p.nodes - 1) / 2);
  return {
    title: 'A CP store, cut in two',
    summary:
      'Five servers keep a key-value store in agreement by Raft. The network splits with the ' +
      'leader on the side of two. Who may still read and write?',
    durationMs: DURATION_MS,
    network: {
      latency: { kind: 'uniform', minMs: 1, maxMs: 3 },
      lossProbability: p.lossPercent / 100,
    },
    groups: [
      {
        name: 'n',
        component: 'raft-kv',
        count: p.nodes,
        config: { readMode: p.readMode, checkQuorum: p.checkQuorum },
        disk: { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
      },
      {
        name: 'a',
        component: 'kv-client',
        count: 2,
        links: { servers: 'n' },
        config: { keys: 3, thinkMs: 30 },
      },
      {
        name: 'b',
        component: 'kv-client',
        count: 2,
        links: { servers: 'n' },
        config: { keys: 3, thinkMs: 30 },
      },
    ],
    faults: [
      {
        id: 'cut',
        atMs: p.cutAtMs,
        fault: {
          type: 'partition',
          // The clients "a" are on the side of the leader, "b" on the other.
          groups: [
            [{ including: { role: 'leader', group: 'n' }, size: minority, group: 'n' }, 'a'],
          ],
        },
      },
    ],
    healAtMs: p.healAtMs,
    checks: [
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
        args: {
          metric: 'ok-count',
          clients: 'a',
          atMost: 0,
          operationsMin: 1,
          // Operations that the old leader finished just before the cut have come home by then.
          fromMs: p.cutAtMs + 1_500,
          untilMs: p.healAtMs,
        },
        about: 'Clients on the small side get nothing done: no answer is better than a wrong one.',
      },
      {
        id: 'majority-serves',
        use: 'slo',
        args: {
          metric: 'success-share',
          clients: 'b',
          atLeast: 0.9,
          operationsMin: 20,
          fromMs: p.cutAtMs + 1_500,
          untilMs: p.healAtMs,
        },
        about: 'Clients on the large side are served again soon after the election.',
      },
      {
        id: 'logs-agree',
        use: 'eventually',
        args: { predicate: 'logs-agree', withinMs: 4_000 },
        about: 'After the network healed all logs become the same.',
      },
    ],
    story: [
      {
        title: 'One leader, five logs',
        at: { when: 'one-leader' },
        text:
          'Every write goes to the leader, which appends it to its log and sends it to the others. ' +
          'It counts as done when three of five have it on disk.',
        focus: [{ role: 'leader', group: 'n' }],
      },
      {
        title: 'The cut',
        at: { ms: p.cutAtMs },
        text:
          'The network splits. The leader is left with one other server; the clients "a" are on ' +
          'its side, the clients "b" on the other.',
        predict: {
          question: 'What happens to a write that a client on the small side sends now?',
          options: [
            'It succeeds: the leader is right there.',
            'It waits, and its fate stays unknown.',
            'It is refused at once.',
          ],
          answer: 1,
          because:
            'The old leader appends it and asks for copies, but only two of five can answer. It ' +
            'can neither commit the entry nor promise that it never will be.',
        },
        focus: [{ role: 'leader', group: 'n' }, 'a'],
        check: 'minority-stalls',
      },
      {
        title: 'A second leader',
        at: { when: 'leader-in-majority-while-cut' },
        text:
          'Three servers hear no leader, so one of them stands for election and wins with three ' +
          'votes of five. For a moment there are two leaders, but only the new one can commit.',
        focus: [{ role: 'leader', group: 'n' }, 'b'],
        check: 'majority-serves',
      },
      {
        title: 'Together again',
        at: { ms: p.healAtMs },
        text:
          'The old leader hears of the higher term and steps down. Entries that it never committed ' +
          'are replaced by those of the new leader: nothing that was acknowledged is lost.',
        check: 'linearizable',
      },
    ],
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
    {
      title: 'Ongaro & Ousterhout: In Search of an Understandable Consensus Algorithm (2014)',
      url: 'https://raft.github.io/raft.pdf',
    },
    {
      title: 'Gilbert & Lynch: Brewer’s Conjecture and the Feasibility of Consistent, Available, Partition-Tolerant Web Services (2002)',
    },
  ],
  params: {
    nodes: field.count({ about: 'Servers in the group.', default: 5, min: 3, max: 9 }),
    cutAtMs: field.millis({ about: 'When the network splits.', default: 3_000, min: 500, max: 5_000 }),
    healAtMs: field.millis({ about: 'When it heals.', default: 7_500, min: 6_600, max: 8_000 }),
    readMode: field.choice(['read-index', 'local'], {
      about: 'How the leader answers reads: after a round to a majority, or from its own state.',
      default: 'read-index',
    }),
    checkQuorum: field.flag({
      about: 'A leader that no majority answers steps down by itself.',
      default: true,
    }),
    lossPercent: field.number({
      about: 'Packets lost at random, in per cent.',
      default: 0,
      min: 0,
      max: 20,
      unit: '%',
    }),
  },
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
  ],
  thingsToTry: [
    'Cut the leader off alone instead of with a neighbour.',
    'Heal before the election timeout has passed: nobody stands for election.',
    'Switch to local reads and look for the stale one.',
  ],
  leavesOut: ['Client sessions: a write that is retried could be applied twice, so none is.'],
});
