/**
 * A transfer between two shards, and trouble at the one moment that matters: both have promised to
 * commit, and nobody has told them to.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { GRAY_LAMPORT, GRAY_NOTES, SKEEN } from '../sources.ts';

const params = {
  protocol: field.choice(['2pc', '3pc', 'paxos-commit'], {
    about: 'How the shards agree whether the transfer commits.',
    default: '2pc',
  }),
  trouble: field.choice(['crash', 'cut'], {
    about:
      'What happens when both have voted yes: the coordinator crashes, or Bob’s shard is cut ' +
      'off, with Bob, from the two others.',
    default: 'crash',
  }),
  troubleMs: field.millis({
    about: 'How long that lasts.',
    default: 5_000,
    min: 4_000,
    max: 7_000,
  }),
};
type Params = Static<TObject<typeof params>>;

/** One way, always: so that it can be said when what arrives. */
const WAY_MS = 5;
const FSYNC_MS = 2;
const TRANSFER_MS = 1_000;
/** There and back: begin at the coordinator; two statements, each handed on to a shard. */
const ASKS_COMMIT_MS = TRANSFER_MS + 2 * WAY_MS + 2 * 4 * WAY_MS;
/** The way to the coordinator, its question to the shards, their disks. */
const VOTED_MS = ASKS_COMMIT_MS + 2 * WAY_MS + FSYNC_MS;
/** The votes are on their way, and have not arrived. */
const TROUBLE_MS = VOTED_MS + 3;
const INQUIRE_MS = 500;
const DEPOSIT_EVERY_MS = 100;
/** Who hears nothing asks, waits once more, and a new leader needs two rounds. */
const PATIENCE_MS = 2_000;
const END_MS = 11_000;
const LAST_DEPOSIT_MS = END_MS - 500;
const AUDIT_MS = END_MS - 700;

const WAITS_RULE = 'commit.wait-when-prepared';

/** Who decides what, in the run that these settings make. */
interface Outcome {
  readonly isSplit: boolean;
  readonly isAnnaStuck: boolean;
  readonly isBobStuck: boolean;
}

function outcomeOf({ protocol, trouble }: Params, off: readonly string[]): Outcome {
  const isPatient = !off.includes(WAITS_RULE);
  if (protocol === '3pc' || !isPatient) {
    return { isSplit: trouble === 'cut', isAnnaStuck: false, isBobStuck: false };
  }
  const isCrash = trouble === 'crash';
  const isBlocking = protocol === '2pc';
  return {
    isSplit: false,
    isAnnaStuck: isCrash && isBlocking,
    isBobStuck: isCrash ? isBlocking : true,
  };
}

const deposits = (account: string) =>
  Array.from({ length: LAST_DEPOSIT_MS / DEPOSIT_EVERY_MS }, (_, i) => i + 1)
    .map((i) => i * DEPOSIT_EVERY_MS)
    .filter((atMs) => atMs !== TRANSFER_MS)
    .map((atMs) => ({ atMs, steps: [{ do: 'add', key: account, value: 1 }] }));

function groups(p: Params): readonly GroupPlan[] {
  const listed = (
    name: string,
    firstShard: number,
    transactions: readonly object[],
  ): GroupPlan => ({
    name,
    component: 'txn-client',
    count: 1,
    links: { store: 'shard' },
    config: { workload: 'listed', firstShard, timeoutMs: 9_000, transactions },
  });
  return [
    {
      name: 'shard',
      component: 'txn-store',
      count: 3,
      config: {
        commitProtocol: p.protocol,
        inquireMs: INQUIRE_MS,
        rows: [
          { key: 'anna', value: 1_000 },
          { key: 'bob', value: 1_000 },
        ],
      },
      disk: { fsync: { kind: 'constant', ms: FSYNC_MS } },
    },
    listed('transfer', 1, [
      {
        atMs: TRANSFER_MS,
        steps: [
          { do: 'add', key: 'anna', value: -100 },
          { do: 'add', key: 'bob', value: 100 },
        ],
      },
    ]),
    listed('anna', 2, deposits('anna')),
    listed('bob', 3, deposits('bob')),
    listed('audit', 2, [
      {
        atMs: AUDIT_MS,
        steps: [
          { do: 'read', key: 'anna' },
          { do: 'read', key: 'bob' },
        ],
      },
    ]),
  ];
}

const faults = (p: Params): readonly FaultEntry[] => [
  {
    id: 'trouble',
    atMs: TROUBLE_MS,
    forMs: p.troubleMs,
    fault:
      p.trouble === 'crash'
        ? { type: 'crash', target: 'shard1' }
        : { type: 'partition', groups: [['shard3', 'bob']] },
  },
];

function checks(p: Params): readonly CheckPlan[] {
  const served = (clients: string) => ({
    metric: 'longest-gap-ms',
    clients,
    atMost: PATIENCE_MS,
    fromMs: TRANSFER_MS,
    untilMs: END_MS,
  });
  return [
    {
      id: 'both-have-promised',
      use: 'fact-count',
      args: { fact: 'commit.prepared', atLeast: 2, untilMs: TROUBLE_MS },
      about: 'When the trouble begins both shards have voted yes.',
    },
    {
      id: 'one-fate',
      use: 'fact-count',
      args: { fact: 'commit.split', atMost: 0 },
      about: 'No shard learns that another did the opposite of what it did.',
    },
    {
      id: 'money-adds-up',
      use: 'transactions',
      args: { level: 'serializable' },
      about: 'Nobody sees half of the transfer, and the audit at the end adds up.',
    },
    {
      id: 'anna-is-served',
      use: 'slo',
      args: served('anna'),
      about: `Deposits to Anna’s account never stand still for more than ${PATIENCE_MS} ms.`,
    },
    {
      id: 'bob-is-served',
      use: 'slo',
      args: served('bob'),
      about: `Nor do deposits to Bob’s account.`,
    },
    {
      id: 'doubt-ends',
      use: 'gauge',
      args: {
        group: 'shard',
        gauge: 'In doubt',
        measure: 'max',
        atMost: 0,
        fromMs: TROUBLE_MS + p.troubleMs + PATIENCE_MS,
      },
      about: 'After the trouble nobody is in doubt any more.',
    },
  ];
}

const OPTIONS = [
  'Wait, and keep the accounts locked, until they hear from the coordinator.',
  'Give up after a while, each for itself: nothing has been committed yet.',
  'Find out from each other what the outcome must be.',
] as const;

const HOW: { readonly [protocol in Params['protocol']]: string } = {
  '2pc':
    'Two-phase commit: the coordinator asks both shards whether they can commit. Each writes its ' +
    'part to disk and says yes. When both have, the coordinator writes down "commit" and tells ' +
    'them.',
  '3pc':
    'Three-phase commit: when both have said yes, the coordinator first tells both that all have ' +
    'said yes, and only then to commit. Whoever hears nothing can go by what the others have ' +
    'heard.',
  'paxos-commit':
    'Paxos Commit: the shards send their votes not only to the coordinator but to three ' +
    'acceptors, of which two must have written them down. Who has the votes can work out the ' +
    'outcome.',
};

const BECAUSE: { readonly [protocol in Params['protocol']]: string } = {
  '2pc':
    'A shard that has said yes has given its choice away. The other one may have been told to ' +
    'commit, or to abort: only the coordinator knows. To wait is the only answer that is never ' +
    'wrong.',
  '3pc':
    'Each asks those that it can reach. If one of them has heard that all said yes, it commits, ' +
    'else it aborts. That is right as long as those that do not answer are really down.',
  'paxos-commit':
    'Two of three acceptors are a majority, and have both votes on disk. Any shard can ask them ' +
    'and find the same outcome that the coordinator would have found. Who reaches no majority ' +
    'waits.',
};

function answerOf({ protocol }: Params, off: readonly string[]): number {
  if (off.includes(WAITS_RULE)) return 1;
  return protocol === '2pc' ? 0 : 2;
}

function meanwhile(p: Params, { isAnnaStuck, isBobStuck }: Outcome): string {
  if (isAnnaStuck)
    return (
      'Deposits to both accounts wait for a lock that nobody alive can take away. It does not ' +
      'matter how many shards are in good health: this waits for one machine.'
    );
  if (isBobStuck)
    return (
      'Anna’s shard was told, and goes on. Bob’s shard has promised, knows nothing, and keeps ' +
      'his account locked until the cut is over: nobody there could know.'
    );
  return p.trouble === 'crash'
    ? 'Both accounts are free again: the two shards have ended the transfer without their ' +
        'coordinator.'
    : 'Both accounts are free again. Each side has ended the transfer, and neither could ask the ' +
        'other.';
}

const story = (p: Params, off: readonly string[]): readonly StoryStep[] => {
  const outcome = outcomeOf(p, off);
  return [
    {
      title: 'Two accounts, two shards',
      at: { ms: 300 },
      text:
        'Anna’s account is on shard 2, Bob’s on shard 3, and small deposits come in all the ' +
        'time. Soon 100 go from Anna to Bob, and shard 1 coordinates that.',
      focus: ['shard2', 'shard3'],
    },
    {
      title: 'Can you commit?',
      at: { ms: ASKS_COMMIT_MS },
      text: HOW[p.protocol],
      focus: ['shard'],
    },
    {
      title: p.trouble === 'crash' ? 'The coordinator is gone' : 'A cut',
      at: { ms: TROUBLE_MS },
      text:
        (p.trouble === 'crash'
          ? 'Both have promised, and before the votes arrive the coordinator crashes.'
          : 'Both votes are on their way. Now Bob’s shard is cut off from the others, and hears ' +
            'nothing of the outcome.') +
        (off.includes(WAITS_RULE)
          ? ' Here shards that hear nothing for half a second give up by themselves.'
          : ''),
      focus: ['shard'],
      check: 'both-have-promised',
      predict: {
        question: 'What do shards do that have said yes, and hear nothing?',
        options: [...OPTIONS],
        answer: answerOf(p, off),
        because: off.includes(WAITS_RULE)
          ? 'With this rule off they do. Whether that is right depends on what the coordinator ' +
            'has told the other one, which is exactly what they do not know.'
          : BECAUSE[p.protocol],
      },
    },
    {
      title: outcome.isAnnaStuck || outcome.isBobStuck ? 'Locked' : 'Without the coordinator',
      at: { ms: TROUBLE_MS + PATIENCE_MS + 500 },
      text: meanwhile(p, outcome),
      focus: ['anna', 'bob'],
      check: outcome.isAnnaStuck ? 'anna-is-served' : 'bob-is-served',
    },
    {
      title: outcome.isSplit ? '100 too few' : 'One fate',
      at: { ms: END_MS - 500 },
      text: outcome.isSplit
        ? 'Anna’s shard has committed and Bob’s has aborted: the money has left one account and ' +
          'never arrived in the other. Nothing in the store will put that right.'
        : 'The trouble is over, and both shards have done the same.',
      focus: ['shard2', 'shard3'],
      check: outcome.isSplit ? 'one-fate' : 'money-adds-up',
    },
  ];
};

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'The promise and the coordinator',
  summary: 'A transfer between two shards; both have said yes, and then nobody tells them.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: WAY_MS } },
  groups: groups(p),
  faults: faults(p),
  checks: checks(p),
  story: story(p, ablations),
});

const ANNA = { 'anna-is-served': { breaks: {} } } as const;
const BOB = { 'bob-is-served': { breaks: {} } } as const;
const SPLIT = { 'one-fate': { breaks: {} }, 'money-adds-up': { breaks: {} } } as const;

export default defineScenario({
  id: 'distributed-transactions/two-phase-commit',
  title: 'The promise and the coordinator',
  summary:
    'Between the votes and the decision the coordinator crashes: two-phase commit keeps all ' +
    'locks until it is back. Three-phase commit goes on, and splits under a cut. Paxos Commit ' +
    'goes on.',
  tier: 'hostile',
  sources: [GRAY_NOTES, SKEEN, GRAY_LAMPORT],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Two-phase commit, and the coordinator crashes: both accounts stay locked.',
      expect: { ...ANNA, ...BOB },
    },
    {
      name: 'three-phase',
      about: 'Three-phase commit, and the coordinator crashes: the others abort together.',
      params: { protocol: '3pc' },
    },
    {
      name: 'paxos-commit',
      about: 'Paxos Commit, and the coordinator crashes: the others find the votes and commit.',
      params: { protocol: 'paxos-commit' },
    },
    {
      name: 'cut',
      about: 'Two-phase commit, and a cut: Bob’s account stays locked until it is over.',
      params: { trouble: 'cut' },
      expect: BOB,
    },
    {
      name: 'three-phase-cut',
      about: 'Three-phase commit, and a cut: everybody is served, and 100 are gone.',
      params: { protocol: '3pc', trouble: 'cut' },
      expect: SPLIT,
    },
    {
      name: 'paxos-commit-cut',
      about: 'Paxos Commit, and a cut: the larger side goes on, the smaller one waits.',
      params: { protocol: 'paxos-commit', trouble: 'cut' },
      expect: BOB,
    },
    {
      name: 'impatient-cut',
      about: 'Two-phase commit whose shards give up by themselves: 100 are gone.',
      params: { trouble: 'cut' },
      ablations: [WAITS_RULE],
      expect: SPLIT,
    },
  ],
  thingsToTry: [
    'Crash the coordinator a moment later, by hand: when is it too late to matter?',
    'Crash two of three shards under Paxos Commit: who waits now?',
    'Cut Anna’s shard off instead of Bob’s with three-phase commit: what is lost then?',
  ],
  leavesOut: [
    'An operator who ends prepared transactions by hand (heuristic commit), and sometimes splits.',
    'A coordinator that is itself replicated by consensus, as in Spanner: it survives as Paxos ' +
      'Commit does.',
  ],
});
