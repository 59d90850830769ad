/**
 * The leader of a Raft group dies, another takes over, and the first comes back as a follower.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan } from 'faultline';
import type { Static, StoryStep, TObject } from 'faultline';
import { RAFT_DISSERTATION, RAFT_PAPER } from '../sources.ts';

const params = {
  nodes: field.count({ about: 'Servers in the group.', default: 5, min: 3, max: 9 }),
  how: field.choice(['crash', 'pause'], {
    about:
      'What happens to the leader: its process dies and loses its memory, or it stands still, ' +
      'as in a long garbage collection.',
    default: 'crash',
  }),
  electionTimeoutMs: field.millis({
    about:
      'A follower waits for a time drawn from here to twice as much before it stands for ' +
      'election. Heartbeats come three times as often.',
    default: 150,
    min: 60,
    max: 2_000,
    source: 'Raft paper 9.3: 150-300 ms; etcd: 1000 ms',
  }),
  failAtMs: field.millis({
    about: 'When the leader fails; with long timeouts later, once there is one.',
    default: 3_000,
    min: 2_000,
    max: 5_000,
  }),
};

type Params = Static<TObject<typeof params>>;

/** Long enough for the first election with the given timeout. */
const failAt = (p: Params): number => Math.max(p.failAtMs, 10 * p.electionTimeoutMs);
/** Time for several rounds, should votes split: one round takes at most twice the timeout. */
const settled = (p: Params): number => failAt(p) + 10 * p.electionTimeoutMs + 500;
const backAt = (p: Params): number => settled(p) + 2_000;
const quietAt = (p: Params): number => backAt(p) + 1_500;
/** What a person who waits for a page would still call a hiccup. */
const HICCUP_MS = 1_300;

function groups(p: Params): readonly GroupPlan[] {
  return [
    {
      name: 'n',
      component: 'raft-kv',
      count: p.nodes,
      config: {
        electionTimeoutMinMs: p.electionTimeoutMs,
        electionTimeoutMaxMs: 2 * p.electionTimeoutMs,
        heartbeatMs: p.electionTimeoutMs / 3,
      },
      disk: { fsync: { kind: 'uniform', minMs: 0.5, maxMs: 2 } },
    },
    {
      name: 'c',
      component: 'kv-client',
      count: 3,
      links: { servers: 'n' },
      config: { keys: 3, thinkMs: 30, tryTimeoutMs: 120, stopMs: quietAt(p) },
    },
  ];
}

function faults(p: Params): readonly FaultEntry[] {
  return [
    {
      id: 'leader-fails',
      atMs: failAt(p),
      fault: { type: p.how, target: { role: 'leader', group: 'n' } },
    },
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const without = { fromMs: failAt(p), untilMs: backAt(p) };
  const always: readonly CheckPlan[] = [
    { id: 'raft-safety', use: 'raft-safety', about: 'The promises of Raft hold throughout.' },
    {
      id: 'linearizable',
      use: 'linearizable',
      about: 'No write that was acknowledged by the first leader is lost by the second.',
    },
    {
      id: 'leader-was-lost',
      use: 'sometimes',
      args: { predicate: 'member-down' },
      about: 'The fault bit: there was a leader, and it was gone.',
    },
    {
      id: 'another-leads',
      use: 'fact-count',
      args: { fact: 'raft.leader', atLeast: 1, fromMs: failAt(p), untilMs: settled(p) },
      about: 'Another server is elected within a few election timeouts.',
    },
    {
      id: 'served-without-it',
      use: 'slo',
      args: {
        metric: 'success-share',
        atLeast: 0.95,
        operationsMin: 20,
        fromMs: settled(p),
        untilMs: backAt(p),
      },
      about: 'With the new leader clients are served as before, although a server is missing.',
    },
    {
      id: 'a-hiccup',
      use: 'slo',
      args: { metric: 'longest-gap-ms', atMost: HICCUP_MS, ...without },
      about: `Nobody waits longer than ${HICCUP_MS} ms for the next answered operation.`,
    },
    {
      id: 'logs-agree',
      use: 'eventually',
      args: { predicate: 'logs-agree', withinMs: 4_000 },
      about: 'The old leader comes back, catches up, and all logs are the same.',
    },
  ];
  if (p.how === 'crash') return always;
  return [
    ...always,
    {
      id: 'two-leaders-meet',
      use: 'sometimes',
      args: { predicate: 'two-leaders' },
      about: 'The paused leader wakes up and, for a moment, does not know that it was replaced.',
    },
  ];
}

function story(p: Params, isPersisted: boolean): readonly StoryStep[] {
  const majority = Math.floor(p.nodes / 2) + 1;
  const longest = 2 * p.electionTimeoutMs;
  return [
    {
      title: 'Heartbeats',
      at: { when: 'one-leader' },
      text:
        'A leader was elected. From now on it sends to everybody at least every ' +
        `${Math.round(p.electionTimeoutMs / 3)} ms, and every message that arrives winds up the ` +
        `receiver's election timer again: a time between ${p.electionTimeoutMs} and ${longest} ms.`,
      focus: [{ role: 'leader', group: 'n' }],
    },
    {
      title: p.how === 'crash' ? 'The leader dies' : 'The leader stands still',
      at: { ms: failAt(p) },
      text:
        p.how === 'crash'
          ? 'Its process is gone. What it knew in memory is lost; its log is on its disk' +
            (isPersisted ? '' : ', as far as the disk had come') +
            '. Nobody is told: the others only hear nothing any more.'
          : 'Its process stops, as in a long garbage collection. To the others that looks ' +
            'exactly like a crash: they only hear nothing any more.',
      predict: {
        question: 'How long does the group go without a leader?',
        options: [
          'No time: the next server in line takes over at once.',
          `Up to about ${longest} ms: until an election timer runs out, and one round of votes.`,
          'Until the old leader is back.',
        ],
        answer: 1,
        because:
          'Silence is the only sign of failure, so somebody must first have waited long enough. ' +
          'The first timer to run out starts an election; the vote itself takes two messages and ' +
          'a write to disk. The timeout is the price: shorter ones find failures sooner and ' +
          'mistake slow servers for dead ones more often.',
      },
      focus: ['n'],
      check: 'a-hiccup',
    },
    {
      title: 'Votes',
      at: { when: 'role-played', args: { role: 'candidate' } },
      text:
        'A server asks for votes. It gets one only from servers whose log is not ahead of its ' +
        `own, and it needs ${majority} of ${p.nodes}. ` +
        (isPersisted
          ? `Any entry that was acknowledged is on ${majority} servers, so one of the voters has ` +
            'it, and a candidate without it cannot win.'
          : `An entry that was acknowledged ought to be on ${majority} disks. Here servers ` +
            'answer before theirs has finished, so it may be on fewer.'),
      focus: [{ role: 'candidate', group: 'n' }],
      check: 'raft-safety',
    },
    {
      title: 'Back as a follower',
      at: { ms: backAt(p) },
      text:
        p.how === 'crash'
          ? 'The old leader starts again with what its disk kept, hears of the new term and ' +
            'follows. It is sent the entries that it missed.'
          : 'The old leader wakes up and still believes that it leads, until it has read what ' +
            'waited for it: requests of a higher term. Meanwhile it can do no harm, since it ' +
            'needs a majority for every write and every read.',
      focus: [{ role: 'leader', group: 'n' }],
      check: 'logs-agree',
    },
  ];
}

function plan(p: Params, ablations: readonly string[]): Plan {
  return {
    title: 'The leader fails',
    summary:
      'The leader of a replicated store disappears in the middle of its work. How long does ' +
      'nobody answer, and what is lost?',
    durationMs: backAt(p) + 4_500,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 3 } },
    groups: groups(p),
    faults: faults(p),
    healAtMs: backAt(p),
    checks: checks(p),
    story: story(p, !ablations.includes('raft.persist-before-reply')),
  };
}

export default defineScenario({
  id: 'consensus/leader-failover',
  title: 'The leader fails',
  summary:
    'A Raft leader crashes under load. The group is silent for about one election timeout, ' +
    'elects another, loses nothing that was acknowledged, and takes the old one back.',
  tier: 'lossy',
  sources: [RAFT_PAPER, { ...RAFT_DISSERTATION, title: `${RAFT_DISSERTATION.title}, chapter 9` }],
  params,
  plan,
  variants: [
    { name: 'default', about: 'A crash, and the timeouts of the paper: 150 to 300 ms.' },
    {
      name: 'paused',
      about: 'The leader is not dead, it only stands still: it returns as if nothing had happened.',
      params: { how: 'pause' },
    },
    {
      name: 'patient',
      about:
        'Election timeouts of two to four seconds: no slow server is mistaken for a dead one, ' +
        'and a dead one is missed for seconds.',
      params: { electionTimeoutMs: 2_000 },
      expect: { 'a-hiccup': { breaks: {} } },
    },
    {
      name: 'forgetful',
      about:
        'Servers answer before their disks have finished. The leader that dies takes writes with ' +
        'it that it had counted as stored.',
      ablations: ['raft.persist-before-reply'],
      expect: { 'raft-safety': { breaks: { witness: 'CommittedIsDurable' } } },
    },
  ],
  thingsToTry: [
    'Crash the second leader as well, then a third server: when does the group stop for good?',
    'Shorten the election timeout to 60 ms and slow the links down: who is mistaken for dead?',
    'Pause the leader for 100 ms only, less than an election timeout: nobody notices.',
    'Make a follower’s disk slow and look whether it ever wins an election.',
  ],
  leavesOut: [
    'Leadership transfer: a leader that is shut down in an orderly way could name its heir first.',
    'Clients learn of the new leader only by asking; there is no service discovery.',
  ],
});
